"""Admin > Email Settings > Sign-in providers, and the way to a provider and back. No page here asks the network."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from psa import signing
from psa.admin.models import Firm
from psa.auth.guards import admin_required
from psa.extensions import db, lock_row
from psa.mail import accounts
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.causes import diagnose
from psa.mail.forms import InboundForm, OutboundForm
from psa.mail.models import MailAccount
from psa.mail.oauth import apps, connecting, grants, journey
from psa.mail.oauth.expiring import Expiring, expiring
from psa.mail.oauth.journey import Journey, Lost, Outcome
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.provider_form import LOCAL, ProviderForm
from psa.mail.oauth.providers import PROVIDERS, Provider
from psa.mail.oauth.sign_in_form import SignInForm

CALLBACK = "/admin/email/oauth/callback"

bp = Blueprint("oauth", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(offer_for=offer_for, cause_of_grant=cause_of_grant, secret_warning=secret_warning)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A grant on the page of its provider, with the accounts that use it and what to warn about."""

    grant: OAuthGrant
    used_by: list[MailAccount]
    warning: Expiring | None


@bp.get("/admin/email/providers")
@bp.get("/admin/email/providers/<code>")
@admin_required
def providers(code: str = "microsoft") -> str:
    provider = PROVIDERS.get(code) or abort(404)
    return show(provider, ProviderForm(provider, apps.find(code)))


@bp.post("/admin/email/providers/<code>")
@admin_required
def save_provider(code: str) -> Response | tuple[str, int]:
    """Our registration; what somebody else has saved meanwhile is said, and stays."""
    provider = PROVIDERS.get(code) or abort(404)
    # Of two at once the second waits, and then sees what the first has saved.
    lock_row(Firm, 1)
    form = ProviderForm(provider, apps.find(code))
    if not form.validate_on_submit() or form.is_overtaken(form.stored()):
        db.session.rollback()
        return show(provider, form), 422
    apps.register(code, form.entry())
    db.session.commit()
    flash("Saved. Choose it at “Sign in with” of an account, and press Connect.")
    return redirect(url_for("oauth.providers", code=code), 303)


@bp.post("/admin/email/providers/<code>/removal")
@admin_required
def remove_provider(code: str) -> Response:
    """Forget a registration that no account needs."""
    app = apps.find(code) or abort(404)
    if any(row.used_by for row in sign_ins_at(app)):
        abort(409)
    db.session.delete(app)
    db.session.commit()
    flash("Removed.")
    return redirect(url_for("oauth.providers", code=code), 303)


def show(provider: Provider, form: ProviderForm) -> str:
    return render_template(
        "mail/oauth/providers.html",
        provider=provider,
        providers=[*PROVIDERS.values()],
        registered=apps.registered(),
        form=form,
        app=form.app,
        sign_ins=sign_ins_at(form.app) if form.app is not None else [],
        redirect_uri=redirect_uri(),
        doubt=doubt_about_return(provider),
    )


def sign_ins_at(app: OAuthApp) -> list[SignIn]:
    warnings = {warning.grant_id: warning for warning in expiring()}
    found = db.session.scalars(db.select(OAuthGrant).where(OAuthGrant.app_id == app.id).order_by(OAuthGrant.address))
    used = db.select(MailAccount).order_by(MailAccount.direction, MailAccount.id)
    return [
        SignIn(grant, list(db.session.scalars(used.where(MailAccount.grant_id == grant.id))), warnings.get(grant.id))
        for grant in found
    ]


def redirect_uri() -> str:
    """Where providers send people back to; it stands, letter by letter, in the registration."""
    return f"{current_app.config['PSA_BASE_URL']}{CALLBACK}"


def doubt_about_return(provider: Provider) -> str:
    """Why nobody will come back to that address, else nothing."""
    base = urlsplit(str(current_app.config["PSA_BASE_URL"]))
    if base.scheme != "https" and base.hostname not in LOCAL and provider.code != "other":
        return (
            f"{provider.name} sends people back to https:// addresses only, or to localhost on a trial machine. Start "
            "the PSA with PSA_BASE_URL=https://…, the address under which you reach it."
        )
    if base.netloc != request.host:
        return (
            f"You are here as {request.host}, but {provider.name} will send you back to {base.netloc}, where you are "
            f"not signed in. Open {base.geturl()} and connect from there, or set PSA_BASE_URL."
        )
    return ""


