"""What the ontology says of its terms, for the checks that hold single statements against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import combinations

import pyoxigraph as ox

from kg.build.dataset import Assembled
from kg.namespaces import ONTOLOGY_GRAPH, OWL, RDF, RDFS

TYPE = ox.NamedNode(RDF + "type")


class Schema:
    """Superclasses, domains, ranges, kinds of properties and disjoint classes, as the ontology's file has them."""

    def __init__(self, assembled: Assembled) -> None:
        self._said: defaultdict[str, defaultdict[object, list[object]]] = defaultdict(lambda: defaultdict(list))
        for triple in assembled.graphs.get(ONTOLOGY_GRAPH, ()):
            self._said[triple.predicate.value][triple.subject].append(triple.object)

    def kinds(self, term: object) -> frozenset[object]:
        """The classes of a term of the ontology: what kind of property it is."""
        return frozenset(self._said[TYPE.value].get(term, ()))

    def domains(self, term: object) -> frozenset[object]:
        """The classes that have a property; none if it is said of any."""
        return frozenset(self._said[RDFS + "domain"].get(term, ()))

    def ranges(self, term: object) -> frozenset[object]:
        """The classes of a property's values; none if it takes any."""
        return frozenset(self._said[RDFS + "range"].get(term, ()))

    def with_superclasses(self, classes: Iterable[object]) -> frozenset[object]:
        """These classes and all above them."""
        found: set[object] = set()
        left = list(classes)
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left += self._said[RDFS + "subClassOf"].get(one, ())
        return frozenset(found)

    def exclude(self, some: Iterable[object], others: Iterable[object]) -> bool:
        """Whether nothing can be of both: a class of one is disjoint with a class of the other."""
        below, beside = self.with_superclasses(some), self.with_superclasses(others)
        return any(self._disjoint.get(one, frozenset()) & beside for one in below)

    @cached_property
    def _disjoint(self) -> Mapping[object, frozenset[object]]:
        pairs = [(one, other) for one, found in self._said[OWL + "disjointWith"].items() for other in found]
        for lists in self._said[OWL + "members"].values():
            pairs += [pair for head in lists for pair in combinations(self._members(head), 2)]
        found: defaultdict[object, set[object]] = defaultdict(set)
        for one, other in pairs:
            found[one].add(other)
            found[other].add(one)
        return {one: frozenset(others) for one, others in found.items()}

    def _members(self, head: object) -> list[object]:
        members = []
        while head in self._said[RDF + "first"]:
            members += self._said[RDF + "first"][head]
            head = next(iter(self._said[RDF + "rest"].get(head, ())), None)
        return members
