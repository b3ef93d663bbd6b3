from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.accepted import Dataset, accept
from kg.build.catalogue import for_notebooks, with_catalogue
from kg.build.dataset import Assembled, assemble
from kg.build.partitions import VOID_EXT, node, statistics, void
from kg.build.rules import read_rules
from kg.build.run import build
from kg.namespaces import (
    CATALOGUE,
    DATASET,
    DCAT,
    DCTERMS,
    EXAMPLES,
    ID,
    PREFIXES,
    RDF,
    RDFS,
    SELF_DESCRIPTION,
    SH,
    SKOS,
    SOURCE,
    VOID,
    XSD,
    oxus,
)
from kg.project import Project
from kg.queries.canned import parse_query
from kg.queries.executables import DEFAULT_VALUE, example_iri, executable

TYPE, LABEL, COMMENT = (ox.NamedNode(name) for name in (RDF + "type", RDFS + "label", RDFS + "comment"))
PERSON, ACTOR, AGENT = oxus("Person"), oxus("Actor"), ox.NamedNode("http://xmlns.com/foaf/0.1/Agent")
ADA, BO = ox.NamedNode(ID + "ada"), ox.NamedNode(ID + "bo")
KNOWS, NAME = oxus("knows"), oxus("name")
QUERY = """#+ title: Who knows whom
#+ description: One row per pair.
#+ tags: people, acquaintance
#+ param: person | iri(Person) | Who
#+ param: topic | topic | About what
#+ param: since | date | From
#+ param: words | string … | Words
#+ column: person | iri | who
#+ expect: rows >= 0

PREFIX id: <https://w3id.org/oxus/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

SELECT ?person WHERE {
  VALUES ?person { id:ada }
  VALUES ?topic { UNDEF }
  VALUES ?since { "2001-01-01T00:00:00Z"^^xsd:dateTime }
  VALUES ?words { "a" "b" }
  ?person ?since ?topic, ?words
}
ORDER BY ?person
"""


def people() -> tuple[set[ox.Triple], set[ox.Triple]]:
    """All triples, and those of them that are stated."""
    stated = {
        ox.Triple(ADA, TYPE, PERSON),
        ox.Triple(BO, TYPE, PERSON),
        ox.Triple(ADA, KNOWS, BO),
        ox.Triple(ADA, NAME, ox.Literal("Ada", language="en")),
        ox.Triple(ADA, NAME, ox.Literal("A.")),
    }
    inferred = {ox.Triple(each, TYPE, kind) for each in (ADA, BO) for kind in (ACTOR, AGENT)}
    return stated | inferred, stated


def objects(triples: Iterable[ox.Triple], subject: ox.NamedNode, predicate: ox.NamedNode) -> set[object]:
    return {triple.object for triple in triples if (triple.subject, triple.predicate) == (subject, predicate)}


@pytest.fixture
def assembled(tiny_project: Project) -> Assembled:
    return assemble(tiny_project)


@pytest.fixture
def dataset(assembled: Assembled, tiny_project: Project) -> Dataset:
    return accept(assembled, read_rules(tiny_project))


# Statistics


def test_the_whole_is_counted() -> None:
    told = set(statistics(DATASET, *people()))
    counts = {triple.predicate.value.removeprefix(VOID): triple.object for triple in told if triple.subject == DATASET}
    numbers = {name: int(each.value) for name, each in counts.items() if isinstance(each, ox.Literal)}
    assert numbers == {
        "triples": 9,
        "entities": 2,
        "distinctSubjects": 2,
        "distinctObjects": 6,
        "properties": 3,
        "classes": 3,
    }


def test_a_class_tells_its_properties_and_what_they_lead_to() -> None:
    told = set(statistics(DATASET, *people()))
    for each in (PERSON, ACTOR):
        assert objects(told, node(each), void("entities")) == {ox.Literal(2)}
        assert objects(told, node(each, NAME), void("triples")) == {ox.Literal(2)}
        parts = objects(told, node(each, NAME), ox.NamedNode(VOID_EXT + "datatypePartition"))
        datatypes = {
            value
            for part in parts
            if isinstance(part, ox.NamedNode)
            for value in objects(told, part, ox.NamedNode(VOID_EXT + "datatype"))
        }
        assert datatypes == {ox.NamedNode(RDF + "langString"), ox.NamedNode(XSD + "string")}
        # What it leads to is told by the class that is stated, not by those that follow.
        assert objects(told, node(each, KNOWS), void("classPartition")) == {node(each, KNOWS, PERSON)}


