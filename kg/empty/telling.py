"""What is said of a part that leaves nothing, and how values that would fit are ranked and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyoxigraph as ox
from rapidfuzz import fuzz

from kg.empty.asking import MOST_ROWS
from kg.linting.context import Context
from kg.linting.near import NEAR, is_slip, likeness, local_name
from kg.linting.parts import Part, asked_whether, parts
from kg.linting.places import TYPE, shown
from kg.namespaces import BASE, XSD, compact
from kg.tracing.patterns import Closure, Expression, Graph, Pattern, Select, Slot, Term, Union, Values

FEW = 5
"""Values that are told."""
VERY_NEAR = 90
"""Percent of likeness from which it is plain that a value was meant."""
_IRI = re.compile(r"<([^<>\s]+)>")
_STRING = ox.NamedNode(XSD + "string")
_MADE_UP = re.compile(r"__+\d+\b")


def told(part: Part) -> str:
    """A part as people read it: as they wrote it, near enough."""
    if part.triple is not None:
        text = " ".join("a" if slot == TYPE and n == 1 else shown(slot) for n, slot in enumerate(part.triple))
        text = _MADE_UP.sub("", text)
        return f"GRAPH {shown(part.graph)} {{ {text} }}" if part.graph is not None else text
    if part.kind == "without" and part.pattern is not None:
        return f"MINUS {{ {inside(part.pattern)} }}"
    match part.pattern:
        case Closure(subject, path, value) if part.kind == "match":
            return f"{shown(subject)} {readable(path)} {shown(value)}"
        case Union() if part.kind == "match":
            return "the UNION"
        case Select():
            return "the inner SELECT"
        case Graph(name):
            return f"GRAPH {shown(name)} {{ … }}"
        case Values(names):
            return f"VALUES {' '.join(map(str, names))}"
    asked = list(asked_whether(part.expression)) if part.expression is not None and part.kind == "condition" else []
    if len(asked) == 1 and part.expression is not None and part.expression.operator in ("EXISTS", "!"):
        ((pattern, must),) = asked
        return f"FILTER {'' if must else 'NOT '}EXISTS {{ {inside(pattern)} }}"
    return readable(part.text)


def inside(pattern: Pattern) -> str:
    """What a pattern must match, as it is told."""
    found = parts(pattern)
    matched = " . ".join(told(part) for part in found if part.kind == "match")
    return matched if all(part.kind == "match" for part in found) else f"{matched} …"


def solutions(rows: int) -> str:
    """A number of solutions as it is told.

    >>> solutions(1), solutions(20)
    ('1 solution', '20 solutions')
    """
    number = f"more than {MOST_ROWS:,}" if rows >= MOST_ROWS else f"{rows:,}"
    return f"{number} solution{'' if rows == 1 else 's'}"


def readable(text: str) -> str:
    """SPARQL with short names, and no longer than a line.

    >>> readable("FILTER((?a = <https://w3id.org/oxus/id/nile>))")
    'FILTER (?a = id:nile)'
    """
    short = _MADE_UP.sub("", _IRI.sub(lambda found: compact(found[1]), text))
    if found := re.fullmatch(r"FILTER\((.*)\)", short, re.DOTALL):
        inner = found[1].strip()
        short = f"FILTER {inner if inner.startswith('(') else f'({inner})'}"
    short = re.sub(r"\{ *(\{ [^{}]* \}) *\}", r"\1", re.sub(r"\{ +\} *", "", re.sub(r"\s+", " ", short)))
    return short if len(short) <= 160 else short[:159] + "…"


def place_of(context: Context, part: Part) -> tuple[int, int] | None:
    """Where a part stands in the text: its predicate, or the word that it begins with."""
    if part.triple is not None:
        return context.at(part.triple)
    if isinstance(part.pattern, Values):
        return context.places.find(part.pattern.names[0])
    words = {"condition": "FILTER", "without": "MINUS", "optional": "OPTIONAL"}
    word = words.get(part.kind) or {Union: "UNION", Select: "SELECT"}.get(type(part.pattern), "")
    tokens = [token for token in context.places.tokens[context.places.body :] if token.text.upper() == word]
    constants = [] if part.expression is None else [each for each in _leaves(part.expression) if _is_constant(each)]
    places = [place for place in map(context.places.find, constants) if place is not None]
    if places:
        tokens = [token for token in tokens if token.start < places[0][0]][-1:]
    return (tokens[0].start, tokens[0].start + len(word)) if len(tokens) == 1 else None


def ranked(values: Iterable[Term], wanted: Slot) -> list[tuple[float, Slot]]:
    """Values with how near each is to what was wanted, the nearest first."""
    slots = [value for value in values if isinstance(value, ox.NamedNode | ox.Literal)]
    scored: list[tuple[float, Slot]] = [(_nearness(value, wanted), value) for value in slots]
    return sorted(scored, key=_order)


def _order(pair: tuple[float, Slot]) -> tuple[float, bool, float, str]:
    """What is near by its likeness; of what is not, our own words before those of others."""
    score, value = pair
    return -score if score >= NEAR else 0.0, not str(value).startswith(f"<{BASE}"), -score, str(value)


def listed(values: Sequence[tuple[float, Slot]]) -> str:
    """The first few values, as they are told."""
    near = [each for each in values if each[0] >= VERY_NEAR] or values  # beside those the others would distract
    text = ", ".join(shown(value) for _, value in near[:FEW])
    return text if len(near) <= FEW else f"{text} and {len(near) - FEW:,} more"


def fitting(context: Context, wanted: Slot, values: Sequence[tuple[float, Slot]]) -> Slot | None:
    """The value that was plainly meant: one of which the wanted one, which is nowhere in the graph, is a misspelling.

    A number is never a misspelling, nor is what there is: in its place another value answers another question.
    """
    if not values or _is_number(wanted) or context.is_there(wanted):
        return None
    nearest = values[0][1]
    return nearest if is_slip(_text(wanted), _text(nearest)) else None


def _nearness(value: Slot, wanted: Slot) -> float:
    if isinstance(value, ox.NamedNode) and isinstance(wanted, ox.NamedNode):
        return likeness(local_name(value.value), local_name(wanted.value))
    return float(fuzz.ratio(_text(value).casefold(), _text(wanted).casefold()))


def _text(slot: Slot) -> str:
    return local_name(slot.value) if isinstance(slot, ox.NamedNode) else slot.value


def _is_number(slot: Slot) -> bool:
    """Whether a slot is a literal that is no text: a number, a day, a truth value."""
    return isinstance(slot, ox.Literal) and not slot.language and slot.datatype != _STRING


def _is_constant(slot: Slot) -> bool:
    return not isinstance(slot, ox.Variable)


def _leaves(expression: Expression) -> list[Slot]:
    if expression.term is not None:
        return [expression.term]
    return [leaf for operand in expression.operands for leaf in _leaves(operand)]
