"""``flask psa …``: what the pages do, for the shell and for programs. ``--json`` prints objects with stable keys."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import selectinload

from psa import clock, moving
from psa.auth import operations as auth
from psa.console import database_trouble, json_option, say
from psa.extensions import db
from psa.mail import accounts, setup
from psa.mail.commands import loop_command, test_command
from psa.mail.diagnosis.causes import diagnose
from psa.mail.diagnosis.clues.stages import PROTOCOLS, STAGES
from psa.mail.diagnosis.handbook import handbook
from psa.mail.diagnosis.page import UnreadableLine, as_object, as_page, diagnosed
from psa.mail.inbound import receive
from psa.mail.inbound.explain import explain
from psa.mail.inbound.poll import Looked, poll
from psa.mail.inbound.process import process, process_again
from psa.mail.message.lines import print_parsed
from psa.mail.models import InboundEmail, MailAccount
from psa.mail.outbound.deliver import deliver_due
from psa.mail.settings import SettingsError
from psa.sandbox import demo
from psa.tickets.models import Comment, Queue, Ticket

# sysexits.h: what tells an MTA to try again later.
TEMPORARY_FAILURE = 75
# How long `poll` waits for somebody else who is reading the same mailbox, in seconds.
PATIENCE = 60.0


class Commands(AppGroup):
    """Our commands: a database that cannot be used is a sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatabaseError as error:
            raise click.ClickException(f"The database cannot be used: {database_trouble(error)}") from error


commands = Commands("psa", help="Look after the PSA.")
mail = AppGroup("mail", help="Messages: read them, explain them, take them in.")
account = AppGroup("account", help="Mail accounts.")
commands.add_command(mail)
commands.add_command(account)
mail.add_command(test_command)
mail.add_command(loop_command)


def init_app(app: Flask) -> None:
    app.cli.add_command(commands)


@commands.command("poll")
@click.argument("name", metavar="[ACCOUNT]", required=False)
@json_option
def poll_command(name: str | None, as_json: bool) -> None:
    """Look into the mailboxes now (or into one, by its address)."""
    failed = False
    mailboxes = [inbound_account(name)] if name else accounts.in_direction("inbound")
    for account_id in [mailbox.id for mailbox in mailboxes]:
        looked = poll_patiently(account_id)
        failed = failed or bool(looked.fault) or looked.busy
        values = {"account": looked.account, "kept": looked.kept, "processed": looked.processed, "off": looked.off}
        values |= {"busy": looked.busy, "fault": looked.fault or None}
        say(as_json, values, f"{looked.account}: {looked_in_words(looked)}")
    sys.exit(1 if failed else 0)


def looked_in_words(looked: Looked) -> str:
    if looked.off:
        return "left alone, because email parsing is off"
    return looked.fault or ("somebody else is reading it" if looked.busy else f"{looked.kept} new")


def poll_patiently(account_id: int) -> Looked:
    """Look into a mailbox; while somebody else reads it, wait for them, so that afterwards all is in."""
    until = time.monotonic() + PATIENCE
    while (looked := poll(account_id)).busy and time.monotonic() < until:
        time.sleep(0.2)
    return looked


@commands.command("deliver")
@json_option
def deliver_command(as_json: bool) -> None:
    """Send what is due in the outbox."""
    tried = deliver_due()
    say(as_json, {"tried": tried}, f"{tried} messages tried")


@commands.command("tickets")
@json_option
def tickets_command(as_json: bool) -> None:
    """List all tickets, oldest first."""
    comments = dict(db.session.execute(db.select(Comment.ticket_id, db.func.count()).group_by(Comment.ticket_id)).all())
    query = db.select(Ticket).order_by(Ticket.id).execution_options(yield_per=500)
    parts = (Ticket.queue, Ticket.client, Ticket.project, Ticket.requester)
    for ticket in db.session.scalars(query.options(*(selectinload(part) for part in parts))):
        values = {
            "number": ticket.number,
            "subject": ticket.subject,
            "status": ticket.status,
            "queue": ticket.queue.name,
            "client": ticket.client.name if ticket.client else None,
            "project": ticket.project.name if ticket.project else None,
            "requester": ticket.requester.email if ticket.requester else None,
            "comments": comments.get(ticket.id, 0),
            "created": ticket.created_at.isoformat(),
        }
        whose = values["client"] or values["requester"] or "nobody"
        say(as_json, values, f"#{ticket.number}  {ticket.status:8} {ticket.queue.name:12} {whose}: {ticket.subject}")


