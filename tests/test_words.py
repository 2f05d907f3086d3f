"""Words as people type them, so that both databases find them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.words import fold, pattern, trimmed


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller, 3. Straße", "muller 3 strasse"),
        ("dana@harbor-dental.example", "dana harbor dental example"),
        ("Łódź ÇAĞRI ﬁle", "lodz cagri file"),
        ("請求書 №5", "請求書 no5"),
        ("  \t—_", ""),
    ],
)
def test_examples(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_what_is_a_sign_of_like_is_meant_literally():
    assert pattern(r"50% of a_b\c") == r"%50\% of a\_b\\c%"


def test_the_space_around_what_was_typed_does_not_count():
    assert trimmed("  Harbor \n") == "Harbor"
    assert trimmed(None) == ""
