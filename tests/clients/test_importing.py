"""Clients and contacts from a file: any spreadsheet's, previewed, taken in one go, and twice as well as once."""

from __future__ import annotations

import codecs
import csv
import io
import re
from html import unescape

import pytest

from psa.clients.importing.columns import guess
from psa.clients.importing.plan import plan
from psa.clients.importing.reading import Unreadable, read
from psa.clients.importing.taking import Overtaken, take
from psa.clients.models import Client, ClientImport, Contact, Domain
from psa.clients.operations import Refused, add_client, add_contact, find_person
from psa.extensions import db
from psa.mail.models import OutboundEmail
from psa.notifications import choices
from psa.notifications.models import Notice
from tests.mailroom import letter

FILE = """Firma;Domain;Ansprechpartner;E-Mail;Telefon;Waehrung
Lumen Optik GmbH;lumen.example, lumen-optik.example;Jörg Müller;joerg@lumen.example;+49 30 123;EUR
Lumen Optik GmbH;;Nadia Brandt;nadia@lumen.example;;
Kestrel Foods;gmail.com;;;;
Harbor Dental;;Dana Whitfield;dana@harbor-dental.example;0207 946;
Otter Ltd;harbor-dental.example;Kim;not an address;;pounds
;;Nobody;;;
;;Front desk;desk@harbor-dental.example;;
Vega Logistics;;Dana Whitfield;dana@harbor-dental.example;;
"""


def plain(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def planned(text: str):
    sheet = read(text.encode())
    return plan(sheet, guess(sheet.headers))


def taken(text: str) -> ClientImport:
    found = ClientImport(content=b"", file_name="list.csv")
    db.session.add(found)
    take(found, planned(text))
    db.session.commit()
    return found


def names() -> list[str]:
    return list(db.session.scalars(db.select(Client.name).order_by(Client.id)))


@pytest.mark.parametrize(
    "content",
    [
        FILE.encode(),
        codecs.BOM_UTF8 + FILE.encode(),
        FILE.encode("cp1252"),
        codecs.BOM_UTF16_LE + FILE.encode("utf-16-le"),
        FILE.encode("utf-16-be"),
        b"sep=;\r\n" + FILE.replace("\n", "\r\n").encode("cp1252"),
        FILE.replace(",", " ").replace(";", "\t").encode(),
        FILE.replace(",", " ").replace(";", ",").encode(),
    ],
    ids=["utf-8", "excel's mark", "cp1252", "utf-16 with a mark", "utf-16 without", "sep=", "tabs", "commas"],
)
def test_a_file_is_read_however_it_was_written(content):
    sheet = read(content)
    assert sheet.headers[0] == "Firma" and len(sheet.rows) == 8
    assert sheet.rows[0][1][2] == "Jörg Müller"
    assert guess(sheet.headers) == ["client", "domains", "contact", "email", "phone", "currency"]


def test_lines_are_counted_as_an_editor_counts_them_and_short_rows_are_filled():
    sheet = read(b'Client,Notes\n"A","two\nlines"\n\nB\n')
    assert sheet.rows == [(3, ("A", "two\nlines")), (5, ("B", ""))]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"Client,Email\n", "nothing in it but a line of headers"),
        (b"a" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
        (b"Client\n" + b"A\n" * 20_001, "more than 20,000 rows"),
        (b"a," * 100 + b"\nx", "more than 60 columns"),
        (bytes(range(256)) * 20, None),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason_and_never_breaks(content, reason):
    try:
        read(content)
    except Unreadable as said:
        assert reason is None or reason in str(said)
    else:
        assert reason is None


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["First Name", "Last Name", "E-mail 1 - Value", "Company"], ["first_name", "last_name", "email", "client"]),
        (["Name", "Website"], ["client", "domains"]),
        (["Name", "Email"], ["contact", "email"]),
        (["Name", "Name", "Email"], ["contact", "", "email"]),
        (["Whatever", ""], ["", ""]),
    ],
)
def test_columns_are_guessed_from_their_headers(headers, fields):
    assert guess(headers) == fields