@commands.command("create-user")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(["admin", "agent"]), default="agent", show_default=True)
@click.option("--password", help="Asked for when it is left out; never shown.")
@json_option
def create_user_command(email: str, name: str, role: str, password: str | None, as_json: bool) -> None:
    """Make a user who can sign in."""
    password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        user = auth.create_user(email, name, password, role)
    except auth.UserRefused as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    values = {"id": user.id, "email": user.email, "name": user.name, "role": user.role}
    say(as_json, values, f"{user.name} can sign in as {user.email}.")


@commands.command("demo-data")
@json_option
def demo_data_command(as_json: bool) -> None:
    """Make the sample firm in an empty database, and enter the sandbox's mail server as its Outbound and Inbound."""
    sign_in = demo.make()
    words = f"Sign in as {sign_in.email} with the password {sign_in.password}. Mailbox: {sign_in.mailbox}"
    say(as_json, asdict(sign_in), words)


@commands.command("sandbox")
@click.option("--smtp-port", default=2525, show_default=True, help="A free one is taken when it is in use.")
@click.option("--imap-port", default=1143, show_default=True, help="A free one is taken when it is in use.")
def sandbox_command(smtp_port: int, imap_port: int) -> None:
    """Run the sandbox mail server until it is interrupted."""
    demo.serve_sandbox(smtp_port=smtp_port, imap_port=imap_port)


@account.command("add")
@click.option("--address", required=True, help="Such as support@yourcompany.com.")
@click.option(
    "--inbound", metavar="URL", help="imaps://user:password@host:993/INBOX, imap+starttls://, imap://, pop3s://…"
)
@click.option("--outbound", metavar="URL", help="smtp+starttls://user:password@host:587, smtps://, smtp://")
@click.option("--start", default="now", show_default=True, metavar="now|all|YYYY-MM-DD", help="Which mail to take.")
@click.option("--create-tickets/--no-create-tickets", default=True, show_default=True)
@click.option("--queue", metavar="NAME", help="The default queue; made when there is none of this name.")
@json_option
def add_account_command(
    address: str,
    inbound: str | None,
    outbound: str | None,
    start: str,
    create_tickets: bool,
    queue: str | None,
    as_json: bool,
) -> None:
    """Enter a mailbox and the way to send as it, or change them when the address is known."""
    if not inbound and not outbound:
        raise click.UsageError("Name at least one of --inbound and --outbound.")
    try:
        added = setup.add_from_urls(
            address=address,
            inbound_url=inbound,
            outbound_url=outbound,
            since=since(start),
            create_tickets=create_tickets,
            queue_id=queue_id(queue),
        )
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    for one in added:
        values = {"id": one.id, "direction": one.direction, "address": one.address, "server": f"{one.host}:{one.port}"}
        say(as_json, values, f"{one.address}: {one.direction} through {one.host}:{one.port} ({one.security})")


def since(start: str) -> datetime | None:
    """The moment from which mail is taken: now, the beginning of a day, or None for everything."""
    if start == "all":
        return None
    if start == "now":
        return clock.now()
    try:
        return clock.midnight(datetime.strptime(start, "%Y-%m-%d"))
    except ValueError as error:
        raise click.BadParameter("Write now, all, or a date such as 2026-11-01.", param_hint="--start") from error


def queue_id(name: str | None) -> int | None:
    if name is None:
        return None
    queue: Queue | None = db.session.scalar(db.select(Queue).where(Queue.name == name))
    if queue is None:
        queue = Queue(name=name)
        db.session.add(queue)
        db.session.commit()
    return queue.id


@commands.command("copy-to")
@click.argument("url", metavar="DATABASE_URL")
def copy_to_command(url: str) -> None:
    """Copy everything into another, empty database; docs/scaling.md says what to do before and after."""
    try:
        copied = moving.copy_to(url, lambda line: click.echo(f"  {line}"))
    except moving.MoveError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{sum(copied.values()):,} rows copied. Set DATABASE_URL to the new database and start the PSA.")


@mail.command("parse")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@json_option
def parse_command(paths: tuple[str, ...], as_json: bool) -> None:
    """Print what we read in messages: files, folders of .eml files, or - for standard input.

    The exit code is 1 when a file could not be opened; the others are printed all the same.
    """
    sys.exit(not print_parsed(paths, as_json, click.echo))


