"""What was said to a server can be read line by line: on the pages, in the evidence, and without the password."""

from __future__ import annotations

import base64
import zipfile
from io import BytesIO

import pytest

from psa.extensions import db
from psa.mail.diagnosis import probe
from psa.mail.evidence import gathering
from psa.mail.models import ConnectionTest, DeliveryAttempt
from psa.mail.outbound.deliver import deliver
from psa.mail.settings import of_account
from tests.servers.fixtures import SUPPORT
from tests.waiting import seconds_until

DANA = "dana@harbor-dental.example"


def lines_of(attempt: DeliveryAttempt) -> list[str]:
    return [line for step in attempt.steps for line in step.get("said", [])]


@pytest.fixture
def tried(queue) -> DeliveryAttempt:
    record = deliver(queue().id)
    assert record is not None
    return record


def test_both_sides_are_written_down_in_their_order(tried):
    lines = lines_of(tried)
    said = [line for line in lines if line.startswith("C: ")]
    assert [line.split()[1] for line in said[:2]] == ["ehlo", "STARTTLS"]
    assert said[-5].startswith(f"C: MAIL FROM:<{SUPPORT[0]}>")
    assert said[-4:-2] == [f"C: RCPT TO:<{DANA}>", "C: DATA"]
    assert said[-1] == "C: ."
    assert lines[-1].startswith("S: 250 ")


def test_neither_password_nor_challenge_stands_in_it(tried):
    text = "\n".join(lines_of(tried))
    assert "C: AUTH" in text
    assert SUPPORT[1] not in text
    for secret in (SUPPORT[1], f"\0{SUPPORT[0]}\0{SUPPORT[1]}"):
        assert base64.b64encode(secret.encode()).decode() not in text


def test_a_server_that_repeats_the_password_is_not_quoted(queue, smtp_server):
    smtp_server.answers["AUTH"] = (
        f"535 5.7.8 {SUPPORT[1]} is wrong for {base64.b64encode(SUPPORT[1].encode()).decode()}"
    )
    record = deliver(queue().id)
    text = "\n".join(lines_of(record))
    assert "535 5.7.8 (hidden) is wrong for (hidden)" in text


def test_a_server_that_talks_without_end_does_not_fill_the_database(queue, smtp_server):
    smtp_server.answers["RCPT"] = "550-" + "a" * 900 + "\r\n" + "550-more\r\n" * 200 + "550 5.1.1 Unknown"
    record = deliver(queue().id)
    lines = lines_of(record)
    assert len(lines) < 120
    assert max(map(len, lines)) <= 500


def test_it_is_on_the_page_of_the_message(tried, sign_in):
    page = sign_in("admin").get(f"/mail/outbound/{tried.outbound_id}").text
    assert "Transcript, line by line" in page
    assert f"C: RCPT TO:&lt;{DANA}&gt;" in page


def test_it_is_on_the_page_of_the_test(account, sign_in):
    admin = sign_in("admin")
    test = probe.start_test(of_account(account), account.id, to=DANA)
    seconds_until(lambda: db.session.get_one(ConnectionTest, test.id).state != "running")
    page = admin.get(f"/admin/email/tests/{test.id}").text
    assert "Transcript, line by line" in page
    assert "C: DATA" in page
    assert SUPPORT[1] not in page


def test_it_goes_along_with_the_evidence(tried):
    from psa.mail.models import OutboundEmail

    email = db.session.get_one(OutboundEmail, tried.outbound_id)
    with zipfile.ZipFile(BytesIO(gathering.of_outbound(email).packed())) as archive:
        transcript = archive.read("transcript.txt").decode()
    assert "C: DATA" in transcript
    assert "C: AUTH" in transcript
