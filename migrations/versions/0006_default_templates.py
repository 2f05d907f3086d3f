"""Default Templates

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_template_previews",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_template_previews_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_email_template_previews")),
    )
    with op.batch_alter_table("email_templates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed_at", UTCDateTime(), nullable=True))
        # A template that is not to be used is reset; its history keeps it.
        batch_op.drop_column("active")


def downgrade() -> None:
    with op.batch_alter_table("email_templates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.drop_column("failed_at")

    op.drop_table("email_template_previews")
