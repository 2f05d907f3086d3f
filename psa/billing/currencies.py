"""The currencies that an invoice can be in: ISO 4217 codes, how many places each has, and how amounts are shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

# ISO 4217, List One: what is in use; two places unless it is named below.
CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
    """.split()
)
PLACES = dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0)
PLACES |= dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)

# Signs that people type, and the currencies that each may stand for.
SIGNS = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "FKP", "GIP", "SHP"}),
    "$": frozenset("USD AUD CAD NZD HKD SGD MXN BBD BMD BND BSD BZD GYD JMD KYD LRD NAD SBD SRD TTD TWD XCD".split()),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₺": frozenset({"TRY"}),
    "₴": frozenset({"UAH"}),
    "₪": frozenset({"ILS"}),
    "₩": frozenset({"KRW"}),
    "₽": frozenset({"RUB"}),
}

# Offered first: the others are typed.
COMMON = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY")


class UnknownCurrency(ValueError):
    """A code that no currency has; the message is a sentence for the field."""


def read_currency(text: str) -> str:
    """A code of ISO 4217 in capitals. Raises UnknownCurrency."""
    code = text.strip().upper()
    if code not in CODES:
        raise UnknownCurrency("Write the three letters of a currency, EUR or USD for example.")
    return code


def places_of(currency: str) -> int:
    """How many places its amounts have: 2 for EUR, none for JPY, 3 for KWD."""
    return PLACES.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half away from zero, to the currency's smallest unit."""
    return amount.quantize(Decimal(1).scaleb(-places_of(currency)), ROUND_HALF_UP)


def money(amount: Decimal, currency: str) -> str:
    """1,234.50 EUR; −12 JPY."""
    return f"{figure(amount, currency)} {currency}"


def figure(amount: Decimal, currency: str) -> str:
    """The amount without its currency, for a column: 1,234.50, with a real minus sign below zero."""
    shown = f"{abs(rounded(amount, currency)):,.{places_of(currency)}f}"
    return f"\N{MINUS SIGN}{shown}" if rounded(amount, currency) < 0 else shown
