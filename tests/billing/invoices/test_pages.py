"""The pages of invoices, through their front doors, without script."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from psa.admin.operations import firm
from psa.billing.invoices.models import Invoice, TaxRate
from psa.billing.invoices.operations import credit, dispute, issue, void
from psa.billing.invoices.payments import Money, add_payment
from psa.billing.models import TimeEntry
from psa.clock import in_words, today
from psa.extensions import db

HTMX = {"HX-Request": "true"}


def plain(answer) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def only_invoice() -> Invoice:
    db.session.expire_all()
    return db.session.scalars(db.select(Invoice)).one()


def typed(*lines: tuple[str, ...], revision: int = 1, **fields: str) -> dict[str, object]:
    """A draft's form: lines as (words, quantity, price, tax) and what else is in it."""
    columns = {f"line_{name}": [] for name in ("id", "words", "quantity", "unit", "price", "discount", "tax")}
    for line in lines:
        words, quantity, price, *rest = line
        values = {"words": words, "quantity": quantity, "price": price, "tax": rest[0] if rest else ""}
        for name, column in columns.items():
            column.append(values.get(name.removeprefix("line_"), ""))
    return columns | {"currency": "EUR", "payment_days": "14", "project": "", "revision": str(revision)} | fields


def test_from_time_to_a_draft_to_an_invoice_that_is_paid(sign_in, cast, worked, vat):
    backups, night = worked(50, "Backups"), worked(30, "At night", rate=150)
    browser = sign_in(cast.tom)
    assert 'value="Harbor Dental"' in browser.get("/invoices/new").text
    offered = plain(browser.get(f"/invoices/new?client={cast.harbor.id}"))
    assert "Backups" in offered and "0:50" in offered and "At night" in offered
    answer = browser.post(
        "/invoices", data={"client": "harbor dental", "entry": [backups.id, night.id], "grouping": "ticket"}
    )
    invoice = only_invoice()
    assert (answer.status_code, answer.location) == (303, f"/invoices/{invoice.id}/edit")
    # Two prices, so two lines; 83.33 and 75.00.
    assert [str(line.net) for line in invoice.lines] == ["83.330", "75.000"]
    assert (invoice.net, invoice.tax, invoice.total) == (Decimal("158.33"), Decimal("30.08"), Decimal("188.41"))
    assert 'value="0:50"' in browser.get(answer.location).text
    assert browser.post(f"/invoices/{invoice.id}/issue").status_code == 303
    page = plain(browser.get(f"/invoices/{invoice.id}"))
    assert f"Invoice {today().year}-0001 Open" in page and "Total 188.41 EUR" in page
    assert "Time it came from 1:20" in page and "Issued as" in page and "Tom Okafor" in page
    browser.post(f"/invoices/{invoice.id}/payments", data={"amount": "100 €", "words": "Bank"})
    assert "Paid in part" in plain(browser.get(f"/invoices/{invoice.id}"))
    browser.post(f"/invoices/{invoice.id}/payments", data={"amount": "88,41"})
    assert only_invoice().status == "paid"
    assert f"Paid on {in_words(today())}." in plain(browser.get(f"/invoices/{invoice.id}"))


