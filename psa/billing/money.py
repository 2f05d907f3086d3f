"""Amounts of money and other figures as people write them, in Decimal; rounded half away from zero."""

from __future__ import annotations

import re
from decimal import Decimal

from psa.billing.currencies import CODES, SIGNS, places_of, rounded
from psa.billing.durations import CLOCK

CENT = Decimal("0.01")
# What the columns of amounts and of prices hold, in dong as in euros.
LARGEST, LARGEST_PRICE = Decimal("99999999999.99"), Decimal(9_999_999_999)
MOST = Decimal(999_999)

# 1,234.50 and 1.234,50, 1 234,50 and 1'234.50: groups of three, then at most so many places as are asked for.
GROUPED = r"\d{{1,3}}(?:([.,' \u00a0\u202f\u2019])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d{{1,{places}}})?"
WHOLE = r"\d{1,12}|\d{1,3}(?:([.,' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*"
PLAIN = r"\d{{1,12}}(?:[.,]\d{{1,{places}}})?"
MINUSES = ("-", "\N{MINUS SIGN}", "\N{EN DASH}")
# What is accepted, by the number of places.
ACCEPTED = {
    0: "Write the amount as 120 or 1,200: this currency has no places.",
    2: "Write the amount as 120 or 120.50. 1,234.50 and 1.234,50 are read too.",
    3: "Write the amount as 120 or 120.500, with a point.",
    4: "Write the price as 120, 120.50 or 0.0125. 1,234.50 and 1.234,50 are read too.",
}


class UnreadableAmount(ValueError):
    """An amount that cannot be read; the message is a sentence for the field."""


def read_amount(text: str, currency: str = "", places: int | None = None) -> Decimal:
    """An amount of zero or more, with as many places as ``currency`` has, two without one, or with ``places``.

    Both ``1,234.50`` and ``1.234,50`` are read, since the last mark with two digits behind it ends the whole units;
    three digits behind the only mark could be either and are asked back. ``12 €`` and ``EUR 12`` are read where that
    is the currency. Raises UnreadableAmount.
    """
    places = (places_of(currency) if currency else 2) if places is None else places
    amount = read_figure(without_currency(text.strip(), currency), places)
    if amount is None:
        raise UnreadableAmount(ACCEPTED[places])
    if amount > LARGEST:
        raise UnreadableAmount(f"At most {LARGEST:,}.")
    return amount.quantize(Decimal(1).scaleb(-places))


def read_price(text: str, currency: str) -> Decimal:
    """A price for one, with up to four places, below zero for what is taken off. Raises UnreadableAmount."""
    sign, typed = signed(text)
    price = read_amount(typed, currency, places=4)
    if price > LARGEST_PRICE:
        raise UnreadableAmount(f"At most {LARGEST_PRICE:,}.")
    return sign * price


def read_quantity(text: str) -> Decimal:
    """How many: 3, 1.5, -1, or hours as 0:50, which is kept to six places. Raises UnreadableAmount."""
    sign, typed = signed(text)
    if clock := CLOCK.fullmatch(typed):
        minutes = int(clock[1] or 0) * 60 + int(clock[2])
        return sign * (Decimal(minutes) / 60).quantize(Decimal("0.000001"))
    quantity = read_figure(typed, 4)
    if quantity is None:
        raise UnreadableAmount("Write how many: 3, 1.5, or hours as 0:50.")
    if quantity > MOST:
        raise UnreadableAmount(f"At most {MOST:,}.")
    return sign * quantity


def read_percent(text: str) -> Decimal:
    """From 0 to 100 with two places: 19, 7.5, 8,1 %. Raises UnreadableAmount."""
    percent = read_figure(text.strip().removesuffix("%").strip(), 2)
    if percent is None or percent > 100:
        raise UnreadableAmount("Write the percent as 19 or 7.5, at most 100.")
    return percent.quantize(CENT)


def read_figure(typed: str, places: int) -> Decimal | None:
    """A figure without a sign; None for what is none. Raises UnreadableAmount for one that could mean two things."""
    if places == 0:
        return Decimal(re.sub(r"\D", "", typed)) if re.fullmatch(WHOLE, typed) else None
    # In a currency with three places the point ends the whole units: it is how such amounts are shown.
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", typed) and not (places == 3 and "." in typed):
        raise UnreadableAmount(f"{typed} could mean two things. Write it without a mark, or with two places.")
    if not re.fullmatch(PLAIN.format(places=places), typed) and not unambiguous(typed, places):
        return None
    whole, after = split(typed, places)
    return Decimal(f"{whole or 0}.{after or '0'}")


def unambiguous(typed: str, places: int = 2) -> bool:
    """Whether the marks between groups and the one before the places differ."""
    found = re.fullmatch(GROUPED.format(places=places), typed)
    if found is None:
        return False
    _, after = split(typed, places)
    return not after or typed[-len(after) - 1] != found[1]


def split(typed: str, places: int = 2) -> tuple[str, str]:
    """The whole units without their marks, and the places."""
    found = re.fullmatch(rf"(.*?)(?:[.,](\d{{1,{places}}}))?", typed)
    assert found is not None
    return re.sub(r"\D", "", found[1]), found[2] or ""


def signed(text: str) -> tuple[int, str]:
    typed = text.strip()
    return (-1, typed[1:].strip()) if typed.startswith(MINUSES) else (1, typed)


def without_currency(typed: str, currency: str) -> str:
    """The figure alone. Raises UnreadableAmount for another currency than the one that is asked for."""
    found = re.fullmatch(r"([A-Za-z]{3}|[^\s\w.,'-])?\s*(.*?)\s*([A-Za-z]{3}|[^\s\w.,'])?", typed, re.DOTALL)
    if found is None or (found[1] and found[3]):
        return typed
    mark = (found[1] or found[3] or "").upper()
    meant = SIGNS.get(mark, frozenset({mark} & CODES))
    if not mark or not meant:
        return typed
    if currency and currency not in meant:
        raise UnreadableAmount(f"That is another currency. Here amounts are in {currency}.")
    return found[2]


def worth(minutes: int, rate: Decimal, currency: str) -> Decimal:
    """What so many minutes cost at ``rate`` an hour, as a line of an invoice rounds it."""
    return rounded(rate * minutes / 60, currency)
