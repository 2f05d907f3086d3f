"""Getting into a ticket that is not one's own."""

from __future__ import annotations

from psa import signing
from psa.extensions import db
from psa.mail.outbound import signed_addresses
from psa.mail.outbound.compose import new_message_id
from psa.tickets import notifications, operations
from psa.tickets.operations import Actor, Said
from psa.tickets.watchers import watching_contacts
from tests.mailroom import letter
from tests.security.attempt import Chapter
from tests.security.world import DANA, DANAS, EVE, FIRST, INTERNAL, RUBEN, World, fails, passes

ATTEMPTS = Chapter("Getting into a ticket")
HERS = passes("evil.example")
VEGAS = passes("vega-logistics.example")


def kept_out(world: World, sender: str = EVE, verdict: str = HERS, text: str = "Let me in.", **headers: str) -> str:
    """Filed as a ticket of its own; nothing is said on any other, and nothing of another is told."""
    email = world.receive(
        letter(text, sender=sender, **{"subject": "Hello", **headers}, Authentication_Results=verdict)
    )
    world.untouched()
    assert all(mail.ticket_id != DANAS for mail in world.mailed())
    return world.got(email)


@ATTEMPTS.add("A number in the subject", "[#1], by somebody whom nobody knows")
def number(world: World) -> str:
    return kept_out(world, subject=f"Re: Projector [#{DANAS}]")


@ATTEMPTS.add("All numbers one after the other", "[#1] to [#20]")
def numbers(world: World) -> str:
    for guess in range(1, 20):
        kept_out(world, subject=f"Re: [#{guess}]", text=f"Guess {guess}.")
    return kept_out(world, subject="Re: [#20]", text="The last guess.")


@ATTEMPTS.add("A number in other digits", "[#\uff11], [#-1], [#99999999999999999999]")
def odd_numbers(world: World) -> str:
    for odd in ("[#\uff11]", "[#-1]", "[#99999999999999999999]"):
        told = kept_out(world, subject=f"Re: {odd}", text=odd)
    return told


@ATTEMPTS.add("A client in another client’s ticket", "[#1], by a proven contact of another client")
def other_client(world: World) -> str:
    return kept_out(world, RUBEN, VEGAS, subject=f"Re: Projector [#{DANAS}]")


@ATTEMPTS.add("The contact’s From, and the number", "both are known to everybody; our server says that DMARC fails")
def forged_and_number(world: World) -> str:
    return kept_out(world, DANA, fails("harbor-dental.example"), subject=f"Re: Projector [#{DANAS}]")


@ATTEMPTS.add("The contact’s From, and a stolen Message-ID", "as whoever has got one of our mails to her can do")
def forged_and_stolen(world: World) -> str:
    email = world.forge(DANA, subject="Re: Projector", answers=world.answer_id)
    assert (email.ticket_id, email.trust) == (DANAS, "failed")
    assert world.mailed() == []
    return world.got(email)


def copied_in(world: World, **headers: str) -> str:
    """A mail in the contact's name that copies Eve in gets onto the ticket, and Eve gets no answer of ours."""
    world.cast.support.cc_people = "all"
    db.session.commit()
    email = world.receive(letter("Any news?", sender=DANA, Cc=EVE, **headers))
    assert email.ticket_id == DANAS
    assert watching_contacts(DANAS) == []
    comment_id = operations.add_reply(DANAS, Said("Yes."), Actor(user_id=world.cast.mara.id), then="waiting")
    notifications.reply_added(comment_id)
    db.session.commit()
    assert world.outbox[-1].recipients == ["dana@harbor-dental.example"]
    nobody = next(step["detail"] for step in email.trace if (step["step"], step["verdict"]) == ("Watchers", "Nobody"))
    return f"{world.got(email)} Nobody is copied in: {nobody}."


@ATTEMPTS.add("The contact’s From, and herself in Cc", "a stolen Message-ID; the queue lets everybody in Cc follow")
def forged_and_copied_in(world: World) -> str:
    return copied_in(
        world, subject="Re: Projector", answers=world.answer_id, Authentication_Results=fails("harbor-dental.example")
    )


@ATTEMPTS.add("The contact’s From, unchecked, and herself in Cc", "by the number alone; no server has checked it")
def unchecked_and_copied_in(world: World) -> str:
    return copied_in(world, subject=f"Re: Projector [#{DANAS}]")


@ATTEMPTS.add("An invented Message-ID in our style", "t1.….…@northwind.example in References")
def invented_id(world: World) -> str:
    return kept_out(world, answers=f"<t{DANAS}.0123456789ab.aaaaaaaaaaaaaaaa@northwind.example>")


