"""Acting as one of the firm's own users."""

from __future__ import annotations

from collections.abc import Callable

import dkim
from flask import current_app

from psa.extensions import db
from psa.mail.inbound import signatures
from psa.mail.models import InboundEmail
from psa.mail.outbound import dkim_keys
from tests.mailroom import letter
from tests.nameserver import Nameserver
from tests.security.attempt import Chapter
from tests.security.world import DANA, DANAS, EVE, OURS, TOM, World, fails, passes, raw, results, wire

ATTEMPTS = Chapter("Acting as one of us")
NORTHWIND = "northwind.example"
ORDERS = "#close\n#assign me\nPay to another account."


def powerless(world: World, sender: str, verdict: str, text: str = ORDERS, **headers: str) -> str:
    """It changes no ticket, nothing is said in anybody's name, and no mail leaves."""
    headers = {"subject": "Re: Projector", "answers": world.answer_id, **headers}
    email = world.receive(letter(text, sender=sender, Authentication_Results=verdict, **headers))
    return nothing_done(world, email)


def nothing_done(world: World, email: InboundEmail) -> str:
    world.untouched()
    ticket = world.ticket(DANAS)
    assert (ticket.status, ticket.assignee) == ("waiting", None)
    assert world.mailed() == []
    return world.got(email)


@ATTEMPTS.add("The From of a user", "answers our notice with commands; our server says that DMARC fails")
def forged(world: World) -> str:
    return powerless(world, TOM, fails(NORTHWIND))


@ATTEMPTS.add("The From of a user, unchecked", "our server says nothing, and there is no signature")
def unchecked(world: World) -> str:
    return powerless(world, TOM, "mx.evil.example; dmarc=pass header.from=northwind.example")


@ATTEMPTS.add("The From of a user with her own signature", "dkim=pass for evil.example, which is not his domain")
def other_signature(world: World) -> str:
    return powerless(world, TOM, f"{OURS}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example")


@ATTEMPTS.add(
    "A signature of a domain that ends like his",
    "dkim=pass for northwind.example.evil.example and evilnorthwind.example",
)
def similar_signature(world: World) -> str:
    said = f"{OURS}; dkim=pass header.d=northwind.example.evil.example; dkim=pass header.d=evilnorthwind.example"
    return powerless(world, TOM, said)


@ATTEMPTS.add("A signature that was never made", "a DKIM-Signature header in his domain’s name, without a key")
def invented_signature(world: World) -> str:
    covers = "from:to:subject:date:message-id:in-reply-to:references:content-type"
    signature = f"v=1; a=rsa-sha256; d=northwind.example; s=x; h={covers}; bh=YWJj; b=YWJj"
    return powerless(world, TOM, "mx.evil.example; dmarc=pass", DKIM_Signature=signature)


@ATTEMPTS.add("His name at her address", "Tom Okafor <eve@evil.example>, proven")
def his_name(world: World) -> str:
    return powerless(world, "Tom Okafor <eve@evil.example>", passes("evil.example"))


@ATTEMPTS.add("His address as her name", '"tom@northwind.example" <eve@evil.example>, proven')
def his_address_as_name(world: World) -> str:
    return powerless(world, '"tom@northwind.example" <eve@evil.example>', passes("evil.example"))


@ATTEMPTS.add("A domain like ours", "tom@n0rthwind.example, proven")
def like_ours(world: World) -> str:
    return powerless(world, "Tom Okafor <tom@n0rthwind.example>", passes("n0rthwind.example"))


@ATTEMPTS.add("Two From lines, his and hers", "her domain is proven")
def two_from_lines(world: World) -> str:
    before = results(passes("evil.example")) + f"From: {EVE}\r\nIn-Reply-To: {world.answer_id}\r\n"
    return nothing_done(world, world.receive(raw(TOM, ORDERS, before=before, subject="Re: Projector")))


@ATTEMPTS.add("He in Sender and Reply-To", "From is hers and proven")
def sender_header(world: World) -> str:
    return powerless(world, EVE, passes("evil.example"), Sender=TOM, Reply_To=TOM)


@ATTEMPTS.add("A mail of his that he wrote to somebody else", "truly his, sent on by whoever has it; we stand in Bcc")
def sent_on(world: World) -> str:
    return powerless(world, TOM, passes(NORTHWIND), to="eve@evil.example")


