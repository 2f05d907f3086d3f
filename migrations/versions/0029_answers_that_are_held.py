"""Tie what is held to the invoice that it answers

Revision: 0029, after 0028. What is held already is tied when it is processed again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_answers",
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound_emails.id"], name=op.f("fk_held_answers_inbound_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_held_answers_invoice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_held_answers")),
    )
    op.create_index("ix_held_answers_invoice_id", "held_answers", ["invoice_id"], unique=False)


def downgrade() -> None:
    op.drop_table("held_answers")
