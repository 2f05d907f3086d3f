"""The pages of the Mail log."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from flask import Blueprint, Flask, flash, redirect, render_template, request, send_file, session, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from psa import clock, web
from psa.auth.guards import agent_required
from psa.extensions import db
from psa.mail import accounts
from psa.mail.diagnosis.steps import place
from psa.mail.inbound import process
from psa.mail.log import dismissal, links, queries
from psa.mail.log.queries import Key, Wanted
from psa.mail.message import parse
from psa.mail.models import OutboundEmail
from psa.mail.outbound import addresses, outbox
from psa.mail.outbound.partly import partly
from psa.mail.raw import raw_bytes
from psa.mail.steps import BY_KEY

bp = Blueprint("mail_log", __name__)

# How long one press may work on many messages before the page comes back and offers to go on. In seconds.
PATIENCE = 15.0
AT_ONCE = 2000
# Which list a run goes through, and since when, until it is through; and what it finds nothing to do about. Who comes
# back to the list after so long begins anew, for what has failed meanwhile is in it too.
RUN, UNTOUCHED = "mail-run", "untouched"
RUN_LASTS = timedelta(hours=1)
# What was just ended is kept for the next page, which offers to take it back, for so many messages at most.
DISMISSED, MOST_UNDONE = "mail-dismissed", 100


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.add_template_global(queries.waiting_for_a_person, "mail_waiting_for_a_person")
    app.add_template_global(addresses.state_of, "address_state")
    app.add_template_global(outbox.was_undone)
    app.add_template_global(lambda: BY_KEY, "mail_steps")
    app.add_template_global(dismissal.was_dismissed)
    app.add_template_global(just_dismissed)
    app.add_template_filter(links.linked)
    app.add_template_filter(partly)
    app.add_template_filter(place)


@bp.get("/mail")
@agent_required
def index() -> str:
    """The list; for htmx its next page, or the list anew when the reader searches."""
    wanted = Wanted.from_args(request.args)
    before = Key.read(request.args.get("before", ""))
    entries, more = queries.page_of(wanted, before)
    if not web.is_htmx():
        template = "mail/log/index.html"
    else:
        template = "mail/log/_page.html" if before else "mail/log/_found.html"
    return render_template(
        template,
        wanted=wanted,
        entries=entries,
        older=entries[-1].key if more else None,
        before=before,
        # Beside an older page all that came since would be news.
        top=entries[0].key if entries and before is None else None,
        sums=queries.sums_of_today(),
        menus=menus(wanted),
    )


@dataclass(frozen=True, slots=True)
class Menu:
    """A filter: the field of Wanted that it sets, its choices, and what is chosen in words."""

    field: str
    name: str
    choices: dict[str, str]
    chosen: str
    otherwise: str

    @property
    def words(self) -> str:
        return self.choices.get(self.chosen, self.otherwise)


def menus(wanted: Wanted) -> list[Menu]:
    directions = {wanted.direction, "both"} if wanted.direction else {"in", "out", "both"}
    became = {status: words for status, (direction, words) in queries.BECAME.items() if direction in directions}
    mailboxes = {str(account.id): f"{account.address}, in" for account in accounts.in_direction("inbound")}
    senders = {str(account.id): f"{account.address}, out" for account in accounts.in_direction("outbound")}
    return [
        Menu("direction", "Direction", {"in": "In", "out": "Out"}, wanted.direction, "both"),
        Menu("became", "Became", became, wanted.became, "anything"),
        Menu("account_id", "Account", mailboxes | senders, str(wanted.account_id or ""), "all"),
        Menu("period", "When", queries.PERIODS, wanted.period, "ever"),
    ]


@bp.get("/mail/sums")
@agent_required
def sums() -> str:
    """What became of today's mail, and how much is newer than what the reader sees."""
    wanted = Wanted.from_args(request.args)
    top = Key.read(request.args.get("top", ""))
    newer = queries.newer_than(wanted, top) if top is not None else 0
    return render_template("mail/log/_sums.html", sums=queries.sums_of_today(), wanted=wanted, top=top, newer=newer)


