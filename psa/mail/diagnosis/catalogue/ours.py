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
)
