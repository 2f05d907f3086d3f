"""Pretending to be a client's contact."""

from __future__ import annotations

from tests.mailroom import letter
from tests.security.attempt import Chapter
from tests.security.world import DANA, EVE, OURS, World, fails, passes, raw, results, wire

ATTEMPTS = Chapter("Pretending to be a client’s contact")
HARBOR = "harbor-dental.example"
GOOD = f"dkim=pass header.d={HARBOR}; dmarc=pass header.from={HARBOR}"


def marked(world: World, mail: bytes, *trusts: str) -> str:
    """Filed as a ticket of its own, with one of these marks, and none of the others was touched."""
    email = world.receive(mail)
    assert email.status == "filed", email.reason
    assert email.trust in trusts, (email.trust, email.trust_words)
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("The From of a contact", "our server finds that DMARC fails")
def forged_from(world: World) -> str:
    return marked(world, wire(letter(Authentication_Results=fails(HARBOR), subject="Invoice")), "failed")


@ATTEMPTS.add("The From of a contact, unchecked", "no server says anything about it")
def unchecked(world: World) -> str:
    return marked(world, wire(letter(subject="Invoice")), "unknown")


@ATTEMPTS.add("A verdict of another server", "Authentication-Results of mx.evil.example, with all passed")
def foreign_verdict(world: World) -> str:
    return marked(world, raw(DANA, before=results(f"mx.evil.example; {GOOD}")), "unknown")


@ATTEMPTS.add("A verdict in our server’s name below its own", "the true one, which fails, stands above")
def verdict_below(world: World) -> str:
    before = results(fails(HARBOR)) + "Received: from evil.example by mx\r\n" + results(f"{OURS}; {GOOD}")
    return marked(world, raw(DANA, before=before), "failed")


@ATTEMPTS.add("A verdict of a server that is called nearly like ours", f"{OURS}.evil.example, x-{OURS}")
def similar_server(world: World) -> str:
    before = results(f"{OURS}.evil.example; {GOOD}") + results(f"x-{OURS}; {GOOD}")
    return marked(world, raw(DANA, before=before), "unknown")


@ATTEMPTS.add("A verdict inside of our server’s", 'the envelope sender is "; dkim=pass …; dmarc=pass"@evil.example')
def quoted_verdict(world: World) -> str:
    said = f'{OURS}; spf=none (no record of "x) smtp.mailfrom="; {GOOD};"@evil.example; dkim=none'
    return marked(world, raw(DANA, before=results(said)), "unproven")


@ATTEMPTS.add("A verdict in a comment of our server’s", "the name that the sending machine gives holds parentheses")
def commented_verdict(world: World) -> str:
    said = f"{OURS}; spf=none (helo=a(b); {GOOD}) smtp.helo=evil.example"
    return marked(world, raw(DANA, before=results(said)), "unproven")


@ATTEMPTS.add("A proof for another domain", "Eve’s own domain is signed and passes, From is the contact’s")
def proof_of_another(world: World) -> str:
    said = f"{OURS}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example; dmarc=none"
    return marked(world, raw(DANA, before=results(said)), "unproven")


@ATTEMPTS.add("Two From lines, hers first", "our server checks hers, mail programs show the other")
def two_from_lines(world: World) -> str:
    return marked(world, raw(DANA, before=results(passes("evil.example")) + f"From: {EVE}\r\n"), "failed")


@ATTEMPTS.add("Two From lines, hers last", "the same the other way round")
def two_from_lines_reversed(world: World) -> str:
    return marked(world, raw(EVE, before=results(passes("evil.example")) + f"From: {DANA}\r\n"), "failed")


@ATTEMPTS.add("Two authors in one From", "dana@…, eve@…")
def two_authors(world: World) -> str:
    return marked(world, raw(f"{DANA}, {EVE}", before=results(passes("evil.example"))), "failed")


@ATTEMPTS.add("A group in From", "From: Dana: dana@…, eve@…;")
def group(world: World) -> str:
    sender = "Dana: dana@harbor-dental.example, eve@evil.example;"
    return marked(world, raw(sender, before=results(passes("evil.example"))), "failed")


@ATTEMPTS.add("A From with a folded second address", "the contact’s address in a comment, then hers")
def commented_address(world: World) -> str:
    sender = "(dana@harbor-dental.example)\r\n eve@evil.example"
    email = world.receive(raw(sender, before=results(passes("evil.example"))))
    assert email.sender_email == "eve@evil.example"
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("No address in From", "From: Dana Whitfield, and the contact’s address in Sender and Reply-To")
def no_address(world: World) -> str:
    before = f"Sender: {DANA}\r\nReply-To: {DANA}\r\n" + results(passes("evil.example"))
    return marked(world, raw("Dana Whitfield", before=before), "unproven", "failed")


