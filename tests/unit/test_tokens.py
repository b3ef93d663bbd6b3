"""Tokens are split where the engine splits them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.tokens import place, token_at, tokenise
from kg.errors import QuerySyntaxError


def texts(query: str) -> list[str]:
    return [token.text for token in tokenise(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?s<http://e/p>?o", ["?s", "<http://e/p>", "?o"]),
        ("FILTER(?a<?b&&?c>?d)", ["FILTER", "(", "?a", "<", "?b", "&&", "?c", ">", "?d", ")"]),
        ("FILTER(?a<=?b)", ["FILTER", "(", "?a", "<=", "?b", ")"]),
        ("FILTER(<urn:a> < <urn:b>)", ["FILTER", "(", "<urn:a>", "<", "<urn:b>", ")"]),
        ("FILTER(?a<<urn:b>)", ["FILTER", "(", "?a", "<", "<urn:b>", ")"]),
        ("FILTER(?a IN (<urn:a>,<urn:b>))", ["FILTER", "(", "?a", "IN", "(", "<urn:a>", ",", "<urn:b>", ")", ")"]),
        ("FILTER(f:x(1)<2)", ["FILTER", "(", "f:x", "(", "1", ")", "<", "2", ")"]),
        ("SELECT (?a<?b AS ?c) { }", ["SELECT", "(", "?a", "<", "?b", "AS", "?c", ")", "{", "}"]),
        ("{ ?s ?p (?a <urn:b>) }", ["{", "?s", "?p", "(", "?a", "<urn:b>", ")", "}"]),
        ("{ FILTER EXISTS { ?a <urn:b> ?c } }", ["{", "FILTER", "EXISTS", "{", "?a", "<urn:b>", "?c", "}", "}"]),
        ("{ FILTER(EXISTS { ?a <b> 1 }<2) }", [*"{ FILTER ( EXISTS { ?a <b> 1 } < 2 ) }".split()]),
        ("{ VALUES (?a ?b) { (<a> <b>) } }", [*"{ VALUES ( ?a ?b ) { ( <a> <b> ) } }".split()]),
        ("{ ?s (<a>|<b>)/<c> ?o }", [*"{ ?s ( <a> | <b> ) / <c> ?o }".split()]),
        ("<<?s <p> ?o>> <<( ?s <p> ?o )>>", [*"<< ?s <p> ?o >> <<( ?s <p> ?o )>>".split()]),
        ("?s ?p ?o {| <p> 1 |}", ["?s", "?p", "?o", "{|", "<p>", "1", "|}"]),
        ("?s <http://e/#a> 1 # > 'x", ["?s", "<http://e/#a>", "1"]),
        ("ex:a\\#b ex:a#b", ["ex:a\\#b", "ex:a"]),
        ("'a#b' # c\n'd'", ["'a#b'", "'d'"]),
        ("# one\r'two'", ["'two'"]),
        ("'''it's ''fine'''", ["'''it's ''fine'''"]),
        ('"""a "b" c"""', ['"""a "b" c"""']),
        ("'' \"\" ''", ["''", '""', "''"]),
        (r"'it\'s' 'é' '\U0001F600'", [r"'it\'s'", r"'é'", r"'\U0001F600'"]),
        ("'x'@en-GB 'x'@ar--rtl", ["'x'", "@en-GB", "'x'", "@ar--rtl"]),
        ("'1'^^xsd:integer", ["'1'", "^^", "xsd:integer"]),
        ("ex:service ?service :service _:service 's'@service", None),
        ("ex:a.b ex:a. :a.b.c", ["ex:a.b", "ex:a", ".", ":a.b", ".", "c"]),  # the engine's, not the standard's
        ("1 1.5 .5 1e3 1.e3 -1 1.", ["1", "1.5", ".5", "1e3", "1.e3", "-", "1", "1", "."]),
        ("?a?b ?s a?t", ["?a", "?b", "?s", "a", "?t"]),
        ("<p>?/<q>", ["<p>", "?", "/", "<q>"]),
        ("қазоқ:ӯ ?ҷ", ["қазоқ:ӯ", "?ҷ"]),
    ],
)
def test_the_tokens_of(query: str, expected: list[str] | None) -> None:
    assert texts(query) == (query.replace("'@", "' @").split() if expected is None else expected)


@pytest.mark.parametrize(
    ("query", "line", "column", "word"),
    [
        ("ASK {\n  ?s ?p 'abc }", 2, 9, "never closed"),
        ("ASK { ?s ?p '''abc' }", 1, 13, "never closed"),
        ("ASK { ?s ?p 'a\nb' }", 1, 13, "never closed"),
        (r"ASK { ?s ?p 'a\x' }", 1, 13, "escape"),
        (r"ASK { ?s ?p '\uD800' }", 1, 13, "no character"),
        (r"ASK { ?s ?p '\\\U00110000' }", 1, 13, "no character"),
        (r"ASK { \u003Fs ?p ?o }", 1, 7, "backslash"),
        ("ASK { ?s <http://e/ x> ?o }", 1, 10, "begins no IRI"),
        ("ASK { ?s <http://e/{x}> ?o }", 1, 10, "begins no IRI"),
        ("ASK { ?s ?p ?o", 1, 5, "{ is never closed"),
        ("ASK { ?s ?p ?o } }", 1, 18, "} closes no {"),
        ("ASK { FILTER(?a = 1 }", 1, 21, "} closes no {"),
        ("ASK\u00a0{ }", 1, 4, "U+00A0"),
        ("ASK { } §", 1, 9, "§ begins nothing"),
        ("\x00", 1, 1, "null"),
    ],
)
def test_what_has_no_tokens_is_told_with_its_place(query: str, line: int, column: int, word: str) -> None:
    with pytest.raises(QuerySyntaxError, match=word.replace("+", r"\+")) as caught:
        tokenise(query)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a.b.c:d.e", ["a.b.c:d.e"]),
        ("a.b. c:d", ["a", ".", "b", ".", "c:d"]),
        ("a.b:c.d.e", ["a.b:c.d", ".", "e"]),
        ("a.b:c.d.e:f", ["a.b:c.d", ".", "e:f"]),
        ("a.b ?c.d:e", ["a", ".", "b", "?c", ".", "d:e"]),
        ("a." * 20_000 + "b:c", ["a." * 20_000 + "b:c"]),
        ("a." * 20_000 + " b:c", [*(["a", "."] * 20_000), "b:c"]),
    ],
    ids=range(7),
)
def test_a_name_is_found_where_its_run_of_characters_begins_and_nowhere_in_a_run_without_a_colon(
    query: str, expected: list[str]
) -> None:
    assert texts(query) == expected


def test_an_escaped_backslash_before_a_u_is_no_escape() -> None:
    assert texts(r"'\\uD800'") == [r"'\\uD800'"]


def test_a_token_is_found_by_the_characters_it_covers() -> None:
    query = "ASK { ?service } # service"
    tokens = tokenise(query)
    covering = token_at(tokens, query.index("service"))
    assert covering is not None and tokens[covering].text == "?service"
    assert token_at(tokens, query.rindex("service")) is None
    assert token_at(tokens, query.index(" ")) is None


def test_places_count_characters_and_line_feeds() -> None:
    assert place("é\r\nab", 4) == (2, 2)


@given(st.text(alphabet="?$abs:_<>'\"\\#{}()[].,;=!|&^*/+-@ \n\ré1u0", max_size=40))
def test_tokens_and_what_is_skipped_make_up_the_whole_text(query: str) -> None:
    try:
        tokens = tokenise(query)
    except QuerySyntaxError:
        return
    position = 0
    for token in [*tokens, None]:
        between = query[position : token.start if token else len(query)]
        assert all(line.lstrip(" \t").startswith("#") or not line.strip() for line in between.splitlines())
        if token:
            assert query.startswith(token.text, token.start)
            position = token.start + len(token.text)