def test_the_preview_says_what_becomes_of_each_row_and_why_not(cast):
    rows = planned(FILE).rows
    assert [row.state for row in rows] == ["new", "new", "new", "updated", "new", "left", "new", "left"]
    assert rows[0].words == (
        "new client, new contact, with currency, domain lumen.example, domain lumen-optik.example, name, phone, "
        "address joerg@lumen.example"
    )
    assert rows[2].reasons == ["gmail.com is used by the whole world. Add the person as a contact instead."]
    assert rows[3].words == "changes phone"
    assert "“not an address” is not an email address" in rows[4].reasons[0]
    assert "“POUNDS” is not the three letters of a currency." in rows[4].reasons
    assert "harbor-dental.example belongs to Harbor Dental already." in rows[4].reasons
    assert rows[5].reasons == ["It names no client and no address."]
    assert rows[6].words.startswith("new contact")
    assert rows[7].reasons == ["dana@harbor-dental.example belongs to Dana Whitfield of Harbor Dental already."]


def test_all_that_can_be_taken_is_taken_and_nobody_is_written_to(cast, mailroom):
    found = taken(FILE)
    assert names() == ["Harbor Dental", "Vega Logistics", "Lumen Optik GmbH", "Kestrel Foods", "Otter Ltd"]
    assert found.taken["clients"] == 3 and found.taken["contacts"] == 3
    assert find_person("nadia@lumen.example").client_name == "Lumen Optik GmbH"
    assert find_person("somebody@lumen-optik.example").client_name == "Lumen Optik GmbH"
    assert find_person("desk@harbor-dental.example").client_name == "Harbor Dental"
    assert db.session.get_one(Contact, cast.dana.id).phone == "0207 946"
    assert [row[0] for row in found.left] == [4, 6, 7, 9]
    assert mailroom.outbox == [] and db.session.scalar(db.select(db.func.count(Notice.id))) == 0
    assert db.session.scalar(db.select(db.func.count(OutboundEmail.id))) == 0


def test_the_same_file_a_second_time_changes_nothing(cast):
    taken(FILE)
    before = everything()
    again = planned(FILE)
    assert {row.state for row in again.rows} == {"same", "left"}
    taken(FILE)
    assert everything() == before


def everything() -> list[object]:
    db.session.expire_all()
    return [
        db.session.execute(db.select(*model.__table__.columns).order_by(model.id)).all()
        for model in (Client, Contact, Domain)
    ]


def test_who_wrote_before_comes_under_the_client_whose_domain_arrives(cast, mailroom):
    mailroom.receive(letter(sender="old@lumen.example"))
    assert taken(FILE).taken["placed"] == 1
    assert find_person("old@lumen.example").client_name == "Lumen Optik GmbH"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("A,a@x.example,Ann\nB,a@x.example,Ann", "a@x.example is on line 2 already, at A."),
        ("A,a@x.example,Ann\nA,a@x.example,Bob", "a@x.example is on line 2 already, as Ann."),
        ("A,a@x.example b@x.example,\nA,dana@harbor-dental.example ruben@vega-logistics.example,", "two different"),
        (",stray@nowhere.example,Stray", "No client is named for stray@nowhere.example, and its domain tells none."),
        ("A,,Ann", "Ann has no address, by which a contact is known."),
    ],
)
def test_what_contradicts_itself_is_left_with_the_reason(cast, rows, reason):
    assert reason in " ".join(planned(f"Client,Email,Contact\n{rows}\n").rows[-1].reasons)


def test_a_name_in_two_columns_and_an_address_with_a_name_are_understood(cast):
    taken("Company,First name,Last name,Email\nLumen,Nadia,Brandt,Nadia Brandt <NADIA@lumen.example>\n")
    found = db.session.get_one(Contact, find_person("nadia@lumen.example").contact_id)
    assert (found.name, found.client.name) == ("Nadia Brandt", "Lumen")


