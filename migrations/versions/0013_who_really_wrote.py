"""Who really wrote a message, which server is believed, and whether agents may answer by mail

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trust", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("trust_words", sa.Text(), nullable=False, server_default=""))
        batch_op.create_check_constraint(
            op.f("ck_inbound_emails_trust"), "trust IN ('', 'proven', 'unproven', 'doubtful', 'failed', 'unknown')"
        )
    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("authserv", sa.String(length=253), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("agents_may_answer", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("reply_to_counts", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.drop_column("reply_to_counts")
        batch_op.drop_column("agents_may_answer")
        batch_op.drop_column("authserv")
    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_inbound_emails_trust"), type_="check")
        batch_op.drop_column("trust_words")
        batch_op.drop_column("trust")
