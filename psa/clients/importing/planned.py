"""What an import would make of a file: its rows, and the clients and contacts that come of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psa.clients.models import Client, Contact


@dataclass(slots=True, eq=False)
class PlannedClient:
    """A client as it will be: the row that there is, or None for a new one, and what is written into it."""

    name: str
    row: Client | None = None
    values: dict[str, Any] = field(default_factory=dict)
    domains: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PlannedContact:
    """A contact as they will be, known by ``emails``; ``client`` is where they come, None for where they are.

    ``told`` are the topics that they are told of, None where the file does not say.
    """

    emails: list[str]
    line: int
    row: Contact | None = None
    client: PlannedClient | None = None
    values: dict[str, Any] = field(default_factory=dict)
    told: frozenset[str] | None = None
    is_planned: bool = False


@dataclass(slots=True)
class PlannedRow:
    """One row of the file: ``state`` is new, updated, same or left; ``reasons`` say what is not taken, and why.

    ``oddities`` are taken all the same. ``same_as`` is the line that has the contact already.
    """

    line: int
    cells: tuple[str, ...]
    does: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    oddities: list[str] = field(default_factory=list)
    same_as: int | None = None
    taken: bool = False

    @property
    def state(self) -> str:
        if self.does:
            return "new"
        if self.changes:
            return "updated"
        return "same" if self.taken and not self.reasons else "left"

    @property
    def words(self) -> str:
        """What happens, in words: new client, new contact, with phone."""
        what = ", ".join(dict.fromkeys(self.changes))
        changes = [f"{'with' if self.does else 'changes'} {what}"] if what else []
        again = [f"the contact of line {self.same_as} again"] if self.same_as is not None else []
        return ", ".join([*again, *self.does, *changes])


@dataclass(slots=True)
class Plan:
    rows: list[PlannedRow] = field(default_factory=list)
    clients: list[PlannedClient] = field(default_factory=list)
    contacts: list[PlannedContact] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def left(self) -> list[PlannedRow]:
        """The rows of which something is not taken."""
        return [row for row in self.rows if row.reasons]
