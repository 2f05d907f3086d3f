"""Clients and contacts in full: former ones, what invoices say, merging, files of them, and the order of their list

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

from psa import words
from psa.extensions import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = sa.text("status <> 'closed'")
AT_ONCE = 1000


def upgrade() -> None:
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folded", sa.String(length=800), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("currency", sa.String(length=3), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("billing_address", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("tax_id", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("payment_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_foreign_key(
            op.f("fk_clients_merged_into_id"), "clients", ["merged_into_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_check_constraint(op.f("ck_clients_payment_days"), "payment_days BETWEEN 0 AND 365")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("role", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("phone", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_foreign_key(
            op.f("fk_contacts_merged_into_id"), "contacts", ["merged_into_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("contact_addresses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.Integer(), nullable=False, server_default="0"))
    fold_names()
    op.create_index("ix_clients_active_folded", "clients", ["active", "folded", "id"], unique=False)
    op.create_index("ix_clients_folded", "clients", ["folded", "id"], unique=False)
    op.create_index(op.f("ix_clients_merged_into_id"), "clients", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_contacts_merged_into_id"), "contacts", ["merged_into_id"], unique=False)
    op.drop_index(op.f("ix_tickets_client_id"), table_name="tickets")
    op.create_index("ix_tickets_client_changed", "tickets", ["client_id", "changed_at", "id"], unique=False)
    op.create_index("ix_tickets_open_client_id", "tickets", ["client_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_comments_contact_id", "comments", ["contact_id", "id"], unique=False)
    op.create_table(
        "client_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('client', 'contact')", name=op.f("ck_client_merges_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_client_merges_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_merges")),
    )
    op.create_index("ix_client_merges_kind_kept_id", "client_merges", ["kind", "kept_id"], unique=False)
    op.create_table(
        "client_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("taken", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_client_imports_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_imports")),
    )


def fold_names() -> None:
    """What is there already is sorted and found like what comes."""
    connection = op.get_bind()
    clients = sa.table("clients", sa.column("id"), sa.column("name"), sa.column("folded"))
    change = clients.update().where(clients.c.id == sa.bindparam("client")).values(folded=sa.bindparam("said"))
    rows = connection.execute(sa.select(clients.c.id, clients.c.name)).fetchall()
    for start in range(0, len(rows), AT_ONCE):
        values = [{"client": row.id, "said": words.fold(row.name)} for row in rows[start : start + AT_ONCE]]
        connection.execute(change, values)


def downgrade() -> None:
    op.drop_table("client_imports")
    op.drop_table("client_merges")
    op.drop_index("ix_comments_contact_id", table_name="comments")
    op.drop_index("ix_tickets_open_client_id", table_name="tickets", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_tickets_client_changed", table_name="tickets")
    op.create_index(op.f("ix_tickets_client_id"), "tickets", ["client_id"], unique=False)
    op.drop_index(op.f("ix_contacts_merged_into_id"), table_name="contacts")
    op.drop_index(op.f("ix_clients_merged_into_id"), table_name="clients")
    op.drop_index("ix_clients_folded", table_name="clients")
    op.drop_index("ix_clients_active_folded", table_name="clients")
    with op.batch_alter_table("contact_addresses", schema=None) as batch_op:
        batch_op.drop_column("position")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_contacts_merged_into_id"), type_="foreignkey")
        for column in ("revision", "merged_into_id", "phone", "role"):
            batch_op.drop_column(column)
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_clients_payment_days"), type_="check")
        batch_op.drop_constraint(op.f("fk_clients_merged_into_id"), type_="foreignkey")
        for column in ("revision", "merged_into_id", "payment_days", "tax_id"):
            batch_op.drop_column(column)
        for column in ("billing_address", "currency", "active", "folded"):
            batch_op.drop_column(column)