def test_a_class_that_an_alignment_alone_gives_is_counted_and_no_more() -> None:
    told = set(statistics(DATASET, *people()))
    assert objects(told, node(AGENT), void("entities")) == {ox.Literal(2)}
    assert objects(told, node(AGENT), void("propertyPartition")) == set()


def test_nothing_gives_zeros() -> None:
    told = list(statistics(DATASET, set(), set()))
    assert {triple.object for triple in told} == {ox.Literal(0)}


# The graphs


def test_the_catalogue_joins_the_default_graph_and_leaves_the_rest_alone(
    assembled: Assembled, dataset: Dataset
) -> None:
    found = with_catalogue(dataset, assembled, [parse_query(QUERY, "who", "who.rq")], "1+a")
    assert set(found.graphs) == {*dataset.graphs, *SELF_DESCRIPTION}
    assert {graph: found.graphs[graph] for graph in dataset.graphs} == dict(dataset.graphs)
    added = found.graphs[CATALOGUE] | found.graphs[EXAMPLES]
    assert not added & dataset.accepted
    left_out = dataset.accepted.union(added) - found.accepted
    assert {triple.predicate.value for triple in left_out} == {DEFAULT_VALUE}
    assert not any(isinstance(term, ox.BlankNode) for triple in added for term in triple)
    # Nothing that is added speaks of an entity or says of a term of ours what the ontology should.
    assert not [triple for triple in added & found.accepted if str(triple.object).startswith(f"<{ID}")]
    assert all(
        str(triple.subject).startswith(("<https://w3id.org/oxus/>", f"<{DATASET.value}.well-known/"))
        for triple in added
    )


def test_a_notebook_loads_what_is_counted_and_what_is_said_of_the_whole(assembled: Assembled, dataset: Dataset) -> None:
    found = with_catalogue(dataset, assembled, [parse_query(QUERY, "who", "who.rq")], "1+a")
    loaded = for_notebooks(found)
    assert dataset.accepted < loaded < found.accepted
    more = loaded - dataset.accepted
    assert {triple.subject for triple in more} == {DATASET}
    assert objects(more, DATASET, void("triples")) == {ox.Literal(len(dataset.accepted))}
    assert objects(more, DATASET, ox.NamedNode(DCAT + "version")) == {ox.Literal("1+a")}
    left_out = {triple.predicate.value for triple in found.accepted - loaded if triple.subject == DATASET}
    assert left_out == {SH + "declare", VOID + "classPartition", VOID + "propertyPartition"}


def test_what_the_data_say_of_the_dataset_is_not_said_again(
    tiny_project: Project, assembled: Assembled, dataset: Dataset
) -> None:
    typed = ox.Triple(DATASET, TYPE, ox.NamedNode(DCAT + "Dataset"))
    assert typed in with_catalogue(dataset, assembled, [], "1+a").graphs[CATALOGUE]
    said = Dataset(dataset.graphs, dataset.accepted | {typed}, dataset.rejected)
    assert typed not in with_catalogue(said, assembled, [], "1+a").graphs[CATALOGUE]


def test_links_are_counted_by_kind_and_host(assembled: Assembled, dataset: Dataset) -> None:
    exact, close = ox.NamedNode(SKOS + "exactMatch"), ox.NamedNode(SKOS + "closeMatch")
    links = {
        *(ox.Triple(ADA, exact, ox.NamedNode(f"http://wiki.example/{n}")) for n in range(3)),
        ox.Triple(ADA, close, ox.NamedNode("http://wiki.example/9")),
        ox.Triple(ADA, exact, BO),
        ox.Triple(ADA, exact, ox.NamedNode("urn:isbn:1")),
    }
    linked = Dataset(dataset.graphs, dataset.accepted | links, dataset.rejected)
    told = with_catalogue(linked, assembled, [], "1+a").graphs[CATALOGUE]
    ours = {each for each in objects(told, DATASET, void("subset")) if isinstance(each, ox.NamedNode)}
    counts = {(*objects(told, each, void("linkPredicate")), *objects(told, each, void("triples"))) for each in ours}
    before = with_catalogue(dataset, assembled, [], "1+a").graphs[CATALOGUE]
    assert objects(before, DATASET, void("subset")) == set()
    assert counts == {(exact, ox.Literal(3)), (close, ox.Literal(1))}
    for each in ours:
        assert objects(told, each, void("objectsTarget")) == {node("dataset", "http://wiki.example/")}


