"""As whom we write: the author of a message, in the word of RFC 5322, 3.6.2."""

from __future__ import annotations

from psa.admin.operations import firm
from psa.mail.models import MailAccount


def author_of(account: MailAccount) -> tuple[str, str]:
    """The name and the address of what leaves by the account: its own name, else the firm's."""
    return account.display_name or firm().name, account.address
