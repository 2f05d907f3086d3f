"""A large file is in memory once as it was sent and once as it is, and never a third time."""

from __future__ import annotations

import base64
import hashlib
import random
import tracemalloc

from psa.mail.message import parse

FILE = random.Random(4).randbytes(3_000_000)
MAIL = (
    b"From: Dana <dana@harbor-dental.example>\r\nSubject: Plans\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n'
    b'--x\r\nContent-Type: application/octet-stream; name="plans.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    + base64.encodebytes(FILE).replace(b"\n", b"\r\n")
    + b"--x--\r\n"
)


def test_a_file_is_decoded_without_a_copy_of_its_code():
    mail = parse(MAIL)
    tracemalloc.start()
    try:
        [file] = mail.attachments
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (file.size, file.sha256) == (len(FILE), hashlib.sha256(FILE).hexdigest())
    # The driver of base64 makes room for three bytes of four signs, line ends among them.
    assert most < 0.9 * len(MAIL)
