"""No value of a parameter, whatever its type, changes what a canned query is: only the terms of its VALUES."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine.guard import check_query
from kg.engine.tokens import tokenise
from kg.errors import QueryHeaderError, QueryParameterError
from kg.queries.canned import parse_query
from kg.queries.declarations import PARAMETER_TYPES, CannedQuery

DEFAULTS = {
    "iri": "id:a",
    "topic": "UNDEF",
    "string": "'a'",
    "language": "'en'",
    "integer": "1",
    "decimal": "1.5",
    "date": '"2002-01-01T00:00:00Z"^^xsd:dateTime',
}
TEXT = """#+ title: T
#+ description: D
#+ param: value | {kind} … | a value
#+ column: s | iri | a thing
#+ expect: rows >= 0

PREFIX id: <https://w3id.org/oxus/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?s WHERE {{ VALUES ?value {{ {default} }} ?s ?p ?value . FILTER(?s != "}} VALUES ?value {{ 1 }}") }} ORDER BY ?s
"""
TERMS = ("iri", "string", "number", "mark", "name")
HOSTILE = st.sampled_from(
    ["}", "{", "'", '"', "'''", "\\", "\\u0022", "<", ">", "#", "\n", "\r", " ", ".", ";", "UNDEF", ") }", "id:", "://"]
    + ["} SERVICE <http://e/> {", "> } ?x ?y ?z {", '" } #', "urn:a", "1", "-", "e", "2002-01-01", "\x00", "\ud800"]
)
VALUES = st.lists(st.one_of(HOSTILE, st.text(max_size=6)), min_size=1, max_size=6).map("".join)


def canned(kind: str) -> CannedQuery:
    return parse_query(TEXT.format(kind=kind, default=DEFAULTS[kind]), "t", "t.rq")


def skeleton(text: str) -> tuple[list[str], int]:
    """The tokens without those between the braces of the first VALUES, and how many terms stand there."""
    tokens = tokenise(text)
    opened = next(i for i, token in enumerate(tokens) if token.text == "VALUES") + 2
    closed = next(i for i, token in enumerate(tokens) if i > opened and token.text == "}")
    inside = tokens[opened + 1 : closed]
    assert all(token.kind in TERMS or token.text in ("UNDEF", "^^") for token in inside), inside
    marks = sum(token.text == "^^" for token in inside)
    return [token.text for token in [*tokens[: opened + 1], *tokens[closed:]]], len(inside) - 2 * marks


@pytest.mark.parametrize("kind", PARAMETER_TYPES)
@settings(max_examples=150, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=3))
def test_no_value_changes_the_structure(kind: str, values: list[str]) -> None:
    from kg.queries.parameters import bind

    query = canned(kind)
    try:
        bound = bind(query, {"value": values})
    except QueryParameterError:
        return
    before, _ = skeleton(query.text)
    after, terms = skeleton(bound)
    assert after == before
    assert terms == len(values)
    check_query(bound)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400), VALUES)
def test_a_header_is_read_or_refused_with_its_file(place: int, value: str) -> None:
    text = TEXT.format(kind="iri", default="id:a")
    try:
        parse_query(text[:place] + value + text[place:], "t", "t.rq")
    except QueryHeaderError as error:
        assert str(error.path) == "t.rq"
