"""Tags, watchers, and which step decided about a message

Revision: 0008, after 0007. Which step decided is counted from now on; older messages keep only their trace.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("folded", name=op.f("uq_tags_folded")),
    )
    op.create_table(
        "ticket_tags",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_tags_ticket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_ticket_tags_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "tag_id", name=op.f("pk_ticket_tags")),
    )
    op.create_index(op.f("ix_ticket_tags_tag_id"), "ticket_tags", ["tag_id"], unique=False)
    op.create_table(
        "watchers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (contact_id IS NULL)", name=op.f("ck_watchers_one_person")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_watchers_ticket_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_watchers_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_watchers_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watchers")),
        sa.UniqueConstraint("ticket_id", "user_id", name=op.f("uq_watchers_ticket_id_user_id")),
        sa.UniqueConstraint("ticket_id", "contact_id", name=op.f("uq_watchers_ticket_id_contact_id")),
    )
    op.create_index(op.f("ix_watchers_user_id"), "watchers", ["user_id"], unique=False)
    op.create_index(op.f("ix_watchers_contact_id"), "watchers", ["contact_id"], unique=False)
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cc_people", sa.String(length=10), nullable=False, server_default="client"))
        batch_op.create_check_constraint(op.f("ck_queues_cc_people"), "cc_people IN ('client', 'all', 'none')")
    op.add_column("inbound_emails", sa.Column("decided_by", sa.String(length=20), nullable=False, server_default=""))
    op.create_index(
        "ix_inbound_emails_decided_by_kept_at_id", "inbound_emails", ["decided_by", "kept_at", "id"], unique=False
    )
    op.create_index(
        "ix_inbound_emails_automatic",
        "inbound_emails",
        ["kept_at", "id"],
        unique=False,
        sqlite_where=sa.text("kind = 'automatic'"),
        postgresql_where=sa.text("kind = 'automatic'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_inbound_emails_automatic",
        table_name="inbound_emails",
        sqlite_where=sa.text("kind = 'automatic'"),
        postgresql_where=sa.text("kind = 'automatic'"),
    )
    op.drop_index("ix_inbound_emails_decided_by_kept_at_id", table_name="inbound_emails")
    op.drop_column("inbound_emails", "decided_by")
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_queues_cc_people"), type_="check")
        batch_op.drop_column("cc_people")
    op.drop_index(op.f("ix_watchers_contact_id"), table_name="watchers")
    op.drop_index(op.f("ix_watchers_user_id"), table_name="watchers")
    op.drop_table("watchers")
    op.drop_index(op.f("ix_ticket_tags_tag_id"), table_name="ticket_tags")
    op.drop_table("ticket_tags")
    op.drop_table("tags")