@ATTEMPTS.add("The contact’s address as the name", '"dana@harbor-dental.example" <eve@evil.example>, and proven')
def address_as_name(world: World) -> str:
    sender = '"dana@harbor-dental.example" <eve@evil.example>'
    return marked(world, raw(sender, before=results(passes("evil.example"))), "doubtful")


@ATTEMPTS.add("The contact’s address as an encoded name", "=?utf-8?q?dana=40harbor-dental.example?= <eve@evil.example>")
def encoded_name(world: World) -> str:
    sender = "=?utf-8?q?dana=40harbor-dental.example?= <eve@evil.example>"
    return marked(world, raw(sender, before=results(passes("evil.example"))), "doubtful")


@ATTEMPTS.add("The contact’s address before the @", '"dana@harbor-dental.example"@evil.example')
def quoted_local_part(world: World) -> str:
    sender = '"dana@harbor-dental.example"@evil.example'
    email = world.receive(raw(sender, before=results(passes("evil.example"))))
    world.untouched()
    assert email.ticket is None or email.ticket.client != world.cast.harbor
    return world.got(email)


@ATTEMPTS.add("A domain with a digit for a letter", "dana@harb0r-dental.example, proven")
def similar_domain(world: World) -> str:
    sender = "Dana Whitfield <dana@harb0r-dental.example>"
    return marked(world, raw(sender, before=results(passes("harb0r-dental.example"))), "doubtful")


@ATTEMPTS.add("A domain with a Cyrillic letter", "dana@h\u0430rbor-dental.example, as it stands and as xn--…, proven")
def cyrillic_domain(world: World) -> str:
    encoded = "h\u0430rbor-dental".encode("idna").decode()
    sender = f"Dana Whitfield <dana@{encoded}.example>"
    marked(world, raw(sender, before=results(passes(f"{encoded}.example")), subject="One"), "doubtful")
    sender = "Dana Whitfield <dana@h\u0430rbor-dental.example>"
    return marked(world, raw(sender, before=results(passes("h\u0430rbor-dental.example"))), "doubtful")


@ATTEMPTS.add("A domain that begins like the contact’s", "dana@harbor-dental.example.evil.example, proven")
def domain_in_front(world: World) -> str:
    sender = "Dana Whitfield <dana@harbor-dental.example.evil.example>"
    return marked(world, raw(sender, before=results(passes("harbor-dental.example.evil.example"))), "doubtful")


@ATTEMPTS.add("A proof for a neighbour", "dkim=pass for eve.github.io; From is dana@harbor.github.io")
def neighbour(world: World) -> str:
    said = f"{OURS}; dkim=pass header.d=eve.github.io; spf=pass smtp.mailfrom=github.io"
    return marked(world, raw("Dana <dana@harbor.github.io>", before=results(said)), "unproven")


@ATTEMPTS.add("A name that turns the direction of writing", "its letters show as another address")
def turned_name(world: World) -> str:
    sender = "\u202emoc.latned-robrah@anad\u202c <eve@evil.example>"
    return marked(world, raw(sender, before=results(passes("evil.example"))), "doubtful")


@ATTEMPTS.add("The contact in Reply-To", "a web form’s From at her own proven domain, Reply-To: the contact")
def reply_to(world: World) -> str:
    before = results(passes("evil.example")) + f"Reply-To: {DANA}\r\n"
    email = world.receive(raw("Form <noreply@evil.example>", before=before))
    assert email.ticket is not None
    assert email.ticket.requester != world.cast.dana
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("Our own web form, unproven", "wordpress@northwind.example in From, Reply-To: the contact")
def forged_form(world: World) -> str:
    before = results(fails("northwind.example")) + f"Reply-To: {DANA}\r\n"
    email = world.receive(raw("Form <wordpress@northwind.example>", before=before))
    assert email.ticket is None or email.ticket.requester != world.cast.dana
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("A mailing list that says the contact wrote", "List-Id, X-Original-From and Reply-To, at her own domain")
def forged_list(world: World) -> str:
    before = (
        results(passes("evil.example"))
        + f"List-Id: <l.evil.example>\r\nX-Original-From: {DANA}\r\nReply-To: {DANA}\r\n"
    )
    email = world.receive(raw("Dana Whitfield via List <list@evil.example>", before=before))
    assert email.ticket is None or email.ticket.requester != world.cast.dana
    world.untouched()
    return world.got(email)


@ATTEMPTS.add("Answers led to her", "the contact’s From, and Reply-To: Eve")
def answers_to_eve(world: World) -> str:
    world.cast.inbound.acknowledge = True
    email = world.forge(DANA, subject="Invoice", Reply_To="eve@evil.example")
    assert all("eve@evil.example" not in mail.recipients for mail in world.outbox)
    world.untouched()
    return world.got(email)
