"""Count and sum up what is owed, not invoiced, and open by indexes alone

Revision: 0024, after 0023.
"""

from alembic import op
from sqlalchemy import TextClause, text

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

UNBILLED = text("billable AND invoice_line_id IS NULL")
OPEN = text("status <> 'closed'")
OWED = ["status", "due_on", "kind", "currency", "total", "paid", "credited"]


def upgrade() -> None:
    op.create_index("ix_invoices_owed", "invoices", OWED, unique=False)
    op.drop_index("ix_invoices_status_due_on", table_name="invoices")
    partly("ix_time_entries_unbilled", "time_entries", UNBILLED, ["client_id", "day", "id", "minutes", "rate"])
    partly("ix_tickets_open_client_id", "tickets", OPEN, ["client_id", "queue_id", "status", "assignee_id"])


def downgrade() -> None:
    partly("ix_tickets_open_client_id", "tickets", OPEN, ["client_id"])
    partly("ix_time_entries_unbilled", "time_entries", UNBILLED, ["client_id", "day", "id"])
    op.create_index("ix_invoices_status_due_on", "invoices", ["status", "due_on"], unique=False)
    op.drop_index("ix_invoices_owed", table_name="invoices")


def partly(name: str, table: str, condition: TextClause, columns: list[str]) -> None:
    """The index in the place of that of the same name, for the rows of ``condition``."""
    op.drop_index(name, table_name=table)
    op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
