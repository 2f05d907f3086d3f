"""What clients of an IT firm write: ready examples for the Sandbox page, built as mail programs build them."""

import csv
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, make_msgid

from psa.mail.message import Address, ParsedEmail, parse
from psa.sandbox.people import COLLEAGUE, COLLEAGUE_NAME
from psa.sandbox.picture import HEIGHT, WIDTH, error_dialog


@dataclass(frozen=True)
class Example:
    """One letter to choose. With `needs_message` it answers a message that the client has received."""

    key: str
    title: str
    description: str
    needs_message: bool = False


EXAMPLES: tuple[Example, ...] = (
    Example("request", "A request", "Plain text, as most mail is. The sender’s domain says which client it is."),
    Example("billing", "A question about an invoice", "[Billing] in the subject leads to another queue."),
    Example("screenshot", "A screenshot in the text", "HTML with an inline image that belongs into the text."),
    Example("attachment", "A list attached", "Plain text with a CSV file."),
    Example("reply", "A reply", "Quotes the message that is open, and belongs to the same ticket.", needs_message=True),
    Example(
        "vacation",
        "A vacation notice",
        "A machine answers it: kept, but never answered.",
        needs_message=True,
    ),
    Example("copied", "A colleague in Cc", "Who is copied follows the ticket, and gets our answers too."),
    Example("forged", "A forged sender", "It says that Mara wrote it. Nothing proves that, so it may do nothing."),
    Example(
        "spam",
        "Marked as spam",
        "A filter has marked it. Filed all the same, unless Inbound says otherwise.",
    ),
    Example("bounce", "A bounce", "The message that is open comes back, and its ticket says so.", needs_message=True),
)

# Whom a forged letter pretends to come from.
OUR_ADMIN = ("Mara Lindqvist", "mara@northwind.example")

SIGNATURES = {
    "dana@harbor-dental.example": "Dana Whitfield\nPractice Manager\nHarbor Dental",
    "ruben@vega-logistics.example": "Ruben Castellanos\nOperations, Vega Logistics\nDock office, ext. 41",
    "ap@brightwater-hotels.example": "Accounts Payable\nBrightwater Hotels",
    "aiko@kestrel-foods.example": "Aiko Tanaka\nOffice Manager\nKestrel Foods",
    "helen@lumen-law.example": "Helen Marsh\nLumen Law",
    "p.novak@novaklab.example": "P. Novak\nNovak Lab",
}

# What each of them needs today: the subject is the first line. Anybody else asks what stands under "".
REQUESTS = {
    "dana@harbor-dental.example": """\
The projector stays dark

Good morning,

the projector in the meeting room stays dark since the storm on Friday.
The little lamp beside the lens blinks orange twice, then pauses.

We have a hygiene training in there at eleven. Can somebody have a look
before that, or tell me what to press?
""",
    "ruben@vega-logistics.example": """\
Label printer at dock 4 prints blank labels

Hi,

since this morning the label printer at dock 4 feeds blank labels. New
roll, same thing. Docks 2 and 3 are fine, so I doubt it is the warehouse
software.

We carry labels over from dock 3 for now, which costs us a man. The next
pick-up is at 14:00.
""",
    "ap@brightwater-hotels.example": """\
New address for our invoices

Hello,

from the first of next month please send all invoices to
ap@brightwater-hotels.example only. The old mailbox of the Harbour
Street house will be closed.

Could you confirm that this is changed on your side?
""",
    "aiko@kestrel-foods.example": """\
Two more sockets in the new warehouse office

Hello,

the desks in the new warehouse office stand by the window now, and the
network sockets are behind the door. Could we have two more on the
window side before we move on the 14th?

I can send you the floor plan.
""",
    "helen@lumen-law.example": """\
Dictation has no microphone since the update

Good afternoon,

since last night's update the dictation program says that there is no
microphone. Headset and foot pedal are plugged in, and calls work.

Two of us are affected. We dictate all day, so the sooner the better.
""",
    "": """\
Do you look after small laboratories?

Hello,

a friend at Harbor Dental gave me your address. We are six people with a
file server that nobody has touched for three years, and last week it
began to make a noise.

Do you take on places of our size, and how soon could somebody come by?
""",
}

