"""Whoever writes to us, or publishes a key, keeps nobody busy with a signature for long: cost grows with size alone."""

from __future__ import annotations

import base64
import random
import re

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dkim.canonicalization import Relaxed

from psa.mail.inbound import signatures

DOMAIN = "harbor-dental.example"
HEAD = b"From: Dana <dana@harbor-dental.example>\r\nSubject: Projector\r\n"
SECRET = rsa.generate_private_key(public_exponent=65537, key_size=1024)


class Published:
    """Name servers that know one key."""

    patience = 1.0

    def __init__(self, record: str) -> None:
        self.record = record

    def txt(self, name: str) -> list[str]:
        return [self.record]


@pytest.fixture
def publish(app, monkeypatch):
    def these(record: str) -> None:
        monkeypatch.setattr(signatures.dns, "ours", lambda: Published(record))

    these(record_of(SECRET.public_key()))
    return these


def record_of(public: rsa.RSAPublicKey) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, spki).decode()
    return "v=DKIM1; k=rsa; p=" + "".join(pem.splitlines()[1:-1])


def signed(body: bytes, how: tuple[bytes, bytes] = (b"relaxed", b"relaxed")) -> bytes:
    pem = SECRET.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    raw = HEAD + b"\r\n" + body
    return dkim.sign(raw, b"s1", DOMAIN.encode(), pem, canonicalize=how) + raw


@pytest.mark.parametrize("how", [(b"relaxed", b"relaxed"), (b"relaxed", b"simple"), (b"simple", b"relaxed")])
def test_a_signature_holds_whatever_blanks_the_body_has(publish, how):
    raw = signed(b"The  projector \t stays \t\r\n \r\n dark. \r\n\r\n  \r\n", how)
    assert signatures.check(raw, DOMAIN).by == DOMAIN
    assert signatures.check(raw.replace(b"stays", b"st ays"), DOMAIN).why_not.endswith("does not hold")


def test_the_body_is_what_the_relaxed_algorithm_makes_of_it():
    dice = random.Random(6376)
    for _ in range(3000):
        body = b"".join(dice.choices([b" ", b"\t", b"\r\n", b"\r", b"x"], k=dice.randrange(14)))
        assert Relaxed.canonicalize_body(signatures.relaxed(body)) == Relaxed.canonicalize_body(body)


def test_dkimpy_is_never_shown_a_run_of_blanks(publish, monkeypatch):
    """On each it would take the square of the time: a megabyte of them was a worker that stands for hours."""
    shown = []
    canonicalize = Relaxed.canonicalize_body
    raw = signed(b"a" + b" \t" * 100 + b"b\r\n")
    monkeypatch.setattr(
        Relaxed, "canonicalize_body", staticmethod(lambda body: shown.append(body) or canonicalize(body))
    )
    assert signatures.check(raw, DOMAIN).by == DOMAIN
    assert [re.search(rb"[ \t]{2}", body) for body in shown] == [None]


@pytest.mark.parametrize(
    ("bits", "bits_of_exponent"),
    [(signatures.MOST_BITS + 1, 17), (2048, signatures.MOST_BITS_OF_EXPONENT + 1), (2048, 2048), (60_000, 17)],
)
def test_a_key_that_is_too_large_is_not_calculated_with(publish, monkeypatch, bits, bits_of_exponent):
    publish(record(bits, bits_of_exponent))
    monkeypatch.setattr(dkim, "RSASSA_PKCS1_v1_5_verify", lambda *_: pytest.fail("it is"))
    told = signatures.check(signed(b"Dark.\r\n"), DOMAIN)
    assert told == signatures.Signed("", f"the signature of {DOMAIN} cannot be checked, its key is too large")


def test_the_largest_keys_that_are_in_use_are_calculated_with(publish):
    publish(record(signatures.MOST_BITS, 17))
    assert signatures.check(signed(b"Dark.\r\n"), DOMAIN).why_not == f"the signature of {DOMAIN} does not hold"


def record(bits: int, bits_of_exponent: int) -> str:
    """A key of that size, which need not be one: RSAPublicKey (RFC 8017, A.1.1)."""
    numbers = [integer((1 << bits) - 1), integer((1 << bits_of_exponent) - 1)]
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(der(0x30, b"".join(numbers))).decode()


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def der(kind: int, content: bytes) -> bytes:
    size = len(content).to_bytes(2)
    return bytes([kind, 0x82]) + size + content


@pytest.mark.parametrize(
    ("dear", "why"),
    [
        (b"X-Long: " + b"x" * signatures.LONGEST_HEAD + b"\r\n", "its headers are too long to be checked"),
        (b"X-Folded: x\r\n" + b" \r\n" * signatures.MOST_LINES_OF_HEAD, "its headers are too long to be checked"),
        (
            b"DKIM-Signature: d=harbor-dental.example;" + b" " * signatures.LONGEST_SIGNATURE + b"\r\n",
            "its DKIM signature is too long to be checked",
        ),
    ],
)
def test_a_head_that_no_program_writes_is_not_read(publish, dear, why):
    assert signatures.check(dear + HEAD + b"\r\nDark.\r\n", DOMAIN).why_not == why


def test_a_long_body_makes_no_long_head(publish):
    raw = signed(b"Dark.\r\n" * signatures.LONGEST_HEAD)
    assert signatures.check(raw, DOMAIN).by == DOMAIN
