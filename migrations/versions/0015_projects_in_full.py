"""Projects in full: status, dates, members, tasks and updates; time on tasks

Revision: 0015, after 0014. A project that was closed is done; all others are active.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATUSES = "status IN ('planned', 'active', 'paused', 'done')"


def upgrade() -> None:
    widen_projects()
    op.create_table(
        "project_members",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_members_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_project_members_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_project_members")),
    )
    op.create_index(op.f("ix_project_members_user_id"), "project_members", ["user_id"], unique=False)
    make_tasks()
    op.create_table(
        "updates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_updates_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_updates_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
    )
    op.create_index(op.f("ix_updates_project_id"), "updates", ["project_id"], unique=False)
    with op.batch_alter_table("time_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("task_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_time_entries_task_id"), "tasks", ["task_id"], ["id"], ondelete="SET NULL")
        batch_op.create_index(op.f("ix_time_entries_task_id"), ["task_id"], unique=False)
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("task_id", sa.Integer(), nullable=True))
        batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(op.f("fk_timers_task_id"), "tasks", ["task_id"], ["id"], ondelete="CASCADE")
        batch_op.create_check_constraint(op.f("ck_timers_one_place"), "(ticket_id IS NULL) <> (task_id IS NULL)")
        batch_op.create_index(op.f("ix_timers_task_id"), ["task_id"], unique=False)


def widen_projects() -> None:
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("status", sa.String(length=10), nullable=False, server_default="active"))
        batch_op.add_column(sa.Column("starts_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("queue_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("budget_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tag", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("folded_tag", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=320), nullable=True))
        batch_op.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE projects SET status = 'done' WHERE NOT active")
    with op.batch_alter_table("projects", schema=None) as batch_op:
        for column in ("status", "tag", "words", "revision"):
            batch_op.alter_column(column, server_default=None)
        batch_op.drop_column("active")
        batch_op.create_check_constraint(op.f("ck_projects_status"), STATUSES)
        batch_op.create_check_constraint(op.f("ck_projects_budget_minutes"), "budget_minutes > 0")
        batch_op.create_unique_constraint(op.f("uq_projects_folded_tag"), ["folded_tag"])
        batch_op.create_unique_constraint(op.f("uq_projects_address"), ["address"])
        batch_op.create_foreign_key(op.f("fk_projects_queue_id"), "queues", ["queue_id"], ["id"], ondelete="SET NULL")
        batch_op.create_index("ix_projects_name_id", ["name", "id"], unique=False)
        batch_op.create_index("ix_projects_status_name_id", ["status", "name", "id"], unique=False)
        batch_op.create_index("ix_projects_due_on_id", ["due_on", "id"], unique=False)


def make_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'doing', 'done')", name=op.f("ck_tasks_status")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tasks_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_tasks_ticket_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name=op.f("fk_tasks_assignee_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_project_id_position", "tasks", ["project_id", "position", "id"], unique=False)
    op.create_index(
        "ix_tasks_assignee_id_status_due_on", "tasks", ["assignee_id", "status", "due_on", "id"], unique=False
    )
    op.create_index("ix_tasks_status_due_on", "tasks", ["status", "due_on", "id"], unique=False)
    op.create_index(op.f("ix_tasks_ticket_id"), "tasks", ["ticket_id"], unique=False)
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_checklist_items_task_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_items")),
    )
    op.create_index(op.f("ix_checklist_items_task_id"), "checklist_items", ["task_id"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM timers WHERE ticket_id IS NULL")
    for table in ("timers", "time_entries"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            if table == "timers":
                batch_op.drop_constraint(op.f("ck_timers_one_place"), type_="check")
                batch_op.alter_column("ticket_id", existing_type=sa.Integer(), nullable=False)
            batch_op.drop_constraint(op.f(f"fk_{table}_task_id"), type_="foreignkey")
            batch_op.drop_index(op.f(f"ix_{table}_task_id"))
            batch_op.drop_column("task_id")
    for table in ("updates", "checklist_items", "tasks", "project_members"):
        op.drop_table(table)
    narrow_projects()


def narrow_projects() -> None:
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE projects SET active = (status <> 'done')")
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.alter_column("active", server_default=None)
        for index in ("ix_projects_name_id", "ix_projects_status_name_id", "ix_projects_due_on_id"):
            batch_op.drop_index(index)
        batch_op.drop_constraint(op.f("fk_projects_queue_id"), type_="foreignkey")
        for name in ("uq_projects_folded_tag", "uq_projects_address"):
            batch_op.drop_constraint(op.f(name), type_="unique")
        for name in ("ck_projects_status", "ck_projects_budget_minutes"):
            batch_op.drop_constraint(op.f(name), type_="check")
        for column in ("status", "starts_on", "due_on", "queue_id", "budget_minutes"):
            batch_op.drop_column(column)
        for column in ("tag", "folded_tag", "address", "words", "revision"):
            batch_op.drop_column(column)
