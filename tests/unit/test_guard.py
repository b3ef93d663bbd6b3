"""The guard refuses what changes, calls or overloads, and lets every other query pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from canary import DISGUISES, Canary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.engine.complexity import Limits
from kg.engine.guard import QueryForm, check_query, decode_query
from kg.errors import QueryComplexityError, QueryError, QueryRefusedError, QuerySyntaxError

ROOT = Path(__file__).parents[2]
PREFIXES = "PREFIX ex: <http://e/> PREFIX service: <http://s/> "


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as canary:
        yield canary


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Objects that the disguises after a term match, so that the engine gets to the call."""
    subject, predicate = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")
    objects = (ox.Literal(True), ox.Literal(1), ox.Literal("x"), ox.NamedNode("urn:a.b"), ox.NamedNode("http://a:"))
    store = ox.Store()
    store.extend(ox.Quad(subject, predicate, each) for each in objects)
    return store


def ask(store: ox.Store, query: str) -> bool:
    """Whether the engine takes the query at all; evaluated to the end, whatever comes of it."""
    try:
        answer = store.query(query)
        if not isinstance(answer, ox.QueryBoolean):
            for _ in answer:
                pass
    except SyntaxError:
        return False
    except (OSError, RuntimeError):
        pass
    return True


@pytest.mark.parametrize("name", DISGUISES)
def test_service_is_refused_in_disguise(name: str, canary: Canary, store: ox.Store) -> None:
    query = DISGUISES[name].replace("CALL", f"<{canary.iri}>")
    before = canary.heard
    with pytest.raises(QueryRefusedError, match="SERVICE") as caught:
        check_query(query)
    assert caught.value.line and caught.value.column
    assert canary.heard == before
    # The disguise is real: without the guard the engine calls.
    ask(store, query)
    assert canary.hears_more_than(before)


def test_service_is_refused_where_it_stands() -> None:
    with pytest.raises(QueryRefusedError) as caught:
        check_query("SELECT *\n{ ?s ?p ?o .\n  service <http://e/> { } }")
    assert (caught.value.line, caught.value.column) == (3, 3)


@pytest.mark.parametrize(
    "pattern",
    [
        "?s ex:service ?o",
        "?s service:x ?o",
        "service:x service:y service:z .",
        "?service ?p $service",
        "_:service ?p ?o",
        "?s ?p 'SERVICE'",
        '?s ?p "x"@service',
        "?s ?p 'SERVICE <http://e/> { }'",
        "?s ?p '''SERVICE <http://e/> { }'''",
        "?s ?p ?o # SERVICE <http://e/> { }\n",
        "# SERVICE <http://e/> {\n ?s ?p ?o # }\n",
        "?s <http://e/SERVICE> ?o",
        "GRAPH service:x { ?s ?p ?o }",
        "GRAPH ?service { ?s ?p ?o }",
        "?s ex:service ?o OPTIONAL { ?s ?p ?o }",
        "?s ?p service:x . { ?s ?p ?o }",
        "?s ?p 'INSERT DATA { }' ; ex:load ?load # DROP ALL\n",
    ],
)
def test_what_only_looks_like_a_call_or_update_passes(pattern: str, store: ox.Store) -> None:
    query = f"{PREFIXES} SELECT * {{ {pattern} }}"
    assert check_query(query) is QueryForm.SELECT
    assert ask(store, query)


def test_a_dataset_or_description_of_a_service_prefix_passes() -> None:
    assert check_query(f"{PREFIXES} ASK FROM service:x {{ }}") is QueryForm.ASK
    assert check_query(f"{PREFIXES} DESCRIBE service:x {{ }}") is QueryForm.DESCRIBE


