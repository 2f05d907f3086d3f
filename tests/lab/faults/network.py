"""Between here and the server: names, routes, ports, and who sits behind them."""

from __future__ import annotations

import socket

from psa.extensions import db
from tests.lab.fault import ACCOUNT_WAITS, LOOKS_LATER, LOOKS_SOON, Faults
from tests.lab.laboratory import IMPATIENT, PATIENT, Laboratory
from tests.lab.wire import DROP, HANG, RESET, imap, later, pop3, says, smtp
from tests.servers.smtp import SmtpServer

FAULTS = Faults("The network")
ALL = "smtp imap pop3"
SOON = (ACCOUNT_WAITS, LOOKS_SOON)
LATER = (ACCOUNT_WAITS, LOOKS_LATER)


@FAULTS.add(
    "L01",
    ALL,
    "The name does not exist",
    "the resolver says EAI_NONAME",
    cause="dns_not_found",
    stage="resolve",
    then=SOON,
    heals=False,
)
def no_such_name(lab: Laboratory) -> None:
    lab.names["smtp.nosuch.invalid"] = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    lab.point(587, host="smtp.nosuch.invalid")


@FAULTS.add(
    "L02",
    ALL,
    "A double dot in the server’s name",
    "`smtp..example.com` is looked up",
    cause="dns_not_found",
    stage="resolve",
    then=SOON,
)
def double_dot(lab: Laboratory) -> None:
    lab.point(587, host="smtp..example.com")


@FAULTS.add(
    "L03",
    ALL,
    "No name server answers",
    "the resolver says EAI_AGAIN",
    cause="dns_temporary",
    stage="resolve",
    then=SOON,
    heals=True,
)
def resolver_down(lab: Laboratory) -> None:
    lab.names["localhost"] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@FAULTS.add(
    "L04",
    ALL,
    "A closed port",
    "a port on which nobody listens any more",
    cause="connect_refused",
    stage="connect",
    then=SOON,
    heals=True,
)
def closed_port(lab: Laboratory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    lab.point(port)


@FAULTS.add(
    "L05",
    ALL,
    "A black-holed port",
    "a listener whose backlog is full answers no further SYN",
    cause="port_blocked",
    stage="connect",
    then=SOON,
)
def black_hole(lab: Laboratory) -> None:
    listening = lab.stack.enter_context(socket.socket())
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    for _ in range(4):
        filler = lab.stack.enter_context(socket.socket())
        filler.setblocking(False)
        filler.connect_ex(listening.getsockname())
    lab.be_patient_for(IMPATIENT)
    lab.point(listening.getsockname()[1])


FAULTS.cannot(
    "L06",
    "The firewall drops what leaves",
    why="it takes root and a network namespace of its own",
    instead="L05 looks the same from here: no answer to any SYN",
)
FAULTS.cannot(
    "L07",
    "The firewall rejects what leaves",
    why="it takes root and a network namespace of its own",
    instead="the errors that come of it are those of L04 (a reset) and L08 (an ICMP message)",
)


@FAULTS.add(
    "L08",
    ALL,
    "No route to the address",
    "the name leads to an address that no route leads to",
    cause="network_unreachable",
    stage="connect",
    then=SOON,
)
def no_route(lab: Laboratory) -> None:
    # A multicast group of the link: TCP has no way there on any machine.
    lab.names["mail.lab.test"] = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("ff02::1", 25, 0, 0))]
    lab.point(25, host="mail.lab.test")


