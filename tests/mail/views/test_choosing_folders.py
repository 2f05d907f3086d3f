"""Which folders are read, chosen from what the server has; and what becomes of the server's copies."""

from __future__ import annotations

import re

import pytest

from psa import signing
from psa.extensions import db
from psa.mail import accounts
from psa.mail.inbound.poll import poll
from psa.mail.models import MailAccount
from psa.mail.settings import folders_of
from psa.tickets.models import Ticket
from tests.mail.views.watching import watch
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

ADDRESS, PASSWORD = SUPPORT
HTMX = {"HX-Request": "true"}
NEW = "/admin/email/inbound/new"


@pytest.fixture
def form(cast, dovecot, ca_pem, monkeypatch):
    """A new mailbox on the test server, as an admin types it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    return {
        "address": "helpdesk@northwind.example",
        "protocol": "imap",
        "host": "localhost",
        "port": str(dovecot.imaps),
        "security": "ssl",
        "username": ADDRESS,
        "password": PASSWORD,
        "folders": ["INBOX"],
        "parsing": "y",
        "create_tickets": "y",
        "default_queue_id": str(cast.support.id),
        "after_filing": "leave",
        "interval": "60",
        "start": "now",
    }


def stored() -> MailAccount:
    db.session.expire_all()
    account = accounts.find("inbound", "helpdesk@northwind.example")
    assert account is not None
    return account


def boxes(html: str) -> dict[str, bool]:
    """The folders on offer, and whether they are ticked."""
    found = re.findall(r'type="checkbox" name="folders" value="([^"]+)"( checked)?', html)
    return {name: bool(checked) for name, checked in found}


pytestmark = pytest.mark.dovecot


def test_the_server_is_asked_for_its_folders_and_they_come_with_umlauts(sign_in, form, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Anfragen für Büro")

    picker = sign_in("admin").post("/admin/email/folder-lists", data=form, headers=HTMX)

    assert boxes(picker.text) == {"INBOX": True, "Anfragen für Büro": False}


def test_the_folders_that_are_ticked_are_read_each_from_its_own_start(sign_in, form, dovecot):
    for folder in ("INBOX", "Büro", "Archive"):
        dovecot.deliver(ADDRESS, letter(subject=f"Old in {folder}").as_bytes(), folder=folder)

    sign_in("admin").post(NEW, data=form | {"folders": ["INBOX", "Büro"]})
    for folder in ("INBOX", "Büro", "Archive"):
        dovecot.deliver(ADDRESS, letter(subject=f"New in {folder}").as_bytes(), folder=folder)
    poll(stored().id)

    assert folders_of(stored()) == ("INBOX", "Büro")
    subjects = {ticket.subject for ticket in db.session.scalars(db.select(Ticket))}
    assert subjects == {"New in INBOX", "New in Büro"}


def test_a_folder_that_is_typed_counts_too(sign_in, form):
    sign_in("admin").post(NEW, data=form | {"folders": ["INBOX", " Support/Anfragen ", ""]})

    assert folders_of(stored()) == ("INBOX", "Support/Anfragen")


def test_without_any_folder_it_is_the_inbox(sign_in, form):
    sign_in("admin").post(NEW, data=form | {"folders": [""]})

    assert folders_of(stored()) == ("INBOX",)


def test_test_connection_opens_every_folder_and_brings_the_list(sign_in, form, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Büro")
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Archive")

    shown = watch(sign_in("admin"), form | {"folders": ["INBOX", "Büro"]})

    assert "Büro opened" in shown
    assert boxes(shown) == {"INBOX": True, "Büro": True, "Archive": False}


def test_a_list_that_somebody_may_be_ticking_is_left_alone(sign_in, form):
    assert boxes(watch(sign_in("admin"), form | {"folders_listed": "y"})) == {}


def test_the_dry_count_takes_all_chosen_folders_together(sign_in, form, dovecot):
    for folder in ("INBOX", "INBOX", "Büro", "Archive"):
        dovecot.deliver(ADDRESS, letter().as_bytes(), folder=folder)

    days = {"start": "since", "since": "2026-01-05"}
    shown = watch(sign_in("admin"), form | days | {"folders": ["INBOX", "Büro"]})

    assert "Since 5 January 2026: 3. Everything: 3." in " ".join(shown.split())
    assert "Everything: 3. None of them notifies anybody." in shown


def test_the_folder_that_cannot_be_opened_is_named(sign_in, form):
    shown = watch(sign_in("admin"), form | {"folders": ["INBOX", "Suport"]})

    assert "There is no folder “Suport” in this mailbox" in shown


def test_the_folder_to_move_to_must_be_there(sign_in, form, dovecot):
    moves = form | {"after_filing": "move", "move_to": "Done"}
    browser = sign_in("admin")

    assert "There is no folder “Done” in this mailbox" in watch(browser, moves)
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Done")
    assert "Passed in" in watch(browser, moves)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"after_filing": "move"}, "Into which folder?"),
        ({"after_filing": "move", "move_to": "INBOX"}, "INBOX is read itself."),
        (
            {"after_filing": "seen", "protocol": "pop3", "port": "995"},
            "Over POP3 a message can only be left or deleted.",
        ),
        ({"folders": ["In\x07box"]}, "is not the name of a folder"),
        ({"size_limit_mb": "5000"}, "From 1 to 150 MB."),
        ({"size_limit_mb": "much"}, "Write it as a whole number."),
        ({"silence_hours": "99999"}, "At most 1,440 hours"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(sign_in, form, changes, sentence):
    answer = sign_in("admin").post(NEW, data=form | changes)

    assert answer.status_code == 422
    assert sentence in answer.text


def test_nothing_is_deleted_or_moved_unless_somebody_chose_it(sign_in, form):
    sign_in("admin").post(NEW, data={name: value for name, value in form.items() if name != "after_filing"})

    assert (stored().after_filing, stored().move_to, stored().unknown_senders) == ("leave", "", "contact")


def test_deleting_says_plainly_what_it_means(sign_in, form):
    page = sign_in("admin").get(NEW).text

    assert "Delete from the server" in page
    assert "The PSA then holds the only copy." in page


def test_all_of_it_is_stored(sign_in, form):
    more = {
        "after_filing": "move",
        "move_to": "Erledigt",
        "unknown_senders": "answer",
        "size_limit_mb": "20",
        "silence_hours": "6",
    }
    sign_in("admin").post(NEW, data=form | more)

    account = stored()
    assert (account.after_filing, account.move_to) == ("move", "Erledigt")
    assert (account.unknown_senders, account.size_limit, account.silence_hours) == ("answer", 20 * 1024 * 1024, 6)
    page = sign_in("admin").get(f"/admin/email/accounts/{account.id}").text
    assert 'value="Erledigt"' in page
    assert re.search(r'name="size_limit_mb"[^>]*value="20"', page)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "a short winter"}, "The server refused the user name or the password"),
        ({"port": "1"}, "Nothing listens on port 1 of localhost"),
        ({"host": ""}, "Server: Which server?"),
        ({"protocol": "pop3"}, "POP3 knows only one folder."),
    ],
)
def test_when_the_server_cannot_be_asked_the_field_says_why_and_keeps_what_was_ticked(sign_in, form, changes, sentence):
    answer = sign_in("admin").post("/admin/email/folder-lists", data=form | changes, headers=HTMX)

    assert sentence in answer.text
    assert boxes(answer.text) == {"INBOX": True}
    assert "a short winter" not in answer.text


def test_without_script_the_button_brings_the_page_with_all_that_was_typed(sign_in, form, dovecot):
    dovecot.deliver(ADDRESS, letter().as_bytes(), folder="Büro")

    page = sign_in("admin").post("/admin/email/folder-lists", data=form).text

    assert boxes(page) == {"INBOX": True, "Büro": False}
    assert 'value="helpdesk@northwind.example"' in page
    assert PASSWORD not in page


def test_the_folders_of_a_stored_mailbox_are_asked_for_with_its_stored_password(sign_in, form, cast, dovecot):
    cast.inbound.host, cast.inbound.username, cast.inbound.sealed_password = (
        "localhost",
        ADDRESS,
        signing.seal(PASSWORD),
    )
    db.session.commit()
    typed = form | {"password": "", "address": cast.inbound.address}

    url = f"/admin/email/accounts/{cast.inbound.id}/folder-lists"
    answer = sign_in("admin").post(url, data=typed, headers=HTMX)

    assert boxes(answer.text) == {"INBOX": True}
    assert "1" not in answer.text or 'role="alert"' not in answer.text
