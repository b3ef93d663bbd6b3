"""What alignments.ttl says of other vocabularies holds in their own files.

Those files are not ours to keep: the npm packages `@vocabulary/*` ship them, and the set-up installs those that
tests/node/package-lock.json names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import owl
import pyoxigraph as ox
import pytest
from node_packages import package

from kg.build.accepted import accept
from kg.build.dataset import assemble
from kg.build.rules import read_rules
from kg.namespaces import ONTOLOGY, OWL, PREFIXES, RDF, RDFS, SKOS, XSD, compact
from kg.project import Project

ROOT = Path(__file__).parents[2]
ALIGNMENTS = ROOT / "ontology" / "alignments.ttl"
ONTOLOGY_FILE = ROOT / "ontology" / "oxus.ttl"

VOCABULARIES = ("foaf", "geo", "org", "prov", "schema", "sem", "skos", "time")
TOGETHER = (("foaf", "geo", "org", "sem", "skos"), ("prov",), ("time",))
"""The vocabularies that the reasoner takes at a time: others declare terms (of Dublin Core, say) as different kinds.

schema.org is not among them: its domains and ranges are hints without logical force.
"""

TYPE = ox.NamedNode(RDF + "type")
MAPPINGS = {ox.NamedNode(RDFS + "subClassOf"), ox.NamedNode(RDFS + "subPropertyOf"), ox.NamedNode(SKOS + "closeMatch")}
KINDS = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "datatype property",
    OWL + "AnnotationProperty": "annotation property",
    RDF + "Property": "property",
}
UNSUPPORTED = {XSD + name for name in ("date", "time", "gYear", "gYearMonth", "gMonth", "gDay", "duration")}
"""Datatypes that HermiT cannot take: a vocabulary's triples that name one are left out."""


def outside(iri: str) -> str:
    """The prefix of the vocabulary that a term is of, "" for other names."""
    return next((prefix for prefix in VOCABULARIES if iri.startswith(PREFIXES[prefix])), "")


def kinds(triples: Iterable[ox.Triple]) -> dict[str, set[str]]:
    """What each term is declared as."""
    found: dict[str, set[str]] = {}
    for triple in triples:
        if triple.predicate == TYPE and isinstance(triple.object, ox.NamedNode) and triple.object.value in KINDS:
            found.setdefault(getattr(triple.subject, "value", ""), set()).add(KINDS[triple.object.value])
    return found


def fit(ours: set[str], theirs: set[str]) -> bool:
    """Whether terms of these kinds can be mapped: a plain property can be either kind of property."""
    return bool(ours & theirs) or ("property" in theirs and "class" not in ours and len(theirs) == 1)


def mapping_faults(
    alignments: Iterable[ox.Triple], ontology: Iterable[ox.Triple], vocabulary: Mapping[str, set[str]]
) -> list[str]:
    """The outside terms that their vocabulary does not have, or has as another kind of term."""
    alignments = list(alignments)
    ours = kinds(ontology)
    declared = kinds(alignments)
    faults = []
    for triple in alignments:
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, ox.NamedNode) and outside(term.value) and term.value not in vocabulary:
                faults.append(f"{compact(term.value)} is not in its vocabulary")
        subject, value = getattr(triple.subject, "value", ""), getattr(triple.object, "value", "")
        if triple.predicate in MAPPINGS and value in vocabulary:
            if not fit(ours.get(subject, set()), vocabulary[value]):
                faults.append(f"{compact(subject)} and {compact(value)} are different kinds of terms")
            if triple.predicate.value != SKOS + "closeMatch" and not fit(declared.get(value, set()), vocabulary[value]):
                faults.append(f"{compact(value)} is not declared as what it is")
    return sorted(set(faults))


def undeclared(alignments: Iterable[ox.Triple]) -> list[str]:
    """The outside terms of axioms that the file does not declare, and the terms of ours that it does."""
    alignments = list(alignments)
    declared = kinds(alignments)
    used = {
        triple.object.value
        for triple in alignments
        if triple.predicate in MAPPINGS
        and triple.predicate.value != SKOS + "closeMatch"
        and isinstance(triple.object, ox.NamedNode)
    }
    return sorted(map(compact, (used - set(declared)) | {term for term in declared if term.startswith(ONTOLOGY)}))


def mapped_to_both(alignments: Iterable[ox.Triple]) -> list[str]:
    """The pairs that are said to be near and to be below one another, which is one too many."""
    pairs: dict[tuple[str, str], set[str]] = {}
    for triple in alignments:
        if triple.predicate in MAPPINGS:
            pairs.setdefault((str(triple.subject), str(triple.object)), set()).add(triple.predicate.value)
    return [f"{one} {other}" for (one, other), said in pairs.items() if len(said) > 1]


def read_vocabulary(prefix: str) -> list[ox.Triple]:
    """A vocabulary's triples; those of schema.org by their https names, which its package does not have."""
    text = (package(f"@vocabulary/{prefix}") / f"{prefix}.nq").read_text(encoding="utf-8")
    if prefix == "schema":
        text = text.replace("<http://schema.org/", "<https://schema.org/")
    return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)]


@pytest.fixture(scope="module")
def vocabularies() -> Mapping[str, list[ox.Triple]]:
    """Each vocabulary's own file, by prefix."""
    return {prefix: read_vocabulary(prefix) for prefix in VOCABULARIES}


