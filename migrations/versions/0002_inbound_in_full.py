"""Inbound in full

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from psa.extensions import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
    )
    op.create_table(
        "oauth_apps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("secret_expires_on", sa.Date(), nullable=True),
        sa.Column("authorize_url", sa.String(length=500), nullable=False),
        sa.Column("token_url", sa.String(length=500), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("provider IN ('microsoft', 'google', 'other')", name=op.f("ck_oauth_apps_provider")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_apps")),
        sa.UniqueConstraint("provider", name=op.f("uq_oauth_apps_provider")),
    )
    op.create_table(
        "oauth_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sealed_refresh_token", sa.Text(), nullable=False),
        sa.Column("sealed_access_token", sa.Text(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("grant_expires_at", UTCDateTime(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("connected_at", UTCDateTime(), nullable=False),
        sa.Column("renewed_at", UTCDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('connected', 'broken')", name=op.f("ck_oauth_grants_state")),
        sa.ForeignKeyConstraint(["app_id"], ["oauth_apps.id"], name=op.f("fk_oauth_grants_app_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grants")),
        sa.UniqueConstraint("app_id", "address", name=op.f("uq_oauth_grants_app_id_address")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closing_words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_alerts_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("open_key", name=op.f("uq_alerts_open_key")),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alerts_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_alerts_closed_at_opened_at", ["closed_at", "opened_at"], unique=False)

    op.create_table(
        "expected_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("due_by", sa.String(length=5), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_expected_mails_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_mails")),
    )
    op.create_table(
        "mailbox_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("on_server", sa.Integer(), nullable=True),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_mailbox_checks_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_checks")),
    )
    with op.batch_alter_table("mailbox_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailbox_checks_account_id"), ["account_id"], unique=False)

    op.create_table(
        "settings_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sealed_settings", sa.Text(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'former')", name=op.f("ck_settings_versions_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["mail_accounts.id"], name=op.f("fk_settings_versions_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["test_id"], ["connection_tests.id"], name=op.f("fk_settings_versions_test_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_versions")),
    )
    with op.batch_alter_table("settings_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settings_versions_account_id"), ["account_id"], unique=False)

    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fetch_asked_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("recipients", sa.Text(), nullable=False, server_default=""))

    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("auth", sa.String(length=10), nullable=False, server_default="password"))
        batch_op.add_column(sa.Column("grant_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("move_to", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("unknown_senders", sa.String(length=10), nullable=False, server_default="contact")
        )
        batch_op.add_column(sa.Column("size_limit", sa.Integer(), nullable=False, server_default="52428800"))
        batch_op.add_column(sa.Column("silence_hours", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("refused_since", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("host_id", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_mail_accounts_grant_id"), "oauth_grants", ["grant_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.drop_constraint(op.f("ck_mail_accounts_after_filing"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_mail_accounts_after_filing"), "after_filing IN ('leave', 'seen', 'move', 'delete')"
        )
        batch_op.create_check_constraint(op.f("ck_mail_accounts_auth"), "auth IN ('password', 'oauth2')")
        batch_op.create_check_constraint(
            op.f("ck_mail_accounts_unknown_senders"), "unknown_senders IN ('contact', 'hold', 'answer')"
        )

    with op.batch_alter_table("mail_folders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("start_uid", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("since", UTCDateTime(), nullable=True))

    name_the_folders()
    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.drop_column("folder")


def name_the_folders() -> None:
    """The folder that a mailbox reads becomes a row, also where nobody has looked into it yet."""
    op.execute(
        "INSERT INTO mail_folders (account_id, name, cursor, dated_until, renumbered) "
        "SELECT id, folder, 0, 0, false FROM mail_accounts a WHERE direction = 'inbound' AND protocol = 'imap' "
        "AND NOT EXISTS (SELECT 1 FROM mail_folders f WHERE f.account_id = a.id AND f.name = a.folder)"
    )
    op.execute("UPDATE mail_folders SET since = (SELECT since FROM mail_accounts WHERE id = mail_folders.account_id)")


def downgrade() -> None:
    # What an older version does not know becomes what harms nobody.
    op.execute("UPDATE mail_accounts SET after_filing = 'leave' WHERE after_filing IN ('move', 'delete')")
    with op.batch_alter_table("mail_folders", schema=None) as batch_op:
        batch_op.drop_column("since")
        batch_op.drop_column("start_uid")
        batch_op.drop_column("generation")

    with op.batch_alter_table("mail_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("folder", sa.String(length=500), nullable=False, server_default="INBOX"))
        batch_op.drop_constraint(op.f("ck_mail_accounts_unknown_senders"), type_="check")
        batch_op.drop_constraint(op.f("ck_mail_accounts_auth"), type_="check")
        batch_op.drop_constraint(op.f("ck_mail_accounts_after_filing"), type_="check")
        batch_op.create_check_constraint(op.f("ck_mail_accounts_after_filing"), "after_filing IN ('leave', 'seen')")
        batch_op.drop_constraint(batch_op.f("fk_mail_accounts_grant_id"), type_="foreignkey")
        batch_op.drop_column("host_id")
        batch_op.drop_column("refused_since")
        batch_op.drop_column("silence_hours")
        batch_op.drop_column("size_limit")
        batch_op.drop_column("unknown_senders")
        batch_op.drop_column("move_to")
        batch_op.drop_column("grant_id")
        batch_op.drop_column("auth")

    op.execute(
        "UPDATE mail_accounts SET folder = COALESCE((SELECT name FROM mail_folders f WHERE f.id = "
        "(SELECT MIN(id) FROM mail_folders g WHERE g.account_id = mail_accounts.id)), 'INBOX')"
    )

    with op.batch_alter_table("inbound_emails", schema=None) as batch_op:
        batch_op.drop_column("recipients")
        batch_op.drop_column("fetch_asked_at")

    with op.batch_alter_table("settings_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settings_versions_account_id"))

    op.drop_table("settings_versions")
    with op.batch_alter_table("mailbox_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailbox_checks_account_id"))

    op.drop_table("mailbox_checks")
    op.drop_table("expected_mails")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index("ix_alerts_closed_at_opened_at")
        batch_op.drop_index(batch_op.f("ix_alerts_account_id"))

    op.drop_table("alerts")
    op.drop_table("oauth_grants")
    op.drop_table("oauth_apps")
    op.drop_table("hosts")
