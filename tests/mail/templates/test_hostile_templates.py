"""Whatever an admin writes, or somebody who has become one: a template shows values, and can do nothing else."""

from __future__ import annotations

import dataclasses

import pytest
from markupsafe import Markup

from psa.mail.templates import sandbox
from psa.mail.templates.catalogue import CATALOGUE
from psa.mail.templates.facts import Rich
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.samples import samples_of

OVERDUE = CATALOGUE["invoice_reminder_overdue"]


@pytest.fixture
def facts(app):
    return samples_of(OVERDUE)


def refusal(source: str, facts, html: bool = True) -> str:
    with pytest.raises(TemplateFault) as refused:
        sandbox.render(source, OVERDUE.kinds, facts, html=html)
    return str(refused.value)


BOMBS = [
    '{{ "a" * 10**9 }}',
    '{{ "a"*10**9 }}',
    "{{ 9**9**9**9 }}",
    '{{ "%999999999d" % 1 }}',
    '{{ "%999999999d"|format(1) }}',
    '{{ "x"|center(999999999) }}',
    '{{ "x"|indent(999999999) }}',
    '{{ "aaaa"|replace("a", contact.name) }}',
    "{{ contact.name|join(contact.name) }}",
    "{{ 5|round(-999999999) }}",
    "{{ contact.name ~ contact.name }}",
    '{{ "x".ljust(999999999) }}',
    '{{ "{:>999999999}".format(1) }}',
    "{% for i in range(10**9) %}{% endfor %}",
    "{% for i in [1, 2, 3] %}{% endfor %}",
    "{% for c in contact.name %}{% endfor %}",
    "{% set a = 'aa' %}{% set a = a ~ a %}",
    "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    "{% for x in invoice.lines recursive %}{{ loop(invoice.lines) }}{% endfor %}",
    "{% include 'emails/alert/body.html' %}",
    "{% extends 'base.html' %}",
    "{% import 'macros/fields.html' as m %}",
    "{% with a = 1 %}{{ a }}{% endwith %}",
    "{% filter upper %}a{% endfilter %}",
    "{% autoescape false %}{{ contact.name }}{% endautoescape %}",
    "{{ lipsum(n=1000000) }}",
    "{{ cycler('a') }}",
    "{{ namespace() }}",
]

ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ contact.__class__ }}",
    "{{ contact['__class__'] }}",
    "{{ contact|attr('__class__') }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ g }}",
    "{{ url_for('x') }}",
    "{{ loop }}",
    "{{ budget_ }}",
    "{{ budget_.steps }}",
    "{{ invoice.lines[0] }}",
    "{{ invoice.total.amount }}",
    "{{ invoice.table.html }}",
    "{{ contact.name.upper() }}",
    "{{ contact.of('a', 'b') }}",
    "{{ contact.name|safe }}",
    "{{ contact.name|counted }}",
    "{{ contact.name|map('upper') }}",
    "{{ contact.name is sameas(contact.name) }}",
    "{% for line in invoice.lines %}{{ loop.cycle('a') }}{{ loop.__class__ }}{% endfor %}",
]


@pytest.mark.parametrize("source", BOMBS + ESCAPES)
def test_it_is_refused_before_anything_of_it_runs(facts, source):
    for html in (True, False):
        assert refusal(source, facts, html)


def test_it_is_refused_also_where_it_would_never_be_reached(facts):
    assert "a template does not calculate" in refusal('{% if false %}{{ "a" * 10**9 }}{% endif %}', facts)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if contact.name %}" * 3000 + "{% endif %}" * 3000,
        "{{ contact.name" + "|upper" * 5000 + " }}",
        "{{ contact" + ".name" * 5000 + " }}",
        "{{ " + "not " * 5000 + "contact.name }}",
        "{{ " + "9" * 50000 + " }}",
        "{{ contact.name if " * 2000,
    ],
    ids=["brackets", "ifs", "filters", "points", "nots", "digits", "unfinished"],
)
def test_what_stands_too_deep_inside_of_each_other_is_refused(facts, source):
    assert refusal(source, facts)


def test_lists_within_lists_come_to_an_end(facts):
    many = dataclasses.replace(facts["invoice"], lines=facts["invoice"].lines * 200)
    nested = "{% for a in invoice.lines %}" * 4 + "{% endfor %}" * 4
    assert "more than 20,000 times" in refusal(nested, facts | {"invoice": many})


def test_what_becomes_too_long_comes_to_an_end(facts):
    many = dataclasses.replace(facts["invoice"], lines=facts["invoice"].lines * 500)
    source = "{% for a in invoice.lines %}" + "x" * 2000 + "{% endfor %}"
    assert "too long" in refusal(source, facts | {"invoice": many})


def test_a_long_value_is_no_fault_of_the_template(facts):
    long = dataclasses.replace(facts["contact"], name="x" * 3_000_000)
    made = sandbox.render("{{ contact.name }}", OVERDUE.kinds, facts | {"contact": long}, html=True)
    assert len(made) == 3_000_000


def test_what_takes_too_long_comes_to_an_end(facts, monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_SECONDS", -1.0)
    slow = ("{% for a in invoice.lines %}{% endfor %}", "{{ contact.name }}", "{% if contact.name|title %}{% endif %}")
    for source in slow:
        assert "takes longer" in refusal(source, facts)


def test_a_source_that_nobody_writes_by_hand_is_refused(facts):
    assert "Up to 60,000 are possible" in refusal("x" * 60_001, facts)


def test_what_a_stranger_wrote_is_data(facts):
    evil = dataclasses.replace(facts["contact"], name="{{ 7 * 7 }}<script>alert(1)</script>{% raw %}")
    made = sandbox.render("<p>{{ contact.name }}</p>", OVERDUE.kinds, facts | {"contact": evil}, html=True)
    assert made == "<p>{{ 7 * 7 }}&lt;script&gt;alert(1)&lt;/script&gt;{% raw %}</p>"
    as_text = sandbox.render("{{ contact.name }}", OVERDUE.kinds, facts | {"contact": evil})
    assert as_text == "{{ 7 * 7 }}<script>alert(1)</script>{% raw %}"


def test_filters_do_not_take_the_escapes_off(facts):
    evil = dataclasses.replace(facts["contact"], name="<b>&</b>")
    for name in ("upper", "lower", "title", "trim", "capitalize", "default('x')", "e", "truncate(100)"):
        made = sandbox.render(f"{{{{ contact.name|{name} }}}}", OVERDUE.kinds, facts | {"contact": evil}, html=True)
        assert "<" not in made, name
    rich = dataclasses.replace(facts["invoice"], table=Rich(Markup("<b>1</b>"), "<1>"))
    made = sandbox.render("{{ invoice.table|upper }}", OVERDUE.kinds, facts | {"invoice": rich}, html=True)
    assert made == "&lt;1&gt;"


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("<p>a</p>\n<script>x</script>", "<script>"),
        ("<p>a</p>\n<FORM action=x>", "<form>"),
        ("<p>a</p>\n<a href='#' onclick='x'>", "onclick="),
    ],
)
def test_what_mail_programs_throw_away_is_refused_with_its_line(facts, source, word):
    assert refusal(source, facts).startswith("line 2: ")
    assert word in refusal(source, facts)
    assert sandbox.render(source, OVERDUE.kinds, facts) == source
