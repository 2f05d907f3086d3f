"""The sandbox as a whole: ports, restarts, and the process that runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from imapclient import IMAPClient

from psa.sandbox.server import MailSandbox, SandboxInUse
from tests.sandbox.conftest import SUPPORT, USERS
from tests.waiting import wait_until

LETTER = b"Subject: The projector\r\n\r\nIt stays dark.\r\n"
SERVE = "import sys, pathlib; from psa.sandbox.serve import serve; serve(pathlib.Path(sys.argv[1]), {sys.argv[2]: 'x'})"


def state(sandbox: MailSandbox, folder: str = "INBOX") -> tuple[int, int, dict[int, tuple[bytes, ...]]]:
    """UIDVALIDITY, UIDNEXT and the flags by UID."""
    with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
        client.login(SUPPORT, USERS[SUPPORT])
        selected = client.select_folder(folder, readonly=True)
        return selected[b"UIDVALIDITY"], selected[b"UIDNEXT"], client.get_flags(client.search())


def test_a_restart_keeps_every_message_with_its_uid_and_flags(tmp_path: Path) -> None:
    with MailSandbox(tmp_path, USERS) as sandbox:
        for _ in range(4):
            sandbox.deliver(SUPPORT, LETTER)
        with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
            client.login(SUPPORT, USERS[SUPPORT])
            client.select_folder("INBOX")
            client.add_flags([2], [b"\\Flagged"])
            client.move([4], "Archive")
        before, archive_before = state(sandbox), state(sandbox, "Archive")
    with MailSandbox(tmp_path, USERS) as sandbox:
        assert state(sandbox) == before
        assert before[1:] == (5, {1: (), 2: (b"\\Flagged",), 3: ()})
        assert state(sandbox, "Archive") == archive_before
        assert sandbox.messages(SUPPORT) == [LETTER] * 3


def test_a_uid_is_never_given_twice(tmp_path: Path) -> None:
    with MailSandbox(tmp_path, USERS) as sandbox:
        sandbox.deliver(SUPPORT, LETTER)
        with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
            client.login(SUPPORT, USERS[SUPPORT])
            client.select_folder("INBOX")
            client.delete_messages([1])
            client.expunge()
    with MailSandbox(tmp_path, USERS) as sandbox:
        sandbox.deliver(SUPPORT, LETTER)
        assert list(state(sandbox)[2]) == [2]


def test_a_folder_that_is_made_again_has_another_uidvalidity(tmp_path: Path) -> None:
    with MailSandbox(tmp_path, USERS) as sandbox:
        before = state(sandbox, "Junk")[0]
        with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
            client.login(SUPPORT, USERS[SUPPORT])
            client.delete_folder("Junk")
            client.create_folder("Junk")
        assert state(sandbox, "Junk")[0] > before


def test_a_taken_port_becomes_a_free_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        with MailSandbox(tmp_path, USERS, smtp_port=taken, imap_port=taken) as sandbox:
            assert len({taken, sandbox.smtp_port, sandbox.imap_port}) == 3


def test_a_second_sandbox_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    with MailSandbox(tmp_path, USERS), pytest.raises(SandboxInUse):
        MailSandbox(tmp_path, USERS).start()
    with MailSandbox(tmp_path, USERS) as sandbox:
        assert sandbox.messages(SUPPORT) == []


def test_a_host_that_is_not_ours_is_told_to_the_caller(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        MailSandbox(tmp_path, USERS, host="192.0.2.1").start()
    MailSandbox(tmp_path, USERS).start().stop()


def test_stopping_ends_open_connections(tmp_path: Path) -> None:
    sandbox = MailSandbox(tmp_path, USERS).start()
    with IMAPClient(sandbox.host, sandbox.imap_port, ssl=False, timeout=30) as client:
        client.login(SUPPORT, USERS[SUPPORT])
        client.select_folder("INBOX")
        client.idle()
        sandbox.stop()
        said = client.socket().recv(4096)
        assert said == b"" or said.startswith(b"* BYE")
        client.shutdown()


def test_delivering_to_nobody_or_nowhere_is_an_error(tmp_path: Path) -> None:
    with MailSandbox(tmp_path, USERS) as sandbox:
        for user, folder in (("nobody@northwind.example", "INBOX"), (SUPPORT, "Nowhere")):
            with pytest.raises(KeyError):
                sandbox.deliver(user, LETTER, folder)


@pytest.fixture
def serving(tmp_path: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path), SUPPORT])
    wait_until(lambda: (tmp_path / "ports.json").exists() or process.poll() is not None)
    return process


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_process_tells_its_ports_until_a_signal_ends_it(
    tmp_path: Path, serving: "subprocess.Popen[bytes]", ending: signal.Signals
) -> None:
    told = json.loads((tmp_path / "ports.json").read_text())
    assert told["pid"] == serving.pid
    with socket.create_connection(("127.0.0.1", told["smtp"]), timeout=30) as connection:
        assert connection.recv(100).startswith(b"220 ")
    with socket.create_connection(("127.0.0.1", told["imap"]), timeout=30) as connection:
        assert connection.recv(100).startswith(b"* OK")
    os.kill(serving.pid, ending)
    assert serving.wait(60) == 0
    assert not (tmp_path / "ports.json").exists()


def test_mail_survives_the_killing_of_the_process(tmp_path: Path, serving: "subprocess.Popen[bytes]") -> None:
    told = json.loads((tmp_path / "ports.json").read_text())
    with IMAPClient("127.0.0.1", told["imap"], ssl=False, timeout=30) as client:
        client.login(SUPPORT, "x")
        client.append("INBOX", LETTER)
        serving.kill()
        serving.wait(60)
        client.shutdown()
    with MailSandbox(tmp_path, USERS) as sandbox:
        assert sandbox.messages(SUPPORT) == [LETTER]
