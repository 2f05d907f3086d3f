"""Every form that edits what is stored carries what it was shown with, so that nobody's change is undone unseen."""

from __future__ import annotations

import html
import re

import pytest

from psa.billing.invoices.models import Invoice, RecurringInvoice
from psa.billing.models import TimeEntry
from psa.clock import today
from psa.extensions import db
from psa.mail.watch.models import ExpectedMail
from psa.projects.models import Project, Task
from psa.rules.models import Rule

# What is edited, and the page that has the form.
EDITED = {
    "/admin/alerts/expected/<int:mail_id>": "/admin/alerts/expected/{expected}",
    "/admin/email/accounts/<int:account_id>": "/admin/email/accounts/{account}",
    "/admin/email/limits": "/admin/email/limits",
    "/admin/email/notifications": "/admin/email/notifications",
    "/admin/email/providers/<code>": "/admin/email/providers/other",
    "/admin/email/rules/<int:rule_id>": "/admin/email/rules/{rule}",
    "/admin/email/templates/<name>": "/admin/email/templates/ticket_opened",
    "/admin/email/templates/layout": "/admin/email/templates/layout",
    "/admin/invoices": "/admin/invoices",
    "/admin/queues/<int:queue_id>": "/admin/queues",
    "/clients/<int:client_id>": "/clients/{client}/edit",
    "/clients/<int:client_id>/notes": "/clients/{client}",
    "/clients/<int:client_id>/setup/company": "/clients/{client}/setup/company",
    "/clients/<int:client_id>/setup/queue": "/clients/{client}/setup/queue",
    "/clients/contacts/<int:contact_id>": "/clients/contacts/{contact}",
    "/clients/contacts/<int:contact_id>/topics": "/clients/contacts/{contact}",
    "/invoices/<int:invoice_id>/edit": "/invoices/{invoice}/edit",
    "/invoices/<int:invoice_id>/mails": "/invoices/{invoice}/mails/new",
    "/invoices/recurring/<int:recurring_id>": "/invoices/recurring/{recurring}",
    "/projects/<int:project_id>": "/projects/{project}/edit",
    "/projects/<int:project_id>/tasks/<int:task_id>": "/projects/{project}/tasks/{task}",
    "/time/<int:entry_id>": "/time/{entry}",
}
# What has a form of its own and still undoes nobody's words.
MAKES_SOMETHING_NEW = {
    *("/admin/alerts/expected", "/admin/email/inbound/new", "/admin/email/outbound/new", "/admin/email/rules"),
    *("/admin/email/rules/import", "/admin/queues", "/admin/reminders", "/clients", "/clients/setup", "/first-run"),
    *("/clients/<int:client_id>/contacts", "/clients/<int:client_id>/projects", "/invoices", "/invoices/recurring/new"),
    *("/clients/<int:client_id>/setup/contacts", "/clients/<int:client_id>/setup/domains", "/mail/blocked"),
    *("/clients/<int:client_id>/setup/project", "/clients/<int:client_id>/setup/welcome", "/projects", "/time"),
    *("/projects/<int:project_id>/updates", "/projects/<int:project_id>/updates/preview", "/tickets/new"),
    *("/comments/<int:comment_id>/split", "/invoices/<int:invoice_id>/time"),
}
ONE_THING_AT_A_TIME = {
    # A price, a client, a line that is ticked: what is pressed is all that is said, and stands on the page since.
    *("/admin/rates", "/clients/contacts/<int:contact_id>/client", "/unsubscribe/<token>"),
    "/projects/<int:project_id>/tasks/<int:task_id>/checklist/<int:item_id>",
    "/admin/email/accounts/<int:account_id>/return-address",
    # The word goes, or the two become one: both can be looked at before, and the latter undone.
    *("/clients/<int:client_id>/merging", "/clients/contacts/<int:contact_id>/merging"),
    *("/projects/<int:project_id>/removal", "/projects/<int:project_id>/tasks/<int:task_id>/removal"),
    "/admin/email/accounts/<int:account_id>/removal",
    # One's own.
    *("/account/notifications", "/account/password", "/sign-in"),
}


def test_a_new_edit_form_is_named_here_with_its_page(app):
    rules = list(app.url_map.iter_rules())
    shown = {rule.rule for rule in rules if "GET" in rule.methods}
    posted = {rule.rule for rule in rules if "POST" in rule.methods}
    forms = {rule for rule in posted if rule in shown or rule.endswith((">", "/edit"))}
    assert forms - EDITED.keys() - MAKES_SOMETHING_NEW - ONE_THING_AT_A_TIME == set()
    assert (EDITED.keys() | MAKES_SOMETHING_NEW | ONE_THING_AT_A_TIME) - posted == set()


