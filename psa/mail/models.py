"""Accounts, what came in, what goes out, and every attempt in between."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.extensions import Model, UTCDateTime

if TYPE_CHECKING:
    from psa.mail.oauth.models import OAuthGrant
    from psa.tickets.models import Comment, Queue, Ticket


def only(condition: str) -> dict[str, Any]:
    """The rows that an index holds, for either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# What a person can have processed again; what is new, at once.
PROCESSABLE = ("new", "held", "ignored", "failed")
# What has not left, or may not have, and is not tried again by itself.
NOT_SENT = "status IN ('failed', 'unconfirmed')"
# What some recipients have got, and others for good have not, is "sent" by its status: the states of those others.
NOT_ALL = ("failed", "bounced", "suppressed")
PARTLY_SENT = "status = 'sent' AND ({})".format(
    " OR ".join(f"""CAST(results AS TEXT) LIKE '%"state": "{state}"%'""" for state in NOT_ALL)
)
# What our mail may be about instead of a ticket.
ABOUT = ("invoice_id", "update_id", "statement_of_id")
# How the ledger key of a message begins that came by ``flask psa mail receive``, without a mailbox.
PIPED = "pipe:"


class MailAccount(Model):
    """An address with its server and credentials, in one direction: ``inbound`` (IMAP, POP3) or ``outbound`` (SMTP).

    ``security`` is starttls (called TLS on the pages), ssl or none. One signs in with the password, which is opened
    only for that, or with the ``grant`` of a provider (OAuth2).
    ``since`` is the moment from which mail is taken, empty for everything; mail older than the account is a backlog.
    ``unknown_senders`` become contacts, are held for a person, or are held and answered politely, once.
    """

    __tablename__ = "mail_accounts"
    __table_args__ = (
        UniqueConstraint("direction", "address"),
        CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
        CheckConstraint("protocol IN ('imap', 'pop3', 'smtp')", name="protocol"),
        CheckConstraint("security IN ('starttls', 'ssl', 'none')", name="security"),
        CheckConstraint("auth IN ('password', 'oauth2')", name="auth"),
        CheckConstraint("after_filing IN ('leave', 'seen', 'move', 'delete')", name="after_filing"),
        CheckConstraint("unknown_senders IN ('contact', 'hold', 'answer')", name="unknown_senders"),
        CheckConstraint("spam IN ('file', 'hold', 'ignore')", name="spam"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(320))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    protocol: Mapped[str] = mapped_column(String(10))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(String(10))
    username: Mapped[str] = mapped_column(String(320), default="")
    sealed_password: Mapped[str] = mapped_column(Text, default="")
    password_set_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    auth: Mapped[str] = mapped_column(String(10), default="password")
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("oauth_grants.id", ondelete="SET NULL"))
    # Outbound
    is_default: Mapped[bool] = mapped_column(default=False)
    # Where answers go when not to the address itself, and what stands below what people write.
    reply_to: Mapped[str] = mapped_column(String(320), default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    # The IMAP folder that gets a copy of what people write, through the mailbox of the same address; empty for none.
    sent_folder: Mapped[str] = mapped_column(String(500), default="")
    # A certificate authority of the firm's own, in PEM, beside those that the system trusts; for both directions.
    ca_pem: Mapped[str] = mapped_column(Text, default="")
    # After a failure of the server nothing leaves before this moment, whatever waits.
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Inbound
    interval: Mapped[int] = mapped_column(default=60)
    parsing: Mapped[bool] = mapped_column(default=True)
    create_tickets: Mapped[bool] = mapped_column(default=True)
    default_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="SET NULL"))
    after_filing: Mapped[str] = mapped_column(String(10), default="leave")
    move_to: Mapped[str] = mapped_column(String(500), default="")
    unknown_senders: Mapped[str] = mapped_column(String(10), default="contact")
    # The name under which the server in front of the mailbox writes what it found of a sender (RFC 8601); none trusted
    # while it is empty. With a dot before it, all servers below that name.
    authserv: Mapped[str] = mapped_column(String(253), default="")
    # Whether a user who is proven to have written answers clients by mail.
    agents_may_answer: Mapped[bool] = mapped_column(default=False)
    # Addresses and domains, separated by blanks, that write for others: web forms, lists. Their Reply-To is the sender.
    reply_to_counts: Mapped[str] = mapped_column(Text, default="")
    # What becomes of mail that the filter in front of the mailbox calls spam: it is filed, held as junk, or ignored.
    spam: Mapped[str] = mapped_column(String(10), default="file")
    # In octets: of a larger message only the headers are taken until a person asks for the rest.
    size_limit: Mapped[int] = mapped_column(default=50 * 1024 * 1024)
    # Without any mail for so many hours somebody is told.
    silence_hours: Mapped[int | None]
    acknowledge: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime | None] = mapped_column(UTCDateTime, default=clock.now)
    # Raised by every change of the settings above, so that an open connection knows that it is out of date.
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # State, in words for the settings page
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_failure_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    fault_stage: Mapped[str] = mapped_column(String(20), default="")
    fault_cause: Mapped[str] = mapped_column(String(40), default="")
    fault_words: Mapped[str] = mapped_column(Text, default="")
    next_poll_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Since the server refused the credentials for the third time: from then on they are tried once an hour only.
    refused_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    on_server: Mapped[int | None]
    # Which of several hosts looks after the mailbox (psa/jobs/hosts.py).
    host_id: Mapped[str | None] = mapped_column(String(64))

    default_queue: Mapped[Queue | None] = relationship()
    grant: Mapped[OAuthGrant | None] = relationship()
    folders: Mapped[list[MailFolder]] = relationship(
        back_populates="account", cascade="all, delete-orphan", order_by="MailFolder.id"
    )

    @property
    def folder(self) -> str:
        """The folder that is listened to: the first of those that are read."""
        return self.folders[0].name if self.folders else "INBOX"

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class SettingsVersion(Model):
    """Settings of an account that are not the live ones: a ``draft`` that is being tried, or a ``former`` version.

    ``sealed_settings`` are the server's with the password; ``reading`` is what belongs to a mailbox beside them.
    A draft takes the place of the live settings when its test has passed, and those become a former version.
    """

    __tablename__ = "settings_versions"
    __table_args__ = (CheckConstraint("state IN ('draft', 'former')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    sealed_settings: Mapped[str] = mapped_column(Text)
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    test_id: Mapped[int | None] = mapped_column(ForeignKey("connection_tests.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    account: Mapped[MailAccount] = relationship()
    test: Mapped[ConnectionTest | None] = relationship()


class MailFolder(Model):
    """A mailbox folder that is read, and how far: all up to ``cursor`` (a UID) is kept or lies before the start.

    ``uidvalidity`` is empty before the first look. ``since`` is as in MailAccount, for a folder of its own.
    """

    __tablename__ = "mail_folders"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(500))
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    cursor: Mapped[int] = mapped_column(BigInteger, default=0)
    # Counts how often the server gave out the same UIDs again without saying so by another UIDVALIDITY.
    generation: Mapped[int] = mapped_column(default=0)
    # What lay there before the start has UIDs up to this one, when it was left alone as a whole.
    start_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Up to this UID a message's own time of arrival says whether it lies before the account's start; above, all is new.
    dated_until: Mapped[int] = mapped_column(BigInteger, default=0)
    # The server has given its messages new numbers once: what arrives may be an old acquaintance.
    renumbered: Mapped[bool] = mapped_column(default=False)

    account: Mapped[MailAccount] = relationship(back_populates="folders")


class RawMessage(Model):
    """The bytes of one message, in or out, compressed with zlib."""

    __tablename__ = "raw_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class InboundEmail(Model):
    """One message that reached a mailbox of ours, and what became of it.

    It is known by (account, folder, UIDVALIDITY, UID) or (account, UIDL), so it is kept once. ``status`` is its
    disposition, ``reason`` says why in a sentence, ``trace`` is the list of steps that decided it.
    ``raw_id`` is empty for POP3 mail that lay on the server before the start, and for what the server did not hand
    over; ``complete`` is false when only the headers were taken because the message is over the limit.
    """

    __tablename__ = "inbound_emails"
    __table_args__ = (
        UniqueConstraint("account_id", "folder", "uidvalidity", "uid"),
        UniqueConstraint("account_id", "uidl"),
        CheckConstraint("status IN ('new', 'filed', 'held', 'ignored', 'reported', 'failed')", name="status"),
        CheckConstraint("trust IN ('', 'proven', 'unproven', 'doubtful', 'failed', 'unknown')", name="trust"),
        Index("ix_inbound_emails_account_id_status", "account_id", "status"),
        Index("ix_inbound_emails_account_id_settled", "account_id", "settled"),
        # The Mail log's order, whole and narrowed.
        Index("ix_inbound_emails_kept_at_id", "kept_at", "id"),
        Index("ix_inbound_emails_status_kept_at_id", "status", "kept_at", "id"),
        Index("ix_inbound_emails_account_id_kept_at_id", "account_id", "kept_at", "id"),
        Index("ix_inbound_emails_junk", "id", **only("status = 'held' AND kind = 'junk'")),
        Index("ix_inbound_emails_decided_by_kept_at_id", "decided_by", "kept_at", "id"),
        Index("ix_inbound_emails_automatic", "kept_at", "id", **only("kind = 'automatic'")),
        Index("ix_inbound_emails_trust_due", "backlog", "trust_due_at", **only("trust_due_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"))
    folder: Mapped[str] = mapped_column(String(500), default="")
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger)
    uid: Mapped[int | None] = mapped_column(BigInteger)
    uidl: Mapped[str | None] = mapped_column(String(255))
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw_messages.id"))
    size: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=True)
    backlog: Mapped[bool] = mapped_column(default=False)
    # Whether the server's copy has been dealt with as the account wants it; always after the disposition is committed.
    settled: Mapped[bool] = mapped_column(default=False)
    # A person wants the whole message, whatever its size: the next look fetches it.
    fetch_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # How often somebody began to deal with it after a stop; what ends the process itself must not be tried for ever.
    tries: Mapped[int] = mapped_column(default=0)
    arrived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # What was read in it
    message_id: Mapped[str | None] = mapped_column(String(998))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    sender_email: Mapped[str] = mapped_column(String(320), default="")
    # Addresses in To, Cc and of the delivery, separated by blanks: for searching.
    recipients: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(998), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")
    # Who really wrote it, as far as that is known, and by what; "" until it was processed.
    trust: Mapped[str] = mapped_column(String(10), default="")
    trust_words: Mapped[str] = mapped_column(Text, default="")
    # When our own check is made next, or who makes it now will have done it; empty when none is to come.
    trust_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    trust_tries: Mapped[int] = mapped_column(default=0)
    # What became of it
    status: Mapped[str] = mapped_column(String(10), default="new")
    reason: Mapped[str] = mapped_column(Text, default="")
    trace: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # The step that made the difference, a key of psa.mail.steps; what the counters on the page of the rules count.
    decided_by: Mapped[str] = mapped_column(String(20), default="")
    processed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_emails.id", ondelete="SET NULL"))

    account: Mapped[MailAccount] = relationship()
    raw: Mapped[RawMessage | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()


class HeldAnswer(Model):
    """The invoice that a held message answers, so that its page says so for as long as the message is held."""

    __tablename__ = "held_answers"

    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_emails.id", ondelete="CASCADE"), primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), index=True)


class FiledMail(Model):
    """The one row that answers for a mail, whichever of our mailboxes got it: two copies cannot both be filed."""

    __tablename__ = "filed_mails"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_emails.id", ondelete="CASCADE"), index=True)


class ThreadKey(Model):
    """The digest of what answers find a ticket by: ours or theirs, as far as we ever saw it.

    ``strength``: message (the Message-ID of one of its messages, also one that a relay gave it), seen (an id that one
    of them refers to), index (the conversation of Outlook that they belong to).
    """

    __tablename__ = "thread_keys"
    __table_args__ = (CheckConstraint("strength IN ('message', 'seen', 'index')", name="strength"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, index=True)
    strength: Mapped[str] = mapped_column(String(10), default="message")


class OutboundEmail(Model):
    """One message that leaves, as the very bytes that leave; a retry sends the same ones under the same Message-ID.

    ``status``: queued → sending → sent (→ bounced), or failed, or cancelled by a person before it left, or unconfirmed
    (the connection died after the message was handed over, so the server may have it: never sent again by itself).
    ``recipients`` are envelope addresses; ``results`` is what became of each, ``{"address": {"state", "words"}}`` with
    the states waiting, sent, failed, bounced and suppressed. A lower ``priority`` leaves first: 0 what a person wrote,
    1 notices about it, 2 what goes to many. A row that is ``sending`` is claimed until ``claimed_until``; when its
    sender died, ``handed_over_at`` tells whether the bytes had begun to leave.
    """

    __tablename__ = "outbound_emails"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'bounced', 'failed', 'unconfirmed', 'cancelled')",
            name="status",
        ),
        CheckConstraint("copy_state IN ('', 'wanted', 'made', 'failed')", name="copy_state"),
        Index("ix_outbound_emails_due", "status", "account_id", "priority", "next_attempt_at"),
        Index("ix_outbound_emails_queued_at_id", "queued_at", "id"),
        Index("ix_outbound_emails_sent_at", "sent_at"),
        # What every round of the timetable asks for is mostly nothing: small indexes of just that.
        Index("ix_outbound_emails_copies", "next_attempt_at", **only("copy_state = 'wanted'")),
        Index("ix_outbound_emails_tests", "status", **only("purpose = 'test'")),
        Index("ix_outbound_emails_person", "status", **only(f"{NOT_SENT} AND seen_to_at IS NULL")),
        # With the status before the time, or SQLite finds by status in one of the others, and sorts all that was sent.
        Index("ix_outbound_emails_partly", "status", "queued_at", "id", **only(PARTLY_SENT)),
        *(Index(f"ix_outbound_emails_{one}", one, **only(f"{one} IS NOT NULL")) for one in ABOUT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Empty only for a test of settings that nobody has saved.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), index=True)
    raw_id: Mapped[int] = mapped_column(ForeignKey("raw_messages.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[str] = mapped_column(String(998), unique=True)
    envelope_sender: Mapped[str] = mapped_column(String(320))
    recipients: Mapped[list[str]] = mapped_column(JSON)
    subject: Mapped[str] = mapped_column(String(998), default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"), index=True)
    # What it is about, when it is about no ticket: an answer to it opens one that carries the same.
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id", ondelete="SET NULL"))
    update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id", ondelete="SET NULL"))
    # The client whose statement it is: whoever got it may belong to another one by now.
    statement_of_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(15), default="queued")
    reason: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str] = mapped_column(String(40), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    next_attempt_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    priority: Mapped[int] = mapped_column(default=1)
    results: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    # Until then its writer can take it back: it does not leave before.
    undo_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Which of the Default Templates it was made from, where it was.
    template: Mapped[str] = mapped_column(String(40), default="")
    # The copy in the Sent folder: a side step of its own that never sends anything again.
    copy_state: Mapped[str] = mapped_column(String(10), default="")
    copy_words: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # A person has seen that it failed or is unconfirmed, and leaves it at that: who it was, and why.
    seen_to_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_to_words: Mapped[str] = mapped_column(Text, default="")

    account: Mapped[MailAccount | None] = relationship()
    raw: Mapped[RawMessage] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    comment: Mapped[Comment | None] = relationship(back_populates="outbound", foreign_keys=[comment_id])
    delivery_attempts: Mapped[list[DeliveryAttempt]] = relationship(order_by="DeliveryAttempt.id")


class DeliveryAttempt(Model):
    """One try to hand a message over: how far it came, what the server said, and each step with its time."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_emails.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(15), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    refused: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    # The journal of the try: ``{"stage", "title", "detail", "state", "ms"}`` each.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class ConnectionTest(Model):
    """One press of Send Test Email or Test Connection: its steps, as far as they have come.

    ``sealed_settings`` are the settings that are tested, saved or not. ``steps`` is a list of
    ``{"stage", "title", "detail", "state": "done" | "live" | "failed" | "waiting", "ms"}``.
    """

    __tablename__ = "connection_tests"
    __table_args__ = (CheckConstraint("state IN ('running', 'passed', 'failed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("mail_accounts.id", ondelete="CASCADE"), index=True)
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_emails.id", ondelete="SET NULL"), index=True)
    sealed_settings: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="running")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    findings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    stage: Mapped[str] = mapped_column(String(20), default="")
    cause: Mapped[str] = mapped_column(String(40), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # When a step last began or ended: a test that is silent for long has lost its thread.
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