def replayed(world: World, changed: Callable[[bytes], bytes], **headers: str) -> str:
    """What comes of a mail that Tom truly wrote and signed, when Eve changes what his signature leaves open. No server
    has checked it, so we do.
    """
    key = dkim_keys.make_key(NORTHWIND)
    db.session.commit()
    record, secret = dkim_keys.public_half(key).record, dkim_keys.signing.unseal(key.sealed_key).encode()
    true = wire(letter("Pay to another account.", sender=TOM, subject="Contract", **headers))
    covered = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type"]
    raw = dkim.sign(true, key.selector.encode(), key.domain.encode(), secret, include_headers=covered) + true
    with Nameserver() as server:
        server.txt(record.name, record.value)
        current_app.extensions["psa.dns"] = server.dns
        assert signatures.check(raw, NORTHWIND).by == NORTHWIND
        return nothing_done(world, world.receive(changed(raw)))


@ATTEMPTS.add("A signed mail of his, made an answer", "truly his, to us; she adds In-Reply-To, which he has not signed")
def made_an_answer(world: World) -> str:
    return replayed(world, lambda raw: f"In-Reply-To: {world.answer_id}\r\n".encode() + raw)


@ATTEMPTS.add(
    "A signed mail of his, addressed anew", "truly his, to her; she writes our address into Cc, and the answer"
)
def addressed_anew(world: World) -> str:
    added = f"Cc: support@northwind.example\r\nReferences: {world.answer_id}\r\n".encode()
    return replayed(world, lambda raw: added + raw, to="eve@evil.example")


@ATTEMPTS.add("A signed mail of his with a second subject", "truly his, to us; [#1] stands in an unsigned line above")
def second_subject(world: World) -> str:
    return replayed(world, lambda raw: f"Subject: Re: Projector [#{DANAS}]\r\n".encode() + raw)


@ATTEMPTS.add("A second subject that our server lets pass", "dkim=pass for his domain; [#1] stands in a line above")
def second_subject_passed(world: World) -> str:
    true = wire(letter("Pay.", sender=TOM, subject="Contract", Authentication_Results=passes(NORTHWIND)))
    return nothing_done(world, world.receive(f"Subject: Re: Projector [#{DANAS}]\r\n".encode() + true))


@ATTEMPTS.add("Our server’s verdict, written by her", "below the line by which our server took the mail in from hers")
def verdict_below(world: World) -> str:
    before = (
        f"Received: from evil.example (evil.example [198.51.100.9]) by {OURS} with ESMTP id 1; "
        "Mon, 23 Nov 2026 09:00:01 +0100\r\n"
        "Received: from laptop by evil.example; Mon, 23 Nov 2026 09:00:00 +0100\r\n"
        f"{results(passes(NORTHWIND))}In-Reply-To: {world.answer_id}\r\n"
    )
    return nothing_done(world, world.receive(raw(TOM, ORDERS, before=before, subject="Re: Projector")))


@ATTEMPTS.add(
    "Our server’s verdict, written by her, where it bears another name", "below the line that tells of her address"
)
def verdict_below_another_name(world: World) -> str:
    before = (
        "Received: from evil.example (evil.example [198.51.100.9]) by in7.hosting.example with ESMTP id 1; "
        "Mon, 23 Nov 2026 09:00:01 +0100\r\n"
        "Received: from laptop by evil.example; Mon, 23 Nov 2026 09:00:00 +0100\r\n"
        f"{results(passes(NORTHWIND))}In-Reply-To: {world.answer_id}\r\n"
    )
    return nothing_done(world, world.receive(raw(TOM, ORDERS, before=before, subject="Re: Projector")))


@ATTEMPTS.add("Microsoft’s verdict, written by her", "right below the line by which Microsoft took the mail in")
def verdict_of_microsoft(world: World) -> str:
    world.cast.inbound.authserv = ".protection.outlook.com"
    db.session.commit()
    before = (
        "Received: from evil.example (198.51.100.9) by DB5EUR03FT.mail.protection.outlook.com with SMTP id 1; "
        "Mon, 23 Nov 2026 09:00:01 +0000\r\n"
        f"{results(f'dkim=pass header.d={NORTHWIND};dmarc=pass action=none')}In-Reply-To: {world.answer_id}\r\n"
    )
    return nothing_done(world, world.receive(raw(TOM, ORDERS, before=before, subject="Re: Projector")))


