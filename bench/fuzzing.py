"""Damaged mails in great number: does the reader raise, lose a word, or need more time than their size allows?

    python -m bench.fuzzing [--mutations 100000] [--seed 1] [--jobs 1] [--keep FOLDER] [FOLDER …]

Each mail of tests/emails (and of the folders named) is damaged again and again, by its structure and byte by byte;
what comes out is read in full: the JSON answer, the HTML for the page, every file. The exit status is 1 when one case
raised, lost text, or took more than a second for each megabyte; such cases are kept as files.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from psa.mail.message import parse, render_html, to_json

EMAILS = Path(__file__).parent.parent / "tests" / "emails"
SECONDS_PER_MB = 1.0
LEAST_MB = 0.2  # a small mail has its fixed costs, and the machine its pauses: it may take 0.2 s whatever its size
SLOWEST = 10  # cases that are named, and kept as files
MOST_BYTES = 400_000

Mutation = Callable[[bytes, random.Random, list[bytes]], bytes]


@dataclass
class Tally:
    """What a run found."""

    cases: int = 0
    bytes: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    defects: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, float, int, str, str]] = field(default_factory=list)
    peak_mb: float = 0.0

    def add(self, other: Tally) -> None:
        self.cases += other.cases
        self.bytes += other.bytes
        self.seconds += other.seconds
        self.failures += other.failures
        self.defects += other.defects
        self.slowest = sorted(self.slowest + other.slowest, reverse=True)[:SLOWEST]
        self.peak_mb = max(self.peak_mb, other.peak_mb)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mutations", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--keep", type=Path, default=None, help="where to write the cases that fail")
    options.add_argument("folders", nargs="*", type=Path)
    told = options.parse_args()
    keep = told.keep or Path(tempfile.mkdtemp(prefix="fuzzing-"))
    keep.mkdir(parents=True, exist_ok=True)
    mails = [path.read_bytes() for folder in (EMAILS, *told.folders) for path in sorted(folder.rglob("*.eml"))]
    mails = [mail for mail in mails if len(mail) < MOST_BYTES]
    share = told.mutations // told.jobs
    work = [(mails, told.seed * 1_000 + job, share, keep) for job in range(told.jobs)]
    total = Tally()
    if told.jobs == 1:
        total.add(fuzz(*work[0]))
    else:
        with multiprocessing.Pool(told.jobs) as pool:
            for tally in pool.starmap(fuzz, work):
                total.add(tally)
    report(total, len(mails))
    return 1 if total.failures else 0


def report(total: Tally, mails: int) -> None:
    rate = total.seconds / max(total.bytes / 1e6, 1e-9)
    print(f"{total.cases:,} cases from {mails} mails, {total.bytes / 1e6:,.0f} MB in {total.seconds:,.0f} s of CPU")
    print(f"{rate:.2f} s per MB on average, peak memory {total.peak_mb:.0f} MB")
    print(f"\nslowest (s per MB of at least {LEAST_MB} MB, seconds, bytes, dearest question, made by):")
    for per_mb, seconds, size, made_by, path in total.slowest:
        print(
            f"  {per_mb:6.2f} {seconds:7.3f} {size:8,} {dearest(Path(path).read_bytes()):14} {made_by}\n{'':10}{path}"
        )
    print("\ndefects named most often:")
    for defect, count in total.defects.most_common(15):
        print(f"  {count:7,} {defect}")
    print(f"\n{len(total.failures)} failures")
    for failure in total.failures[:20]:
        print(failure)


def dearest(mail: bytes) -> str:
    """Which question about a mail takes longest to answer."""
    email = parse(mail)
    spent = {}
    for name in (
        "text",
        "is_forward",
        "reply_text",
        "html",
        "reply_html",
        "automatic",
        "report",
        "sender",
        "attachments",
    ):
        began = time.process_time()
        getattr(email, name)
        spent[name] = time.process_time() - began
    return max(spent, key=lambda name: spent[name])


def fuzz(mails: list[bytes], seed: int, cases: int, keep: Path) -> Tally:
    """Make `cases` damaged mails and read them all."""
    chance = random.Random(seed)
    tally = Tally()
    for mail in mails:  # so that imports and caches count for no case
        read_in_full(mail)
    for number in range(cases):
        mail = chance.choice(mails)
        names = []
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            mutation = chance.choice(MUTATIONS)
            mail = mutation(mail, chance, mails)[:MOST_BYTES]
            names.append(mutation.__name__)
        made_by = ", ".join(names)
        try:
            seconds, defects = _timed(mail)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            tally.failures.append(_kept(keep, f"raised-{seed}-{number}", mail, made_by, traceback.format_exc(limit=-4)))
            continue
        per_mb = seconds / max(len(mail) / 1e6, LEAST_MB)
        tally.cases += 1
        tally.bytes += len(mail)
        tally.seconds += seconds
        tally.defects.update(re.sub(r"“.*”|\d[\d.]*", "…", defect) for defect in defects)
        if len(tally.slowest) < SLOWEST or per_mb > tally.slowest[-1][0]:
            path = keep / f"slowest-{seed}-{number}.eml"
            path.write_bytes(mail)
            tally.slowest = sorted([*tally.slowest, (per_mb, seconds, len(mail), made_by, str(path))], reverse=True)
            for *_, beaten in tally.slowest[SLOWEST:]:
                Path(beaten).unlink()
            del tally.slowest[SLOWEST:]
        if per_mb > SECONDS_PER_MB:
            tally.failures.append(_kept(keep, f"slow-{seed}-{number}", mail, made_by, f"{per_mb:.2f} s per MB"))
    tally.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return tally


def _timed(mail: bytes) -> tuple[float, list[str]]:
    """Seconds of CPU and the defects; what seems slow is measured again, for the machine has other work."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        defects = read_in_full(mail)
        best = min(best, time.process_time() - began)
        if best <= SECONDS_PER_MB * max(len(mail) / 1e6, LEAST_MB):
            break
    return best, defects


