"""Content negotiation: RFC 9110 section 12.5.1, `?format=` and what people's browsers send."""

from __future__ import annotations

import time

import pytest

from server.negotiation import HTML, MOST_RANGES, NothingAcceptableError, Offer, choose
from server.offers import GRAPH, RESULTS, content_type

JSON, XML, CSV, TSV = RESULTS[:4]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        pytest.param(None, "json", id="no header takes the first"),
        pytest.param("", "json", id="an empty header takes the first"),
        pytest.param("*/*", "json", id="anything takes the first"),
        pytest.param("text/csv", "csv", id="a type"),
        pytest.param("TEXT/CSV", "csv", id="types have no case"),
        pytest.param("text/*", "csv", id="a range of types, aliases behind"),
        pytest.param("application/*", "json", id="another range"),
        pytest.param("text/csv;q=0.5, application/sparql-results+xml", "xml", id="the higher q"),
        pytest.param("text/csv;q=0.5, application/sparql-results+xml;q=0.4", "csv", id="not the order"),
        pytest.param("text/tab-separated-values, text/csv", "csv", id="of equals the server's first"),
        pytest.param("application/sparql-results+json;q=0, */*", "xml", id="q=0 excludes from a wildcard"),
        pytest.param("text/*;q=0.9, text/csv;q=0.1, application/sparql-results+xml;q=0.5", "tsv", id="specific wins"),
        pytest.param("application/json", "json", id="an alias"),
        pytest.param("text/xml", "xml", id="another alias"),
        pytest.param("text/csv; charset=utf-8", "csv", id="our charset"),
        pytest.param("text/csv; header=present", "csv", id="a parameter is a hint"),
        pytest.param("text/csv; charset=utf-16, text/tab-separated-values;q=0.1", "tsv", id="not a charset we write"),
        pytest.param("text/turtle, text/csv;q=0.1", "csv", id="what is not offered is passed over"),
        pytest.param("nonsense, text/csv", "csv", id="what is no type is passed over"),
        pytest.param(", ,", "json", id="an empty list takes the first"),
        pytest.param("*", "json", id="a star is anything"),
        pytest.param("text/turtle, *;q=.2", "json", id="a star as Java sends it"),
        pytest.param("text/csv;q=.1, text/tab-separated-values; q=.2", "tsv", id="a quality without its 0"),
        pytest.param(BROWSER, "html", id="a browser gets a page"),
    ],
)
def test_accept_is_obeyed(accept: str | None, name: str):
    assert choose(RESULTS, accept).offer.name == name


@pytest.mark.parametrize("accept", ["text/turtle", "image/*", "*/*;q=0", "text/csv;charset=utf-16", "nonsense"])
def test_nothing_acceptable_says_what_there_is(accept: str):
    with pytest.raises(NothingAcceptableError) as caught:
        choose(RESULTS, accept)
    assert caught.value.offers == RESULTS


@pytest.mark.parametrize(
    ("name", "expected"),
    [("csv", "csv"), ("CSV", "csv"), ("text/csv", "csv"), ("html", "html"), ("application/json", "json")],
)
def test_format_comes_before_accept(name: str, expected: str):
    assert choose(RESULTS, "application/sparql-results+xml", name).offer.name == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("xml", "rdf"), ("turtle", "ttl"), ("n3", "ttl"), ("json-ld", "jsonld")]
)
def test_names_that_clients_send_for_graphs_are_understood(name: str, expected: str):
    assert choose(GRAPH, None, name).offer.name == expected


def test_an_unknown_format_is_refused():
    with pytest.raises(NothingAcceptableError, match="parquet"):
        choose(RESULTS, "*/*", "parquet")


def test_the_answer_is_called_what_the_client_called_it():
    assert content_type(choose(RESULTS, "application/json")) == "application/json"
    assert content_type(choose(RESULTS, "application/sparql-results+json")) == "application/sparql-results+json"
    assert content_type(choose(GRAPH, "text/plain")) == "text/plain; charset=utf-8"


def test_a_page_is_never_called_xhtml():
    choice = choose(RESULTS, "application/xhtml+xml")
    assert choice.offer is HTML
    assert choice.media_type == "text/html"


def test_json_is_not_promised_for_graphs_by_its_media_type():
    with pytest.raises(NothingAcceptableError):
        choose(GRAPH, "application/json")


def test_an_offer_lists_its_types_with_its_own_first():
    assert Offer("x", "a/b", ("c/d",)).media_types == ("a/b", "c/d")


def test_blanks_in_a_type_and_ranges_without_end_take_no_time():
    began = time.thread_time()
    for accept in ("a/b" + " " * 15_900 + "c", "a/b" + "\t" * 15_900 + "c", "a/b;q=0.1," * 1_600):
        with pytest.raises(NothingAcceptableError):
            choose(RESULTS, accept)
    assert time.thread_time() - began < 1  # it was four seconds for each run of blanks


def test_ranges_beyond_the_most_are_not_read():
    with pytest.raises(NothingAcceptableError):
        choose(RESULTS, "a/b," * MOST_RANGES + "text/csv")
    assert choose(RESULTS, "a/b," * (MOST_RANGES - 1) + "text/csv").offer.name == "csv"
