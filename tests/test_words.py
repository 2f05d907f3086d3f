"""Words without accents, case and punctuation, so that both databases find what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psa.words import fold


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
