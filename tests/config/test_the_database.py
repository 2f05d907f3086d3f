"""How we connect to the database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from psa.extensions import db


def test_an_error_of_the_database_tells_the_statement_but_not_what_went_into_it(app: Flask) -> None:
    with pytest.raises(DatabaseError) as error:
        db.session.execute(text("SELECT :words FROM nowhere"), {"words": "a long winter"})
    assert "nowhere" in str(error.value)
    assert "a long winter" not in str(error.value)
