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
)
