"""VoID statistics of a graph: its size, and how its triples part by class, property and kind of object.

The shapes are those of SIB's void-generator, which editors ask for. A class of another vocabulary that only a rule
gives to things is counted, but not parted further: it would say of each thing again what its own class says.

Spec: https://www.w3.org/TR/void/, http://ldf.fi/void-ext#
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from urllib.parse import quote

import pyoxigraph as ox

from kg.namespaces import BASE, RDF, VOID, VOID_DESCRIPTION, compact

VOID_EXT = "http://ldf.fi/void-ext#"
_TYPE = ox.NamedNode(RDF + "type")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def statistics(dataset: ox.NamedNode, triples: Set[ox.Triple], stated: Set[ox.Triple]) -> Iterator[ox.Triple]:
    """What VoID says of a dataset with these triples; `stated` are those that no rule inferred.

    The object of a property is told by its stated classes alone: the others follow from them.
    """
    types, stated_types = _types(triples), _types(stated)
    subjects = {triple.subject for triple in triples}
    predicates = Counter(triple.predicate for triple in triples)
    members = Counter(each for classes in types.values() for each in classes)
    counts = {
        "triples": len(triples),
        "entities": sum(isinstance(each, ox.NamedNode) and each.value.startswith(BASE) for each in subjects),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({triple.object for triple in triples}),
        "properties": len(predicates),
        "classes": len(members),
    }
    for name, number in counts.items():
        yield ox.Triple(dataset, void(name), ox.Literal(number))
    for predicate, number in predicates.items():
        yield from _partition(dataset, "property", predicate, node(predicate), triples=number)
    told = {each for each in members if each.value.startswith(BASE)}.union(*stated_types.values())
    for each, number in members.items():
        yield from _partition(dataset, "class", each, node(each), entities=number)
    yield from _properties_of_classes(triples, types, stated_types, told)


def _properties_of_classes(
    triples: Iterable[ox.Triple],
    types: dict[Term, set[ox.NamedNode]],
    stated_types: dict[Term, set[ox.NamedNode]],
    told: Set[ox.NamedNode],
) -> Iterator[ox.Triple]:
    """How each class uses its properties, and on what."""
    used: Counter[tuple[ox.NamedNode, ox.NamedNode]] = Counter()
    objects: set[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]] = set()
    datatypes: set[tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode]] = set()
    for triple in triples:
        value = triple.object
        for each in types.get(triple.subject, set()) & told:
            used[each, triple.predicate] += 1
            if isinstance(value, ox.Literal):
                datatypes.add((each, triple.predicate, value.datatype))
            for kind in stated_types.get(value, ()):
                objects.add((each, triple.predicate, kind))
    for (each, predicate), number in used.items():
        yield from _partition(node(each), "property", predicate, node(each, predicate), triples=number)
    for each, predicate, kind in objects:
        yield from _partition(node(each, predicate), "class", kind, node(each, predicate, kind))
    for each, predicate, datatype in datatypes:
        part = node(each, predicate, datatype)
        yield ox.Triple(node(each, predicate), ox.NamedNode(VOID_EXT + "datatypePartition"), part)
        yield ox.Triple(part, ox.NamedNode(VOID_EXT + "datatype"), datatype)


def _partition(
    whole: ox.NamedNode, kind: str, term: ox.NamedNode, part: ox.NamedNode, **counts: int
) -> Iterator[ox.Triple]:
    yield ox.Triple(whole, void(f"{kind}Partition"), part)
    yield ox.Triple(part, void(kind), term)
    for name, number in counts.items():
        yield ox.Triple(part, void(name), ox.Literal(number))


def _types(triples: Iterable[ox.Triple]) -> dict[Term, set[ox.NamedNode]]:
    found: defaultdict[Term, set[ox.NamedNode]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
            found[triple.subject].add(triple.object)
    return dict(found)


def node(*terms: ox.NamedNode | str) -> ox.NamedNode:
    """The IRI of a part of the description, named after what it is a part by.

    >>> node(_TYPE, "x").value
    'https://w3id.org/oxus/.well-known/void#rdf:type/x'
    """
    names = [term if isinstance(term, str) else compact(term.value) for term in terms]
    return ox.NamedNode(f"{VOID_DESCRIPTION}#{'/'.join(quote(name.strip('<>'), safe=':') for name in names)}")


def void(name: str) -> ox.NamedNode:
    """VoID's term of this name."""
    return ox.NamedNode(VOID + name)
