"""The engine is asked with the right dataset, its errors become ours, and what it writes can be read by others."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from kg.engine.evaluation import evaluate, serialise
from kg.engine.formats import FORMATS, Format, format_named
from kg.errors import QueryParameterError, QueryRefusedError, QuerySyntaxError, UnrepresentableError

S, P = ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p")
CONSTRUCT = "CONSTRUCT WHERE { ?s ?p ?o }"


def store_of(*objects: ox.Literal | ox.NamedNode | ox.Triple, predicate: str = "http://e/p") -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(S, ox.NamedNode(predicate), each) for each in objects)
    return store


def named(name: str) -> Format:
    format = format_named(name)
    assert format
    return format


def written(store: ox.Store, query: str, name: str) -> bytes:
    output = io.BytesIO()
    serialise(evaluate(store, query), named(name), output)
    return output.getvalue()


@pytest.fixture
def graphs() -> ox.Store:
    store = ox.Store()
    for graph in (ox.DefaultGraph(), ox.NamedNode("urn:a"), ox.NamedNode("urn:b")):
        name = "default" if isinstance(graph, ox.DefaultGraph) else graph.value
        store.add(ox.Quad(S, P, ox.Literal(name), graph))
    return store


@pytest.mark.parametrize(
    ("default", "named_graphs", "seen"),
    [
        (None, None, {"default", "in urn:a", "in urn:b"}),
        (["urn:a"], None, {"urn:a"}),
        (None, ["urn:a"], {"in urn:a"}),
        (["urn:a", "urn:b"], ["urn:b"], {"urn:a", "urn:b", "in urn:b"}),
        ([], [], set()),
        (["urn:none"], [], set()),
    ],
)
def test_the_dataset_is_what_was_asked_for(
    graphs: ox.Store, default: list[str] | None, named_graphs: list[str] | None, seen: set[str]
) -> None:
    query = "SELECT ?x { { ?s ?p ?x } UNION { GRAPH ?g { ?s ?p ?o } BIND(CONCAT('in ', ?o) AS ?x) } }"
    answer = evaluate(graphs, query, default_graphs=default, named_graphs=named_graphs)
    assert isinstance(answer, ox.QuerySolutions)
    assert {row["x"].value for row in answer} == seen


def test_a_dataset_overrides_from(graphs: ox.Store) -> None:
    answer = evaluate(graphs, "SELECT ?x FROM <urn:a> { ?s ?p ?x }", default_graphs=["urn:b"])
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["x"].value for row in answer] == ["urn:b"]


def test_graphs_and_bases_must_be_absolute(graphs: ox.Store) -> None:
    with pytest.raises(QueryParameterError, match="'a b' is not an absolute IRI") as caught:
        evaluate(graphs, "ASK { }", named_graphs=["a b"])
    assert caught.value.parameter == "named-graph-uri"
    with pytest.raises(QueryParameterError, match="absolute"):
        evaluate(graphs, "ASK { }", base_iri="here")
    assert bool(evaluate(store_of(S), "ASK { <s> <p> <s> }", base_iri="http://e/"))


@pytest.mark.parametrize(
    ("query", "message", "place"),
    [
        ("SELECT * { ?s ?p ?o", "{ is never closed", (1, 10)),
        ("SELECT *\nWHERE { ex:a ?p ?o }", "prefix ex: is not declared", (2, 9)),
        ("SELECT ?x ?x { }", "duplicated variable name in SELECT", (1, 17)),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", "unbound", (1, 35)),
        ("SELECT * { } LIMIT -1", "shortly after -", (1, 20)),
        ("SELECT ?x { FILTER(?x = ) }", r"shortly after \)", (1, 25)),
        ("SELECT * { ?s ?p ?o } ORDER BY", "something is missing at its end", (1, 31)),
        ("", "the query is empty", (1, 1)),
    ],
)
def test_a_syntax_error_says_where_and_what(query: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        evaluate(ox.Store(), query)
    assert len(str(caught.value)) < 200 and "expected" not in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


def test_an_unknown_function_is_named() -> None:
    with pytest.raises(QuerySyntaxError, match="no function <urn:f>"):
        written(store_of(S), "SELECT (<urn:f>(1) AS ?x) { }", "json")


def test_a_service_that_cannot_be_reached_is_a_refusal() -> None:
    with pytest.raises(QueryRefusedError):
        written(ox.Store(), "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "json")
    with pytest.raises(QueryRefusedError):
        written(ox.Store(), "SELECT * { SERVICE ?x { ?s ?p ?o } }", "json")


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_each_format_holds_its_kind_of_answer_and_no_other(format: Format) -> None:
    fitting, other = (("ASK { }", CONSTRUCT), (CONSTRUCT, "ASK { }"))[format.kind == "graph"]
    assert written(store_of(S), fitting, format.name)
    with pytest.raises(UnrepresentableError, match=format.label.partition(",")[0]):
        written(store_of(S), other, format.name)


@pytest.mark.parametrize(
    "predicate",
    [
        "http://e/p", "http://e/p1", "http://e/1p", "urn:p", "http://e/#p-1", "http://e/p.", "http://e/_", "a:b",
        "http://e/&p", "http://e/'p", "http://e/ӯҷқҳғӣ", "http://e/p?q", "http://e/xmlns", "http://e/a%41b",
    ],
)  # fmt: skip
def test_rdf_xml_that_is_written_is_read_by_an_xml_parser(predicate: str) -> None:
    root = ElementTree.fromstring(written(store_of(ox.Literal("v"), predicate=predicate), CONSTRUCT, "rdf"))
    namespace, _, local = root[0][0].tag.removeprefix("{").partition("}")
    assert namespace + local == predicate


@pytest.mark.parametrize(
    "predicate",
    [
        "http://e/1", "http://e/", "http://e/p#", "urn:p:", "http://e/p%41", "http://e/p(1)", "http://e/p/2002-02-20",
        "http://www.w3.org/2000/xmlns/x", "http://www.w3.org/1999/02/22-rdf-syntax-ns#li", "http://e/\U00010348",
    ],
)  # fmt: skip
def test_rdf_xml_that_no_xml_parser_reads_is_not_written(predicate: str) -> None:
    with pytest.raises(UnrepresentableError) as caught:
        written(store_of(ox.Literal("v"), predicate=predicate), CONSTRUCT, "rdf")
    assert f"<{predicate}>" in str(caught.value)


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
@pytest.mark.parametrize(("name", "query"), [("rdf", CONSTRUCT), ("xml", "SELECT * { ?s ?p ?o }")])
def test_characters_that_xml_has_not_are_not_written(character: str, name: str, query: str) -> None:
    store = store_of(ox.Literal(f"a{character}b"))
    with pytest.raises(UnrepresentableError, match=rf"U\+{ord(character):04X}"):
        written(store, query, name)
    assert written(store, CONSTRUCT, "nt")


@pytest.mark.parametrize(("name", "query"), [("rdf", CONSTRUCT), ("xml", "SELECT ?o { ?s ?p ?o }")])
def test_a_literal_comes_out_of_xml_as_it_went_in(name: str, query: str) -> None:
    text = "one\r\ntwo\rthree\tfour\x7f & <five> \"six\" 'ҷ' \U0001f600"
    root = ElementTree.fromstring(written(store_of(ox.Literal(text)), query, name))
    assert [element.text for element in root.iter() if element.text and "one" in element.text] == [text]


def test_an_illegal_character_is_found_across_pieces() -> None:
    store = store_of(*(ox.Literal("x" * length + "\uffff") for length in (8190, 8191, 8192)))
    with pytest.raises(UnrepresentableError):
        written(store, "SELECT * { ?s ?p ?o }", "xml")


def test_json_ld_is_standard_and_has_no_triple_terms() -> None:
    assert json.loads(written(store_of(ox.Literal("v", language="en")), CONSTRUCT, "jsonld")) == [
        {"@id": "http://e/s", "http://e/p": [{"@language": "en", "@value": "v"}]}
    ]
    assert written(ox.Store(), CONSTRUCT, "jsonld") == b"[]"
    with pytest.raises(UnrepresentableError, match="triple terms"):
        written(store_of(ox.Triple(S, P, S)), CONSTRUCT, "jsonld")
    assert b"<<(" in written(store_of(ox.Triple(S, P, S)), CONSTRUCT, "nt")


def test_what_the_output_raises_ends_the_answer() -> None:
    class Full(io.RawIOBase):
        def write(self, data: object, /) -> int:
            raise BrokenPipeError(32, "gone")

    with pytest.raises(BrokenPipeError):
        serialise(evaluate(store_of(S), "SELECT * { ?s ?p ?o }"), named("json"), Full())
