"""The ontology has none of the pitfalls that OOPS! and FOOPS! find and that show without the network.

Each is also shown to be found, in the small ontology with one thing wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ontology_rules import OntologyFile, read_ontology
from pitfalls import PITFALLS

ROOT = Path(__file__).parents[2]
OURS = read_ontology((ROOT / "ontology" / "oxus.ttl").read_text(encoding="utf-8"))
GOOD = (ROOT / "tests" / "fixtures" / "ontology" / "ships.ttl").read_text(encoding="utf-8")

Pitfall = Callable[[OntologyFile], Iterator[str]]


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda pitfall: pitfall.__name__)
def test_the_ontology_does_not_fall_into_it(pitfall: Pitfall) -> None:
    assert list(pitfall(OURS)) == []


def found(text: str) -> set[str]:
    return {pitfall.__name__ for pitfall in PITFALLS if list(pitfall(read_ontology(text)))}


def test_the_small_ontology_falls_into_none() -> None:
    assert found(GOOD) == set()


BROKEN = [
    ("foops_dates", 'dcterms:modified "2026-01-01"', 'dcterms:modified "2025-01-01"'),
    ("foops_dates", 'dcterms:created "2026-01-01" ;', ""),
    ("foops_persistent_address", "ontology/0.1.0>", "ontology>"),
    ("foops_persistent_address", '"https://w3id.org/oxus/ontology#"', '"https://w3id.org/oxus/"'),
    ("foops_reuse", 'dcterms:title "Ships"@en ;', 'dcterms:title "Ships"@en ; oxus:launch "1980" ;'),
    (
        "p02_synonyms_as_classes",
        "oxus:Vessel a owl:Class ;",
        "oxus:Vessel a owl:Class ; owl:equivalentClass oxus:Ship ;",
    ),
    ("p04_unconnected_elements", "oxus:Person a owl:Class ;", "oxus:Sea a owl:Class . oxus:Person a owl:Class ;"),
    ("p06_cycles", "oxus:Vessel a owl:Class ;", "oxus:Vessel a owl:Class ; rdfs:subClassOf oxus:Ship ;"),
    ("p07_two_in_one", '"ship"@en', '"ship or boat"@en'),
    ("p10_missing_disjointness", "owl:disjointWith oxus:Vessel ;", ""),
    ("p11_missing_range", "rdfs:domain oxus:Vessel ; rdfs:range xsd:dateTime ;", "rdfs:domain oxus:Vessel ;"),
    ("p19_several_domains_or_ranges", "rdfs:range oxus:Person ;", "rdfs:range oxus:Person ; rdfs:range oxus:Vessel ;"),
    ("p20_misused_annotations", '"A human being that may sail."', '"Person."'),
    ("p20_misused_annotations", '"vessel"@en', '"vessel is what floats and carries."@en'),
    ("p21_miscellaneous_class", '"ship"@en', '"other vessel"@en'),
    ("p24_recursive_definition", "rdfs:subClassOf oxus:Vessel ;", "rdfs:subClassOf oxus:Vessel , oxus:Ship ;"),
    (
        "p27_equivalent_properties",
        '"A time at which a vessel first floats."',
        '"A relation from a vessel to who commands it."',
    ),
    (
        "p28_p29_wrong_symmetry_or_transitivity",
        "oxus:hasCaptain a owl:ObjectProperty ;",
        "oxus:hasCaptain a owl:ObjectProperty , owl:SymmetricProperty ;",
    ),
    ("p32_shared_labels", 'rdfs:label "корабль"@ru', 'rdfs:label "судно"@ru'),
    (
        "p33_chain_of_one",
        "oxus:hasCaptain a owl:ObjectProperty ;",
        "oxus:hasCaptain a owl:ObjectProperty ; owl:propertyChainAxiom ( oxus:hasCaptain ) ;",
    ),
    ("p40_hijacked_names", "dcterms:title a", 'dcterms:title rdfs:label "Title" ; a'),
]


@pytest.mark.parametrize(("pitfall", "right", "wrong"), BROKEN)
def test_a_pitfall_is_found(pitfall: str, right: str, wrong: str) -> None:
    assert right in GOOD
    assert pitfall in found(GOOD.replace(right, wrong))


def test_every_pitfall_is_shown_to_be_found() -> None:
    assert {case[0] for case in BROKEN} == {pitfall.__name__ for pitfall in PITFALLS}
