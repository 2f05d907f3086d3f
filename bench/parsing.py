"""How long the reader takes for a mail, against the standard library alone, and what each stage of it costs.

    python -m bench.parsing [--mails 400] [--rounds 5]

Ratios within one run are what counts: absolute figures move from machine to machine. "stdlib" builds the tree
(compat32), decodes every header (decode_header, make_header) and every body with its charset, and makes no more of it.
"intake" is what filing a mail asks for; "full result" is all that `flask psa mail parse --json` prints.
"""

from __future__ import annotations

import argparse
import email
import email.header
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.letters import letters
from psa.mail.message import ParsedEmail, parse, to_json

EMAILS = Path(__file__).parent.parent / "tests" / "emails"

Stage = tuple[str, Callable[[ParsedEmail], object]]
STAGES: tuple[Stage, ...] = (
    ("headers", lambda m: (m.sender, m.to, m.cc, m.reply_to, m.subject, m.date, m.message_id, m.references)),
    ("body", lambda m: m.text),
    ("reply", lambda m: (m.reply_text, m.folded_text, m.signature_text)),
    ("attachments", lambda m: m.attachments),
    ("automatic", lambda m: m.automatic),
    ("report", lambda m: m.report),
    ("content hash", lambda m: m.content_hash),
    ("forwarded", lambda m: m.forwarded),
    ("html", lambda m: (m.html, m.reply_html)),
    ("defects", lambda m: m.defects),
    ("json", lambda m: json.dumps(to_json(m, "x.eml"), ensure_ascii=False)),
)
INTAKE = 7  # so many of the stages are what filing a mail asks for


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mails", type=int, default=400)
    options.add_argument("--rounds", type=int, default=5)
    told = options.parse_args()
    made = [raw for raw, _ in letters(told.mails)]
    kinds = {
        "ordinary mail (bench.letters)": made,
        "  of it plain and replies": [raw for raw in made if b"multipart/" not in raw],
        "  of it HTML with a picture": [raw for raw in made if b"multipart/alternative" in raw],
        "  of it with a file of 200 KB": [raw for raw in made if b"multipart/mixed" in raw],
        "fixtures (tests/emails)": [path.read_bytes() for path in sorted(EMAILS.glob("*.eml"))],
        "reports (tests/emails/reports)": [path.read_bytes() for path in sorted(EMAILS.glob("reports/*.eml"))],
    }
    print(f"{'':32}{'mails':>6}{'KB':>7}{'stdlib ms':>11}{'intake':>9}{'full':>9}   times stdlib")
    for name, mails in kinds.items():
        size = sum(map(len, mails)) / len(mails) / 1000
        base = best(told.rounds, mails, stdlib)
        intake, full = best(told.rounds, mails, file_it), best(told.rounds, mails, all_of_it)
        print(
            f"{name:32}{len(mails):6}{size:7.1f}{base * 1e3:11.3f}{intake * 1e3:9.3f}{full * 1e3:9.3f}"
            f"   {intake / base:4.1f} and {full / base:4.1f}"
        )
    for name in list(kinds)[1:]:
        print(f"\nµs for each stage, {name.strip()}")
        costs = stages(told.rounds, kinds[name])
        for stage, seconds in costs.items():
            print(f"  {stage:14}{seconds * 1e6:9.1f}{seconds / sum(costs.values()):7.0%}")


def best(rounds: int, mails: list[bytes], read: Callable[[bytes], object]) -> float:
    """Seconds for each mail, each in the best of several rounds: the machine has other work."""
    least = [float("inf")] * len(mails)
    for _ in range(rounds + 1):  # the first warms up
        for n, mail in enumerate(mails):
            began = time.perf_counter()
            read(mail)
            least[n] = min(least[n], time.perf_counter() - began)
    return sum(least) / len(mails)


def stages(rounds: int, mails: list[bytes]) -> dict[str, float]:
    """Seconds for each mail by stage, each in the best of several rounds."""
    total = dict.fromkeys(["tree", *(name for name, _ in STAGES)], 0.0)
    for mail in mails:
        least = dict.fromkeys(total, float("inf"))
        for _ in range(rounds + 1):
            at = time.perf_counter()
            message = parse(mail)
            for name, ask in (("tree", None), *STAGES):
                if ask is not None:
                    ask(message)
                now = time.perf_counter()
                least[name], at = min(least[name], now - at), now
        for name, seconds in least.items():
            total[name] += seconds / len(mails)
    return total


def stdlib(raw: bytes) -> list[str]:
    message = email.message_from_bytes(raw)
    found = [str(email.header.make_header(_decoded(str(value)))) for value in message.values()]
    for part in message.walk():
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(data, bytes):
            try:
                found.append(data.decode(part.get_content_charset() or "ascii", "replace"))
            except LookupError:
                found.append(data.decode("latin-1"))
    return found


def _decoded(value: str) -> Iterable[tuple[bytes | str, str | None]]:
    try:
        return [(text, charset if charset in (None, "utf-8", "iso-8859-1") else "latin-1")
                for text, charset in email.header.decode_header(value)]  # fmt: skip
    except ValueError:
        return [(value, None)]


def file_it(raw: bytes) -> ParsedEmail:
    message = parse(raw)
    for _, ask in STAGES[:INTAKE]:
        ask(message)
    return message


def all_of_it(raw: bytes) -> str:
    return json.dumps(to_json(parse(raw), "x.eml"), ensure_ascii=False)


if __name__ == "__main__":
    main()
