"""A small dataset as we hold it and as another store does, for tests that ask both the same.

The other store is our own engine with every graph under the name of a version, beside graphs of other versions and of
other people: what comes back must be what a store with the dataset alone answers.
"""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from kg.backend.naming import HELD_AS, Holding
from kg.backend.rewriting import for_store
from kg.namespaces import ACCEPTED

BASE = "http://127.0.0.1:8000/sparql"
VERSION = Holding("1.0+abc")
GRAPHS = {
    "urn:a": "<urn:1> <urn:p> <urn:2> . <urn:2> <urn:p> <urn:3> . <urn:1> <urn:q> 'one'@en . <urn:1> a <urn:4> .",
    "urn:b": "<urn:2> <urn:q> 2 . <urn:1> <urn:p> <urn:2> . <urn:a> <urn:q> <urn:b> . <urn:a> a <urn:Graph> .",
    "urn:rejected": "<urn:1> <urn:p> <urn:9> . <urn:9> <urn:q> 'a \\\" b' .",
}
OTHERS = {"urn:a;version=0.9": "<urn:1> <urn:p> <urn:old> .", "urn:someone": "<urn:1> <urn:p> <urn:theirs> ."}


def triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def stores() -> tuple[ox.Store, ox.Store, ox.Store]:
    """The dataset as we hold it, as another store holds a version of it, and by its own names."""
    here, there, plain = ox.Store(), ox.Store(), ox.Store()
    graphs = {name: triples(text) for name, text in GRAPHS.items()}
    accepted = list(dict.fromkeys(triple for name in ("urn:a", "urn:b") for triple in graphs[name]))
    here.extend(ox.Quad(*triple) for triple in accepted)
    assert VERSION.index is not None
    for name, stated in (graphs | {ACCEPTED.value: accepted}).items():
        held = ox.NamedNode(VERSION.name_of(name))
        for store, graph in ((here, ox.NamedNode(name)), (plain, ox.NamedNode(name)), (there, held)):
            store.extend(ox.Quad(*triple, graph) for triple in stated)
        there.add(ox.Quad(ox.NamedNode(name), ox.NamedNode(HELD_AS), held, ox.NamedNode(VERSION.index)))
    for name, text in OTHERS.items():
        there.extend(ox.Quad(*triple, ox.NamedNode(name)) for triple in triples(text))
    there.add(ox.Quad(*triples("<urn:1> <urn:p> <urn:default> .")[0]))
    return here, there, plain


HERE, THERE, PLAIN = stores()


def answered(store: ox.Store, query: str, **dataset: object) -> object:
    """What a store answers, so that it can be compared: rows with the names of their columns, a set, a truth."""
    answer = store.query(query, base_iri=BASE, **dataset)  # type: ignore[arg-type]
    if isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        return names, Counter(tuple(str(value) for value in row) for row in answer)
    return bool(answer) if isinstance(answer, ox.QueryBoolean) else {str(triple) for triple in answer}


def answered_there(store: ox.Store, query: str, holding: Holding, **dataset: list[str]) -> object:
    written = for_store(query, holding, base_iri=BASE, **dataset)
    found = answered(store, written.text)
    return bool(found[1]) if written.form == "boolean" and isinstance(found, tuple) else found
