"""All clues: which notions, standing together, speak for which cause, and how strongly."""

from psa.mail.diagnosis.clues.clue import Clue
from psa.mail.diagnosis.clues.login import SIGNING_IN
from psa.mail.diagnosis.clues.mailbox import READING_AND_SERVER
from psa.mail.diagnosis.clues.network import NETWORK
from psa.mail.diagnosis.clues.sending import SENDING

CLUES: tuple[Clue, ...] = (*NETWORK, *SIGNING_IN, *SENDING, *READING_AND_SERVER)
