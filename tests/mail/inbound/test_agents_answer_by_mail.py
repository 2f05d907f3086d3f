"""An agent answers a client from his own mail program: the client hears of it, commands are carried out, and nobody who
only writes his address into From gets that far.
"""

from __future__ import annotations

import pytest

from psa.auth.operations import create_user
from psa.clients.operations import make_contact
from psa.extensions import db
from psa.mail.fuse.incidents import open_incidents
from psa.mail.inbound import process
from psa.notifications.notices import tell_of_events
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from psa.tickets.watchers import copy_in
from tests.mailroom import letter

FIRST = "<first@harbor-dental.example>"
TOM = "Tom Okafor <tom@northwind.example>"
PASSES = "mx.northwind.example; dkim=pass header.d=northwind.example; dmarc=pass header.from=northwind.example"
FAILS = "mx.northwind.example; dkim=none; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=northwind.example"


@pytest.fixture
def answering(mailroom, cast):
    """Agents may answer by mail, and the mailbox believes its own server. Returns Dana's ticket with Tom's answer."""
    cast.inbound.authserv, cast.inbound.agents_may_answer = "mx.northwind.example", True
    db.session.commit()
    ticket = mailroom.receive(letter(message_id=FIRST)).ticket
    comment_id = operations.add_reply(ticket.id, Said("Does it light?"), Actor(user_id=cast.mara.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    return ticket.number


def from_tom(mailroom, text, *, verdict=PASSES, **headers):
    ours = mailroom.outbox[0].message_id
    headers.setdefault("subject", "Re: Projector")
    headers.setdefault("answers", f"<{ours}>")
    return letter(text, sender=TOM, **({"Authentication_Results": verdict} if verdict else {}), **headers)


def mailed(mailroom):
    """What has left since Mara's answer."""
    return [mail for mail in mailroom.outbox[1:] if mail.purpose in ("reply", "agent")]


def events(ticket):
    return [(event.kind, event.user.name if event.user else "") for event in ticket.events]


def test_his_answer_is_filed_as_his_and_mailed_to_the_client(mailroom, answering, cast):
    email = mailroom.receive(from_tom(mailroom, "Press the power button for five seconds."))

    ticket = mailroom.ticket(answering)
    assert (email.status, email.ticket_id, email.trust) == ("filed", answering, "proven")
    assert ticket.comments[-1].user == cast.tom
    assert ticket.comments[-1].body.strip() == "Press the power button for five seconds."
    assert ticket.status == "waiting"
    [sent] = mailed(mailroom)
    assert sent.recipients == ["dana@harbor-dental.example"]
    assert "Press the power button" in mailroom.text(sent)
    assert mailroom.read(sent)["From"] == "Northwind Support <support@northwind.example>"


def test_what_he_quotes_and_his_signature_do_not_go_to_the_client_again(mailroom, answering):
    text = (
        "Press the power button.\n\n-- \nTom Okafor\nDirect line 42\n\n"
        "On Mon, 23 Nov 2026 at 09:00, Northwind Support wrote:\n> Does it light?\n"
    )
    mailroom.receive(from_tom(mailroom, text))

    [sent] = mailed(mailroom)
    words = mailroom.text(sent)
    assert "Press the power button." in words
    assert "Does it light?" not in words
    assert "Direct line 42" not in words


def test_files_go_to_the_client_too(mailroom, answering):
    mail = from_tom(mailroom, "The manual.")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="manual.pdf")
    mailroom.receive(mail)

    [sent] = mailed(mailroom)
    assert [part.get_filename() for part in mailroom.read(sent).iter_attachments()] == ["manual.pdf"]
    assert [file.name for file in mailroom.ticket(answering).comments[-1].attachments] == ["manual.pdf"]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Projector [internal]", "She never reads manuals."),
        ("Re: Projector", "#note\nShe never reads manuals."),
        ("Re: Projector", "\n#internal\n\nShe never reads manuals."),
    ],
)
def test_an_internal_note_stays_with_us(mailroom, answering, subject, text):
    mailroom.receive(from_tom(mailroom, text, subject=subject))

    note = mailroom.ticket(answering).comments[-1]
    assert (note.kind, note.body.strip(), note.user.name) == ("note", "She never reads manuals.", "Tom Okafor")
    assert mailed(mailroom) == []


