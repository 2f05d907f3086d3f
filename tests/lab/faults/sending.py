"""What a server says to the sender, the recipients and the message; most answers are Postfix’s own."""

from __future__ import annotations

import socket

from tests.lab.fault import ACCOUNT_WAITS, ASKS, FAILS, MESSAGE_WAITS, NEXT_TRANSACTION, ONE_FAILS, Faults
from tests.lab.laboratory import AIKO, DANA, IMPATIENT, RUBEN, Laboratory
from tests.lab.wire import DROP, HANG, HungUp, Wire, smtp

FAULTS = Faults("Sending")


def answers(verb: str, *said: str) -> object:
    """The sound server answers this verb so, once for each of ``said``, and from then on as always."""

    def inject(lab: Laboratory) -> None:
        lab.smtp.answers[verb] = list(said)

    return inject


# Number, what, the verb that is refused, the words, cause, stage, then, whether it heals by itself.
REFUSALS = (
    (
        "L47",
        "Relaying is refused, by default for now",
        "RCPT",
        "454 4.7.1 <dana@harbor-dental.example>: Relay access denied",
        "relay_denied",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L47",
        "Relaying is refused",
        "RCPT",
        "554 5.7.1 <dana@harbor-dental.example>: Relay access denied",
        "relay_denied",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L48",
        "The sender is not the login’s",
        "RCPT",
        "553 5.7.1 <support@northwind.example>: Sender address rejected: not owned by user info@northwind.example",
        "sender_not_allowed",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L49",
        "The sender’s domain does not exist",
        "MAIL",
        "450 4.1.8 <support@northwind.example>: Sender address rejected: Domain not found",
        "sender_address_invalid",
        "mail_from",
        FAILS,
        False,
    ),
    (
        "L49",
        "The sender’s address is none",
        "MAIL",
        "501 5.1.7 Bad sender address syntax",
        "sender_address_invalid",
        "mail_from",
        FAILS,
        False,
    ),
    (
        "L51",
        "Greylisting",
        "RCPT",
        "450 4.7.1 <dana@harbor-dental.example>: Recipient address rejected: Greylisted, see http://postgrey.example",
        "greylisted",
        "rcpt_to",
        MESSAGE_WAITS,
        True,
    ),
    (
        "L52",
        "Too big by SIZE",
        "MAIL",
        "552 5.3.4 Message size exceeds fixed limit",
        "message_too_big",
        "mail_from",
        FAILS,
        False,
    ),
    (
        "L52",
        "Too big, said after the dot",
        "MESSAGE",
        "552 5.3.4 Error: message file too big",
        "message_too_big",
        "data",
        FAILS,
        False,
    ),
    (
        "L53",
        "The recipient’s mailbox is full, for now",
        "RCPT",
        "452 4.2.2 <dana@harbor-dental.example>: Mailbox full",
        "mailbox_full",
        "rcpt_to",
        MESSAGE_WAITS,
        True,
    ),
    (
        "L53",
        "The recipient’s mailbox is full",
        "RCPT",
        "552 5.2.2 <dana@harbor-dental.example>: Over quota",
        "mailbox_full",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L53",
        "The recipient’s mailbox is full, said after the dot",
        "MESSAGE",
        "552 5.2.2 <dana@harbor-dental.example> Mailbox is full",
        "mailbox_full",
        "data",
        FAILS,
        False,
    ),
    (
        "L54",
        "The server’s disk is full",
        "MAIL",
        "452 4.3.1 Insufficient system storage",
        "server_temporary",
        "mail_from",
        MESSAGE_WAITS,
        True,
    ),
    (
        "L55",
        "Too many messages",
        "MAIL",
        "450 4.7.1 Error: too much mail from 192.0.2.7",
        "rate_limited",
        "mail_from",
        ACCOUNT_WAITS,
        True,
    ),
    (
        "L55",
        "Too many recipients in a while",
        "RCPT",
        "450 4.7.1 Error: too many recipients from 192.0.2.7",
        "rate_limited",
        "rcpt_to",
        ACCOUNT_WAITS,
        True,
    ),
    (
        "L55",
        "Too many connections",
        "CONNECT",
        "421 4.7.0 smtp.example Error: too many connections from 192.0.2.7",
        "too_many_connections",
        "greeting",
        ACCOUNT_WAITS,
        True,
    ),
    (
        "L57",
        "Our name is not a full one",
        "RCPT",
        "504 5.5.2 <desk>: Helo command rejected: need fully-qualified hostname",
        "reverse_dns_or_helo",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L57",
        "Our address has no name",
        "RCPT",
        "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]",
        "reverse_dns_or_helo",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L57",
        "Our address is on a blocklist",
        "RCPT",
        "554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: 192.0.2.7 blocked using zen.test",
        "ip_blocked",
        "rcpt_to",
        FAILS,
        False,
    ),
    (
        "L58",
        "The message is taken for spam",
        "MESSAGE",
        "550 5.7.1 Message rejected as spam",
        "spam_rejected",
        "data",
        FAILS,
        False,
    ),
    (
        "L58",
        "An attachment is not allowed",
        "MESSAGE",
        "552 5.7.1 The attachment type .exe is not allowed here",
        "content_rejected",
        "data",
        FAILS,
        False,
    ),
    (
        "L58",
        "A virus is found",
        "MESSAGE",
        "550 5.7.1 Virus found: Eicar-Test-Signature",
        "content_rejected",
        "data",
        FAILS,
        False,
    ),
    ("L59", "A mail loop", "MESSAGE", "554 5.4.6 Error: too many hops", "content_rejected", "data", FAILS, False),
    (
        "L59",
        "Bare line feeds",
        "MESSAGE",
        "521 5.5.2 smtp.example Error: bare <LF> received",
        "content_rejected",
        "data",
        FAILS,
        False,
    ),
    (
        "L60",
        "SPF, DKIM and DMARC fail",
        "MESSAGE",
        "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\r\n"
        "550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.",
        "sender_auth_failed",
        "data",
        FAILS,
        False,
    ),
    (
        "L60",
        "DMARC’s policy refuses it",
        "MESSAGE",
        "550 5.7.509 Access denied, sending domain northwind.example does not pass DMARC verification and has a DMARC "
        "policy of reject.",
        "sender_auth_failed",
        "data",
        FAILS,
        False,
    ),
    (
        "L64",
        "Too many errors",
        "MAIL",
        "421 4.7.0 smtp.example Error: too many errors",
        "protocol_error",
        "mail_from",
        FAILS,
        None,
    ),
    (
        "L63",
        "421 at MAIL",
        "MAIL",
        "421 4.3.2 Service shutting down",
        "server_temporary",
        "mail_from",
        MESSAGE_WAITS,
        True,
    ),
    (
        "L63",
        "421 at RCPT",
        "RCPT",
        "421 4.3.2 Service shutting down",
        "server_temporary",
        "rcpt_to",
        MESSAGE_WAITS,
        True,
    ),
    ("L63", "421 at DATA", "DATA", "421 4.3.2 Service shutting down", "server_temporary", "data", MESSAGE_WAITS, True),
    ("L62", "The connection ends at MAIL", "MAIL", "drop", "connection_dropped", "mail_from", MESSAGE_WAITS, None),
    ("L62", "The connection ends at RCPT", "RCPT", "drop", "connection_dropped", "rcpt_to", MESSAGE_WAITS, None),
    ("L62", "The connection ends at DATA", "DATA", "drop", "connection_dropped", "data", MESSAGE_WAITS, None),
)

