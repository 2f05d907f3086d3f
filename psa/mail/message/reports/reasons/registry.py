"""What codes say: the registry of enhanced status codes (RFC 3463 and its successors, IANA), Microsoft's additions to
it, and reply codes (RFC 5321).
"""

from __future__ import annotations

# Without their class: 4.2.2 and 5.2.2 differ in whether to wait, not in what it is. The number is how much the code
# says: 5.1.1 is given for little else than what it means, 5.7.1 for anything that a server does not want.
STATUSES: dict[str, tuple[str, int]] = {
    "1.0": ("user-unknown", 1),  # other address status
    "1.1": ("user-unknown", 4),  # bad destination mailbox address
    "1.2": ("host-unknown", 4),  # bad destination system address
    "1.3": ("user-unknown", 4),  # bad destination mailbox address syntax
    "1.4": ("user-unknown", 3),  # destination mailbox address ambiguous
    "1.6": ("moved", 9),  # destination mailbox has moved, no forwarding address
    "1.7": ("policy", 4),  # bad sender's mailbox address syntax
    "1.8": ("policy", 4),  # bad sender's system address
    "1.9": ("relay-denied", 2),  # message relayed to non-compliant mailer
    "1.10": ("host-unknown", 4),  # recipient address has null MX (RFC 7505); Microsoft: see below
    "2.0": ("mailbox-disabled", 0),  # other or undefined mailbox status
    "2.1": ("mailbox-disabled", 4),  # mailbox disabled, not accepting messages
    "2.2": ("mailbox-full", 4),  # mailbox full
    "2.3": ("message-too-big", 4),  # message length exceeds administrative limit
    "2.4": ("system", 3),  # mailing list expansion problem
    "3.0": ("system", 1),  # other or undefined mail system status
    "3.1": ("system", 4),  # mail system full
    "3.2": ("system", 3),  # system not accepting network messages
    "3.3": ("system", 3),  # system not capable of selected features
    "3.4": ("message-too-big", 4),  # message too big for system
    "3.5": ("system", 4),  # system incorrectly configured
    "3.6": ("system", 2),  # requested priority was changed
    "4.0": ("network", 1),  # other or undefined network or routing status
    "4.1": ("network", 3),  # no answer from host
    "4.2": ("network", 3),  # bad connection
    "4.3": ("network", 3),  # directory server failure
    "4.4": ("host-unknown", 4),  # unable to route
    "4.5": ("rate-limited", 3),  # mail system congestion
    "4.6": ("system", 4),  # routing loop detected
    "4.7": ("expired", 3),  # delivery time expired
    "5.1": ("system", 2),  # invalid command
    "5.2": ("system", 2),  # syntax error
    "5.3": ("rate-limited", 3),  # too many recipients
    "5.4": ("system", 2),  # invalid command arguments
    "5.5": ("system", 2),  # wrong protocol version
    "5.6": ("security", 3),  # authentication exchange line is too long
    "6.0": ("content", 3),  # other or undefined media error
    "6.1": ("content", 4),  # media not supported
    "6.2": ("content", 4),  # conversion required and prohibited
    "6.3": ("content", 4),  # conversion required but not supported
    "6.4": ("content", 4),  # conversion with loss performed
    "6.5": ("content", 4),  # conversion failed
    "6.6": ("content", 4),  # message content not available
    "6.7": ("content", 4),  # non-ASCII addresses not permitted for that sender/recipient
    "6.8": ("content", 4),  # UTF-8 string reply is required, but not permitted
    "6.9": ("content", 4),  # UTF-8 header message cannot be transferred
    "6.10": ("content", 4),
    "7.0": ("policy", 2),  # other or undefined security status
    "7.1": ("policy", 2),  # delivery not authorized, message refused
    "7.2": ("policy", 4),  # mailing list expansion prohibited
    "7.3": ("security", 4),  # security conversion required but not possible
    "7.4": ("security", 4),  # security features not supported
    "7.5": ("security", 4),  # cryptographic failure
    "7.6": ("security", 4),  # cryptographic algorithm not supported
    "7.7": ("security", 4),  # message integrity failure
    "7.8": ("security", 4),  # authentication credentials invalid
    "7.9": ("security", 4),  # authentication mechanism is too weak
    "7.10": ("security", 4),  # encryption needed
    "7.11": ("security", 4),  # encryption required for requested authentication mechanism
    "7.12": ("policy", 4),  # a password transition is needed; Microsoft: the sender is none of ours
    "7.13": ("mailbox-disabled", 4),  # user account disabled
    "7.14": ("security", 4),  # trust relationship required
    "7.15": ("policy", 4),  # priority level is too low
    "7.16": ("message-too-big", 4),  # message is too big for the specified priority
    "7.17": ("moved", 4),  # mailbox owner has changed
    "7.18": ("host-unknown", 4),  # domain owner has changed
    "7.19": ("system", 3),  # RRVS test cannot be completed
    "7.20": ("authentication", 4),  # no passing DKIM signature found
    "7.21": ("authentication", 4),  # no acceptable DKIM signature found
    "7.22": ("authentication", 4),  # no valid author-matched DKIM signature found
    "7.23": ("authentication", 4),  # SPF validation failed
    "7.24": ("authentication", 4),  # SPF validation error
    "7.25": ("blocked", 4),  # reverse DNS validation failed
    "7.26": ("authentication", 4),  # multiple authentication checks failed
    "7.27": ("policy", 4),  # sender address has null MX
    "7.28": ("rate-limited", 4),  # mail flood detected
    "7.29": ("authentication", 4),  # ARC validation failure
    "7.30": ("security", 4),  # REQUIRETLS support required
    # Google's own beyond the registry
    "7.32": ("authentication", 4),
    "7.40": ("authentication", 4),
    # Exchange and Microsoft 365, learn.microsoft.com, “Email non-delivery reports”
    "0.350": ("content", 2),
    "1.20": ("content", 4),
    "1.90": ("rate-limited", 9),
    "1.351": ("user-unknown", 4),
    "2.11": ("message-too-big", 4),
    "2.14": ("policy", 3),
    "2.121": ("rate-limited", 9),
    "2.122": ("rate-limited", 9),
    "3.190": ("policy", 4),
    "4.14": ("system", 4),
    "4.300": ("expired", 3),
    "4.310": ("host-unknown", 9),
    "4.311": ("network", 4),
    "4.312": ("network", 4),
    "4.316": ("network", 4),
    "4.317": ("security", 9),
    "4.318": ("network", 4),
    "6.11": ("content", 4),
    "6.211": ("content", 4),
    "7.36": ("security", 4),
    "7.51": ("policy", 4),
    "7.57": ("security", 4),
    "7.60": ("policy", 4),
    "7.64": ("relay-denied", 9),
    "7.101": ("policy", 3),
    "7.124": ("policy", 9),
    "7.129": ("policy", 9),
    "7.130": ("policy", 9),
    "7.131": ("policy", 9),
    "7.132": ("policy", 9),
    "7.133": ("policy", 9),
    "7.134": ("policy", 9),
    "7.135": ("policy", 9),
    "7.136": ("policy", 9),
    "7.193": ("policy", 9),
    "7.232": ("rate-limited", 9),
    "7.233": ("rate-limited", 9),
    "7.320": ("security", 4),
    "7.321": ("security", 4),
    "7.322": ("security", 4),
    "7.323": ("security", 4),
    "7.324": ("security", 4),
    "7.325": ("security", 4),
    "7.360": ("spam", 3),
    "7.501": ("blocked", 4),
    "7.502": ("blocked", 4),
    "7.503": ("blocked", 4),
    "7.504": ("policy", 4),
    "7.505": ("policy", 4),
    "7.506": ("blocked", 4),
    "7.507": ("policy", 9),
    "7.508": ("rate-limited", 4),
    "7.509": ("authentication", 9),
    "7.510": ("authentication", 4),
    "7.511": ("blocked", 9),
    "7.512": ("content", 9),
    "7.513": ("blocked", 4),
    "7.515": ("authentication", 9),
    "7.520": ("policy", 9),
    "7.703": ("blocked", 4),
    "7.705": ("rate-limited", 4),
    "7.708": ("blocked", 9),
    "7.750": ("blocked", 9),
}
# Whole ranges that Microsoft gives to one thing: (first, last of the detail).
_RANGES = (
    ("7.", 500, 599, ("blocked", 3)),
    ("7.", 606, 649, ("blocked", 9)),
    ("7.", 650, 699, ("blocked", 4)),
    ("7.", 700, 749, ("blocked", 4)),
    ("7.", 850, 899, ("rate-limited", 4)),
)