@ATTEMPTS.add("Our signature on another number", "the signature of #2’s mail before the number 1")
def moved_signature(world: World) -> str:
    stolen = new_message_id(2, "northwind.example").replace("t2.", f"t{DANAS}.", 1)
    return kept_out(world, RUBEN, VEGAS, answers=f"<{stolen}>")


@ATTEMPTS.add("A stolen Message-ID of ours", "of a mail that Eve has seen, in References and In-Reply-To")
def stolen_id(world: World) -> str:
    return kept_out(world, answers=world.answer_id)


@ATTEMPTS.add("A stolen Message-ID of ours, by another client", "Ruben has been shown the mail")
def stolen_id_by_a_client(world: World) -> str:
    return kept_out(world, RUBEN, VEGAS, answers=world.answer_id)


@ATTEMPTS.add("A stolen Message-ID of the contact’s", "that of the mail which opened the ticket")
def stolen_first_id(world: World) -> str:
    return kept_out(world, answers=FIRST)


@ATTEMPTS.add("A stolen Message-ID among many", "the right one behind two hundred others")
def many_ids(world: World) -> str:
    others = " ".join(f"<{number}@evil.example>" for number in range(200))
    return kept_out(world, References=f"{others} {world.answer_id}")


@ATTEMPTS.add("A forged reply address", "support+t1.aaaaaaaaaaaaaaaa@northwind.example")
def forged_address(world: World) -> str:
    return kept_out(world, to=f"support+t{DANAS}.aaaaaaaaaaaaaaaa@northwind.example")


@ATTEMPTS.add("The return address as a reply address", "the signature of +b1 behind +t1")
def other_purpose(world: World) -> str:
    address = signed_addresses.return_address("support@northwind.example", DANAS).replace("+b", "+t")
    return kept_out(world, to=address)


@ATTEMPTS.add("A stolen reply address", "the signed one, by somebody whom nobody knows")
def stolen_address(world: World) -> str:
    return kept_out(world, to=signed_addresses.reply_address("support@northwind.example", DANAS))


@ATTEMPTS.add(
    "The number of a signature that was made for something else", "signed as an address, used as a Message-ID"
)
def other_kind(world: World) -> str:
    stolen = signing.sign("address-t", str(DANAS))
    return kept_out(world, answers=f"<t{DANAS}.0123456789ab.{stolen}@northwind.example>")


@ATTEMPTS.add("A reference line in the body", "“Ticket #1 · ref …” with a signature of her own")
def reference_line(world: World) -> str:
    return kept_out(
        world, text=f"Let me in.\n\n> Ticket #{DANAS} · ref aaaaaaaaaaaaaaaa\n> ref:t{DANAS}.aaaaaaaaaaaaaaaa\n"
    )


@ATTEMPTS.add("Outlook’s conversation", "a Thread-Index and a Thread-Topic that were copied")
def thread_index(world: World) -> str:
    index = "AdxqF8oB3rJ5Q0mXTQ6h1b2Y3c4d5Q=="
    world.receive(
        letter(
            "One more thing.",
            subject="Screen",
            Authentication_Results=passes("harbor-dental.example"),
            Thread_Index=index,
        )
    )
    world.before = world.said()
    return kept_out(world, subject="Re: Screen", Thread_Index=index, Thread_Topic="Screen")


@ATTEMPTS.add("A contact’s mail swallowed", "Eve sends the same Message-ID first, with other words")
def swallowed(world: World) -> str:
    kept_out(world, message_id="<next@harbor-dental.example>")
    true = world.receive(
        letter(
            "The true one.",
            message_id="<next@harbor-dental.example>",
            Authentication_Results=passes("harbor-dental.example"),
        )
    )
    assert true.status == "filed"
    return f"The contact’s own mail is filed all the same. {world.got(true)}"


@ATTEMPTS.add("A mail of ours, sent again", "our Message-ID in Message-ID, with her words")
def our_id(world: World) -> str:
    return kept_out(world, message_id=world.answer_id)


@ATTEMPTS.add("An internal ticket, as a stranger", "with its number and a stolen Message-ID of it")
def internal(world: World) -> str:
    stolen = new_message_id(INTERNAL, "northwind.example")
    return kept_out(world, subject=f"Re: [#{INTERNAL}]", answers=f"<{stolen}>")


@ATTEMPTS.add("An internal ticket, in the name of a contact", "unproven, with a stolen Message-ID of it")
def internal_as_a_contact(world: World) -> str:
    stolen = new_message_id(INTERNAL, "northwind.example")
    return kept_out(world, DANA, "mx.evil.example; dmarc=pass", answers=f"<{stolen}>")
