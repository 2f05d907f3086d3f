"""What reaches the server is signed as it is: through the queue, the transport, dots and long lines."""

from __future__ import annotations

import dkim

from psa.extensions import db
from psa.mail.deliverability.returned import looked_up
from psa.mail.outbound import dkim_keys
from psa.mail.outbound.deliver import deliver_due
from psa.mail.raw import raw_bytes
from tests.mail.outbound.conftest import account, queue

__all__ = ["account", "queue"]


def test_a_message_that_left_proves_itself_to_whoever_gets_it(account, queue, smtp_server, nameserver):
    key = dkim_keys.make_key(account.domain)
    dkim_keys.switch_on(key)
    db.session.commit()
    record = dkim_keys.public_half(key).record
    nameserver.txt(record.name, record.value)
    queue("Grüße\n.\n..dots\n" + "a long line " * 200)

    assert deliver_due() == 1

    [received] = smtp_server.received
    dns = nameserver.dns()
    assert dkim.verify(received.content, dnsfunc=lambda name, timeout=0: looked_up(name, dns))


def test_a_retry_sends_the_same_signature(account, queue, smtp_server, nameserver):
    dkim_keys.switch_on(dkim_keys.make_key(account.domain))
    db.session.commit()
    email = queue()
    smtp_server.answers["MESSAGE"] = ["451 4.3.0 try again"]
    deliver_due()
    email.next_attempt_at = email.queued_at
    account.paused_until = None
    db.session.commit()

    deliver_due()

    [received] = smtp_server.received
    assert received.content == raw_bytes(email.raw_id)
    assert received.content.startswith(b"DKIM-Signature:")
