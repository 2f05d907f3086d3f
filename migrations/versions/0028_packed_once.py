"""Let PostgreSQL store the bytes of messages as they are

Revision: 0028, after 0027. They are compressed already. PostgreSQL tried to compress them once more, which was four
fifths of the work of storing them and saved nothing. What is stored stays as it is, and SQLite never compressed.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    store("EXTERNAL")


def downgrade() -> None:
    store("EXTENDED")


def store(how: str) -> None:
    """https://www.postgresql.org/docs/current/storage-toast.html"""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE raw_messages ALTER COLUMN packed SET STORAGE {how}")
