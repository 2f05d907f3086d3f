"""The way to the server and encryption: what libraries say, and servers in their place."""

from psa.mail.diagnosis.clues.clue import clues
from psa.mail.diagnosis.clues.stages import CONNECT, GREETING, TLS

ANYWHERE: frozenset[str] = frozenset()

NETWORK = (
    *clues(
        "dns_not_found",
        (9, "unresolvable !later", CONNECT),
        (6, "host|domain unknown", CONNECT),
    ),
    *clues(
        "dns_temporary",
        (9, "name_lookup later|temporary|timed_out|trouble !message", CONNECT),
        (9, "name_lookup later|temporary|timed_out|incomplete", frozenset({"dsn", "data", "mail_from", "rcpt_to"})),
        (9, "later|timed_out|temporary|trouble", frozenset({"resolve"})),
    ),
    *clues("connect_refused", (10, "refused_port !many !limit", CONNECT | {"dsn", "any"})),
    *clues(
        "port_blocked",
        (8, "timed_out", frozenset({"connect"})),
        (7, "denied|permission", CONNECT),
        (7, "connection timed_out !idle !command", CONNECT | {"dsn", "greeting"}),
        (9, "no_requests_to_connect"),
    ),
    *clues("network_unreachable", (9, "no_route")),
    *clues(
        "server_timeout",
        (6, "timed_out !idle"),
        (9, "closed timed_out"),
        (8, "read_or_write timed_out !idle"),
    ),
    *clues(
        "connection_dropped",
        (7, "connection|host closed !many"),
        (8, "reset_by_peer"),
        (4, "closed"),
        (9, "idle"),
        (7, "connection idle|timed_out", frozenset({"any"})),
    ),
    *clues(
        "tls_port_mismatch",
        (9, "tls plaintext_port", TLS | GREETING),
        (11, "not_tls_here"),
    ),
    *clues(
        "starttls_not_offered",
        (8, "starttls not_offered", TLS | GREETING | {"dsn"}),
        (8, "tls not_offered !tls_version !mechanism !oauth", TLS | {"dsn"}),
        (7, "tls trouble", TLS),
        (6, "not_offered", TLS),
        (9, "tls required not_offered"),
        (9, "starttls not_offered message"),
        (10, "unknown|not_offered|invalid command", TLS),
    ),
    *clues(
        "tls_required",
        (7, "tls required !tls_version !cipher !certificate"),
        (9, "plaintext denied|disabled|required|not_offered !virus"),
        (10, "plaintext login denied|disabled|not_offered"),
        (8, "encryption_first"),
        (13, "starttls_first"),
        (10, "tls only !certificate"),
    ),
    *clues("cert_expired", (9, "certificate expired !account")),
    *clues(
        "cert_hostname_mismatch",
        (9, "certificate|host mismatch", TLS | CONNECT | {"dsn", "greeting"}),
    ),
    *clues(
        "cert_untrusted",
        (8, "certificate untrusted"),
        (7, "certificate wrong|unknown|denied", TLS | {"dsn"}),
        (9, "unknown_issuer", TLS | CONNECT | {"dsn"}),
    ),
    *clues(
        "tls_incompatible",
        (11, "tls_version not_offered|required|denied"),
        (10, "cipher !plaintext_port"),
        (5, "tls_version", TLS),
        (4, "alert", TLS),
    ),
)
