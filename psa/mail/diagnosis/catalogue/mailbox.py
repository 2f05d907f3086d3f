"""Reading a mailbox, and a server's own troubles."""

from psa.mail.diagnosis.catalogue.cause import Cause

MAILBOX = (
    Cause(
        "server_temporary",
        "{host} has trouble of its own",
        "The server says so itself, and that it will pass. Your settings are not the reason.",
        (
            "Wait. It is tried again by itself.",
            "If it lasts more than an hour, look at the provider’s status page.",
        ),
        retry=True,
    ),
    Cause(
        "protocol_error",
        "We and {host} misunderstood each other",
        "One side said something that the other did not expect. Mostly a device in between changes what passes.",
        (
            "Switch off mail inspection in the firewall or virus scanner, if there is one.",
            "Otherwise send the server’s words to whoever looks after this PSA.",
        ),
    ),
    Cause(
        "folder_not_found",
        "There is no folder “{folder}” in this mailbox",
        "The login works. The folder has another name, or lies inside another one.",
        (
            "Choose one of the folders that Test Connection lists.",
            "INBOX always exists. Some servers put the others below it: INBOX.Support.",
        ),
        field="folder",
    ),
    Cause(
        "mailbox_locked",
        "Another program has the mailbox open",
        "A POP3 mailbox lets in one at a time.",
        (
            "Close the other mail program, or let it look less often.",
            "Use IMAP instead, which lets in several.",
        ),
        retry=True,
    ),
    Cause(
        "mailbox_changed",
        "The mailbox changed while it was read",
        "Somebody moved or deleted messages at the same moment. What is kept already is recognised again.",
        ("Nothing. The PSA reads the folder anew by itself.",),
        retry=True,
    ),
    Cause(
        "no_uidl",
        "{host} cannot tell one message from another",
        "It lacks the POP3 commands UIDL and TOP, so the PSA would file the same mail again and again.",
        (
            "Read this mailbox by IMAP, if the provider offers it.",
            "Otherwise let the mailbox forward its mail to one at another provider, and read that.",
        ),
    ),
    Cause(
        "no_uidplus",
        "{host} cannot move or delete single messages",
        (
            "What is dealt with is marked as deleted there, and stays. Clearing the folder would take along what "
            "others have marked."
        ),
        (
            "Set After filing to “Leave it” or “Mark as read”.",
            "Or let a mail program clear the folder (“Compact”, “Purge deleted”) from time to time.",
        ),
    ),
    Cause(
        "unknown",
        "We do not know this one",
        "The server said something that we have never seen, so we do not guess. Its words are below.",
        (
            "Read the server’s words: they often name the reason or a page about it.",
            "Send them to your mail provider’s support together with the time of the test.",
        ),
    ),
)
