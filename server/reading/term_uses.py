"""What uses a term: canned queries and rules by the IRIs in their text, shapes by their targets and paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import QueryError, QueryHeaderError
from kg.files.headers import read_header
from kg.linting.places import Places
from kg.namespaces import RDF, SH, compact
from kg.queries.declarations import CannedQuery
from server.languages import current_language
from server.service import Service

RULE_HEADER = ("title", "description", "kind")


def sh(name: str) -> ox.NamedNode:
    """A term of SHACL."""
    return ox.NamedNode(SH + name)


TARGETS = (sh("targetClass"), sh("targetSubjectsOf"), sh("targetObjectsOf"))
USING = (*TARGETS, sh("path"), sh("class"))


@dataclass(frozen=True)
class Rule:
    """A rule of inference, as its header tells it."""

    slug: str
    title: str
    description: str


@dataclass(frozen=True)
class Constraint:
    """What a shape demands: of which terms, and in the shape's own words."""

    targets: tuple[str, ...]
    message: str


def queries_using(service: Service, term: ox.NamedNode) -> list[CannedQuery]:
    """The canned queries in whose text the IRI stands, however it is written there."""
    texts = {query.slug: query.text for query in service.served.queries.values()}
    used = service.kept("terms-of-queries", lambda: {slug: _terms(text) for slug, text in texts.items()})
    found = [query for query in service.queries(current_language()).values() if term in used[query.slug]]
    return sorted(found, key=lambda query: query.title.lower())


def rules_using(service: Service, term: ox.NamedNode) -> list[Rule]:
    """The rules in whose text it stands."""
    rules = service.served.rules
    used = service.kept("terms-of-rules", lambda: {slug: _terms(text) for slug, text in rules.items()})
    return [_rule(slug, rules[slug]) for slug in sorted(rules) if term in used[slug]]


def constraints(service: Service, term: ox.NamedNode) -> list[Constraint]:
    """What shapes demand of instances of a class, or of statements with a property."""
    quads = service.kept("shapes", lambda: _shapes(service.served.shapes))
    found = dict.fromkeys(each for shape in _targeted(quads) for each in _of_shape(quads, shape, term))
    return sorted(found, key=lambda each: (each.targets, each.message))


def _terms(text: str) -> frozenset[object]:
    try:
        return frozenset(spot.term for spot in Places(text).spots)
    except QueryError:
        return frozenset()


def _rule(slug: str, text: str) -> Rule:
    try:
        header = read_header(text, RULE_HEADER, slug)
    except QueryHeaderError:
        return Rule(slug, slug, "")
    return Rule(slug, header["title"], header["description"])


class _Shapes:
    """The triples of a file of shapes, by subject."""

    def __init__(self, text: str) -> None:
        self._said: dict[object, list[tuple[ox.NamedNode, object]]] = {}
        for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
            self._said.setdefault(quad.subject, []).append((quad.predicate, quad.object))

    @property
    def nodes(self) -> list[object]:
        """Everything that is described."""
        return list(self._said)

    def all(self, node: object, *predicates: ox.NamedNode) -> list[object]:
        """The values of some properties."""
        return [value for predicate, value in self._said.get(node, ()) if predicate in predicates]

    def named(self, node: object, seen: frozenset[object] = frozenset()) -> Iterator[ox.NamedNode]:
        """The IRIs in a path or a list."""
        if isinstance(node, ox.NamedNode):
            yield node
        elif node not in seen:
            for _, value in self._said.get(node, ()):
                if value != ox.NamedNode(RDF + "nil"):
                    yield from self.named(value, seen | {node})


def _shapes(text: str) -> _Shapes:
    try:
        return _Shapes(text)
    except SyntaxError:
        return _Shapes("")  # `kg check` tells it; a page can do without


def _targeted(shapes: _Shapes) -> list[object]:
    return [node for node in shapes.nodes if shapes.all(node, *TARGETS)]


def _of_shape(shapes: _Shapes, shape: object, term: ox.NamedNode) -> Iterator[Constraint]:
    """What a shape demands that has to do with a term: all of it, if it is the target."""
    targets = [each for each in shapes.all(shape, *TARGETS) if isinstance(each, ox.NamedNode)]
    told = tuple(compact(each.value) for each in targets)
    for part in (shape, *shapes.all(shape, sh("property"))):
        named = {each for value in shapes.all(part, *USING) for each in shapes.named(value)}
        if term in targets or term in named:
            for message in shapes.all(part, sh("message")):
                if isinstance(message, ox.Literal):
                    yield Constraint(told, message.value)