def test_a_commented_call_is_refused_if_the_comment_may_be_none() -> None:
    """`<'…'>` after an operand is an IRI to some eyes and a string to others; then a comment may not be one."""
    call = "# SERVICE <http://e/> { }\n"
    assert check_query(f"ASK {{ ?s ?p ?o {call} FILTER('a'<'b') }}")
    with pytest.raises(QueryRefusedError):
        check_query(f"ASK {{ ?s ?p ?o {call} FILTER(?a<'b'&&?c>'d') }}")


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:s> <urn:p> 1 }",
        "DELETE DATA { <urn:s> <urn:p> 1 }",
        "delete where { ?s ?p ?o }",
        "WITH <urn:g> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USING <urn:g> WHERE { ?s ?p ?o }",
        "LOAD <http://e/>",
        "LOAD SILENT <http://e/> INTO GRAPH <urn:g>",
        "CLEAR ALL",
        "DROP DEFAULT",
        "CREATE GRAPH <urn:g>",
        "COPY <urn:a> TO <urn:b>",
        "MOVE <urn:a> TO <urn:b>",
        "ADD <urn:a> TO <urn:b>",
        "# a comment\nPREFIX ex: <urn:> DROP GRAPH ex:g",
        "ASK { } ; DROP ALL",
        "SELECT * { INSERT DATA { } }",
    ],
)
def test_updates_are_refused(update: str) -> None:
    with pytest.raises(QueryRefusedError, match="is an update") as caught:
        check_query(update)
    assert caught.value.line and caught.value.column


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "ends before"),
        ("PREFIX ex: <urn:>", "ends before"),
        ("{ }", "begins with SELECT"),
        ("SELEC * { }", "perhaps SELECT"),
        ("ASK { ?s ex:p ?o }", "prefix ex: is not declared"),
        ("ASK { \\u0053ERVICE <urn:x> { } }", "backslash"),
        ("ASK { '\x00' ?p ?o }", r"U\+0000"),
        ("ASK { '\ud800' ?p ?o }", r"U\+D800"),
        ("SELECT * { ?s ?p 'open }", "never closed"),
    ],
)
def test_what_is_no_query_is_told_so(query: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        check_query(query)
    assert caught.value.line and caught.value.column


@pytest.mark.parametrize(
    ("limit", "query"),
    [
        ("bytes", "ASK { } # " + "é" * 33000),
        ("depth", "ASK " + "{" * 3000 + "}" * 3000),
        ("depth", "ASK { FILTER(" + "(" * 100 + "1" + ")" * 100 + ") }"),
        ("depth", "ASK { ?s ?p " + "[ ?p " * 60 + "1" + " ]" * 60 + "}"),
        ("operators", "ASK { FILTER(" + "||".join(["1"] * 600) + ") }"),
        ("operators", "ASK { FILTER(" + "!" * 600 + "1) }"),
        ("operators", "SELECT (" + "+".join(["1"] * 600) + " AS ?x) { }"),
        ("operators", "ASK { " + " UNION ".join(["{ }"] * 600) + " }"),
        ("patterns", "ASK { " + "?s ?p ?o . " * 101 + "}"),
        ("patterns", "ASK { ?s ?p ?o " + "; ?p ?o" * 101 + "}"),
        ("patterns", "ASK { ?s ?p 1" + ", 2" * 101 + "}"),
        ("patterns", "ASK { ?s ?p (" + " 1" * 60 + ") }"),
        ("patterns", "ASK { " + "OPTIONAL { ?s ?p ?o } " * 101 + "}"),
        ("path_steps", "ASK { ?s " + "/".join(["<urn:p>"] * 60) + " ?o }"),
        ("path_steps", "ASK { ?s (" + "|".join(["<urn:p>"] * 60) + ")* ?o }"),
        ("patterns", "ASK { " + "?s <urn:p>/<urn:q> ?o . " * 51 + "}"),
        ("patterns", "ASK { " + "VALUES ?x { 1 } " * 101 + "}"),
        ("patterns", "ASK { " + "{ SELECT * { } } " * 101 + "}"),
        ("patterns", "ASK { ?s ?p ?o " + "{| ?p ?o " * 45 + " |}" * 45 + "{| ?p ?o |} " * 10 + "}"),
        ("operators", "ASK { " + "MINUS { } " * 501 + "}"),
        ("operators", "ASK { " + "FILTER(?a) " * 251 + "}"),
        ("operators", "SELECT " + "(1 AS ?x) " * 251 + "{ }"),
        ("operators", "SELECT (1 AS ?x) { } GROUP BY ?a HAVING " + "(?a)" * 501),
        ("operators", "DESCRIBE " + "<urn:a> " * 501),
        ("tokens", "ASK { " + "{}" * 10000 + "}"),
        ("values", "ASK { VALUES ?x { " + "1 " * 2001 + "} }"),
        ("values", "ASK { VALUES (?x ?y) { " + "(1 2) " * 2001 + "} }"),
        ("columns", "SELECT DISTINCT " + "?x " * 501 + "{ }"),
        ("columns", "SELECT * { VALUES (" + "?x " * 300 + ") { } { SELECT (1 AS ?y) " + "?z " * 201 + "{ } } }"),
    ],
)
def test_each_cap_is_met_and_named(limit: str, query: str) -> None:
    with pytest.raises(QueryComplexityError) as caught:
        check_query(query)
    assert caught.value.limit == limit
    assert limit == "bytes" or caught.value.column


@pytest.mark.parametrize(
    "query",
    [
        "ASK " + "{" * 50 + "}" * 50,
        "ASK { FILTER(" + "||".join(["1"] * 499) + ") }",
        "ASK { " + "?s ?p ?o . " * 100 + "}",
        "ASK { ?s " + "/".join(["<urn:p>"] * 50) + " ?o ; " + "/".join(["<urn:p>"] * 50) + " ?o }",
        "ASK { ?s " + "|".join(["<urn:p>"] * 51) + " ?o }",
        "ASK { VALUES ?x { " + "1 " * 2000 + "} }",
        "SELECT ?a ?b { " + "GRAPH ?g { ?s ?p ?o } " * 50 + "FILTER(?a = 1) } ORDER BY ?a DESC(?b) LIMIT 5",
    ],
)
def test_a_query_at_a_cap_passes(query: str) -> None:
    assert check_query(query)


def test_what_is_no_pattern_does_not_count_as_one() -> None:
    head = "PREFIX ex: <urn:> " * 20 + "SELECT ?a ?b (COUNT(?c) AS ?n) FROM <urn:g> "
    body = "{ GRAPH ?g { ?s ?p ?o } FILTER(?a > 1) BIND(1 AS ?x) VALUES (?y ?z) { (1 2) } } GROUP BY ?a ?b LIMIT 3"
    assert check_query(head + body, Limits(patterns=2))
    with pytest.raises(QueryComplexityError):
        check_query(head + body, Limits(patterns=1))


def test_our_own_queries_pass() -> None:
    files = [*(ROOT / "queries").glob("**/*.rq"), *(ROOT / "ontology").glob("**/*.rq")]
    assert files
    for file in files:
        assert check_query(file.read_text(encoding="utf-8"))


def test_bytes_are_decoded_or_their_place_told() -> None:
    assert decode_query("\ufeffASK { } # é".encode()) == "ASK { } # é"
    with pytest.raises(QuerySyntaxError, match="byte 10 is 0xFF") as caught:
        decode_query(b"ASK {\n '\xc3\xa9\xff' }")
    assert (caught.value.line, caught.value.column) == (2, 4)
    with pytest.raises(QuerySyntaxError):
        decode_query("ASK { }".encode("utf-16"))


# What follows writes queries at random, of parts that tempt one to split tokens elsewhere than the engine does.

SERVICE = st.sampled_from(["SERVICE", "service", "SeRvIcE", "SERVICE SILENT ", "SERVICESILENT", "SERVICE#'\n"])
TARGET = st.sampled_from(["CALL", " CALL", "ex:", "ex:a", ":", " :a", "p:x", " service:x"])
CALLS = st.builds("{}{}{}".format, SERVICE, TARGET, st.sampled_from(["{}", " { ?s ?p ?o }"]))
INSIDE = st.one_of(CALLS, st.sampled_from(["", "x", "'", '"', "#", r"\u0022", r"\'", "<", ">", "{", "''", r"a\\"]))
STRINGS = st.builds("{0}{1}{0}".format, st.sampled_from(["'", '"', "'''", '"""']), INSIDE)
TERMS = st.one_of(
    STRINGS,
    st.sampled_from("true 1 1.5 ?o <urn:o> ex:o ex:a.b p:SERVICE p:true service:x 'x'@service <a'b> <a#b> <'>".split()),
)
EXPRESSIONS = st.one_of(
    STRINGS,
    st.builds("{}{}{}".format, TERMS, st.sampled_from(["<", ">", "=", " < ", "<="]), TERMS),
    st.sampled_from(["1<2&&3>2", "?x<'a'", "?x<?y#>\n", "'a'<'b>'", "1 <'x' && 'y'> 1", "?a<'&&?b>'", "ex:f(1<'>')"]),
)
PIECES = st.one_of(
    CALLS,
    st.builds("SERVICEex:x{}".format, st.sampled_from(["{}", " {}", " ?p ?o ."])),
    st.builds("FILTER({})".format, EXPRESSIONS),
    st.builds("FILTERex:f({})".format, EXPRESSIONS),
    st.builds("?s ?p {}{}".format, TERMS, st.sampled_from(["", " ", "."])),
    st.builds("BIND({} AS ?b)".format, STRINGS),
    st.builds("#{}\n".format, INSIDE),
    st.builds("OPTIONAL{{{}}}".format, CALLS),
    st.sampled_from(["GRAPH service:x{}", "VALUES ?v {'''' 1}", "{", "}", "'", "<", ">", "\\"]),
)
DECLARED = st.lists(
    st.builds(
        "PREFIX {}: {} ".format,
        st.sampled_from(["ex", "p", "", "service", "SERVICEex", "FILTERex", "true"]),
        st.sampled_from(["CALL", "<http://a:>", "<urn:>"]),
    ),
    max_size=5,
)
QUERIES = st.builds(
    "{}{}SELECT * {{{}}}".format,
    DECLARED.map("".join),
    st.sampled_from(["", "BASE <http://a/> "]),
    st.lists(PIECES, min_size=1, max_size=4).map(" ".join),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES)
def test_no_query_that_calls_passes(canary: Canary, store: ox.Store, query: str) -> None:
    query = query.replace("CALL", f"<{canary.iri}>")
    try:
        check_query(query)
    except QueryError:
        return
    before = canary.heard
    ask(store, query)
    assert canary.heard == before
