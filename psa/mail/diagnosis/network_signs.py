"""What the network and TLS libraries say: few words, and sure ones."""

from psa.mail.diagnosis.sign import CONNECTING, GREETING, sign

NAMES = (
    sign(
        "dns_temporary",
        r"temporary failure in name|errno -3\b|name server reply|11002|servfail|dns.*(timed? ?out|server fail)",
    ),
    sign(
        "dns_not_found",
        r"name or service not known|name does not resolve|nodename nor servname|no address associated"
        r"|getaddrinfo failed"
        r"|\b11001\b|idna|label (is )?(empty|too long)|not a host name|host not found|no such host",
    ),
    sign("connect_refused", r"servname not supported"),
)
CERTIFICATES = (
    sign("cert_expired", r"certificate[\w -]*(expired|not yet valid|out of date)"),
    sign(
        "cert_hostname_mismatch",
        r"(host ?name|ip address|name) mismatch|certificate is not valid for|certificate.*doesn.t match",
    ),
    sign(
        "tls_incompatible",
        r"key too (weak|small)|md too weak|protocol[_ ]version|unsupported[_ ]protocol|handshake[_ ]failure"
        r"|no (shared|common) "
        r"cipher|legacy[_ ]renegotiation|certificate[_ ]required|no protocols available|insufficient[_ ]security"
        r"|tls (version )?1\.[01]\b|requires? tls (version|1)|(strength|stronger|supported|weak) cipher|bad[_ ]dh",
    ),
    sign(
        "cert_untrusted",
        r"self.signed|local issuer|authority key|basic constraints|untrusted ?root|unknown[_ ]ca\b"
        r"|certificate_verify_failed"
        r"|unable to verify|untrusted certificate",
    ),
    sign(
        "tls_port_mismatch",
        r"wrong[_ ]version[_ ]number|record layer failure|unknown[_ ]protocol|packet length too long|non-ssl socket"
        r"|\bhttps?[_ ]request\b.*ssl|(ssl|tls) (attempted|handshake|connection) (over|on|to) (a )?(non|plain)",
    ),
)
NETWORK = (
    sign("too_many_connections", r"too many.*(connections|sessions)|(connections|sessions).*too many"),
    sign(
        "connect_refused",
        r"connection (was )?refused|actively refused|\b10061\b|econnrefused",
        unless=r"session|concurrent",
    ),
    sign(
        "network_unreachable",
        r"network is (unreachable|down)|no route to host|cannot assign requested address|host is (unreachable|down)"
        r"|address family not supported|\b1005[01]\b|\b10065\b",
    ),
    sign("port_blocked", r"timed out|\b10060\b|permission denied|not permitted", CONNECTING),
    sign(
        "port_blocked", r"\b10060\b|did not accept our requests to connect|connect to .*timed out|connection timed out"
    ),
    sign(
        "not_a_mail_server",
        r"\bhttp/|^/1\.[01] |\(?-1, b?.?/1\.|-1 /1\.|openssh|\bssh-|<html|http requests|unexpected response"
        r"|wrong protocol|^none$",
        GREETING,
    ),
    sign("tls_port_mismatch", r"^\(?-1,? b?'?(\\x|[\x00-\x08\x15\x16\ufffd])", GREETING),
    sign("server_timeout", r"closed: timed out|(handshake|read|write) operation timed out|^timed out$|answer in time"),
    sign(
        "connection_dropped",
        r"unexpectedly closed|reset by peer|broken pipe|\beof\b|lost connection|server not connected|\b1005[34]\b"
        r"|connection (closed|aborted|dropped|expired|reset|lost)|forcibly closed|disconnected|socket error"
        r"|autologout|idle too long"
        r"|inactiv|shutting down|timeout exceeded|try reconnecting|closing idle|idle timeout",
        unless=r"authentication server|quota|storage|inactive.*(mail|user|account)"
        r"|(account|user|address|mailbox).*inactive",
    ),
)
