"""Tables for spreadsheets: no text is reckoned, and every number stays one."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from psa.tables import as_csv, guarded, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1234", "-x", "@SUM(A1)", "\tx", "Harbor", "", "'quoted'"])
def test_a_text_that_begins_like_a_formula_is_guarded_and_comes_back(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t"))
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["Dana;=1+1", "a; -b", "note\n=1+1", "a\t@SUM(A1)", ";;+1"])
def test_a_formula_is_guarded_where_only_another_spreadsheet_begins_a_cell_and_comes_back(text: str) -> None:
    assert not any(piece.strip().startswith(("=", "+", "-", "@")) for piece in re.split(r"[;\t\n]", guarded(text)))
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["12 Lane\n\nTown", "a;b", "x = y", "a-b; c"])
def test_a_text_without_a_formula_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


def test_numbers_are_written_plainly_with_their_sign() -> None:
    assert as_csv([["-1", -1, Decimal("-0E-8"), Decimal("-5.00")]]) == "'-1,-1,-0.00000000,-5.00\r\n"
