"""The way to the server: its name, the network, the port, and TLS."""

from psa.mail.diagnosis.catalogue.cause import Cause

NETWORK = (
    Cause(
        "dns_not_found",
        "There is no server called {host}",
        "The name has no address, so nothing could be tried yet. Mostly it is a slip of the pen.",
        (
            "Check the spelling. Write the name alone, without https:// and without blanks: mail.example.com.",
            (
                "Copy it from your provider’s page for mail programs. The name for sending often differs from the one "
                "for reading."
            ),
        ),
        field="host",
    ),
    Cause(
        "dns_temporary",
        "{host} could not be looked up just now",
        "The machine that the PSA runs on got no answer from its name server. Your settings may well be right.",
        (
            "Wait a minute and test again. Mail that waits is sent by itself once names can be looked up.",
            "If it stays, check the machine’s name servers (/etc/resolv.conf) and that port 53 is open, UDP and TCP.",
        ),
        retry=True,
    ),
    Cause(
        "connect_refused",
        "Nothing listens on port {port} of {host}",
        "The machine is there and said no at once: the mail service runs on another port, or not at all.",
        (
            "Check the port. Sending: 587 with TLS or 465 with SSL. IMAP: 993 with SSL. POP3: 995 with SSL.",
            "If the port is right, ask the server’s administrator whether the mail service is running.",
        ),
        retry=True,
        field="port",
    ),
    Cause(
        "port_blocked",
        "No answer from {host} on port {port}",
        "The packets vanish on the way, which is what firewalls do. User name and password were not even tried.",
        (
            "Port 25 is closed for most machines. Use 587 with TLS for sending.",
            "Let your firewall allow outgoing connections from this machine to {host} on port {port}.",
            "At a hosting company, ask for the port to be opened: many keep mail ports shut until you ask.",
        ),
        retry=True,
        field="port",
    ),
    Cause(
        "network_unreachable",
        "There is no way from here to {host}",
        (
            "The machine that the PSA runs on knows no route to that address. Often the name leads to IPv6 and the "
            "machine has none."
        ),
        (
            "Give the machine or its container a route: IPv6 when the address is one, else a default gateway.",
            "Or enter a server name that has an IPv4 address.",
        ),
        retry=True,
    ),
    Cause(
        "server_timeout",
        "{host} took the connection and then kept silent",
        "The port is open, but no answer came in time. The server is overloaded, or it waits for encryption to begin.",
        (
            "Check that Secure Connection fits the port: 465, 993 and 995 want SSL from the first byte.",
            "Otherwise wait and test again. Waiting mail is tried again by itself.",
        ),
        retry=True,
        field="security",
    ),
    Cause(
        "connection_dropped",
        "{host} hung up",
        (
            "The server ended the conversation without a reason. Once is nothing. When it does so every time, it has "
            "something against this connection and does not say what."
        ),
        (
            "Test again. Waiting mail is tried again by itself.",
            "If it always ends at the login, check user name and password: some servers hang up instead of saying no.",
            "If it always ends at once, ask the server’s administrator whether this machine’s address is allowed in.",
        ),
        retry=True,
    ),
    Cause(
        "not_a_mail_server",
        "What answers there is no {protocol} server",
        (
            "At {host} something else listens on port {port}: a website, another mail service, or the sign-in page "
            "of a guest network."
        ),
        (
            "Check the port, and that the servers for sending and for reading were not exchanged.",
            "On a guest network, open a browser and sign in there first.",
        ),
        field="port",
    ),
    Cause(
        "tls_port_mismatch",
        "Secure Connection does not fit port {port}",
        "One side began with encryption and the other did not. Nothing is wrong with your password.",
        (
            "Use SSL with 465, 993 or 995.",
            "Use TLS with 587, 143 or 110.",
        ),
        field="security",
    ),
    Cause(
        "starttls_not_offered",
        "{host} does not offer TLS on port {port}",
        "The connection would stay readable for everybody on the way, so the PSA stopped before sending a password.",
        (
            "Use SSL with its own port: 465 for sending, 993 for IMAP, 995 for POP3.",
            "If the server should offer TLS, look for a firewall that inspects mail: some cut the offer out.",
        ),
        field="security",
    ),
    Cause(
        "tls_required",
        "{host} wants encryption first",
        "It takes no login and no mail over an open connection, where everybody on the way could read along.",
        (
            "Set Secure Connection to TLS with port 587 (IMAP 143, POP3 110).",
            "Or to SSL with port 465 (IMAP 993, POP3 995).",
        ),
        field="security",
    ),
    Cause(
        "cert_expired",
        "The certificate of {host} is out of date",
        "Today is outside the dates in it, so the PSA cannot be sure whom it talks to.",
        (
            "Have the server’s administrator renew it. Waiting mail leaves by itself afterwards.",
            "If it is said to be not valid yet, set the clock of the machine that the PSA runs on.",
        ),
        field="host",
    ),
    Cause(
        "cert_hostname_mismatch",
        "The certificate belongs to another name than {host}",
        (
            "The server is trusted, but under a different name. Often your own domain’s name points at the provider’s "
            "machine."
        ),
        (
            "Enter the name that stands in the certificate (see the server’s words) as the server.",
            "Or have {host} added to the certificate.",
        ),
        field="host",
    ),
    Cause(
        "cert_untrusted",
        "Nobody we trust vouches for the certificate of {host}",
        (
            "It signed itself, its authority is unknown here, a link of its chain is missing, or a firewall re-signs "
            "what passes."
        ),
        (
            "On a server of your own, install the full chain (with the intermediate certificate).",
            "For an authority of your firm, paste its certificate under Certificate authority of your own.",
            "If a firewall or virus scanner on this network opens mail connections, exempt the mail ports.",
        ),
        field="host",
    ),
    Cause(
        "tls_incompatible",
        "We and {host} found no common way to encrypt",
        "Mostly the server is too old: it offers only versions or keys that are no longer safe.",
        (
            "Have its administrator switch on TLS 1.2 or 1.3 with a key of at least 2048 bits.",
            "If the provider has a newer server name, use that.",
        ),
        field="host",
    ),
)
