"""``flask psa …`` as people and programs call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psa import clock
from psa.auth.models import User
from psa.cli import since
from psa.extensions import db
from psa.mail import settings as server
from psa.mail.message import to_json
from psa.mail.models import InboundEmail, MailAccount
from psa.tickets.models import Ticket
from tests.factories import PASSWORD
from tests.mailroom import letter
from tests.servers.fixtures import SUPPORT

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def run(app):
    """Run a command; returns its result, whose output with ``--json`` is one object a line."""
    runner = app.test_cli_runner()

    def call(*words: str, stdin: bytes | None = None, status: int = 0):
        result = runner.invoke(args=["psa", *words], input=stdin)
        assert result.exit_code == status, result.output
        db.session.expire_all()
        return result

    return call


def objects(result) -> list[dict]:
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "letter.eml"
    path.write_bytes(letter(subject="[Billing] Invoice").as_bytes())
    return str(path)


def test_mail_parse_prints_what_we_read(run, file):
    [parsed] = objects(run("mail", "parse", "--json", file))
    assert parsed["subject"] == "[Billing] Invoice"
    assert parsed["from"] == [{"name": "Dana Whitfield", "email": "dana@harbor-dental.example"}]
    assert parsed["file"] == file


def test_mail_parse_reads_many_paths_folders_and_standard_input(run, file, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "broken.eml").write_bytes(b"\xff\0" * 50)
    lines = objects(run("mail", "parse", "--json", file, str(tmp_path / "folder"), "-", stdin=letter().as_bytes()))
    assert [line["subject"] for line in lines][::2] == ["[Billing] Invoice", "Projector"]
    assert len(lines) == 3


def test_mail_parse_names_a_file_that_is_not_there_and_goes_on_and_its_exit_code_says_so(run, file):
    missing, read = objects(run("mail", "parse", "--json", "/no/such.eml", file, status=1))
    assert missing["defects"][0] == "The file cannot be read: No such file or directory."
    assert read["subject"] == "[Billing] Invoice"


def test_mail_explain_says_what_would_happen_and_changes_nothing(run, cast, file):
    [explained] = objects(run("mail", "explain", file, "--json"))
    assert explained["disposition"] == "filed"
    assert explained["queue"] == "Billing"
    assert {"step", "verdict", "detail"} == set(explained["steps"][0])
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 0


def test_mail_receive_takes_a_message_from_standard_input(run, cast):
    result = run("mail", "receive", "-", "--account", "support@northwind.example", "--json", stdin=letter().as_bytes())
    assert objects(result)[0]["disposition"] == "filed"
    assert db.session.scalars(db.select(Ticket)).one().subject == "Projector"


def test_mail_receive_asks_an_mta_to_try_later_when_the_database_is_locked(run, cast, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def locked(*_args):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("psa.cli.receive.receive_piped", locked)
    run("mail", "receive", "-", "--account", "support@northwind.example", stdin=letter().as_bytes(), status=75)


def test_an_account_that_does_not_exist_is_named(run, cast, file):
    result = run("mail", "receive", file, "--account", "nobody@northwind.example", status=75)
    assert "nobody@northwind.example" in result.output
    assert "support@northwind.example" in result.output


def test_an_account_that_a_pipe_leaves_empty_is_none_and_the_mail_stays_with_the_mta(run, cast):
    run("mail", "receive", "-", "--account", "", stdin=letter().as_bytes(), status=75)
    assert db.session.scalar(db.select(db.func.count()).select_from(InboundEmail)) == 0


def test_a_file_that_does_not_exist_is_a_sentence(run, cast):
    assert "No such file" in run("mail", "explain", "missing.eml", status=1).output


def test_tickets_lists_one_object_a_line(run, mailroom):
    mailroom.receive(letter(subject="One"))
    mailroom.receive(letter(subject="Two", sender="x@novaklab.example"))
    one, two = objects(run("tickets", "--json"))
    assert one == {
        "number": 1,
        "subject": "One",
        "status": "new",
        "queue": "Support",
        "client": "Harbor Dental",
        "project": "Managed service 2026",
        "requester": "dana@harbor-dental.example",
        "comments": 1,
        "created": one["created"],
    }
    assert (two["client"], two["requester"]) == (None, "x@novaklab.example")


def test_create_user_makes_somebody_who_can_sign_in(run, browser):
    run(
        "create-user",
        "--email",
        "New@northwind.example",
        "--name",
        "New One",
        "--role",
        "admin",
        "--password",
        PASSWORD,
    )
    assert db.session.scalars(db.select(User)).one().is_admin
    answer = browser.post("/sign-in", data={"email": "new@northwind.example", "password": PASSWORD})
    assert answer.status_code in (302, 303)


def test_create_user_says_why_not(run, cast):
    result = run("create-user", "--email", "x@y.example", "--name", "X", "--password", "short", status=1)
    assert "12" in result.output


def test_demo_data_makes_the_sample_firm_once(run):
    [made] = objects(run("demo-data", "--json"))
    assert made["made"]
    assert made["email"] == "mara@northwind.example"
    assert db.session.scalar(db.select(db.func.count()).select_from(Ticket)) == 5
    [again] = objects(run("demo-data", "--json"))
    assert not again["made"]
    assert again["password"] == made["password"]


def test_poll_names_a_mailbox_that_cannot_be_reached(run, cast):
    cast.inbound.port = 1
    db.session.commit()
    [looked] = objects(run("poll", "--json", status=1))
    assert looked["account"] == "support@northwind.example"
    assert "refused" in looked["fault"]


def test_poll_leaves_a_mailbox_alone_whose_email_parsing_is_off_and_says_so(run, cast):
    cast.inbound.parsing, cast.inbound.port = False, 1
    db.session.commit()
    assert run("poll").output == "support@northwind.example: left alone, because email parsing is off\n"
    [looked] = objects(run("poll", "--json"))
    assert (looked["off"], looked["kept"], looked["fault"]) == (True, 0, None)


def test_deliver_says_how_much_it_tried(run, cast):
    assert objects(run("deliver", "--json")) == [{"tried": 0}]


@pytest.mark.dovecot
@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls", "imap", "pop3s"])
def test_account_add_and_poll_take_the_mail_that_arrives_from_then_on(run, app, dovecot, ca_pem, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    dovecot.deliver(SUPPORT[0], letter(subject="Old").as_bytes())
    port = {"imaps": dovecot.imaps, "pop3s": dovecot.pop3s}.get(scheme, dovecot.imap)
    url = f"{scheme}://support%40northwind.example:a%20long%20winter@localhost:{port}/INBOX"
    [added] = objects(run("account", "add", "--address", SUPPORT[0], "--inbound", url, "--queue", "Support", "--json"))
    assert (added["direction"], added["address"]) == ("inbound", SUPPORT[0])
    dovecot.deliver(SUPPORT[0], letter(subject="New").as_bytes())
    run("poll", SUPPORT[0])
    assert [ticket.subject for ticket in db.session.scalars(db.select(Ticket))] == ["New"]


@pytest.mark.dovecot
def test_account_add_can_take_everything_that_is_there(run, app, dovecot):
    dovecot.deliver(SUPPORT[0], letter(subject="Old").as_bytes())
    url = f"imap://support%40northwind.example:a%20long%20winter@127.0.0.1:{dovecot.imap}"
    run("account", "add", "--address", SUPPORT[0], "--inbound", url, "--start", "all", "--no-create-tickets")
    run("poll")
    email = db.session.scalars(db.select(InboundEmail)).one()
    assert email.status == "held"


def test_account_add_enters_both_directions(run, app):
    run(
        "account", "add", "--address", "Support@Firm.example",
        "--inbound", "imaps://u:p@imap.firm.example", "--outbound", "smtp+starttls://u:p@smtp.firm.example:587",
        "--start", "2026-11-01",
    )  # fmt: skip
    outbound, inbound = db.session.scalars(db.select(MailAccount).order_by(MailAccount.direction.desc()))
    assert (inbound.host, inbound.port, inbound.security) == ("imap.firm.example", 993, "ssl")
    assert inbound.since.isoformat() == "2026-11-01T00:00:00+00:00"
    assert (outbound.port, outbound.security, outbound.is_default) == (587, "starttls", True)
    assert server.of_account(outbound).password == "p"
    assert outbound.sealed_password != "p"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--inbound", "gopher://x"], "is not a mail server"),
        (["--inbound", "imaps://u:p@"], "No server in the URL"),
        (["--inbound", "smtp://u:p@h"], "is not IMAP or POP3"),
        (["--start", "yesterday", "--inbound", "imap://u:p@h"], "2026-11-01"),
        ([], "--inbound"),
    ],
)
def test_account_add_refuses_nonsense_with_a_sentence(run, app, words, says):
    result = app.test_cli_runner().invoke(args=["psa", "account", "add", "--address", "a@b.example", *words])
    assert result.exit_code != 0
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_start_date_begins_at_midnight_where_the_server_stands(app, zone):
    assert since("all") is None
    assert abs((since("now") - clock.now()).total_seconds()) < 5
    zone("America/New_York")
    assert since("2026-11-02").isoformat() == "2026-11-02T05:00:00+00:00"


@pytest.fixture
def zone(monkeypatch):
    """Put the server into another time zone."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_a_mailbox_is_found_however_its_address_is_capitalised(run, cast, file):
    cast.inbound.address = "Support@Northwind.example"
    db.session.commit()
    for name in ("Support@Northwind.example", "support@NORTHWIND.example"):
        assert objects(run("mail", "explain", file, "--account", name, "--json"))[0]["disposition"] == "filed"


def test_mail_receive_asks_for_patience_when_the_house_cannot_be_entered(file, tmp_path):
    environment = os.environ | {"PSA_DATA": "/proc/nowhere", "DATABASE_URL": ""}
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "psa", "mail", "receive", file, "--account", "x@y.example"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 75, done.stderr
    assert "Traceback" not in done.stderr


def test_a_message_that_defeats_us_yields_its_line_and_the_next_one_goes_on(run, file, tmp_path, monkeypatch):
    (tmp_path / "second.eml").write_bytes(letter(subject="Second").as_bytes())

    def stumble(parsed, name):
        if name == file and parsed.raw:
            raise ZeroDivisionError
        return to_json(parsed, name)

    monkeypatch.setattr("psa.mail.message.lines.to_json", stumble)
    first, second = objects(run("mail", "parse", "--json", file, str(tmp_path / "second.eml")))
    assert "defeated us" in first["defects"][0]
    assert "The projector stays dark." in first["text"]
    assert second["subject"] == "Second"
