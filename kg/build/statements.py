"""`statements.parquet`: one row a statement of a named graph, with labels, typed values and its citation.

pyarrow is imported when a build is written, not before: it takes a quarter of a second.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pyoxigraph as ox

from kg.build.accepted import Dataset
from kg.files.passages import Passage
from kg.files.sources import Document
from kg.namespaces import DCTERMS, INFERRED, RDFS, SKOS, XSD

COLUMNS = pa.schema(
    [
        ("subject", pa.string()),
        ("subject_label", pa.string()),
        ("predicate", pa.string()),
        ("predicate_label", pa.string()),
        ("object", pa.string()),
        ("object_label", pa.string()),
        ("object_kind", pa.string()),
        ("datatype", pa.string()),
        ("language", pa.string()),
        ("integer", pa.int64()),
        ("number", pa.float64()),
        ("boolean", pa.bool_()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("graph", pa.string()),
        ("accepted", pa.bool_()),
        ("inferred", pa.bool_()),
        ("document", pa.string()),
        ("document_title", pa.string()),
        ("begin", pa.int64()),
        ("end", pa.int64()),
        ("kind", pa.string()),
        ("gist", pa.string()),
    ]
)
"""`object` is text for every kind of term; the typed columns have it once more where it is of their type."""

LABELS = (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
NUMBERS = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))


def statements(dataset: Dataset, passages: Iterable[Passage], documents: Mapping[str, Document]) -> bytes:
    """The file; the same dataset gives the same bytes."""
    labels = _labels(dataset)
    places = {passage.iri: passage for passage in passages}
    rows: list[dict[str, Any]] = []
    for graph in sorted(dataset.graphs, key=lambda name: name.value):
        cited = _citation(graph, dataset, places.get(graph.value), documents)
        rows += (_row(triple, labels) | cited for triple in sorted(dataset.graphs[graph], key=str))
    written = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema=COLUMNS)
    pq.write_table(table, written, compression="zstd")
    return written.getvalue()


def _row(triple: ox.Triple, labels: Mapping[object, str]) -> dict[str, Any]:
    return {
        "subject": _text(triple.subject),
        "subject_label": labels.get(triple.subject),
        "predicate": triple.predicate.value,
        "predicate_label": labels.get(triple.predicate),
        "object": _text(triple.object),
        "object_label": labels.get(triple.object),
        **dict(_typed(triple.object)),
    }


def _typed(term: object) -> Iterator[tuple[str, object]]:
    """What is known of a term beside its text."""
    if not isinstance(term, ox.Literal):
        yield "object_kind", "iri" if isinstance(term, ox.NamedNode) else "blank"
        return
    yield "object_kind", "literal"
    if term.language:
        yield "language", term.language
        return
    datatype = term.datatype.value
    yield "datatype", datatype
    if datatype in NUMBERS:
        yield "number", float(term.value)
    if datatype == XSD + "integer":
        yield "integer", int(term.value)
    elif datatype == XSD + "boolean":
        yield "boolean", term.value in ("true", "1")
    elif datatype == XSD + "dateTime":
        yield "time", datetime.datetime.fromisoformat(term.value)


def _citation(
    graph: ox.NamedNode, dataset: Dataset, passage: Passage | None, documents: Mapping[str, Document]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "graph": graph.value,
        "accepted": graph not in dataset.rejected,
        "inferred": graph.value.startswith(INFERRED),
    }
    if passage is not None:
        document = documents[passage.document]
        found |= {
            "document": document.slug,
            "document_title": document.title,
            "begin": passage.begin,
            "end": passage.end,
            "kind": passage.kind,
            "gist": passage.gist,
        }
    return found


def _labels(dataset: Dataset) -> dict[object, str]:
    """The English name of everything that has one, else another; of several the first in the alphabet."""
    found: dict[object, tuple[bool, str]] = {}
    for triple in dataset.accepted:
        if triple.predicate.value in LABELS and isinstance(triple.object, ox.Literal):
            name = (triple.object.language != "en", triple.object.value)
            found[triple.subject] = min(name, found.get(triple.subject, name))
    return {term: name for term, (_, name) in found.items()}


def _text(term: object) -> str:
    """A term's text: an IRI, a literal's characters, a blank node with its mark."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
