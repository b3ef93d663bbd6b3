"""What every rule asks: where a term stands, what the graph has of it, how to write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.linting.names import Names
from kg.linting.parts import Part, asked_whether, parts
from kg.linting.places import TYPE, Places, shown
from kg.linting.summary import NONE, Iris, Summary, Use
from kg.tracing.algebra import Query
from kg.tracing.patterns import Graph, Pattern, Select, Slot, Union, Values

Triple = tuple[Slot, Slot, Slot]


@dataclass(frozen=True)
class Level:
    """The parts of one group, and the group that it stands in; what holds there holds here too.

    Nothing is lost if one that is not `needed` matches nothing: it is optional, or must not match.
    """

    parts: Sequence[Part]
    outer: Level | None = None
    needed: bool = True

    @property
    def triples(self) -> Iterator[Triple]:
        """The triple patterns of this level."""
        yield from (part.triple for part in self.parts if part.triple is not None)

    @property
    def holding(self) -> Iterator[Triple]:
        """The triple patterns that hold here: those of this level and of the levels around it."""
        yield from self.triples
        if self.outer is not None:
            yield from self.outer.holding

    def rows(self, variable: ox.Variable) -> Iterator[Sequence[object]]:
        """The values that VALUES give a variable here."""
        for part in self.parts:
            if isinstance(part.pattern, Values) and variable in part.pattern.names:
                at = part.pattern.names.index(variable)
                yield [row[at] for row in part.pattern.rows]
        if self.outer is not None:
            yield from self.outer.rows(variable)


@dataclass(frozen=True)
class Context:
    """One query over one graph."""

    text: str
    read: Query
    places: Places
    store: ox.Store
    summary: Summary
    names: Names

    @property
    def select(self) -> Select:
        """The query's patterns."""
        return self.read.select

    def levels(self) -> Iterator[Level]:
        """Every group of the query."""
        yield from levels(self.select.pattern)

    def at(self, triple: Triple, part: int = 1) -> tuple[int, int] | None:
        """Where the subject (0), predicate (1) or object (2) of a triple pattern stands."""
        spot = self.places.of_triple(*triple)[part]
        return spot.span if spot is not None else self.places.find(triple[part])

    def write(self, term: Slot | str) -> str:
        """A term, or an IRI, as the query can write it."""
        return self.places.written(ox.NamedNode(term) if isinstance(term, str) else term)

    def has(self, subject: Slot | None, predicate: Slot | None, value: Slot | None) -> bool:
        """Whether there is such a triple in any graph; variables stand for anything."""
        s, p, o = (None if isinstance(slot, ox.Variable) else slot for slot in (subject, predicate, value))
        if isinstance(s, ox.Literal) or isinstance(p, ox.Literal):
            return False
        return any(True for _ in self.store.quads_for_pattern(s, p, o, None))

    def occurs(self, term: ox.NamedNode) -> bool:
        """Whether an IRI stands anywhere in the graph."""
        anywhere = self.has(term, None, None) or self.has(None, None, term) or self.has(None, term, None)
        return anywhere or self.store.contains_named_graph(term)

    def classes_of(self, term: ox.NamedNode) -> Iris:
        """The classes of a thing, all above them included."""
        quads = self.store.quads_for_pattern(term, TYPE, None, ox.DefaultGraph())
        return self.summary.upwards(quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode))

    def classes(self, slot: Slot, level: Level) -> Iris:
        """The classes that a term has, or that the query says a variable has; none if nothing is known."""
        if isinstance(slot, ox.NamedNode):
            return self.classes_of(slot)
        if not isinstance(slot, ox.Variable):
            return NONE
        said = [o.value for s, p, o in level.holding if s == slot and p == TYPE and isinstance(o, ox.NamedNode)]
        if said:
            return self.summary.upwards(said)
        for rows in level.rows(slot):
            things = [term for term in rows if isinstance(term, ox.NamedNode)]
            if things and len(things) == len(rows):
                return NONE.union(*(self.classes_of(thing) for thing in things))
        return NONE

    def leads_to(self, variable: ox.Variable, level: Level) -> tuple[ox.NamedNode, Use] | None:
        """The property whose value a variable is, and what that property leads to; none if nothing is known."""
        for _, predicate, value in level.holding:
            if value == variable and isinstance(predicate, ox.NamedNode) and predicate != TYPE:
                use = self.summary.values(predicate.value)
                if use.classes or use.datatypes:
                    return predicate, use
        return None

    def listed(self, iris: Iterable[str], between: str = " or ") -> str:
        """IRIs as people read them."""
        return between.join(shown(ox.NamedNode(iri)) for iri in iris)


def levels(pattern: Pattern, outer: Level | None = None, needed: bool = True) -> Iterator[Level]:
    """Every group of a pattern, from the outermost in."""
    level = Level(parts(pattern), outer, needed)
    yield level
    for part in level.parts:
        for inner, must in _inside(part):
            yield from levels(inner, level, needed and must)


def _inside(part: Part) -> Iterator[tuple[Pattern, bool]]:
    """The groups in a part, and whether each must match."""
    if part.expression is not None:
        yield from asked_whether(part.expression)
    if part.kind in ("optional", "without") and part.pattern is not None:
        yield part.pattern, False
        return
    match part.pattern:
        case Union(left, right):
            yield from ((left, True), (right, True))
        case Graph(_, inner) | Select(pattern=inner):
            yield inner, True
