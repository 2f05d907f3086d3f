"""A name server that knows northwind.example, and its sender."""

from __future__ import annotations

import pytest

from psa.mail.deliverability.finding import Sender
from tests.nameserver import Nameserver


@pytest.fixture
def nameserver():
    """smtp.mailhost.example is on the Internet with a name that leads back to it; the domain publishes nothing yet."""
    with Nameserver() as server:
        server.records["smtp.mailhost.example", "A"] = ["11.22.33.44"]
        server.records["44.33.22.11.in-addr.arpa", "PTR"] = ["smtp.mailhost.example."]
        yield server


@pytest.fixture
def sender():
    return Sender("support@northwind.example", "smtp.mailhost.example")
