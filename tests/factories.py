"""The cast: a small firm, a few clients, and the people whom the stories are about."""

from __future__ import annotations

from dataclasses import dataclass

from psa import signing
from psa.admin.operations import name_firm
from psa.auth.models import User
from psa.auth.operations import create_user
from psa.clients.models import Client, Contact
from psa.clients.operations import add_client, make_contact
from psa.extensions import db
from psa.mail.models import MailAccount
from psa.projects.models import Project
from psa.rules.models import Rule
from psa.tickets.models import Queue

PASSWORD = "a long winter in the north"


@dataclass(slots=True)
class Cast:
    mara: User
    tom: User
    support: Queue
    billing: Queue
    harbor: Client
    vega: Client
    dana: Contact
    ruben: Contact
    managed_service: Project
    inbound: MailAccount
    outbound: MailAccount
    billing_rule: Rule


def make_cast() -> Cast:
    """Northwind IT: Mara is its admin, Tom an agent; Dana is at Harbor Dental, Ruben at Vega Logistics. Commits."""
    name_firm("Northwind IT")
    mara = create_user("mara@northwind.example", "Mara Lindqvist", PASSWORD, "admin")
    tom = create_user("tom@northwind.example", "Tom Okafor", PASSWORD, "agent")
    support, billing = Queue(name="Support", position=0), Queue(name="Billing", position=1)
    db.session.add_all([support, billing])
    harbor = add_client("Harbor Dental", "harbor-dental.example")
    vega = add_client("Vega Logistics", "vega-logistics.example")
    project = Project(client=harbor, name="Managed service 2026")
    db.session.add(project)
    db.session.flush()
    dana = db.session.get_one(Contact, make_contact("dana@harbor-dental.example", "Dana Whitfield", harbor.id))
    ruben = db.session.get_one(Contact, make_contact("ruben@vega-logistics.example", "Ruben Castellanos", vega.id))
    rule = Rule(
        name="Billing",
        position=1,
        conditions=[{"field": "subject_tag", "value": "Billing"}],
        actions=[{"set": "queue", "id": billing.id}],
    )
    inbound = make_account("inbound", protocol="imap", port=1143, default_queue_id=support.id)
    outbound = make_account("outbound", protocol="smtp", port=2525, is_default=True)
    db.session.add_all([rule, inbound, outbound])
    db.session.commit()
    return Cast(mara, tom, support, billing, harbor, vega, dana, ruben, project, inbound, outbound, rule)


def make_account(direction: str, **values: object) -> MailAccount:
    """support@northwind.example in one direction, on a server that nobody talks to unless a test says so."""
    settings = {
        "direction": direction,
        "address": "support@northwind.example",
        "display_name": "Northwind Support",
        "host": "127.0.0.1",
        "security": "none",
        "username": "support@northwind.example",
        "sealed_password": signing.seal("a long winter"),
    }
    return MailAccount(**(settings | values))
