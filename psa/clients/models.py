"""Client, Domain, Contact and the addresses a contact writes from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from psa import clock
from psa.extensions import Model, UTCDateTime


class Client(Model):
    """A company. Mail from one of its domains belongs to it, and to its project when it has one."""

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    notes: Mapped[str] = mapped_column(Text, default="")
    # Where its new tickets go unless a rule says otherwise; empty for the mailbox's own.
    default_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queues.id", ondelete="SET NULL"))
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
    """A person who writes to us; without a client as long as nobody knows where they belong."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("clients.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    client: Mapped[Client | None] = relationship(back_populates="contacts")
    addresses: Mapped[list[ContactAddress]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", order_by="ContactAddress.id"
    )

    @property
    def email(self) -> str:
        """The address that we write to: the first one."""
        return self.addresses[0].email if self.addresses else ""

    @property
    def display_name(self) -> str:
        return self.name or self.email


class ContactAddress(Model):
    """One address of a contact, in lower case."""

    __tablename__ = "contact_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)

    contact: Mapped[Contact] = relationship(back_populates="addresses")
