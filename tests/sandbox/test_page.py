"""The Sandbox page: Dana writes on the left, the ticket stands on the right, and the answer comes back."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from psa import create_app
from psa.clients import operations as clients
from psa.extensions import db
from psa.mail.message import Address
from psa.sandbox import conversation, demo, letters
from psa.sandbox.people import mailboxes
from psa.sandbox.server import MailSandbox
from psa.tickets import operations
from psa.tickets.operations import Actor, Said
from tests.conftest import configuration
from tests.factories import Cast
from tests.mailroom import Mailroom
from tests.sandbox.conftest import DANA, SUPPORT

RUBEN = "ruben@vega-logistics.example"
ANSWER = (
    b"From: Northwind Support <support@northwind.example>\r\nTo: dana@harbor-dental.example\r\n"
    b"Subject: Re: The projector stays dark [#12]\r\nMessage-ID: <two@northwind.example>\r\n"
    b"References: <one@harbor-dental.example>\r\nDate: Mon, 23 Nov 2026 10:31:00 +0100\r\n\r\n"
    b"Please hold the button for ten seconds.\r\n"
)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A demonstration, which is the only place with a Sandbox page."""
    app = create_app(configuration(tmp_path, database_url) | {"PSA_DEMO": True})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[MailSandbox]:
    """The demonstration's own mail server, where the page looks for it."""
    with MailSandbox(tmp_path / "sandbox", mailboxes()) as server:
        ports = {"smtp": server.smtp_port, "imap": server.imap_port}
        (tmp_path / "sandbox" / "ports.json").write_text(json.dumps(ports))
        yield server