def test_on_the_pages_it_goes_from_the_file_to_the_list_of_what_was_left(sign_in, cast):
    agent = sign_in("agent")
    upload = {"file": (io.BytesIO(FILE.replace("Firma", "Wer").encode("cp1252")), "Liste.csv")}
    answer = agent.post("/clients/files/imports", data=upload)
    here = answer.headers["Location"]
    assert "Liste.csv" in plain(agent.get(here)) and "Jörg Müller" in plain(agent.get(here))
    fields = ["client", "domains", "contact", "email", "phone", "currency"]
    agent.post(f"{here}/columns", data={"column": fields})
    assert "8 rows 5 new 1 changed 0 as they are 2 not taken" in sums(agent.get(here))
    said = plain(agent.post(f"{here}/taking", follow_redirects=True))
    assert "4 rows not taken, or only in part" in said
    left = list(csv.reader(io.StringIO(agent.get(f"{here}/left.csv").get_data(as_text=True).removeprefix("\ufeff"))))
    assert left[0][:2] == ["Line", "Reason"] and left[1][0] == "4"
    agent.post(f"{here}/taking")
    # By the browser's way back to the page from before the import.
    assert agent.post(f"{here}/columns", data={"column": fields}).status_code == 303
    assert names().count("Lumen Optik GmbH") == 1
    assert "Liste.csv" in plain(agent.get("/clients/files"))
    agent.post(f"{here}/removal")
    assert agent.get(here).status_code == 404


def sums(answer) -> str:
    """The words and numbers of the sum, in the order in which they are read."""
    pairs = re.findall(r"<dt>([^<]+)</dt>\s*<dd>([^<]+)</dd>", answer.text)
    return " ".join(f"{number} {word}" for word, number in pairs)


@pytest.mark.parametrize("upload", [{}, {"file": (io.BytesIO(b""), "")}, {"file": (io.BytesIO(b"a,b\n"), "x.csv")}])
def test_an_upload_that_is_nothing_is_said_at_the_field(sign_in, upload):
    answer = sign_in("agent").post("/clients/files/imports", data=dict(upload))
    assert answer.status_code == 422 and 'role="alert"' in answer.text


def test_who_is_overtaken_by_somebody_else_takes_nothing(cast):
    waiting = planned(FILE)
    add_client("Kestrel Foods")
    db.session.commit()
    found = ClientImport(content=b"")
    db.session.add(found)
    with pytest.raises(Overtaken):
        take(found, waiting)
    db.session.rollback()
    assert names() == ["Harbor Dental", "Vega Logistics", "Kestrel Foods"]


def test_what_is_exported_can_be_imported_and_no_spreadsheet_reckons_it(sign_in, cast):
    cast.harbor.notes = '=HYPERLINK("http://evil.example")'
    cast.dana.phone = "+44 20 7946 0000"
    cast.harbor.payment_days = 0
    add_client('@lone, "quoted" & Söhne')
    db.session.commit()
    answer = sign_in("agent").get("/clients/files/clients-and-contacts.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(text[1:])) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert "'+44 20 7946 0000" in cells and '\'@lone, "quoted" & Söhne' in cells
    sheet = read(text.encode())
    again = plan(sheet, guess(sheet.headers))
    assert {row.state for row in again.rows} == {"same"} and not again.left


def test_three_letters_that_are_no_currency_are_left(cast):
    rows = planned("Client,Currency\nLumen,XYZ\nOptik,usd\n").rows
    assert [row.reasons for row in rows] == [["“XYZ” is not the three letters of a currency."], []]


def test_a_row_that_names_the_domain_of_another_client_is_taken_without_it(cast):
    waiting = planned("Client,Domain\nOakfield,harbor-dental.example\n")
    assert waiting.rows[0].reasons == ["harbor-dental.example belongs to Harbor Dental already."]
    found = ClientImport(content=b"")
    db.session.add(found)
    take(found, waiting)
    db.session.commit()
    assert names() == ["Harbor Dental", "Vega Logistics", "Oakfield"] and found.taken["clients"] == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Harbor Dental,broken@@x", "“broken@@x” cannot be written to"),
        ("Harbor Dental,c d@acme.example", "“c d@acme.example” is not an email address"),
        ("Harbor Dental,Support@northwind.example", "support@northwind.example is an account of our own."),
        ("Oakfield,kim@oakfield.example,and more", "It has more cells than there are columns; “and more” belongs to"),
    ],
)
def test_what_is_no_address_of_theirs_is_named_and_makes_no_contact(cast, mailroom, row, reason):
    waiting = planned(f"Client,Email\n{row}\n")
    assert reason in " ".join(waiting.rows[0].reasons) and waiting.contacts == []