@bp.post("/mail/runs")
@agent_required
def process_again() -> Response:
    """Process the ticked messages again, or with ``all`` those of the whole list; ``do=convert`` makes tickets.

    What fails again stays in the list, so a further press goes on behind what the first one has reached.
    """
    wanted, everything = Wanted.from_args(request.args), "all" in request.form
    run = session.pop(RUN, {})
    now = clock.now()
    began = datetime.fromisoformat(run["began"]) if run.get("of") == wanted.args else now
    if not timedelta() <= now - began < RUN_LASTS:
        began = now
    ids = queries.ids_to_process(wanted, AT_ONCE, began) if everything else ticked("message")
    converts, by = request.form.get("do") == "convert", current_user.name
    became: Counter[str] = Counter()
    ends = time.monotonic() + PATIENCE
    for inbound_id in ids:
        if time.monotonic() > ends:
            break
        disposition = process.convert(inbound_id, by) if converts else process.process_again(inbound_id)
        became[disposition.status if disposition is not None else UNTOUCHED] += 1
    left = queries.ids_to_process(wanted, AT_ONCE, began) if everything else ids[became.total() :]
    if everything and left:
        session[RUN] = {"of": wanted.args, "began": began.isoformat()}
    flash(told(became, len(left), everything=everything))
    return redirect(url_for("mail_log.index", **wanted.args), 303)


def ticked(name: str) -> list[int]:
    """The numbers of the messages whose boxes are ticked."""
    return [int(number) for number in request.form.getlist(name) if number.isdecimal() and len(number) < 10]


@bp.post("/mail/dismissals")
@agent_required
def dismiss() -> Response:
    """End the ticked messages for good, in and out: whoever presses it has seen to them."""
    who, why = current_user.name, request.form.get("why", "")
    inward, outward = ticked("message"), ticked("outbound")
    came = dismissal.dismiss_inbound(inward, who, why)
    went = dismissal.dismiss_outbound(outward, who, why)
    db.session.commit()
    if not (inward or outward):
        flash("No message was chosen.")
    elif not (came or went):
        flash("Nothing was ended: none of it waits for a person any more.")
    elif len(came) + len(went) <= MOST_UNDONE and not is_page_of_one(request.form.get("back", "")):
        # The list shows them with a button that takes it back; a session is a cookie, and has little room.
        session[DISMISSED] = {"message": came, "outbound": went}
    return back_to_list()


def is_page_of_one(path: str) -> bool:
    """Whether the page of one message is meant: it says by itself that it was ended, and how to take it up again."""
    return path.startswith(("/mail/inbound/", "/mail/outbound/"))


def just_dismissed() -> dict[str, list[int]] | None:
    """What was ended a moment ago, for the first list that is shown after it; never for a part of one."""
    return None if web.is_htmx() else session.pop(DISMISSED, None)


@bp.post("/mail/dismissals/undoing")
@agent_required
def take_up() -> Response:
    """Let messages wait for a person again."""
    taken = dismissal.take_up_inbound(ticked("message"), current_user.name)
    taken += dismissal.take_up_outbound(ticked("outbound"))
    db.session.commit()
    flash("It waits for a person again." if len(taken) == 1 else f"{len(taken)} messages wait for a person again.")
    return back_to_list()


def back_to_list() -> Response:
    """To where the button was: a message's own page, or the list as it was narrowed."""
    wanted = Wanted.from_args(request.args)
    return redirect(web.own_path(request.form.get("back", "")) or url_for("mail_log.index", **wanted.args), 303)


