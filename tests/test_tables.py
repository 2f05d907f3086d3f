"""Tables for spreadsheets: no text is reckoned, and every number stays one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from psa.tables import as_csv, guarded, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1234", "-x", "@SUM(A1)", "\tx", "Harbor", "", "'quoted'"])
def test_a_text_that_begins_like_a_formula_is_guarded_and_comes_back(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t"))
    assert unguarded(guarded(text)) == text


def test_numbers_are_written_plainly_with_their_sign() -> None:
    assert as_csv([["-1", -1, Decimal("-0E-8"), Decimal("-5.00")]]) == "'-1,-1,-0.00000000,-5.00\r\n"
