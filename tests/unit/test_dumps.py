import gzip
import io
from pathlib import Path

import duckdb
import pandas
import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from kg.build.accepted import Dataset, accept
from kg.build.dataset import Assembled, assemble
from kg.build.dumps import MEDIA_TYPES, write_dumps
from kg.build.queries_file import QUERIES_FILE, packed, unpack
from kg.build.rules import read_rules
from kg.checks.shapes import to_rdflib
from kg.files.pretty import natural, turtle
from kg.namespaces import ID, ONTOLOGY_GRAPH, RDF, XSD
from kg.project import Project

EX = "http://e/"
FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))


@pytest.fixture
def assembled(tiny_project: Project) -> Assembled:
    return assemble(tiny_project)


@pytest.fixture
def dataset(assembled: Assembled, tiny_project: Project) -> Dataset:
    return accept(assembled, read_rules(tiny_project))


@pytest.fixture
def folder(assembled: Assembled, dataset: Dataset, tmp_path: Path) -> Path:
    folder = tmp_path / "dumps"
    folder.mkdir()
    write_dumps(folder, assembled, dataset)
    return folder


def node(name: str) -> ox.NamedNode:
    return ox.NamedNode(EX + name)


def test_every_dump_has_a_media_type(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(MEDIA_TYPES)


def test_the_turtle_dump_is_isomorphic_to_the_default_graph_in_rdflib(folder: Path, dataset: Dataset) -> None:
    default = ox.serialize(dataset.accepted, format=ox.RdfFormat.N_TRIPLES)
    assert isomorphic(Graph().parse(folder / "oxus.ttl"), Graph().parse(data=default, format="nt"))


def test_the_ontology_dump_is_isomorphic_to_the_ontology_graph(folder: Path, dataset: Dataset) -> None:
    assert isomorphic(Graph().parse(folder / "ontology.ttl"), to_rdflib(dataset.graphs[ONTOLOGY_GRAPH]))


def test_trig_and_quads_hold_the_same_dataset(folder: Path) -> None:
    quads = ox.Dataset(ox.parse(gzip.decompress((folder / "oxus.nq.gz").read_bytes()), format=ox.RdfFormat.N_QUADS))
    trig = ox.Dataset(ox.parse(path=folder / "oxus.trig"))
    for one in (quads, trig):
        one.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert set(map(str, quads)) == set(map(str, trig))


def test_the_canned_queries_and_rules_are_in_the_build(
    tiny_project: Project, assembled: Assembled, tmp_path: Path
) -> None:
    (tiny_project.queries / "some.rq").parent.mkdir(exist_ok=True)
    (tiny_project.queries / "some.rq").write_bytes(b"one\r\ntwo")
    (tmp_path / QUERIES_FILE).write_bytes(packed(tiny_project))
    unpacked = unpack(tmp_path / QUERIES_FILE, tmp_path / "unpacked")
    for before, after in (
        (tiny_project.query_files(), unpacked.query_files()),
        (tiny_project.rule_files(), unpacked.rule_files()),
    ):
        assert before and [path.name for path in before] == [path.name for path in after]
        assert [path.read_bytes() for path in before] == [path.read_bytes() for path in after]


def test_two_builds_give_the_same_bytes(tiny_project: Project, folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    once_more = assemble(tiny_project)
    write_dumps(again, once_more, accept(once_more, read_rules(tiny_project)))
    for name in MEDIA_TYPES:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name


def test_the_compressed_dump_holds_no_time_and_no_name(folder: Path) -> None:
    header = (folder / "oxus.nq.gz").read_bytes()[:10]
    assert header[3] == 0  # no flags, so no name
    assert header[4:8] == bytes(4)  # no modification time


def test_turtle_is_written_for_people() -> None:
    text = turtle(
        [
            ox.Triple(ox.NamedNode(ID + "b"), node("p"), ox.Literal(3)),
            ox.Triple(ox.NamedNode(ID + "b"), ox.NamedNode(RDF + "type"), node("T")),
            ox.Triple(ox.NamedNode(ID + "a"), node("p"), ox.Literal("x", language="en")),
        ]
    )
    assert text.splitlines() == [
        "@prefix id: <https://w3id.org/oxus/id/> .",
        "",
        "id:a",
        '    <http://e/p> "x"@en .',
        "",
        "id:b",
        "    a <http://e/T> ;",
        "    <http://e/p> 3 .",
    ]


def test_a_list_is_written_as_a_list() -> None:
    one, two = ox.BlankNode("one"), ox.BlankNode("two")
    triples = [
        ox.Triple(node("s"), node("p"), one),
        *(ox.Triple(one, FIRST, node("a")), ox.Triple(one, REST, two)),
        *(ox.Triple(two, FIRST, node("b")), ox.Triple(two, REST, NIL)),
    ]
    text = turtle(triples)
    assert "<http://e/p> ( <http://e/a> <http://e/b> ) ." in text
    assert isomorphic(Graph().parse(data=text), to_rdflib(triples))


@pytest.mark.parametrize(
    "links",
    [
        [("s", "one"), ("t", "one"), ("one", "nil")],
        [("s", "one"), ("one", "two"), ("two", "one")],
        [("one", "two"), ("two", "one")],
        [("s", "one"), ("one", "missing")],
        [("one", "nil")],
    ],
)
def test_what_only_looks_like_a_list_is_kept_as_it_is(links: list[tuple[str, str]]) -> None:
    blank = {name: ox.BlankNode(name) for name in ("one", "two", "missing")}
    triples = []
    for subject, value in links:
        target = NIL if value == "nil" else blank[value]
        if subject in blank:
            triples += [ox.Triple(blank[subject], FIRST, node(subject)), ox.Triple(blank[subject], REST, target)]
        else:
            triples.append(ox.Triple(node(subject), node("p"), target))
    assert isomorphic(Graph().parse(data=turtle(triples)), to_rdflib(triples))


@pytest.mark.parametrize(
    "term",
    [
        *(ox.Literal('a "quoted"\nline\\ \t end'), ox.Literal("тоҷикӣ", language="tg"), ox.Literal("")),
        *(ox.Literal(value, datatype=ox.NamedNode(XSD + "integer")) for value in ("007", "+7", "x", "")),
        *(ox.Literal(value, datatype=ox.NamedNode(XSD + "boolean")) for value in ("true", "1")),
        ox.Literal("2.50", datatype=ox.NamedNode(XSD + "decimal")),
        *(ox.NamedNode(ID + name) for name in ("a.b", "a-", "", "тоҷ", "a/b", "²", "a%20b", "-a")),
    ],
)
def test_every_term_survives(term: ox.Literal | ox.NamedNode) -> None:
    triple = ox.Triple(ox.NamedNode(ID + "s"), node("p"), term)
    parsed = ox.parse(io.BytesIO(turtle([triple]).encode()), format=ox.RdfFormat.TURTLE)
    assert [quad.triple for quad in parsed] == [triple]


def test_passages_come_in_reading_order() -> None:
    assert sorted(["d/100-120", "d/20-30", "d/20-25"], key=natural) == ["d/20-25", "d/20-30", "d/100-120"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its JSON-LD parser uses a class that it deprecates
def test_json_ld_is_isomorphic_to_the_default_graph_in_rdflib(folder: Path) -> None:
    assert isomorphic(Graph().parse(folder / "oxus.jsonld", format="json-ld"), Graph().parse(folder / "oxus.ttl"))


def test_each_row_of_the_parquet_dump_is_a_statement_of_a_named_graph(folder: Path, dataset: Dataset) -> None:
    rows = duckdb.sql(f"SELECT subject, predicate, object, graph FROM '{folder / 'statements.parquet'}'").fetchall()
    expected = [
        [term.value for term in (*quad.triple, quad.graph_name)]
        for quad in dataset.quads()
        if isinstance(quad.graph_name, ox.NamedNode) and not any(isinstance(term, ox.BlankNode) for term in quad.triple)
    ]
    named = [list(row) for row in rows if not any(part.startswith("_:") for part in row)]
    assert sorted(named) == sorted(expected)


def test_a_row_of_a_passage_is_typed_named_and_cited(folder: Path) -> None:
    frame = pandas.read_parquet(folder / "statements.parquet")
    passages = frame[frame.document.notna()]
    assert len(passages) and passages[["document_title", "begin", "end", "gist"]].notna().all(axis=None)
    assert (passages.end > passages.begin).all()
    spans = frame[frame.time.notna()]
    assert len(spans) and str(spans.time.dt.tz) == "UTC"
    assert frame.subject_label.notna().any()


def test_rejected_statements_are_in_the_parquet_dump_and_marked(folder: Path, dataset: Dataset) -> None:
    frame = pandas.read_parquet(folder / "statements.parquet")
    assert set(frame[~frame.accepted].graph) == {graph.value for graph in dataset.rejected}


def test_rdf_1_2_asserts_the_accepted_graph_and_reifies_every_passage(folder: Path, assembled: Assembled) -> None:
    reifies = ox.NamedNode(RDF + "reifies")
    triples = [quad.triple for quad in ox.parse(path=folder / "oxus-rdf12.ttl")]
    reified = {(triple.subject.value, triple.object) for triple in triples if triple.predicate == reifies}
    assert reified == {(passage.iri, triple) for passage in assembled.passages for triple in passage.triples}
    plain = ox.Dataset(ox.Quad(*triple) for triple in triples if triple.predicate != reifies)
    default = ox.Dataset(ox.parse(path=folder / "oxus.ttl"))
    for one in (plain, default):
        one.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert set(map(str, plain)) == set(map(str, default))
