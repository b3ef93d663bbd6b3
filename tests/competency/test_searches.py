"""Searches over our own data find what is meant, where `searches.tsv` says: it is older than the ranking."""

from __future__ import annotations

from pathlib import Path

import pytest
import tantivy

from kg.namespaces import compact
from kg.project import Project
from kg.search.asking import Wanted, search
from kg.search.index import write_index
from kg.search.reading import read_things

SEARCHES = [
    line.split("\t")
    for line in (Path(__file__).parent / "searches.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def index(real_project: Project, real_build: Path) -> tantivy.Index:
    return write_index(read_things(real_build, real_project))


@pytest.mark.parametrize(("text", "meant", "within"), SEARCHES, ids=[text for text, *_ in SEARCHES])
def test_what_is_meant_is_found(index: tantivy.Index, text: str, meant: str, within: str) -> None:
    hits = search(index, Wanted(text)).hits
    assert meant in [compact(hit.iri).strip("<>") for hit in hits[: int(within)]]


def test_each_result_says_why(index: tantivy.Index) -> None:
    """But for one that is found by its IRI, and each word that a name answers is where the name has it."""
    for text, *_ in SEARCHES:
        for hit in search(index, Wanted(text)).hits:
            assert hit.reasons or text in compact(hit.iri)
            for reason in hit.reasons:
                assert all(reason.name.text[match.begin : match.end] == match.found for match in reason.matches)
                assert reason.name.graphs or hit.kind == "query"
