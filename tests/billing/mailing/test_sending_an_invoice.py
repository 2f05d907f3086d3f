"""An invoice is issued and mailed in one step, with its PDF; what comes of it stands on the invoice, answers too."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import time_machine
from pypdf import PdfReader

from psa.billing.documents import pdf
from psa.billing.invoices.models import Invoice, InvoiceEvent
from psa.billing.invoices.operations import credit, issue
from psa.billing.invoices.recurring import make_due
from psa.billing.mailing.files import pdf_of_invoice
from psa.billing.mailing.sending import NotSent, issue_and_send, send_by_itself, send_invoice
from psa.clients.models import Contact
from psa.clients.operations import make_contact
from psa.clock import today
from psa.extensions import db
from psa.mail.inbound.process import convert
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses
from psa.notifications import choices
from psa.tickets import merging
from psa.tickets.operations import Actor
from tests.mail.inbound.test_bounces_come_back import complaint, report
from tests.mailroom import letter


@pytest.fixture(autouse=True)
def in_november():
    """Numbers begin with the year."""
    with time_machine.travel("2026-11-20T12:00:00+00:00"):
        yield


def words_in(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def press_send(browser, invoice: Invoice, *contacts: int):
    page = browser.get(f"/invoices/{invoice.id}/mails/new").text
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    return browser.post(
        f"/invoices/{invoice.id}/mails", data={"revision": revision, "contact": [str(number) for number in contacts]}
    )


def test_a_draft_is_issued_and_mailed_in_one_step_with_its_pdf(sign_in, mailroom, cast, make_draft):
    invoice, agent = make_draft("100"), sign_in("agent")
    page = agent.get(f"/invoices/{invoice.id}/mails/new").text
    assert "Dana Whitfield" in page and "Issue and send" in page
    assert press_send(agent, invoice, cast.dana.id).status_code == 303
    invoice = db.session.get_one(Invoice, invoice.id, populate_existing=True)
    assert (invoice.status, invoice.number) == ("sent", "2026-0001")
    (mail,) = mailroom.outbox
    assert (mail.invoice_id, mail.recipients, mail.template) == (invoice.id, ["dana@harbor-dental.example"], "invoice")
    assert mail.subject == "Invoice 2026-0001 from Northwind IT"
    message = mailroom.read(mail)
    assert message["Auto-Submitted"] == "auto-generated"
    text = mailroom.text(mail)
    assert "Hello Dana" in text and "119.00 EUR" in text and "http" not in text
    (file,) = message.iter_attachments()
    assert file.get_filename() == "Invoice 2026-0001.pdf"
    # What the page has promised, and that it is not yet what one sees there.
    assert ">Invoice 2026-0001.pdf</a>" in page and "Opened here it is still a draft" in page
    told = words_in(file.get_content())
    assert all(words in told for words in ("Invoice", "2026-0001", "Harbor Dental", "Total", "119.00 EUR", "VAT 19 %"))
    shown = agent.get(f"/invoices/{invoice.id}").text
    assert "to dana@harbor-dental.example" in shown and "Queued" in shown


def test_the_second_of_two_presses_sends_nothing(mailroom, cast, make_draft):
    invoice = make_draft("100")
    revision = invoice.revision
    issue_and_send(invoice, [cast.dana], revision, cast.tom.id)
    db.session.commit()
    with pytest.raises(NotSent, match="changed it since"):
        issue_and_send(invoice, [cast.dana], revision, cast.mara.id)
    db.session.rollback()
    assert len(mailroom.outbox) == 1


def test_what_cannot_be_sent_is_not_issued_either(sign_in, mailroom, cast, make_draft):
    invoice, agent = make_draft("100"), sign_in("agent")
    answer = press_send(agent, invoice)
    assert answer.status_code == 422
    assert "Choose at least one person" in answer.text
    cast.outbound.direction, cast.outbound.protocol = "inbound", "imap"
    cast.outbound.address = "elsewhere@northwind.example"
    db.session.commit()
    answer = press_send(agent, invoice, cast.dana.id)
    assert (answer.status_code, mailroom.outbox) == (422, [])
    assert "No account sends mail yet" in answer.text
    assert db.session.get_one(Invoice, invoice.id, populate_existing=True).number is None


def test_who_is_told_nothing_of_invoices_is_named_and_the_page_says_what_to_do(sign_in, cast, make_draft):
    choices.tell(cast.dana.id, {"tickets"})
    db.session.commit()
    page = sign_in("agent").get(f"/invoices/{make_draft('100').id}/mails/new").text
    assert "Nobody at Harbor Dental is told of invoices." in page
    assert "Dana Whitfield: is told nothing of invoices" in page
    assert "Issue and send" not in page


def test_an_issued_invoice_is_the_same_file_for_ever(sign_in, cast, sent):
    invoice, agent = sent("100"), sign_in("admin")
    before = agent.get(f"/invoices/{invoice.id}.pdf").data
    cast.harbor.name = "Harbor Dental Group"
    db.session.commit()
    agent.post("/admin/email/templates/layout", data={"name": "Northwind Again", "colour": "#aa0000", "footer": ""})
    assert agent.get(f"/invoices/{invoice.id}.pdf").data == before


def test_an_answer_becomes_a_ticket_in_billing_that_the_invoice_names(sign_in, mailroom, cast, sent):
    invoice, agent = sent("100"), sign_in("agent")
    (mail,) = mailroom.outbox
    came = mailroom.receive(letter("We paid on Friday.", subject=f"Re: {mail.subject}", answers=f"<{mail.message_id}>"))
    ticket = mailroom.ticket(came.ticket_id)
    assert (ticket.queue.name, ticket.invoice_id) == ("Billing", invoice.id)
    assert f'href="/tickets/{ticket.number}"' in agent.get(f"/invoices/{invoice.id}").text
    assert f'href="/invoices/{invoice.id}"' in agent.get(f"/tickets/{ticket.number}").text


def test_the_invoice_names_the_ticket_that_an_answer_was_merged_into(sign_in, mailroom, cast, sent):
    invoice, agent = sent("100"), sign_in("agent")
    (mail,) = mailroom.outbox
    other = mailroom.receive(letter("Something else.", subject="Projector")).ticket_id
    answer = mailroom.receive(letter("Paid.", subject=f"Re: {mail.subject}", answers=f"<{mail.message_id}>")).ticket_id
    merging.merge(answer, other, Actor(user_id=cast.tom.id))
    db.session.commit()
    page = agent.get(f"/invoices/{invoice.id}").text
    assert f'href="/tickets/{other}"' in page and f'href="/tickets/{answer}"' not in page


def test_a_recurring_one_is_mailed_by_itself_or_says_why_not(mailroom, cast, flat_rate):
    flat_rate(today(), sends=True)
    assert make_due(send_by_itself) == 1
    assert [mail.subject for mail in mailroom.outbox] == ["Invoice 2026-0001 from Northwind IT"]
    choices.tell(cast.dana.id, set())
    flat_rate(today(), sends=True, name="Another")
    assert make_due(send_by_itself) == 1
    assert len(mailroom.outbox) == 1
    words = "Not sent: no contact of the client is told of invoices."
    assert words in db.session.scalars(db.select(InvoiceEvent.words)).all()


def test_a_bounce_stands_on_the_invoice_and_keeps_the_next_one_back(sign_in, mailroom, cast, sent):
    invoice, agent = sent("100"), sign_in("agent")
    (mail,) = mailroom.outbox
    mail.status = "sent"
    mail.results = {"dana@harbor-dental.example": {"state": "sent", "words": ""}}
    db.session.commit()
    mailroom.receive(report(mail, "dana@harbor-dental.example", "5.1.1", "550 no such user").encode())
    page = agent.get(f"/invoices/{invoice.id}").text
    assert "Came back" in page and "no such user" in page
    assert "Mail to dana@harbor-dental.example came back" in page
    assert addresses.suppressed(["dana@harbor-dental.example"])
    assert "1 invoice reached nobody" in agent.get("/dashboard").text
    assert "Nothing is sent to dana@harbor-dental.example" in agent.get(f"/invoices/{invoice.id}/mails/new").text


def test_who_calls_the_mail_spam_is_named_on_the_invoice(sign_in, mailroom, cast, sent):
    invoice, agent = sent("100"), sign_in("agent")
    (mail,) = mailroom.outbox
    mail.status = "sent"
    mail.results = {"dana@harbor-dental.example": {"state": "sent", "words": ""}}
    db.session.commit()
    mailroom.receive(complaint(mail).encode())
    page = agent.get(f"/invoices/{invoice.id}").text
    assert '<span class="pill bad">Called spam</span>' in page
    assert "its owner reported our mail as spam" in page
    assert "dana@harbor-dental.example reported the mail as spam" in page


def test_an_answer_that_a_filter_calls_spam_is_marked_on_the_invoice(sign_in, mailroom, sent):
    invoice, agent = sent("100"), sign_in("agent")
    (mail,) = mailroom.outbox
    came = mailroom.receive(letter("Paid.", answers=f"<{mail.message_id}>"))
    assert mailroom.ticket(came.ticket_id).invoice_id == invoice.id
    assert "Filter says spam" not in agent.get(f"/invoices/{invoice.id}").text
    mailroom.receive(letter("Paid twice.", answers=f"<{mail.message_id}>", X_Spam_Flag="YES"))
    assert "Filter says spam" in agent.get(f"/invoices/{invoice.id}").text


def test_an_answer_that_is_held_stands_on_the_invoice_until_somebody_decides(sign_in, mailroom, cast, sent):
    invoice, other, agent = sent("100"), sent("50"), sign_in("agent")
    cast.inbound.spam = "hold"
    db.session.commit()
    about = {mail.invoice_id: mail for mail in mailroom.outbox}
    came = mailroom.receive(letter("Paid.", answers=f"<{about[invoice.id].message_id}>", X_Spam_Flag="YES"))
    assert came.status == "held"
    page = agent.get(f"/invoices/{invoice.id}").text
    assert f'An answer is held: <a href="/mail/inbound/{came.id}">look</a>' in page
    assert f'is held: <a href="/mail/inbound/{came.id}">{came.reason}</a>' in page.partition("History")[2]
    assert "is held" not in agent.get(f"/invoices/{other.id}").text

    ticket_id = convert(came.id).ticket_id
    page = agent.get(f"/invoices/{invoice.id}").text
    assert "is held" not in page and f'href="/tickets/{ticket_id}"' in page


def test_everybody_gets_a_mail_of_their_own_and_a_credit_note_its_own_words(mailroom, cast, sent):
    ben = db.session.get_one(Contact, make_contact("ben@harbor-dental.example", "Ben Ito", cast.harbor.id))
    invoice = sent("100")
    note = issue(credit(invoice, cast.tom.id), cast.tom.id)
    mails = send_invoice(note, [cast.dana, ben])
    db.session.commit()
    assert [mail.recipients for mail in mails] == [["dana@harbor-dental.example"], ["ben@harbor-dental.example"]]
    assert mails[0].subject == "Credit note C2026-0001 from Northwind IT"
    text = mailroom.text(db.session.get_one(OutboundEmail, mails[1].id))
    assert "Hello Ben" in text and "for our invoice 2026-0001" in text.replace("\n", " ")


def test_a_draft_that_somebody_changes_in_this_moment_does_not_leave(mailroom, cast, make_draft):
    invoice = make_draft("100")
    shown = invoice.revision
    # Another one saves after the invoice was read for this press.
    db.session.execute(db.update(Invoice.__table__).values(revision=shown + 1))
    assert invoice.revision == shown
    with pytest.raises(NotSent, match="Somebody has changed it since you opened it"):
        issue_and_send(invoice, [cast.dana], shown, cast.tom.id)
    db.session.rollback()
    assert not mailroom.outbox


def test_an_invoice_that_cannot_be_drawn_is_not_issued_and_the_page_says_why(sign_in, mailroom, cast, make_draft):
    cast.harbor.billing_address = "word " * 5000
    invoice, agent = make_draft("100"), sign_in("agent")
    answer = press_send(agent, invoice, cast.dana.id)
    assert (answer.status_code, "cannot be drawn: an address" in answer.text) == (422, True)
    assert db.session.get_one(Invoice, invoice.id, populate_existing=True).is_draft and not mailroom.outbox
    path = f"/invoices/{invoice.id}"
    assert agent.get(f"{path}.pdf").headers["Location"] == path
    assert "cannot be drawn: an address" in agent.get(path).text


def test_while_its_pdf_is_drawn_others_can_write_and_a_number_they_take_is_not_given_twice(
    mailroom, cast, make_draft, monkeypatch
):
    mine, other = make_draft("100"), make_draft("50")
    draw, waiting = pdf.pdf_of, [other]

    def slowly(document):
        while waiting:
            assert not db.session().in_transaction()
            issue(waiting.pop(), cast.tom.id)
            db.session.commit()
        return draw(document)

    monkeypatch.setattr(pdf, "pdf_of", slowly)
    [email] = issue_and_send(mine, [cast.dana], mine.revision, cast.tom.id)
    db.session.commit()
    assert (other.number, mine.number) == ("2026-0001", "2026-0002")
    assert "2026-0002" in words_in(pdf_of_invoice(mine)) and "2026-0001" not in words_in(pdf_of_invoice(mine))
    assert email.invoice_id == mine.id


def test_a_recurring_one_too_is_drawn_once_and_while_others_can_write(mailroom, cast, flat_rate, monkeypatch):
    flat_rate(today(), sends=True)
    draw, drawn = pdf.pdf_of, []

    def watched(document):
        assert not db.session().in_transaction()
        drawn.append(document.number)
        return draw(document)

    monkeypatch.setattr(pdf, "pdf_of", watched)
    assert make_due(send_by_itself) == 1
    (email,) = mailroom.outbox
    made = db.session.get_one(Invoice, email.invoice_id)
    assert drawn == [made.number] == ["2026-0001"] and "2026-0001" in words_in(pdf_of_invoice(made))


def test_who_is_stopped_while_it_is_drawn_has_a_draft_and_no_number_is_lost(mailroom, cast, make_draft, monkeypatch):
    invoice = make_draft("100")

    def killed(document):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pdf, "pdf_of", killed)
        with pytest.raises(KeyboardInterrupt):
            issue_and_send(invoice, [cast.dana], invoice.revision, cast.tom.id)
    db.session.rollback()
    assert invoice.is_draft and invoice.number is None and mailroom.outbox == []
    issue_and_send(invoice, [cast.dana], invoice.revision, cast.tom.id)
    db.session.commit()
    assert invoice.number == "2026-0001" and "2026-0001" in words_in(pdf_of_invoice(invoice))


def test_what_is_drawn_ahead_is_drawn_once(mailroom, cast, make_draft, monkeypatch):
    invoice, draw, drawn = make_draft("100"), pdf.pdf_of, []
    monkeypatch.setattr(pdf, "pdf_of", lambda document: drawn.append(document) or draw(document))
    issue_and_send(invoice, [cast.dana], invoice.revision, cast.tom.id)
    db.session.commit()
    issue_and_send(invoice, [cast.dana], invoice.revision, cast.tom.id)
    assert len(drawn) == 1
