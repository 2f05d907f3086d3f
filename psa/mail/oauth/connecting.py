"""What comes of a person's visit at a provider: a grant, or a sentence that says why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from psa import clock, signing
from psa.extensions import db
from psa.mail.diagnosis.causes import diagnose
from psa.mail.models import MailAccount
from psa.mail.oauth import apps, client, grants
from psa.mail.oauth.client import ProviderAway, ProviderRefused, Tokens
from psa.mail.oauth.journey import Journey, Outcome
from psa.mail.oauth.models import OAuthApp, OAuthGrant
from psa.mail.oauth.providers import PROVIDERS, Provider

# A grant that ends so soon is one that was given to an app in testing (Google: seven days).
SHORT = timedelta(days=30)
# Errors of the sign-in page that mean that somebody did not agree (RFC 6749, 4.1.2.1, and Microsoft's).
UNGRANTED = ("access_denied", "consent_required")


def leave_for(journey: Journey) -> str:
    """The address of the provider's page. Raises signing.SealBroken when the app's secret cannot be opened."""
    app = apps.find(journey.provider)
    assert app is not None
    registration = apps.registration_of(app)
    return client.sign_in_page(registration, journey.redirect_uri, journey.state, journey.verifier, journey.user)


def conclude(journey: Journey, answer: Mapping[str, str]) -> Outcome:
    """Take the provider's answer (RFC 6749, 4.1.2) and keep what it grants. Commits."""
    provider, app = PROVIDERS[journey.provider], apps.find(journey.provider)
    if app is None:
        return Outcome(journey, "bad", f"{provider.name} has been removed from Sign-in providers in the meantime.")
    if "code" not in answer:
        return refused(journey, f"{answer.get('error', 'no answer')}: {answer.get('error_description', '')}")
    try:
        registration = apps.registration_of(app)
        db.session.commit()
        tokens = client.exchange(registration, journey.redirect_uri, answer["code"], journey.verifier)
    except ProviderRefused as error:
        return refused(journey, str(error))
    except ProviderAway as error:
        return Outcome(journey, "bad", f"{provider.name} could not be asked for its token. Connect again.", str(error))
    except signing.SealBroken:
        sentence = f"The stored client secret for {provider.name} cannot be opened any more. Enter it again."
        return Outcome(journey, "bad", sentence)
    objection = objection_to(journey, provider, tokens)
    if objection:
        return Outcome(journey, "bad", objection)
    return granted(journey, app, tokens)


def refused(journey: Journey, words: str) -> Outcome:
    """The provider said no, or the person did."""
    name = PROVIDERS[journey.provider].name
    if words.startswith(UNGRANTED):
        sentence = f"{name} reports that the permission was not given. Connect again and agree to all of it"
        sentence += ", or let your administrator grant it." if journey.provider == "microsoft" else "."
    else:
        cause = diagnose(protocol="oauth", stage="authorize", text=words).cause.told(username=journey.user)
        known = cause.code != "unknown"
        sentence = f"{cause.title}. {cause.remedies[0]}" if known else f"{name} refused, with words we do not know."
    return Outcome(journey, "bad", sentence, words)


def objection_to(journey: Journey, provider: Provider, tokens: Tokens) -> str:
    """Why what was granted is of no use, else nothing."""
    name = provider.name
    if not tokens.refresh_token:
        return f"{name} gave a permission that ends within the hour. Take it back there, and connect again."
    if provider.lacks(journey.protocol, tokens.scope):
        needed = provider.scopes[journey.protocol].rstrip("/").rpartition("/")[2]
        return f"{name} did not grant {needed}. Add it to the app's permissions there, and connect again."
    if is_somebody_else(journey, tokens) and not provider.delegates:
        return (
            f"You signed in at {name} as {tokens.identity}, but this account is {journey.user}. {name} opens only the "
            f"mailbox of who signs in: connect again as {journey.user}, or enter {tokens.identity} as Username if that "
            "is the same mailbox."
        )
    return ""


def granted(journey: Journey, app: OAuthApp, tokens: Tokens) -> Outcome:
    """Keep the grant under the address of who gave it, and say what is left to do."""
    grant = grants.keep(app, tokens.identity or journey.user, tokens)
    db.session.commit()
    if journey.account_id is not None and in_use(grant, journey.account_id):
        said = f"Connected as {grant.address}. It is tried at once, and what waits is caught up."
    else:
        said = f"Connected as {grant.address}. Save to sign in with it from now on."
    doubts = [doubt for doubt in (about_sharing(journey, tokens), about_its_end(journey, tokens)) if doubt]
    return Outcome(journey, "warn" if doubts else "ok", " ".join([said, *doubts]), grant_id=grant.id)


def about_sharing(journey: Journey, tokens: Tokens) -> str:
    if not is_somebody_else(journey, tokens):
        return ""
    return (
        f"That is right if {journey.user} is a shared mailbox which {tokens.identity} may open and send as; otherwise "
        f"connect again as {journey.user}."
    )


def about_its_end(journey: Journey, tokens: Tokens) -> str:
    if tokens.grant_expires_at is None or tokens.grant_expires_at - clock.now() > SHORT:
        return ""
    days = max(1, round((tokens.grant_expires_at - clock.now()) / timedelta(days=1)))
    said = f"{PROVIDERS[journey.provider].name} ends this sign-in after {days} day{'s' if days > 1 else ''}"
    return f"{said}: publish the app there, and connect again." if journey.provider == "google" else f"{said}."


def is_somebody_else(journey: Journey, tokens: Tokens) -> bool:
    return bool(tokens.identity) and tokens.identity != journey.user.lower()


def in_use(grant: OAuthGrant, account_id: int) -> bool:
    query = db.select(MailAccount.id).where(MailAccount.id == account_id, MailAccount.grant_id == grant.id)
    return db.session.scalar(query) is not None
