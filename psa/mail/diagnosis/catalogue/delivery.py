"""Sending: what a server has against a sender, a recipient or a message."""

from psa.mail.diagnosis.catalogue.cause import Cause

DELIVERY = (
    Cause(
        "relay_denied",
        "{host} does not pass mail on for us",
        "It takes mail for its own addresses only, because it does not know this machine or this login.",
        (
            "Enter Username and Password, with port 587 and TLS or 465 and SSL.",
            "If it is a relay that goes by address, have the public address of this machine added there.",
        ),
        field="username",
    ),
    Cause(
        "sender_not_allowed",
        "This login may not send as {address}",
        "The server knows the login, but the address in From is not one of its own, or was not verified yet.",
        (
            "Enter the login’s own address as Address.",
            (
                "Or allow it at the provider: “Send as” at Microsoft 365 and Gmail, a verified sender or domain at "
                "sending services."
            ),
        ),
        field="address",
    ),
    Cause(
        "sender_address_invalid",
        "The server does not accept {address} as a sender",
        "The address is incomplete, or its domain cannot be found, so nobody could answer.",
        ("Enter a whole address whose domain receives mail, such as support@yourcompany.com.",),
        field="address",
    ),
    Cause(
        "recipient_unknown",
        "The recipient does not exist",
        "There is no such mailbox, or no such domain. Your own settings are fine.",
        (
            "Correct the address and send again.",
            "If the person has left, ask the client who takes their place.",
        ),
        field="to",
    ),
    Cause(
        "recipient_rejected",
        "The recipient takes no mail from us",
        "The address exists, but it or its firm accepts only certain senders.",
        ("Ask the recipient, by another way, to allow mail from {address}.",),
        field="to",
    ),
    Cause(
        "mailbox_full",
        "A mailbox is full",
        "There is no room for the message: mostly in the recipient’s mailbox, at some providers in your own.",
        (
            "Tell the recipient by another way.",
            "If it is your own mailbox, delete mail there (Sent is often the largest folder) or have its limit raised.",
        ),
        field="to",
    ),
    Cause(
        "message_too_big",
        "The message is too large for the server",
        "Attachments grow by a third on the way, so a file below the limit can still be too much.",
        (
            "Send a link to the file instead of the file.",
            "Or have the limit raised at the server that refused it.",
        ),
    ),
    Cause(
        "non_ascii_unsupported",
        "An address or password has letters that the server cannot take",
        "Only plain letters, digits and signs travel everywhere; umlauts, accents and other scripts do not.",
        (
            "Use a password of plain letters, digits and signs for this account.",
            "Use the spelling of the address without special letters, if it has one.",
        ),
        field="password",
    ),
    Cause(
        "greylisted",
        "The server asks new senders to come back in some minutes",
        "Nothing is wrong. It is a way to keep out spam, and the second try gets through.",
        ("Wait. The message is tried again by itself.",),
        retry=True,
    ),
    Cause(
        "rate_limited",
        "The provider’s limit is reached",
        "So many messages an hour or a day are allowed, and that number is used up. What waits is kept.",
        (
            "Wait. Messages leave by themselves when the limit allows it.",
            "If it happens often, have the limit raised or send through a service made for it.",
        ),
        retry=True,
    ),
    Cause(
        "too_many_connections",
        "Too many programs are connected to this mailbox at once",
        "The provider allows a certain number. The PSA itself keeps one.",
        ("Close other mail programs, or take the account out of them.", "Wait: it is tried again by itself."),
        retry=True,
    ),
    Cause(
        "spam_rejected",
        "The server refused the message as unwanted",
        "It took it for spam, or has a rule against such mail or against your domain. Your login is fine.",
        (
            "Check that SPF, DKIM and DMARC are set for the domain of {address}.",
            "Take out links and wording that look like advertising, and ask the recipient to allow {address}.",
        ),
    ),
    Cause(
        "sender_auth_failed",
        "The recipient could not verify that the mail is from your domain",
        "SPF, DKIM or DMARC of your domain does not allow this server to send for it.",
        (
            "Add the server or service that you send through to the SPF record of your domain.",
            "Switch on DKIM signing for the domain at your mail provider.",
        ),
        field="address",
    ),
    Cause(
        "ip_blocked",
        "The machine that this mail comes from is on a blocklist",
        "Its network address has a bad name at the recipient. The message and your login are fine.",
        (
            "Send through your provider’s SMTP server instead of directly.",
            "Or ask for removal at the list that the server names, once the reason is cured.",
        ),
        field="host",
    ),
    Cause(
        "reverse_dns_or_helo",
        "The server wants a proper name for the machine that sends",
        "The network address has no name in DNS (PTR), or not the one that we greet with.",
        (
            "Send through your provider’s SMTP server instead of directly.",
            "Or have the hosting company set the reverse DNS name of this machine to its full host name.",
        ),
        field="host",
    ),
    Cause(
        "content_rejected",
        "The server does not accept something in the message",
        "An attachment, a header or the form of it is against its rules. The login and the addresses are fine.",
        (
            "Send a link instead of the attachment.",
            "If there is none, send the server’s words to whoever looks after this PSA.",
        ),
    ),
)
