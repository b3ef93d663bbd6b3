"""What a build says of itself: statistics, prefixes, links to other datasets, canned queries, all made from the build.

What a build cannot know (addresses, the sizes and hashes of its own files) is left to the server. The statistics are of
what the files state and the rules infer, without this catalogue itself. It joins the default graph after all checks and
rules have run, for tools that nobody here wrote ask there for prefixes, classes and examples. Only the default values
of queries stay out of it: there they would count as something said of the entity that a query is about by default.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import pyoxigraph as ox

from kg.build.accepted import Dataset
from kg.build.dataset import Assembled
from kg.build.partitions import node, statistics, void
from kg.namespaces import (
    BASE,
    CATALOGUE,
    DATASET,
    DCAT,
    EXAMPLES,
    INFERRED,
    ONTOLOGY,
    OWL,
    PREFIXES,
    RDF,
    SELF_DESCRIPTION,
    SH,
    SKOS,
    SOURCE,
    VOID,
    VOID_DESCRIPTION,
    XSD,
)
from kg.queries.declarations import CannedQuery
from kg.queries.executables import DEFAULT_VALUE, executables

_TYPE = ox.NamedNode(RDF + "type")
_LINKS = (*(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")), OWL + "sameAs")


def with_catalogue(dataset: Dataset, assembled: Assembled, queries: Iterable[CannedQuery], version: str) -> Dataset:
    """The dataset with two more graphs: the catalogue, and the canned queries."""
    stated = dataset.accepted.difference(
        *(triples for graph, triples in dataset.graphs.items() if graph.value.startswith(INFERRED))
    )
    slugs = [document.slug for document in assembled.documents.values()]
    found = {
        CATALOGUE: frozenset(
            [
                *_description(dataset, version),
                *statistics(DATASET, dataset.accepted, stated),
                *_vocabularies(dataset.accepted),
                *_linksets(dataset.accepted),
                *prefixes(slugs),
            ]
        ),
        EXAMPLES: frozenset(executables(queries)),
    }
    # What the data say of the dataset themselves is not said again.
    fresh = {graph: triples - dataset.accepted for graph, triples in found.items()}
    graphs = {**dataset.graphs, **fresh}
    ordered = {graph: graphs[graph] for graph in sorted(graphs, key=lambda one: one.value)}
    joining = (triple for triples in fresh.values() for triple in triples if triple.predicate.value != DEFAULT_VALUE)
    return Dataset(ordered, dataset.accepted.union(joining), dataset.rejected)


def for_notebooks(dataset: Dataset) -> frozenset[ox.Triple]:
    """The default graph without what the catalogue says of parts, of prefixes and of queries.

    That is for tools which ask an endpoint. Who loads a file counts and groups what is in it, and finds there what the
    catalogue counts; of the catalogue only what it says of the dataset as a whole: its version, sizes and vocabularies.
    """
    parts = {
        triple
        for graph in SELF_DESCRIPTION
        for triple in dataset.graphs.get(graph, ())
        if triple.subject != DATASET or str(triple.object).startswith(f"<{VOID_DESCRIPTION}#")
    }
    return dataset.accepted - parts


def prefixes(documents: Iterable[str]) -> Iterator[ox.Triple]:
    """Every prefix of ours, and that of each document, declared on the dataset."""
    declared = {slug: f"{SOURCE}{slug}/" for slug in documents} | PREFIXES
    for prefix, namespace in declared.items():
        declaration = node(f"prefix:{prefix}")
        yield ox.Triple(DATASET, ox.NamedNode(SH + "declare"), declaration)
        yield ox.Triple(declaration, _TYPE, ox.NamedNode(SH + "PrefixDeclaration"))
        yield ox.Triple(declaration, ox.NamedNode(SH + "prefix"), ox.Literal(prefix))
        datatype = ox.NamedNode(XSD + "anyURI")
        yield ox.Triple(declaration, ox.NamedNode(SH + "namespace"), ox.Literal(namespace, datatype=datatype))


def _description(dataset: Dataset, version: str) -> Iterator[ox.Triple]:
    yield ox.Triple(DATASET, _TYPE, ox.NamedNode(VOID + "Dataset"))
    yield ox.Triple(DATASET, _TYPE, ox.NamedNode(DCAT + "Dataset"))
    yield ox.Triple(DATASET, ox.NamedNode(DCAT + "version"), ox.Literal(version))
    yield ox.Triple(DATASET, ox.NamedNode(OWL + "versionInfo"), ox.Literal(version))
    yield ox.Triple(DATASET, void("uriSpace"), ox.Literal(BASE))


def _vocabularies(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The vocabularies whose properties and classes are used, as far as we have a prefix for them."""
    bases = [base for base in PREFIXES.values() if base == ONTOLOGY or not base.startswith(BASE)]
    used = {triple.predicate.value for triple in triples}
    used |= {
        triple.object.value
        for triple in triples
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode)
    }
    for base in bases:
        if any(term.startswith(base) for term in used):
            yield ox.Triple(DATASET, void("vocabulary"), ox.NamedNode(base))


def _linksets(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The links to other datasets: of each kind, to each host, how many."""
    counted: Counter[tuple[ox.NamedNode, str]] = Counter()
    for triple in triples:
        if triple.predicate.value in _LINKS and isinstance(triple.object, ox.NamedNode):
            there = urlsplit(triple.object.value)
            if there.netloc and not triple.object.value.startswith(BASE):
                counted[triple.predicate, f"{there.scheme}://{there.netloc}/"] += 1
    for (predicate, space), number in counted.items():
        linkset, target = node("links", predicate, space), node("dataset", space)
        yield ox.Triple(DATASET, void("subset"), linkset)
        yield ox.Triple(linkset, _TYPE, void("Linkset"))
        yield ox.Triple(linkset, void("linkPredicate"), predicate)
        yield ox.Triple(linkset, void("subjectsTarget"), DATASET)
        yield ox.Triple(linkset, void("objectsTarget"), target)
        yield ox.Triple(linkset, void("triples"), ox.Literal(number))
        yield ox.Triple(target, _TYPE, void("Dataset"))
        yield ox.Triple(target, void("uriSpace"), ox.Literal(space))
