"""What servers say to a mailbox that is read, and of themselves."""

from psa.mail.diagnosis.clues.clue import clues
from psa.mail.diagnosis.clues.stages import FOLDER, LOGIN, READING

READING_AND_SERVER = (
    *clues(
        "folder_not_found",
        (9, "folder unknown|invalid|not_opened", FOLDER),
        (8, "folder missing !permission", FOLDER),
        (7, "unknown", FOLDER),
        (6, "invalid", FOLDER),
    ),
    *clues(
        "mailbox_locked",
        (12, "mailbox|folder locked !many", LOGIN | FOLDER),
        (7, "locked !many", LOGIN | FOLDER),
        (10, "waiting_for_lock"),
    ),
    *clues(
        "mailbox_changed",
        (11, "message_number", READING | {"any"}),
        (9, "mailbox changed", READING | {"any"}),
        (9, "message unknown|changed", READING - FOLDER),
        (8, "changed", READING | {"any"}),
    ),
    *clues(
        "server_temporary",
        (8, "trouble"),
        (6, "temporary trouble|wrong"),
        (10, "~temporary login", LOGIN),
        (5, "temporary"),
        (5, "later"),
    ),
    *clues(
        "protocol_error",
        (7, "command invalid|wrong|unknown|not_offered !permission"),
        (5, "command"),
    ),
)
