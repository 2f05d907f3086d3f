"""Signed and encrypted mail is named for what it is, and read where no key is needed."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from psa.mail.message import ParsedEmail, Protection, parse, to_json
from psa.mail.message.protection.cms import unwrap
from tests.mail.message.reading import read

INNER = (
    b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    b"The boiler leaks.\r\n--i\r\nContent-Type: text/plain; name=plan.txt\r\n\r\nplan\r\n--i--\r\n"
)


@cache
def mia() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mia Berg")])
    address = x509.SubjectAlternativeName([x509.RFC822Name("mia@harbour.example")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    certificate = certificate.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(900))
    return key, certificate.add_extension(address, critical=False).sign(key, hashes.SHA256())


def signed(content: bytes = INNER) -> bytes:
    key, certificate = mia()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def encrypted(content: bytes = INNER) -> bytes:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(mia()[1])
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def element(tag: int, *content: bytes) -> bytes:
    whole = b"".join(content)
    size = bytes([len(whole)]) if len(whole) < 128 else b"\x84" + len(whole).to_bytes(4, "big")
    return bytes([tag]) + size + whole


def compressed(content: bytes = INNER) -> bytes:
    data = element(0x30, bytes.fromhex("06092a864886f70d010701"), element(0xA0, element(4, zlib.compress(content))))
    inside = element(0x30, b"\x02\x01\x00", element(0x30, bytes.fromhex("060b2a864886f70d0109100308")), data)
    return element(0x30, bytes.fromhex("060b2a864886f70d0109100109"), element(0xA0, inside))


def in_pieces(content: bytes = INNER) -> bytes:
    """A signed message as programs write it that do not know its length beforehand."""
    pieces = b"".join(element(4, content[at : at + 50]) for at in range(0, len(content), 50))
    data = b"\x30\x80" + bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80\x24\x80" + pieces + b"\0\0\0\0\0\0"
    inside = b"\x30\x80\x02\x01\x01\x31\x00" + data + b"\x31\x00\0\0"
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + inside + b"\0\0\0\0"


def sent(
    content: bytes, about: str = "smime-type=signed-data; name=smime.p7m", kind: str = "application/pkcs7-mime"
) -> ParsedEmail:
    head = f"From: mia@harbour.example\nSubject: Boiler\nMIME-Version: 1.0\nContent-Type: {kind}; {about}\n"
    return parse(f"{head}Content-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(content))


# -- S/MIME


@pytest.mark.parametrize("wrap", [signed, in_pieces, compressed])
def test_what_is_wrapped_without_a_key_is_read_with_its_files(wrap):
    email = sent(wrap())
    assert email.text == email.reply_text == "The boiler leaks."
    assert [(a.name, a.part) for a in email.attachments] == [("smime.p7m", "1"), ("plan.txt", "1.2")]
    assert email.attachments[1].data == b"plan"
    assert email.subject == "Boiler"


def test_a_signed_message_names_who_its_certificate_says_has_signed():
    email = sent(signed())
    assert email.protection == Protection("signed", "S/MIME", "Mia Berg <mia@harbour.example>")
    assert to_json(email, "x")["protection"] == {
        "kind": "signed",
        "method": "S/MIME",
        "signer": "Mia Berg <mia@harbour.example>",
    }


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ("name=smime.p7m", "application/x-pkcs7-mime"),
        ("name=smime.p7m", "application/octet-stream"),
        ("smime-type=enveloped-data", "application/pkcs7-mime"),
    ],
)
def test_the_bytes_tell_what_the_label_does_not(about, kind):
    email = sent(signed(), about, kind)
    assert (email.protected, email.text) == ("signed", "The boiler leaks.")


def test_a_wrapping_that_is_base64_once_more_is_opened():
    assert sent(base64.encodebytes(signed())).text == "The boiler leaks."
    assert (
        sent(b"-----BEGIN PKCS7-----\n" + base64.encodebytes(signed()) + b"-----END PKCS7-----\n").text
        == "The boiler leaks."
    )


def test_an_encrypted_message_says_so_and_keeps_its_file():
    for about in ("smime-type=enveloped-data; name=smime.p7m", "name=smime.p7m", "smime-type=signed-data"):
        email = sent(encrypted(), about)
        assert email.protection == Protection("encrypted", "S/MIME")
        assert (email.text, len(email.attachments)) == ("", 1)
        assert any("encrypted with S/MIME" in defect for defect in email.defects)


def test_signed_inside_signed_is_read_to_the_innermost():
    inner = b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    email = sent(signed(inner + base64.encodebytes(signed())))
    assert email.text == "The boiler leaks."


def test_encrypted_inside_signed_is_encrypted():
    inner = (
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    assert sent(signed(inner + base64.encodebytes(encrypted()))).protected == "encrypted"


def test_a_bomb_in_a_compressed_message_meets_a_cap():
    wrapping = unwrap(compressed(b"a" * 60_000_000))
    assert wrapping is not None and wrapping.content is not None and len(wrapping.content) == 50_000_000


def test_a_detached_signature_leaves_the_words_readable():
    assert read("signed_smime.eml").protection is not None
    key, certificate = mia()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"x").add_signer(certificate, key, hashes.SHA256())
    proof = base64.encodebytes(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])).decode()
    email = parse(
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\n\n--b\n\nWords.\n--b\n'
        b"Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\n"
        + proof.encode()
        + b"\n--b--\n"
    )
    assert (email.text, email.protection) == (
        "Words.",
        Protection("signed", "S/MIME", "Mia Berg <mia@harbour.example>"),
    )
    assert [a.name for a in email.attachments] == ["smime.p7s"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_to_a_wrapping_makes_it_raise(data):
    whole = bytearray(data.draw(st.sampled_from([in_pieces(), compressed(), signed()])))
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    unwrap(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    to_json(sent(bytes(whole)), "x")


@pytest.mark.timeout(20)
def test_hostile_nesting_takes_no_longer_than_its_size():
    for hostile in (b"\x30\x80" * 200_000, b"\x24\x80" * 200_000, b"\x30\x84\x7f\xff\xff\xff" * 100_000):
        unwrap(hostile)
        unwrap(b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + hostile)


# -- PGP

SIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

The boiler leaks.
- -- and drips.

Mia
-----BEGIN PGP SIGNATURE-----
Version: GnuPG v2

iQEzBAEBCAAdFiEE
=abcd
-----END PGP SIGNATURE-----
"""


