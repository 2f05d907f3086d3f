"""What I hear about: a user's own choice."""

from __future__ import annotations

import re

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa.auth.guards import agent_required
from psa.extensions import db
from psa.notifications import choices
from psa.notifications.choices import RHYTHMS, Choice
from psa.notifications.kinds import FOR_USERS
from psa.notifications.views import bp
from psa.tickets.queries import queues as all_queues

TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@bp.get("/account/notifications")
@agent_required
def mine() -> str:
    return render_page(choices.choice_of(current_user.id))


@bp.post("/account/notifications")
@agent_required
def choose() -> Response:
    form, queues = request.form, all_queues()
    rhythm = form.get("rhythm", "single")
    time = TIME.fullmatch(form.get("daily_at", "").strip()[:5])
    # Whoever ticks a queue wants to hear of new tickets again, also after a mail of theirs has stopped it.
    kinds = {*form.getlist("kind"), "user_new_ticket"}
    choice = Choice(
        unheard=frozenset(kind.name for kind in FOR_USERS if kind.name not in kinds),
        queues=frozenset(queue.id for queue in queues if str(queue.id) in form.getlist("queue")),
        rhythm=rhythm if rhythm in RHYTHMS else "single",
        daily_at=int(time[1]) * 60 + int(time[2]) if time else choices.choice_of(current_user.id).daily_at,
    )
    if choice.rhythm == "daily" and time is None:
        return make_response(render_page(choice, "Write a time of the day, such as 08:00."), 422)
    choices.choose(current_user.id, choice)
    db.session.commit()
    flash("Saved.")
    return redirect(url_for("notifications.mine"), 303)


def render_page(choice: Choice, wrong_time: str = "") -> str:
    return render_template(
        "notifications/mine.html",
        choice=choice,
        kinds=FOR_USERS,
        queues=all_queues(),
        is_on={kind.name: choices.is_on_anywhere(kind.name) for kind in FOR_USERS},
        RHYTHMS=RHYTHMS,
        wrong_time=wrong_time,
        typed_time=request.form.get("daily_at", choice.daily_time),
    )
