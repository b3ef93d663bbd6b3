"""The graph as some sources tell it, and as of a day: over HTTP, in canned queries, free ones and their citations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from live_server import LiveServer

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
DATES = """PREFIX id: <https://w3id.org/oxus/id/> PREFIX oxus: <https://w3id.org/oxus/ontology#>
SELECT ?date { id:sound-compact-accession-vellmark oxus:hasDate ?date } ORDER BY ?date"""
BEST = DATES.replace("hasDate", "hasBestDate")


def dates(server: LiveServer, query: str = DATES, **parameters: object) -> list[str]:
    rows = server.query(query, "application/json", **parameters).json()["results"]["bindings"]
    return [row["date"]["value"].rpartition("/")[2] for row in rows]


def test_a_free_query_is_answered_from_the_sources_asked_for(live_server: LiveServer) -> None:
    accepted = dates(live_server)
    assert "1995" not in accepted
    assert dates(live_server, rejected="true") == sorted([*accepted, "1995"])
    assert dates(live_server, source="review") == []
    assert dates(live_server, source="review", rejected="true") == ["1995"]
    assert dates(live_server, BEST, source="review", rejected="true") == ["1995"]
    assert dates(live_server, reliability="a") == []
    assert dates(live_server, reliability="b") == accepted
    assert dates(live_server) == accepted


def test_a_canned_query_takes_a_view_by_every_format(live_server: LiveServer) -> None:
    plain = live_server.get("/queries/accessions.json").json()["results"]["bindings"]
    assert plain and live_server.get("/queries/accessions.json?source=review").json()["results"]["bindings"] == []
    assert len(live_server.get("/queries/accessions.csv?rejected=true").text.splitlines()) == len(plain) + 2
    page = live_server.get("/queries/accessions?source=review&rejected=true", accept=BROWSER).text
    assert "but a view" in page and "accessions.csv?source=review&amp;rejected=true" in page
    assert "source=review" in page.partition('rel="canonical"')[2].partition(">")[0]


def test_citations_in_a_view_cite_what_is_in_it(live_server: LiveServer) -> None:
    address = "/queries/accessions.json?source=review&rejected=true&cite=true"
    (row,) = live_server.get(address).json()["oxus"]["citations"]
    cited = {passage for citation in every(row) for passage in citation["passages"] if "/source/" in passage}
    assert any(passage.endswith("review/43-57") for passage in cited)
    assert all("/source/review/" in passage for passage in cited)
    assert any("disputed" in citation for citation in every(row))


def test_citations_say_how_many_sources_there_are_kin_as_one(live_server: LiveServer) -> None:
    (row, *_) = live_server.get("/queries/accessions.json?cite=true").json()["oxus"]["citations"]
    joins = next(citation for citation in row if citation["triple"][1]["value"].endswith("#joins"))
    documents = {passage.split("/")[-2] for passage in joins["passages"]}
    assert {"gazette", "review"} <= documents
    assert joins["sources"] == len(documents) - 1
    assert "one source only" in live_server.get("/queries/accessions?cite=true", accept=BROWSER).text


def every(citations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for citation in citations:
        yield citation
        yield from every(citation.get("premises", []))


@pytest.mark.parametrize(
    ("parameters", "parameter", "right"),
    [
        ("source=revew", "source", "review"),
        ("source=", "source", None),
        ("reliability=x", "reliability", "a"),
        ("rejected=1", "rejected", "true"),
        ("source=review&source=flyer", "source", None),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    live_server: LiveServer, parameters: str, parameter: str, right: str | None
) -> None:
    for path in ("/queries/accessions?", "/sparql?query=ASK%7B%7D&"):
        reply = live_server.get(path + parameters)
        assert (reply.status, reply.json()["parameter"]) == (400, parameter)
        assert right is None or right in reply.json()["suggestions"]


def test_a_query_that_depends_on_a_day_takes_one(live_server: LiveServer) -> None:
    def found(address: str) -> list[str]:
        rows = live_server.get(f"/queries/dated.json{address}").json()["results"]["bindings"]
        return [row["date"]["value"] for row in rows]

    everything = found("")
    assert len(found("?at=1998-07-01")) < len(everything)
    assert all(date.startswith("1998") for date in found("?at=1998-07-01"))
    described = next(each for each in live_server.get("/queries").json()["queries"] if each["slug"] == "dated")
    assert [(each["name"], each["type"]) for each in described["params"]] == [("at", "date")]


@pytest.mark.parametrize("day", ["1998", "1998-07", "1998-02-30", "soon", ""])
def test_what_is_no_day_is_refused_with_how_one_is_written(live_server: LiveServer, day: str) -> None:
    reply = live_server.get(f"/queries/dated?at={day}")
    assert reply.status == 400 and "YYYY-MM-DD" in reply.json()["detail"]


def test_a_query_that_does_not_depend_on_a_day_names_those_that_do(live_server: LiveServer) -> None:
    reply = live_server.get("/queries/accessions?at=1998-07-01")
    assert (reply.status, reply.json()["suggestions"]) == (400, ["dated"])


def test_the_page_of_a_timeline_draws_it_beside_the_table(live_server: LiveServer) -> None:
    page = live_server.get("/queries/dated", accept=BROWSER).text
    picture = page.partition('class="picture')[2].partition("</svg>")[0]
    assert '<title id="picture-title">' in picture and '<desc id="picture-desc">' in picture
    assert "known to the day" in picture and "lies somewhere within" in picture
    assert re.search(r'<table class="rows"[ >]', page) and "<script" not in picture


VIEW = "source=review&rejected=true"
EXPLAINED = ["/queries/accessions/explain?", f"/explain?query={quote(DATES)}&"]


@pytest.mark.parametrize("address", EXPLAINED)
def test_what_explains_an_answer_explains_it_in_the_view(live_server: LiveServer, address: str) -> None:
    accepted = live_server.get(f"{address}format=json").json()
    document = live_server.get(f"{address}{VIEW}&format=json").json()
    cited = {passage for row in document["oxus"]["citations"] for each in every(row) for passage in each["passages"]}
    assert any(passage.endswith("review/43-57") for passage in cited)
    assert not any("/source/" in passage and "/source/review/" not in passage for passage in cited)
    everywhere = {p for row in accepted["oxus"]["citations"] for each in every(row) for p in each["passages"]}
    assert "review/43-57" not in str(everywhere) and "/source/gazette/" in str(everywhere)
    empty = live_server.get(f"{address}source=review&format=json").json()
    assert "results" in empty, empty
    assert empty["results"]["bindings"] == empty["oxus"]["citations"] == []


@pytest.mark.parametrize("address", EXPLAINED)
def test_the_page_that_explains_says_that_it_is_a_view_and_its_links_stay_in_it(
    live_server: LiveServer, address: str
) -> None:
    page = live_server.get(f"{address}{VIEW}", accept=BROWSER).text
    assert "but a view" in page and "but a view" not in live_server.get(address, accept=BROWSER).text
    (link,) = re.findall(r'<h2><a href="([^"]*)">Row 1</a>', page)
    assert "source=review" in link and "rejected=true" in link and "row=1" in link
    one = live_server.get(unescape(link), accept=BROWSER)
    assert one.status == 200 and "but a view" in one.text and "review:43-57" in one.text


@pytest.mark.parametrize("address", EXPLAINED)
def test_an_explanation_from_a_source_that_there_is_not_is_refused(live_server: LiveServer, address: str) -> None:
    reply = live_server.get(f"{address}source=revew")
    assert (reply.status, reply.json()["parameter"]) == (400, "source") and "review" in reply.json()["suggestions"]
