"""Messages read from files and printed, one after the other: what `flask psa mail parse` and `python -m
psa.mail.message` share.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from psa.mail.message.as_json import to_json
from psa.mail.message.model import Report
from psa.mail.message.parse import ParsedEmail, parse


def print_parsed(paths: Iterable[str], as_json: bool, write: Callable[[str], object]) -> bool:
    """Write one text per message: a JSON line, or a page for people. A folder means every .eml below it, "-" standard
    input. Returns whether all of them could be read.

    A file that cannot be read has its line too, with the reason under `defects`.
    """
    all_read = True
    for path in paths:
        for name, raw, trouble in _messages(path):
            if as_json:
                answer = _answer(raw, name)
                if trouble:
                    answer["defects"].insert(0, trouble)
                write(json.dumps(answer, ensure_ascii=False))
            else:
                write(f"{name}: {trouble}\n" if trouble else _page(parse(raw), name))
            all_read = all_read and not trouble
    return all_read


def _answer(raw: bytes, name: str) -> dict[str, Any]:
    """What we read. Should a fault of ours keep us from it, the message yields its line all the same, with its bytes as
    text: one message that defeats us must not cost those that follow.
    """
    try:
        return to_json(parse(raw), name)
    except Exception as error:
        plain = raw.decode("utf-8", "replace")
        answer = to_json(parse(b""), name)
        fault = f"This message defeated us ({type(error).__name__}); it is shown as it came."
        return answer | {"text": plain, "reply_text": plain, "defects": [fault]}


def _messages(path: str) -> Iterator[tuple[str, bytes, str | None]]:
    if path == "-":
        yield path, sys.stdin.buffer.read(), None
        return
    files = [str(f) for f in sorted(Path(path).rglob("*.eml"))] if Path(path).is_dir() else [path]
    for file in files:
        try:
            yield file, Path(file).read_bytes(), None
        except OSError as error:
            yield file, b"", f"The file cannot be read: {error.strerror or error}."


def _page(parsed: ParsedEmail, name: str) -> str:
    rows = [
        ("File", name),
        ("From", ", ".join(f"{a.name} <{a.email}>".strip() for a in parsed.from_)),
        ("To", ", ".join(a.email for a in parsed.to)),
        ("Cc", ", ".join(a.email for a in parsed.cc)),
        ("Subject", parsed.subject or ""),
        ("Date", parsed.date.isoformat(" ") if parsed.date else ""),
        ("Message-ID", parsed.message_id or ""),
        ("Answers", " ".join(parsed.in_reply_to)),
        ("Automatic", f"{parsed.automatic.kind}: {parsed.automatic.reason}" if parsed.automatic else ""),
        *_report_rows(parsed.report),
        ("Forwarded", f"from {parsed.forwarded.from_.email}" if parsed.forwarded else ""),
        ("Protected", _protected(parsed)),
        *(("Meeting", f"{i.method}: {i.summary}, {i.start or 'without a time'}") for i in parsed.invitations),
        *(("Card", ", ".join([card.name, *card.emails, *card.phones])) for card in parsed.contact_cards),
        *(("File", f"{a.name} ({a.type}, {a.size} bytes, {a.disposition})") for a in parsed.attachments),
        *(("Defect", d) for d in parsed.defects),
    ]
    head = "\n".join(f"{label + ':':12} {value}" for label, value in rows if value)
    folded = [
        f"[{len(t.splitlines())} lines {what}]"
        for t, what in ((parsed.signature_text, "of signature"), (parsed.folded_text, "quoted"))
        if t
    ]
    return "\n".join([head, "", parsed.reply_text, *folded, ""])


def _protected(parsed: ParsedEmail) -> str:
    found = parsed.protection
    if found is None:
        return ""
    return f"{found.kind}, {found.method}" + (f", as {found.signer} (not verified)" if found.signer else "")


def _report_rows(report: Report | None) -> list[tuple[str, str]]:
    return (
        [("Report", f"{report.kind}: {r.email} {r.status or ''} {r.reason}") for r in report.recipients]
        if report
        else []
    )
