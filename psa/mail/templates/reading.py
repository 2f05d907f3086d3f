"""What may stand in a template, node by node. Whatever is not named here is refused, with its line and in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from jinja2 import nodes

from psa.mail.templates.facts import entry_of, is_record, kinds_of
from psa.mail.templates.fault import TemplateFault

# Filters that make nothing much longer than it was. Their arguments are values too.
FILTERS = "capitalize count d date default e escape length lower money title trim truncate upper".split()
TESTS = "defined even none odd undefined".split()
DEEPEST = 40

Kinds = Mapping[str, Any]


class Loop:
    """What ``loop`` has inside of a for."""

    index: int
    index0: int
    revindex: int
    first: bool
    last: bool
    length: int


def check(tree: nodes.Template, kinds: Kinds) -> nodes.Template:
    """The tree, each list in it counted when it is gone through. ``kinds`` are the classes of the declared names.

    Raises TemplateFault for everything that may not be there, whether it would be reached or not.
    """
    Reader().read_all(tree.body, dict(kinds), 0)
    return tree


class Reader:
    """Walks down the tree; what is not for readers of templates to write is refused."""

    def read_all(self, found: list[Any], kinds: Kinds, depth: int) -> None:
        for node in found:
            self.read(node, kinds, depth + 1)

    def read(self, node: nodes.Node, kinds: Kinds, depth: int) -> None:
        """A statement."""
        if depth > DEEPEST:
            raise TemplateFault(node.lineno, "there is too much inside of each other here.")
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self.shown(part, kinds, depth)
            case nodes.If():
                self.kind_of(node.test, kinds, depth)
                self.read_all([*node.body, *node.elif_, *node.else_], kinds, depth)
            case nodes.For():
                self.read_for(node, kinds, depth)
            case _:
                raise TemplateFault(node.lineno, refusal_of(node))

    def read_for(self, node: nodes.For, kinds: Kinds, depth: int) -> None:
        if node.recursive or not isinstance(node.target, nodes.Name):
            raise TemplateFault(node.lineno, "write it as {% for line in invoice.lines %} … {% endfor %}.")
        entry = entry_of(self.kind_of(node.iter, kinds, depth))
        if entry is None:
            raise TemplateFault(node.lineno, f"only a list can be gone through. {lists_in(kinds)}")
        inside = {**kinds, node.target.name: entry, "loop": Loop}
        if node.test is not None:
            self.kind_of(node.test, inside, depth)
        self.read_all(node.body, inside, depth)
        self.read_all(node.else_, kinds, depth)
        node.iter = nodes.Filter(node.iter, "counted", [], [], None, None, lineno=node.lineno)

    def shown(self, node: nodes.Node, kinds: Kinds, depth: int) -> None:
        """An expression whose value is shown: a record has several, a list has entries."""
        kind = self.kind_of(node, kinds, depth)
        if is_record(kind) or kind is Loop:
            path = path_of(node)
            hint = f"Write for example {path}.{next(iter(kinds_of(kind)))}." if path else ""
            raise TemplateFault(node.lineno, f"{path or 'this'} has several values.", hint=hint)
        if entry_of(kind) is not None:
            raise TemplateFault(node.lineno, f"{path_of(node)} is a list.", hint="Go through it with {% for %}.")

    def kind_of(self, node: nodes.Node, kinds: Kinds, depth: int) -> Any:
        """The class of an expression's value; None where it does not matter."""
        depth += 1
        if depth > DEEPEST:
            raise TemplateFault(node.lineno, "there is too much inside of each other here.")
        match node:
            case nodes.Const():
                return type(node.value)
            case nodes.Name(ctx="load"):
                if node.name not in kinds:
                    raise unknown(node, node.name, kinds)
                return kinds[node.name]
            case nodes.Getattr():
                return self.member(node, kinds, depth)
            case nodes.Filter() if node.node is not None:
                return self.filtered(node, kinds, depth)
            case nodes.Test():
                if node.name not in TESTS or node.args or node.kwargs:
                    raise TemplateFault(node.lineno, f"“is {node.name}” is not possible here.")
                self.kind_of(node.node, kinds, depth)
            case nodes.Compare():
                self.each(kinds, depth, node.expr, *(operand.expr for operand in node.ops))
            case nodes.And() | nodes.Or():
                self.each(kinds, depth, node.right)
                return self.kind_of(node.left, kinds, depth)
            case nodes.Not() | nodes.Neg():
                self.each(kinds, depth, node.node)
            case nodes.CondExpr():
                node.expr2 = node.expr2 or nodes.Const("")
                self.kind_of(node.test, kinds, depth)
                self.shown(node.expr1, kinds, depth)
                self.shown(node.expr2, kinds, depth)
            case _:
                raise TemplateFault(node.lineno, refusal_of(node))
        return None

    def each(self, kinds: Kinds, depth: int, *found: nodes.Node) -> None:
        for node in found:
            self.kind_of(node, kinds, depth)

    def member(self, node: nodes.Getattr, kinds: Kinds, depth: int) -> Any:
        if isinstance(node.node, nodes.Name) and node.node.name not in kinds:
            raise unknown(node, path_of(node), kinds)
        owner = self.kind_of(node.node, kinds, depth)
        known = kinds_of(owner) if is_record(owner) or owner is Loop else {}
        if node.attr not in known:
            raise unknown(node, path_of(node) or node.attr, kinds)
        return known[node.attr]

    def filtered(self, node: nodes.Filter, kinds: Kinds, depth: int) -> Any:
        assert node.node is not None
        if node.name not in FILTERS:
            near = difflib.get_close_matches(node.name, FILTERS, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FILTERS)}."
            raise TemplateFault(node.lineno, f"there is no filter called {node.name}.", hint=hint)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise TemplateFault(node.lineno, "a filter takes its arguments one by one.")
        for argument in [*node.args, *(keyword.value for keyword in node.kwargs)]:
            self.shown(argument, kinds, depth)
        if node.name in ("length", "count"):
            self.kind_of(node.node, kinds, depth)
        else:
            self.shown(node.node, kinds, depth)
        return None


