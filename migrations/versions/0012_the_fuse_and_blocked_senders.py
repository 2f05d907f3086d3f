"""The fuse of automatic answers, auto-replies by queue, blocked senders, and what the filter in front calls spam

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fuse_incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.String(length=340), nullable=True),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Integer(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closing_words", sa.Text(), nullable=False),
        sa.CheckConstraint("scope IN ('address', 'domain', 'words', 'purpose')", name=op.f("ck_fuse_incidents_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fuse_incidents")),
        sa.UniqueConstraint("open_key", name=op.f("uq_fuse_incidents_open_key")),
    )
    op.create_index("ix_fuse_incidents_closed_at_opened_at", "fuse_incidents", ["closed_at", "opened_at"])
    op.create_table(
        "automatic_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("words", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound_emails.id"], name=op.f("fk_automatic_answers_inbound_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["fuse_incidents.id"], name=op.f("fk_automatic_answers_incident_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_answers")),
    )
    for scope in ("address", "domain", "words", "purpose"):
        op.create_index(f"ix_automatic_answers_{scope}_at", "automatic_answers", [scope, "at"])
    for column in ("at", "inbound_id", "incident_id"):
        op.create_index(f"ix_automatic_answers_{column}", "automatic_answers", [column])
    op.create_table(
        "blocked_senders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("blocked_at", UTCDateTime(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_hit_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('address', 'domain')", name=op.f("ck_blocked_senders_kind")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_blocked_senders_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_senders")),
        sa.UniqueConstraint("value", name=op.f("uq_blocked_senders_value")),
    )
    op.create_index(op.f("ix_blocked_senders_user_id"), "blocked_senders", ["user_id"])
    is_junk = sa.text("status = 'held' AND kind = 'junk'")
    op.create_index("ix_inbound_emails_junk", "inbound_emails", ["id"], sqlite_where=is_junk, postgresql_where=is_junk)
    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spam", sa.String(length=10), nullable=False, server_default="file"))
        batch_op.create_check_constraint(op.f("ck_mail_accounts_spam"), "spam IN ('file', 'hold', 'ignore')")
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("auto_reply", sa.String(length=10), nullable=False, server_default="mailbox"))
        batch_op.create_check_constraint(op.f("ck_queues_auto_reply"), "auto_reply IN ('mailbox', 'on', 'off')")


def downgrade() -> None:
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_queues_auto_reply"), type_="check")
        batch_op.drop_column("auto_reply")
    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_mail_accounts_spam"), type_="check")
        batch_op.drop_column("spam")
    op.drop_index("ix_inbound_emails_junk", "inbound_emails")
    op.drop_table("blocked_senders")
    op.drop_table("automatic_answers")
    op.drop_table("fuse_incidents")