def test_commands_are_carried_out_and_taken_out_of_what_is_sent(mailroom, answering, cast):
    text = "#close\n#assign me\n#priority high\n#queue billing\n\nIt was the fuse."
    mailroom.receive(from_tom(mailroom, text))

    ticket = mailroom.ticket(answering)
    assert (ticket.status, ticket.assignee, ticket.priority) == ("closed", cast.tom, "high")
    assert ticket.queue == cast.billing
    assert ticket.comments[-1].body.strip() == "It was the fuse."
    assert {("status", "Tom Okafor"), ("assignee", "Tom Okafor"), ("priority", "Tom Okafor")} <= set(events(ticket))
    [sent] = [mail for mail in mailed(mailroom) if mail.purpose == "reply"]
    assert "#" not in mailroom.text(sent).replace(f"#{answering}", "")


def test_commands_alone_say_nothing_to_the_client(mailroom, answering, cast):
    email = mailroom.receive(from_tom(mailroom, "#assign mara@northwind.example\n#waiting"))

    ticket = mailroom.ticket(answering)
    assert (ticket.assignee, ticket.status) == (cast.mara, "waiting")
    assert len(ticket.comments) == 2
    assert [mail for mail in mailed(mailroom) if mail.purpose == "reply"] == []
    assert "#assign mara@northwind.example" in " ".join(step["detail"] for step in email.trace)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#shut\nIt was the fuse.", "There is no command #shut."),
        ("#assign nobody@northwind.example\nYours.", "#assign nobody@northwind.example: there is no such user."),
        ("#priority enormous\nHurry.", "There is no priority “enormous”."),
        ("#queue Nowhere\nThere.", "There is no queue “Nowhere”."),
        ("#close now please\nDone.", "#close stands alone on its line"),
    ],
)
def test_what_cannot_be_understood_is_held_and_its_writer_hears_of_it_once(mailroom, answering, text, why):
    email = mailroom.receive(from_tom(mailroom, text))
    process.process_again(email.id)

    assert email.status == "held"
    assert why in email.reason
    assert len(mailroom.ticket(answering).comments) == 2
    [told] = mailed(mailroom)
    assert (told.recipients, told.envelope_sender) == (["tom@northwind.example"], "")
    assert why in mailroom.text(told)
    assert mailroom.read(told)["Auto-Submitted"] == "auto-replied"


def test_a_hash_further_down_is_not_a_command(mailroom, answering):
    mailroom.receive(from_tom(mailroom, "Try this:\n#close\nand see."))

    assert mailroom.ticket(answering).status == "waiting"
    assert "#close" in mailroom.text(mailed(mailroom)[0])


def test_the_client_who_has_it_from_him_directly_does_not_get_it_twice(mailroom, answering, cast):
    mail = from_tom(mailroom, "I come at nine.", to="dana@harbor-dental.example")
    mail["Cc"] = "support@northwind.example"
    email = mailroom.receive(mail)

    assert mailed(mailroom) == []
    assert mailroom.ticket(answering).comments[-1].user == cast.tom
    assert "has from Tom Okafor already" in email.reason


def test_who_watches_gets_what_the_client_has_from_him_directly(mailroom, answering, cast):
    for address in ("petra@harbor-dental.example", "olga@harbor-dental.example"):
        contact_id = make_contact(address, "", cast.harbor.id)
        copy_in(answering, contact_id=contact_id, name=address, because="asked", by=Actor())
    db.session.commit()
    mail = from_tom(mailroom, "I come at nine.", to="dana@harbor-dental.example")
    mail["Cc"] = "support@northwind.example, olga@harbor-dental.example"
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="way.pdf")
    email = mailroom.receive(mail)

    [sent] = mailed(mailroom)
    assert sent.recipients == ["petra@harbor-dental.example"]
    assert "I come at nine." in mailroom.text(sent)
    assert [part.get_filename() for part in mailroom.read(sent).iter_attachments()] == ["way.pdf"]
    assert {"step": "Answer", "verdict": "Queued", "detail": "mailed to petra@harbor-dental.example"} in email.trace
    assert len(mailroom.ticket(answering).comments) == 3


