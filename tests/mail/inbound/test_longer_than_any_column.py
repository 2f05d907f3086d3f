"""What a mail brings may be of any length: names, addresses, subjects and identifiers are cut, and it is filed.

Only PostgreSQL refuses what does not fit: the whole file runs there too.
"""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.mail.message.structure.tree import MAX_DEPTH
from psa.tickets.models import Ticket

LONG = 5_000
HEAD = b"From: Dana <dana@harbor-dental.example>\r\nTo: support@firm.example\r\nSubject: Long\r\nMessage-ID: <a@b>\r\n"
FILE = b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\nThe plan.\r\n"


def nested(depth: int) -> bytes:
    """A file within that many multiparts, each behind a text of its own."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n\r\nText %d.\r\n--b%d\r\n" % (n, n, n, n)
        for n in range(depth)
    )
    closed = b"".join(b"--b%d--\r\n" % n for n in reversed(range(depth)))
    return HEAD + b"MIME-Version: 1.0\r\n" + opened + FILE + closed


def test_a_file_that_lies_as_deep_as_we_read_is_kept_and_can_be_fetched(mailroom, sign_in):
    email = mailroom.receive(nested(MAX_DEPTH - 1))
    assert email.status == "filed", email.reason
    [file] = db.session.get_one(Ticket, email.ticket_id).comments[0].attachments
    assert len(file.part) > 80
    assert sign_in().get(f"/attachments/{file.id}/{file.name}").data.strip() == b"The plan."


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (b"From", b'"' + b"D" * LONG + b'" <dana@harbor-dental.example>'),
        (b"From", b"d" * LONG + b"@harbor-dental.example"),
        (b"From", b"dana@" + b"harbor." * (LONG // 7) + b"example"),
        (b"Reply-To", b"d" * LONG + b"@harbor-dental.example"),
        (b"Subject", b"S" * LONG),
        (b"To", b", ".join(b"person%d@firm.example" % n for n in range(LONG // 10))),
        (b"Message-ID", b"<" + b"m" * LONG + b"@harbor-dental.example>"),
        (b"References", b" ".join(b"<%d@harbor-dental.example>" % n for n in range(LONG // 10))),
        (b"In-Reply-To", b"<" + b"m" * LONG + b"@harbor-dental.example>"),
        (b"List-Id", b"<" + b"l" * LONG + b".harbor-dental.example>"),
        (b"Delivered-To", b"d" * LONG + b"@firm.example"),
        (b"Auto-Submitted", b"auto-" + b"g" * LONG),
        (b"Content-Language", b"l" * LONG),
        (b"Content-Type", b"x" * LONG + b"/" + b"y" * LONG),
        (b"Content-Type", b"application/x; name=" + b"n" * LONG),
        (b"Content-Type", b"text/plain; charset=" + b"c" * LONG),
    ],
    ids=lambda value: value[:24].decode(),
)
def test_a_header_may_be_longer_than_any_column(mailroom, header, value):
    kept = [line for line in HEAD.splitlines() if not line.startswith(header + b":")]
    email = mailroom.receive(b"\r\n".join([*kept, header + b": " + value, b"", b"Hello."]))
    assert email.status in ("filed", "ignored", "held"), email.reason


@pytest.mark.parametrize("lines", [b"Content-ID: <%s@b>" % (b"i" * LONG), b"X: y; name=%s" % (b"n" * LONG)])
def test_so_may_those_of_a_file(mailroom, lines):
    raw = nested(1).replace(b"filename=plan.txt", b"filename=%s.txt\r\n%s" % (b"f" * LONG, lines))
    email = mailroom.receive(raw)
    assert email.status == "filed", email.reason
    assert db.session.get_one(Ticket, email.ticket_id).comments[0].attachments
