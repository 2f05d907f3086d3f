"""The letters that a client can send from the Sandbox page, read as the product reads them."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy

import pytest

from psa.mail.message import Address, parse
from psa.sandbox import letters
from psa.sandbox.demo import people

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DANA = Address("Dana Whitfield", "dana@harbor-dental.example")
RUBEN = Address("Ruben Castellanos", "ruben@vega-logistics.example")
STRANGER = Address("", "p.novak@novaklab.example")
SUPPORT = "support@northwind.example"
PRETENDED = {
    "forged": lambda _sender: Address("Mara Lindqvist", "mara@northwind.example"),
    "bounce": lambda sender: Address("Mail Delivery System", f"mailer-daemon@{sender.domain}"),
}
ANSWER = (
    b"From: Northwind Support <support@northwind.example>\r\nTo: dana@harbor-dental.example\r\n"
    b"Reply-To: support+t12.abc@northwind.example\r\nSubject: [#12] The projector stays dark\r\n"
    b"Message-ID: <two@northwind.example>\r\nReferences: <one@harbor-dental.example>\r\n"
    b"Date: Mon, 23 Nov 2026 10:31:00 +0100\r\n\r\nPlease hold the button for ten seconds.\r\n\r\nMara Lindqvist\r\n"
)


@pytest.mark.parametrize("sender", [DANA, RUBEN, STRANGER])
@pytest.mark.parametrize("example", letters.EXAMPLES, ids=lambda example: example.key)
def test_every_example_is_a_sound_message_of_its_sender(example: letters.Example, sender: Address) -> None:
    raw = letters.write(example.key, sender=sender, to=SUPPORT, answering=ANSWER, now=NOW).as_bytes()
    read = parse(raw)
    assert read.sender == PRETENDED.get(example.key, lambda sender: sender)(sender)
    assert read.date == NOW
    assert read.message_id is not None and read.message_id.endswith(f"@{sender.domain}")
    assert read.reply_text
    assert read.defects == ()
    assert not message_from_bytes(raw, policy=policy.default).defects
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_each_client_has_a_concern_of_its_own() -> None:
    subjects = {letters.write("request", sender=who, to=SUPPORT, now=NOW)["Subject"] for who in people()}
    assert len(subjects) == len(people())


def test_the_billing_letter_carries_the_tag_and_last_months_invoice() -> None:
    for now in (NOW, datetime(2026, 3, 31, tzinfo=timezone(timedelta(hours=14)))):
        letter = letters.write("billing", sender=DANA, to="billing@northwind.example", now=now)
        assert str(letter["Subject"]).startswith(f"[Billing] Invoice 2026-{now.month - 1:02}")


def test_the_screenshot_is_shown_inside_the_html() -> None:
    read = parse(letters.write("screenshot", sender=DANA, to=SUPPORT, now=NOW).as_bytes())
    (picture,) = read.attachments
    assert (picture.name, picture.type, picture.disposition) == ("error.png", "image/png", "inline")
    assert picture.data.startswith(b"\x89PNG\r\n\x1a\n")


def test_the_list_is_a_csv_file() -> None:
    read = parse(letters.write("attachment", sender=DANA, to=SUPPORT, now=NOW).as_bytes())
    (file,) = read.attachments
    assert (file.name, file.disposition) == ("new-starters.csv", "attachment")
    assert "Amélie Fournier,Reception,2026-11-30" in file.data.decode()


def test_a_reply_goes_where_the_message_asks_and_keeps_the_thread() -> None:
    read = parse(letters.reply_to(ANSWER, sender=DANA, text="It does!\n", now=NOW).as_bytes())
    assert [address.email for address in read.to] == ["support+t12.abc@northwind.example"]
    assert read.subject == "Re: [#12] The projector stays dark"
    assert read.in_reply_to == ("two@northwind.example",)
    assert read.references == ("one@harbor-dental.example", "two@northwind.example")


def test_the_quote_of_a_reply_is_recognised_as_one() -> None:
    read = parse(letters.reply_to(ANSWER, sender=DANA, text="It does!\n", now=NOW).as_bytes())
    assert read.reply_text == "It does!"
    assert "On Mon, 23 Nov 2026 at 10:31, Northwind Support <support@northwind.example> wrote:" in read.folded_text
    assert "> Please hold the button for ten seconds." in read.folded_text


def test_a_reply_to_a_reply_has_one_re() -> None:
    first = letters.reply_to(ANSWER, sender=DANA, text="It does!", now=NOW).as_bytes()
    second = letters.reply_to(first, sender=RUBEN, text="Good.", now=NOW)
    assert second["Subject"] == "Re: [#12] The projector stays dark"


def test_a_vacation_notice_says_that_a_machine_wrote_it() -> None:
    read = parse(letters.write("vacation", sender=DANA, to=SUPPORT, answering=ANSWER, now=NOW).as_bytes())
    assert read.automatic is not None and read.automatic.kind == "auto-reply"
    assert read.in_reply_to == ("two@northwind.example",)


def test_an_answer_needs_a_message() -> None:
    with pytest.raises(ValueError, match="choose one in the inbox"):
        letters.write("vacation", sender=DANA, to=SUPPORT, now=NOW)
    with pytest.raises(KeyError):
        letters.write("poem", sender=DANA, to=SUPPORT, now=NOW)


def test_a_bounce_names_the_message_and_whom_it_did_not_reach() -> None:
    raw = letters.write("bounce", sender=DANA, to=SUPPORT, answering=ANSWER, now=NOW).as_bytes()
    report = parse(raw).report
    assert report is not None
    assert report.original_message_id == "two@northwind.example"
    assert [(one.email, one.action, one.status) for one in report.recipients] == [
        ("dana@harbor-dental.example", "failed", "5.1.1")
    ]


def test_a_copied_colleague_is_of_the_same_client() -> None:
    read = parse(letters.write("copied", sender=DANA, to=SUPPORT, now=NOW).as_bytes())
    assert [one.domain for one in read.cc] == ["harbor-dental.example"]
