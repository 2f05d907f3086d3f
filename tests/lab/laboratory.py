"""Where the faults are made: the firm's two accounts, servers that are well, and what stands between them and us."""

from __future__ import annotations

import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import trustme

from psa import clock, signing
from psa.extensions import db
from psa.mail import settings
from psa.mail.inbound.poll import Looked, poll
from psa.mail.models import InboundEmail, MailAccount, MailFolder, OutboundEmail
from psa.mail.oauth.models import OAuthGrant
from psa.mail.outbound import outbox
from psa.mail.outbound.compose import Content, compose
from psa.mail.outbound.deliver import deliver_due
from psa.mail.outbound.transport import Transport
from psa.tickets.models import Ticket
from tests.factories import Cast
from tests.lab.wire import Script, Talk
from tests.mail.oauth import conftest as oauth
from tests.mailroom import letter
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import SUPPORT
from tests.servers.oauth import OAuthProvider
from tests.servers.proxy import FaultProxy, Meddler
from tests.servers.smtp import SmtpServer

ADDRESS = SUPPORT[0]
USER = "lab@northwind.example"
# Of a kind that stands nowhere else, so that it can be looked for.
PASSWORD = "seventeen quiet otters"
DANA, RUBEN, AIKO = "dana@harbor-dental.example", "ruben@vega-logistics.example", "aiko@brightwater-hotels.example"
LETTERS = ("The scanner", "The projector")
# How long a sound server may take, and how long a silent one is waited for. In seconds.
PATIENT, IMPATIENT = 10.0, 0.4


