"""Links: where they really lead, and whether their words say something else."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

MAX_TEXT = 2_000
MAX_ADDRESS = 20_000  # no server takes a longer one

# What browsers drop from an address before they read it (URL standard, 4.4), and what only hides in one.
_DROPPED = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u2060-\u2064\u3000\ufeff]+")
_AT_THE_END = (
    "".join(map(chr, range(0x21)))
    + "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_ORDINARY = re.compile(r"(?:https?://[^/\\\s]|(?:mailto|tel):)", re.I)
_SLASHES = re.compile(r"^(https?|ftp):[/\\]+", re.I)
_ALLOWED = re.compile(r"(?:https?|ftp):[/\\]|(?:mailto|tel|sms|callto|sip|xmpp):", re.I)
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_AUTHORITY = re.compile(r"(?:https?|ftp):[/\\]*([^/\\?#]*)", re.I)
_NAMED_HOST = re.compile(
    r"(?:https?|ftp)\s?:\s?[/\\]{1,3}\s?([^\s/\\?#<>\"']{1,300})|\b(www\.[^\s/\\?#<>\"']{1,250})", re.I
)
_EMAIL = re.compile(r"[^\s@<>()\"',;:]{1,64}@([\w.-]{1,250}\.\w{2,24})")
_BARE_HOST = re.compile(r"((?:[\w-]{1,63}\.){1,8}(\w{2,24}))(?::\d{1,5})?(?:[/?#]\S*)?", re.I)
# A word with a dot is taken for a host only under these: "readme.md" and "node.js" name no host.
_TOP = frozenset(
    """com net org edu gov mil int info biz io app dev online shop site store cloud tech xyz eu de at ch fr it es pt
    nl be lu dk se no fi pl cz sk hu ro bg gr tr ru ua by uk ie us ca mx br ar cl jp cn tw hk kr in id sg my th vn ph au
    nz za il ae sa example test""".split()
)
# Security gateways and portals that wrap every link: host suffix, and the parameter that holds the real one.
_WRAPPERS = (
    (".safelinks.protection.outlook.com", "url"),
    ("urldefense.proofpoint.com", "u"),
    ("linkprotect.cudasvc.com", "a"),
    ("clicktime.symantec.com", "u"),
    ("scanmail.trustwave.com", "u"),
    (".trendmicro.com", "url"),
    (".fireeye.com", "u"),
    ("www.google.com", "q"),
    ("www.google.com", "url"),
    ("l.facebook.com", "u"),
    ("slack-redir.net", "url"),
    (".mimecast.com", "domain"),
    (".protection.sophos.com", "d"),
)
# "https://urldefense.com/v3/__https://x.example/a__;!!…"
_DEFENDED = re.compile(r"(?<!_)__++(?=https?:/)", re.I)
_DEFENDED_END = re.compile(r"(?<!_)__++(?:;|\.|\Z)")
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
# Letters that nobody can tell from plain Latin ones: of other scripts, and odd ones of the Latin script itself.
_LOOK_LATIN = frozenset("асԁеһіјӏоԛѕԝхүуробкαορτυνικεհոսցզօք")
_ODD_LATIN = frozenset("ɑɡıȷɩʋ")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a misleading link is marked with: where it really leads, and a sentence why."""

    target: str
    reason: str


def usable(href: str) -> str | None:
    """The address of a link as it may be shown and followed; None for scripts, data, files and what leads nowhere."""
    if len(href) > MAX_ADDRESS:
        return None
    if _ORDINARY.match(href) and href.isprintable():
        return href
    href = href.strip(_AT_THE_END)
    scheme = _DROPPED.sub("", href[:60])
    if scheme.startswith(("//", "\\\\")):
        href = "https:" + _DROPPED.sub("", href).replace("\\", "/")
    elif scheme.lower().startswith("www."):
        href = "http://" + href
    elif not _ALLOWED.match(scheme):
        return None
    elif not _ALLOWED.match(href) or any(c in href for c in "\t\n\r"):
        href = _DROPPED.sub("", href)
    href = "".join(c for c in href if c.isprintable() or c == " ")
    return _SLASHES.sub(r"\1://", href) or None


def misleading(href: str, text: str) -> Mark | None:
    """Does a link name another target than it leads to, or one that is made to be mistaken? `href` is a usable one."""
    shown = _named_host(text)
    if href[:7].lower() == "mailto:":
        address = mail_address(href)
        named = _EMAIL.search(text)
        if named and address and not _belong_together(named[1], address.rpartition("@")[2]):
            return Mark(address, f"The link shows {named[0]} but writes to {address}.")
        return None
    host = host_of(destination(href))
    if not host:
        return None
    ascii_host = as_ascii(host)
    authority = unquote(_authority(href) or "")
    signed_in_as = authority.rpartition("@")[0]
    if signed_in_as and (_host_in(signed_in_as) or authority.lower() not in text.lower()):
        return Mark(ascii_host, f"What stands before the @ is a name to sign in with: the link leads to {ascii_host}.")
    if looks_like_another(host):
        return Mark(ascii_host, f"The host is written in letters that look like others: it is {ascii_host}.")
    if shown and not _belong_together(shown, host):
        return Mark(ascii_host, f"The link shows {as_ascii(shown)} but leads to {ascii_host}.")
    return None