@pytest.fixture
def pages(cast):
    """Something of everything that is edited, by the names that the pages have it under."""
    client = cast.harbor
    project = Project(client=client, name="Move")
    task = Task(project=project, title="Cables")
    invoice = Invoice(client=client, currency="EUR", payment_days=14)
    recurring = RecurringInvoice(client=client, name="Care", rhythm="month", every=1, starts_on=today())
    entry = TimeEntry(user=cast.mara, client=client, day=today(), minutes=15, words="Call")
    expected = ExpectedMail(name="Backup", sender="backup@vendor.example", due_by="08:00")
    rule = Rule(
        name="Two", conditions=[{"field": "subject_tag", "value": "Two"}], actions=[{"set": "tag", "value": "two"}]
    )
    db.session.add_all([project, task, invoice, recurring, entry, expected, rule])
    db.session.commit()
    rows = {"client": client, "contact": cast.dana, "account": cast.inbound, "project": project, "task": task}
    rows |= {"invoice": invoice, "recurring": recurring, "entry": entry, "expected": expected, "rule": rule}
    return {name: row.id for name, row in rows.items()}


def test_each_edit_form_carries_what_it_was_shown_with(sign_in, pages):
    admin = sign_in("admin")
    unmarked = []
    for rule, path in EDITED.items():
        page = admin.get(path.format(**pages)).text
        target = re.sub(r"<[^>]*>", '[^/"]+', rule)
        forms = re.findall(rf'<form[^>]*action="{target}["?].*?</form>', page, re.DOTALL)
        marked = [one for one in forms if re.search(r'name="(revision|shown|seen)"[^>]*value="[^"]+"', one)]
        if not marked:
            unmarked.append((rule, len(forms)))
    assert unmarked == []


EXPECTED = {"name": "Backup", "sender": "backup@vendor.example", "due_by": "08:00", "account_id": "0", "active": "y"}
PROVIDER = {
    "authorize_url": "https://login.example.com/authorize",
    "token_url": "https://login.example.com/token",
    "scope": "mail",
    "client_id": "psa",
    "secret": "first",
}
LIMITS = {
    f"{key}-{part}": value
    for key, most, minutes in (
        ("words", "5", "60"),
        ("address", "10", "60"),
        ("address_long", "30", "1440"),
        ("domain", "50", "60"),
        ("strangers", "20", "60"),
        ("notices", "60", "60"),
        ("forwards", "60", "60"),
    )
    for part, value in (("most", most), ("minutes", minutes))
}
# The form as it is opened, what the first changes in it, what the second does, and what the second is told.
STORIES = {
    "/admin/alerts/expected/{expected}": (
        EXPECTED | {"weekdays": ["0", "1"]},
        {"due_by": "09:00", "weekdays": ["0"]},
        {"name": "Night backup"},
        ("Here by is now “09:00”.", "Days is now “Monday”."),
    ),
    "/admin/email/limits": (
        LIMITS,
        {"address-most": "7"},
        {"domain-most": "40"},
        ("To one contact is now “7 within an hour”.", "To one domain is now “50 within an hour”."),
    ),
    "/admin/email/providers/other": (
        PROVIDER,
        {"scope": "mail offline_access", "secret": ""},
        {"secret": "second"},
        ("Scope is now “mail offline_access”.", "Client secret is now “another one”."),
    ),
    "/admin/email/rules/{rule}": (
        {"name": "Two", "of": "all", "field": "subject_tag", "value": "Two", "group": "0", "tag": "two"},
        {"name": "Deux"},
        {"value": "Three"},
        ("Name is now “Deux”.",),
    ),
}


@pytest.mark.parametrize("path", STORIES)
def test_of_two_who_save_the_second_is_told_and_undoes_nothing_unseen(sign_in, pages, path):
    admin, (opened, first, second, told) = sign_in("admin"), STORIES[path]
    path = path.format(**pages)

    def shown(page: str) -> str:
        return re.search(r'name="shown"[^>]*value="([^"]*)"', page)[1]

    admin.post(path, data=opened)
    opened = opened | {"shown": shown(admin.get(path).text)}
    assert admin.post(path, data=opened | first).status_code == 303
    late = admin.post(path, data=opened | second)
    assert late.status_code == 422
    said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", late.text)).split())
    assert all(sentence in said for sentence in told) and "Nothing of yours is saved yet." in said
    # Having read it, they may write over it.
    assert admin.post(path, data=opened | second | {"shown": shown(late.text)}).status_code == 303
