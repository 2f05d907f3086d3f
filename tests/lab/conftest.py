"""The laboratory as a fixture, one for each fault."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.lab.fault import Fault
from tests.lab.laboratory import Laboratory


@pytest.fixture
def laboratory(fault: Fault, cast, ca, ca_pem, smtp_server, dovecot, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_pem))
    with ExitStack() as stack:
        yield Laboratory(fault.protocol, cast, ca, smtp_server, dovecot, monkeypatch, stack)
