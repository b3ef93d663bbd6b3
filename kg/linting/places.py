"""Where the terms of a query stand in its text: its tokens, read as terms. What they mean together is not read here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.engine.prefixes import read_prologue
from kg.engine.tokens import Token, tokenise
from kg.namespaces import RDF, compact
from kg.tracing.patterns import Slot

TYPE = ox.NamedNode(RDF + "type")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Spot:
    """One term of the text, from `begin` to `end`."""

    term: Slot
    begin: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """Begin and end."""
        return self.begin, self.end


class Places:
    """The terms of one query's text, in order, and its prefixes.

    >>> places = Places("PREFIX ex: <urn:e:> ASK { ?s a ex:River }")
    >>> places.find(ox.NamedNode("urn:e:River"))
    (31, 39)
    >>> places.written(ox.NamedNode("urn:e:Lake"))
    'ex:Lake'
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenise(text)
        _, self.body = read_prologue(self.tokens)
        self.prefixes: dict[str, Spot] = dict(_prefixes(self.tokens[: self.body]))
        """The prefixes that it declares: what each stands for, and where that is written."""
        self.spots = tuple(self._spots())
        self._first = {spot.term: spot.span for spot in reversed(self.spots)}

    def find(self, term: Slot) -> tuple[int, int] | None:
        """Where a term stands first."""
        return self._first.get(term)

    def things(self) -> Iterator[Spot]:
        """The IRIs that stand for things: not functions that are called, nor graphs that are named, nor a template."""
        last = self.body
        begin, end = self._template
        for spot in self.spots:
            if begin <= spot.begin < end:
                continue
            while last + 1 < len(self.tokens) and self.tokens[last].start < spot.begin:
                last += 1
            before, behind = self.tokens[last - 1 : last] if last else [], self.tokens[last + 1 : last + 2]
            is_called = bool(behind) and behind[0].text == "(" and behind[0].expression
            is_graph = bool(before) and before[0].text.upper() in ("GRAPH", "FROM", "NAMED", "SERVICE", "SILENT")
            if isinstance(spot.term, ox.NamedNode) and not is_called and not is_graph:
                yield spot

    def in_expression(self, spot: Spot) -> bool:
        """Whether a term stands in an expression, where nothing is lost if it is nowhere."""
        return next(token.expression for token in self.tokens if token.start == spot.begin)

    @cached_property
    def _template(self) -> tuple[int, int]:
        """Where the template of a CONSTRUCT begins and ends; what it has is made up by whoever asks."""
        first, behind = self.tokens[self.body : self.body + 1], self.tokens[self.body + 1 :]
        if not first or first[0].text.upper() != "CONSTRUCT" or not behind or behind[0].text != "{":
            return 0, 0
        return first[0].start, next(token.start for token in behind if token.text == "}")

    def of_triple(self, subject: Slot, predicate: Slot, value: Slot) -> tuple[Spot | None, Spot | None, Spot | None]:
        """Where the terms of a triple pattern stand: the predicate, with such terms before and behind it."""
        for number, spot in enumerate(self.spots):
            if spot.term != predicate:
                continue
            behind = next((each for each in self.spots[number + 1 :] if each.term == value), None)
            before = (
                next((each for each in self.spots[number - 1 :: -1] if each.term == subject), None) if number else None
            )
            if self._known(value) is (behind is not None) and self._known(subject) is (before is not None):
                return before, spot, behind
        return None, next((spot for spot in self.spots if spot.term == predicate), None), None

    def written(self, term: Slot) -> str:
        """A term as it can be written in this query: with its prefixes where they fit."""
        if not isinstance(term, ox.NamedNode):
            return str(term) if not isinstance(term, ox.Literal) else self._literal(term)
        bases = {spot.term.value: name for name, spot in self.prefixes.items() if isinstance(spot.term, ox.NamedNode)}
        for base in sorted((each for each in bases if term.value.startswith(each)), key=len, reverse=True):
            if _PLAIN.fullmatch(term.value[len(base) :]):
                return f"{bases[base]}:{term.value[len(base) :]}"
        return str(term)

    def _literal(self, term: ox.Literal) -> str:
        plain = str(ox.Literal(term.value))
        if term.language:
            return f"{plain}@{term.language}"
        if str(term) == plain:
            return plain
        return f"{plain}^^{self.written(term.datatype)}"

    def _known(self, slot: Slot) -> bool:
        """Whether a slot can be looked for in the text; names that reading made up cannot."""
        return not (isinstance(slot, ox.Variable) and "__" in slot.value) and self.find(slot) is not None

    def _spots(self) -> Iterator[Spot]:
        index = self.body
        while index < len(self.tokens):
            term, used = self._term(index)
            if term is not None:
                last = self.tokens[index + used - 1]
                yield Spot(term, self.tokens[index].start, last.start + len(last.text))
            index += used

    def _term(self, index: int) -> tuple[Slot | None, int]:
        """The term that begins with a token, and of how many tokens it is."""
        token = self.tokens[index]
        if token.kind == "variable":
            return ox.Variable(token.text[1:]), 1
        if token.kind in ("iri", "name"):
            return self._iri(token), 1
        if token.kind == "number" or token.text in ("true", "false"):
            return _parsed(token.text), 1
        if token.kind == "word" and token.text == "a":
            return TYPE, 1
        if token.kind == "string":
            return self._string(index)
        return None, 1

    def _string(self, index: int) -> tuple[Slot | None, int]:
        token, rest = self.tokens[index], self.tokens[index + 1 : index + 3]
        if rest and rest[0].kind == "language":
            return _parsed(token.text + rest[0].text), 2
        if len(rest) == 2 and rest[0].text == "^^":
            datatype = self._iri(rest[1])
            return (_parsed(f"{token.text}^^{datatype}") if datatype is not None else None), 3
        return _parsed(token.text), 1

    def _iri(self, token: Token) -> ox.NamedNode | None:
        if token.kind == "iri":
            return _named(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        spot = self.prefixes.get(prefix)
        if spot is None or not isinstance(spot.term, ox.NamedNode):
            return None
        return _named(spot.term.value + _ESCAPE.sub(r"\1", local))


def shown(term: Slot) -> str:
    """A term as people read it: IRIs with our prefixes, literals with those of their datatypes."""
    if isinstance(term, ox.NamedNode):
        return compact(term.value)
    if not isinstance(term, ox.Literal):
        return str(term)
    text = term.value if len(term.value) <= 80 else term.value[:79] + "…"
    quoted = str(ox.Literal(text))
    if term.language:
        return f"{quoted}@{term.language}"
    return quoted if str(term) == str(ox.Literal(term.value)) else f"{quoted}^^{compact(term.datatype.value)}"


def _prefixes(prologue: list[Token]) -> Iterator[tuple[str, Spot]]:
    for index, token in enumerate(prologue):
        if token.kind == "word" and token.text.upper() == "PREFIX" and index + 2 < len(prologue):
            iri = prologue[index + 2]
            if (term := _named(iri.text[1:-1])) is not None:
                yield prologue[index + 1].text.removesuffix(":"), Spot(term, iri.start, iri.start + len(iri.text))


def _named(iri: str) -> ox.NamedNode | None:
    """The IRI, or none if it is relative, or has escapes."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _parsed(text: str) -> Slot | None:
    """A literal as the engine reads it."""
    try:
        term = next(iter(ox.parse(f"<urn:a> <urn:b> {text} .", format=ox.RdfFormat.TURTLE))).object
    except (SyntaxError, StopIteration):
        return None
    return term if isinstance(term, ox.Literal) else None
