"""The Sandbox page: the client's mail program on one side, what the agent sees on the other.

Here we are a client like any other: what the client does goes through the sandbox's SMTP and IMAP, never through the
database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from psa import clock, errors, web
from psa.auth.guards import agent_required
from psa.clients.operations import find_person
from psa.extensions import db
from psa.foreign import hand_out, show_mail
from psa.mail import plausible
from psa.mail.message import Address, ParsedEmail, attachment_bytes, parse, render_html
from psa.sandbox import demo, letters, mailbox
from psa.sandbox.conversation import Sent, Way, ticket_of, way_of, why
from psa.sandbox.mailbox import MailboxError, Received
from psa.sandbox.people import MAILBOX_PASSWORD
from psa.tickets import queries

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")

HOST = "127.0.0.1"
SHOWN = 6  # entries of the conversation on the right; the real page has all of them
AWAY = errors.Words(
    "The sandbox’s mail server does not answer",
    "It was stopped, or it is just starting. End bin/run and start it again, or run flask psa sandbox beside it.",
    "plug-connected",
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The message in the reading pane."""

    uid: int
    email: ParsedEmail


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form that the client writes in, and what is wrong with it."""

    to: str = demo.SUPPORT.email
    subject: str = ""
    text: str = ""
    problem: str = ""


def init_app(app: Flask) -> None:
    """Register the page in a demonstration; elsewhere there is no sandbox to talk to."""
    if app.config["PSA_DEMO"]:
        app.register_blueprint(bp)


@bp.get("")
@agent_required
def index() -> str:
    """Both sides. ``person`` is whose mail program it is, ``message`` what to read; ``write`` wants an empty form."""
    person = person_or_404(request.args.get("person"))
    return render_sandbox(person, request.args.get("message", type=int), writes="write" in request.args)


@bp.get("/inboxes/<address>")
@agent_required
def inbox(address: str) -> str | tuple[str, int]:
    """The standing watch of the inbox: 204 while it is as the reader knows it. ``message`` stays selected."""
    person = person_or_404(address)
    selected = request.args.get("message", type=int)
    received = reading(received_by(person), selected)
    if stamp_of(received) == request.args.get("known"):
        return "", 204
    return render_template(
        "sandbox/_inbox.html", person=person, received=received, selected=selected, stamp=stamp_of(received)
    )


@bp.get("/inboxes/<address>/<int:uid>/body")
@agent_required
def body(address: str, uid: int) -> Response:
    """The HTML of a message, made harmless, for a frame. Remote images are left out."""

    def picture(part: str) -> str:
        return url_for("sandbox.part", address=address, uid=uid, part=part)

    email = opened_or_404(person_or_404(address), uid).email
    html = render_html(email, cid_url=picture)
    return show_mail(html, email.text)


@bp.get("/inboxes/<address>/<int:uid>/parts/<part>")
@agent_required
def part(address: str, uid: int, part: str) -> Response:
    """A file out of a message."""
    raw = opened_or_404(person_or_404(address), uid).email.raw
    try:
        file, data = attachment_bytes(raw, part)
    except KeyError:
        abort(404)
    return hand_out(data, name=file.name, media_type=file.type, digest=file.sha256)


@bp.get("/agent-side/<address>")
@agent_required
def agent_side(address: str) -> str | tuple[str, int]:
    """The standing watch of the other side: 204 while nothing happened on the ticket."""
    person = person_or_404(address)
    agent = agent_sees(person, way_of(last_sent_by(person)))
    if agent["stamp"] == request.args.get("known"):
        return "", 204
    return render_template("sandbox/_agent_side.html", person=person, agent=agent)


@bp.get("/way/<address>")
@agent_required
def way(address: str) -> str:
    """How far the last message has come; it brings the ticket along as soon as there is one."""
    person = person_or_404(address)
    way = way_of(last_sent_by(person))
    return render_template("sandbox/_way.html", person=person, way=way, agent=agent_sees(person, way))


@bp.post("/messages")
@agent_required
def send() -> Response:
    """A message of the client: an ``example``, an answer to the message ``answers``, or a new one."""
    form = request.form
    person = person_or_404(form.get("person"))
    answers = form.get("answers", type=int)
    text = form.get("text", "").replace("\r\n", "\n").strip()
    draft = Draft(form.get("to", demo.SUPPORT.email).strip(), form.get("subject", ""), text)
    try:
        letter = write(person, draft, answers, form.get("example", ""))
        hand_over(person, letter)
    except (ValueError, MailboxError) as problem:
        page = render_sandbox(person, answers, writes=answers is None, draft=replace(draft, problem=str(problem)))
        # The address of a refused form is none to come back to.
        return make_response(page, 422, {"HX-Push-Url": "false"})
    return redirect(url_for("sandbox.index", person=person.email, message=answers), 303)


@bp.post("/reset")
@agent_required
def reset() -> Response:
    """Empty the inboxes of all clients. What the product made of their mail stays."""
    host, port = server("imap")
    for person in demo.people():
        mailbox.empty(host, port, person.email, MAILBOX_PASSWORD)
    session.pop("sandbox_sent", None)
    return redirect(url_for("sandbox.index"), 303)


@bp.errorhandler(MailboxError)
def away(error: MailboxError) -> Response:
    """There is nothing to show without the mail server."""
    if web.is_htmx():
        return errors.answer(503, AWAY)
    return make_response(render_template("sandbox/away.html", words=AWAY, reason=str(error)), 503)


def write(person: Address, draft: Draft, answers: int | None, example: str) -> EmailMessage:
    """The letter that a form asks for. Raises ValueError with a sentence when something is missing."""
    now = clock.now()
    if example:
        chosen = next((one for one in letters.EXAMPLES if one.key == example), None) or abort(404)
        answered = message_to_answer(person, answers) if chosen.needs_message else None
        return letters.write(example, sender=person, to=draft.to, answering=answered, now=now)
    if not draft.text:
        raise ValueError("There is nothing in the message yet.")
    if answers is not None:
        return letters.reply_to(opened_or_404(person, answers).email.raw, sender=person, text=draft.text, now=now)
    to = plausible.address(draft.to)
    return letters.first_letter(sender=person, to=to, subject=draft.subject, text=draft.text, now=now)


def message_to_answer(person: Address, uid: int | None) -> bytes | None:
    """The raw message, or the latest one in the inbox, or None where that is empty."""
    if uid is None:
        uid = next((one.uid for one in received_by(person)), None)
    return opened_or_404(person, uid).email.raw if uid is not None else None


def hand_over(person: Address, letter: EmailMessage) -> None:
    """Send the letter, and remember when that was."""
    host, port = server("smtp")
    at = clock.now()
    mailbox.send(host, port, person.email, MAILBOX_PASSWORD, letter)
    session["sandbox_sent"] = Sent(person.email, letter["Message-ID"].strip("<>"), at, clock.now()).as_words()


def render_sandbox(person: Address, uid: int | None, *, writes: bool = False, draft: Draft | None = None) -> str:
    """Both sides; the message ``uid`` is read (404 when it is gone), or the latest one unless somebody ``writes``."""
    received = received_by(person)
    if uid is None and received and not writes:
        uid = received[0].uid
    opened = opened_or_404(person, uid) if uid is not None else None
    received = reading(received, uid)
    way = way_of(last_sent_by(person))
    return web.render_fragment(
        "sandbox/_sandbox.html",
        "sandbox/index.html",
        person=person,
        people=[(one, firm_of(one)) for one in demo.people()],
        received=received,
        selected=uid,
        stamp=stamp_of(received),
        opened=opened,
        draft=draft or Draft(),
        examples=letters.EXAMPLES,
        way=way,
        agent=agent_sees(person, way),
    )


def agent_sees(person: Address, way: Way) -> dict[str, object]:
    """The right side: the ticket, why it is where it is, and its latest events."""
    ticket = ticket_of(person.email, way.inbound)
    story = queries.story(ticket.id) if ticket is not None else []
    opening = next((event for event in story if event.kind == "opened"), None)
    last = story[-1].id if story else 0
    return {
        "ticket": ticket,
        "story": story[-SHOWN:],
        "earlier": max(len(story) - SHOWN, 0),
        "opening": opening,
        "why": why(ticket, opening) if ticket is not None else "",
        "seen": last,
        "inbound": way.inbound,
        "stamp": f"{last}.{way.stamp}",
    }


def received_by(person: Address) -> list[Received]:
    """The inbox, newest first."""
    host, port = server("imap")
    return mailbox.inbox(host, port, person.email, MAILBOX_PASSWORD)


def reading(received: Sequence[Received], uid: int | None) -> list[Received]:
    """The list as it is once the message ``uid`` is opened."""
    return [replace(one, seen=one.seen or one.uid == uid) for one in received]


def stamp_of(received: Sequence[Received]) -> str:
    """A word that changes with the list."""
    words = " ".join(f"{one.uid}{'' if one.seen else '*'}" for one in received)
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def opened_or_404(person: Address, uid: int) -> Opened:
    host, port = server("imap")
    try:
        raw = mailbox.message(host, port, person.email, MAILBOX_PASSWORD, uid)
    except LookupError:
        abort(404)
    return Opened(uid, parse(raw))


def server(kind: str) -> tuple[str, int]:
    """Host and port of the sandbox's ``smtp`` or ``imap`` server. Raises MailboxError when it does not run.

    What we have read so far ends here as a transaction: none stays open while we wait for a server.
    """
    db.session.commit()
    ports = demo.ports()
    if kind not in ports:
        raise MailboxError(f"No sandbox runs in {current_app.config['PSA_DATA']}.")
    return HOST, ports[kind]


def last_sent_by(person: Address) -> Sent | None:
    """What this browser sent last, when it did so as this person."""
    words = session.get("sandbox_sent")
    sent = Sent.from_words(words) if words else None
    return sent if sent is not None and sent.sender == person.email else None


def person_or_404(email: str | None) -> Address:
    """The person of this address, the first one without an address."""
    people = demo.people()
    if email is None:
        return people[0]
    return next((person for person in people if person.email == email), None) or abort(404)


def firm_of(person: Address) -> str:
    """Their client by now: who was a stranger may have become one."""
    return find_person(person.email).client_name or "unknown to us"