# RFC 5321 and its relatives: for answers that hold no enhanced code and hardly a word.
REPLIES: dict[str, tuple[str, int]] = {
    "421": ("rate-limited", 0),
    "432": ("security", 3),
    "450": ("unknown", 0),
    "452": ("system", 1),
    "454": ("security", 2),
    "511": ("user-unknown", 2),
    "521": ("host-unknown", 2),  # RFC 7504: host does not accept mail
    "523": ("message-too-big", 2),
    "525": ("mailbox-disabled", 3),  # user account disabled
    "530": ("security", 3),
    "534": ("security", 3),
    "535": ("security", 3),
    "538": ("security", 3),
    "541": ("spam", 2),
    "542": ("user-unknown", 3),
    "551": ("moved", 1),  # user not local
    "552": ("mailbox-full", 2),
    "553": ("user-unknown", 1),
    "556": ("host-unknown", 3),  # RFC 7504: domain does not accept mail
    "571": ("policy", 2),
    "572": ("relay-denied", 2),
}


def by_status(status: str | None) -> tuple[str, int] | None:
    """The reason for an enhanced status ("5.1.1") and how much it says, None for one that says nothing."""
    if not status:
        return None
    detail = status.partition(".")[2]
    known = STATUSES.get(detail)
    if known is None:
        number = int(detail.partition(".")[2] or 0)
        known = next((r[3] for r in _RANGES if detail.startswith(r[0]) and r[1] <= number <= r[2]), None)
    if known is not None and known[0] == "mailbox-disabled" and status.startswith("4"):
        return ("suspended", known[1])  # RFC 3463, 3.3: a transient error where it is only disabled for a time
    return known
