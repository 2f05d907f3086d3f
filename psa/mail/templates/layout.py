"""How a mail looks around its words: logo, colour and footer, so that it stands in Gmail, Outlook and the dark.

Outlook draws with the engine of Word: a table holds the width, and styles stand at the elements. Gmail leaves out style
sheets for some accounts: they only add what the dark needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

import structlog
from flask import current_app
from markupsafe import Markup

from psa.admin.logo import Logo, NotALogo, logo_of
from psa.admin.models import Firm
from psa.mail.outbound.compose import Picture

log = structlog.get_logger()

HIGHEST, WIDEST = 48, 240
PAPER, NIGHT = "#ffffff", "#1c1d21"
# WCAG 2.2, 1.4.3
ENOUGH = 4.5
STYLES = {
    "p": "margin:0 0 16px",
    "h1": "margin:0 0 16px;font-size:22px;line-height:1.3",
    "h2": "margin:24px 0 8px;font-size:17px;line-height:1.35",
    "h3": "margin:16px 0 8px;font-size:15px;line-height:1.4",
    "ul": "margin:0 0 16px;padding:0 0 0 24px",
    "ol": "margin:0 0 16px;padding:0 0 0 24px",
    "li": "margin:0 0 4px",
    "blockquote": "margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #c9c9cf",
    "a": "color:{accent};text-decoration:underline",
}
TAG = re.compile(rf"<({'|'.join(STYLES)})((?:\s[^<>]*)?)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """What is the firm's own in its mail."""

    name: str
    colour: str
    footer: str
    logo: Logo | None

    @classmethod
    def of(cls, firm: Firm) -> Look:
        # Before the first run there is a firm that no database has given its defaults.
        logo = kept_logo(firm.logo) if firm.logo_type and firm.logo else None
        return cls(firm.name, firm.colour or "#2f5bd0", firm.footer or "", logo)

    @property
    def logo_id(self) -> str:
        """What the HTML calls the logo by (RFC 2392): the same picture has the same name in every mail."""
        return f"logo.{sha256(self.logo.data).hexdigest()[:16]}@mail" if self.logo is not None else ""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return (Picture(self.logo_id, self.logo.type, self.logo.data),) if self.logo is not None else ()

    @property
    def logo_size(self) -> tuple[int, int]:
        """How large the logo is shown, in pixels: small enough for a phone, never larger than it is."""
        if self.logo is None:
            return 0, 0
        scale = min(1.0, HIGHEST / self.logo.height, WIDEST / self.logo.width)
        return max(1, round(self.logo.width * scale)), max(1, round(self.logo.height * scale))


def kept_logo(data: bytes) -> Logo | None:
    """The stored logo; none when it is not one by today's rules, because no mail may fail for its ornament."""
    try:
        return logo_of(data)
    except NotALogo as reason:
        log.warning("mail leaves without the logo", reason=str(reason))
        return None


def document(body: str, subject: str, look: Look, *, like_a_letter: bool, logo_url: str = "") -> str:
    """A whole HTML document around ``body``. A letter has no logo: it looks as if written in a mail program.

    ``logo_url`` is where a page finds the logo; in a mail it is the picture that travels with it.
    """
    width, height = look.logo_size
    accent = readable(look.colour, PAPER)
    return current_app.jinja_env.get_template("emails/_layout.html").render(
        body=Markup(styled(body, accent)),
        subject=subject,
        look=look,
        logo_url=(logo_url or f"cid:{look.logo_id}") if look.logo is not None and not like_a_letter else "",
        logo_width=width,
        logo_height=height,
        like_a_letter=like_a_letter,
        accent=accent,
        accent_at_night=readable(look.colour, NIGHT),
        paper=PAPER,
        night=NIGHT,
    )


def styled(body: str, accent: str) -> str:
    """``body`` with styles at its elements, except at those that have their own."""

    def style(match: re.Match[str]) -> str:
        tag, attributes = match.groups()
        if re.search(r"\sstyle\s*=", attributes, re.IGNORECASE):
            return match[0]
        return f'<{tag}{attributes} style="{STYLES[tag.lower()].format(accent=accent)}">'

    return TAG.sub(style, body)


def readable(colour: str, ground: str) -> str:
    """The colour, darker or lighter by as much as it takes to be read on ``ground``. Both as #rrggbb."""
    toward = 0 if luminance(ground) > 0.5 else 255
    red, green, blue = rgb(colour)
    for step in range(21):
        share = step / 20
        mixed = [round(part + (toward - part) * share) for part in (red, green, blue)]
        found = f"#{mixed[0]:02x}{mixed[1]:02x}{mixed[2]:02x}"
        if contrast(found, ground) >= ENOUGH:
            return found
    return found


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 to 1."""
    parts = [part / 255 for part in rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