def told_of_a_note(mailroom, answering, cast, app):
    """The notice that Tom gets of a note of Mara's on his ticket."""
    app.config["PSA_UNDO_SECONDS"] = 0
    operations.assign(answering, cast.tom.id, "Tom Okafor", Actor(user_id=cast.mara.id))
    db.session.commit()
    tell_of_events()
    operations.add_note(answering, Said("@Tom they have not paid since May."), Actor(user_id=cast.mara.id))
    db.session.commit()
    tell_of_events()
    return next(mail for mail in mailroom.outbox if mail.template == "user_new_note")


def test_an_answer_to_a_note_is_a_note(mailroom, answering, cast, app):
    notice = told_of_a_note(mailroom, answering, cast, app)
    assert "your answer is a note, too" in " ".join(mailroom.text(notice).split())
    email = mailroom.receive(from_tom(mailroom, "Stall them.", answers=f"<{notice.message_id}>"))

    note = mailroom.ticket(answering).comments[-1]
    assert (note.kind, note.body.strip(), note.user) == ("note", "Stall them.", cast.tom)
    assert email.reason == "An internal note on #1, as what it answers, by Tom Okafor"
    assert mailed(mailroom) == []


@pytest.mark.parametrize("command", ["#public", "#reply"])
def test_an_answer_to_a_note_goes_to_the_client_when_he_says_so(mailroom, answering, cast, app, command):
    notice = told_of_a_note(mailroom, answering, cast, app)
    mailroom.receive(from_tom(mailroom, f"{command}\nPlease pay.", answers=f"<{notice.message_id}>"))

    [sent] = mailed(mailroom)
    assert sent.recipients == ["dana@harbor-dental.example"]
    assert command not in mailroom.text(sent)


def test_an_answer_to_any_other_notice_goes_to_the_client(mailroom, answering, cast, app):
    told_of_a_note(mailroom, answering, cast, app)
    notice = next(mail for mail in mailroom.outbox if mail.template == "user_assigned")
    assert "your answer goes to the client" in " ".join(mailroom.text(notice).split())
    mail = from_tom(mailroom, "I come at nine.", answers=f"<{notice.message_id}>")
    mailroom.receive(mail)

    assert [sent.recipients for sent in mailed(mailroom)] == [["dana@harbor-dental.example"]]


def test_an_answer_to_a_notice_that_a_relay_gave_another_id_stays_with_us(mailroom, answering, cast, app):
    notice = told_of_a_note(mailroom, answering, cast, app)
    thread = mailroom.read(notice)["References"]
    mail = from_tom(mailroom, "Stall them.", answers="<0100018@relay.example>")
    del mail["References"]
    mail["References"] = f"{thread} <0100018@relay.example>"
    mailroom.receive(mail)

    assert mailroom.ticket(answering).comments[-1].kind == "note"
    assert mailed(mailroom) == []


def test_what_we_tell_him_of_mail_that_was_not_carried_out_comes_to_an_end(mailroom, answering):
    for number in range(12):
        email = mailroom.receive(from_tom(mailroom, f"#shut{'abcdefghijkl'[number]}\nIt was the fuse."))

    told = [mail for mail in mailed(mailroom) if mail.purpose == "agent"]
    assert 0 < len(told) <= 10
    assert email.status == "held"
    assert any(step["step"] == "Answer" and step["verdict"] == "None" for step in email.trace)
    assert open_incidents() != []


