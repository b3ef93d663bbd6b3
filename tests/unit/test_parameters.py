"""Values for parameters: what each type takes, what it refuses, and that no value changes a query's structure."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import QueryParameterError
from kg.namespaces import ID, SOURCE, TOPIC, XSD
from kg.queries.canned import parse_query
from kg.queries.declarations import CannedQuery, Parameter
from kg.queries.parameters import bind, pick_list, read_value, refuse_unknown, write_value
from kg.queries.text import mask, values_blocks

TEXT = """\
#+ title: Everything at once
#+ description: One parameter of each type.
#+ param: who | iri(Person) | who
#+ param: document | iri(Document) | a document
#+ param: about | topic … | topics
#+ param: word | string | a word
#+ param: lang | language | language
#+ param: many | integer … | numbers
#+ param: bound | decimal | a bound
#+ param: since | date | from when
#+ column: x | term | anything
#+ expect: rows = 0

PREFIX id: <https://w3id.org/oxus/id/>
SELECT ?x WHERE {
  VALUES ?who { UNDEF }
  VALUES ?document { <https://w3id.org/oxus/source/first> }
  VALUES ?about { UNDEF }
  VALUES ?word { "a } brace" }
  VALUES ?lang { "en" }
  VALUES ?many { 1 2 }
  VALUES ?bound { 1.5 }
  VALUES ?since { "2000-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> }
  ?x id:p ?who, ?document, ?about, ?word, ?lang, ?many, ?bound, ?since .
} ORDER BY ?x
""".replace("lang", "tongue").replace("| tongueuage | tongueuage", "| language | language")


@pytest.fixture(scope="module")
def query() -> CannedQuery:
    return parse_query(TEXT, "everything", "queries/everything.rq")


def named(query: CannedQuery, name: str) -> Parameter:
    return next(parameter for parameter in query.params if parameter.name == name)


def bound(query: CannedQuery, name: str, *values: str) -> list[object]:
    text = bind(query, {name: list(values)})
    [(begin, end)] = values_blocks(mask(text), name)
    answer = ox.Store().query(f"PREFIX id: <{ID}> SELECT * {{ VALUES ?{name} {{ {text[begin:end]} }} }}")
    assert isinstance(answer, ox.QuerySolutions)
    return [solution[name] for solution in answer]


def date(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + "dateTime"))


ACCEPTED: list[tuple[str, str, ox.NamedNode | ox.Literal]] = [
    ("who", "id:ann", ox.NamedNode(ID + "ann")),
    ("who", "ann", ox.NamedNode(ID + "ann")),
    ("who", " ann ", ox.NamedNode(ID + "ann")),
    ("who", "https://example.org/ann", ox.NamedNode("https://example.org/ann")),
    ("who", "<https://example.org/ann>", ox.NamedNode("https://example.org/ann")),
    ("who", "urn:isbn:1", ox.NamedNode("urn:isbn:1")),
    ("who", "first:10-20", ox.NamedNode(SOURCE + "first/10-20")),
    ("document", "second", ox.NamedNode(SOURCE + "second")),
    ("document", "source:second", ox.NamedNode(SOURCE + "second")),
    ("about", "rivers", ox.NamedNode(TOPIC + "rivers")),
    ("about", "topic:rivers", ox.NamedNode(TOPIC + "rivers")),
    ("word", 'x" } DROP ALL # \\', ox.Literal('x" } DROP ALL # \\')),
    ("tongue", "tg-Cyrl", ox.Literal("tg-cyrl")),
    ("many", "-12", ox.Literal("-12", datatype=ox.NamedNode(XSD + "integer"))),
    ("bound", ".5", ox.Literal("0.5", datatype=ox.NamedNode(XSD + "decimal"))),
    ("since", "2002", date("2002-01-01T00:00:00Z")),
    ("since", "2002-02", date("2002-02-01T00:00:00Z")),
    ("since", "2004-02-29", date("2004-02-29T00:00:00Z")),
]


@pytest.mark.parametrize(("name", "value", "term"), ACCEPTED)
def test_a_good_value_becomes_this_term(query: CannedQuery, name: str, value: str, term: ox.NamedNode) -> None:
    assert bound(query, name, value) == [term]


REFUSED = [
    ("who", "", "is empty"),
    ("word", "  ", "is empty"),
    ("who", "no such", "is not a iri"),
    ("who", "none:ann", "is not a iri"),
    ("who", "http://a/> } {", "is not a iri"),
    ("who", "javascript:alert(1)", "is not a iri"),
    ("about", "id:ann", "is not a topic"),
    ("word", "a\x00b", "is not a string"),
    ("word", "\ud800", "is not a string"),
    ("who", "\ud800", "is not a iri"),
    ("tongue", "english!", "is not a language"),
    ("many", "1.0", "is not a integer"),
    ("many", "१", "is not a integer"),
    ("many", "9" * 40, "is not a integer"),
    ("bound", "1e3", "is not a decimal"),
    ("bound", ".", "is not a decimal"),
    ("bound", "NaN", "is not a decimal"),
    ("since", "2002-31-02", "is not a date"),
    ("since", "2003-02-29", "is not a date"),
    ("since", "0000", "is not a date"),
    ("since", "20020101", "is not a date"),
    ("since", "2002-1-1", "is not a date"),
    ("since", "2002-01-01T00:00:00Z", "is not a date"),
]


@pytest.mark.parametrize(("name", "value", "message"), REFUSED)
def test_a_bad_value_is_refused_with_what_would_be_right(
    query: CannedQuery, name: str, value: str, message: str
) -> None:
    with pytest.raises(QueryParameterError, match=message) as caught:
        bind(query, {name: [value]})
    assert caught.value.parameter == name
    assert "it takes" in str(caught.value) and caught.value.suggestions


def test_an_unknown_parameter_names_the_nearest(query: CannedQuery) -> None:
    with pytest.raises(QueryParameterError, match="did you mean since") as caught:
        bind(query, {"sinse": ["2002"]})
    assert caught.value.suggestions == ("since",)
    with pytest.raises(QueryParameterError, match="the query takes who, document"):
        bind(query, {"zzzzzz": ["2002"]})


def test_several_values_only_where_declared(query: CannedQuery) -> None:
    assert len(bound(query, "about", "rivers", "lakes")) == 2
    with pytest.raises(QueryParameterError, match="takes one value, not 2"):
        bind(query, {"who": ["ann", "ben"]})


def test_without_values_the_text_is_unchanged(query: CannedQuery) -> None:
    assert bind(query, {}) == TEXT
    assert bind(query, {"who": []}) == TEXT


def shape(node: Any) -> object:
    """The parse tree with the values of every VALUES block left out."""
    if isinstance(node, CompValue):
        return node.name, [
            (key, "…" if node.name == "InlineData" and key == "value" else shape(value)) for key, value in node.items()
        ]
    return [shape(part) for part in node] if isinstance(node, list | tuple) or hasattr(node, "asList") else str(node)


HOSTILE = [
    '" } DROP ALL { "',
    '"} UNION { ?s ?p ?o } #',
    "\\",
    '\\"',
    "'''",
    '"""',
    "\n} SERVICE <http://localhost/> {\r",
    "#",
    "\u2028}",
    "\\u0022 } {",
    "?x",
    "$x",
    "_:b",
    "<a>",
    "1 } VALUES ?x { 2",
    "{{x}}",
    "%s %(x)s {0}",
    "\\1 \\g<0>",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["who", "document", "about", "word", "tongue", "many", "bound", "since"])
def test_a_hostile_value_is_refused_or_stays_a_value(query: CannedQuery, name: str, value: str) -> None:
    try:
        text = bind(query, {name: [value]})
    except QueryParameterError:
        assert name != "word"
        return
    assert shape(parseQuery(text)) == shape(parseQuery(TEXT))


@settings(deadline=None)
@given(value=st.text(min_size=1))
def test_any_text_at_all_stays_one_literal(value: str) -> None:
    query = parse_query(TEXT, "everything", "queries/everything.rq")
    try:
        assert bound(query, "word", value) == [ox.Literal(value)]
    except QueryParameterError:
        assert not value.strip() or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in value)


