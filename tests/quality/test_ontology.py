"""The ontology reads as houses do, is consistent, stays inside OWL 2 DL and RL, and our rules infer what OWL says.

Each rule and each claim is also shown to fail: on a small ontology with one thing wrong, or a fact that contradicts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import owl
import pyoxigraph as ox
import pytest
from ontology_rules import OF_ALIGNMENTS, RULES, OntologyFile, named_in, read_ontology

from kg.build.accepted import accept
from kg.build.dataset import assemble
from kg.build.rules import Rule, infer, read_rules
from kg.namespaces import ID, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, SKOS, compact
from kg.project import Project

ROOT = Path(__file__).parents[2]
PROJECT = Project(ROOT)
ONTOLOGY_FILE, ALIGNMENTS = ROOT / "ontology" / "oxus.ttl", ROOT / "ontology" / "alignments.ttl"
TERMS = [ONTOLOGY_FILE, ROOT / "ontology" / "topics.ttl"]
RULES_BY_FILE = [(rule, ONTOLOGY_FILE) for rule in RULES] + [(rule, ALIGNMENTS) for rule in OF_ALIGNMENTS]

TYPE = ox.NamedNode(RDF + "type")
GOOD = (ROOT / "tests" / "fixtures" / "ontology" / "ships.ttl").read_text(encoding="utf-8")
PROLOGUE = "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in PREFIXES.items())


def facts(text: str) -> list[ox.Triple]:
    return list(read_ontology(PROLOGUE + text).triples)


@pytest.fixture(scope="module")
def accepted() -> list[ox.Triple]:
    return list(accept(assemble(PROJECT), read_rules(PROJECT)).accepted)


def faults(file: OntologyFile) -> dict[str, list[str]]:
    return {rule.__name__: found for rule in RULES if (found := list(rule(file)))}


@pytest.mark.parametrize(
    ("rule", "path"), RULES_BY_FILE, ids=[f"{rule.__name__}-{path.name}" for rule, path in RULES_BY_FILE]
)
def test_our_ontology_follows_the_rule(rule: Callable[[OntologyFile], Iterator[str]], path: Path) -> None:
    assert list(rule(read_ontology(path.read_text(encoding="utf-8")))) == []


def test_the_small_ontology_has_no_fault() -> None:
    assert faults(read_ontology(GOOD)) == {}


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("header", "a owl:Ontology ;", "a oxus:Vessel ;"),
        ("header", 'dcterms:description "Ships and their captains."@en ;', ""),
        ("header", "dcterms:creator <https://example.org/us> ;", 'dcterms:creator "us" ;'),
        ("header", 'owl:versionInfo "0.1.0"', 'owl:versionInfo "0.2.0"'),
        ("header", "ontology/0.1.0", "ontology/X.x.x"),
        ("header", 'dcterms:title "Ships"@en ;', 'owl:versionInfo "0.1.0" ; dcterms:title "Ships"@en ;'),
        ("labels", 'rdfs:label "судно"@ru ;', ""),
        ("labels", 'rdfs:label "vessel"@en ;', 'rdfs:label "vessel"@en ; rdfs:label "boat"@en ;'),
        ("definitions", 'skos:definition "A thing that floats and carries."@en ;', ""),
        ("definitions", '"A thing that floats and carries."', '"Floats and carries."'),
        ("definitions", '"A thing that floats and carries."', '"A thing that floats and carries"'),
        ("definitions", '"A thing that floats and carries."', '"A thing that floats. It carries."'),
        ("definitions", '"A thing that floats and carries."', '"A thing such as a vessel."'),
        ("definitions", '"A thing that floats and carries."@en', '"A thing that floats."@en , "A floater."@en'),
        ("genus", '"A vessel that crosses seas."', '"A boat that crosses seas."'),
        ("examples", 'skos:example "id:vega oxus:hasCaptain id:ada."@en ;', ""),
        ("examples", '"Ada (id:ada)."', '"Ada."'),
        ("defined_by", "rdfs:isDefinedBy <https://w3id.org/oxus/ontology>", "rdfs:isDefinedBy <https://example.org/>"),
        ("names", "oxus:Person", "oxus:Sea_Person"),
        ("names", "oxus:hasCaptain", "oxus:captainOf"),
        ("names", "oxus:hasCaptain", "oxus:has2Captains"),
        ("names", "oxus:launch", "oxus:hasLaunch"),
        ("names", "oxus:afloat", "oxus:isAfloat"),
        ("order", "oxus:Person", "oxus:Zealot"),
        ("order", "oxus:afloat a oxus:Vessel", "oxus:Afloat a owl:Class"),
        ("order", "# Classes", "# Kinds"),
        ("order", "rdfs:range oxus:Person ;", "rdfs:range oxus:Person ; rdfs:domain oxus:Ship ;"),
        ("restraint", "a owl:Ontology ;", "a owl:Ontology ; owl:imports <https://example.org/> ;"),
        ("restraint", "rdfs:range xsd:dateTime", "rdfs:range xsd:date"),
        ("restraint", 'dcterms:created "2026-01-01"', 'dcterms:created "2026-01-01"^^xsd:date'),
        ("restraint", "oxus:afloat a", "oxus:afloat owl:inverseOf oxus:x ; a"),
    ],
)  # fmt: skip
def test_a_rule_fires_on_what_breaks_it(rule: str, right: str, wrong: str) -> None:
    assert right in GOOD
    assert rule in faults(read_ontology(GOOD.replace(right, wrong)))


def test_every_rule_is_shown_to_fire() -> None:
    marks = test_a_rule_fires_on_what_breaks_it.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == {rule.__name__ for rule in RULES}


def nodes(triples: Iterable[ox.Triple]) -> set[str]:
    return {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}


def missing_from(file: OntologyFile, known: set[str]) -> list[str]:
    """The things that examples name and the dataset does not have."""
    literals = [t.object for t in file.triples if t.predicate.value == SKOS + "example"]
    named = {iri for literal in literals if isinstance(literal, ox.Literal) for iri in named_in(literal.value)}
    return sorted(compact(iri) for iri in named - known)


def unused(file: OntologyFile, accepted: list[ox.Triple]) -> list[str]:
    """The classes that nothing is a member of and the properties that no triple has."""
    types = {t.object.value for t in accepted if t.predicate == TYPE and isinstance(t.object, ox.NamedNode)}
    used = types | {triple.predicate.value for triple in accepted}
    return sorted(compact(iri) for iri in file.terms if file.kind(iri) and iri not in used)


def test_what_examples_name_is_in_the_data(accepted: list[ox.Triple]) -> None:
    assert missing_from(read_ontology(ONTOLOGY_FILE.read_text(encoding="utf-8")), nodes(accepted)) == []


UNUSED = ["oxus:uncertain"]
"""`kg.files.spans` writes it for EDTF's `?`, and no source doubts a date of its own so far."""


