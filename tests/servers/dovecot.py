"""A Dovecot 2.3 of our own for a test session: IMAP and POP3, plain, STARTTLS and TLS, passwords and XOAUTH2."""

import base64
import grp
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from imapclient import IMAPClient, imap_utf7

from tests.servers import tokens, unprivileged

# Penalties and delays for bad logins are off: each would cost a test seconds; half a second remains. Every user has a
# file, because Dovecot looks only once a second whether a file of users has changed.
CONFIGURATION = """
base_dir = {d}/run
state_dir = {d}/state
log_path = {d}/log
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 100
ssl_cert = <{d}/certificate.pem
ssl_key = <{d}/key.pem
mail_location = maildir:{d}/mail/%u
mail_plugins = acl
plugin {{
  acl = vfile
}}
namespace inbox {{
  inbox = yes
  separator = .
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
}}
namespace team {{
  type = public
  separator = .
  prefix = Team.
  location = maildir:{d}/team
  subscriptions = no
  list = children
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {d}/users/%u
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {d}/oauth2
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={d}/mail/%u
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
"""


class Dovecot:
    """Listens on 127.0.0.1 at the ports `imap` and `pop3` (plain or STARTTLS), `imaps` and `pop3s`.

    Its certificate is for localhost and 127.0.0.1, signed by `ca`, whose own certificate is the file `ca_pem`.
    """

    def __init__(self, users: Mapping[str, str], *, ca: trustme.CA | None = None) -> None:
        self.users = dict(users)
        self.ca = ca or trustme.CA()
        self.imap, self.imaps, self.pop3, self.pop3s = _free_ports(4)
        self._delivered = 0

    def start(self) -> Self:
        """Returns once it greets. Raises FileNotFoundError when Dovecot is not installed."""
        dovecot = unprivileged.program("dovecot", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
        self.directory = Path(tempfile.mkdtemp(prefix="dovecot", dir="/tmp"))  # short: unix sockets have 108 bytes
        self.ca_pem = self.directory / "ca.pem"
        self._write_configuration()
        words = [dovecot, "-F", "-c", str(self.directory / "dovecot.conf")]
        # In a group of its own, so that stop() reaches all of its processes and nothing else.
        self.process = subprocess.Popen(unprivileged.command(words), stderr=subprocess.DEVNULL, process_group=0)
        self._wait_for_greeting()
        return self

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)  # asked politely, it takes a second
        self.process.wait(30)
        shutil.rmtree(self.directory)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def add_user(self, user: str, password: str) -> None:
        self.users[user] = password
        self._write_user(user, password)

    def forget(self, user: str) -> None:
        """Removes the user and all mail of the user, if there are any."""
        self.users.pop(user, None)
        (self.directory / "users" / user).unlink(missing_ok=True)
        shutil.rmtree(self.directory / "mail" / user, ignore_errors=True)

    def access_token(self, user: str, *, seconds: int = 3600) -> str:
        """A token for XOAUTH2; with `seconds` below zero, one that has expired."""
        return tokens.issue(user, seconds=seconds)

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Puts the message into the folder as a mail server's delivery does: waiting IDLEs wake. Makes the folder."""
        maildir = self._maildir(user, folder)
        self._delivered += 1
        name = f"{time.time():.6f}.{os.getpid()}_{self._delivered:06}.tests"
        draft = maildir / "tmp" / name
        draft.write_bytes(raw)
        unprivileged.hand_over(draft)
        draft.rename(maildir / "new" / name)

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Gives all messages of the folder new UIDs under another UIDVALIDITY, as after a restore or a move."""
        maildir = self._maildir(user, folder)
        # https://doc.dovecot.org/2.3/admin_manual/mailbox_formats/maildir/: "3 V<UIDVALIDITY> N<next UID> G<GUID>".
        first_line = (maildir / "dovecot-uidlist").read_text().splitlines()[0]
        before = re.search(r" V(\d+)", first_line)
        assert before is not None
        for path in maildir.glob("dovecot*"):
            path.unlink()
        fresh = maildir / "dovecot-uidlist"
        fresh.write_text(f"3 V{int(before[1]) + 1} N1\n")
        unprivileged.hand_over(fresh)

    def share(self, folder: str) -> None:
        """Makes a folder in the namespace "Team", which all users have."""
        maildir = self.directory / "team" / f".{imap_utf7.encode(folder).decode()}"
        for path in (maildir.parent, maildir, *(maildir / part for part in ("tmp", "new", "cur"))):
            path.mkdir(exist_ok=True)
            unprivileged.hand_over(path)
        self._allow(maildir, "anyone lrwstipekxa")

    def unshare(self) -> None:
        """Removes all folders that `share` made."""
        shutil.rmtree(self.directory / "team", ignore_errors=True)

    def allow_only(self, user: str, rights: str, folder: str = "INBOX") -> None:
        """What the user may do in the folder, in the letters of RFC 4314: "lr" is looking and reading."""
        self._allow(self._maildir(user, folder), f"owner {rights}")

    def _allow(self, maildir: Path, line: str) -> None:
        path = maildir / "dovecot-acl"
        path.write_text(f"{line}\n")
        unprivileged.hand_over(path)

    def back_up(self, user: str) -> Path:
        """A copy of the user's mail with all its numbers, for `restore`."""
        self.messages(user)  # only now the last ones that came have their numbers
        copy = Path(tempfile.mkdtemp(prefix="backup", dir=self.directory)) / "mail"
        shutil.copytree(self.directory / "mail" / user, copy)
        return copy

    def restore(self, user: str, copy: Path) -> None:
        """Puts a copy of `back_up` into the place of the user's mail, as an administrator does. Nobody may be in it."""
        home = self.directory / "mail" / user
        shutil.rmtree(home)
        shutil.copytree(copy, home)
        unprivileged.hand_over(home, *home.rglob("*"))

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """What is in the folder, in the order of UIDs; reading does not mark it as seen."""
        with IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=60) as client:
            client.login(user, self.users[user])
            client.select_folder(folder, readonly=True)
            found = client.search()
            fetched = client.fetch(found, ["BODY.PEEK[]"]) if found else {}
            return [fetched[uid][b"BODY[]"] for uid in sorted(found)]

    def files(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each message as its file has them: "S" is seen, "T" deleted. Asks nobody, so it is quick."""
        maildir = self._maildir(user, folder)
        names = [path.name for part in ("new", "cur") for path in (maildir / part).iterdir()]
        return [name.partition(":2,")[2] for name in sorted(names)]

    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def _maildir(self, user: str, folder: str) -> Path:
        home = self.directory / "mail" / user
        maildir = home if folder == "INBOX" else home / f".{imap_utf7.encode(folder).decode().replace('/', '.')}"
        for path in (home, maildir, *(maildir / part for part in ("tmp", "new", "cur"))):
            if not path.exists():
                path.mkdir()
                unprivileged.hand_over(path)
        return maildir

    def _write_configuration(self) -> None:
        d = self.directory
        certificate = self.ca.issue_cert("localhost", "127.0.0.1")
        self.ca.cert_pem.write_to_path(str(self.ca_pem))
        (d / "certificate.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
        (d / "key.pem").write_bytes(certificate.private_key_pem.bytes())
        keys = d / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_text(base64.b64encode(tokens.JWT_KEY).decode())
        (d / "oauth2").write_text(
            "introspection_mode = local\n"
            f"local_validation_key_dict = fs:posix:prefix={d}/keys/\n"
            "username_attribute = email\n"
        )
        (d / "mail").mkdir()
        who = unprivileged.account()
        group = grp.getgrgid(who.pw_gid).gr_name
        ports = {name: getattr(self, name) for name in ("imap", "imaps", "pop3", "pop3s")}
        (d / "dovecot.conf").write_text(CONFIGURATION.format(d=d, user=who.pw_name, group=group, **ports))
        (d / "users").mkdir()
        for user, password in self.users.items():
            self._write_user(user, password)
        unprivileged.hand_over(d, *d.rglob("*"))

    def _write_user(self, user: str, password: str) -> None:
        (self.directory / "users" / user).write_text(f"{user}:{{PLAIN}}{password}::::::\n")

    def _wait_for_greeting(self) -> None:
        for _ in range(6000):
            if self.process.poll() is not None:
                break
            with ExitStack() as stack:
                try:
                    connection = stack.enter_context(socket.create_connection(("127.0.0.1", self.imap), timeout=60))
                except ConnectionRefusedError:
                    time.sleep(0.01)
                    continue
                if connection.recv(64).startswith(b"* OK"):
                    return
        raise RuntimeError(f"Dovecot did not start:\n{self.log()}")


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago: all are held until the last is found, so that they differ."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in held]
