"""What the stories about projects share."""

from __future__ import annotations

import pytest

from psa.extensions import db
from psa.projects.models import Project
from psa.projects.operations import add_project


@pytest.fixture
def move(cast) -> Project:
    """A second project of Harbor Dental, whose mail goes to the first one."""
    project = add_project(cast.harbor, "Harbor move")
    db.session.commit()
    return project
