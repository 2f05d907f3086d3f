"""An alert is open once, closes when its trouble ends, and a dismissed one rests until the trouble begins anew."""

from __future__ import annotations

import re
from datetime import timedelta

from psa import clock
from psa.alerts import operations
from psa.alerts.models import Alert
from psa.alerts.operations import Trouble
from psa.extensions import db

BROKEN = Trouble("mailbox:7", "support@northwind.example cannot be read", "The server is away.", "/admin/email/inbound")
HTMX = {"HX-Request": "true"}


def raised(trouble: Trouble = BROKEN) -> Alert:
    operations.open_alert(trouble)
    db.session.commit()
    db.session.expire_all()
    return db.session.scalars(db.select(Alert).order_by(Alert.id.desc())).first()


def count() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Alert))


def test_whoever_finds_it_and_however_often_it_is_one_alert(cast):
    assert operations.open_alert(BROKEN) is True
    assert operations.open_alert(BROKEN) is False
    db.session.commit()

    assert count() == 1


def test_its_words_are_brought_up_to_date(cast):
    raised()

    alert = raised(Trouble(BROKEN.key, "Signing in to support@northwind.example is refused", "The password is wrong."))

    assert (count(), alert.title) == (1, "Signing in to support@northwind.example is refused")


def test_it_closes_with_words_and_may_open_again(cast):
    raised()

    assert operations.close_alert(BROKEN.key, "It is read again.") is True
    db.session.commit()
    db.session.expire_all()

    [alert] = operations.closed_alerts(10)
    assert (alert.open_key, alert.closing_words) == (None, "It is read again.")
    assert operations.close_alert(BROKEN.key, "Once more.") is False
    raised()
    assert count() == 2


def test_a_transaction_that_is_rolled_back_raises_nothing(cast):
    operations.open_alert(BROKEN)
    db.session.rollback()

    assert count() == 0


def test_a_dismissed_alert_rests_until_the_trouble_has_ended_once(cast):
    operations.dismiss(raised(), "Mara Lindqvist")
    db.session.commit()

    raised()
    assert operations.open_alerts() == []

    assert operations.close_alert(BROKEN.key, "It is read again.") is False
    db.session.commit()
    raised()
    assert len(operations.open_alerts()) == 1
    assert {alert.closing_words for alert in operations.closed_alerts(10)} == {"Dismissed by Mara Lindqvist"}


def test_after_a_year_it_is_forgotten(cast):
    alert = raised()
    operations.close_alert(BROKEN.key, "It is read again.")
    db.session.commit()

    operations.forget_old(alert.opened_at + timedelta(days=300))
    assert count() == 1
    operations.forget_old(alert.opened_at + timedelta(days=400))
    assert count() == 0


def test_admins_see_it_above_every_page(sign_in):
    raised()

    assert BROKEN.title in sign_in("admin").get("/tickets").text


def test_agents_do_not(sign_in):
    raised()

    assert BROKEN.title not in sign_in("agent").get("/tickets").text


def test_the_line_above_the_pages_is_live(sign_in):
    browser = sign_in("admin")
    asks = re.search(r'id="alerts"[^>]* hx-get="([^"]+)"', browser.get("/tickets").text)[1]

    assert browser.get(asks, headers=HTMX).status_code == 204
    raised()
    raised(Trouble("sending:2", "support@northwind.example cannot send", "Relay denied."))
    shown = browser.get(asks, headers=HTMX).text

    assert "support@northwind.example cannot send" in shown
    assert "and 1 more alert" in shown


def test_the_page_lists_what_is_wrong_and_what_is_over(sign_in):
    raised()
    raised(Trouble("sending:2", "support@northwind.example cannot send", "Relay denied."))
    operations.close_alert("sending:2", "It sends again.")
    db.session.commit()
    browser = sign_in("admin")

    page = browser.get("/admin/alerts").text

    assert BROKEN.title in page
    assert "It sends again." in page
    browser.post(f"/admin/alerts/{operations.open_alerts()[0].id}/dismissal")
    assert "Dismissed by Mara Lindqvist" in browser.get("/admin/alerts").text
    assert operations.open_alerts() == []


def test_without_any_the_page_says_what_that_means(sign_in):
    page = sign_in("admin").get("/admin/alerts").text
    assert "No alerts" in page
    assert "No mailbox is out of reach for more than ten minutes" in page


def test_agents_have_no_business_there(sign_in):
    alert = raised()
    browser = sign_in("agent")

    assert browser.get("/admin/alerts").status_code == 403
    assert browser.post(f"/admin/alerts/{alert.id}/dismissal").status_code == 403
    assert alert.title not in browser.get("/admin/alerts/open").text


def test_words_of_strangers_stay_words(sign_in):
    raised(Trouble("mailbox:7", "<b>bold</b> cannot be read", "<script>alert(1)</script>"))

    page = sign_in("admin").get("/admin/alerts").text

    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page


def test_the_moment_it_began_stays(cast):
    began = raised().opened_at

    assert raised().opened_at == began
    assert began <= clock.now()
