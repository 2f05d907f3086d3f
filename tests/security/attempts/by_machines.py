"""Reports and answers of machines that never were."""

from __future__ import annotations

from email.message import EmailMessage

from psa.mail.outbound import addresses, signed_addresses
from tests.mailroom import letter
from tests.security.attempt import Chapter
from tests.security.world import DANAS, TOM, World, fails, passes, wire

ATTEMPTS = Chapter("Forging what machines say")
VICTIM = "dana@harbor-dental.example"
REPORT = """From: Mail Delivery System <MAILER-DAEMON@evil.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@evil.example>
Date: Mon, 23 Nov 2026 10:00:00 +0100
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{recipient}: user unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.evil.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: message/rfc822

From: support@northwind.example
To: {recipient}
Subject: Anything
Message-ID: {returned}

Anything.
--b--
"""


def report(world: World, returned: str, recipient: str = VICTIM, to: str = "support@northwind.example") -> str:
    """A forged bounce kills no address."""
    email = world.receive(REPORT.format(returned=returned, recipient=recipient, to=to).encode())
    assert addresses.suppressed([VICTIM]) == {}
    assert world.answer.status != "bounced"
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("A bounce of a mail that never was", "5.1.1 for the contact, with an invented Message-ID")
def invented_bounce(world: World) -> str:
    return report(world, "<anything@northwind.example>")


@ATTEMPTS.add("A bounce with a forged signature", "our style of Message-ID, signed by nobody")
def forged_signature(world: World) -> str:
    return report(world, f"<t{DANAS}.0123456789ab.aaaaaaaaaaaaaaaa@northwind.example>")


@ATTEMPTS.add("A bounce to a forged return address", "support+b1.aaaaaaaaaaaaaaaa@northwind.example")
def forged_return_address(world: World) -> str:
    to = f"support+b{world.answer.id}.aaaaaaaaaaaaaaaa@northwind.example"
    return report(world, "<anything@northwind.example>", to=to)


@ATTEMPTS.add("A bounce to a reply address", "the signature of +t1 behind +b1")
def other_purpose(world: World) -> str:
    to = signed_addresses.reply_address("support@northwind.example", world.answer.id).replace("+t", "+b")
    return report(world, "<anything@northwind.example>", to=to)


@ATTEMPTS.add("A bounce for somebody who was never written to", "a true Message-ID of ours that Eve has seen")
def other_recipient(world: World) -> str:
    returned, ruben = world.answer_id, "ruben@vega-logistics.example"
    text = REPORT.format(returned=returned, recipient=ruben, to="support@northwind.example")
    email = world.receive(text.encode())
    assert addresses.suppressed([ruben]) == {}
    assert email.status == "reported"
    return f"{world.got(email)} Whoever has got a mail can report it; it stands on the ticket, and one click clears it."


@ATTEMPTS.add("A bounce with a sentence about the contact", "no report, just words: “user unknown”")
def bounce_in_words(world: World) -> str:
    email = world.receive(
        letter(
            f"<{VICTIM}>: 550 5.1.1 user unknown",
            sender="MAILER-DAEMON@evil.example",
            subject="Undelivered Mail Returned to Sender",
            Auto_Submitted="auto-replied",
        )
    )
    assert addresses.suppressed([VICTIM]) == {}
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("A complaint that never was", "a feedback report about a mail that she invents")
def invented_complaint(world: World) -> str:
    text = REPORT.format(returned="<anything@northwind.example>", recipient=VICTIM, to="support@northwind.example")
    text = text.replace("report-type=delivery-status", "report-type=feedback-report")
    text = text.replace("message/delivery-status", "message/feedback-report")
    fields = "Feedback-Type: abuse\nVersion: 1\nUser-Agent: x\nOriginal-Rcpt-To: " + VICTIM
    text = text.replace("Reporting-MTA: dns; mx.evil.example", fields)
    email = world.receive(text.encode())
    assert addresses.suppressed([VICTIM]) == {}
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("A wave of our answers at a victim", "forty mails in the contact’s name, each wants a confirmation")
def reflected(world: World) -> str:
    world.cast.inbound.acknowledge = True
    for number in range(40):
        world.forge(f"Dana <{VICTIM}>", f"Mail {number}.", subject=f"Mail {number}")
    answers = [mail for mail in world.mailed() if VICTIM in mail.recipients]
    assert len(answers) <= 10
    return f"{len(answers)} of 40 were confirmed."


@ATTEMPTS.add("A command whose refusal goes to a victim", "an unknown command in the name of a user")
def reflected_refusal(world: World) -> str:
    email = world.forge(TOM, "#nonsense\nHello.", subject="Re: Projector", answers=world.answer_id)
    assert world.mailed() == []
    return world.got(email)


@ATTEMPTS.add("A mail in a mail", "a forged message, proven inside of an attached one")
def inner_verdict(world: World) -> str:
    inner = letter(Authentication_Results=passes("harbor-dental.example"))
    outer: EmailMessage = letter("See.", subject="Fwd: x", Authentication_Results=fails("harbor-dental.example"))
    outer.add_attachment(inner)
    email = world.receive(wire(outer))
    assert email.trust == "failed"
    world.untouched()
    return world.got(email)