for number, what, verb, words, cause, stage, then, heals in REFUSALS:
    how = "it hangs up" if words == "drop" else f"`{words.splitlines()[-1][:90]}`"
    where = {"MESSAGE": "after the dot", "CONNECT": "for a greeting"}.get(verb, f"at {verb}")
    FAULTS.add(number, "smtp", what, f"{how} {where}", cause=cause, stage=stage, then=then, heals=heals)(
        answers(verb, words)
    )


@FAULTS.add(
    "L50",
    "smtp",
    "One of three recipients does not exist",
    "`550 5.1.1` at the second RCPT",
    cause="recipient_unknown",
    stage="data",
    then=ONE_FAILS,
)
def one_of_three(lab: Laboratory) -> None:
    lab.to = (DANA, RUBEN, AIKO)
    lab.smtp.answers["RCPT"] = [None, f"550 5.1.1 <{RUBEN}>: Recipient address rejected: User unknown", None]


@FAULTS.add(
    "L56",
    "smtp",
    "Too many recipients for one message",
    "`452 4.5.3` from the third RCPT on",
    then=NEXT_TRANSACTION,
)
def recipient_limit(lab: Laboratory) -> None:
    lab.to = (DANA, RUBEN, AIKO)
    lab.smtp.answers["RCPT"] = [None, None, "452 4.5.3 Error: too many recipients"]


