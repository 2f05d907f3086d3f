"""The address in a notice that stops it: a page for people, one click for their mail programs (RFC 8058)."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from psa.extensions import db
from psa.notifications import choices
from psa.notifications.kinds import TOPIC_HINTS, TOPICS
from psa.notifications.unsubscribing import Subscription, subscription_of
from psa.notifications.views import bp


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """Changes nothing: programs that look at addresses before people do only read (RFC 8058, 1)."""
    subscription = subscription_or_404(token)
    return render_template(
        "notifications/unsubscribe.html",
        subscription=subscription,
        topics=TOPICS,
        hints=TOPIC_HINTS,
        told=set() if subscription.is_ours else choices.topics_of(subscription.person.id),
    )


@bp.post("/unsubscribe/<token>")
def stop(token: str) -> Response | tuple[str, int]:
    """Stop it, or with ``again`` let it come again; with ``choose`` a contact says all that they are told of.

    A mail program gets a plain word (RFC 8058, 3.2).
    """
    subscription = subscription_or_404(token)
    if "choose" in request.form and not subscription.is_ours:
        choices.tell(subscription.person.id, set(request.form.getlist("topic")) & set(TOPICS))
        db.session.commit()
        return redirect(url_for("notifications.unsubscribe", token=token, saved=1), 303)
    if "again" in request.form:
        subscription.resume()
    else:
        subscription.stop()
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return "Unsubscribed\n", 200
    return redirect(url_for("notifications.unsubscribe", token=token), 303)


def subscription_or_404(token: str) -> Subscription:
    return subscription_of(token) or abort(404)
