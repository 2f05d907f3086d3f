"""Outbound in full

Revision: 0004, after 0003.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "dkim_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("selector", sa.String(length=63), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("verified_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dkim_keys")),
        sa.UniqueConstraint("domain", "selector", name=op.f("uq_dkim_keys_domain_selector")),
    )
    op.create_table(
        "email_template_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("replaced_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["queues.id"], name=op.f("fk_email_template_versions_queue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_template_versions_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_template_versions")),
    )
    with op.batch_alter_table("email_template_versions", schema=None) as batch_op:
        batch_op.create_index("ix_email_template_versions_name_queue_id", ["name", "queue_id", "id"], unique=False)

    op.create_table(
        "email_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["queues.id"], name=op.f("fk_email_templates_queue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_templates")),
        sa.UniqueConstraint("name", "queue_id", name=op.f("uq_email_templates_name_queue_id")),
    )
    with op.batch_alter_table("email_templates", schema=None) as batch_op:
        batch_op.create_index(
            "uq_email_templates_name_for_all",
            ["name"],
            unique=True,
            sqlite_where=sa.text("queue_id IS NULL"),
            postgresql_where=sa.text("queue_id IS NULL"),
        )

    op.create_table(
        "address_states",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("suppressed_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("soft_bounces", sa.Integer(), nullable=False),
        sa.Column("last_bounce_at", UTCDateTime(), nullable=True),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("outbound_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('', 'hard_bounce', 'complaint', 'person')", name=op.f("ck_address_states_reason")
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound_emails.id"], name=op.f("fk_address_states_inbound_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_emails.id"], name=op.f("fk_address_states_outbound_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address_states")),
    )
    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.add_column(sa.Column("logo", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("logo_type", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("colour", sa.String(length=7), nullable=False, server_default="#2f5bd0"))
        batch_op.add_column(sa.Column("footer", sa.String(length=500), nullable=False, server_default=""))

    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_to", sa.String(length=320), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("signature", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("sent_folder", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("ca_pem", sa.Text(), nullable=False, server_default=""))

    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("results", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("undo_until", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("template", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("copy_state", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("copy_words", sa.Text(), nullable=False, server_default=""))
        batch_op.drop_index(batch_op.f("ix_outbound_emails_status_next_attempt_at"))
        batch_op.create_index(
            "ix_outbound_emails_due", ["status", "account_id", "priority", "next_attempt_at"], unique=False
        )
        batch_op.create_index("ix_outbound_emails_sent_at", ["sent_at"], unique=False)
        batch_op.create_index(
            "ix_outbound_emails_copies", ["next_attempt_at"], unique=False, **only("copy_state = 'wanted'")
        )
        batch_op.create_index("ix_outbound_emails_tests", ["status"], unique=False, **only("purpose = 'test'"))
        batch_op.drop_constraint(op.f("ck_outbound_emails_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_outbound_emails_status"),
            "status IN ('queued', 'sending', 'sent', 'bounced', 'failed', 'unconfirmed', 'cancelled')",
        )
        batch_op.create_check_constraint(
            op.f("ck_outbound_emails_copy_state"), "copy_state IN ('', 'wanted', 'made', 'failed')"
        )

    with op.batch_alter_table("delivery_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("steps", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=320), nullable=False, server_default=""))


def downgrade() -> None:
    # What an older version does not know becomes what it says best.
    op.execute(
        "UPDATE outbound_emails SET status = 'failed', reason = 'A person cancelled it' WHERE status = 'cancelled'"
    )
    with op.batch_alter_table("queues", schema=None) as batch_op:
        batch_op.drop_column("address")

    with op.batch_alter_table("delivery_attempts", schema=None) as batch_op:
        batch_op.drop_column("steps")

    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.drop_index("ix_outbound_emails_tests")
        batch_op.drop_index("ix_outbound_emails_copies")
        batch_op.drop_index("ix_outbound_emails_sent_at")
        batch_op.drop_index("ix_outbound_emails_due")
        batch_op.create_index(
            batch_op.f("ix_outbound_emails_status_next_attempt_at"), ["status", "next_attempt_at"], unique=False
        )
        batch_op.drop_constraint(op.f("ck_outbound_emails_copy_state"), type_="check")
        batch_op.drop_constraint(op.f("ck_outbound_emails_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_outbound_emails_status"),
            "status IN ('queued', 'sending', 'sent', 'bounced', 'failed', 'unconfirmed')",
        )
        batch_op.drop_column("copy_words")
        batch_op.drop_column("copy_state")
        batch_op.drop_column("template")
        batch_op.drop_column("undo_until")
        batch_op.drop_column("results")
        batch_op.drop_column("priority")

    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.drop_column("ca_pem")
        batch_op.drop_column("sent_folder")
        batch_op.drop_column("signature")
        batch_op.drop_column("reply_to")

    with op.batch_alter_table("firm", schema=None) as batch_op:
        batch_op.drop_column("footer")
        batch_op.drop_column("colour")
        batch_op.drop_column("logo_type")
        batch_op.drop_column("logo")

    op.drop_table("address_states")
    with op.batch_alter_table("email_templates", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_email_templates_name_for_all",
            sqlite_where=sa.text("queue_id IS NULL"),
            postgresql_where=sa.text("queue_id IS NULL"),
        )

    op.drop_table("email_templates")
    with op.batch_alter_table("email_template_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_email_template_versions_name_queue_id")

    op.drop_table("email_template_versions")
    op.drop_table("dkim_keys")