@bp.post("/admin/email/oauth/sign-ins")
@admin_required
def connect() -> Response:
    """Connect: to the provider's page, with the form as it stands, saved or not, kept for the way back.

    By a page in between, for the policy lets no form lead to a foreign site, not even by a redirect.
    """
    form = form_of(request.args.get("direction", ""), request.args.get("account_id", type=int))
    if form.provider is None:
        abort(400)
    begun = Journey(
        provider=form.provider.code,
        direction=form.direction,
        protocol=form.protocol_value,
        account_id=form.account.id if form.account is not None else None,
        user=form.user,
        redirect_uri=redirect_uri(),
        form=journey.without_secrets(request.form.to_dict(flat=False)),
    )
    if form.app is None:
        return redirect(url_for("oauth.providers", code=form.provider.code), 303)
    if "@" not in form.user:
        return back(Outcome(begun, "bad", "Enter the address first: it is the one to sign in as."))
    try:
        page = connecting.leave_for(begun)
    except signing.SealBroken:
        sentence = f"The client secret for {form.provider.name} cannot be opened any more. Enter it again."
        return back(Outcome(begun, "bad", sentence))
    journey.set_out(begun)
    shown = render_template("mail/oauth/leaving.html", provider=form.provider, user=form.user, page=page)
    response = make_response(shown)
    response.headers["Refresh"] = f"0; url={page}"
    return response


@bp.get(CALLBACK)
@admin_required
def callback() -> Response:
    """Back from the provider, with a code or without."""
    try:
        done = journey.come_back(request.args.get("state", ""))
    except Lost as error:
        flash(f"{error} Press Connect again.")
        return redirect(url_for("oauth.providers"), 303)
    return back(connecting.conclude(done, request.args))


def back(outcome: Outcome) -> Response:
    """To the page that the journey began on, which says what came of it."""
    journey.remember(outcome)
    begun = outcome.journey
    if begun.account_id is not None and db.session.get(MailAccount, begun.account_id) is not None:
        return redirect(url_for("email.account", account_id=begun.account_id, _anchor="credentials"), 303)
    return redirect(url_for(f"email.new_{begun.direction}", _anchor="credentials"), 303)


@bp.post("/admin/email/oauth/grants/<int:grant_id>/removal")
@admin_required
def disconnect(grant_id: int) -> Response:
    """Forget a grant; the accounts that used it stay, and say that nobody is signed in."""
    grant = db.session.get(OAuthGrant, grant_id) or abort(404)
    address, code = grant.address, grant.app.provider
    by_hand = grants.give_back(grant)
    said = f"{address} is disconnected."
    if by_hand:
        said += f" {by_hand} could not be told: take the permission back there too."
    flash(said)
    account_id = request.args.get("account_id", type=int)
    if account_id is not None and db.session.get(MailAccount, account_id) is not None:
        return redirect(url_for("email.account", account_id=account_id), 303)
    return redirect(url_for("oauth.providers", code=code), 303)


@bp.post("/admin/email/oauth/way")
@admin_required
def way() -> str:
    """The fragment below “Sign in with”, for what is chosen there."""
    form = form_of(request.args.get("direction", ""), request.args.get("account_id", type=int))
    return render_template("mail/oauth/_way.html", form=form, account=form.account)


def form_of(direction: str, account_id: int | None) -> InboundForm | OutboundForm:
    """The form that was sent along, of a saved account or a new one."""
    account = db.session.get(MailAccount, account_id) if account_id is not None else None
    if direction not in ("inbound", "outbound") or (account is None) != (account_id is None):
        abort(404)
    if account is not None and account.direction != direction:
        abort(404)
    return InboundForm(account) if direction == "inbound" else OutboundForm(account)


@dataclass(frozen=True, slots=True)
class Offer:
    """What else could sign in by the same grant."""

    words: str
    link: str
    href: str


def offer_for(form: SignInForm) -> Offer | None:
    """The other direction of the same address, where it signs in otherwise or is not entered yet."""
    grant, provider = form.grant, form.provider
    address = (form.address.data or "").strip()
    if grant is None or provider is None or not provider.servers or "@" not in address:
        return None
    other = "outbound" if form.direction == "inbound" else "inbound"
    account = accounts.find(other, address)
    if account is None:
        words = "It is good for sending too." if other == "outbound" else "It is good for reading too."
        return Offer(
            words,
            f"Add {address} to {other.title()}",
            url_for(f"email.new_{other}", address=address, sign_in=provider.code, _anchor="credentials"),
        )
    if account.grant_id == grant.id and account.auth == "oauth2":
        return None
    words = f"{other.title()} signs in as {address} in another way."
    href = url_for("email.account", account_id=account.id, sign_in=provider.code, _anchor="credentials")
    return Offer(words, "Use this sign-in there too", href)


def cause_of_grant(grant: OAuthGrant) -> Cause:
    """What broke a grant, and what to do."""
    return diagnose(protocol="oauth", stage="token", text=grant.words).cause.told(username=grant.address)


def secret_warning(app: OAuthApp) -> Expiring | None:
    """What is to be said of the end of an app's client secret."""
    return next((one for one in expiring() if one.kind == "secret" and one.provider == app.provider), None)
