"""One message read: `parse` finds its structure, everything else is worked out when it is first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property

from psa.mail.message import body as bodies
from psa.mail.message.automatic.automatic import Letter, answer_unwanted, read_automatic
from psa.mail.message.cards.contact_cards import read_contact_cards
from psa.mail.message.cards.invitations import read_invitations
from psa.mail.message.charsets import charset
from psa.mail.message.files.attachments import list_attachments
from psa.mail.message.files.tnef import Tnef, is_tnef, read_tnef
from psa.mail.message.fingerprint import content_hash
from psa.mail.message.head.authentication import read_authentication
from psa.mail.message.head.head import Head, Notes
from psa.mail.message.html.css import read_sheets
from psa.mail.message.html.html_text import html_to_text
from psa.mail.message.html.markup import Event, Source, elements, most_tags
from psa.mail.message.html.pictures import Pictures
from psa.mail.message.html.sanitize import SafeHtml, sanitize
from psa.mail.message.model import (
    Attachment,
    AuthenticationVerdict,
    Automatic,
    ContactCard,
    Forwarded,
    Invitation,
    Protection,
    Report,
)
from psa.mail.message.protection.protection import armour_lines, open_wrappings, read_protection
from psa.mail.message.quoting import reply, reply_html
from psa.mail.message.quoting.forwarded import looks_forwarded, read_forwarded
from psa.mail.message.quoting.html_lines import HtmlLines, read_lines
from psa.mail.message.quoting.introductions import MAX_LINES, MAX_LOOKS, Introductions
from psa.mail.message.reports.dsn import read_report
from psa.mail.message.structure.tree import read_tree
from psa.mail.message.structure.wire_form import to_wire_form

_NOTING = (
    "sender",
    "date",
    "text",
    "reply_text",
    "attachments",
    "protection",
    "report",
    "invitations",
    "contact_cards",
)

# What is worked out anew when it becomes known what a message answers.
_BY_FOLDING = frozenset("answered _folded _reply_events reply_html automatic".split())


def parse(raw: bytes, *, trusted_authserv: str | None = None, own_domains: frozenset[str] = frozenset()) -> ParsedEmail:
    """What `raw` says. Never raises: what is broken is named in `defects`.

    `trusted_authserv` is the name under which the receiving server writes Authentication-Results, `own_domains` are
    those of our Message-IDs.
    """
    notes = Notes()
    tree = read_tree(to_wire_form(raw, notes.add), notes.add)
    open_wrappings(tree, notes.add)
    return ParsedEmail(raw, tree, trusted_authserv, own_domains, notes)


@dataclass(frozen=True, eq=False, repr=False)
class ParsedEmail(Head):
    """A message: its headers, its body and its files. Every attribute is worked out on first use and kept.

    What intake needs costs no HTML work for plain mail.
    """

    answered: tuple[str, ...] = ()

    def answering(self, texts: Sequence[str]) -> ParsedEmail:
        """The same message, folded in the knowledge of the texts of the messages that it answers."""
        email = replace(self, answered=tuple(texts))
        email.__dict__.update((name, value) for name, value in self.__dict__.items() if name not in _BY_FOLDING)
        if "_folded" in self.__dict__ and email._folded == self._folded:
            # So it is mostly, and what follows from it stands.
            email.__dict__.update(self.__dict__ | {"answered": email.answered})
        return email

    # -- the body
    @cached_property
    def _body(self) -> bodies.Body:
        return bodies.sort_parts(self.tree, self._note)

    @cached_property
    def html_source(self) -> str | None:
        """The HTML of the body as sent: dangerous. `html` and `render_html` are for people."""
        return self._body.html() or self._wrapped_body.html

    @cached_property
    def _html_events(self) -> Sequence[Event]:
        """The HTML of the body, read once for its text, its lines and what is shown of it."""
        source = self.html_source or ""
        most = most_tags(source)
        if source.count("<") > most:
            self._note(f"The HTML has more than {most} tags; of what stands behind them only the words were read.")
        return elements(source)

    def _read_html(self, markup: str) -> Source:
        return self._html_events if markup == self.html_source else markup

    @cached_property
    def _html_lines(self) -> HtmlLines:
        return read_lines(self._html_events)

    @cached_property
    def text(self) -> str:
        """The whole body as text: all text parts in order, from HTML where there is no text."""
        pieces = []
        for segment in self._body.segments:
            text = (
                segment.text
                if segment.text and segment.text.strip()
                else html_to_text(self._read_html(segment.html))
                if segment.html
                else ""
            )
            if text.strip():
                pieces.append(text.strip("\n"))
        return "\n\n".join(pieces) if pieces else self._wrapped_body.text

    @cached_property
    def _wrapped_body(self) -> Tnef:
        """Outlook sometimes sends the whole message inside winmail.dat."""
        wrapped = next((p for p in self._body.files if is_tnef(p.type, p.file_name)), None)
        return read_tnef(wrapped.data, self._note, wrapped.path) if wrapped and not self._body.says_anything else Tnef()

    @cached_property
    def html(self) -> str | None:
        """Sanitised HTML; images shown as "part:2.1" where the part of that number holds them. None without HTML."""
        return render_html(self, cid_url=lambda part: f"part:{part}")

    @cached_property
    def _introductions(self) -> Introductions:
        return Introductions(self.text.split("\n", MAX_LINES))

    @cached_property
    def _folded(self) -> reply.Folded:
        lines = self.text.split("\n", MAX_LINES)
        armour = armour_lines(lines)
        words = self._introductions
        if armour:
            words = Introductions(["" if n in armour else line for n, line in enumerate(lines)])
        kinds = self._sorted(words, None)
        if len(lines) > MAX_LINES:
            self._note(f"The text has more than {MAX_LINES} lines; quotes were looked for in these only.")
        if words.given_up:
            self._note(f"More than {MAX_LOOKS} lines look like introductions; those behind them were taken for text.")
        folded = reply.gathered(lines, kinds)
        # Where a text stands beside the HTML its words are enough nearly always, and reading HTML is dear.
        source = None if self.is_forward else self.html_source
        if source and reply_html.may_tell_more(source, folded):
            kinds = self._sorted(words, reply_html.marks_for(words.lines, self._html_lines))
        elif not armour:
            return folded
        for n in armour:
            kinds[n] = reply.SIGNATURE
        return reply.gathered(lines, kinds)

    def _sorted(self, words: Introductions, marks: reply.Marks | None) -> list[int]:
        return reply.sort_lines(
            words, is_forward=self.is_forward, is_answer=self.is_answer, answered=self.answered, marks=marks
        )

    @property
    def reply_text(self) -> str:
        return self._folded.reply

    @property
    def folded_text(self) -> str:
        return self._folded.quoted

    @property
    def signature_text(self) -> str:
        return self._folded.signature

    @cached_property
    def _reply_events(self) -> Sequence[Event] | None:
        """The HTML without quotes and signature; what was folded in the text beside it is folded here too. None where
        that is all of it.
        """
        if not self.html_source or self.is_forward:
            return None
        folded = self._folded
        if not folded.quoted and not folded.signature and not reply_html.may_tell_more(self.html_source, folded):
            return None
        answered = (folded.quoted,) if folded.quoted else ()
        return reply_html.without_quotes(self._html_lines, is_answer=self.is_answer, answered=answered)

    @cached_property
    def is_forward(self) -> bool:
        """Was it passed on rather than answered?"""
        return looks_forwarded(self.text, self.subject or "", self._introductions)

    @cached_property
    def is_answer(self) -> bool:
        """Does it say itself that it answers something?"""
        return bool(self.in_reply_to or self.references) or self.base_subject != (self.subject or "").strip()

    @cached_property
    def reply_html(self) -> str | None:
        if self._reply_events is None:
            return self.html
        return render_html(self, cid_url=lambda part: f"part:{part}", quoted=False)

    @cached_property
    def forwarded(self) -> Forwarded | None:
        """The message that was passed on, written into the body or attached; None when this one is an answer."""
        zone = self.date.tzinfo if self.date else None
        found = read_forwarded(self.text, self.subject or "", zone or UTC, self._introductions)
        return found or self._attached_message()

    def _attached_message(self) -> Forwarded | None:
        attached = next((part for part in self._body.files if part.type == "message/rfc822"), None)
        if attached is None or self.report is not None or self.tree.type in ("multipart/report", "multipart/digest"):
            return None
        if self.is_answer and not self.is_forward:
            return None
        inner = parse(attached.data)
        if inner.sender is None:
            return None
        return Forwarded(inner.sender, inner.subject, inner.date, inner.text, inner.to, inner.cc)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(list_attachments(self._body, self.shown_parts, self._note))

    @cached_property
    def _pictures(self) -> Pictures:
        pictures = Pictures(self._body.files)
        for file in self._wrapped_body.files:
            pictures.add(file.part, file.content_id, file.name)
        return pictures

    @cached_property
    def shown_parts(self) -> frozenset[str]:
        """The part numbers of the files that the HTML body shows in their places."""
        return self._pictures.shown_in(self.html_source) if self._body.files else frozenset()

    # -- what kind of mail
    @cached_property
    def automatic(self) -> Automatic | None:
        return read_automatic(
            Letter(
                self.tree,
                self.subject or "",
                self.sender,
                self.reply_to,
                self.message_id,
                self.own_domains,
                body=lambda: self.text,
                text=lambda: "" if self.is_forward else self.reply_text,
                is_report=lambda: self.report is not None,
            )
        )

    @property
    def answer_unwanted(self) -> str | None:
        """The header by which even a person's mail asks not to be answered by a machine."""
        return answer_unwanted(self.tree)

    @cached_property
    def report(self) -> Report | None:
        return read_report(self.tree, self.sender, self.subject or "", lambda: self.text, self._note)

    @cached_property
    def authentication(self) -> AuthenticationVerdict | None:
        return read_authentication(self.tree.headers, self.trusted_authserv)

    @property
    def protected(self) -> str | None:
        """ "signed" or "encrypted", None for open mail."""
        return self.protection.kind if self.protection else None

    @cached_property
    def protection(self) -> Protection | None:
        """How the message is signed or encrypted. No signature is verified."""
        return read_protection(self.tree, [s.text or s.html or "" for s in self._body.segments], self._note)

    # -- what it brings for a calendar or an address book
    @cached_property
    def invitations(self) -> tuple[Invitation, ...]:
        parts = {part.path for part in self._body.files}
        inner = [file for file in self.attachments if file.part not in parts]
        return read_invitations(self._body.files, inner, self._note)

    @cached_property
    def contact_cards(self) -> tuple[ContactCard, ...]:
        return read_contact_cards(self._body.files, self._note)

    # -- the bytes
    @property
    def size(self) -> int:
        return len(self.raw)

    @cached_property
    def raw_sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def content_hash(self) -> str:
        """The same for one mail in two mailboxes, whatever Received and Delivered-To lines and line ends differ."""
        return content_hash(self.tree)

    @property
    def defects(self) -> tuple[str, ...]:
        """What was wrong and what was assumed instead, in sentences."""
        for name in _NOTING:  # they may find more
            getattr(self, name)
        if not self.from_:
            self._note("There is no From header with an address.")
        return tuple(self.notes)

    def __repr__(self) -> str:
        return f"<ParsedEmail {self.message_id} {self.subject!r}>"


