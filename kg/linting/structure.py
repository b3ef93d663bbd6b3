"""How a query is put together: what nothing ties, what no passage states alone, variables that nothing binds."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
from rapidfuzz import fuzz

from kg.engine.tokens import Token
from kg.linting.context import Context, Level
from kg.linting.near import NEAR
from kg.linting.parts import Part
from kg.linting.remarks import Remark, remark
from kg.tracing.patterns import Pattern, Select, Values, variables


def one_passage_graph(context: Context) -> Iterator[Remark]:
    """Several triple patterns of one GRAPH ?g: no passage need state all of them."""
    for level in context.levels():
        groups: dict[ox.Variable, list[Part]] = {}
        for part in level.parts:
            if isinstance(part.graph, ox.Variable) and part.triple is not None:
                groups.setdefault(part.graph, []).append(part)
        for graph, found in groups.items():
            together = sorted(found, key=lambda part: context.at(part.triple) or (0, 0) if part.triple else (0, 0))
            span = _one_group(context, graph) if len(together) > 1 else None
            if span is None:
                continue
            message = (
                f"{len(together)} facts are asked of one passage, {graph}; often two facts of one row stand in two"
            )
            names = [graph.value, *(f"{graph.value}{number}" for number in range(2, len(together) + 1))]
            apart = [
                f"GRAPH ?{name} {{ {' '.join(context.write(slot) for slot in part.triple or ())} }}"
                for name, part in zip(names, together, strict=True)
            ]
            fix = "give each triple pattern a GRAPH of its own"
            edit = "\n  ".join(apart)
            yield remark(context.text, "one-passage", span, message, fix, edit, "warning")


def cross_products(context: Context) -> Iterator[Remark]:
    """Groups of patterns that share no variable: each row of one comes with every row of the other."""
    for level in context.levels():
        islands = _islands(level)
        if len(islands) < 2:
            continue
        told = [next(name for name in _named(context, level) if name in island) for island in islands]
        at = context.places.find(told[1])
        listed = " and ".join(map(str, told))
        message = f"nothing ties {listed}: every value of one comes with every value of the other"
        fix = _tie(context, level, told[0], told[1]) or "add a pattern with both, or ask two queries"
        yield remark(context.text, "cross-product", at, message, fix, severity="warning")


def unbound_variables(context: Context) -> Iterator[Remark]:
    """Variables that are used and never bound, with the one that was meant."""
    bound, used = _variables(context.places.tokens[context.places.body :])
    for name, token in used.items():
        if name in bound:
            continue
        near = max(bound, key=lambda each: fuzz.ratio(each.casefold(), name.casefold()), default="")
        alike = fuzz.ratio(near.casefold(), name.casefold()) >= NEAR
        message = f"?{name} is never bound"
        if near.casefold() == name.casefold():
            message += ": names of variables tell capitals from small letters"
        fix = f"did you mean ?{near}?" if alike else "bind it in a pattern"
        at = (token.start, token.start + len(token.text))
        yield remark(context.text, "unbound-variable", at, message, fix, f"?{near}" if alike else None)


def no_rows_wanted(context: Context) -> Iterator[Remark]:
    """LIMIT 0."""
    if context.select.limit == 0:
        index = next(n for n, token in enumerate(context.places.tokens) if token.text.upper() == "LIMIT")
        limit, zero = context.places.tokens[index : index + 2]
        at = (limit.start, zero.start + len(zero.text))
        yield remark(context.text, "no-rows", at, "LIMIT 0 leaves no row", "leave it out", "")


def _islands(level: Level) -> list[set[ox.Variable]]:
    """The variables of a level in groups that parts tie together; those that only one value has tie nothing."""
    islands: list[set[ox.Variable]] = []
    for part in level.parts:
        if _is_one_row(part.pattern):
            continue
        names = set(part.variables)
        if not names:
            continue
        touched = [island for island in islands if island & names]
        islands = [island for island in islands if not island & names]
        islands.append(names.union(*touched))
    matched: set[ox.Variable] = set()
    for part in level.parts:
        if part.kind == "match" and not isinstance(part.pattern, Values) and part.pattern is not None:
            matched |= variables(part.pattern)
    outer = set().union(*(each.variables for each in level.outer.parts)) if level.outer else set()
    return [island for island in islands if island & matched and not island & outer]


def _is_one_row(pattern: Pattern | None) -> bool:
    """Whether a pattern has one solution at most, with which nothing is multiplied."""
    match pattern:
        case Values(_, rows):
            return len(rows) < 2
        case Select(keys=keys, limit=limit):
            return keys == () or limit == 1
    return False


def _named(context: Context, level: Level) -> list[ox.Variable]:
    """The variables of a level, those first that the query shows, and none that reading made up unless it must."""
    names = {name for part in level.parts for name in part.variables}
    shown_first = [name for name in context.select.columns if name in names]
    return [*shown_first, *sorted(names - set(shown_first), key=lambda name: ("__" in name.value, name.value))]


def _tie(context: Context, level: Level, one: ox.Variable, other: ox.Variable) -> str:
    """A property that ties two variables whose classes the query says, as a pattern."""
    summary = context.summary
    first, second = ((name, context.own(name, level)) for name in (one, other))
    found = [
        (-use.count, predicate, subject, value)
        for subject, value in ((first, second), (second, first))
        for name in sorted(subject[1] & set(summary.uses))
        for predicate, use in summary.uses[name].items()
        if summary.upwards(use.classes) & value[1]
    ]
    for _, predicate, subject, value in sorted(found, key=lambda each: each[:2]):
        if context.leads([(predicate, False)], subject, value):
            return f"such as {subject[0]} {context.write(predicate)} {value[0]}"
    return ""


def _one_group(context: Context, graph: ox.Variable) -> tuple[int, int] | None:
    """Where the only GRAPH with this variable stands, from its word to its closing brace."""
    tokens = context.places.tokens
    starts = [
        n
        for n, token in enumerate(tokens[:-2])
        if token.text.upper() == "GRAPH" and tokens[n + 1].text[1:] == graph.value and tokens[n + 2].text == "{"
    ]
    if len(starts) != 1:
        return None
    depth = 0
    for token in tokens[starts[0] + 2 :]:
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0:
            return tokens[starts[0]].start, token.start + 1
    return None


def _variables(tokens: list[Token]) -> tuple[set[str], dict[str, Token]]:
    """The variables that a pattern, VALUES or AS binds, and those that something else uses, each where it is first."""
    bound: set[str] = set()
    used: dict[str, Token] = {}
    binds: list[bool] = []
    at_values = False
    for number, token in enumerate(tokens):
        before = tokens[number - 1].text.upper() if number else ""
        if token.text in ("(", "{", "[", "<<", "<<(", "{|"):
            binds.append(token.text == "(" and before == "BIND" or any(binds[-1:]))
        elif token.text in (")", "}", "]", ">>", ")>>", "|}"):
            binds = binds[:-1]
        at_values = before == "VALUES" or (at_values and token.text not in ("{", "}") and before != ")")
        if token.kind != "variable":
            continue
        name = token.text[1:]
        if before == "AS" or at_values or (token.depth > 0 and not token.expression):
            bound.add(name)
        elif not any(binds):
            used.setdefault(name, token)
    return bound, used
