"""The reasoner finds what contradicts the ontology: each file of tests/fixtures/contradictions/ says why it does.

With any one statement of a file taken away nothing is left to find, so that it is that contradiction which is found.
"""

from __future__ import annotations

from pathlib import Path

import owl
import pyoxigraph as ox
import pytest

from kg.namespaces import OWL, RDF, RDFS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "fixtures" / "contradictions").glob("*.ttl"))
ONTOLOGY = owl.read(*(ROOT / "ontology" / name for name in ("oxus.ttl", "topics.ttl", "alignments.ttl")))


def without(prefixed: str) -> list[ox.Triple]:
    """The ontology without the axioms of one kind."""
    prefix, _, name = prefixed.partition(":")
    kind = ox.NamedNode({"owl": OWL, "rdfs": RDFS, "rdf": RDF}[prefix] + name)
    return [triple for triple in ONTOLOGY if kind not in (triple.predicate, triple.object)]


def test_there_are_at_least_four_and_the_ontology_has_none() -> None:
    assert len(FILES) >= 4
    assert owl.reason(ONTOLOGY) == owl.Reasoned(consistent=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_reasoner_finds_the_contradiction(path: Path) -> None:
    wrong = owl.read(path)
    assert owl.reason([*ONTOLOGY, *wrong]) == owl.Reasoned(consistent=False)
    for triple in wrong:
        rest = [other for other in wrong if other != triple]
        assert owl.reason([*ONTOLOGY, *rest]).consistent, f"{triple} is not needed"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_says_which_axioms_it_contradicts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# why: ")
    comment = " ".join(line for line in text.splitlines() if line.startswith("#"))
    named = [word.strip("().,:;") for word in comment.split() if word.startswith(("(owl:", "(rdfs:"))]
    assert named
    for axioms in named:
        assert owl.reason([*without(axioms), *owl.read(path)]).consistent, f"it does not need {axioms}"
