"""The second signature: Ed25519 as RFC 8463 has it."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from psa.mail.deliverability import ed25519

# The example of RFC 8463, appendix A.
PUBLIC = base64.b64decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
EXAMPLE = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace("\n", "\r\n").encode()
LETTER = b"From: support@northwind.example\r\nTo: dana@harbor-dental.example\r\nSubject: Lamp\r\n\r\nLit?\r\n"


def test_the_signature_of_the_standards_example_is_good():
    assert ed25519.is_good(EXAMPLE, "brisbane", PUBLIC)


@pytest.mark.parametrize(("old", "new"), [(b"dinner", b"supper"), (b"the game", b"a game"), (b"b=/gC", b"b=/hC")])
def test_a_changed_example_is_not(old, new):
    assert not ed25519.is_good(EXAMPLE.replace(old, new), "brisbane", PUBLIC)


def test_what_we_sign_proves_itself_and_nothing_else():
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    raw = ed25519.sign(LETTER, "northwind.example", "psa2026e", key) + LETTER
    assert ed25519.is_good(raw, "psa2026e", public)
    assert not ed25519.is_good(raw, "psa2026", public)
    assert not ed25519.is_good(raw, "psa2026e", PUBLIC)
    assert not ed25519.is_good(raw.replace(b"Lit?", b"Out?"), "psa2026e", public)
    assert not ed25519.is_good(b"From: chief@northwind.example\r\n" + raw, "psa2026e", public)
    assert max(map(len, raw.split(b"\r\n"))) <= 78
