"""What the sandbox's IMAP shows, to whom, and how fast."""

from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from psa.sandbox.server import MailSandbox
from tests.sandbox.conftest import DANA, SUPPORT, Open

LETTER = b"From: dana@harbor-dental.example\r\nSubject: The projector\r\n\r\nIt stays dark.\r\n"
YESTERDAY = datetime(2026, 11, 22, 18, 5, tzinfo=UTC)


def test_a_message_comes_out_as_it_went_in(sandbox: MailSandbox, open_inbox: Open) -> None:
    strange = b"Subject: =?x?\r\nno header\nFrom: <\r\n\r\nbare\nline\r\n\x00\xff\r\n" + b"x" * 70_000
    sandbox.deliver(SUPPORT, strange)
    with open_inbox(SUPPORT) as client:
        (fetched,) = client.fetch([1], ["BODY.PEEK[]", "RFC822.SIZE"]).values()
    assert fetched[b"BODY[]"] == strange
    assert fetched[b"RFC822.SIZE"] == len(strange)


@pytest.mark.parametrize("header", [b"Date: no day", b"From: =?utf-8?q?a=0Ab?= <a@b>"])
def test_a_header_that_defeats_the_parser_does_not_end_the_connection(
    sandbox: MailSandbox, open_inbox: Open, header: bytes
) -> None:
    sandbox.deliver(SUPPORT, header + b"\r\n\r\nHello\r\n")
    with open_inbox(SUPPORT) as client:
        client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE"])
        assert client.fetch([1], ["BODY.PEEK[]"])[1][b"BODY[]"].startswith(header)


def test_idle_hears_of_a_delivery(sandbox: MailSandbox, open_inbox: Open) -> None:
    with open_inbox(SUPPORT) as client:
        client.idle()
        for number in (1, 2, 3):
            sandbox.deliver(SUPPORT, LETTER)
            said = b""
            while b"* %d EXISTS" % number not in said:
                said += client.socket().recv(4096)
        client.socket().sendall(b"DONE\r\n")


def test_every_delivery_during_idle_is_told_of(sandbox: MailSandbox, open_inbox: Open) -> None:
    with open_inbox(SUPPORT) as client:
        client.idle()
        for _ in range(50):
            sandbox.deliver(SUPPORT, LETTER)
        said = b""
        while b"* 50 EXISTS" not in said:
            said += client.socket().recv(4096)
        client.socket().sendall(b"DONE\r\n")


def test_moving_leaves_one_copy(sandbox: MailSandbox, open_inbox: Open) -> None:
    for _ in range(3):
        sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as client:
        client.move([2], "Archive")
        assert client.search() == [1, 3]
    assert sandbox.messages(SUPPORT, "Archive") == [LETTER]


def test_copying_leaves_two(sandbox: MailSandbox, open_inbox: Open) -> None:
    sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as client:
        client.copy([1], "Archive")
    assert sandbox.messages(SUPPORT) == sandbox.messages(SUPPORT, "Archive") == [LETTER]


def test_expunging_by_uid_spares_other_deleted_messages(sandbox: MailSandbox, open_inbox: Open) -> None:
    for _ in range(3):
        sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as client:
        client.delete_messages([1, 2])
        client.uid_expunge([2])
        assert client.search() == [1, 3]


def test_flags_and_keywords_are_kept_and_found(sandbox: MailSandbox, open_inbox: Open) -> None:
    sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as client:
        client.add_flags([1], [b"\\Seen", b"$Filed"])
    with open_inbox(SUPPORT) as client:
        assert set(client.get_flags([1])[1]) == {b"\\Seen", b"$Filed"}
        assert client.search(["KEYWORD", "$Filed"]) == [1]
        assert client.search(["UNSEEN"]) == []


def test_a_folder_may_have_any_name(sandbox: MailSandbox, open_inbox: Open) -> None:
    with open_inbox(SUPPORT) as client:
        client.create_folder("Überfällig & offen/2026")
        assert "Überfällig & offen/2026" in [name for _, _, name in client.list_folders()]
        client.rename_folder("Überfällig & offen", "Fertig")
        assert client.folder_exists("Fertig/2026")
        sandbox.deliver(SUPPORT, LETTER, "Fertig/2026")
        assert client.select_folder("Fertig/2026")[b"EXISTS"] == 1


def test_renaming_inbox_moves_its_mail_and_leaves_it_empty(sandbox: MailSandbox, open_inbox: Open) -> None:
    sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as client:
        client.rename_folder("INBOX", "Old")
    assert sandbox.messages(SUPPORT, "Old") == [LETTER]
    assert sandbox.messages(SUPPORT) == []


def test_an_appended_message_keeps_its_date_and_flags(open_inbox: Open) -> None:
    with open_inbox(SUPPORT) as client:
        client.normalise_times = False
        told = client.append("Sent", LETTER, flags=[b"\\Seen"], msg_time=YESTERDAY)
        validity = client.select_folder("Sent")[b"UIDVALIDITY"]
        assert b"[APPENDUID %d 1]" % validity in told
        fetched = client.fetch([1], ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"])[1]
    assert fetched[b"BODY[]"] == LETTER
    assert b"\\Seen" in fetched[b"FLAGS"]
    assert fetched[b"INTERNALDATE"] == YESTERDAY


def test_a_wrong_password_is_refused(sandbox: MailSandbox) -> None:
    for user, password in ((SUPPORT, "wrong"), ("nobody@northwind.example", "a long winter"), (SUPPORT, "")):
        with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client, pytest.raises(LoginError):
            client.login(user, password)


def test_a_user_sees_no_other_users_mail(sandbox: MailSandbox, open_inbox: Open) -> None:
    sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(DANA) as client:
        assert client.search() == []


def test_a_second_connection_sees_what_the_first_one_does(sandbox: MailSandbox, open_inbox: Open) -> None:
    sandbox.deliver(SUPPORT, LETTER)
    with open_inbox(SUPPORT) as first, open_inbox(SUPPORT) as second:
        first.move([1], "Archive")
        assert (1, b"EXPUNGE") in second.noop()[1]
