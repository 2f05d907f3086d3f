"""Rendering what an admin has written, without letting it do anything but show what it is given.

What may stand in a template is a list, not what may not: values by their declared names, if, for, and a few filters.
There is no call, no arithmetic, no assignment, so nothing can be reached, and nothing grows but by going through the
lists that it is given. That is counted, and so are output and time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, pass_context
from jinja2.filters import do_truncate
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from psa.mail.templates.facts import Rich
from psa.mail.templates.fault import TemplateFault
from psa.mail.templates.reading import FILTERS, TESTS, check
from psa.mail.templates.syntax import told

# In characters: what somebody may write, and what may come of it beside the values themselves.
LONGEST_SOURCE = 60_000
LONGEST_OUTPUT = 500_000
MOST_STEPS = 20_000
MOST_SECONDS = 2.0
# What nobody writes into a mail: programs throw it away, and filters take the mail for something bad.
UNSENDABLE = re.compile(r"<\s*/?(script|iframe|object|embed|form|input|button|textarea|select|base)\b", re.IGNORECASE)
HANDLER = re.compile(r"<[^<>]*\s(on[a-z]+)\s*=", re.IGNORECASE)


def render(source: str, kinds: Mapping[str, type], facts: Mapping[str, object], *, html: bool = False) -> str:
    """What comes of ``source``, with the values in ``facts``; their classes are ``kinds``. Raises TemplateFault.

    In HTML the values are escaped, so nothing that a stranger wrote becomes markup.
    """
    template = compiled(source, tuple(sorted(kinds.items())), html)
    budget = Budget(LONGEST_OUTPUT + 4 * weight_of(list(facts.values())))
    try:
        return "".join(budget.spend(template.generate(facts, budget_=budget)))
    except TemplateFault:
        raise
    except Exception as error:
        raise TemplateFault(line_of(error), f"this cannot be shown: {error or type(error).__name__}.") from error


@lru_cache(maxsize=256)
def compiled(source: str, kinds: tuple[tuple[str, type], ...], html: bool) -> Template:
    """The template, once it has been found harmless. Raises TemplateFault."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateFault(0, f"it has {len(source):,} characters. Up to {LONGEST_SOURCE:,} are possible.")
    if html:
        refuse_unsendable(source)
    environment = HTML if html else TEXT
    try:
        tree = check(environment.parse(source), dict(kinds))
        code = environment.compile(tree)
        return Template.from_code(environment, code, {})
    except TemplateSyntaxError as error:
        words, hint = told(str(error.message))
        raise TemplateFault(error.lineno, words, hint=hint) from error
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
        if isinstance(error, TemplateFault):
            raise
        raise TemplateFault(0, "there is too much inside of each other in it.") from error


def refuse_unsendable(source: str) -> None:
    found = UNSENDABLE.search(source)
    if found:
        line = source.count("\n", 0, found.start()) + 1
        raise TemplateFault(line, f"mail programs throw <{found[1].lower()}> away. Write it without.")
    found = HANDLER.search(source)
    if found:
        line = source.count("\n", 0, found.start(1)) + 1
        raise TemplateFault(line, f"mail programs throw {found[1].lower()}= away. Write it without.")


@dataclass(slots=True)
class Budget:
    """What one rendering may still use. Raises TemplateFault when that is nothing."""

    characters: int
    steps: int = MOST_STEPS
    until: float = 0.0

    def spend(self, pieces: Iterable[str]) -> Iterator[str]:
        """Hand the pieces on as long as there are not too many characters."""
        self.until = time.monotonic() + MOST_SECONDS
        for piece in pieces:
            self.characters -= len(piece)
            if self.characters < 0:
                raise TemplateFault(0, "it becomes too long. Go through fewer lists.")
            self.check_time()
            yield piece

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise TemplateFault(0, f"it goes through lists more than {MOST_STEPS:,} times. Put no list into another.")
        self.check_time()

    def check_time(self) -> None:
        if time.monotonic() > self.until:
            raise TemplateFault(0, f"it takes longer than {MOST_SECONDS:.0f} seconds. Make it simpler.")


@pass_context
def counted(context: Context, entries: Iterable[object]) -> Iterator[object]:
    """What every ``for`` goes through, put around its list by ``check``."""
    budget: Budget = context["budget_"]
    for entry in entries:
        budget.step()
        yield entry


def timed(change: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that looks at the clock first: a long text times many filters is a long time."""

    @pass_context
    def change_in_time(context: Context, *values: Any, **named: Any) -> Any:
        budget: Budget = context["budget_"]
        budget.check_time()
        return change(*values, **named)

    return change_in_time


def weight_of(value: object) -> int:
    """How many characters there are to be shown in a value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Rich):
        return len(value.html) + len(value.text)
    if isinstance(value, list | tuple):
        return sum(map(weight_of, value))
    if is_dataclass(value):
        return sum(weight_of(getattr(value, one.name)) for one in fields(value))
    return 0


def line_of(error: BaseException) -> int:
    """The line of the template that an error came from, as Jinja writes it into the traceback; 0 when unknown."""
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def shown(value: object) -> Any:
    """How a value stands in a mail: days in words, nothing for nothing."""
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return "" if value is None else value


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja with nothing in it but what templates may use. Nothing can be called, whatever it is."""

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def make_environment(*, html: bool) -> Sandbox:
    # In text a line with nothing but {% if %} leaves no empty line; in HTML every blank may part two words.
    environment = Sandbox(
        undefined=StrictUndefined,
        autoescape=html,
        finalize=shown,
        trim_blocks=not html,
        lstrip_blocks=not html,
        cache_size=0,
    )
    environment.globals.clear()
    known = environment.filters | {"date": shown, "money": shown, "truncate": partial(do_truncate, environment)}
    environment.filters = {name: timed(known[name]) for name in FILTERS} | {"counted": counted}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


HTML, TEXT = make_environment(html=True), make_environment(html=False)