def told(became: Counter[str], left: int, *, everything: bool) -> str:
    """What a run over many messages came to, in sentences."""
    if not became:
        return "Nothing in this list can be processed." if everything else "No message was chosen."
    untouched = became.pop(UNTOUCHED, 0)
    results = ", ".join(f"{count} {status}" for status, count in became.most_common())
    said = [f"Processed again: {results or 'none'}."]
    if untouched:
        said.append(f"{untouched} could not be: the text was never fetched, or somebody was quicker.")
    if left and everything:
        more = f"{AT_ONCE:,} or more" if left == AT_ONCE else f"{left:,}"
        said.append(f"{more} {'is' if left == 1 else 'are'} left: press once more to go on.")
    elif left:
        said.append(f"The last {left} of those ticked were not reached: tick them once more.")
    return " ".join(said)


@bp.get("/mail/outbound/<int:outbound_id>")
@agent_required
def outbound(outbound_id: int) -> str:
    """One message that goes out: what became of it, each attempt, its headers."""
    email = outbound_or_404(outbound_id)
    parsed = parse(raw_bytes(email.raw_id))
    return render_template(
        "mail/log/outbound.html",
        email=email,
        parsed=parsed,
        results=outbox.results_of(email),
        states={address: addresses.state_of(address) for address in email.recipients},
    )


@bp.post("/mail/outbound/<int:outbound_id>/cancellation")
@agent_required
def cancel(outbound_id: int) -> Response:
    """Take back what has not begun to leave."""
    outbound_or_404(outbound_id)
    cancelled = outbox.cancel(outbound_id, current_user.name)
    db.session.commit()
    flash("It will not be sent." if cancelled else "It was too late: this message has left, or was dealt with already.")
    return redirect(url_for("mail_log.outbound", outbound_id=outbound_id), 303)


@bp.post("/mail/outbound/<int:outbound_id>/attempts")
@agent_required
def try_again(outbound_id: int) -> Response:
    """Try now what waits, has failed or was cancelled; or once more what may have arrived, since a person says so."""
    outbound_or_404(outbound_id)
    queued = outbox.retry(outbound_id)
    db.session.commit()
    flash("It leaves now." if queued else why_not_again(outbound_id))
    return redirect(url_for("mail_log.outbound", outbound_id=outbound_id), 303)


def why_not_again(outbound_id: int) -> str:
    """Why a message is not sent again, in a sentence, as it is now: its sender may have been quicker."""
    email = db.session.get_one(OutboundEmail, outbound_id, populate_existing=True)
    if outbox.was_undone(email):
        return "It was taken back: its text is in the composer on its ticket."
    if email.status == "sending":
        return "It is leaving just now."
    if email.status in ("sent", "bounced"):
        return "It has left meanwhile."
    return "Nobody is left to send it to." if email.status != "queued" else "It has just been tried, and waits again."


@bp.post("/mail/retries")
@agent_required
def retry_all() -> Response:
    """After an outage: everything that waits is tried now, and no account pauses any more."""
    count = outbox.retry_all()
    db.session.commit()
    flash("One message is tried now." if count == 1 else f"{count} messages are tried now.")
    return redirect(url_for("mail_log.index", **Wanted.from_args(request.args).args), 303)


@bp.post("/mail/addresses/clearing")
@agent_required
def clear_address() -> Response:
    """Send to an address again that mail came back from; then back to where the button was."""
    addresses.clear(request.form.get("address", ""))
    db.session.commit()
    return redirect(web.own_path(request.form.get("back", "")) or url_for("mail_log.index"), 303)


@bp.get("/mail/outbound/<int:outbound_id>/raw")
@agent_required
def raw_outbound(outbound_id: int) -> Response:
    """The very bytes that leave, as a file for a mail program."""
    email = outbound_or_404(outbound_id)
    return send_file(
        BytesIO(raw_bytes(email.raw_id)),
        mimetype="message/rfc822",
        as_attachment=True,
        download_name=f"message-{email.id}.eml",
    )


def outbound_or_404(outbound_id: int) -> OutboundEmail:
    return db.get_or_404(OutboundEmail, outbound_id)
