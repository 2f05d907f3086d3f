"""Keep the currency of a rate with the time, what a credit note rounds its tax by, and whether time was given back

Revision: 0026, after 0025. Time at a rate of its client's own, or of a project's of that client, was in the client's
currency; all other time is in the firm's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

UNBILLED = text("billable AND invoice_line_id IS NULL")
SUMMED_UP = ["client_id", "day", "id", "minutes", "rate"]
ALIKE = ["currency", "ticket_id", "task_id", "project_id"]


def upgrade() -> None:
    op.add_column("invoices", sa.Column("time_returned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invoice_lines", sa.Column("tax_rounding", sa.Numeric(15, 3), nullable=False, server_default="0"))
    op.add_column("time_entries", sa.Column("currency", sa.String(3), nullable=False, server_default=""))
    op.execute(
        "UPDATE time_entries SET currency = (SELECT currency FROM clients WHERE clients.id = time_entries.client_id)"
        " WHERE rate IS NOT NULL AND client_id IN (SELECT id FROM clients WHERE currency <> '')"
        " AND EXISTS (SELECT 1 FROM rates WHERE rates.amount = time_entries.rate"
        " AND (rates.client_id = time_entries.client_id OR rates.project_id = time_entries.project_id))"
    )
    index_of_unbilled([*SUMMED_UP, *ALIKE])


def downgrade() -> None:
    index_of_unbilled(SUMMED_UP)
    op.drop_column("time_entries", "currency")
    op.drop_column("invoice_lines", "tax_rounding")
    op.drop_column("invoices", "time_returned")


def index_of_unbilled(columns: list[str]) -> None:
    op.drop_index("ix_time_entries_unbilled", table_name="time_entries")
    op.create_index(
        "ix_time_entries_unbilled",
        "time_entries",
        columns,
        unique=False,
        sqlite_where=UNBILLED,
        postgresql_where=UNBILLED,
    )
