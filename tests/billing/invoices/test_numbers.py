"""Numbers without a gap, whoever issues at the same moment, on either database."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from psa import create_app
from psa.admin.operations import firm
from psa.billing.invoices import series
from psa.billing.invoices.models import Invoice, InvoiceLine
from psa.billing.invoices.operations import RefusedInvoice, credit, draft, issue, void
from psa.billing.invoices.series import RefusedPattern, last_number, next_number, number_by, read_pattern
from psa.extensions import db
from tests.configuration import configuration
from tests.factories import make_cast

THREADS, EACH = 4, 6


@pytest.fixture
def app_on_either(either_database, tmp_path):
    app = create_app(configuration(tmp_path, either_database))
    with app.app_context():
        make_cast()
    yield app
    with app.app_context():
        db.engine.dispose()


def drafts(app, number: int) -> list[int]:
    with app.app_context():
        client = db.session.scalar(db.select(Invoice.client_id).limit(1)) or 1
        made = []
        for _ in range(number):
            invoice = Invoice(client_id=client, currency="EUR", payment_days=14)
            invoice.lines = [InvoiceLine(position=0, words="Work", quantity=1, unit_price=10)]
            db.session.add(invoice)
            made.append(invoice)
        db.session.commit()
        return [invoice.id for invoice in made]


def test_many_who_issue_at_once_leave_no_number_out_though_some_fail(app_on_either):
    app, ids = app_on_either, drafts(app_on_either, THREADS * EACH)
    # A third of them breaks after it has been given its number, and issues anew later.
    fails = set(random.Random(7).sample(ids, len(ids) // 3))

    def issue_some(mine: list[int]) -> None:
        with app.app_context():
            for invoice_id in mine:
                issue(db.session.get_one(Invoice, invoice_id), None, date(2026, 11, 23))
                db.session.rollback() if invoice_id in fails else db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(issue_some, [ids[number::THREADS] for number in range(THREADS)]))
    assert numbers(app) == [f"2026-{number:04}" for number in range(1, len(ids) - len(fails) + 1)]
    for invoice_id in sorted(fails):
        with app.app_context():
            issue(db.session.get_one(Invoice, invoice_id), None, date(2026, 11, 23))
            db.session.commit()
    assert numbers(app) == [f"2026-{number:04}" for number in range(1, len(ids) + 1)]


def test_issuing_crediting_and_voiding_at_once_leave_no_gap_and_no_double(app_on_either):
    app, dice = app_on_either, random.Random(11)
    ids = drafts(app, THREADS * EACH)
    with app.app_context():
        firm().credit_pattern = ""  # Credit notes take theirs from the same series.
        for invoice_id in ids[::2]:
            issue(db.session.get_one(Invoice, invoice_id), None, date(2026, 11, 23))
        db.session.commit()
    deeds = [(issue_on_that_day, one) for one in ids[1::2]] + [(deed, one) for one in ids[::2] for deed in UNDOING]
    dice.shuffle(deeds)

    def do_some(mine) -> None:
        with app.app_context():
            for deed, invoice_id in mine:
                try:
                    deed(db.session.get_one(Invoice, invoice_id))
                    db.session.commit()
                except RefusedInvoice:
                    # Of a credit note and a void of one invoice only the first is done.
                    db.session.rollback()
            db.session.remove()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(do_some, [deeds[number::THREADS] for number in range(THREADS)]))
    given = numbers(app)
    with app.app_context():
        states = db.session.execute(db.select(Invoice.id, Invoice.status, Invoice.kind, Invoice.number)).all()
        credited = db.session.scalars(db.select(Invoice.credits_id).where(Invoice.number.is_not(None))).all()
        voided = [one.id for one in states if one.status == "void"]
    assert given == [f"2026-{number:04}" for number in range(1, len(given) + 1)]
    assert sorted([one for one in credited if one is not None] + voided) == sorted(ids[::2])
    assert len(given) == len(ids) + len(ids[::2]) - len(voided)


def issue_on_that_day(invoice: Invoice) -> None:
    issue(invoice, None, date(2026, 11, 23))


def credit_it(invoice: Invoice) -> None:
    issue_on_that_day(credit(invoice, None))


def void_it(invoice: Invoice) -> None:
    void(invoice, "Sent to the wrong client", None)


UNDOING = (credit_it, void_it)


def test_one_draft_that_two_issue_gets_one_number(app_on_either):
    app, (invoice_id,) = app_on_either, drafts(app_on_either, 1)

    def issue_it(_: int) -> bool:
        with app.app_context():
            invoice = db.session.get_one(Invoice, invoice_id)
            try:
                issue(invoice, None, date(2026, 11, 23))
                db.session.commit()
            except RefusedInvoice:
                db.session.rollback()
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(issue_it, range(THREADS))) == [False, False, False, True]
    assert numbers(app) == ["2026-0001"]


def numbers(app) -> list[str]:
    with app.app_context():
        return sorted(db.session.scalars(db.select(Invoice.number).where(Invoice.number.is_not(None))))


def test_a_new_year_begins_at_one_where_the_pattern_has_the_year(cast):
    given = [next_number("invoice", year, firm()) for year in (2026, 2026, 2027, 2026)]
    assert given == ["2026-0001", "2026-0002", "2027-0001", "2026-0003"]
    firm().invoice_pattern = "R{number}"
    assert [next_number("invoice", year, firm()) for year in (2026, 2027)] == ["R1", "R2"]


def test_credit_notes_have_their_own_series_or_share_the_invoices(make_invoice, cast):
    first, second = make_invoice("10"), make_invoice("20")
    assert issue(credit(first, None), None).number.startswith("C")
    firm().credit_pattern = ""
    assert issue(credit(second, None), None).number.endswith("-0003")


def test_a_void_invoice_keeps_its_number(make_invoice):
    first = make_invoice(on=date(2026, 1, 5))
    void(first, "Sent to the wrong client", None)
    assert (first.number, first.status) == ("2026-0001", "void")
    assert make_invoice(on=date(2026, 1, 6)).number == "2026-0002"


def test_a_number_that_is_taken_is_never_given_twice(make_invoice, make_draft):
    make_invoice(on=date(2026, 1, 5))
    firm().invoice_pattern = "2026-{number:04}"
    db.session.commit()
    with pytest.raises(RefusedInvoice, match="2026-0001 is taken"):
        issue(make_draft("1"), None)
    db.session.rollback()
    assert last_number("invoice", 0, firm()) == 0


def test_numbers_go_on_where_another_program_stopped(cast):
    series.go_on_after("invoice", 2026, firm(), 117)
    assert next_number("invoice", 2026, firm()) == "2026-0118"
    with pytest.raises(RefusedPattern, match="given already"):
        series.go_on_after("invoice", 2026, firm(), 50)


@pytest.mark.parametrize("pattern", ["{number}", "RE-{year}/{number:05}", " {year}{number:03} ", "A.{number}#{year}_x"])
def test_a_pattern_has_the_number_once(pattern):
    assert number_by(read_pattern(pattern), 2026, 7).endswith(("7", "00007", "007", "7#2026_x"))


@pytest.mark.parametrize(
    "pattern", ["", "2026", "{number}{number}", "{number:4}", "{nummer}", "{number}{day}", "x" * 50, "é{number}"]
)
def test_what_makes_no_numbers_is_refused(pattern):
    with pytest.raises(RefusedPattern):
        read_pattern(pattern)


def test_a_draft_has_no_number(cast):
    assert draft(cast.harbor, None).number is None
