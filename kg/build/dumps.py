"""The files that a build publishes, byte for byte the same from the same dataset. Their account is in `manifest`."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.accepted import Dataset
from kg.build.catalogue import for_notebooks
from kg.build.dataset import DATASET_FILE, Assembled
from kg.build.queries_file import QUERIES_FILE, packed
from kg.files.pretty import turtle, turtle_and_trig
from kg.namespaces import ONTOLOGY_GRAPH, PREFIXES, RDF

GZIP = ".gz"
_TEXTS = {
    "ontology.ttl": "text/turtle",
    "oxus-rdf12.ttl": "text/turtle; version=1.2",
    "oxus.jsonld": "application/ld+json",
    "oxus.trig": "application/trig",
    "oxus.ttl": "text/turtle",
}
MEDIA_TYPES: Mapping[str, str] = {
    **_TEXTS,
    **{name + GZIP: "application/gzip" for name in _TEXTS},
    DATASET_FILE: "application/gzip",
    QUERIES_FILE: "application/zip",
    "statements.parquet": "application/vnd.apache.parquet",
}
"""Every dump with its media type; each text is there compressed as well."""

DESCRIPTIONS: Mapping[str, str] = {
    "ontology.ttl": "The ontology alone: classes and properties with their labels, definitions and alignments.",
    "oxus-rdf12.ttl": "What is accepted, in one graph; and each passage rdf:reifies what it states (RDF 1.2).",
    "oxus.jsonld": "What is accepted, in one graph, as JSON-LD.",
    DATASET_FILE: "Everything: what is accepted as default graph, and a named graph for each passage and source.",
    "oxus.trig": "Everything, for reading: what is accepted, and a named graph for each passage and source.",
    "oxus.ttl": "What is accepted, in one graph.",
    QUERIES_FILE: "The canned queries, one file each that runs in any SPARQL tool, and the rules of inference.",
    "statements.parquet": "Everything as a table: a row for each statement, typed, with labels and its citation.",
}
"""What is in each."""

_REIFIES = ox.NamedNode(RDF + "reifies")


def write_dumps(folder: Path, assembled: Assembled, dataset: Dataset) -> None:
    """Write every dump of a dataset into a folder."""
    from kg.build.statements import statements  # late: pyarrow takes long to import

    slugs = sorted(document.slug for document in assembled.documents.values())
    default = for_notebooks(dataset)
    readable, everything = turtle_and_trig(default, dataset.accepted - default, dataset.graphs, slugs)
    contents = {
        "ontology.ttl": turtle(dataset.graphs.get(ONTOLOGY_GRAPH, ()), slugs).encode(),
        "oxus-rdf12.ttl": _serialised([*default, *_reified(assembled)], ox.RdfFormat.TURTLE),
        "oxus.jsonld": _serialised(default, ox.RdfFormat.JSON_LD),
        DATASET_FILE: _compressed(n_quads(dataset)),
        "oxus.trig": everything.encode(),
        "oxus.ttl": readable.encode(),
        QUERIES_FILE: packed(assembled.project),
        "statements.parquet": statements(dataset, assembled.passages, assembled.documents),
    }
    contents |= {name + GZIP: _compressed(contents[name]) for name in _TEXTS}
    assert contents.keys() == MEDIA_TYPES.keys()
    for name, content in contents.items():
        try:
            (folder / name).write_bytes(content)
        except OSError as error:  # a full disk does not say which file it was
            raise OSError(error.errno, error.strerror, str(folder / name)) from error


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # else it would hold the time of the build


def _reified(assembled: Assembled) -> Iterator[ox.Triple]:
    """What each passage states, accepted or not: `<passage> rdf:reifies <<( s p o )>>`, which asserts nothing."""
    for passage in assembled.passages:
        for triple in passage.triples:
            yield ox.Triple(ox.NamedNode(passage.iri), _REIFIES, triple)


def _serialised(triples: Iterable[ox.Triple], format: ox.RdfFormat) -> bytes:
    """The triples sorted, with our prefixes where the format has such."""
    prefixes = PREFIXES if format == ox.RdfFormat.TURTLE else None
    content = ox.serialize(sorted(set(triples), key=str), format=format, prefixes=prefixes)
    assert content is not None  # without an output it returns bytes
    return content


def n_quads(dataset: Dataset) -> bytes:
    """Every statement, one a line, sorted; the accepted graph is the default graph."""
    content = ox.serialize(sorted(dataset.quads(), key=str), format=ox.RdfFormat.N_QUADS)
    assert content is not None  # without an output it returns bytes
    return content
