"""What the steps of a conversation are called before they ran, after they failed, and in a sentence."""

from __future__ import annotations

from typing import Any, NamedTuple

from psa.mail.settings import ServerSettings


class Names(NamedTuple):
    """``waiting`` before it ran, ``failed`` after it did not work, ``place`` behind “Failed at”."""

    waiting: str
    failed: str
    place: str


NAMES = {
    "token": Names("Sign-in at the provider", "No sign-in at the provider", "the provider’s sign-in"),
    "resolve": Names("Find the server", "Server not found", "the server’s name"),
    "connect": Names("Connect", "No connection", "the connection"),
    "tls": Names("Secure the connection", "Connection not secured", "encryption"),
    "greeting": Names("Greeting", "No greeting", "the greeting"),
    "auth": Names("Login", "Login refused", "login"),
    "mail_from": Names("Sender", "Sender refused", "the sender"),
    "rcpt_to": Names("Recipient", "Recipient refused", "the recipient"),
    "data": Names("Message accepted", "Message refused", "the message"),
    "select": Names("Folder", "Folder not opened", "the folder"),
    "list": Names("Folders and messages", "Folders not listed", "the list of folders"),
    # The full-loop test, whose steps are hops
    "loop_leaves": Names("A mail leaves", "The mail did not leave", "sending the mail"),
    "loop_arrives": Names("It arrives in the mailbox", "It did not arrive", "the way to the mailbox"),
    "loop_ticket": Names("It becomes a ticket", "It became no ticket", "opening the ticket"),
    "loop_reply": Names("A reply leaves", "The reply did not leave", "sending the reply"),
    "loop_returns": Names("The reply arrives", "The reply did not arrive", "the way of the reply"),
    "loop_answer": Names("An answer to it leaves", "The answer did not leave", "sending the answer"),
    "loop_threads": Names("The answer joins the ticket", "The answer did not join the ticket", "finding the ticket"),
    "loop_clears": Names("Nothing is left behind", "Not everything could be cleared away", "clearing away"),
}


def place(stage: str) -> str:
    """Where something went wrong, in words that follow “at”: “login”, “the recipient”."""
    return NAMES[stage].place if stage in NAMES else "the start"


def expected(settings: ServerSettings) -> list[str]:
    """The stages that a conversation with these settings goes through, in order."""
    stages = ["token"] if settings.auth == "oauth2" else []
    stages += ["resolve", "connect"]
    stages += ["tls", "greeting"] if settings.security == "ssl" else ["greeting"]
    stages += ["tls"] if settings.security == "starttls" else []
    if settings.protocol == "smtp":
        stages += ["auth"] if settings.signs_in else []
        return [*stages, "mail_from", "rcpt_to", "data"]
    return [*stages, "auth", "select", "list"]


def with_waiting(steps: list[dict[str, Any]], stages: list[str]) -> list[dict[str, Any]]:
    """``steps`` as far as they have come, and the rest of ``stages`` as waiting."""
    done = {step["stage"] for step in steps}
    waiting = [
        {"stage": stage, "title": NAMES[stage].waiting, "detail": "", "state": "waiting", "ms": 0, "words": ""}
        for stage in stages
        if stage not in done
    ]
    named = [{**step, "title": NAMES[step["stage"]].failed} if step["state"] == "failed" else step for step in steps]
    return named + waiting
