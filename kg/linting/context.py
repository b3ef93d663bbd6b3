"""What every rule asks: where a term stands, what the graph has of it, how to write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from kg.linting.names import Names
from kg.linting.parts import Part, asked_whether, parts
from kg.linting.places import TYPE, Places, shown
from kg.linting.summary import NONE, Iris, Summary, Use
from kg.tracing.algebra import Query
from kg.tracing.patterns import Graph, Pattern, Select, Slot, Union, Values

Triple = tuple[Slot, Slot, Slot]
End = tuple[Slot | None, Iris]
"""Where a path begins or ends: at a term, and of which classes one there may be; of any if none are named."""
Step = tuple[str, bool]
"""A property, and whether it is followed backwards."""
NOWHERE: End = (None, NONE)
MOST_QUADS = 2000
"""Triples of one term that are looked at."""


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
    viewed: bool = False
    """Whether the graph is a view, which has not all that there is."""

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

    def is_there(self, term: Slot) -> bool:
        """Whether an IRI stands anywhere in the graph, or a literal is the value of anything."""
        return self.occurs(term) if isinstance(term, ox.NamedNode) else self.has(None, None, term)

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

    def own(self, slot: Slot, level: Level) -> Iris:
        """The classes that decide what a term can have: of a thing all that it is of, of a variable those said."""
        classes = frozenset(each for each in self.classes(slot, level) if each in self.summary.uses)
        if isinstance(slot, ox.NamedNode):
            return classes
        said = [o.value for s, p, o in level.holding if s == slot and p == TYPE and isinstance(o, ox.NamedNode)]
        return frozenset(said[:1]) or classes

    def leads(self, steps: Sequence[Step], start: End, end: End) -> bool:
        """Whether properties lead from such a subject, one after another, to such a value."""
        (predicate, backwards), rest = steps[0], steps[1:]
        first, last = start[0], NOWHERE if rest else end
        one, other = (last[0], first) if backwards else (first, last[0])
        s, o = (each if isinstance(each, ox.NamedNode) else None for each in (one, other))
        for quad in islice(self.store.quads_for_pattern(s, ox.NamedNode(predicate), o, ox.DefaultGraph()), MOST_QUADS):
            here, there = (quad.object, quad.subject) if backwards else (quad.subject, quad.object)
            if not self._fits(here, start[1]) or not self._fits(there, last[1]):
                continue
            if not rest or (isinstance(there, ox.NamedNode) and self.leads(rest, (there, NONE), end)):
                return True
        return False

    def _fits(self, term: object, classes: Iris) -> bool:
        return not classes or (isinstance(term, ox.NamedNode) and not classes.isdisjoint(self.classes_of(term)))

    def listed(self, iris: Sequence[str], between: str = " or ", most: int | None = None) -> str:
        """IRIs as people read them; of more than `most` how many more there are."""
        told = between.join(shown(ox.NamedNode(iri)) for iri in iris[:most])
        left = 0 if most is None else len(iris) - most
        return f"{told} and {left} more" if left > 0 else told


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
