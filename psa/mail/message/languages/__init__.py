"""Which language a text is in."""

from psa.mail.message.languages.guess import language_of
from psa.mail.message.languages.names import NAMES, code_of

__all__ = ["NAMES", "code_of", "language_of"]
