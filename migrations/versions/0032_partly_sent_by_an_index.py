"""Find what only some of its recipients have got without reading all that was sent

Revision: 0032, after 0031.
"""

from alembic import op
from sqlalchemy import text

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_outbound_emails_partly", "outbound_emails"
PARTLY = text(
    "status = 'sent' AND (CAST(results AS TEXT) LIKE '%\"state\": \"failed\"%'"
    ' OR CAST(results AS TEXT) LIKE \'%"state": "bounced"%\''
    ' OR CAST(results AS TEXT) LIKE \'%"state": "suppressed"%\')'
)


def upgrade() -> None:
    op.create_index(
        NAME, TABLE, ["status", "queued_at", "id"], unique=False, sqlite_where=PARTLY, postgresql_where=PARTLY
    )


def downgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