def target_beside(href: str, text: str) -> str | None:
    """What a reader of plain text must be told beside the words of a link; None when they say it already."""
    text = text[:MAX_TEXT]
    link = usable(href)
    if link is None or not text.strip():
        return None
    words = " ".join(text.split()).lower()
    if link[:7].lower() == "mailto:":
        address = mail_address(link)
        return address if address and address.lower() not in words else None
    if link[:4].lower() == "tel:":
        digits = re.sub(r"\D", "", link)
        return link[4:] if digits and digits[-6:] not in re.sub(r"\D", "", words) else None
    target = destination(link)
    return None if _bare(target.lower()) == _bare(words) else target


def mail_address(href: str) -> str:
    """The first address of a mailto link."""
    return unquote(href[7:].partition("?")[0]).split(",")[0].strip(" <>")


def destination(href: str) -> str:
    """The address behind those wrappers that say it: gateways that check links, portals that count them."""
    for _ in range(3):
        inner = _unwrapped(href)
        if inner is None:
            return href
        href = inner
    return href


def _unwrapped(href: str) -> str | None:
    host = host_of(href)
    if host in ("urldefense.com", "urldefense.us") or host.endswith(".avanan.click") or host == "avanan.click":
        begin = _DEFENDED.search(href)
        end = _DEFENDED_END.search(href, begin.end()) if begin else None
        return re.sub(r"^(https?:)/+", r"\1//", href[begin.end() : end.start()]) if begin and end else None
    if host == "secure-web.cisco.com":
        inner_path = unquote(href.rpartition("/")[2])
        return inner_path if _ALLOWED.match(inner_path) else None
    for suffix, name in _WRAPPERS:
        if host != suffix and not (suffix[0] == "." and host.endswith(suffix)):
            continue
        value = _parameter(href, name)
        if not value:
            continue
        if suffix == "urldefense.proofpoint.com" and "/v2/" in href:
            value = unquote(value.replace("-", "%").replace("_", "/"))
        if name in ("domain", "d"):
            value = f"https://{value}/"
        elif name == "u" and not _ALLOWED.match(value):
            value = _from_base64(value)
        if _ALLOWED.match(value):
            return value
    return None


def _parameter(href: str, name: str) -> str:
    match = re.search(rf"[?&]{name}=([^&#]{{1,4000}})", href)
    return unquote(match[1]) if match else ""


def _from_base64(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def host_of(url: str) -> str:
    """The host as browsers take it from an address, in lower case: behind the last @, before any port; "" for none."""
    authority = _authority(url)
    if authority is None:
        return ""
    host = authority.rpartition("@")[2]
    host = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
    return unquote(host).strip(". ").lower()


def _authority(url: str) -> str | None:
    match = _AUTHORITY.match(url)
    return match[1] if match else None


def as_ascii(host: str) -> str:
    """The name as the DNS knows it (xn--…), which no look-alike letter gets into."""
    return host if host.isascii() else _encoded(host)


@lru_cache(maxsize=1_000)
def _encoded(host: str) -> str:
    labels = []
    for label in host.split("."):
        if label.isascii():
            labels.append(label)
            continue
        try:
            labels.append(label.encode("idna").decode("ascii"))
        except UnicodeError:
            labels.append("xn--" + label.encode("punycode", "replace").decode("ascii"))
    return ".".join(labels)


def as_unicode(host: str) -> str:
    labels = []
    for label in host.split("."):
        if label.startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError, OverflowError):
                pass
        labels.append(label)
    return ".".join(labels)


@lru_cache(maxsize=1_000)
def looks_like_another(host: str) -> bool:
    """Is part of a host written so that it is read as something else: scripts mixed, or letters that all look Latin?"""
    if host.isascii() and "xn--" not in host:
        return False
    labels = as_unicode(host).split(".")
    for label in labels:
        letters = [c for c in label if c.isalpha()]
        if label.isascii() or not letters:
            continue
        scripts = {_script(c) for c in letters}
        if len(scripts & _ALIKE) > 1 or any(c in _ODD_LATIN for c in letters):
            return True
        if "LATIN" not in scripts and labels[-1].isascii() and all(c in _LOOK_LATIN for c in letters):
            return True
    return False


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _named_host(text: str) -> str:
    """The host that the words of a link name, "" for none."""
    text = _readable(text)
    named = _NAMED_HOST.search(text)
    if named:
        host = (named[1] or named[2]).rpartition("@")[2]
    elif email := _EMAIL.fullmatch(text):
        host = email[1]
    else:
        host = _host_in(text)
    host = host.partition(":")[0].strip(".,;!?)]}>\"'…").lower()
    return host if "." in host else ""


def _host_in(word: str) -> str:
    """The host that a word without a scheme names; "" for "readme.md" and all that is no host."""
    bare = _BARE_HOST.fullmatch(word)
    return bare[1] if bare and (bare[2].lower() in _TOP or bare[2].startswith("xn--")) else ""


def _readable(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[:MAX_TEXT])
    text = re.sub(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text)
    return " ".join(text.split()).strip("<>[](){}\"'“”‘’«»→›.,;: ")


def _belong_together(one: str, other: str) -> bool:
    """Is one host the other, or below it?"""
    a, b = (as_ascii(host.lower().strip(".")).removeprefix("www.") for host in (one, other))
    return a == b or a.endswith("." + b) or b.endswith("." + a)


def _bare(url: str) -> str:
    url = re.sub(r"^[a-z]+:/{0,2}", "", url.strip("<>[]() .,"))
    return url.removeprefix("www.").rstrip("/.,")