REPLY = """\
Thank you, that was quick, and it works again.

One more thing: if it happens another time, may we do that ourselves, or
shall we call you?
"""


def write(key: str, *, sender: Address, to: str, answering: bytes | None = None, now: datetime) -> EmailMessage:
    """The example, ready to send. `now` is aware.

    `to` is where a first message goes; an answer goes where the message `answering` (raw) asks for, or else to `to`.
    Raises KeyError for an unknown key, and ValueError when a message to answer is needed and not given.
    """
    example = next((example for example in EXAMPLES if example.key == key), None)
    if example is None:
        raise KeyError(key)
    if not example.needs_message:
        return FIRST_LETTERS[key](sender, to, now)
    if answering is None:
        raise ValueError(f"{example.title} answers a message: choose one in the inbox first.")
    return ANSWERS[key](parse(answering), sender, to, now)


def first_letter(*, sender: Address, to: str, subject: str, text: str, now: datetime) -> EmailMessage:
    """What somebody writes of their own accord, as plain text. Line breaks in the subject become blanks."""
    letter = _letter(sender, to, " ".join(subject.split()), now)
    letter.set_content(text.rstrip() + "\n")
    return letter


def reply_to(raw: bytes, *, sender: Address, text: str, now: datetime) -> EmailMessage:
    """An answer with the words of `text` above the quoted message, as Gmail writes it."""
    return _reply(parse(raw), sender, "", text, now)


def _request(sender: Address, to: str, now: datetime) -> EmailMessage:
    subject, _, text = REQUESTS.get(sender.email.lower(), REQUESTS[""]).partition("\n\n")
    letter = _letter(sender, to, subject, now)
    letter.set_content(_signed(text, sender))
    return letter


def _billing(sender: Address, to: str, now: datetime) -> EmailMessage:
    last_month = now.replace(day=1) - timedelta(days=1)
    letter = _letter(sender, to, f"[Billing] Invoice {last_month:%Y-%m}: two hours that we cannot place", now)
    text = (
        f"Hello,\n\non your invoice for {last_month:%B} there are two hours under “Network maintenance”. Nobody here "
        "remembers a visit.\n\nCould you send us the day and the name of the technician? We will pay as soon as we can "
        "put it to the right cost centre.\n"
    )
    letter.set_content(_signed(text, sender))
    return letter


def _screenshot(sender: Address, to: str, now: datetime) -> EmailMessage:
    letter = _letter(sender, to, "Scanner says it is offline (screenshot)", now)
    before = "Hi,\n\nwhen I scan to e-mail from the big scanner, this comes up after about ten seconds:"
    after = "I have switched it off and on. Copying still works, so it is not the glass.\n"
    letter.set_content(_signed(f"{before}\n\n[image: error.png]\n\n{after}", sender))
    image_id = make_msgid("error", domain=sender.domain or None)
    image = f'<img src="cid:{image_id[1:-1]}" alt="Scanner offline, error 2104" width="{WIDTH}" height="{HEIGHT}">'
    signature = f'<div style="color:#555">--<br>{_lines_as_html(_signature(sender))}</div>'
    letter.add_alternative(
        f"<html><body>{_as_html(before)}<p>{image}</p>{_as_html(after)}{signature}</body></html>\n", subtype="html"
    )
    page = letter.get_payload(1)
    assert isinstance(page, EmailMessage)
    page.add_related(error_dialog(), "image", "png", cid=image_id, filename="error.png", disposition="inline")
    return letter


