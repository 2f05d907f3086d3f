"""Auto-Assignment Rules in full

Revision: 0007, after 0006. What rules say stays as it is: a list of conditions is one group of which all must hold.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_hits",
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound_emails.id"], name=op.f("fk_rule_hits_inbound_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("inbound_id", "rule_id", name=op.f("pk_rule_hits")),
    )
    op.create_index("ix_rule_hits_rule_id_at", "rule_hits", ["rule_id", "at"], unique=False)
    op.create_table(
        "rule_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rule_changes_rule_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rule_changes_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_changes")),
    )
    op.create_index(op.f("ix_rule_changes_rule_id"), "rule_changes", ["rule_id"], unique=False)
    with op.batch_alter_table("rules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scope", sa.String(length=10), nullable=False, server_default="new"))
        batch_op.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default='["all"]'))
        batch_op.create_check_constraint(op.f("ck_rules_scope"), "scope IN ('new', 'replies', 'both')")


def downgrade() -> None:
    # An older version knows two conditions that all hold, and three things to set; a rule that says more is off there.
    rules = sa.table(
        "rules",
        sa.column("id", sa.Integer),
        sa.column("active", sa.Boolean),
        sa.column("scope", sa.String),
        *(sa.column(name, sa.JSON) for name in ("groups", "conditions", "actions")),
    )
    for row in op.get_bind().execute(sa.select(rules)).all():
        known = {one["field"] for one in row.conditions} <= {"sender_domain", "subject_tag"}
        acts = [one for one in row.actions if one["set"] in ("queue", "client", "project")]
        plain = known and row.scope == "new" and (row.groups == ["all"] or len(row.conditions) == 1)
        whole = plain and len(acts) == len(row.actions)
        conditions = [{"field": one["field"], "value": one["value"]} for one in row.conditions] if known else []
        change = {"active": row.active and whole, "conditions": conditions, "actions": acts}
        op.execute(rules.update().where(rules.c.id == row.id).values(change))
    with op.batch_alter_table("rules", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_rules_scope"), type_="check")
        batch_op.drop_column("groups")
        batch_op.drop_column("scope")

    op.drop_index(op.f("ix_rule_changes_rule_id"), table_name="rule_changes")
    op.drop_table("rule_changes")
    op.drop_index("ix_rule_hits_rule_id_at", table_name="rule_hits")
    op.drop_table("rule_hits")