def _kept(keep: Path, name: str, mail: bytes, made_by: str, said: str) -> str:
    path = keep / f"{name}.eml"
    path.write_bytes(mail)
    return f"{path} ({made_by})\n{said}"


def read_in_full(mail: bytes) -> list[str]:
    """All that can be read in a mail; the defects. Raises AssertionError where text is lost or a file is not itself."""
    email = parse(mail, trusted_authserv="mx.example", own_domains=frozenset({"northwind.example"}))
    answer = to_json(email, "x.eml")
    json.dumps(answer, ensure_ascii=False).encode()
    render_html(email, cid_url=lambda part: f"/{part}", remote_images=True)
    said = email.reply_text + email.folded_text + email.signature_text
    lost = Counter(filter(str.isalnum, email.text)) - Counter(filter(str.isalnum, said))
    assert not lost, f"lost: {lost}"
    assert all(len(file.data) == file.size and file.name for file in email.attachments)
    assert len({file.name for file in email.attachments}) == len(email.attachments), "two files of one name"
    assert email.content_hash and email.raw_sha256 and email.recipients is not None and email.headers is not None
    assert email.stand_ins is not None and email.foreign_numbers is not None and email.thread_index != ""
    return answer["defects"]


# -- damage done byte by byte


def flip_bytes(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    data = bytearray(mail)
    for _ in range(chance.randint(1, 12)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut_out(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    at = chance.randrange(len(mail) + 1)
    return mail[:at] + mail[at + chance.randrange(300) :]


def truncate(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    return mail[: chance.randrange(len(mail) + 1)]


def put_in_token(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    at = chance.randrange(len(mail) + 1)
    return mail[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 2, 50)) + mail[at:]


def copy_within(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    begin, at = chance.randrange(len(mail) + 1), chance.randrange(len(mail) + 1)
    return mail[:at] + mail[begin : begin + chance.randrange(400)] + mail[at:]


def put_in_noise(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    at = chance.randrange(len(mail) + 1)
    return mail[:at] + chance.randbytes(chance.randrange(200)) + mail[at:]


# -- damage done to the structure


def shuffle_headers(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines, gap, body = _split(mail)
    chance.shuffle(lines)
    return b"\n".join(lines) + gap + body


def double_header(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines, gap, body = _split(mail)
    line = chance.choice(lines)
    lines[chance.randrange(len(lines)) : 0] = [line] * chance.choice((1, 1, 3, 500))
    return b"\n".join(lines) + gap + body


def drop_header(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines, gap, body = _split(mail)
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines) + gap + body


def borrow_header(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    """The value of one header under the name of another."""
    lines, gap, body = _split(mail)
    theirs = chance.choice(_split(chance.choice(mails))[0])
    at = chance.randrange(len(lines))
    lines[at] = lines[at].partition(b":")[0] + b":" + theirs.partition(b":")[2]
    return b"\n".join(lines) + gap + body


def lengthen_header(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines, gap, body = _split(mail)
    at = chance.randrange(len(lines))
    name, sign, value = lines[at].partition(b":")
    lines[at] = name + sign + value * min(chance.choice((2, 20, 2_000)), MOST_BYTES // (len(value) + 1) + 1)
    return b"\n".join(lines) + gap + body


def damage_boundary(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    found = list(re.finditer(rb"\n--[^\r\n]+", mail))
    if not found:
        return mail
    match = chance.choice(found)
    line = match[0]
    damaged = chance.choice((b"", line[:-1], line + b"x", line + b"--", line + b"  ", line.upper(), line * 2))
    return mail[: match.start()] + damaged + mail[match.end() :]


def swap_boundary(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    named = rb'boundary="?([^";\r\n]+)'
    names = re.findall(named, mail)
    if not names:
        return mail
    return re.sub(named, lambda m: b'boundary="' + chance.choice((*names, b"", b"x")), mail, count=1)


def swap_charset(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    charset = chance.choice(CHARSETS)
    return re.sub(rb"""(?i)(charset="?|=\?)[\w.:-]+""", lambda m: m[1] + charset, mail, count=chance.choice((0, 1)))


def swap_encoding(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    encoding = b"Content-Transfer-Encoding: " + chance.choice(ENCODINGS)
    if b"content-transfer-encoding:" not in mail.lower():
        return encoding + b"\n" + mail
    return re.sub(rb"(?i)content-transfer-encoding:[^\r\n]*", lambda m: encoding, mail, count=chance.choice((0, 1)))


def swap_type(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    kind = b"Content-Type: " + chance.choice(TYPES)
    if b"content-type:" not in mail.lower():
        return kind + b"\n" + mail
    return re.sub(rb"(?i)content-type:\s*[\w/.+-]+", lambda m: kind, mail, count=chance.choice((0, 1)))


def nest(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    for level in range(chance.choice((1, 2, 5, 60))):
        kind = chance.choice((b"mixed", b"alternative", b"related", b"digest", b"signed", b"report"))
        name = b"n%d" % level if chance.random() < 0.8 else b"n"
        mail = (
            b"From: a@b.example\nContent-Type: multipart/" + kind + b"; boundary=" + name
            + b"\n\n--" + name + b"\n" + (b"Content-Type: message/rfc822\n\n" if chance.random() < 0.3 else b"")
            + mail + b"\n--" + name + b"--\n"
        )  # fmt: skip
    return mail


def repeat_line(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines = mail.split(b"\n")
    at = chance.randrange(len(lines))
    times = min(chance.choice((3, 100, 5_000)), 200_000 // (len(lines[at]) + 1) + 1)
    lines[at:at] = [lines[at]] * times
    return b"\n".join(lines)


def splice(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    other = chance.choice(mails)
    return mail[: chance.randrange(len(mail) + 1)] + other[chance.randrange(len(other) + 1) :]


def change_line_ends(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    ends = (b"\r", b"\r\n", b"\r\r\n", b"\n\n", b"\n", b"\n ", b"")
    if chance.random() < 0.5:
        return mail.replace(b"\r\n", b"\n").replace(b"\n", chance.choice(ends))
    return re.sub(rb"\r?\n", lambda m: chance.choice(ends) if chance.random() < 0.05 else m[0], mail)


def change_letters(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    """The whole mail in another encoding."""
    codec = chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "cp037", "utf-7", "utf-32"))
    return mail.decode("latin-1").encode(codec, "replace")


def quote(mail: bytes, chance: random.Random, mails: list[bytes]) -> bytes:
    lines, gap, body = _split(mail)
    mark = chance.choice((b"> ", b">", b">> ", b"| ", b"  "))
    return b"\n".join(lines) + gap + b"\n".join(mark + line for line in body.split(b"\n"))


def _split(mail: bytes) -> tuple[list[bytes], bytes, bytes]:
    head, gap, body = mail.partition(b"\n\n" if b"\n\n" in mail else b"\r\n\r\n")
    return re.split(rb"\r?\n(?![ \t])", head), gap, body


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, cut_out, truncate, put_in_token, copy_within, put_in_noise, shuffle_headers, double_header, drop_header,
    borrow_header, lengthen_header, damage_boundary, swap_boundary, swap_charset, swap_encoding, swap_type, nest,
    repeat_line, splice, change_line_ends, change_letters, quote,
)  # fmt: skip
TOKENS = (
    *(b"\n\n", b"\r\n", b"\r", b"\0", b"\t", b" ", b"\xff\xfe", b"\xc3", b"\x1b$B", b"\xe2\x80\xae"),
    *(
        b"=?utf-8?q?",
        b"=?utf-8?b?",
        b"?=",
        b"<",
        b">",
        b'"',
        b"(",
        b")",
        b"--",
        b";",
        b":",
        b",",
        b"@",
        b"\\",
        b"=",
        b"=\n",
    ),
    *(b"From: ", b"Subject: ", b"*0*=", b"%FF", b"boundary=", b"Content-Type: multipart/mixed; boundary=x\n", b"--x\n"),
    *(b"Content-Disposition: attachment; filename=x\n", b"begin 644 x\n", b"end\n", b"BEGIN:VCALENDAR\n"),
    *(b"=ybegin line=128 size=9 name=x\n", b"=yend size=9\n", b"-----BEGIN PGP MESSAGE-----\n", b"\x78\x9f\x3e\x22"),
    *(b"On ", b" wrote:\n", b"-- \n", b"> ", b"____________\n", b"-----Original Message-----\n", b"550 5.1.1 "),
    *(b"<blockquote>", b"<div>", b"</div>", b"<!--", b"-->", b"<table><tr><td>", b"<style>", b"<script>", b"&#x41;"),
    *(b"Final-Recipient: rfc822; ", b"[cid:x]", b"http://x.example/"),
)
CHARSETS = (
    b"utf-8 us-ascii iso-8859-1 windows-1252 koi8-r gb2312 big5 iso-2022-jp shift_jis utf-16 utf-7 unknown-8bit "
    b"x-nonsense idna zip hz euc-kr utf-32 cp037 punycode"
).split()
ENCODINGS = (
    b"7bit",
    b"8bit",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"yenc",
    b"base64, base64",
    b"nonsense",
    b"",
)
TYPES = (
    b"text/plain text/html text/enriched text/calendar text/vcard text/rfc822-headers message/rfc822 message/partial"
    b" message/delivery-status message/feedback-report message/external-body application/pdf application/ms-tnef"
    b" application/pkcs7-mime application/octet-stream multipart/mixed multipart/related multipart/alternative"
    b" multipart/report multipart/signed multipart/encrypted multipart/digest multipart/appledouble text nonsense ;"
).split()

if __name__ == "__main__":
    sys.exit(main())
