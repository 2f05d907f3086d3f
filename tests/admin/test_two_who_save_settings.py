"""Two administrators have the same settings open: the second to save is told of the first, and undoes nothing."""

from __future__ import annotations

import html
import re

import pytest

from psa.admin.models import Firm
from psa.extensions import db

FIRM = {
    "/admin/invoices": (
        {"currency": "EUR", "payment_days": "14", "invoice_pattern": "{year}-{number:04}", "tax_id": ""},
        {"tax_id": "DE 12"},
        {"payment_days": "30"},
        "Tax number is now “DE 12”.",
    ),
    "/admin/email/templates/layout": (
        {"firm_name": "Northwind IT", "colour": "#2f5bd0", "footer": ""},
        {"footer": "Quay 1"},
        {"colour": "#112233"},
        "Footer is now “Quay 1”.",
    ),
}


def shown_on(page: str) -> str:
    return re.search(r'name="shown"[^>]*value="([^"]*)"', page)[1]


def entered(path: str, page: str) -> dict[str, str]:
    return FIRM[path][0] | {"shown": shown_on(page)}


@pytest.mark.parametrize("path", FIRM)
def test_of_two_who_set_up_the_firm_the_second_is_told(sign_in, cast, path):
    admin, (_, first, second, told) = sign_in("admin"), FIRM[path]
    opened = entered(path, admin.get(path).text)
    assert admin.post(path, data=opened | first).status_code == 303
    late = admin.post(path, data=opened | second)
    assert late.status_code == 422
    assert told in html.unescape(late.text) and "Nothing of yours is saved yet." in late.text
    assert next(iter(second.values())) in late.text
    firm = db.session.get_one(Firm, 1, populate_existing=True)
    assert (firm.payment_days, firm.colour) == (14, "#2f5bd0") and (firm.tax_id, firm.footer) != ("", "")
    assert admin.post(path, data=opened | second | {"shown": shown_on(late.text)}).status_code == 303


@pytest.mark.parametrize("path", FIRM)
def test_who_saves_what_is_so_already_is_not_stopped(sign_in, cast, path):
    admin = sign_in("admin")
    opened = entered(path, admin.get(path).text) | FIRM[path][1]
    assert [admin.post(path, data=opened).status_code for _ in range(2)] == [303, 303]


def test_of_two_who_set_up_a_queue_the_second_is_told(sign_in, cast):
    admin, queue = sign_in("admin"), cast.billing
    page = admin.get("/admin/queues").text
    marks = re.findall(r'id="shown-(\d+)"[^>]*value="([^"]*)"', page)
    opened = {"name": "Billing", "cc_people": queue.cc_people, "shown": dict(marks)[str(queue.id)]}
    path = f"/admin/queues/{queue.id}"
    assert admin.post(path, data=opened | {"cc_people": "none"}).status_code == 303
    late = admin.post(path, data=opened | {"name": "Money"})
    assert late.status_code == 422
    assert "Name is now “Billing”." in html.unescape(late.text) and "Watchers from Cc is now" in late.text
    db.session.expire_all()
    assert (queue.name, queue.cc_people) == ("Billing", "none")
    seen = dict(re.findall(r'id="shown-(\d+)"[^>]*value="([^"]*)"', late.text))[str(queue.id)]
    assert admin.post(path, data=opened | {"name": "Money", "shown": seen}).status_code == 303
    db.session.expire_all()
    assert queue.name == "Money"
