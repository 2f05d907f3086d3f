"""Smuggling headers and addresses through names, subjects and files."""

from __future__ import annotations

from psa.extensions import db
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from tests.mailroom import letter
from tests.security.attempt import Chapter
from tests.security.world import World, passes, raw, results

ATTEMPTS = Chapter("Smuggling headers into our mail")
BREAK = "=0D=0ABcc:_victim@elsewhere.example"


def answered_cleanly(world: World, mail: bytes) -> str:
    """Our answer has one To, no Bcc, and goes to one address; its header lines are ours alone."""
    email = world.receive(mail)
    assert email.ticket_id is not None
    comment_id = operations.add_reply(email.ticket_id, Said("Hello."), Actor(user_id=world.cast.tom.id), then="open")
    notifications.reply_added(comment_id)
    db.session.commit()
    sent = world.outbox[-1]
    message = world.mailroom.read(sent)
    assert len(sent.recipients) == 1
    assert message["Bcc"] is None
    assert len(message.get_all("To")) == 1
    assert all("\n" not in str(value) and "\r" not in str(value) for value in message.values())
    return f"One line, one recipient: To: {message['To']}; Subject: {message['Subject']}."


@ATTEMPTS.add("A line break in the name", "=?utf-8?q?Eve=0D=0ABcc:_victim@…?= in From")
def in_the_name(world: World) -> str:
    sender = f"=?utf-8?q?Eve{BREAK}?= <eve@evil.example>"
    return answered_cleanly(world, raw(sender, before=results(passes("evil.example"))))


@ATTEMPTS.add("A line break in the subject", "=?utf-8?q?Hi=0D=0ABcc:_victim@…?=")
def in_the_subject(world: World) -> str:
    return answered_cleanly(world, raw("Eve <eve@evil.example>", subject=f"=?utf-8?q?Hi{BREAK}?="))


@ATTEMPTS.add("Other signs that end a line", "NUL, vertical tab, next line and line separator in name and subject")
def other_breaks(world: World) -> str:
    odd = "=00=0B=C2=85=E2=80=A8Bcc:_victim@elsewhere.example"
    sender = f"=?utf-8?q?Eve{odd}?= <eve@evil.example>"
    return answered_cleanly(world, raw(sender, subject=f"=?utf-8?q?Hi{odd}?="))


@ATTEMPTS.add("A second recipient in the name", '"Eve, victim@elsewhere.example" <eve@evil.example>')
def in_quotes(world: World) -> str:
    return answered_cleanly(world, raw('"Eve, <victim@elsewhere.example>," <eve@evil.example>'))


@ATTEMPTS.add("A line break in a Message-ID", "which our answer repeats in References")
def in_the_message_id(world: World) -> str:
    mail = raw("Eve <eve@evil.example>").replace(
        b"<forged@evil.example>", b"<forged@evil.example>\r\n\tBcc: victim@elsewhere.example"
    )
    return answered_cleanly(world, mail)


@ATTEMPTS.add("A line break in a file’s name", "filename*=utf-8''a%0D%0ASet-Cookie:%20x.txt, then fetched")
def in_a_file_name(world: World) -> str:
    mail = letter("See the file.", sender="Eve <eve@evil.example>")
    mail.add_attachment(b"x", maintype="text", subtype="plain", filename="a.txt")
    part = list(mail.iter_attachments())[0]
    part.replace_header("Content-Disposition", "attachment; filename*=utf-8''a%0D%0ASet-Cookie:%20x%22.txt")
    email = world.receive(mail)
    assert email.ticket is not None
    [file] = email.ticket.comments[0].attachments
    assert "\n" not in file.name
    assert "\r" not in file.name
    return f"The file is called “{file.name}”."
