"""Client, Domain, Contact and the addresses a contact writes from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock, words
from psa.extensions import Model, UTCDateTime


def folded_name(context: DefaultExecutionContext) -> str:
    """What a new client is sorted and searched by."""
    return words.fold(context.get_current_parameters()["name"])  # type: ignore[no-untyped-call]


class Client(Model):
    """A company. Mail from one of its domains belongs to it, and to its project when it has one.

    ``active`` until it is a former client. One that was merged into another is ``merged_into_id``: its row stays, so
    that old links lead on and the merge can be undone, and no list shows it. ``revision`` counts what people changed on
    its page: who saves an older one is told.
    """

    __tablename__ = "clients"
    __table_args__ = (
        CheckConstraint("payment_days BETWEEN 0 AND 365", name="payment_days"),
        Index("ix_clients_active_folded", "active", "folded", "id"),
        Index("ix_clients_folded", "folded", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    # The name as words without accents and case, by which the list is sorted and searched; see psa.words.
    folded: Mapped[str] = mapped_column(String(800), default=folded_name)
    notes: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    # Where its new tickets go unless a rule says otherwise; empty for the mailbox's own.
    default_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="SET NULL"))
    # What its invoices say; the currency (ISO 4217) and the days are the firm's where nothing is said.
    currency: Mapped[str] = mapped_column(String(3), default="")
    billing_address: Mapped[str] = mapped_column(Text, default="")
    tax_id: Mapped[str] = mapped_column(String(60), default="")
    payment_days: Mapped[int | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    domains: Mapped[list[Domain]] = relationship(back_populates="client", cascade="all, delete-orphan")
    contacts: Mapped[list[Contact]] = relationship(back_populates="client")


class Domain(Model):
    """A mail domain of a client, in lower case; the longest one that a sender's domain ends with decides."""

    __tablename__ = "domains"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(253), unique=True)

    client: Mapped[Client] = relationship(back_populates="domains")


class Contact(Model):
    """A person who writes to us; without a client as long as nobody knows where they belong.

    ``role`` is what they do at the client. ``merged_into_id`` and ``revision`` are as in Client.
    """

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    client: Mapped[Client | None] = relationship(back_populates="contacts")
    addresses: Mapped[list[ContactAddress]] = relationship(
        back_populates="contact",
        cascade="all, delete-orphan",
        order_by="ContactAddress.position, ContactAddress.id",
    )

    @property
    def email(self) -> str:
        """The address that we write to: the first one."""
        return self.addresses[0].email if self.addresses else ""

    @property
    def display_name(self) -> str:
        return self.name or self.email


class ContactAddress(Model):
    """One address of a contact, in lower case. The one with the lowest ``position`` is the one that we write to."""

    __tablename__ = "contact_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    position: Mapped[int] = mapped_column(default=0)

    contact: Mapped[Contact] = relationship(back_populates="addresses")


class ClientMerge(Model):
    """Two clients that turned out to be one, or two contacts (``kind``): ``gone_id`` was merged into ``kept_id``.

    The ids are of that kind's table. ``moved`` names what moved, so that it can move back; see psa.clients.merging.
    """

    __tablename__ = "client_merges"
    __table_args__ = (
        CheckConstraint("kind IN ('client', 'contact')", name="kind"),
        Index("ix_client_merges_kind_kept_id", "kind", "kept_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    gone_id: Mapped[int]
    kept_id: Mapped[int]
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ClientImport(Model):
    """A file of clients and contacts on its way in: its bytes, what each column is, and what could not be taken.

    ``columns`` is a field of psa.clients.importing for each column of the file, "" for none. ``left`` is a list of
    ``[line, reason, the cells…]``, and ``taken`` counts what was made of the others, once it was imported.
    """

    __tablename__ = "client_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(255), default="")
    content: Mapped[bytes] = mapped_column(LargeBinary)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    taken: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    left: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    imported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
