"""Who has a mailbox in the sandbox. It imports nothing, so that the mail server starts at once."""

from __future__ import annotations

DOMAIN = "northwind.example"
SUPPORT_MAILBOX = f"support@{DOMAIN}"
STAFF = (
    ("Mara Lindqvist", "admin"),
    ("Tom Okafor", "agent"),
    ("Priya Nair", "agent"),
    ("Jonas Weber", "agent"),
)
# Client, domain, project, and its people.
CLIENTS = (
    ("Harbor Dental", "harbor-dental.example", "Managed service 2026", ("Dana Whitfield", "dana")),
    ("Vega Logistics", "vega-logistics.example", "Depot network", ("Ruben Castellanos", "ruben")),
    ("Brightwater Hotels", "brightwater-hotels.example", "Managed service 2026", ("Accounts Payable", "ap")),
    ("Kestrel Foods", "kestrel-foods.example", "Warehouse move", ("Aiko Tanaka", "aiko")),
    ("Lumen Law", "lumen-law.example", "Managed service 2026", ("Helen Marsh", "helen")),
)
# Of no client.
STRANGERS_MAILBOX = "p.novak@novaklab.example"
# Somebody else at the same firm, whom their letters copy.
COLLEAGUE, COLLEAGUE_NAME = "kim.adler", "Kim Adler"
# Everybody in the sandbox has this password: it opens nothing outside this machine.
MAILBOX_PASSWORD = "sandbox"


def mailboxes() -> dict[str, str]:
    """Every mailbox of the sandbox with its password."""
    ours = [SUPPORT_MAILBOX, f"billing@{DOMAIN}", *(email_of(name) for name, _ in STAFF)]
    people = [f"{local}@{domain}" for _, domain, _, (_, local) in CLIENTS] + [STRANGERS_MAILBOX]
    theirs = [box for person in people for box in (person, f"{COLLEAGUE}@{person.partition('@')[2]}")]
    return dict.fromkeys([*ours, *theirs], MAILBOX_PASSWORD)


def email_of(name: str) -> str:
    """The address of one of the staff."""
    return f"{name.split()[0].lower()}@{DOMAIN}"
