"""Mail about invoices and project updates, the tickets that answers to it open, files of invoices, and reminders

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ABOUT = ("invoice", "update")


def upgrade() -> None:
    for table in ("tickets", "outbound_emails"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for one in ABOUT:
                batch_op.add_column(sa.Column(f"{one}_id", sa.Integer(), nullable=True))
                batch_op.create_foreign_key(
                    op.f(f"fk_{table}_{one}_id"), f"{one}s", [f"{one}_id"], ["id"], ondelete="SET NULL"
                )
        for one in ABOUT:
            some = sa.text(f"{one}_id IS NOT NULL")
            op.create_index(
                f"ix_{table}_{one}_id", table, [f"{one}_id"], unique=False, sqlite_where=some, postgresql_where=some
            )
    op.create_table(
        "invoice_files",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_files_invoice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_files")),
    )
    op.create_table(
        "reminder_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("days BETWEEN -60 AND 365", name=op.f("ck_reminder_steps_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_steps")),
        sa.UniqueConstraint("days", name=op.f("uq_reminder_steps_days")),
    )
    op.create_table(
        "invoice_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_reminders_invoice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_reminders")),
        sa.UniqueConstraint("invoice_id", "days", name=op.f("uq_invoice_reminders_invoice_id_days")),
    )
    op.create_table(
        "unreminded_clients",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_unreminded_clients_client_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_unreminded_clients_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_unreminded_clients")),
    )


def downgrade() -> None:
    for table in ("unreminded_clients", "invoice_reminders", "reminder_steps", "invoice_files"):
        op.drop_table(table)
    for table in ("outbound_emails", "tickets"):
        for one in ABOUT:
            op.drop_index(f"ix_{table}_{one}_id", table_name=table)
        with op.batch_alter_table(table, schema=None) as batch_op:
            for one in ABOUT:
                batch_op.drop_constraint(op.f(f"fk_{table}_{one}_id"), type_="foreignkey")
                batch_op.drop_column(f"{one}_id")
