"""An example of the form of a triple is a triple of the graph, in the accepted graph or in a passage of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.dataset import open_build
from kg.files.turtle import read_rdf
from kg.namespaces import PREFIXES, SKOS, SOURCE

ONTOLOGY = Path(__file__).parents[2] / "ontology" / "oxus.ttl"
EXAMPLE = ox.NamedNode(SKOS + "example")
TRIPLE = re.compile(r"(?P<subject>[\w-]+:[\w-]+) (?P<predicate>oxus:\w+) (?P<object>\S.*)\.")
DOCUMENT = re.compile(r"(?<![\w:])([a-z-]+-\d{4}):\d")


def false_examples(examples: list[str], store: ox.Store) -> Iterator[str]:
    """The examples that read as a triple which no graph holds."""
    for example in examples:
        if said := TRIPLE.fullmatch(example):
            documents = {name: f"{SOURCE}{name}/" for name in DOCUMENT.findall(example)}
            value = (
                said["object"] if re.match(r'"|[\w-]+:[\w-]+$|\d+$|true$', said["object"]) else f'"{said["object"]}"'
            )
            pattern = f"{said['subject']} {said['predicate']} ?value"
            anywhere = f"{{ {pattern} }} UNION {{ GRAPH ?graph {{ {pattern} }} }}"
            query = f"ASK {{ {anywhere} FILTER (STR(?value) = STR({value})) }}"
            if not store.query(query, prefixes=PREFIXES | documents):
                yield example


@pytest.fixture(scope="module")
def store(real_build: Path) -> ox.Store:
    return open_build(real_build)


def test_what_an_example_says_is_so(store: ox.Store) -> None:
    examples = [quad.object.value for quad in read_rdf(ONTOLOGY).quads if quad.predicate == EXAMPLE]
    assert sum(TRIPLE.fullmatch(example) is not None for example in examples) > 100
    assert list(false_examples(examples, store)) == []


@pytest.mark.parametrize(
    "example",
    [
        "id:tajikistan oxus:hasParty id:nato.",
        'id:project-983945 oxus:referenceNumber "983946".',
        "mfa-2021:450-783 oxus:begin 451.",
        "span:2002 oxus:earliestEnd 2002-12-31T00:00:00Z.",
    ],
)
def test_a_false_example_is_caught(example: str, store: ox.Store) -> None:
    assert list(false_examples([example], store)) == [example]
