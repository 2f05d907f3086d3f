"""Admin > Email Settings > Default Templates: what an admin sees, changes and gets back."""

from __future__ import annotations

import re

import pytest
from markupsafe import escape

from psa.extensions import db
from psa.mail.models import ConnectionTest, OutboundEmail
from psa.mail.raw import raw_bytes
from psa.mail.templates import operations
from psa.mail.templates.catalogue import CATALOGUE, Wording
from psa.mail.templates.models import EmailTemplate, EmailTemplateVersion
from tests.mailroom import letter

PAGES = "/admin/email/templates"
OPENED = f"{PAGES}/ticket_opened"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def typed(**parts: str) -> dict[str, str]:
    """What the editor sends."""
    return {"subject": "Thanks", "html": "<p>Thanks, {{ contact.name }}.</p>", "text": "", "revision": "0"} | parts


def stored(name: str = "ticket_opened") -> EmailTemplate | None:
    db.session.expire_all()
    return db.session.scalars(db.select(EmailTemplate).where(EmailTemplate.name == name)).first()


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_template_has_a_page_with_its_default_its_variables_and_a_preview(admin, name):
    page = admin.get(f"{PAGES}/{name}")
    assert page.status_code == 200
    assert "The default: nobody has changed it." in page.text
    assert all(f">{variable.path}<" in page.text for variable in CATALOGUE[name].variables)
    frame = admin.get(f"{PAGES}/{name}/preview?with=sample")
    assert "Northwind IT" in frame.text or name in ("task_assigned", "user_assigned")
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "script" not in frame.headers["Content-Security-Policy"]


def test_the_names_are_those_of_the_guide(admin):
    page = admin.get(PAGES, follow_redirects=True).text
    assert "<h1>Default Templates</h1>" in page
    for name in ("Welcome message", "Invoice reminder, overdue", "Project update", "Ticket opened", "Reply"):
        assert name in page


def test_it_is_for_admins(sign_in):
    agent = sign_in("agent")
    for path in (PAGES, OPENED, f"{OPENED}/preview", f"{OPENED}/history", f"{PAGES}/layout", f"{PAGES}/logo"):
        assert agent.get(path).status_code == 403, path
    for path in (OPENED, f"{OPENED}/previews", f"{OPENED}/test-emails", f"{OPENED}/reset", f"{PAGES}/layout"):
        assert agent.post(path, data=typed()).status_code == 403, path
    assert stored() is None


def test_without_a_token_nothing_is_saved(app, admin):
    app.config["WTF_CSRF_ENABLED"] = True
    assert admin.post(OPENED, data=typed()).status_code == 400
    assert stored() is None


def test_what_is_saved_is_what_clients_get(admin, mailroom, cast):
    cast.inbound.acknowledge = True
    answer = admin.post(OPENED, data=typed(subject="Got it: {{ ticket.subject }}"))
    assert answer.status_code == 303
    assert "Changed" in admin.get(OPENED).text

    mailroom.receive(letter())
    [email] = mailroom.outbox
    assert mailroom.read(email)["Subject"] == "Got it: Projector"
    assert mailroom.text(email) == "Thanks, Dana Whitfield.\n"
    assert email.template == "ticket_opened"


@pytest.mark.parametrize(
    ("part", "source", "told"),
    [
        ("html", "<p>a</p>\n{{ ticket.numbre }}", "HTML, line 2: there is no ticket.numbre."),
        ("subject", "{{ invoice.number }}", "Subject: there is no invoice.number."),
        ("text", "{% for x in y %}", "Text, line 1: there is a {% for %} without its end."),
        ("subject", "", "Subject: a mail needs a subject."),
        ("html", " ", "HTML: there is nothing in it."),
        ("html", '{{ "a" * 10**9 }}', "HTML, line 1: a template does not calculate."),
    ],
)
def test_what_cannot_be_rendered_cannot_be_saved_and_stays_in_the_editor(admin, part, source, told):
    answer = admin.post(OPENED, data=typed(**{part: source}))
    assert answer.status_code == 422
    assert told in answer.text
    assert "It cannot be saved like this." in answer.text
    assert stored() is None
    assert str(escape(source.strip())) in answer.text


def test_the_preview_shows_what_is_typed_with_a_real_ticket(admin, mailroom):
    ticket = mailroom.receive(letter(subject="Projector")).ticket
    draft = typed(subject="On {{ ticket.subject }}") | {"with": f"ticket-{ticket.id}"}
    answer = admin.post(f"{OPENED}/previews", data=draft, headers=HTMX)
    assert answer.status_code == 200
    assert "<b>On Projector</b>" in answer.text
    assert "Dana Whitfield &lt;dana@harbor-dental.example&gt;" in answer.text
    frame = re.search(r'src="(/admin/email/templates/preview\?at=\w+)"', answer.text)
    assert frame
    assert "Thanks, Dana Whitfield." in admin.get(frame[1]).text
    assert stored() is None


