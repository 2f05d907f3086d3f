"""``flask psa mail test`` and ``mail loop``: the tests of the settings pages, for the shell and for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from psa import clock, signing
from psa.auth.models import User
from psa.console import json_option, say
from psa.extensions import db
from psa.mail import accounts, plausible
from psa.mail import settings as server
from psa.mail.diagnosis import knock, probe
from psa.mail.diagnosis.catalogue import CAUSES
from psa.mail.diagnosis.catalogue.cause import Cause
from psa.mail.diagnosis.page import wrapped
from psa.mail.diagnosis.providers import provider_of, steps_at
from psa.mail.journal import Step
from psa.mail.loop import trial
from psa.mail.models import ConnectionTest, MailAccount
from psa.mail.settings import SettingsError

# How often a test that runs is looked at, in seconds.
EVERY = 0.1
MARKS = {"done": "✓", "failed": "✗"}


@click.command("test")
@click.argument("name", metavar="ACCOUNT")
@click.option("--to", help="Send the test email there, through the queue and the transport of production.")
@click.option("--only", type=click.Choice(["outbound", "inbound"]), help="Where an address both sends and reads.")
@json_option
def test_command(name: str, to: str | None, only: str | None, as_json: bool) -> None:
    """Test an account by its address, step by step, as its settings page does.

    A sending account signs in, and with --to sends a test email; a mailbox is opened and counted. Exit status 1 when
    a test has failed.
    """
    if to is not None:
        try:
            to = plausible.address(to)
        except SettingsError as error:
            raise click.BadParameter(str(error), param_hint="--to") from error
    failed = False
    for account in accounts_of(name, only):
        passed = test(account, to or "", as_json)
        failed = failed or not passed
    sys.exit(1 if failed else 0)


@click.command("loop")
@click.argument("name", metavar="[ACCOUNT]", required=False)
@json_option
def loop_command(name: str | None, as_json: bool) -> None:
    """Send a mail all the way round: out, into the mailbox, to a ticket, answered, and back to the ticket.

    Everything that it makes is cleared away. Exit status 1 when a hop has failed.
    """
    account = accounts_of(name, None)[0] if name else accounts.default_outbound()
    replying = db.session.scalars(db.select(User.id).where(User.role == "admin").order_by(User.id)).first()
    if account is None:
        raise click.ClickException(trial.NO_SENDER)
    if replying is None:
        raise click.ClickException("Nobody could answer the ticket: make a user with `flask psa create-user`.")
    started = clock.now()
    try:
        begun = trial.start_loop(account, replying)
    except trial.NotPossible as error:
        raise click.ClickException(str(error)) from error
    except signing.SealBroken as error:
        raise no_key(account) from error
    outcome = watched(begun, as_json)
    seconds = round((clock.now() - started).total_seconds(), 3)
    print_outcome({"account": account.address, "direction": probe.LOOP, "seconds": seconds} | outcome, as_json)
    sys.exit(0 if outcome["state"] == "passed" else 1)


def accounts_of(name: str, only: str | None) -> list[MailAccount]:
    directions = (only,) if only else ("outbound", "inbound")
    found = [account for direction in directions if (account := accounts.find(direction, name)) is not None]
    if not found:
        raise click.ClickException(f"There is no {only or 'mail'} account {name}. Known: {known_accounts()}.")
    return found


def known_accounts() -> str:
    known = [one.address for direction in ("outbound", "inbound") for one in accounts.in_direction(direction)]
    return ", ".join(dict.fromkeys(known)) or "none yet: add one with `flask psa account add`"


def test(account: MailAccount, to: str, as_json: bool) -> bool:
    """Run one test and print it; returns whether it passed."""
    try:
        settings = server.of_account(account)
    except signing.SealBroken as error:
        raise no_key(account) from error
    if not as_json:
        click.echo(f"{account.address}: {account.direction} through {account.host}:{account.port}")
    started = clock.now()
    if settings.protocol == "smtp" and not to:
        outcome = knocked(settings, as_json)
    else:
        outcome = watched(probe.start_test(settings, account.id, to=to), as_json)
    outcome = {
        "account": account.address,
        "direction": account.direction,
        "seconds": round((clock.now() - started).total_seconds(), 3),
    } | outcome
    print_outcome(outcome, as_json)
    return outcome["state"] == "passed"


def no_key(account: MailAccount) -> click.ClickException:
    told = CAUSES["seal_broken"].told(address=account.address)
    return click.ClickException(f"{account.address}: {told.title}. {told.remedies[0]}")


def print_outcome(outcome: dict[str, Any], as_json: bool) -> None:
    if as_json:
        say(True, outcome, "")
        return
    for line in conclusion(outcome):
        click.echo(line)


def knocked(settings: server.ServerSettings, as_json: bool) -> dict[str, Any]:
    """A sending account as far as to the login: nothing is sent."""
    found = knock.knock(settings, None if as_json else print_step)
    values = {"state": "failed" if found.diagnosis else "passed", "steps": found.steps, "words": found.words}
    if found.diagnosis is None:
        return values | {"findings": {}}
    return values | told(found.diagnosis.cause, settings.host, {"host": settings.host, "port": settings.port})


def watched(begun: ConnectionTest, as_json: bool) -> dict[str, Any]:
    """A test that runs in the background, as the page shows it."""
    shown = 0
    while True:
        db.session.rollback()
        test = db.session.get_one(ConnectionTest, begun.id, populate_existing=True)
        probe.bury_if_dead(test)
        ended = [step for step in test.steps if step["state"] in MARKS]
        for step in ended[shown:]:
            if not as_json:
                print_step(Step(**step))
        shown = len(ended)
        if test.state != "running":
            break
        time.sleep(EVERY)
    asked = test.findings.get("asked", {})
    findings = {name: value for name, value in test.findings.items() if name not in ("asked", "remains")}
    values = {"state": test.state, "steps": test.steps, "words": test.words, "findings": findings}
    if test.state == "passed":
        return values
    return values | told(CAUSES.get(test.cause, CAUSES["unknown"]), str(asked.get("host", "")), asked)


def told(cause: Cause, host: str, known: dict[str, Any]) -> dict[str, Any]:
    said = cause.at(steps_at(cause.code, provider_of(host))).told(**known)
    return {"cause": said.code, "title": said.title, "meaning": said.meaning, "remedies": list(said.remedies)}


def print_step(step: Step) -> None:
    detail = f": {step.detail}" if step.detail else ""
    click.echo(f"  {MARKS[step.state]} {step.title}{detail} ({step.ms} ms)")
    if step.state == "failed" and step.words:
        for line in step.words.splitlines():
            click.echo(f"      {line}")


def conclusion(outcome: dict[str, Any]) -> Iterator[str]:
    if outcome["state"] == "passed":
        yield f"Passed in {outcome['seconds']:.1f} s."
        for folder in outcome["findings"].get("folders", []):
            yield f"  {folder['name']}: {folder['messages']} messages"
        return
    yield f"Failed: {outcome['title']}"
    yield wrapped(outcome["meaning"])
    yield "What to do:"
    yield from (wrapped(remedy, f"  {number}. ") for number, remedy in enumerate(outcome["remedies"], 1))