@ATTEMPTS.add("His vacation notice", "truly his, with her commands quoted at its top")
def vacation(world: World) -> str:
    return powerless(world, TOM, passes(NORTHWIND), Auto_Submitted="auto-replied")


@ATTEMPTS.add("Somebody who has left", "proven, but the user is switched off")
def has_left(world: World) -> str:
    world.cast.tom.active = False
    db.session.commit()
    return powerless(world, TOM, passes(NORTHWIND))


def forwarded(author: str, text: str) -> str:
    head = f"From: {author}\nDate: Mon, 23 Nov 2026 at 08:00\nSubject: Hi\n"
    return f"---------- Forwarded message ---------\n{head}\n{text}\n"


def answered_by_tom(world: World, text: str) -> str:
    """What Tom truly answers to a client's mail that holds commands."""
    world.receive(
        letter(
            "#close\n#priority urgent\nPlease.",
            answers=world.answer_id,
            Authentication_Results=passes("harbor-dental.example"),
        )
    )
    assert world.ticket(DANAS).status == "open"
    email = world.receive(
        letter(
            text, sender=TOM, subject="Re: Projector", answers=world.answer_id, Authentication_Results=passes(NORTHWIND)
        )
    )
    ticket = world.ticket(DANAS)
    assert (ticket.status, ticket.priority, email.status) == ("waiting", "normal", "filed")
    return str(email.reason) + "; no command is carried out."


@ATTEMPTS.add("Commands in a client’s mail", "#close at its top")
def clients_commands(world: World) -> str:
    email = world.receive(
        letter(
            "#close\n#assign me\nPlease.",
            answers=world.answer_id,
            Authentication_Results=passes("harbor-dental.example"),
        )
    )
    ticket = world.ticket(DANAS)
    assert (ticket.status, ticket.assignee) == ("open", None)
    return world.got(email)


@ATTEMPTS.add("Commands that he quotes", "the client’s #close below his answer, behind >")
def quoted_commands(world: World) -> str:
    return answered_by_tom(world, "I look at it.\n\nOn Mon, Dana wrote:\n> #close\n> #priority urgent\n> Please.\n")


@ATTEMPTS.add("Commands that he quotes above his answer", "the quotation comes first")
def quoted_above(world: World) -> str:
    return answered_by_tom(
        world, "On Mon, 23 Nov 2026, Dana wrote:\n> #close\n> #priority urgent\n> Please.\n\nI look at it.\n"
    )


@ATTEMPTS.add("Commands that his program quotes without a mark", "as Outlook does")
def unmarked_commands(world: World) -> str:
    quoted = (
        f"From: {DANA}\nSent: Monday, 23 November 2026 09:00\nTo: support@northwind.example\nSubject: Projector\n\n"
    )
    return answered_by_tom(world, f"I look at it.\n\n{quoted}#close\n#priority urgent\nPlease.\n")


@ATTEMPTS.add(
    "A client’s mail that he passes on, with commands in it", "truly his forward; #close in what the client wrote"
)
def forwarded_commands(world: World) -> str:
    text = forwarded(EVE, "#close\n#assign me\nHi.")
    email = world.receive(letter(text, sender=TOM, subject="Fwd: Hi", Authentication_Results=passes(NORTHWIND)))
    assert email.ticket is not None
    assert (email.ticket.status, email.ticket.assignee) == ("new", None)
    return world.got(email)


@ATTEMPTS.add("A forward in his name", "a forged one, so that a ticket of the contact says what Eve likes")
def forged_forward(world: World) -> str:
    text = "See below.\n\n" + forwarded(DANA, "Pay.")
    email = world.receive(letter(text, sender=TOM, subject="Fwd: Hi", Authentication_Results=fails(NORTHWIND)))
    assert email.ticket is None
    return nothing_done(world, email)


@ATTEMPTS.add("A forward by a stranger", "hers, proven; the contact’s mail that it holds is invented")
def strangers_forward(world: World) -> str:
    text = "See below.\n\n" + forwarded(DANA, "Pay.")
    email = world.receive(letter(text, sender=EVE, subject="Fwd: Hi", Authentication_Results=passes("evil.example")))
    assert email.ticket is not None
    assert email.ticket.requester != world.cast.dana
    return nothing_done(world, email)


@ATTEMPTS.add("The mailbox’s own address in From", "support@northwind.example")
def own_address(world: World) -> str:
    return powerless(world, "Northwind Support <support@northwind.example>", fails(NORTHWIND))
