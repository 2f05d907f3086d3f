"""What is wrong with a template is told with its line, and with what was perhaps meant."""

from __future__ import annotations

import pytest

from psa.mail.templates import sandbox
from psa.mail.templates.catalogue import CATALOGUE
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.samples import samples_of

OVERDUE = CATALOGUE["invoice_reminder_overdue"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a\nb\n{{ invoice.ballance }}", "line 3: there is no invoice.ballance. Did you mean invoice.balance?"),
        ("{{ first_name }}", "line 1: there is no first_name. Did you mean contact.first_name?"),
        ("{{ ticket.subject }}", "line 1: there is no ticket.subject. The list of variables shows what there is."),
        ("{{ contact }}", "line 1: contact has several values. Write for example contact.name."),
        ("{{ invoice.lines }}", "line 1: invoice.lines is a list. Go through it with {% for %}."),
        ("{{ contact.name|uper }}", "line 1: there is no filter called uper. Did you mean upper?"),
        (
            "{% if contact.name %}",
            "line 1: there is a {% if %} without its end. Write {% endif %} behind what belongs to it.",
        ),
        ("a\n{{ contact.name }", "line 2: there is a “}” without its partner. Write {{ … }} with two on each side."),
        ("{{ contact.name twice }}", "line 1: “twice” is not expected here. Write {{ contact.name }}."),
        ("{{ contact.name | }}", "line 1: a name is missing behind “.” or “|”. Write {{ contact.name|upper }}."),
        ("{{ }}", "line 1: there is nothing in it."),
        ("{% endfor %}", "line 1: there is a {% endfor %} without its beginning."),
        ("{% include 'x' %}", "line 1: only {{ values }}"),
        ("{% greet %}", "line 1: there is no {% greet %}. Only {{ values }}"),
        ("{{ contact.nme | foo }}", "line 1: there is no filter called foo. There are capitalize"),
        ("{{ contact.nme | upper }}", "line 1: there is no contact.nme. Did you mean contact.name?"),
        ("{{ contact.name", "line 1: a {{ or {% is not closed. Write {{ … }} or {% … %}."),
        ("{% for a in contact.name %}{% endfor %}", "only a list can be gone through. Here that is invoice.lines."),
        ("\n{{ contact.name|truncate(2) }}", "line 2: this cannot be shown"),
        ("{% if false %}\n{{ nobody.name }}{% endif %}", "line 2: there is no nobody.name."),
    ],
)
def test_each_fault_says_where_and_what(app, source, told):
    with pytest.raises(TemplateFault) as refused:
        sandbox.render(source, OVERDUE.kinds, samples_of(OVERDUE))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("{{ contact.first_name }}", "Lena"),
        ("{{ invoice.due|date }}: {{ invoice.balance|money }}", "13 November 2026: 412.50 EUR"),
        ("{{ invoice.due }}: {{ invoice.balance }}", "13 November 2026: 412.50 EUR"),
        ("{% for line in invoice.lines %}{{ loop.index }} {{ line.description }}; {% endfor %}",
         "1 Managed workplace, 11 seats; 2 Printer toner, black; "),
        ("{% if invoice.days_overdue > 14 %}long{% elif reminder.count == 1 %}first{% else %}no{% endif %}", "first"),
        ("{{ 'a' if contact.name else 'b' }}{{ 'x' if not contact.name }}", "a"),
        ("{{ contact.name|upper|truncate(3, true, '') }}", "LEN"),
        ("{{ client.name or 'you' }} {{ ''|default('there', true) }}", "Kestrel Foods there"),
        ("{{ invoice.lines|length }}", "2"),
        ("{# nobody reads this #}{% raw %}{{ as it is }}{% endraw %}", "{{ as it is }}"),
    ],
)  # fmt: skip
def test_what_templates_can_say(app, source, made):
    assert sandbox.render(source, OVERDUE.kinds, samples_of(OVERDUE)) == made