def test_every_class_has_an_instance_and_every_property_a_triple(accepted: list[ox.Triple]) -> None:
    assert unused(read_ontology(ONTOLOGY_FILE.read_text(encoding="utf-8")), accepted) == UNUSED


def test_an_example_of_nothing_and_an_unused_term_are_found() -> None:
    small = read_ontology(GOOD)
    world = [*small.triples, *facts("id:vega a oxus:Ship ; oxus:hasCaptain id:ada .")]
    assert missing_from(small, nodes(world)) == []
    assert missing_from(small, nodes(world) - {ID + "ada"}) == ["id:ada"]
    assert unused(small, world) == ["oxus:Person", "oxus:launch"]


# Outside vocabularies


def unknown_terms(triples: Iterable[ox.Triple]) -> set[str]:
    """The terms that a vocabulary known to rdflib does not have."""
    from rdflib import namespace

    names = ("DCTERMS", "FOAF", "GEO", "ORG", "OWL", "PROV", "RDF", "RDFS", "SDO", "SH", "SKOS", "TIME", "VANN", "XSD")
    closed = [getattr(namespace, name) for name in names]
    used = {term.value for triple in triples for term in triple if isinstance(term, ox.NamedNode)}
    used |= {triple.object.datatype.value for triple in triples if isinstance(triple.object, ox.Literal)}
    return {
        iri
        for iri in used
        for vocabulary in closed
        if iri.startswith(str(vocabulary)) and iri != str(vocabulary) and iri not in vocabulary
    }


