"""Authentication-Results that somebody wrote to keep us busy."""

from __future__ import annotations

import pytest

from psa.mail.message.head import authentication
from psa.mail.message.model import AuthenticationVerdict
from psa.mail.message.parse import parse

OURS = "mx.northwind.example"


def verdict(*values: str) -> AuthenticationVerdict | None:
    lines = "".join(f"Authentication-Results: {value}\r\n" for value in values)
    return parse(
        f"{lines}From: dana@harbor-dental.example\r\n\r\nHi\r\n".encode(), trusted_authserv=OURS
    ).authentication


@pytest.mark.parametrize("never_ends", ['"' + '\\"' * 50, '"' + "\\\n" * 50, '"x' + '\\"' * 50 + "\\"])
def test_a_quote_that_never_ends_is_gone_through_once(never_ends):
    """Else its end would be looked for anew from each quote in it, which takes the square of the time."""
    [match] = authentication._QUOTED.finditer(never_ends)
    assert match.span() == (0, len(never_ends))


def test_a_quote_that_never_ends_takes_all_that_follows():
    found = verdict(f'{OURS}; spf=none smtp.mailfrom="a; dkim=pass header.d=harbor-dental.example')
    assert found is not None
    assert (found.spf, found.dkim) == ("none", None)


def test_what_is_quoted_is_still_read_where_it_says_only_a_name():
    found = verdict(f'{OURS}; dkim=pass header.d="harbor-dental.example"; spf=pass smtp.mailfrom="a b"@evil.example')
    assert found is not None
    assert found.signed_by == ("harbor-dental.example",)


def test_only_the_topmost_twenty_are_looked_at(monkeypatch):
    looked_at = []
    read = authentication._pieces
    monkeypatch.setattr(authentication, "_pieces", lambda text: looked_at.append(text) or read(text))
    assert verdict(*["mx.other.example; dkim=pass"] * 500) is None
    assert len(looked_at) == authentication._MOST_RESULTS
