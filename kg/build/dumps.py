"""The files that a build publishes, byte for byte the same from the same dataset. Their account is in `manifest`."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.build.accepted import Dataset
from kg.build.dataset import DATASET_FILE
from kg.files.pretty import turtle, turtle_and_trig
from kg.namespaces import ONTOLOGY_GRAPH

MEDIA_TYPES: Mapping[str, str] = {
    "ontology.ttl": "text/turtle",
    DATASET_FILE: "application/gzip",
    "oxus.trig": "application/trig",
    "oxus.ttl": "text/turtle",
}
"""Every dump with its media type."""


def write_dumps(folder: Path, dataset: Dataset, documents: Iterable[str]) -> None:
    """Write every dump of a dataset into a folder; `documents` are the slugs that become prefixes."""
    slugs = sorted(documents)
    default, everything = turtle_and_trig(dataset.accepted, dataset.graphs, slugs)
    contents = {
        "ontology.ttl": turtle(dataset.graphs.get(ONTOLOGY_GRAPH, ()), slugs).encode(),
        DATASET_FILE: gzip.compress(n_quads(dataset), mtime=0),  # else it would hold the time of the build
        "oxus.trig": everything.encode(),
        "oxus.ttl": default.encode(),
    }
    assert contents.keys() == MEDIA_TYPES.keys()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def n_quads(dataset: Dataset) -> bytes:
    """Every statement, one a line, sorted; the accepted graph is the default graph."""
    content = ox.serialize(sorted(dataset.quads(), key=str), format=ox.RdfFormat.N_QUADS)
    assert content is not None  # without an output it returns bytes
    return content
