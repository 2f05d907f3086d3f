"""When our own check of a sender is due

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEX = "ix_inbound_emails_trust_due"


def upgrade() -> None:
    op.add_column("inbound_emails", sa.Column("trust_due_at", UTCDateTime(), nullable=True))
    op.add_column("inbound_emails", sa.Column("trust_tries", sa.Integer(), nullable=False, server_default="0"))
    due = sa.text("trust_due_at IS NOT NULL")
    op.create_index(INDEX, "inbound_emails", ["backlog", "trust_due_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="inbound_emails")
    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.drop_column("trust_tries")
        batch_op.drop_column("trust_due_at")
