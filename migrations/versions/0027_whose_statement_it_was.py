"""Keep with a statement that was sent whose it is

Revision: 0027, after 0026. Of those that have left it is the client of whoever got them, as far as that is known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEX = "ix_outbound_emails_statement_of_id"
SOME = sa.text("statement_of_id IS NOT NULL")
MAILS = sa.table(
    "outbound_emails",
    sa.column("id", sa.Integer()),
    sa.column("template", sa.String()),
    sa.column("recipients", sa.JSON()),
    sa.column("statement_of_id", sa.Integer()),
)
CLIENT_OF = sa.text(
    "SELECT contacts.client_id FROM contacts JOIN contact_addresses ON contact_addresses.contact_id = contacts.id"
    " WHERE contact_addresses.email = :address"
)


def upgrade() -> None:
    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("statement_of_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_outbound_emails_statement_of_id"), "clients", ["statement_of_id"], ["id"], ondelete="SET NULL"
        )
    name_clients()
    op.create_index(
        INDEX, "outbound_emails", ["statement_of_id"], unique=False, sqlite_where=SOME, postgresql_where=SOME
    )


def name_clients() -> None:
    connection = op.get_bind()
    sent = connection.execute(sa.select(MAILS.c.id, MAILS.c.recipients).where(MAILS.c.template == "statement")).all()
    for number, recipients in sent:
        # Each went to one contact.
        client_id = connection.execute(CLIENT_OF, {"address": recipients[0].lower()}).scalar() if recipients else None
        connection.execute(MAILS.update().where(MAILS.c.id == number).values(statement_of_id=client_id))


def downgrade() -> None:
    op.drop_index(INDEX, "outbound_emails")
    with op.batch_alter_table("outbound_emails", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_outbound_emails_statement_of_id"), type_="foreignkey")
        batch_op.drop_column("statement_of_id")