def test_a_draft_is_typed_in_one_form(sign_in, cast, vat):
    browser = sign_in(cast.tom)
    browser.post("/invoices", data={"client": "Harbor Dental"})
    invoice = only_invoice()
    lines = [("Router", "2", "1.234,50", str(vat.id)), ("", "1", ""), ("Goodwill", "1", "-50", str(vat.id))]
    data = typed(*lines, revision=invoice.revision, reference="PO 7", currency="usd", payment_days="30")
    assert browser.post(f"/invoices/{invoice.id}/edit", data=data).status_code == 303
    invoice = only_invoice()
    assert [(line.words, line.net) for line in invoice.lines] == [("Router", 2469), ("Goodwill", -50)]
    assert (invoice.currency, invoice.payment_days, invoice.reference) == ("USD", 30, "PO 7")
    assert invoice.total == Decimal("2878.61")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("line_price", "1.234", "1.234 could mean two things"),
        ("line_price", "much", "Write the price as 120"),
        ("line_price", "$5", "Here amounts are in EUR"),
        ("line_quantity", "some", "Write how many"),
        ("line_discount", "200", "at most 100"),
        ("line_words", "", "What is it for?"),
        ("line_tax", "999", "no such tax rate any more"),
        ("currency", "XYZ", "three letters of a currency"),
        ("payment_days", "soon", "Write the days as a whole number"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_stays_there(sign_in, cast, make_draft, field, value, words):
    invoice = make_draft("10")
    data = typed(("Router", "2", "99", ""), revision=invoice.revision)
    data[field] = [value] if field.startswith("line_") else value
    answer = sign_in(cast.tom).post(f"/invoices/{invoice.id}/edit", data=data)
    assert answer.status_code == 422 and words in plain(answer)
    assert 'aria-invalid="true"' in answer.text
    assert [line.words for line in only_invoice().lines] == ["Work"]


def test_lines_are_added_moved_and_removed_before_anything_is_kept(sign_in, cast, make_draft, vat):
    invoice, browser = make_draft("10"), sign_in(cast.tom)
    lines = [("First", "1", "1"), ("Second", "1", "2")]

    def pressed(wish: str, headers=None) -> list[str]:
        answer = browser.post(
            f"/invoices/{invoice.id}/edit", data=typed(*lines, revision=invoice.revision, arrange=wish), headers=headers
        )
        assert answer.status_code == 200
        assert ("<html" in answer.text) is (headers is None)
        return re.findall(r'name="line_words" value="(.*?)"', answer.text)

    assert pressed("down-0") == pressed("up-1", HTMX) == ["Second", "First"]
    assert pressed("remove-0") == ["Second"]
    assert pressed("add") == ["First", "Second", ""]
    assert pressed("up-77") == pressed("nonsense") == ["First", "Second"]
    assert [line.words for line in only_invoice().lines] == ["Work"]


def test_nobody_loses_the_lines_that_are_too_many(sign_in, cast, make_draft):
    invoice = make_draft("10")
    lines = [(f"Line {number}", "1", "1") for number in range(201)]
    answer = sign_in(cast.tom).post(f"/invoices/{invoice.id}/edit", data=typed(*lines, revision=invoice.revision))
    assert answer.status_code == 422 and "An invoice holds up to 200 lines" in plain(answer)
    assert 'value="Line 200"' in answer.text


def test_the_sums_follow_what_is_typed(sign_in, cast, make_draft, vat):
    invoice = make_draft("10")
    data = typed(("", "3", "0.03", str(vat.id)), ("Later", "1", "abc"), revision=invoice.revision)
    answer = sign_in(cast.tom).post(f"/invoices/{invoice.id}/sums", data=data, headers=HTMX)
    assert "Net 0.09 EUR VAT 19 % on 0.09 0.02 EUR Total 0.11 EUR" in plain(answer)
    assert 'id="net-0" hx-swap-oob="true">0.09<' in answer.text and 'id="net-1" hx-swap-oob="true"><' in answer.text


def test_of_two_who_change_a_draft_the_second_is_told_and_nothing_is_lost(second_browser, cast, make_draft):
    invoice = make_draft("10")
    tom, mara = second_browser(cast.tom), second_browser(cast.mara)
    revision = invoice.revision
    tom.post(f"/invoices/{invoice.id}/edit", data=typed(("Tom’s line", "1", "11"), revision=revision))
    answer = mara.post(f"/invoices/{invoice.id}/edit", data=typed(("Mara’s line", "1", "12"), revision=revision))
    assert answer.status_code == 422
    page = plain(answer)
    assert "Somebody has changed it" in page and "by Tom Okafor" in page and "Tom’s line" in page
    assert 'value="Mara’s line"' in answer.text
    assert [line.words for line in only_invoice().lines] == ["Tom’s line"]
    shown = re.search(r'name="revision" value="(\d+)"', answer.text)[1]
    again = typed(("Mara’s line", "1", "12"), revision=int(shown))
    assert mara.post(f"/invoices/{invoice.id}/edit", data=again).status_code == 303
    assert [line.words for line in only_invoice().lines] == ["Mara’s line"]


def test_nobody_issues_what_they_have_not_seen(second_browser, cast, make_draft):
    invoice = make_draft("10")
    tom, mara, seen = second_browser(cast.tom), second_browser(cast.mara), invoice.revision
    tom.post(f"/invoices/{invoice.id}/edit", data=typed(("Dearer", "1", "999"), revision=seen))
    answer = mara.post(f"/invoices/{invoice.id}/issue", data={"revision": str(seen)})
    assert (answer.status_code, "Somebody has changed it" in plain(answer)) == (422, True)
    assert only_invoice().is_draft


def test_what_is_issued_is_not_changed_by_anybody(sign_in, cast, make_invoice):
    invoice, browser = make_invoice("10"), sign_in("admin")
    data = typed(("Other", "1", "1"), revision=invoice.revision)
    answer = browser.post(f"/invoices/{invoice.id}/edit", data=data)
    assert (answer.status_code, "It has been issued" in plain(answer)) == (422, True)
    assert browser.get(f"/invoices/{invoice.id}/edit").status_code == 303
    for path in ("removal", "issue"):
        answer = browser.post(f"/invoices/{invoice.id}/{path}", data={"revision": str(invoice.revision)})
        assert answer.status_code == 422, path
    assert [line.words for line in only_invoice().lines] == ["Work"]


def test_a_draft_that_is_deleted_gives_its_time_back(sign_in, cast, worked, vat):
    entry, browser = worked(60), sign_in(cast.tom)
    browser.post("/invoices", data={"client": "Harbor Dental", "entry": [entry.id]})
    invoice = only_invoice()
    assert "Nothing waits to be billed" in plain(browser.get("/time/unbilled"))
    browser.post(f"/invoices/{invoice.id}/removal", data={"revision": str(invoice.revision)})
    db.session.expire_all()
    assert db.session.scalar(db.select(db.func.count()).select_from(Invoice)) == 0
    assert db.session.scalars(db.select(TimeEntry.invoice_line_id)).one() is None


def test_time_that_is_invoiced_already_is_refused_in_words(second_browser, cast, worked, vat):
    entry = worked(60)
    for browser, status in ((second_browser(cast.tom), 303), (second_browser(cast.mara), 422)):
        answer = browser.post("/invoices", data={"client": "Harbor Dental", "entry": [entry.id]})
        assert answer.status_code == status
    assert "Some of this time was invoiced or changed meanwhile" in plain(answer)
    assert len(only_invoice().lines) == 1


def test_the_list_is_cut_down_searched_and_summed_by_currency(sign_in, cast, make_invoice, make_draft):
    old = make_invoice("100", on=today() - timedelta(days=40))
    paid, dollars = make_invoice("50"), make_invoice("10", currency="USD")
    add_payment(paid, Money(paid.total, today()), None)
    gone = make_invoice("7")
    void(gone, "Twice", None)
    make_draft("1")
    db.session.commit()
    browser = sign_in(cast.tom)

    def numbers(query: str) -> list[str]:
        return re.findall(r'href="/invoices/(\d+)"', browser.get(f"/invoices?{query}", headers=HTMX).text)

    assert numbers("state=overdue") == [str(old.id)]
    assert numbers("state=open") == [str(dollars.id), str(old.id)]
    assert numbers("state=paid") == [str(paid.id)]
    assert len(numbers("state=draft")) == 1 and numbers("state=void") == [str(gone.id)]
    assert len(numbers("")) == 5 and numbers(f"client={cast.vega.id}") == []
    assert numbers(f"q={old.number}") == [str(old.id)] and len(numbers("q=harbor")) == 5 and numbers("q=%25") == []
    page = plain(browser.get("/invoices"))
    assert "1 open in EUR 119.00 1 open in USD 11.90" in page
    page = plain(browser.get(f"/invoices?client={cast.harbor.id}"))
    assert "3 in EUR 179.69 119.00 open" in page and "1 in USD 11.90" in page
    assert "Overdue 1" in page


def test_a_filter_that_is_chosen_after_a_search_keeps_its_words(sign_in, cast, make_invoice):
    make_invoice()
    answer = sign_in(cast.tom).get("/invoices?q=harbor", headers=HTMX).text
    assert re.search(r'id="filters"[^>]*hx-swap-oob="true"', answer)
    assert '<a class="chip" href="/invoices?state=overdue&amp;q=harbor"' in answer


def test_the_list_is_cut_into_pages(sign_in, cast):
    db.session.add_all(Invoice(client_id=cast.harbor.id, currency="EUR", payment_days=14) for _ in range(107))
    db.session.commit()
    browser, path, seen = sign_in("agent"), "/invoices", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r'href="/invoices/(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 107


def test_the_list_is_a_file_for_a_spreadsheet(sign_in, cast, make_invoice):
    cast.harbor.name = "=HYPERLINK(1)"
    db.session.commit()
    make_invoice("100", on=date(2026, 1, 5))
    text = sign_in(cast.tom).get("/invoices.csv").text
    (row,) = csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")))
    assert (row["Number"], row["Client"], row["Issued"]) == ("2026-0001", "'=HYPERLINK(1)", "2026-01-05")
    assert (row["Net"], row["Total"], row["Open"]) == ("100.00", "119.00", "119.00")
    assert (row["Status"], row["Due"]) == ("Overdue", "2026-01-19")


def test_the_file_says_of_a_credit_note_what_the_page_says(sign_in, cast, make_invoice):
    issue(credit(make_invoice("100"), None), None)
    db.session.commit()
    text = sign_in(cast.tom).get("/invoices.csv").text
    invoice, note = csv.DictReader(io.StringIO(text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")))
    assert (invoice["Status"], note["Status"], note["Due"], note["Open"]) == ("Credited", "Set off", "", "0.00")


def test_a_part_paid_invoice_says_why_it_cannot_be_void(sign_in, cast, make_invoice):
    invoice, browser = make_invoice("100"), sign_in(cast.tom)
    assert "It cannot be made void" not in plain(browser.get(f"/invoices/{invoice.id}"))
    add_payment(db.session.get_one(Invoice, invoice.id), Money(Decimal(10), today()), None)
    db.session.commit()
    words = plain(browser.get(f"/invoices/{invoice.id}"))
    assert "It cannot be made void: something of it has been paid. Credit it instead." in words


def test_a_part_of_an_invoice_is_credited(sign_in, cast, make_invoice):
    invoice, browser = make_invoice("100", "50"), sign_in(cast.tom)
    line = invoice.lines[1]
    answer = browser.post(f"/invoices/{invoice.id}/credit-notes", data={"line": [line.id]})
    note_id = int(re.search(r"/invoices/(\d+)/edit", answer.location)[1])
    assert f"It credits {invoice.number} of Harbor Dental" in plain(browser.get(answer.location))
    browser.post(f"/invoices/{note_id}/issue")
    db.session.expire_all()
    invoice, note = db.session.get_one(Invoice, invoice.id), db.session.get_one(Invoice, note_id)
    assert (note.total, note.status, note.balance) == (Decimal("-59.50"), "paid", 0)
    assert (invoice.balance, invoice.status) == (Decimal("119.00"), "sent")
    assert "Credited by C" in plain(browser.get(f"/invoices/{invoice.id}"))
    answer = browser.post(f"/invoices/{invoice.id}/credit-notes")
    assert answer.status_code == 422
    # The sentence stands at the lines, and they are in view.
    fold = next(one for one in re.findall(r"(?s)<details.*?</details>", answer.text) if 'name="line"' in one)
    assert fold.startswith("<details open>") and "Tick the lines that are to be credited." in fold
    assert answer.text.count("Tick the lines that are to be credited.") == 1


def test_void_and_disputed_are_said_on_the_page(sign_in, cast, make_invoice, worked):
    invoice, browser = make_invoice("100"), sign_in(cast.tom)
    browser.post(f"/invoices/{invoice.id}/dispute", data={"disputed": "y"})
    assert "Disputed" in plain(browser.get(f"/invoices/{invoice.id}")) and only_invoice().disputed
    browser.post(f"/invoices/{invoice.id}/dispute")
    assert not only_invoice().disputed
    assert browser.post(f"/invoices/{invoice.id}/void", data={"reason": " "}).status_code == 422
    browser.post(f"/invoices/{invoice.id}/void", data={"reason": "Wrong client"})
    assert "Void: Wrong client." in plain(browser.get(f"/invoices/{invoice.id}"))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1000", "Only 119.00 EUR of it is open"),
        ("0", "more than nothing"),
        ("x", "Write the amount"),
        ("", "How much"),
    ],
)
def test_a_payment_that_cannot_be_is_said_at_its_field(sign_in, make_invoice, amount, words):
    invoice = make_invoice("100")
    answer = sign_in("agent").post(f"/invoices/{invoice.id}/payments", data={"amount": amount})
    assert (answer.status_code, words in plain(answer)) == (422, True)
    assert only_invoice().payments == []


def test_a_payment_that_was_a_mistake_is_removed(sign_in, make_invoice):
    invoice, browser = make_invoice("100"), sign_in("agent")
    browser.post(f"/invoices/{invoice.id}/payments", data={"amount": "119"})
    path = f"/invoices/{invoice.id}/payments/{only_invoice().payments[0].id}/removal"
    for _ in range(2):
        assert browser.post(path).status_code == 303
    assert (only_invoice().status, only_invoice().balance) == ("sent", 119)


def test_what_stands_on_all_invoices_is_set_by_administrators(sign_in, second_browser, cast):
    assert second_browser(cast.tom).get("/admin/invoices").status_code == 403
    browser = sign_in("admin")
    data = {"address": "Quay 1", "currency": "chf", "payment_days": "10", "invoice_pattern": "R{year}-{number:03}"}
    data |= {"credit_pattern": "R{year}-{number:03}", "last_number": "41"}
    assert browser.post("/admin/invoices", data=data).status_code == 303
    assert f"The next one is R{today().year}-042." in plain(browser.get("/admin/invoices"))
    db.session.expire_all()
    assert (firm().currency, firm().credit_pattern) == ("CHF", "")
    for field, value in (
        ("invoice_pattern", "{nr}"),
        ("currency", "EURO"),
        ("payment_days", "-1"),
        ("last_number", "x"),
    ):
        assert browser.post("/admin/invoices", data=data | {field: value}).status_code == 422, field


def test_a_tax_rate_on_drafts_is_not_removed(sign_in, cast, make_draft, make_invoice, vat):
    browser, draft = sign_in("admin"), make_draft("10")
    answer = browser.post(f"/admin/invoices/tax-rates/{vat.id}/removal")
    assert (answer.status_code, "It is on 1 draft." in plain(answer)) == (422, True)
    issue(draft, None)
    db.session.commit()
    assert browser.post(f"/admin/invoices/tax-rates/{vat.id}/removal").status_code == 303
    db.session.expire_all()
    assert draft.lines[0].tax_percent == 19
    note = credit(draft, None)
    db.session.commit()
    assert "VAT 19 %, as it was" in plain(browser.get(f"/invoices/{note.id}/edit"))
    browser.post("/admin/invoices/tax-rates", data={"name": "VAT 7 %", "percent": "7"})
    assert browser.post("/admin/invoices/tax-rates", data={"name": "VAT 7 %", "percent": "7"}).status_code == 422
    assert db.session.scalars(db.select(TaxRate.name)).all() == ["VAT 7 %"]


def test_reminders_have_nothing_to_ask_of_what_is_settled(make_invoice):
    invoice = make_invoice("100", on=today() - timedelta(days=40))
    assert invoice.is_overdue(today())
    dispute(invoice, True, None)
    add_payment(invoice, Money(invoice.balance, today()), None)
    assert not invoice.is_overdue(today())


def test_a_revision_that_no_draft_has_is_an_older_one(sign_in, cast, make_draft):
    invoice = make_draft("10")
    data = typed(("Router", "1", "99")) | {"revision": "9" * 40}
    assert sign_in(cast.tom).post(f"/invoices/{invoice.id}/edit", data=data).status_code == 422
    assert invoice.is_draft


def test_of_a_credit_note_nobody_is_to_be_reminded(sign_in, cast, make_invoice):
    invoice = make_invoice("100")
    note = issue(credit(invoice, None), None)
    db.session.commit()
    browser = sign_in(cast.tom)
    assert "never sent from here, so nobody is reminded of it." in plain(browser.get(f"/invoices/{invoice.id}"))
    assert "It was never sent from here. " in plain(browser.get(f"/invoices/{note.id}"))


def test_the_page_of_the_client_writes_yen_without_decimals(sign_in, cast, make_invoice):
    make_invoice("1200", currency="JPY")
    page = sign_in("agent").get(f"/clients/{cast.harbor.id}").text
    assert "1,428 JPY" in page and "1,428.00" not in page