def _attachment(sender: Address, to: str, now: datetime) -> EmailMessage:
    starts = now + timedelta(days=7)
    letter = _letter(sender, to, f"Three new colleagues on {starts:%A}", now)
    text = (
        f"Hello,\n\nthree people start with us on {starts:%A}, {starts.day} {starts:%B}. Please set up accounts and "
        "mail for them; who needs what is in the list.\n\nThe notebooks are still in their boxes in my office.\n"
    )
    letter.set_content(_signed(text, sender))
    table = io.StringIO()
    csv.writer(table).writerows(
        [
            ("Name", "Position", "Starts", "Notebook", "Shared folders"),
            ("Amélie Fournier", "Reception", f"{starts:%Y-%m-%d}", "no", "Front desk"),
            ("Tom Okafor", "Accounts", f"{starts:%Y-%m-%d}", "yes", "Accounts; Contracts"),
            ("Greta Lind", "Trainee", f"{starts:%Y-%m-%d}", "yes", "Front desk"),
        ]
    )
    letter.add_attachment(
        table.getvalue().encode(), "text", "csv", params={"charset": "utf-8"}, filename="new-starters.csv"
    )
    return letter


def _copied(sender: Address, to: str, now: datetime) -> EmailMessage:
    letter = _letter(sender, to, "The old telephone system can go", now)
    letter["Cc"] = formataddr((COLLEAGUE_NAME, f"{COLLEAGUE}@{sender.domain}"))
    text = (
        "Hello,\n\nsince the new telephones work, the old system in the basement only hums. Kim (copied) has the "
        "key and can let somebody in on any weekday before noon.\n"
    )
    letter.set_content(_signed(text, sender))
    return letter


def _forged(sender: Address, to: str, now: datetime) -> EmailMessage:
    """From is one of our users; the mail program that sends it is the client's, as its Message-ID shows."""
    letter = _letter(sender, to, "Please close everything of today", now)
    letter.replace_header("From", formataddr(OUR_ADMIN))
    letter.set_content("#close\n\nAll done. No need to tell the client.\n\nMara\n")
    return letter


def _spam(sender: Address, to: str, now: datetime) -> EmailMessage:
    letter = _letter(sender, to, "Your parcel could not be delivered", now)
    letter["X-Spam-Flag"] = "YES"
    letter["X-Spam-Status"] = "Yes, score=9.4 required=5.0"
    letter.set_content(
        _signed("Confirm your address within 24 hours, or the parcel goes back to its sender.\n", sender)
    )
    return letter


def _example_reply(answered: ParsedEmail, sender: Address, to: str, now: datetime) -> EmailMessage:
    return _reply(answered, sender, to, _signed(REPLY, sender), now)


def _vacation(answered: ParsedEmail, sender: Address, to: str, now: datetime) -> EmailMessage:
    """RFC 3834, 3: Auto-Submitted, the subject with "Auto:", references to what it answers, and no quote."""
    letter = _answer(answered, sender, to, f"Auto: {answered.subject or 'your message'}", now)
    letter["Auto-Submitted"] = "auto-replied"
    letter["X-Auto-Response-Suppress"] = "All"
    back = now + timedelta(days=8)
    text = (
        f"Thank you for your message. I am out of the office until {back:%A}, {back.day} {back:%B}, and read mail only "
        "now and then.\n\nIn urgent cases please call our front desk.\n"
    )
    letter.set_content(_signed(text, sender))
    return letter


def _bounce(answered: ParsedEmail, sender: Address, to: str, now: datetime) -> EmailMessage:
    """RFC 3464: a report that the sender's server writes about the message ``answered``."""
    host = f"mail.{sender.domain}"
    daemon = Address("Mail Delivery System", f"mailer-daemon@{sender.domain}")
    letter = _letter(daemon, to, "Undelivered Mail Returned to Sender", now)
    letter["Auto-Submitted"] = "auto-replied"
    letter.set_content(
        f"This is the mail system at {host}.\n\nYour message to {sender.email} could not be delivered:\n\n"
        f"<{sender.email}>: 550 5.1.1 There is no such mailbox here\n"
    )
    letter.make_mixed()
    letter.set_type("multipart/report")
    letter.set_param("report-type", "delivery-status")
    report = EmailMessage(policy=SMTP)
    report.set_type("message/delivery-status")
    report.set_payload(
        [
            _fields({"Reporting-MTA": f"dns; {host}"}),
            _fields(
                {
                    "Final-Recipient": f"rfc822; {sender.email}",
                    "Action": "failed",
                    "Status": "5.1.1",
                    "Diagnostic-Code": "smtp; 550 5.1.1 There is no such mailbox here",
                }
            ),
        ]
    )
    letter.attach(report)
    returned = EmailMessage(policy=SMTP)
    returned.set_content(f"Message-ID: <{answered.message_id}>\nSubject: {answered.subject or ''}\n")
    returned.set_type("text/rfc822-headers")
    letter.attach(returned)
    return letter