def attachment_bytes(raw: bytes, part: str) -> tuple[Attachment, bytes]:
    """The attachment with that part number and its decoded bytes. KeyError when there is none."""
    for attachment in parse(raw).attachments:
        if attachment.part == part:
            return attachment, attachment.data
    raise KeyError(part)


def render_html(
    raw_or_parsed: bytes | ParsedEmail,
    *,
    cid_url: Callable[[str], str],
    remote_images: bool = False,
    quoted: bool = True,
) -> str | None:
    """The sanitised HTML body, None when the message has none. See `show_html`."""
    parsed = parse(raw_or_parsed) if isinstance(raw_or_parsed, bytes) else raw_or_parsed
    shown = show_html(parsed, part_url=cid_url, remote_images=remote_images, quoted=quoted)
    return shown.html if shown else None


def show_html(
    parsed: ParsedEmail, *, part_url: Callable[[str], str], remote_images: bool = False, quoted: bool = True
) -> SafeHtml | None:
    """The sanitised HTML body and what was left out of it, None when the message has none. `part_url` gives the
    address of an embedded image from its part number.

    Remote images are left out unless `remote_images`; with `quoted=False` only what the person wrote now is shown.
    """
    if parsed.html_source is None:
        return None
    events = None if quoted else parsed._reply_events

    def picture(reference: str) -> str | None:
        part = parsed._pictures.part(reference)
        return part_url(part) if part else None

    if events is None:
        return sanitize(parsed._html_events, picture=picture, remote_images=remote_images)
    sheet = read_sheets(parsed._html_events)
    return sanitize(events, picture=picture, remote_images=remote_images, sheet=sheet)


__all__ = ["ParsedEmail", "attachment_bytes", "charset", "parse", "render_html", "show_html"]
