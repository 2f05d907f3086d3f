"""The PSA: clients, tickets, projects, and email as their first-class way in and out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psa import config as configuration

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).parent.parent


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application, ready to serve: the only place where all parts meet.

    ``config`` overrides what the environment says; tests pass ``PSA_DATA`` and ``SQLALCHEMY_DATABASE_URI``.
    Raises psa.config.ConfigError when the environment makes no sense.
    """
    from flask import Flask

    from psa.web import static_url_path

    app = Flask(__name__, static_url_path=static_url_path(ROOT / "psa" / "static"))
    app.config.from_mapping(MIGRATIONS=ROOT / "migrations", MAX_CONTENT_LENGTH=50 * 1024 * 1024, PSA_UNDO_SECONDS=15)
    app.config.from_mapping(PSA_TRANSCRIPT_DAYS=30)
    if config is None or "PSA_DATA" not in config:
        from_environment = configuration.from_environment()
        app.config.from_mapping(
            SECRET_KEY=from_environment.secret_key,
            SQLALCHEMY_DATABASE_URI=from_environment.database_url,
            PSA_DATA=from_environment.data_directory,
            PSA_DEMO=from_environment.demo,
            PSA_BASE_URL=from_environment.base_url,
            PSA_PROXIES=from_environment.proxies,
            PSA_TRANSCRIPT_DAYS=from_environment.transcript_days,
        )
    app.config.from_mapping(config or {})
    init_parts(app)
    return app


def init_parts(app: Flask) -> None:
    """Bind every part to ``app``. The imports stand here so that ``psa.mail.message`` can be used without the rest."""
    from psa import auth, cli, errors, extensions, health, logs, signing, web
    from psa.admin import views as admin_views
    from psa.alerts import models as alert_models
    from psa.alerts import views as alert_views
    from psa.billing import views as billing_views
    from psa.billing.invoices import views as invoice_views
    from psa.billing.mailing import views as invoice_mail_views
    from psa.clients import views as client_views
    from psa.clients.onboarding import models as setup_models
    from psa.clients.onboarding import views as setup_views
    from psa.dashboard import models as dashboard_models
    from psa.dashboard import views as dashboard_views
    from psa.jobs import models as job_models
    from psa.mail import views as email_views
    from psa.mail.blocking import models as blocking_models
    from psa.mail.blocking import views as blocking_views
    from psa.mail.evidence import views as evidence_views
    from psa.mail.fuse import models as fuse_models
    from psa.mail.fuse import views as fuse_views
    from psa.mail.log import models as log_models
    from psa.mail.log import views as log_views
    from psa.mail.loop import views as loop_views
    from psa.mail.oauth import models as oauth_models
    from psa.mail.oauth import views as oauth_views
    from psa.mail.outbound import models as outbound_models
    from psa.mail.templates import models as template_models
    from psa.mail.templates import views as template_views
    from psa.mail.watch import models as watch_models
    from psa.mail.watch import views as watch_views
    from psa.notifications import models as notification_models
    from psa.notifications import views as notification_views
    from psa.palette import views as palette_views
    from psa.projects import views as project_views
    from psa.rules import views as rule_views
    from psa.sandbox import views as sandbox_views
    from psa.tickets import views as ticket_views

    # Named here so that the schema is whole, whichever pages are bound.
    del (
        alert_models,
        blocking_models,
        dashboard_models,
        fuse_models,
        job_models,
        log_models,
        oauth_models,
        outbound_models,
    )
    del notification_models, setup_models, template_models, watch_models
    logs.init_app(app)
    extensions.init_app(app)
    signing.init_app(app)
    web.init_app(app)
    errors.init_app(app)
    auth.init_app(app)
    health.init_app(app)
    cli.init_app(app)
    work = (dashboard_views, ticket_views, client_views, setup_views, project_views, billing_views, invoice_views)
    firm = (*work, palette_views, invoice_mail_views, notification_views, alert_views, admin_views)
    mail = (log_views, fuse_views, blocking_views, email_views, oauth_views, template_views, watch_views)
    for feature in (*firm, *mail, evidence_views, loop_views, rule_views, sandbox_views):
        feature.init_app(app)
