"""How far the set-up of each new client has come, and where a notice leads to

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "client_setups",
        sa.Column("client_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("test_outbound_id", sa.Integer(), nullable=True),
        sa.Column("started_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_client_setups_client_id"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_client_setups_{column}"), ondelete="SET NULL"
            )
            for column, table in (
                ("ticket_id", "tickets"),
                ("test_outbound_id", "outbound_emails"),
                ("started_by_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_setups")),
    )
    for column in ("ticket_id", "test_outbound_id"):
        op.create_index(op.f(f"ix_client_setups_{column}"), "client_setups", [column], unique=False)
    op.create_index(
        "ix_client_setups_unfinished",
        "client_setups",
        ["created_at"],
        unique=False,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.add_column("notices", sa.Column("path", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.alter_column("path", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_column("path")
    op.drop_table("client_setups")
