"""Keep which numbers a mailbox gave out for mail that nobody here ever saw

Revision: 0031, after 0030. Mail that somebody else moved before we looked left no trace, and neither did mail that was
taken and moved behind the backup from which a database was restored.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("mailbox_checks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unseen", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("mailbox_checks", schema=None) as batch_op:
        batch_op.drop_column("unseen")
