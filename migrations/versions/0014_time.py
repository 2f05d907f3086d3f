"""Time entries, clocks that run, and rates

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "time_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_time_entries_minutes")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_time_entries_user_id")),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_time_entries_{one}_id"), ondelete="SET NULL"
            )
            for one in ("ticket", "project", "client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_entries")),
    )
    op.create_index("ix_time_entries_user_id_day", "time_entries", ["user_id", "day"], unique=False)
    op.create_index("ix_time_entries_client_id_day", "time_entries", ["client_id", "day", "id"], unique=False)
    for one in ("ticket", "project"):
        op.create_index(op.f(f"ix_time_entries_{one}_id"), "time_entries", [f"{one}_id"], unique=False)
    op.create_table(
        "timers",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_timers_{one}_id"), ondelete="CASCADE")
            for one in ("user", "ticket")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_ticket_id"), "timers", ["ticket_id"], unique=False)
    op.create_table(
        "rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_rates_amount")),
        sa.CheckConstraint("client_id IS NULL OR project_id IS NULL", name=op.f("ck_rates_scope")),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}s.id"], name=op.f(f"fk_rates_{one}_id"), ondelete="CASCADE")
            for one in ("client", "project", "user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("key", name=op.f("uq_rates_key")),
    )
    for one in ("client", "project", "user"):
        op.create_index(op.f(f"ix_rates_{one}_id"), "rates", [f"{one}_id"], unique=False)


def downgrade() -> None:
    for table in ("rates", "timers", "time_entries"):
        op.drop_table(table)