def test_every_outside_term_exists_in_its_vocabulary() -> None:
    assert unknown_terms(owl.read(*(ROOT / "ontology").glob("*.ttl"))) == set()


def test_an_invented_outside_term_is_found() -> None:
    invented = read_ontology(PROLOGUE + "oxus:Ship a owl:Classe ; skos:definition_ 'A'^^xsd:strng .")
    assert {compact(iri) for iri in unknown_terms(invented.triples)} == {"owl:Classe", "skos:definition_", "xsd:strng"}


# Logic


def test_the_accepted_graph_is_consistent_and_every_class_can_have_members(accepted: list[ox.Triple]) -> None:
    assert owl.reason(accepted) == owl.Reasoned(consistent=True)


@pytest.mark.parametrize(
    "wrong",
    [
        "id:x a oxus:Person , oxus:Ship .",
        "id:x oxus:hasCaptain id:vega . id:vega a oxus:Ship .",
        'id:x oxus:launch "1980-01-01T00:00:00Z"^^xsd:dateTime , "1981-01-01T00:00:00Z"^^xsd:dateTime .',
        'id:x oxus:launch "long ago" .',
        'id:x oxus:launch "давно"@ru .',
    ],
    ids=["disjoint classes", "range", "two values of a functional property", "wrong datatype", "language tag"],
)
def test_the_reasoner_finds_a_contradiction(wrong: str) -> None:
    assert owl.reason([*facts(GOOD), *facts(wrong)]) == owl.Reasoned(consistent=False)


def test_the_reasoner_finds_a_class_that_nothing_can_be() -> None:
    mermaid = facts("oxus:Mermaid a owl:Class ; rdfs:subClassOf oxus:Person , oxus:Ship .")
    assert owl.reason([*facts(GOOD), *mermaid]) == owl.Reasoned(True, (ONTOLOGY + "Mermaid",))


def test_the_reasoner_finds_a_contradiction_of_our_own_ontology() -> None:
    for one, other in (("Span", "Passage"), ("Judgement", "Activity"), ("Person", "Organisation")):
        wrong = facts(f"id:x a oxus:{one} , oxus:{other} .")
        assert owl.reason([*owl.read(*TERMS), *wrong]) == owl.Reasoned(consistent=False), f"{one} and {other}"


@pytest.mark.parametrize("profile", owl.PROFILES)
def test_the_ontology_stays_inside_the_profile(profile: str) -> None:
    assert owl.violations(profile, owl.read(ONTOLOGY_FILE)) == [], "oxus.ttl alone"
    assert owl.violations(profile, owl.read(*TERMS, ALIGNMENTS)) == []


@pytest.mark.parametrize(
    ("profile", "wrong"),
    [
        ("DL", "id:vega oxus:undeclared id:ada ."),
        ("DL", "oxus:launch a owl:ObjectProperty ."),
        ("DL", "oxus:hasCaptain a owl:TransitiveProperty , owl:FunctionalProperty ."),
        ("DL", "oxus:launch rdfs:range rdf:langString ."),
        ("RL", "oxus:Ship rdfs:subClassOf [ a owl:Class ; owl:unionOf ( oxus:Person oxus:Vessel ) ] ."),
        ("RL", "oxus:Ship rdfs:subClassOf [ a owl:Restriction ; owl:onProperty oxus:launch ; owl:minCardinality 1 ] ."),
        ("RL", "oxus:Vessel owl:disjointUnionOf ( oxus:Ship oxus:Person ) ."),
    ],
)  # fmt: skip
def test_leaving_the_profile_is_found(profile: str, wrong: str) -> None:
    assert owl.violations(profile, facts(GOOD)) == []
    assert owl.violations(profile, [*facts(GOOD), *facts(wrong)])


# Our rules against an independent reasoner