def path_of(node: nodes.Node) -> str:
    """``contact.name`` as it is written; nothing for other expressions."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        before = path_of(node.node)
        return f"{before}.{node.attr}" if before else ""
    return ""


def unknown(node: nodes.Node, path: str, kinds: Kinds) -> TemplateFault:
    """There is no such value; what may have been meant."""
    paths = paths_in(kinds)
    last = [known for known in paths if known.rpartition(".")[2] == path.rpartition(".")[2]]
    near = last[:1] or difflib.get_close_matches(path, paths, 1, 0.75)
    hint = f"Did you mean {near[0]}?" if near else "The list of variables shows what there is."
    return TemplateFault(node.lineno, f"there is no {path}.", hint=hint)


def paths_in(kinds: Kinds) -> list[str]:
    known = [(name, kinds_of(kind)) for name, kind in kinds.items() if is_record(kind)]
    return [f"{name}.{member}" for name, members in known for member in members]


def lists_in(kinds: Kinds) -> str:
    known = [(name, kinds_of(kind)) for name, kind in kinds.items() if is_record(kind)]
    lists = [f"{name}.{member}" for name, members in known for member, kind in members.items() if entry_of(kind)]
    return f"Here that is {' and '.join(lists)}." if lists else "Here there is none."


def refusal_of(node: nodes.Node) -> str:
    match node:
        case nodes.Call():
            return "nothing can be called in a template. Show values with {{ }}, and change them with filters."
        case nodes.Getitem():
            return "write contact.name for a value, without square brackets."
        case nodes.BinExpr() | nodes.UnaryExpr() | nodes.Concat():
            return "a template does not calculate. Show the values as they are."
        case nodes.List() | nodes.Tuple() | nodes.Dict():
            return "a template makes no lists. Go through those that there are."
    return "only {{ values }}, {% if %} and {% for %} can stand in a template."
