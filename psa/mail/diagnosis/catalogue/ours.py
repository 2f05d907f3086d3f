"""What is not the server's fault but happened on our own machine; diagnose() never answers with these."""

from psa.mail.diagnosis.catalogue.cause import Cause

OURS = (
    Cause(
        "restarted",
        "The PSA was restarted during the test",
        "The test was cut off. It says nothing about your settings.",
        ("Test again.",),
        retry=True,
    ),
    Cause(
        "seal_broken",
        "The stored password cannot be opened any more",
        (
            "It was sealed with a key that this machine does not have, so the PSA cannot sign in. The server was not "
            "asked."
        ),
        (
            "Enter the password again and save.",
            "Or put the file sealing_keys of the old machine back into the data directory and restart the PSA.",
        ),
        field="password",
    ),
    Cause(
        "provider_away",
        "The provider’s sign-in service does not answer",
        (
            "Without a fresh token from it {host} lets nobody in. The mail server itself may be fine, and so may the "
            "sign-in."
        ),
        (
            "Nothing, if it passes: it is tried again by itself, and what waits follows.",
            "Check that this machine reaches login.microsoftonline.com or oauth2.googleapis.com on port 443.",
        ),
        retry=True,
    ),
    Cause(
        "not_connected",
        "Nobody is signed in at the provider",
        "This account signs in at {host} with a provider’s permission, and there is none (any more).",
        ("Press Connect under Credentials and sign in as {username}.",),
    ),
    Cause(
        "loop_lost",
        "The mail was accepted, but did not reach the mailbox",
        "{host} took it, and in the mailbox that is read here it was not seen in time.",
        (
            "Look into the mailbox with a mail program. If it lies in Junk, mark it as wanted or read that folder too.",
            "Check that mail to the address is delivered into this mailbox and is not forwarded away by a rule.",
            "If it comes late, wait and test again: some servers hold back mail of new senders for minutes.",
        ),
        retry=True,
    ),
    Cause(
        "loop_no_ticket",
        "The mail arrived, but did not become a ticket",
        "It was read and something decided otherwise. The words below say what.",
        (
            "Open its line in the Mail log: the trace names the step or the rule that decided.",
            "Check the Auto-Assignment Rules for one that ignores or holds mail of your own address.",
        ),
    ),
    Cause(
        "loop_not_threaded",
        "The answer arrived, but did not join its ticket",
        "A server on the way may have changed its Message-ID or taken away References and In-Reply-To.",
        (
            "Open its line in the Mail log: the trace tells by which keys its ticket was looked for.",
            "Ask the provider whether a filter or a gateway rewrites Message-IDs of mail that leaves.",
        ),
    ),
)
