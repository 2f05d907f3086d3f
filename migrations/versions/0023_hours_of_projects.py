"""Sum up the hours of a project without a look at its time entries

Revision: 0023, after 0022.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_time_entries_project_id_id", "time_entries", ["project_id", "id", "minutes"], unique=False)
    op.drop_index(op.f("ix_time_entries_project_id"), table_name="time_entries")


def downgrade() -> None:
    op.create_index(op.f("ix_time_entries_project_id"), "time_entries", ["project_id"], unique=False)
    op.drop_index("ix_time_entries_project_id_id", table_name="time_entries")