def _fields(values: dict[str, str]) -> EmailMessage:
    fields = EmailMessage(policy=SMTP)
    for name, value in values.items():
        fields[name] = value
    return fields


FIRST_LETTERS: dict[str, Callable[[Address, str, datetime], EmailMessage]] = {
    "request": _request,
    "billing": _billing,
    "screenshot": _screenshot,
    "attachment": _attachment,
    "copied": _copied,
    "forged": _forged,
    "spam": _spam,
}
ANSWERS: dict[str, Callable[[ParsedEmail, Address, str, datetime], EmailMessage]] = {
    "reply": _example_reply,
    "vacation": _vacation,
    "bounce": _bounce,
}


def _letter(sender: Address, to: str, subject: str, now: datetime) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = formataddr((sender.name, sender.email))
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = now
    letter["Message-ID"] = make_msgid(domain=sender.domain or None)
    return letter


def _answer(answered: ParsedEmail, sender: Address, to: str, subject: str, now: datetime) -> EmailMessage:
    """To whom the answered message says, with the references that RFC 5322, 3.6.4 asks for."""
    towards = [address.email for address in answered.reply_to or answered.from_ if address.email]
    letter = _letter(sender, ", ".join(towards) or to, subject, now)
    if answered.message_id:
        letter["In-Reply-To"] = f"<{answered.message_id}>"
        known = answered.references or answered.in_reply_to[:1]
        thread = [*(known_id for known_id in known if known_id != answered.message_id), answered.message_id]
        letter["References"] = " ".join(f"<{message_id}>" for message_id in thread)
    return letter


def _reply(answered: ParsedEmail, sender: Address, to: str, text: str, now: datetime) -> EmailMessage:
    subject = answered.subject or ""
    letter = _answer(answered, sender, to, subject if subject[:3].lower() == "re:" else f"Re: {subject}", now)
    writer = answered.sender or Address("", to)
    day = answered.date or now
    when = f"On {day:%a}, {day.day} {day:%b %Y} at {day:%H:%M},"
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in answered.text.strip().splitlines())
    letter.set_content(f"{text.rstrip()}\n\n{when} {f'{writer.name} <{writer.email}>'.strip()} wrote:\n\n{quoted}")
    mailto = f'&lt;<a href="mailto:{html.escape(writer.email)}">{html.escape(writer.email)}</a>&gt;'
    attribution = f'<div dir="ltr" class="gmail_attr">{when} {html.escape(writer.name)} {mailto} wrote:<br></div>'
    style = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
    quote = f'<blockquote class="gmail_quote" style="{style}">{answered.html or _as_html(answered.text)}</blockquote>'
    letter.add_alternative(
        f'<div dir="ltr">{_as_html(text)}</div><br><div class="gmail_quote">{attribution}{quote}</div>\n',
        subtype="html",
    )
    return letter


def _signed(text: str, sender: Address) -> str:
    return f"{text}\n-- \n{_signature(sender)}\n"


def _signature(sender: Address) -> str:
    return SIGNATURES.get(sender.email.lower(), sender.name or sender.email)


def _as_html(text: str) -> str:
    """Paragraphs from text with blank lines between them."""
    return "".join(f"<p>{_lines_as_html(paragraph)}</p>" for paragraph in text.strip().split("\n\n"))


def _lines_as_html(text: str) -> str:
    return html.escape(text.strip()).replace("\n", "<br>")