def test_defaults_and_picked_terms_are_written_as_they_are_read(query: CannedQuery) -> None:
    written = [("who", "id:ann"), ("who", "https://example.org/a"), ("who", "first:10-20"), ("since", "2002-02-01")]
    for name, value in written:
        assert write_value(read_value(named(query, name), value)) == value


def test_a_pick_list_offers_instances_and_names_the_nearest(query: CannedQuery) -> None:
    who, word = named(query, "who"), named(query, "word")
    store = ox.Store()
    store.load(
        b"""PREFIX id: <https://w3id.org/oxus/id/> PREFIX oxus: <https://w3id.org/oxus/ontology#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        oxus:Envoy rdfs:subClassOf oxus:Person . id:rock a oxus:Rock .
        id:ann a oxus:Envoy ; rdfs:label "Ann Example"@en .""",
        ox.RdfFormat.TURTLE,
    )
    text = pick_list(who, {})
    assert text is not None and pick_list(word, {}) is None
    answer = store.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    known = {solution["value"].value: solution["label"].value for solution in answer}
    assert known == {ID + "ann": "Ann Example"}
    refuse_unknown(who, ox.NamedNode(ID + "ann"), known)
    with pytest.raises(QueryParameterError, match="did you mean id:ann") as caught:
        refuse_unknown(who, ox.NamedNode(ID + "anne"), known)
    assert caught.value.suggestions == ("id:ann",)
    with pytest.raises(QueryParameterError, match="did you mean id:ann"):
        refuse_unknown(who, ox.NamedNode(ID + "ann-exmple"), known)


def test_a_short_pick_list_is_told_whole_and_a_long_one_by_what_is_nearest(query: CannedQuery) -> None:
    who = named(query, "who")
    known = {f"{ID}person-{number:02}": "" for number in range(13)}
    with pytest.raises(QueryParameterError) as caught:
        refuse_unknown(who, ox.NamedNode(ID + "xyz"), known)
    assert caught.value.suggestions == ()
    known.popitem()
    with pytest.raises(QueryParameterError, match="it takes id:person-00, id:person-01") as caught:
        refuse_unknown(who, ox.NamedNode(ID + "xyz"), known)
    assert caught.value.suggestions == tuple(f"id:person-{number:02}" for number in range(12))
