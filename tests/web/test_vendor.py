"""What others made and we copied is what it was when we copied it, and all that the pages ask for is there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import psa

PSA = Path(psa.__file__).parent
VENDOR = PSA / "static" / "vendor"


def test_no_vendored_file_was_changed_added_or_lost() -> None:
    manifest = {path: digest for digest, path in map(str.split, (VENDOR / "SHA256SUMS").read_text().splitlines())}
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert found == manifest


def test_the_lock_file_names_no_registry() -> None:
    lock = (PSA.parent / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="i-([\w-]+)"', (PSA / "static" / "icons.svg").read_text()))
    named = {
        name
        for template in (PSA / "templates").rglob("*.html")
        for name in re.findall(r'icon\("([\w-]+)"', template.read_text())
    }
    assert named and named <= sprite


def test_every_file_that_a_style_sheet_asks_for_is_there() -> None:
    for sheet in (PSA / "static" / "css").glob("*.css"):
        for wanted in re.findall(r'url\("(?!data:)([^"]+)"', sheet.read_text()):
            assert (sheet.parent / wanted).is_file(), f"{sheet.name}: {wanted}"
