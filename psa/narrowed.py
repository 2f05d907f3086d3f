"""Lists that a reader has narrowed: what was asked for, and the query that leads there again."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Base of what narrows a list, field by field. ``IN_QUERY`` are those with another name in the query."""

    IN_QUERY: ClassVar[dict[str, str]] = {}

    @property
    def args(self) -> dict[str, Any]:
        """The query that leads back here."""
        named = {self.IN_QUERY.get(one.name, one.name): getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in named.items() if value}

    def but(self, **changes: Any) -> dict[str, Any]:
        """The query that leads to the same list with something changed."""
        return replace(self, **changes).args