def sample(ontology: Iterable[ox.Triple]) -> set[ox.Triple]:
    """A small world for an ontology: a member of each class, and two steps of each object property.

    Where properties chain, the steps of the chain; so that every kind of axiom has something to work on.
    """
    triples = list(ontology)
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in triples)

    def declared(kind: str) -> list[ox.NamedNode]:
        found = store.quads_for_pattern(None, TYPE, ox.NamedNode(OWL + kind), None)
        return [quad.subject for quad in found if isinstance(quad.subject, ox.NamedNode)]

    def node(name: str) -> ox.NamedNode:
        return ox.NamedNode(ID + name)

    world: set[ox.Triple] = set()
    for number, each in enumerate(declared("Class")):
        world.add(ox.Triple(node(f"member-{number}"), TYPE, each))
    for number, each in enumerate(declared("ObjectProperty")):
        for step in (0, 1):
            world.add(ox.Triple(node(f"step-{number}-{step}"), each, node(f"step-{number}-{step + 1}")))
    for number, each in enumerate(declared("DatatypeProperty")):
        world.add(ox.Triple(node(f"has-{number}"), each, ox.Literal("x")))
    chains = store.query(
        f"PREFIX owl: <{OWL}> PREFIX rdf: <{RDF}> SELECT ?a ?b {{ ?p owl:propertyChainAxiom (?a ?b) }} ORDER BY ?a ?b"
    )
    for number, chain in enumerate(chains):  # type: ignore[arg-type]
        world.add(ox.Triple(node(f"chain-{number}-0"), chain["a"], node(f"chain-{number}-1")))
        world.add(ox.Triple(node(f"chain-{number}-1"), chain["b"], node(f"chain-{number}-2")))
    return world


def meaning(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """An ontology without its annotations, which no axiom speaks of."""
    words = {RDFS + "label", RDFS + "comment", RDFS + "isDefinedBy"}
    kept = (OWL, RDF, RDFS)
    return [t for t in triples if t.predicate.value.startswith(kept) and t.predicate.value not in words]


def comparable(triples: Iterable[ox.Triple]) -> set[str]:
    """The types and properties of ours over IRIs of ours: what the two reasoners are compared on."""
    found = set()
    for subject, predicate, value in triples:
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode) and subject.value.startswith(ID):
            ours = value.value.startswith(ONTOLOGY) if predicate == TYPE else predicate.value.startswith(ONTOLOGY)
            if ours:
                found.add(f"{compact(subject.value)} {compact(predicate.value)} {compact(value.value)}")
    return found


def by_our_rules(triples: set[ox.Triple], rules: list[Rule]) -> set[str]:
    inferred = infer(triples, [rule for rule in rules if rule.kind == "axiom"])
    return comparable(triples.union(*inferred.values()))


def by_owlrl(triples: set[ox.Triple]) -> set[str]:
    import rdflib
    from owlrl import DeductiveClosure, OWLRL_Semantics

    graph = rdflib.Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    iris = (triple for triple in graph if all(isinstance(term, rdflib.URIRef) for term in triple))
    return comparable(ox.Triple(*(ox.NamedNode(str(term)) for term in triple)) for triple in iris)


@pytest.fixture(scope="module")
def world() -> set[ox.Triple]:
    ontology = meaning(owl.read(ONTOLOGY_FILE))
    return {*ontology, *sample(ontology)}


@pytest.fixture(scope="module")
def closure(world: set[ox.Triple]) -> set[str]:
    return by_owlrl(world)


def test_our_axiom_rules_infer_what_an_owl_rl_reasoner_does(world: set[ox.Triple], closure: set[str]) -> None:
    ours = by_our_rules(world, read_rules(PROJECT))
    assert ours - closure == set(), "only ours"
    assert closure - ours == set(), "only the reasoner's"


def test_a_missing_rule_shows(world: set[ox.Triple], closure: set[str]) -> None:
    rules = [rule for rule in read_rules(PROJECT) if rule.kind == "axiom"]
    kinds = {str(triple.predicate) + str(triple.object) for triple in world}
    for rule in rules:
        if rule.slug == "chain" and not any("propertyChainAxiom" in kind for kind in kinds):
            continue  # the ontology has no chain for the rule to work on
        assert by_our_rules(world, [other for other in rules if other is not rule]) != closure, rule.slug