def test_every_prefix_is_declared_once_and_every_document_has_one(assembled: Assembled, dataset: Dataset) -> None:
    told = with_catalogue(dataset, assembled, [], "1+a").graphs[CATALOGUE]
    declared = {}
    for each in objects(told, DATASET, ox.NamedNode(SH + "declare")):
        assert isinstance(each, ox.NamedNode)
        (prefix,), (namespace,) = (objects(told, each, ox.NamedNode(SH + name)) for name in ("prefix", "namespace"))
        assert isinstance(prefix, ox.Literal) and isinstance(namespace, ox.Literal)
        declared[prefix.value] = namespace.value
    assert declared == PREFIXES | {"report-1": f"{SOURCE}report-1/"}


def test_the_version_is_the_manifest_s(tiny_project: Project, tmp_path: Path) -> None:
    manifest = build(tiny_project, tmp_path / "out")
    found = ox.parse(path=tmp_path / "out" / "oxus.ttl")
    versions = {quad.object for quad in found if quad.predicate == ox.NamedNode(DCAT + "version")}
    assert versions == {ox.Literal(manifest.version)}


# Canned queries


def test_a_canned_query_as_rdf() -> None:
    told = set(executable(parse_query(QUERY, "who", "who.rq")))
    here = example_iri("who")
    assert objects(told, here, TYPE) == {
        ox.NamedNode(SH + "SPARQLExecutable"),
        ox.NamedNode(SH + "SPARQLSelectExecutable"),
    }
    assert objects(told, here, ox.NamedNode(SH + "select")) == {ox.Literal(QUERY)}
    assert objects(told, here, LABEL) == {ox.Literal("Who knows whom", language="en")}
    assert objects(told, here, COMMENT) == {ox.Literal("Who knows whom. One row per pair.", language="en")}
    keywords = objects(told, here, ox.NamedNode(PREFIXES["schema"] + "keywords"))
    assert keywords == {ox.Literal("people"), ox.Literal("acquaintance")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("person", {"nodeKind": ox.NamedNode(SH + "IRI"), "class": PERSON, "defaultValue": ADA}),
        ("topic", {"nodeKind": ox.NamedNode(SH + "IRI"), "class": ox.NamedNode(SKOS + "Concept")}),
        (
            "since",
            {
                "datatype": ox.NamedNode(XSD + "dateTime"),
                "defaultValue": ox.Literal("2001-01-01T00:00:00Z", datatype=ox.NamedNode(XSD + "dateTime")),
            },
        ),
        # SHACL takes one default value, and there are two.
        ("words", {"datatype": ox.NamedNode(XSD + "string")}),
    ],
)
def test_a_parameter_as_rdf(name: str, expected: dict[str, object]) -> None:
    told = set(executable(parse_query(QUERY, "who", "who.rq")))
    here = ox.NamedNode(f"{example_iri('who').value}#{name}")
    found = {triple.predicate.value.removeprefix(SH): triple.object for triple in told if triple.subject == here}
    assert {key: found[key] for key in found if key in ("nodeKind", "class", "datatype", "defaultValue")} == expected
    assert found["optional"] == ox.Literal(True)
    assert str(found["path"]).endswith(f"#{name}>")


@pytest.mark.parametrize(
    ("form", "name"), [("ASK { ?s ?p ?o }", "ask"), ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "construct")]
)
def test_each_form_has_its_property_and_class(form: str, name: str) -> None:
    expect = "true" if name == "ask" else "rows >= 0"
    told = set(
        executable(parse_query(f"#+ title: A\n#+ description: B.\n#+ expect: {expect}\n\n{form}\n", "a", "a.rq"))
    )
    assert objects(told, example_iri("a"), ox.NamedNode(SH + name))
    kinds = objects(told, example_iri("a"), TYPE)
    assert ox.NamedNode(f"{SH}SPARQL{name.capitalize()}Executable") in kinds


def test_the_title_of_the_data_stays_the_only_one(real_build: Path) -> None:
    titles = [
        quad.object.language
        for quad in ox.parse(path=real_build / "oxus.ttl")
        if (quad.subject, quad.predicate.value) == (DATASET, DCTERMS + "title")
    ]
    assert sorted(titles) == ["en", "ru"]