@FAULTS.add(
    "L61",
    "smtp",
    "SMTPUTF8 is missing",
    "a recipient büro@… through a server without the extension",
    cause="non_ascii_unsupported",
    stage="mail_from rcpt_to",
    then=FAILS,
)
def without_smtputf8(lab: Laboratory) -> None:
    lab.to = ("büro@harbor-dental.example",)
    refusal = "553 5.6.7 Address requires SMTPUTF8"
    lab.serve(smtp({"MAIL": [f"555 5.6.7 {refusal[10:]}"]}, ehlo="250-lab.example\r\n250 AUTH PLAIN"))


@FAULTS.add(
    "L62",
    "smtp",
    "The connection ends in the middle of the message",
    "it hangs up within DATA",
    cause="connection_dropped",
    stage="data",
    then=MESSAGE_WAITS,
)
def cut_within_data(lab: Laboratory) -> None:
    lab.text = "A long story. " * 400_000
    lab.serve(after_354(lambda wire: wire.connection.recv(4096)))


@FAULTS.add(
    "L62",
    "smtp",
    "The connection ends after the dot, before the answer",
    "it takes the message and hangs up",
    cause="connection_dropped",
    stage="data",
    then=ASKS,
)
def cut_after_the_dot(lab: Laboratory) -> None:
    lab.serve(smtp({"MESSAGE": [DROP]}))


@FAULTS.add(
    "L62",
    "smtp",
    "No answer ever comes after the dot",
    "it takes the message and is silent",
    cause="server_timeout",
    stage="data",
    then=ASKS,
)
def silent_after_the_dot(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.serve(smtp({"MESSAGE": [HANG]}))


@FAULTS.add(
    "L63",
    "smtp",
    "The server tires of waiting between two messages",
    "it closes the connection after the first one",
    cause="connection_dropped server_temporary",
    stage="mail_from",
    then=MESSAGE_WAITS,
)
def idle_too_long(lab: Laboratory) -> None:
    lab.letters_sent = 2
    lab.smtp.answers["MAIL"] = [None, "drop"]


@FAULTS.add(
    "L65",
    "smtp",
    "The server is dead after 354",
    "it stops reading, and its buffers fill",
    cause="server_timeout connection_dropped",
    stage="data",
    then=MESSAGE_WAITS,
)
def dead_after_354(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.text = "A long story. " * 400_000
    script = lab.serve(after_354(lambda wire: wire.leave(HANG)))
    script.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


def after_354(then) -> object:
    """All is well up to 354."""
    whole = smtp()

    def talk(wire: Wire) -> None:
        read = wire.body

        def body() -> bytes:
            then(wire)
            raise HungUp

        del read
        wire.body = body  # type: ignore[method-assign]
        whole(wire)

    return talk
