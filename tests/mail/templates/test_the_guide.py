"""The guide names every template and every variable, as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from psa.mail.templates.guide import templates_table, variables_table
from psa.mail.templates.reading import FILTERS

GUIDE = (Path(__file__).parents[3] / "docs" / "email-configuration.md").read_text()


@pytest.mark.parametrize("table", [templates_table, variables_table])
def test_its_tables_are_those_of_the_catalogue(table):
    assert table() in GUIDE, "run: .venv/bin/python -m psa.mail.templates.guide"


def test_it_names_the_filters():
    for name in set(FILTERS) - {"d", "e", "escape", "count"}:
        assert f"`{name}" in GUIDE