def test_the_words_of_a_text_signed_with_pgp_are_the_reply_and_its_armour_is_signature():
    email = parse(b"Subject: Boiler\n\n" + SIGNED.encode())
    assert email.protection == Protection("signed", "PGP")
    assert email.reply_text == "The boiler leaks.\n- -- and drips.\n\nMia"
    for line in ("SIGNED MESSAGE", "Hash: SHA256", "iQEzBAEBCAAdFiEE", "END PGP SIGNATURE"):
        assert line in email.signature_text


def test_an_answer_to_a_signed_text_is_not_itself_signed():
    quoted = "".join(f"> {line}\n" for line in SIGNED.split("\n"))
    email = parse(
        b"Subject: Re: Boiler\nIn-Reply-To: <a@b>\n\nWe will come.\n\nOn Monday Mia wrote:\n" + quoted.encode()
    )
    assert email.protected is None
    assert email.reply_text == "We will come."


def test_a_text_encrypted_with_pgp_says_so():
    text = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA+abc\n=abcd\n-----END PGP MESSAGE-----\n"
    email = parse(b"Subject: Boiler\n\n" + text)
    assert email.protection == Protection("encrypted", "PGP")
    assert any("encrypted with PGP" in defect for defect in email.defects)


@pytest.mark.parametrize("kind", ['encrypted; protocol="application/pgp-encrypted"', "mixed"])
def test_a_message_encrypted_with_pgp_is_known_also_when_a_server_has_renamed_it(kind):
    email = parse(
        f"Content-Type: multipart/{kind}; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        "--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n"
        "-----END PGP MESSAGE-----\n--b--\n".encode()
    )
    assert email.protection == Protection("encrypted", "PGP")
    assert email.text == "" and "encrypted.asc" in [a.name for a in email.attachments]


def test_a_message_signed_with_pgp_mime_is_readable():
    email = parse(
        b'Content-Type: multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary=b\n\n'
        b"--b\n\nWords.\n--b\nContent-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\nabc\n"
        b"-----END PGP SIGNATURE-----\n--b--\n"
    )
    assert (email.text, email.protection) == ("Words.", Protection("signed", "PGP"))
    assert [a.name for a in email.attachments] == ["signature.asc"]


def test_open_mail_is_not_protected():
    assert parse(b"Subject: x\n\nHow do I make a PGP key? It says BEGIN PGP MESSAGE.\n").protection is None


def test_a_message_that_only_brings_certificates_is_not_signed():
    inside = element(0x30, b"\x02\x01\x01\x31\x00", element(0x30, bytes.fromhex("06092a864886f70d010701")), b"\x31\x00")
    bare = element(0x30, bytes.fromhex("06092a864886f70d010702"), element(0xA0, inside))
    assert sent(bare, "smime-type=certs-only; name=smime.p7c").protected is None


def test_a_file_encrypted_by_hand_beside_no_words_is_the_message():
    armour = "-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----"
    file = f"Content-Type: application/octet-stream; name=letter.asc\n\n{armour}"
    mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{}\n--b\n" + file + "\n--b--\n"
    assert parse(mail.format("").encode()).protection == Protection("encrypted", "PGP")
    assert parse(mail.format("The letter is attached.").encode()).protection is None