def test_whoever_watches_the_ticket_gets_it_too_unless_he_wrote_to_them(mailroom, answering, cast):
    for address in ("petra@harbor-dental.example", "olga@harbor-dental.example"):
        contact_id = make_contact(address, "", cast.harbor.id)
        copy_in(answering, contact_id=contact_id, name=address, because="asked", by=Actor())
    db.session.commit()
    mail = from_tom(mailroom, "I come at nine.")
    mail["Cc"] = "olga@harbor-dental.example"
    mailroom.receive(mail)

    [sent] = mailed(mailroom)
    assert sent.recipients == ["dana@harbor-dental.example", "petra@harbor-dental.example"]


def test_his_vacation_notice_never_acts(mailroom, answering):
    email = mailroom.receive(from_tom(mailroom, "I am away until Monday.", Auto_Submitted="auto-replied"))

    assert (email.status, email.reason) == ("ignored", "An automatic answer of Tom Okafor’s mail program")
    assert len(mailroom.ticket(answering).comments) == 2
    assert mailed(mailroom) == []


@pytest.mark.parametrize("verdict", [FAILS, "", "mx.evil.example; dmarc=pass header.from=northwind.example"])
def test_nobody_acts_who_only_writes_his_address(mailroom, answering, verdict):
    email = mailroom.receive(from_tom(mailroom, "#close\nPay to this account.", verdict=verdict))

    assert email.status == "held"
    assert email.reason.startswith("It claims to be Tom Okafor, and nothing proves it: ")
    assert mailroom.ticket(answering).status == "waiting"
    assert len(mailroom.ticket(answering).comments) == 2
    assert mailed(mailroom) == []


def test_while_the_switch_is_off_it_is_held_with_the_reason(mailroom, answering, cast):
    cast.inbound.agents_may_answer = False
    db.session.commit()
    email = mailroom.receive(from_tom(mailroom, "It was the fuse."))

    assert email.status == "held"
    assert email.reason == "It is from the address of Tom Okafor, and agents may not answer by mail here"


def test_somebody_who_has_left_is_nobody(mailroom, answering, cast):
    cast.tom.active = False
    db.session.commit()
    email = mailroom.receive(from_tom(mailroom, "It was the fuse."))

    assert all(comment.user != cast.tom for comment in mailroom.ticket(answering).comments)
    assert email.ticket_id != answering or mailed(mailroom) == []


def test_mail_of_his_that_was_not_meant_for_us_does_not_act(mailroom, answering):
    email = mailroom.receive(from_tom(mailroom, "#close", to="ines@elsewhere.example"))

    assert (email.status, email.reason) == ("held", "It is from Tom Okafor, but it is addressed to somebody else")


def test_what_he_asks_for_himself_is_a_ticket_like_anybodys(mailroom, answering):
    first = mailroom.receive(
        letter("My screen flickers.", sender=TOM, subject="Screen", Authentication_Results=PASSES, message_id="<t1@x>")
    )
    second = mailroom.receive(
        letter("Still.", sender=TOM, subject="Re: Screen", answers="<t1@x>", Authentication_Results=PASSES)
    )

    assert (first.status, second.status) == ("filed", "filed")
    assert second.ticket_id == first.ticket_id
    assert mailed(mailroom) == []


def test_a_backlog_mails_nothing_to_anybody(mailroom, answering, cast):
    from psa.mail.models import InboundEmail

    email = mailroom.receive(from_tom(mailroom, "#shut", subject="Re: Projector"))
    db.session.execute(db.update(InboundEmail).where(InboundEmail.id == email.id).values(backlog=True))
    db.session.commit()
    before = len(mailroom.outbox)
    process.process_again(email.id)

    assert len(mailroom.outbox) == before


def test_a_user_without_a_name_of_two_words_is_found_by_the_address(mailroom, answering, cast):
    ines = create_user("ines@northwind.example", "Ines", "a long winter in the north", "agent")
    db.session.commit()
    mailroom.receive(from_tom(mailroom, "#assign Ines"))

    assert mailroom.ticket(answering).assignee_id == ines.id
