"""Mail log: found by words, in the order of time

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from psa import words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# External content: the index holds no second copy of the words (https://www.sqlite.org/fts5.html, 4.4.3).
ON_SQLITE = (
    "CREATE VIRTUAL TABLE mail_words_index USING fts5(words, content='mail_words', content_rowid='id')",
    "CREATE TRIGGER mail_words_added AFTER INSERT ON mail_words BEGIN "
    "INSERT INTO mail_words_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER mail_words_gone AFTER DELETE ON mail_words BEGIN "
    "INSERT INTO mail_words_index(mail_words_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER mail_words_changed AFTER UPDATE ON mail_words BEGIN "
    "INSERT INTO mail_words_index(mail_words_index, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO mail_words_index(rowid, words) VALUES (new.id, new.words); END",
)
ON_POSTGRESQL = ("CREATE INDEX ix_mail_words_words ON mail_words USING gin (to_tsvector('simple', words))",)
AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "mail_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_mail_words_direction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_words")),
        sa.UniqueConstraint("direction", "mail_id", name=op.f("uq_mail_words_direction_mail_id")),
    )
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.create_index("ix_inbound_emails_kept_at_id", ["kept_at", "id"], unique=False)
        batch_op.create_index("ix_inbound_emails_status_kept_at_id", ["status", "kept_at", "id"], unique=False)
        batch_op.create_index("ix_inbound_emails_account_id_kept_at_id", ["account_id", "kept_at", "id"], unique=False)
    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.create_index("ix_outbound_emails_queued_at_id", ["queued_at", "id"], unique=False)
    remember("in", "SELECT id, sender_name, sender_email, recipients, subject, message_id FROM inbound_emails")
    remember("out", "SELECT id, recipients, subject, message_id FROM outbound_emails")


def remember(direction: str, query: str) -> None:
    """What is there already can be found too."""
    connection = op.get_bind()
    table = sa.table("mail_words", sa.column("direction"), sa.column("mail_id"), sa.column("words"))
    rows = connection.execute(sa.text(query)).fetchall()
    for start in range(0, len(rows), AT_ONCE):
        values = [
            {
                "direction": direction,
                "mail_id": row[0],
                "words": words.fold(" ".join(str(value) for value in row[1:] if value)),
            }
            for row in rows[start : start + AT_ONCE]
        ]
        connection.execute(table.insert(), values)


def downgrade() -> None:
    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.drop_index("ix_outbound_emails_queued_at_id")
    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.drop_index("ix_inbound_emails_account_id_kept_at_id")
        batch_op.drop_index("ix_inbound_emails_status_kept_at_id")
        batch_op.drop_index("ix_inbound_emails_kept_at_id")
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("mail_words_added", "mail_words_gone", "mail_words_changed"):
            op.execute(f"DROP TRIGGER {trigger}")
        op.execute("DROP TABLE mail_words_index")
    op.drop_table("mail_words")