@pytest.fixture
def tom(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """An agent with the page open."""
    return sign_in("agent")


def send(browser: FlaskClient, **fields: object) -> TestResponse:
    return browser.post("/sandbox/messages", data={"person": DANA} | fields)


def last_message(server: MailSandbox, user: str) -> EmailMessage:
    message = message_from_bytes(server.messages(user)[-1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_what_dana_writes_reaches_the_support_mailbox(tom: FlaskClient, server: MailSandbox) -> None:
    answer = send(tom, to=SUPPORT, subject="Projector", text="It stays dark.\r\nSince Friday.")
    assert (answer.status_code, answer.location) == (303, f"/sandbox?person={DANA}")
    message = last_message(server, SUPPORT)
    assert (message["From"], message["Subject"]) == (f"Dana Whitfield <{DANA}>", "Projector")
    assert message.get_content().splitlines() == ["It stays dark.", "Since Friday."]


def test_a_ready_letter_is_sent_with_one_button(tom: FlaskClient, server: MailSandbox) -> None:
    assert send(tom, person=RUBEN, example="billing").status_code == 303
    message = last_message(server, SUPPORT)
    assert message["Subject"].startswith("[Billing] ") and RUBEN in message["From"]


def test_every_ready_letter_is_on_the_page_with_its_title(tom: FlaskClient, server: MailSandbox) -> None:
    page = tom.get("/sandbox").text
    assert all(f'value="{example.key}"' in page and example.title in page for example in letters.EXAMPLES)


def test_there_is_no_letter_of_another_name(tom: FlaskClient, server: MailSandbox) -> None:
    assert send(tom, example="ransom").status_code == 404
    assert server.messages(SUPPORT) == []


def test_nobody_else_has_a_mail_program_here(tom: FlaskClient, server: MailSandbox) -> None:
    assert tom.get(f"/sandbox?person={SUPPORT}").status_code == 404
    assert send(tom, person="nobody@example.org", example="request").status_code == 404


def test_a_stranger_who_became_a_client_is_shown_as_one(tom: FlaskClient, server: MailSandbox) -> None:
    assert "Pavel Novak, unknown to us" in tom.get("/sandbox").text
    clients.add_client("Novak Lab", demo.STRANGER.domain)
    db.session.commit()
    page = tom.get("/sandbox").text
    assert "Pavel Novak, Novak Lab" in page
    assert "Dana Whitfield, Harbor Dental" in page


def test_the_inbox_shows_what_was_sent_to_her_and_opens_it(tom: FlaskClient, server: MailSandbox) -> None:
    server.deliver(DANA, ANSWER)
    page = tom.get("/sandbox").text
    assert "Re: The projector stays dark [#12]" in page
    assert "Please hold the button for ten seconds." in page
    assert "two@northwind.example" in page, "its headers are on the page"
    assert "unread" not in page


def test_what_arrives_meanwhile_is_unread_and_does_not_take_her_away(tom: FlaskClient, server: MailSandbox) -> None:
    server.deliver(DANA, ANSWER)
    page = tom.get("/sandbox?message=1").text
    watch = re.search(r'hx-get="(/sandbox/inboxes/[^"]+)"', page)
    assert watch
    known = watch[1].replace("&amp;", "&")
    assert tom.get(known, headers=HTMX).status_code == 204
    server.deliver(DANA, ANSWER.replace(b"Re: The projector", b"Once more: the projector"))
    inbox = tom.get(known, headers=HTMX).text
    assert inbox.index("Once more") < inbox.index("Re: The projector")
    assert 'class="unread"' in inbox
    assert re.search(r'id="message-1"[^>]*aria-current="true"', inbox)


def test_an_answer_quotes_the_message_and_refers_to_it(tom: FlaskClient, server: MailSandbox) -> None:
    server.deliver(DANA, ANSWER)
    answer = send(tom, answers=1, text="It does! Thank you.")
    assert (answer.status_code, answer.location) == (303, f"/sandbox?person={DANA}&message=1")
    message = last_message(server, SUPPORT)
    assert message["In-Reply-To"] == "<two@northwind.example>"
    assert message["References"] == "<one@harbor-dental.example> <two@northwind.example>"
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().startswith("It does! Thank you.")
    assert "> Please hold the button" in plain.get_content()


def test_a_vacation_notice_answers_the_latest_message(tom: FlaskClient, server: MailSandbox) -> None:
    refused = send(tom, example="vacation")
    assert refused.status_code == 422 and "choose one in the inbox first" in refused.text
    server.deliver(DANA, ANSWER)
    assert send(tom, example="vacation").status_code == 303
    message = last_message(server, SUPPORT)
    assert (message["Auto-Submitted"], message["In-Reply-To"]) == ("auto-replied", "<two@northwind.example>")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": SUPPORT, "subject": "Hello", "text": "  \r\n"}, "There is nothing in the message yet."),
        ({"to": "support", "subject": "Hello", "text": "Hi"}, "support is not an email address."),
        ({"to": f"{SUPPORT}, {RUBEN}", "subject": "Hello", "text": "Hi"}, "is not an email address."),
        ({"to": "nobody@northwind.example", "subject": "Hello", "text": "Hi"}, "550 5.1.1"),
        ({"to": SUPPORT, "text": ""}, "There is nothing in the message yet."),
    ],
)
def test_what_cannot_be_sent_is_said_beside_the_words_that_were_typed(
    tom: FlaskClient, server: MailSandbox, fields: dict[str, str], sentence: str
) -> None:
    answer = send(tom, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&lt;", "<").replace("&gt;", ">")
    assert f'value="{fields["to"]}"' in answer.text and fields["text"].strip() in answer.text
    assert server.messages(SUPPORT) == []


def test_a_subject_cannot_smuggle_in_a_header(tom: FlaskClient, server: MailSandbox) -> None:
    send(tom, to=SUPPORT, subject="Hello\r\nBcc: ruben@vega-logistics.example", text="Hi")
    assert last_message(server, SUPPORT)["Subject"] == "Hello Bcc: ruben@vega-logistics.example"
    assert server.messages(RUBEN) == []


def test_html_from_mail_cannot_run_script(tom: FlaskClient, server: MailSandbox) -> None:
    server.deliver(
        DANA,
        b"From: x@example.org\r\nSubject: Win\r\nContent-Type: text/html\r\n\r\n"
        b"<p onclick=alert(1)>Hello</p><script>alert(2)</script><img src=https://tracker.example/1.png>",
    )
    page = tom.get("/sandbox").text
    assert "alert(" not in page
    frame = re.search(r'<iframe[^>]*src="([^"]+)"[^>]*sandbox="([^"]*)"', page)
    assert frame and "allow-scripts" not in frame[2]
    answer = tom.get(frame[1])
    assert "Hello" in answer.text and "alert(" not in answer.text and "tracker" not in answer.text
    rules = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in rules and "sandbox allow-same-origin" in rules
    assert "script-src" not in rules and "allow-scripts" not in rules


def test_an_image_in_the_text_is_shown_and_an_attached_page_is_only_downloaded(
    tom: FlaskClient, server: MailSandbox
) -> None:
    dana = Address("Dana Whitfield", DANA)
    letter = letters.write("screenshot", sender=dana, to=SUPPORT, now=datetime.now(UTC))
    letter.add_attachment("<script>alert(1)</script>", "html", filename="page.html")
    server.deliver(DANA, letter.as_bytes())
    picture = re.search(r'src="(/sandbox/inboxes/[^"]+)"', tom.get(f"/sandbox/inboxes/{DANA}/1/body").text)
    assert picture and tom.get(picture[1]).content_type == "image/png"
    page = re.search(r'href="(/sandbox/inboxes/[^"]+)"[^>]*>page.html', tom.get("/sandbox").text)
    assert page
    answer = tom.get(page[1])
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert tom.get(f"/sandbox/inboxes/{DANA}/1/parts/9").status_code == 404
    assert tom.get("/sandbox?message=99").status_code == 404


def test_the_ticket_stands_on_the_right_with_its_reasons_and_the_way_it_came(
    tom: FlaskClient, server: MailSandbox, mailroom: Mailroom
) -> None:
    send(tom, example="billing")
    waiting = tom.get(f"/sandbox/way/{DANA}", headers=HTMX).text
    assert "load delay" in waiting and "Ticket" in waiting and "agent-side" not in waiting
    number = mailroom.receive(server.messages(SUPPORT)[0]).ticket_id
    done = tom.get(f"/sandbox/way/{DANA}", headers=HTMX).text
    assert f"Ticket #{number}" in done and "load delay" not in done
    seconds = [float(one) for one in re.findall(r"<time>([\d.]+) s</time>", done)]
    assert len(seconds) == 5 and seconds == sorted(seconds)
    assert 'id="agent-side"' in done and "hx-swap-oob" in done
    assert "Harbor Dental (dana@harbor-dental.example is a contact of theirs)." in done
    assert "Queue Billing (by the rule “Billing”)." in done


def test_the_right_side_is_silent_until_something_happens(
    tom: FlaskClient, server: MailSandbox, mailroom: Mailroom, cast: Cast
) -> None:
    send(tom, example="request")
    number = mailroom.receive(server.messages(SUPPORT)[0]).ticket_id
    assert number is not None
    watch = re.search(r'hx-get="(/sandbox/agent-side/[^"]+)"', tom.get("/sandbox").text)
    assert watch and tom.get(watch[1], headers=HTMX).status_code == 204
    operations.add_reply(number, Said("Hold the button."), Actor(user_id=cast.tom.id), then="waiting")
    db.session.commit()
    side = tom.get(watch[1], headers=HTMX).text
    assert "Hold the button." in side and "Waiting for Dana." in side


def test_a_message_that_became_no_ticket_says_why(
    tom: FlaskClient, server: MailSandbox, mailroom: Mailroom, cast: Cast
) -> None:
    cast.inbound.create_tickets = False
    db.session.commit()
    send(tom, example="request")
    mailroom.receive(server.messages(SUPPORT)[0])
    page = tom.get("/sandbox").text
    assert "Held: Automatic Ticket Creation is off for this mailbox." in page
    assert "Dana Whitfield has no ticket yet" in page


def test_one_client_does_not_see_the_way_of_anothers_message(tom: FlaskClient, server: MailSandbox) -> None:
    send(tom, example="request")
    assert "0.00 s" in tom.get("/sandbox").text
    assert "0.00 s" not in tom.get(f"/sandbox?person={RUBEN}").text


def test_starting_over_empties_the_inboxes_and_leaves_the_tickets(
    tom: FlaskClient, server: MailSandbox, mailroom: Mailroom
) -> None:
    send(tom, example="request")
    number = mailroom.receive(server.messages(SUPPORT)[0]).ticket_id
    server.deliver(DANA, ANSWER)
    server.deliver(RUBEN, ANSWER)
    assert tom.post("/sandbox/reset").status_code == 303
    assert server.messages(DANA) == server.messages(RUBEN) == []
    assert len(server.messages(SUPPORT)) == 1
    page = tom.get("/sandbox").text
    assert f"#{number}" in page and "0.00 s" not in page


def test_without_its_mail_server_the_page_says_what_to_do(tom: FlaskClient) -> None:
    answers = tom.get("/sandbox"), tom.get("/sandbox?write=1"), send(tom, example="request"), tom.post("/sandbox/reset")
    for answer in answers:
        assert answer.status_code == 503
        assert "The sandbox’s mail server does not answer" in answer.text
        assert "flask psa sandbox" in answer.text
    banner = tom.post("/sandbox/messages", data={"person": DANA, "example": "request"}, headers=HTMX)
    assert banner.status_code == 503 and "<html" not in banner.text


def test_a_server_that_has_died_is_found_out(tom: FlaskClient, server: MailSandbox) -> None:
    server.stop()
    answer = tom.get("/sandbox")
    assert answer.status_code == 503 and "could not be reached" in answer.text


def test_htmx_gets_both_sides_without_the_page_around_them(tom: FlaskClient, server: MailSandbox) -> None:
    fragment = tom.get("/sandbox", headers=HTMX).text.strip()
    assert "<html" not in fragment and 'id="sandbox"' in fragment
    assert send(tom, text="", to=SUPPORT).headers["HX-Push-Url"] == "false"


def test_strangers_are_sent_to_the_door(browser: FlaskClient, cast: Cast, server: MailSandbox) -> None:
    paths = ["/sandbox", f"/sandbox/inboxes/{DANA}", f"/sandbox/inboxes/{DANA}/1/body", f"/sandbox/agent-side/{DANA}"]
    assert all("/sign-in" in browser.get(path).location for path in paths)
    assert "/sign-in" in send(browser, example="request").location
    assert server.messages(SUPPORT) == []


def test_outside_a_demonstration_there_is_no_sandbox(database_url: str, tmp_path: Path) -> None:
    app = create_app(configuration(tmp_path, database_url))
    assert "sandbox.index" not in app.view_functions


def test_a_message_that_nobody_fetches_says_where_to_look(
    sign_in: Callable[..., FlaskClient], server: MailSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara = sign_in("admin")
    send(mara, example="request")
    assert "Nobody has fetched it yet" not in mara.get("/sandbox").text
    monkeypatch.setattr(conversation, "LONG", timedelta())
    page = mara.get("/sandbox").text
    assert "Nobody has fetched it yet" in page and "load delay:3s" in page


def test_a_new_start_of_the_sandbox_ends_the_pause_after_failures(app: Flask, cast: Cast, server: MailSandbox) -> None:
    cast.inbound.failures, cast.inbound.next_poll_at = 3, datetime.now(UTC) + timedelta(minutes=8)
    cast.inbound.port = server.imap_port
    demo.point_accounts_at_sandbox(demo.ports())
    assert (cast.inbound.failures, cast.inbound.next_poll_at) == (0, None)
