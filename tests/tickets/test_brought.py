"""What a mail brings beside its words is shown on its ticket: meetings, cards, signatures, pictures, marked links."""

from __future__ import annotations

import re
from email.message import EmailMessage

from tests.mailroom import letter

CALENDAR = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1
SUMMARY:Move of the <b>servers</b>
DTSTART:20261123T090000Z
DTEND:20261123T103000Z
RRULE:FREQ=WEEKLY;COUNT=3
LOCATION:Room 3
X-GOOGLE-CONFERENCE:https://meet.google.com/abc
ORGANIZER;CN=Mia Berg:mailto:mia@harbour.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Otto:mailto:otto@quarry.example
END:VEVENT
END:VCALENDAR
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def with_file(text: str, maintype: str, subtype: str, name: str) -> EmailMessage:
    message = letter("See below.")
    message.add_attachment(text.encode(), maintype=maintype, subtype=subtype, filename=name)
    return message


def page_of(browser, number: int = 1) -> str:
    return re.sub(r"\s+", " ", browser.get(f"/tickets/{number}").text)


def test_an_invitation_is_summarised_on_the_ticket(sign_in, mailroom):
    mailroom.receive(with_file(CALENDAR, "text", "calendar", "invite.ics"))
    page = page_of(sign_in())
    for words in (
        "Invitation</span>",
        "Move of the &lt;b&gt;servers&lt;/b&gt;",
        "Mon 23 Nov 2026, ",
        "every week, 3 times",
        "Room 3",
        'href="https://meet.google.com/abc"',
        "Mia Berg",
        'Otto <span class="muted">(accepted)</span>',
        "invite.ics",
    ):
        assert words in page, words


def test_a_cancelled_meeting_and_whole_days_say_so(sign_in, mailroom):
    text = CALENDAR.replace("REQUEST", "CANCEL").replace("DTSTART:20261123T090000Z", "DTSTART;VALUE=DATE:20261224")
    mailroom.receive(
        with_file(text.replace("DTEND:20261123T103000Z", "DTEND;VALUE=DATE:20261227"), "text", "calendar", "x.ics")
    )
    page = page_of(sign_in())
    assert "Cancelled meeting" in page
    assert "Thu 24 Dec 2026 to Sat 26 Dec 2026" in page


def test_a_contact_card_is_summarised_on_the_ticket(sign_in, mailroom):
    mailroom.receive(
        with_file("BEGIN:VCARD\nFN:Mia Berg\nORG:Harbour\nTEL:+49 89 1\nEND:VCARD\n", "text", "vcard", "mia.vcf")
    )
    page = page_of(sign_in())
    assert "Contact card" in page and "+49 89 1" in page and "Harbour" in page


def test_a_signed_mail_says_that_nobody_has_verified_it(sign_in, mailroom):
    proof = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    signed = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe boiler leaks.\n{proof}"
    mailroom.receive(letter(signed))
    page = page_of(sign_in())
    assert "Signed, not verified" in page and "Signed with PGP" in page
    assert "<p>The boiler leaks.</p>" in page


def test_an_encrypted_mail_says_why_it_has_no_words(sign_in, mailroom):
    message = letter("")
    message.set_content(b"\x30\x03abc", maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    mailroom.receive(message)
    page = page_of(sign_in())
    assert "Encrypted" in page and "This message is encrypted with S/MIME." in page
    assert "smime.p7m" in page and "Only files" not in page


def test_ordinary_mail_has_none_of_it(sign_in, mailroom):
    mailroom.receive(letter())
    page = page_of(sign_in())
    assert 'class="brought"' not in page and "verified" not in page and "Encrypted" not in page


def test_a_picture_that_the_page_does_not_show_is_listed_even_when_it_calls_itself_inline(sign_in, mailroom):
    message = letter("Look")
    message.add_alternative('<p>Look <img src="cid:seen@x"></p>', subtype="html")
    page = message.get_payload()[1]
    page.add_related(PNG, "image", "png", cid="<seen@x>", filename="seen.png", disposition="inline")
    page.add_related(PNG, "image", "png", cid="<unseen@x>", filename="unseen.png", disposition="inline")
    mailroom.receive(message)
    shown = page_of(sign_in())
    assert "unseen.png" in shown and ">seen.png<" not in shown


def test_a_link_that_leads_elsewhere_is_marked_in_the_frame(sign_in, mailroom):
    message = letter("x")
    message.add_alternative('<p><a href="https://evil.example/">www.bank.example</a></p>', subtype="html")
    mailroom.receive(message)
    frame = sign_in().get("/comments/1/body").text
    assert 'class="link-target"> (leads to evil.example)</span>' in frame
    assert ".link-target {" in frame


def test_what_somebody_passes_on_is_not_taken_for_their_own_words(sign_in, mailroom):
    mailroom.receive(
        letter(
            "FYI, can you look?\n\n---------- Forwarded message ---------\n"
            "From: Bob Supplier <bob@supplier.example>\nDate: Mon, 23 Nov 2026 at 09:00\nSubject: Order\n"
            "To: Dana <dana@harbor-dental.example>\n\nWe need the order by Friday.\n\nRegards\nBob\n",
            subject="Fwd: Order",
        )
    )

    page = page_of(sign_in())

    own, marked, theirs = (
        page.find(words) for words in ("FYI, can you look?", "a message from Bob", "We need the order")
    )
    assert -1 < own < marked < theirs


def test_an_answer_with_a_quote_is_nothing_that_was_passed_on(sign_in, mailroom):
    mailroom.receive(letter("It works.\n\nOn Mon, 23 Nov 2026 Bob <bob@supplier.example> wrote:\n> Does it?\n"))

    assert "a message from Bob" not in page_of(sign_in())
