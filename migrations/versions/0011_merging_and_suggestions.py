"""Merged, split and linked tickets, suggestions, weaker keys, and where replies to closed tickets go

Revision: 0011, after 0010. Keys that are known already are those of the messages themselves.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('related', 'split', 'follows')", name=op.f("ck_ticket_links_kind")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name=op.f("pk_ticket_links")),
    )
    op.create_index(op.f("ix_ticket_links_other_id"), "ticket_links", ["other_id"], unique=False)
    op.create_table(
        "ticket_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["tickets.id"], name=op.f("fk_ticket_merges_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["tickets.id"], name=op.f("fk_ticket_merges_target_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ticket_merges_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_merges")),
    )
    op.create_index(op.f("ix_ticket_merges_source_id"), "ticket_merges", ["source_id"], unique=False)
    op.create_index(op.f("ix_ticket_merges_target_id"), "ticket_merges", ["target_id"], unique=False)
    op.create_table(
        "thread_suggestions",
        sa.Column("inbound_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'refused')", name=op.f("ck_thread_suggestions_state")),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound_emails.id"], name=op.f("fk_thread_suggestions_inbound_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_thread_suggestions_ticket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_thread_suggestions_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_thread_suggestions")),
    )
    op.create_index(op.f("ix_thread_suggestions_ticket_id"), "thread_suggestions", ["ticket_id"], unique=False)
    with op.batch_alter_table("thread_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("strength", sa.String(length=10), nullable=False, server_default="message"))
        batch_op.create_check_constraint(op.f("ck_thread_keys_strength"), "strength IN ('message', 'seen', 'index')")
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reopening", sa.String(length=10), nullable=False, server_default="always"))
        batch_op.add_column(sa.Column("reopen_days", sa.Integer(), nullable=False, server_default="14"))
        batch_op.create_check_constraint(op.f("ck_queues_reopening"), "reopening IN ('always', 'within', 'never')")
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("default_queue_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_clients_default_queue_id"), "queues", ["default_queue_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_tickets_merged_into_id"), "tickets", ["merged_into_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(
        "ix_tickets_merged_into_id", "tickets", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_merged_into_id", table_name="tickets", sqlite_where=MERGED, postgresql_where=MERGED)
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_tickets_merged_into_id"), type_="foreignkey")
        batch_op.drop_column("merged_into_id")
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_clients_default_queue_id"), type_="foreignkey")
        batch_op.drop_column("default_queue_id")
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_queues_reopening"), type_="check")
        batch_op.drop_column("reopen_days")
        batch_op.drop_column("reopening")
    # An older version takes every key for one of the messages themselves.
    op.execute("DELETE FROM thread_keys WHERE strength <> 'message'")
    with op.batch_alter_table("thread_keys", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_thread_keys_strength"), type_="check")
        batch_op.drop_column("strength")
    op.drop_index(op.f("ix_thread_suggestions_ticket_id"), table_name="thread_suggestions")
    op.drop_table("thread_suggestions")
    op.drop_index(op.f("ix_ticket_merges_target_id"), table_name="ticket_merges")
    op.drop_index(op.f("ix_ticket_merges_source_id"), table_name="ticket_merges")
    op.drop_table("ticket_merges")
    op.drop_index(op.f("ix_ticket_links_other_id"), table_name="ticket_links")
    op.drop_table("ticket_links")