@mail.command("explain")
@click.argument("path", metavar="FILE")
@click.option("--account", "name", help="The mailbox it would arrive in; the first one when left out.")
@json_option
def explain_command(path: str, name: str | None, as_json: bool) -> None:
    """Print what would become of a message, and change nothing."""
    explanation = explain(bytes_of(path), inbound_account(name))
    if as_json:
        click.echo(json.dumps(explanation.as_dict(), ensure_ascii=False))
        return
    click.echo(f"{explanation.disposition}: {explanation.reason}")
    for step in explanation.steps:
        click.echo(f"  {step['step']}: {step['verdict']}" + (f" ({step['detail']})" if step["detail"] else ""))


@mail.command("receive")
@click.argument("path", metavar="FILE")
@click.option("--account", "name", required=True, help="The mailbox's address.")
@json_option
def receive_command(path: str, name: str, as_json: bool) -> None:
    """Take a message in as if it had arrived. Exit status 75 asks an MTA to try again later.

    That is its answer to everything that is not the message's fault, a mailbox that nobody has entered among it.
    """
    try:
        inbound_id = receive.receive_piped(inbound_account(name), bytes_of(path))
        process(inbound_id)
        inbound = db.session.get_one(InboundEmail, inbound_id, populate_existing=True)
    except SQLAlchemyError as error:
        said = database_trouble(error) if isinstance(error, DatabaseError) else error.__class__.__name__
        click.echo(f"The database cannot be written to: {said}", err=True)
        sys.exit(TEMPORARY_FAILURE)
    except click.ClickException as error:
        error.show()
        sys.exit(TEMPORARY_FAILURE)
    print_disposition(inbound, as_json)


@mail.command("process")
@click.argument("inbound_id", type=int, metavar="ID")
@json_option
def process_command(inbound_id: int, as_json: bool) -> None:
    """Deal by the rules of today with a message that was held, ignored or failed, or still waits."""
    if db.session.get(InboundEmail, inbound_id) is None:
        raise click.ClickException(f"There is no message {inbound_id}.")
    process_again(inbound_id)
    print_disposition(db.session.get_one(InboundEmail, inbound_id, populate_existing=True), as_json)


def print_disposition(inbound: InboundEmail, as_json: bool) -> None:
    values = {"id": inbound.id, "disposition": inbound.status, "reason": inbound.reason, "ticket": inbound.ticket_id}
    say(as_json, values, f"{inbound.status}: {inbound.reason}")


@mail.command("diagnose")
@click.option("--protocol", type=click.Choice(PROTOCOLS), default="smtp", show_default=True)
@click.option("--stage", type=click.Choice(STAGES), default="any", show_default=True, help="Where it was said.")
@click.option("--text", help="What the server or the library said; - reads it from standard input.")
@click.option("--host", default="", help="The server's name, when it is known.")
@click.option("--port", type=int)
@click.option(
    "--jsonl", "path", metavar="FILE", help="Diagnose many: each line an object with protocol, stage and wire."
)
@json_option
def diagnose_command(
    protocol: str, stage: str, text: str | None, host: str, port: int | None, path: str | None, as_json: bool
) -> None:
    """Say what an answer of a mail server means, and what to do."""
    if (text is None) == (path is None):
        raise click.UsageError("Give either --text, with what the server said, or --jsonl with a file of wordings.")
    if path is not None:
        diagnose_lines(path)
        return
    words = bytes_of("-").decode("utf-8", "replace") if text == "-" else text or ""
    if not words.strip():
        raise click.UsageError("There is nothing to diagnose: --text is empty.")
    found = diagnose(protocol=protocol, stage=stage, text=words, host=host, port=port)
    known = {"host": host, "port": port, "protocol": protocol.upper() if protocol in ("smtp", "imap", "pop3") else ""}
    say(as_json, as_object(found, **known) if as_json else {}, as_page(found, words, **known))


def diagnose_lines(path: str) -> None:
    try:
        for values in diagnosed(bytes_of(path).decode("utf-8", "replace")):
            say(True, values, "")
    except UnreadableLine as error:
        raise click.ClickException(f"{path}: {error}") from error


@mail.command("causes")
def causes_command() -> None:
    """Print what can keep mail from getting through, and what to do: the page docs/diagnosis.md."""
    click.echo(handbook(), nl=False)


def bytes_of(path: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``."""
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def inbound_account(name: str | None) -> MailAccount:
    """The inbound account of an address; the first one without a name.

    An empty name is no mailbox: in the pipe of an MTA it is a variable that nobody has set.
    """
    all_inbound = accounts.in_direction("inbound")
    found = accounts.find("inbound", name) if name is not None else next(iter(all_inbound), None)
    if found is None:
        known = ", ".join(one.address for one in all_inbound) or "none yet: add one with `flask psa account add`"
        raise click.ClickException(f"There is no mailbox {name or ''} to poll. Known: {known}.")
    return found
