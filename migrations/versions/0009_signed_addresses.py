"""Signed addresses of sending accounts, two kinds of signing keys, and what the nightly watch finds of a sender

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_addresses",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=False),
        sa.Column("proven_at", UTCDateTime(), nullable=True),
        sa.Column("refused_at", UTCDateTime(), nullable=True),
        sa.Column("refused_words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_return_addresses_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["outbound_emails.id"], name=op.f("fk_return_addresses_check_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_return_addresses")),
    )
    op.create_table(
        "sender_verdicts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("tone", sa.String(length=10), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("was", sa.String(length=10), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_sender_verdicts_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "code", name=op.f("pk_sender_verdicts")),
    )
    with op.batch_alter_table("dkim_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("algorithm", sa.String(length=10), nullable=False, server_default="rsa"))
        batch_op.add_column(sa.Column("retired_at", UTCDateTime(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_dkim_keys_algorithm"), "algorithm IN ('rsa', 'ed25519')")


def downgrade() -> None:
    # An older version can sign with RSA only.
    op.execute("DELETE FROM dkim_keys WHERE algorithm <> 'rsa'")
    with op.batch_alter_table("dkim_keys", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_dkim_keys_algorithm"), type_="check")
        batch_op.drop_column("retired_at")
        batch_op.drop_column("algorithm")
    op.drop_table("sender_verdicts")
    op.drop_table("return_addresses")