@FAULTS.add("L09", ALL, "IPv6 is dead, IPv4 is well", "the name has an address without a route, and 127.0.0.1")
def only_ipv4(lab: Laboratory) -> None:
    dead = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("ff02::1", lab.account.port, 0, 0))
    lab.names["localhost"] = [dead, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", lab.account.port))]


@FAULTS.add(
    "L10",
    ALL,
    "The server says nothing",
    "it accepts and is silent",
    cause="server_timeout",
    stage="greeting",
    then=SOON,
    heals=True,
)
def silent(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.serve(says(HANG))


@FAULTS.add(
    "L11",
    ALL,
    "The greeting comes too late",
    "it comes after our time limit",
    cause="server_timeout",
    stage="greeting",
    then=SOON,
)
def late_greeting(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.serve(later(IMPATIENT * 3, {"smtp": smtp(), "imap": imap(), "pop3": pop3()}[lab.protocol]))


@FAULTS.add("L11", ALL, "The greeting is slow", "everything comes late, but within our time limit")
def slow_greeting(lab: Laboratory) -> None:
    lab.be_patient_for(PATIENT)
    lab.proxy().faults.delay = 0.1


@FAULTS.add(
    "L12",
    ALL,
    "It hangs up at once",
    "closed right after it was accepted",
    cause="connection_dropped",
    stage="greeting",
    then=SOON,
    heals=True,
)
def closes(lab: Laboratory) -> None:
    lab.serve(says(DROP))


@FAULTS.add(
    "L12",
    ALL,
    "It resets at once",
    "RST right after it was accepted",
    cause="connection_dropped",
    stage="greeting connect",
    then=SOON,
)
def resets(lab: Laboratory) -> None:
    lab.serve(says(RESET))


@FAULTS.add(
    "L13",
    ALL,
    "A web server is on the port",
    "`HTTP/1.1 400 Bad Request` for a greeting",
    cause="not_a_mail_server",
    stage="greeting",
    then=SOON,
)
def web_server(lab: Laboratory) -> None:
    lab.serve(says("HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nConnection: close\r\n", DROP))


@FAULTS.add(
    "L13",
    ALL,
    "SSH is on the port",
    "`SSH-2.0-OpenSSH_9.6` for a greeting",
    cause="not_a_mail_server",
    stage="greeting",
    then=SOON,
)
def ssh(lab: Laboratory) -> None:
    lab.be_patient_for(IMPATIENT)
    lab.serve(says("SSH-2.0-OpenSSH_9.6"))


@FAULTS.add(
    "L14",
    "smtp pop3",
    "An IMAP server is on the port",
    "Dovecot’s IMAP port",
    cause="not_a_mail_server",
    stage="greeting",
    then=SOON,
)
def is_imap(lab: Laboratory) -> None:
    lab.point(lab.dovecot.imap)


@FAULTS.add(
    "L14",
    "smtp imap",
    "A POP3 server is on the port",
    "Dovecot’s POP3 port",
    cause="not_a_mail_server",
    stage="greeting",
    then=SOON,
)
def is_pop3(lab: Laboratory) -> None:
    lab.point(lab.dovecot.pop3)


@FAULTS.add(
    "L14",
    "imap pop3",
    "An SMTP server is on the port",
    "an SMTP server’s port",
    cause="not_a_mail_server",
    stage="greeting",
    then=SOON,
)
def is_smtp(lab: Laboratory) -> None:
    server = lab.stack.enter_context(SmtpServer({}, ca=lab.ca))
    lab.point(server.port)


@FAULTS.add(
    "L15",
    "smtp",
    "The greeting is 421 alone",
    "`421`",
    cause="server_temporary",
    stage="greeting",
    then=ACCOUNT_WAITS,
    heals=True,
)
def bare_421(lab: Laboratory) -> None:
    lab.serve(says("421", DROP))


@FAULTS.add(
    "L15",
    "smtp",
    "The greeting is 421, too many connections",
    "`421 4.7.0 Too many connections from your address`",
    cause="too_many_connections",
    stage="greeting",
    then=ACCOUNT_WAITS,
    heals=True,
)
def too_many(lab: Laboratory) -> None:
    lab.serve(says("421 4.7.0 Too many connections from your address", DROP))


@FAULTS.add(
    "L15",
    "smtp",
    "The greeting is 451",
    "`451 Temporary local problem`",
    cause="server_temporary",
    stage="greeting",
    then=ACCOUNT_WAITS,
    heals=True,
)
def greeting_451(lab: Laboratory) -> None:
    lab.serve(says("451 Temporary local problem, please try later", DROP))


@FAULTS.add(
    "L15",
    "smtp",
    "The greeting is 554 alone",
    "`554`",
    cause="ip_blocked server_temporary",
    stage="greeting",
    then=ACCOUNT_WAITS,
)
def bare_554(lab: Laboratory) -> None:
    lab.serve(says("554", DROP))


@FAULTS.add(
    "L15",
    "smtp",
    "The greeting refuses our address",
    "`554 5.7.1 … blocked using zen.spamhaus.org`",
    cause="ip_blocked",
    stage="greeting",
    then=ACCOUNT_WAITS,
    heals=False,
)
def blocklisted(lab: Laboratory) -> None:
    lab.serve(says("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", DROP))


@FAULTS.add(
    "L15",
    "imap",
    "The greeting is BYE",
    "`* BYE Temporary problem, please try again later`",
    cause="server_temporary",
    stage="greeting",
    then=LOOKS_SOON,
)
def bye(lab: Laboratory) -> None:
    lab.serve(imap(greeting="* BYE Temporary problem, please try again later\r\n"))


@FAULTS.add(
    "L15",
    "imap",
    "The greeting is BYE, too many connections",
    "`* BYE Too many simultaneous connections`",
    cause="too_many_connections",
    stage="greeting",
    then=LOOKS_LATER,
)
def bye_too_many(lab: Laboratory) -> None:
    lab.serve(imap(greeting="* BYE Too many simultaneous connections"))


@FAULTS.add(
    "L15",
    "pop3",
    "The greeting is -ERR",
    "`-ERR [SYS/TEMP] Server is busy, try again later`",
    cause="server_temporary",
    stage="greeting",
    then=LOOKS_SOON,
)
def err(lab: Laboratory) -> None:
    lab.serve(pop3(greeting="-ERR [SYS/TEMP] Server is busy, try again later"))


@FAULTS.add("L16", ALL, "A line with a long delay", "0.2 s before each answer; losing packets takes root")
def delay(lab: Laboratory) -> None:
    lab.proxy().faults.delay = 0.2
    db.session.commit()
