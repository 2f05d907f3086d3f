"""Dovecot's mail processes and PostgreSQL refuse to run as root; the tests may run as root."""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path


def account() -> pwd.struct_passwd:
    """Who shall run a server: ourselves, or nobody when we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def command(words: Sequence[str]) -> list[str]:
    """The command line that runs `words` as account()."""
    if os.geteuid() != 0:
        return list(words)
    who = account()
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--", *words]


def hand_over(*paths: Path) -> None:
    """Makes account() the owner of the paths themselves, not of what is below them."""
    if os.geteuid() == 0:
        who = account()
        for path in paths:
            os.chown(path, who.pw_uid, who.pw_gid)


def program(name: str, *directories: str) -> str:
    """Where the program is. Raises FileNotFoundError with the name when it is not installed."""
    found = shutil.which(name, path=":".join(directories))
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found
