"""docs/security.md: the attempts as a page, with what the last run found that each of them got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.security.attempt import Attempt
from tests.security.attempts import ALL, CHAPTERS

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
ABOVE = """# Who really wrote

Anybody can write any name and any address into a mail. This page tells what is believed of it, and what came of
{number} attempts to be somebody else. `python -m tests.security` makes each of them against the code of production
and writes this page; the same stories run with all other tests, and each asserts that nothing was changed or told
that should not have been.

## What is believed

- **The server that checks senders** is named for each mailbox (Admin > Email Settings > Inbound). Its topmost
  Authentication-Results (RFC 8601) is believed, and no other server's. It must remove headers of its own name from
  mail that comes in, as section 5 of that RFC wants it; Google, Microsoft, Fastmail, OpenDKIM and Rspamd do. Its word
  counts above the Received line by which it took the mail in, and right below it up to the next such line, where Google
  and the filters of Postfix write; at Microsoft only above. Where no Received line bears its name, the topmost one that
  names an address out in the world is taken for that line.
- **Proven** is a sender whose domain is: by a DKIM signature or SPF for a domain of the same owner, as the Public
  Suffix List has it (`harbor.co.uk` is one, `co.uk` and `github.io` are everybody's). What is proven is the domain;
  that nobody in it writes in a colleague's name is its own server's care.
- **Our own check** of the DKIM signature takes the place of a server's word. It is made at once where somebody would
  act on it: mail from a user's address, and mail of our own domain that names another in Reply-To. For all others it is
  made a moment after the mail is filed, so that no mailbox waits for a name server; until then the message is “being
  checked”. SPF only the server that received the mail could tell. The signature must cover all of the
  text, and From, To, Cc, Subject, Date, Message-ID, In-Reply-To, References, Thread-Index and Content-Type as far as
  they are there. Keys are kept for an hour; without name servers nothing is proven. What was held for want of that
  proof is dealt with once more, by itself, when they answer within some hours and prove it.
- **Nothing is proven** of a mail in which one of these stands twice, whoever has checked it.
- **Doubtful** is whoever is proven or not, and looks like another: an address in the place of the name, the name of
  one of us or of the firm at another address, a domain that is read as a client's or as ours.
- **Forged?** is what the server says fails, and what has two authors. It is filed all the same, and marked: nothing
  that a client writes is dropped because a server on its way was set up badly. A rule can hold or ignore it.

## What needs a proof

- **Users act by mail** (answers to clients, notes, commands, passing mail on) only when they are proven, the switch
  of the mailbox is on, and the mail is addressed to us. All else from their addresses that answers a ticket or passes
  mail on is held, with one click for an admin or the user: “It is really from Tom”.
- **Internal tickets** are those without a requester. Whoever is not proven gets into none, whatever they refer to.
- **Following a ticket** by To and Cc, and so getting our answers: nobody comes by a mail that is forged or doubtful,
  nor by one that names the ticket in a way that anybody could have, unless its sender is proven.
- **Reply-To** makes the sender only for machines that an admin has entered, for our own domain when it is proven, and
  for a proven domain that writes for itself.
- **The number in a subject** lets in only who is on that ticket and is not forged.
- **Commands** count at the very top of a mail, in the agent's own words, each on its line.

## Who may do what in the browser

Nobody who is not signed in gets further than the sign-in page, but for what a mail links to (to hear no more of
something), `GET /health`, and the making of the first user. A test asks every route (`tests/auth`).

| | agents | administrators |
|---|---|---|
| Tickets, held mail, junk, the Mail log, blocked senders, *Resume* of a stopped loop | all of them | all of them |
| Clients, contacts, projects, their files in and out, merging | all of them | all of them |
| Invoices, payments, reminders by hand, statements, exports | all of them | all of them |
| Time | their own | everybody's |
| “It is really from Tom” on a held message | of their own address | of every user |
| Evidence files, names of accounts in `GET /health` | no | yes |
| **Admin > Email Settings**: accounts, providers, rules, templates, limits, alerts | no | yes |
| **Admin > Firm**: queues, rates, tax rates, number series, the schedule of reminders | no | yes |
| Users | no | made on the command line, `flask psa create-user` |

## What is not prevented

- Whoever has got one of our mails to a contact can answer it in the contact's name. It is filed on the ticket, since
  the server of many an honest client fails its own checks, and is marked “Forged?”. A rule for replies can hold it.
- Whoever has got one of our mails can also report it as undeliverable. Nothing more is sent to its recipient then,
  which the ticket says, until a person clears it with one click. Signed return addresses (Outbound) make such a
  report one that has to know them, too.
- Within one domain anybody may be able to write as a colleague: that is for the domain's own server to prevent.
- The word of a server that a DKIM signature holds does not tell what it covers. Whoever has a signed mail of a user
  to us, whose server signs neither In-Reply-To nor References, can send it again as an answer to another ticket.
- A server that is believed and does not remove forged headers of its own name lets everybody through. So does a
  filter of Postfix that is away while Postfix takes mail in all the same (`milter_default_action = accept`): then the
  place right below its line is the sender's.
"""


def page(got: Mapping[str, str]) -> str:
    """The whole document; ``got`` is what each attempt got, by its title."""
    return ABOVE.format(number=len(ALL)) + "\n" + "\n".join(chapters(got))


def chapters(got: Mapping[str, str]) -> Iterator[str]:
    for chapter in CHAPTERS:
        yield f"## {chapter.title}"
        yield ""
        yield "| Attempt | How | What it got |"
        yield "|---|---|---|"
        for attempt in chapter:
            yield row(attempt, got.get(attempt.title, "not run"))
        yield ""


def row(attempt: Attempt, got: str) -> str:
    cells = (attempt.title, attempt.how, got)
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
