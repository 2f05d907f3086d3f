"""Invoices in full: lines, payments, events, series of numbers, tax rates, what recurs; the firm's billing data

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(precision=15, scale=3)
PERCENT = sa.Numeric(precision=5, scale=2)

FIRM = {
    "currency": (sa.String(length=3), "EUR"),
    "address": (sa.Text(), ""),
    "tax_id": (sa.String(length=60), ""),
    "payment_words": (sa.Text(), ""),
    "payment_days": (sa.Integer(), "14"),
    "invoice_pattern": (sa.String(length=40), "{year}-{number:04}"),
    "credit_pattern": (sa.String(length=40), "C{year}-{number:04}"),
}


def upgrade() -> None:
    with op.batch_alter_table("firm", schema=None) as batch_op:
        for name, (kind, value) in FIRM.items():
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table("firm", schema=None) as batch_op:
        for name in FIRM:
            batch_op.alter_column(name, server_default=None)
    make_series_and_rates()
    make_recurring()
    make_invoices()
    make_lines()
    make_payments_and_events()
    with op.batch_alter_table("time_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invoice_line_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_time_entries_invoice_line_id"), "invoice_lines", ["invoice_line_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(op.f("ix_time_entries_invoice_line_id"), ["invoice_line_id"], unique=False)
    unbilled = sa.text("billable AND invoice_line_id IS NULL")
    op.create_index(
        "ix_time_entries_unbilled",
        "time_entries",
        ["client_id", "day", "id"],
        unique=False,
        sqlite_where=unbilled,
        postgresql_where=unbilled,
    )


def make_series_and_rates() -> None:
    op.create_table(
        "number_series",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("percent", PERCENT, nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_tax_rates_percent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        sa.UniqueConstraint("name", name=op.f("uq_tax_rates_name")),
    )


def make_recurring() -> None:
    op.create_table(
        "recurring_invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("every BETWEEN 1 AND 60", name=op.f("ck_recurring_invoices_every")),
        sa.CheckConstraint("rhythm IN ('week', 'month')", name=op.f("ck_recurring_invoices_rhythm")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_recurring_invoices_client_id")),
        references("recurring_invoices", "project_id", "projects", "SET NULL"),
        references("recurring_invoices", "created_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_invoices")),
    )
    index("recurring_invoices", "client_id", "project_id", "next_on")
    op.create_table(
        "recurring_lines",
        sa.Column("recurring_id", sa.Integer(), nullable=False),
        sa.Column("tax_rate_id", sa.Integer(), nullable=True),
        *line_columns(),
        references("recurring_lines", "recurring_id", "recurring_invoices", "CASCADE"),
        references("recurring_lines", "tax_rate_id", "tax_rates", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_lines")),
    )
    index("recurring_lines", "recurring_id", "tax_rate_id")


def make_invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("credits_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("net", "tax", "total", "paid", "credited")),
        sa.Column("addressee_name", sa.String(length=200), nullable=False),
        sa.Column("addressee_address", sa.Text(), nullable=False),
        sa.Column("addressee_tax_id", sa.String(length=60), nullable=False),
        sa.Column("firm_name", sa.String(length=120), nullable=False),
        sa.Column("firm_address", sa.Text(), nullable=False),
        sa.Column("firm_tax_id", sa.String(length=60), nullable=False),
        sa.Column("payment_words", sa.Text(), nullable=False),
        sa.Column("tax_words", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recurring_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("status IN ('draft', 'sent', 'paid', 'void')", name=op.f("ck_invoices_status")),
        sa.CheckConstraint("(status = 'draft') = (number IS NULL)", name=op.f("ck_invoices_numbered")),
        sa.CheckConstraint("(kind = 'credit_note') = (credits_id IS NOT NULL)", name=op.f("ck_invoices_credits")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_invoices_client_id")),
        sa.ForeignKeyConstraint(["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id")),
        references("invoices", "project_id", "projects", "SET NULL"),
        references("invoices", "recurring_id", "recurring_invoices", "SET NULL"),
        references("invoices", "created_by_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        sa.UniqueConstraint("recurring_id", "period", name=op.f("uq_invoices_recurring_id_period")),
    )
    index("invoices", "project_id", "credits_id")
    op.create_index("ix_invoices_client_id_id", "invoices", ["client_id", "id"], unique=False)
    op.create_index("ix_invoices_status_id", "invoices", ["status", "id"], unique=False)
    op.create_index("ix_invoices_status_due_on", "invoices", ["status", "due_on"], unique=False)


def make_lines() -> None:
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("tax_rate_id", sa.Integer(), nullable=True),
        sa.Column("credits_line_id", sa.Integer(), nullable=True),
        sa.Column("net", AMOUNT, nullable=False),
        *line_columns(),
        references("invoice_lines", "invoice_id", "invoices", "CASCADE"),
        references("invoice_lines", "tax_rate_id", "tax_rates", "SET NULL"),
        references("invoice_lines", "credits_line_id", "invoice_lines", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
    )
    index("invoice_lines", "invoice_id", "tax_rate_id", "credits_line_id")


def make_payments_and_events() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        references("payments", "invoice_id", "invoices", "CASCADE"),
        references("payments", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    index("payments", "invoice_id")
    op.create_table(
        "invoice_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        references("invoice_events", "invoice_id", "invoices", "CASCADE"),
        references("invoice_events", "user_id", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_events")),
    )
    index("invoice_events", "invoice_id")


def line_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=6), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("discount_percent", PERCENT, nullable=False),
        sa.Column("tax_name", sa.String(length=40), nullable=False),
        sa.Column("tax_percent", PERCENT, nullable=False),
    ]


def references(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    op.drop_index("ix_time_entries_unbilled", table_name="time_entries")
    with op.batch_alter_table("time_entries", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_time_entries_invoice_line_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_time_entries_invoice_line_id"))
        batch_op.drop_column("invoice_line_id")
    for table in ("invoice_events", "payments", "invoice_lines", "invoices"):
        op.drop_table(table)
    for table in ("recurring_lines", "recurring_invoices", "tax_rates", "number_series"):
        op.drop_table(table)
    with op.batch_alter_table("firm", schema=None) as batch_op:
        for name in FIRM:
            batch_op.drop_column(name)
