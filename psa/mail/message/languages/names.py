"""Languages by their codes (ISO 639-1), as people call them."""

from __future__ import annotations

NAMES = {
    "ar": "Arabic",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "hy": "Armenian",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
# Norwegian is written in two ways with codes of their own; old codes are still in use.
SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "bs": "hr", "sh": "hr"}
BY_NAME = {name.lower(): code for code, name in NAMES.items()}


def code_of(text: str) -> str | None:
    """The code of a language that is named, or tagged as in RFC 5646 ("de-AT"); None for one that is not known here."""
    wanted = text.strip().lower()
    if wanted in BY_NAME:
        return BY_NAME[wanted]
    code = wanted.replace("_", "-").partition("-")[0]
    code = SAME.get(code, code)
    return code if code in NAMES else None