def test_a_fault_in_what_is_typed_leaves_the_preview_as_it_is(admin):
    answer = admin.post(f"{OPENED}/previews", data=typed(html="{{ x }}"), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#problems")
    assert 'id="preview"' not in answer.text


def test_without_script_the_preview_is_the_page_with_what_was_typed(admin):
    answer = admin.post(f"{OPENED}/previews", data=typed(subject="Typed {{ ticket.number }}"))
    assert answer.status_code == 200
    assert 'value="Typed {{ ticket.number }}"' in answer.text
    assert "<b>Typed 1042</b>" in answer.text


def test_reset_brings_the_default_back_and_the_history_what_was_before(admin, cast):
    default = CATALOGUE["ticket_opened"].default
    admin.post(OPENED, data=typed(subject="First"))
    admin.post(OPENED, data=typed(subject="Second", revision="1"))
    assert admin.post(f"{OPENED}/reset").status_code == 303
    assert stored() is None

    history = admin.get(f"{OPENED}/history").text
    assert history.count("Mara Lindqvist</h2>") == 3
    assert "<del>First</del><ins>Second</ins>" in history
    earlier = db.session.scalars(db.select(EmailTemplateVersion).where(EmailTemplateVersion.subject == "First")).one()
    assert admin.post(f"{OPENED}/history/{earlier.id}/restoration").status_code == 303
    assert stored().subject == "First"

    first = db.session.scalars(db.select(EmailTemplateVersion).order_by(EmailTemplateVersion.id)).first()
    assert (first.subject, first.html) == (default.subject, default.html)


def test_saving_the_default_is_resetting(admin):
    default = CATALOGUE["ticket_opened"].default
    admin.post(OPENED, data=typed())
    admin.post(OPENED, data=typed(subject=default.subject, html=default.html, text=default.text, revision="1"))
    assert stored() is None


def test_saving_what_is_there_changes_nothing(admin):
    admin.post(OPENED, data=typed())
    admin.post(OPENED, data=typed(revision="1"))
    assert stored().revision == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(EmailTemplateVersion)) == 1


def test_two_admins_do_not_write_over_each_other(admin):
    admin.post(OPENED, data=typed(subject="Mine"))
    answer = admin.post(OPENED, data=typed(subject="Yours"))
    assert answer.status_code == 422
    assert "Somebody else has saved this template since you opened it." in answer.text
    assert stored().subject == "Mine"


def test_a_queue_may_have_its_own_wording(admin, mailroom, cast):
    cast.inbound.acknowledge = True
    admin.post(OPENED, data=typed(subject="Everybody {{ ticket.number }}"))
    answer = admin.post(f"{OPENED}?queue={cast.billing.id}", data=typed(subject="Billing {{ ticket.number }}"))
    assert answer.location.startswith(f"{OPENED}?queue={cast.billing.id}")
    mailroom.receive(letter())
    mailroom.receive(letter(subject="[Billing] Invoice 7"))
    assert [email.subject for email in mailroom.outbox] == ["Everybody 1", "Billing 2"]

    admin.post(f"{OPENED}/reset?queue={cast.billing.id}")
    mailroom.receive(letter(subject="[Billing] Invoice 8"))
    assert mailroom.outbox[-1].subject == "Everybody 3"


def test_a_queue_without_its_own_wording_shows_what_is_sent_anyway(admin, cast):
    admin.post(OPENED, data=typed(subject="Everybody"))
    page = admin.get(f"{OPENED}?queue={cast.billing.id}").text
    assert "Billing has no wording of its own" in page
    assert 'value="Everybody"' in page
    assert admin.get(f"{OPENED}?queue=99").status_code == 404


def test_a_test_leaves_as_it_was_typed_by_the_road_of_all_mail(admin, cast):
    draft = typed(subject="Typed, not saved") | {"to": "somebody@elsewhere.example"}
    answer = admin.post(f"{OPENED}/test-emails", data=draft)
    assert answer.status_code == 303
    assert "/admin/email/tests/" in answer.location
    email = db.session.scalars(db.select(OutboundEmail)).one()
    assert (email.purpose, email.recipients) == ("test", ["somebody@elsewhere.example"])
    assert db.session.scalars(db.select(ConnectionTest)).one().outbound_id == email.id
    raw = raw_bytes(email.raw_id)
    assert b"Subject: Typed, not saved" in raw
    assert b"Auto-Submitted: auto-generated" in raw
    assert b"Thanks, Lena Ford." in raw


@pytest.mark.parametrize(("to", "told"), [("nobody", "is not an email address"), ("", "is not an email address")])
def test_a_test_that_cannot_leave_says_why(admin, to, told):
    answer = admin.post(f"{OPENED}/test-emails", data=typed() | {"to": to}, headers=HTMX)
    assert answer.status_code == 422
    assert told in answer.text
    assert db.session.scalars(db.select(OutboundEmail)).all() == []


def test_a_template_that_does_not_exist_is_not_there(admin):
    for path in (f"{PAGES}/nothing", f"{PAGES}/nothing/preview"):
        assert admin.get(path).status_code == 404
    assert admin.post(f"{OPENED}/history/99/restoration").status_code == 404


def test_two_admins_who_save_at_the_same_moment_do_not_write_over_each_other_either(admin, cast):
    admin.post(OPENED, data=typed(subject="First"))
    read = db.session.scalars(db.select(EmailTemplate)).one()
    with db.engine.begin() as another:
        another.execute(db.update(EmailTemplate).values(subject="Theirs", revision=2))
    template = CATALOGUE["ticket_opened"]
    with pytest.raises(operations.Outdated, match="just saved"):
        operations.save(template, None, Wording("Mine", "<p>a</p>"), cast.mara.id, read.revision)
    db.session.rollback()
    assert stored().subject == "Theirs"
