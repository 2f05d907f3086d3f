"""A person has seen to mail that failed or is unconfirmed

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNSEEN = sa.text("status IN ('failed', 'unconfirmed') AND seen_to_at IS NULL")


def upgrade() -> None:
    op.add_column("outbound_emails", sa.Column("seen_to_at", UTCDateTime(), nullable=True))
    op.add_column("outbound_emails", sa.Column("seen_to_words", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_outbound_emails_person",
        "outbound_emails",
        ["status"],
        unique=False,
        sqlite_where=UNSEEN,
        postgresql_where=UNSEEN,
    )


def downgrade() -> None:
    op.drop_index("ix_outbound_emails_person", "outbound_emails")
    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.drop_column("seen_to_words")
        batch_op.drop_column("seen_to_at")