def test_an_address_that_is_ours_is_refused_by_hand_too(cast, mailroom):
    with pytest.raises(Refused, match="an account of our own"):
        add_contact(cast.harbor, "Support", "SUPPORT@northwind.example")


def test_the_domain_of_another_client_is_named_and_no_hindrance(sign_in, cast):
    row = planned("Client,Email\nVega Logistics,kim@harbor-dental.example\n").rows[0]
    odd = "The domain of kim@harbor-dental.example is one of Harbor Dental, another client."
    assert (row.state, row.reasons, row.oddities) == ("new", [], [odd])
    typed = {"contact": "Kim", "email": "kim@harbor-dental.example"}
    answer = sign_in("agent").post(f"/clients/{cast.vega.id}/contacts", data=typed, follow_redirects=True)
    assert odd in plain(answer)


def test_a_contact_who_comes_twice_in_the_file_is_named_as_such(cast):
    rows = planned("Client,Email,Phone\nA,ann@a.example,1\nA,ann@a.example,2\nA,ann@a.example,2\n").rows
    assert rows[1].words == "the contact of line 2 again, changes phone"
    assert rows[2].words == "the contact of line 2 again"


def test_new_contacts_are_told_of_tickets_alone_unless_somebody_or_the_file_says_more(cast):
    choices.tell(cast.dana.id, {"invoices"})
    rows = "Lumen,a@lumen.example,\nLumen,b@lumen.example,Invoices; project\nLumen,c@lumen.example,nothing\n"
    taken(f"Client,Email,Told of\n{rows},dana@harbor-dental.example,\n")
    said = {name: choices.topics_of(find_person(f"{name}@lumen.example").contact_id) for name in "abc"}
    assert said == {"a": {"tickets"}, "b": {"invoices", "projects"}, "c": set()}
    assert choices.topics_of(cast.dana.id) == {"invoices"}
    changed = planned("Email,Told of\ndana@harbor-dental.example,tickets invoices\nb@lumen.example,everything\n").rows
    assert changed[0].words == "changes what they are told of"
    assert "“everything” is not what somebody can be told of" in changed[1].reasons[0]
    taken("Email,Told of\ndana@harbor-dental.example,tickets invoices\n")
    assert choices.topics_of(cast.dana.id) == {"tickets", "invoices"}


def test_the_page_of_the_import_asks_what_they_are_told_of(sign_in, cast):
    agent = sign_in("agent")
    upload = {"file": (io.BytesIO(b"Client,Email\nLumen,nadia@lumen.example\n"), "list.csv")}
    here = agent.post("/clients/files/imports", data=upload).headers["Location"]
    ticked = re.findall(r'name="told" value="(\w+)" (checked)?', agent.get(here).text)
    assert ticked == [("tickets", "checked"), ("projects", ""), ("invoices", "")]
    agent.post(f"{here}/taking", data={"told": ["tickets", "invoices"]})
    assert choices.topics_of(find_person("nadia@lumen.example").contact_id) == {"tickets", "invoices"}
