"""Tell nobody of invoices and project updates for whom that was not chosen

Contacts whom the intake had made have no word about topics, and so would be told of all of them, as those are whom a
person has entered; which is which cannot be told any more. Up to here nothing was sent about projects and invoices, so
nobody loses anything: all existing contacts are told of tickets only, as far as they were, until somebody chooses more
on the page of the client.

Revision: 0025, after 0024.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for topic in ("projects", "invoices"):
        op.execute(
            f"INSERT INTO unheard_topics (contact_id, topic) SELECT id, '{topic}' FROM contacts"
            f" WHERE NOT EXISTS (SELECT 1 FROM unheard_topics WHERE contact_id = contacts.id AND topic = '{topic}')"
        )


def downgrade() -> None:
    """What was written here and what somebody has chosen cannot be told from each other, so all of it stays."""
