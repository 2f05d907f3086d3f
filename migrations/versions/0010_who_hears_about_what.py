"""Who hears about what: switches, what users and contacts have chosen, and what was told

Revision: 0010, after 0009. Nothing that has happened before is told to anybody.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["queues.id"], name=op.f("fk_notice_switches_queue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_switches")),
        sa.UniqueConstraint("kind", "queue_id", name=op.f("uq_notice_switches_kind_queue_id")),
    )
    op.create_index(
        "uq_notice_switches_kind_for_all",
        "notice_switches",
        ["kind"],
        unique=True,
        sqlite_where=sa.text("queue_id IS NULL"),
        postgresql_where=sa.text("queue_id IS NULL"),
    )
    op.create_table(
        "hearings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("daily_at", sa.Integer(), nullable=False),
        sa.CheckConstraint("rhythm IN ('single', 'hourly', 'daily')", name=op.f("ck_hearings_rhythm")),
        sa.CheckConstraint("daily_at >= 0 AND daily_at < 1440", name=op.f("ck_hearings_daily_at")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_hearings_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_hearings")),
    )
    op.create_table(
        "unheard_kinds",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_unheard_kinds_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_unheard_kinds")),
    )
    op.create_table(
        "heard_queues",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_heard_queues_queue_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_heard_queues_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "queue_id", name=op.f("pk_heard_queues")),
    )
    op.create_index(op.f("ix_heard_queues_queue_id"), "heard_queues", ["queue_id"], unique=False)
    op.create_table(
        "unheard_topics",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_unheard_topics_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "topic", name=op.f("pk_unheard_topics")),
    )
    op.create_table(
        "untold",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_untold_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_untold")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("outbound_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (contact_id IS NULL)", name=op.f("ck_notices_recipient")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_notices_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_emails.id"], name=op.f("fk_notices_outbound_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_contact_id_left_at", "notices", ["contact_id", "left_at"], unique=False)
    op.create_index("ix_notices_made_at", "notices", ["made_at"], unique=False)
    op.create_index(op.f("ix_notices_outbound_id"), "notices", ["outbound_id"], unique=False)
    op.create_index(op.f("ix_notices_ticket_id"), "notices", ["ticket_id"], unique=False)
    op.create_index("ix_notices_user_id_left_at", "notices", ["user_id", "left_at"], unique=False)
    op.create_index(
        "ix_notices_waiting",
        "notices",
        ["user_id", "id"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )


def downgrade() -> None:
    for name in (
        "notices",
        "untold",
        "unheard_topics",
        "heard_queues",
        "unheard_kinds",
        "hearings",
        "notice_switches",
    ):
        op.drop_table(name)