def test_every_outside_term_is_in_its_vocabulary_as_the_kind_of_term_we_take_it_for(
    vocabularies: Mapping[str, list[ox.Triple]],
) -> None:
    known = kinds(triple for triples in vocabularies.values() for triple in triples)
    assert mapping_faults(owl.read(ALIGNMENTS), owl.read(ONTOLOGY_FILE), known) == []


def test_the_vocabularies_contradict_neither_our_ontology_nor_our_data(
    vocabularies: Mapping[str, list[ox.Triple]],
) -> None:
    accepted = list(accept(assemble(Project(ROOT)), read_rules(Project(ROOT))).accepted)
    for prefixes in TOGETHER:
        theirs = [triple for prefix in prefixes for triple in axioms(vocabularies[prefix])]
        assert owl.is_consistent([*accepted, *theirs]), prefixes


def test_a_mapping_that_a_vocabulary_contradicts_is_found(vocabularies: Mapping[str, list[ox.Triple]]) -> None:
    wrong = facts("oxus:Instrument rdfs:subClassOf foaf:Project . id:x a oxus:Instrument .")
    ours = owl.read(ONTOLOGY_FILE, ALIGNMENTS)
    assert owl.is_consistent([*ours, *wrong])
    assert not owl.is_consistent([*ours, *wrong, *axioms(vocabularies["foaf"])])


def axioms(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """A vocabulary's triples without those about its file, and without datatypes that the reasoner cannot take."""
    triples = list(triples)
    headers = {t.subject for t in triples if t.predicate == TYPE and t.object == ox.NamedNode(OWL + "Ontology")}
    theirs = {t.subject.value for t in triples if t.object == ox.NamedNode(RDFS + "Datatype")} | UNSUPPORTED
    theirs |= {kind for t in triples for kind in datatypes(t, literals=True) if not kind.startswith((XSD, RDF))}
    return [t for t in triples if t.subject not in headers and not datatypes(t) & theirs]


def datatypes(triple: ox.Triple, literals: bool = False) -> set[str]:
    """The datatype of the triple's literal; unless only literals are asked for, what else it names."""
    if isinstance(triple.object, ox.Literal):
        return {triple.object.datatype.value}
    return set() if literals else {getattr(triple.subject, "value", ""), getattr(triple.object, "value", "")}


def facts(text: str) -> list[ox.Triple]:
    prologue = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())
    return [quad.triple for quad in ox.parse((prologue + text).encode(), format=ox.RdfFormat.TURTLE)]


def test_the_file_declares_the_outside_terms_of_its_axioms_and_no_term_of_ours() -> None:
    alignments = owl.read(ALIGNMENTS)
    assert undeclared(alignments) == []
    assert mapped_to_both(alignments) == []
    ours = kinds(owl.read(ONTOLOGY_FILE))
    terms = {t.subject.value for t in alignments if getattr(t.subject, "value", "").startswith(ONTOLOGY)}
    codes = {t.subject.value for t in owl.read(ONTOLOGY_FILE) if t.object == ox.NamedNode(ONTOLOGY + "Code")}
    assert sorted(terms - set(ours) - codes) == [], "what is mapped is in oxus.ttl"


def test_a_project_is_no_organisation() -> None:
    wrong = {(ONTOLOGY + "Project", PREFIXES["schema"] + "Project")}
    wrong.add((ONTOLOGY + "Cooperation", PREFIXES["org"] + "OrganizationalCollaboration"))
    said = {(getattr(t.subject, "value", ""), getattr(t.object, "value", "")) for t in owl.read(ALIGNMENTS)}
    assert said & wrong == set()


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("foaf:Agnet a owl:Class .", "foaf:Agnet is not in its vocabulary"),
        ("oxus:Actor skos:closeMatch foaf:Agnet .", "foaf:Agnet is not in its vocabulary"),
        ("oxus:Actor skos:closeMatch foaf:knows .", "oxus:Actor and foaf:knows are different kinds of terms"),
        ("oxus:sha256 rdfs:subPropertyOf foaf:knows .", "oxus:sha256 and foaf:knows are different kinds of terms"),
        (
            "oxus:Actor rdfs:subClassOf foaf:Agent . foaf:Agent a owl:ObjectProperty .",
            "foaf:Agent is not declared as what it is",
        ),
    ],
)
def test_a_wrong_mapping_is_found(wrong: str, found: str) -> None:
    vocabulary = kinds(facts("foaf:Agent a owl:Class . foaf:knows a rdf:Property , owl:ObjectProperty ."))
    right = facts("oxus:Actor rdfs:subClassOf foaf:Agent . foaf:Agent a owl:Class .")
    assert mapping_faults(right, owl.read(ONTOLOGY_FILE), vocabulary) == []
    assert found in mapping_faults(facts(wrong), owl.read(ONTOLOGY_FILE), vocabulary)


def test_an_undeclared_and_a_double_mapping_are_found() -> None:
    assert undeclared(facts("oxus:Actor rdfs:subClassOf foaf:Agent .")) == ["foaf:Agent"]
    assert undeclared(facts("oxus:Actor a owl:Class .")) == ["oxus:Actor"]
    assert mapped_to_both(facts("oxus:Actor rdfs:subClassOf foaf:Agent ; skos:closeMatch foaf:Agent ."))
