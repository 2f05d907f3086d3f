"""A seeded set of mails like a firm's: 60 % plain, 25 % replies with quotes, 10 % HTML with image, 5 % with a file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

WORDS = """printer scanner router invoice password meeting office warehouse tablet screen slowly again morning please
question since update network folder shared calendar laptop starter monday before noon error message window
login server backup report licence phone cable dock label""".split()
DOMAINS = ("harbor-dental.example", "vega-logistics.example", "brightwater-hotels.example", "novaklab.example")


def letters(count: int, seed: int = 1) -> Iterator[tuple[bytes, bool]]:
    """(bytes with CRLF, whether it is a reply to an earlier one) of each mail."""
    chance = random.Random(seed)
    sent: list[tuple[str, str, str]] = []
    for number in range(count):
        kind = chance.choices(("plain", "reply", "html", "file"), (60, 25, 10, 5))[0]
        if kind == "reply" and not sent:
            kind = "plain"
        message = EmailMessage(policy=SMTP)
        domain = chance.choice(DOMAINS)
        name = f"user{chance.randrange(200)}"
        parent = ""
        if kind == "reply":  # by whom its ticket is
            parent, name, domain = chance.choice(sent)
        message["Received"] = f"from mx.{domain} by mail.northwind.example with ESMTPS; Mon, 23 Nov 2026 09:00:00 +0000"
        message["From"] = f"{name.title()} <{name}@{domain}>"
        message["To"] = "support@northwind.example"
        message["Subject"] = " ".join(chance.choices(WORDS, k=6)).capitalize()
        message["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
        message["Message-ID"] = f"<{number}.{chance.getrandbits(64):x}@{domain}>"
        text = paragraphs(chance, 4)
        if kind == "reply":
            message["In-Reply-To"] = message["References"] = parent
            quoted = "\n".join(f"> {line}" for line in paragraphs(chance, 6).splitlines())
            text = f"{paragraphs(chance, 1)}\n\nOn Mon, 23 Nov 2026 at 08:00, Northwind Support wrote:\n{quoted}\n"
        else:
            sent.append((message["Message-ID"], name, domain))
        message.set_content(text)
        if kind == "html":
            message.add_alternative(
                f"<html><body><p>{'</p><p>'.join(text.split(chr(10)))}</p><img src='cid:pic'></body></html>",
                subtype="html",
            )
            message.get_payload()[1].add_related(chance.randbytes(15_000), "image", "png", cid="<pic>")
        if kind == "file":
            message.add_attachment(
                chance.randbytes(200_000), maintype="application", subtype="pdf", filename=f"report-{number}.pdf"
            )
        yield message.as_bytes(), kind == "reply"


def large_letter(megabytes: int) -> bytes:
    """A mail of so many million octets, nearly all of them one file."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = f"Dana <dana@{DOMAINS[0]}>", "support@northwind.example"
    message["Subject"] = f"A file of {megabytes} MB"
    message["Date"], message["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", f"<{megabytes}@{DOMAINS[0]}>"
    message.set_content("It is large.")
    file = random.Random(megabytes).randbytes(megabytes * 1_000_000 * 54 // 74)
    message.add_attachment(file, maintype="application", subtype="octet-stream", filename="large.bin")
    return message.as_bytes()


def paragraphs(chance: random.Random, count: int) -> str:
    return "\n\n".join(
        "\n".join(" ".join(chance.choices(WORDS, k=11)).capitalize() + "." for _ in range(4)) for _ in range(count)
    )