class Laboratory:
    """The accounts stand at sound servers until a fault is injected, and again after mend()."""

    def __init__(
        self,
        protocol: str,
        cast: Cast,
        ca: trustme.CA,
        smtp: SmtpServer,
        dovecot: Dovecot,
        patch: pytest.MonkeyPatch,
        stack: ExitStack,
    ) -> None:
        self.protocol = protocol
        self.ca, self.smtp, self.dovecot, self.patch, self.stack = ca, smtp, dovecot, patch, stack
        self.account = cast.outbound if protocol == "smtp" else cast.inbound
        self.to: tuple[str, ...] = (DANA,)
        self.expected = list(LETTERS)
        self.mailbox: Any = None
        self.menders: list[Callable[[], object]] = []
        self.scripts: list[Script] = []
        self.letters_sent = 1
        self.text = "Does it light?"
        self.names: dict[str, list[Any] | OSError] = {}
        self.look_up = socket.getaddrinfo
        patch.setattr(socket, "getaddrinfo", self.resolve)
        of_account = settings.of_account
        patch.setattr(settings, "of_account", lambda account: replace(of_account(account), timeout=self.timeout))
        smtp.users[USER] = PASSWORD
        dovecot.forget(USER)
        dovecot.add_user(USER, PASSWORD)
        self.mend()

    # What faults are made of

    def point(self, port: int, *, host: str = "localhost", security: str | None = None) -> None:
        """Let the account use this server."""
        self.account.host, self.account.port = host, port
        self.account.security = security or self.account.security
        db.session.commit()

    def serve(self, talk: Talk, *, tls: ssl.SSLContext | None = None, security: str | None = None) -> Script:
        """Let the account use a server that has this conversation."""
        script = self.stack.enter_context(Script(talk, tls))
        self.scripts.append(script)
        self.point(script.port, security=security or ("ssl" if tls is not None else "none"))
        return script

    def meddle(self) -> Meddler:
        """Somebody between us and Dovecot who changes what is said."""
        port = self.dovecot.imap if self.protocol == "imap" else self.dovecot.pop3
        between = self.stack.enter_context(Meddler(port))
        self.point(between.port, security="none")
        return between

    def proxy(self) -> FaultProxy:
        """Somebody between us and a sound server who breaks the connection; it is not encrypted."""
        ports = {"imap": self.dovecot.imap, "pop3": self.dovecot.pop3}
        if self.protocol == "smtp":
            sink = self.stack.enter_context(SmtpServer({USER: PASSWORD}, ca=self.ca, auth_needs_tls=False))
            sink.received = self.smtp.received
            ports["smtp"] = sink.port
        between = self.stack.enter_context(FaultProxy(ports[self.protocol]))
        self.point(between.port, security="none")
        return between

    def be_patient_for(self, seconds: float) -> None:
        """Wait so long for an answer of the server, and not longer."""
        self.timeout = seconds
        self.patch.setitem(Transport.__init__.__kwdefaults__, "patience", seconds)

    def resolve(self, host: str, *arguments: Any, **options: Any) -> list[Any]:
        """The name server: what ``names`` has, an address or a failure; everything else is looked up as always."""
        known = self.names.get(host)
        if isinstance(known, OSError):
            raise known
        return known if known is not None else self.look_up(host, *arguments, **options)

    def sign_in_by_token(self, provider: OAuthProvider | None = None) -> OAuthProvider:
        """Let the account sign in by a provider's grant."""
        provider = provider or self.stack.enter_context(OAuthProvider())
        grant = oauth.connect(oauth.register(provider), USER)
        self.account.auth, self.account.grant_id, self.account.sealed_password = "oauth2", grant.id, ""
        db.session.commit()
        return provider

    def end_token(self) -> None:
        """Let the access token be one whose time is over."""
        grant = db.session.get_one(OAuthGrant, self.account.grant_id)
        oauth.end_access_token(grant)

    def read_folders(self, *names: str) -> None:
        self.account.folders = [MailFolder(name=name, since=None) for name in names]
        db.session.commit()

    def after_filing(self, deed: str, folder: str = "") -> None:
        self.account.after_filing, self.account.move_to = deed, folder
        db.session.commit()

    # What happens

    def mend(self) -> None:
        """Take the fault away: everything is as a sound world has it."""
        db.session.rollback()
        db.session.refresh(self.account)
        self.account.protocol = self.protocol
        self.names.clear()
        self.be_patient_for(PATIENT)
        self.smtp.answers.clear()
        self.smtp.delays.clear()
        self.account.auth, self.account.grant_id = "password", None
        self.account.username, self.account.sealed_password = USER, signing.seal(PASSWORD)
        self.account.since = None
        port = {"smtp": self.smtp.port, "imap": self.dovecot.imap, "pop3": self.dovecot.pop3}[self.protocol]
        self.point(port, security="starttls")
        for mender in self.menders:
            mender()
        self.menders.clear()

    def queue(self) -> list[OutboundEmail]:
        """What is to leave, as rows of the outbox."""
        ids = []
        for _ in range(self.letters_sent):
            composed = compose(
                Content("Projector", self.text),
                sender=("Northwind Support", ADDRESS),
                to=[("", one) for one in self.to if one.isascii()],
            )
            ids.append(
                outbox.enqueue(
                    composed,
                    account_id=self.account.id,
                    envelope_sender=ADDRESS,
                    recipients=self.to,
                    purpose="reply",
                )
            )
        db.session.commit()
        return [db.session.get_one(OutboundEmail, one) for one in ids]

    def send_due(self) -> None:
        deliver_due()
        db.session.expire_all()

    def let_time_pass(self) -> None:
        """Until whatever pauses is due again."""
        now = clock.now() - timedelta(seconds=1)
        db.session.execute(db.update(MailAccount).values(paused_until=None, refused_since=None, next_poll_at=now))
        db.session.execute(db.update(OutboundEmail).where(OutboundEmail.status == "queued").values(next_attempt_at=now))
        db.session.commit()
        db.session.expire_all()

    def arrive(self) -> None:
        """The letters reach the mailbox."""
        for subject in LETTERS:
            self.dovecot.deliver(USER, letter(subject=subject).as_bytes())

    def arrive_also(self, subject: str, text: str) -> None:
        self.dovecot.deliver(USER, letter(text, subject=subject).as_bytes())
        self.expected.append(subject)

    def look(self) -> Looked:
        mailbox, self.mailbox = self.mailbox, None
        looked = poll(self.account.id, mailbox)
        db.session.expire_all()
        return looked

    # What is found out

    @property
    def arrived(self) -> Counter[str]:
        """How often each recipient got the message, from whichever server took it."""
        taken = [letter.recipients for letter in self.smtp.received]
        taken += [recipients for script in self.scripts for recipients in script.accepted]
        return Counter(recipient for recipients in taken for recipient in recipients)

    @property
    def filed(self) -> Counter[str]:
        return Counter(db.session.scalars(db.select(Ticket.subject)))

    @property
    def ledger(self) -> set[str]:
        return set(db.session.scalars(db.select(InboundEmail.status)))

    def everything_stored(self) -> str:
        """All that is in the database, in one text."""
        rows = [db.session.execute(db.select(table)).all() for table in db.metadata.sorted_tables]
        return str(rows)
