"""Let a file lie as deep in a message as it likes

Revision: 0030, after 0029. A file is found by the numbers of the parts around it. For one nested deeper than forty
parts they were longer than PostgreSQL lets into the column, and its mail failed; SQLite never minded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.alter_column("part", type_=sa.Text(), existing_type=sa.String(80), existing_nullable=False)


def downgrade() -> None:
    """Where a longer number is kept PostgreSQL refuses, for nothing of it could be left out."""
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.alter_column("part", type_=sa.String(80), existing_type=sa.Text(), existing_nullable=False)
