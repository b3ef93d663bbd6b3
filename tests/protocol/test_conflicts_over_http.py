"""Where sources disagree, over HTTP: the shape that others rely on, filters, files, and a page without scripts."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from live_server import LiveServer, running

from kg.namespaces import ID, ONTOLOGY, SOURCE

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REJECTED = ox.NamedNode(SOURCE + "review/43-57")


def slugs(server: LiveServer, query: str) -> set[str]:
    found = server.get(f"/conflicts.json?{query}").json()["judgements"]
    return {judgement["iri"].removeprefix(ID + "judgement-") for judgement in found}


def test_the_json_has_the_shape_that_others_rely_on(live_server: LiveServer) -> None:
    document = live_server.get("/conflicts").json()
    assert list(document) == ["version", "judgements"]
    assert document["version"] == live_server.get("/readyz").json()["version"]
    for judgement in document["judgements"]:
        assert list(judgement) == ["iri", "question", "kind", "readings", "certainty", "reason"]
        assert all(set(reading) == {"passage", "triples", "verdict"} for reading in judgement["readings"])
    (date,) = [each for each in document["judgements"] if each["iri"].endswith("accession-date")]
    rejected = next(reading for reading in date["readings"] if reading["verdict"] == ONTOLOGY + "rejects")
    assert rejected["passage"] == REJECTED.value
    assert [term["value"].rpartition("/")[2] for term in rejected["triples"][0]] == [
        "sound-compact-accession-vellmark",
        "ontology#hasDate",
        "1995",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=open-question", {"founding-of-the-pilot-school"}),
        ("kind=oxus:wrong-claim&certainty=likely", {"accession-date"}),
        ("verdict=leavesOpen&verdict=rejects", {"founding-of-the-pilot-school", "accession-date", "envoy-2001"}),
        ("document=flyer", {"founding-of-the-pilot-school"}),
        ("entity=jon-merrow", {"envoy-2001"}),
        ("kind=&document=source:flyer&certainty=certain", set()),
    ],
)
def test_the_filters_narrow_together_and_values_of_one_widen(live_server: LiveServer, query: str, found: set[str]):
    assert slugs(live_server, query) == found


@pytest.mark.parametrize(
    ("query", "parameter", "right"),
    [
        ("kind=wrong-clam", "kind", "oxus:wrong-claim"),
        ("entity=jon-merow", "entity", "id:jon-merrow"),
        ("document=nothing", "document", "source:gazette"),
        ("kinds=identity", "kinds", "kind"),
    ],
)
def test_what_no_judgement_has_is_refused_with_what_would_fit(
    live_server: LiveServer, query: str, parameter: str, right: str
) -> None:
    reply = live_server.get(f"/conflicts?{query}")
    assert reply.status == 400
    assert reply.json()["parameter"] == parameter and right in reply.json()["suggestions"]


def test_a_format_that_there_is_not_lists_those_that_there_are(live_server: LiveServer) -> None:
    reply = live_server.get("/conflicts.pdf")
    assert reply.status == 404 and "trig" in reply.json()["suggestions"]
    assert live_server.get("/conflicts.csv?format=json").status == 400


def test_the_csv_has_a_row_a_statement(live_server: LiveServer) -> None:
    rows = list(csv.DictReader(io.StringIO(live_server.get("/conflicts", accept="text/csv").text)))
    row = next(row for row in rows if row["reading"] == REJECTED.value)
    assert row["verdict"] == ONTOLOGY + "rejects" and row["gist"] == "The accession was in 1995."
    assert row["value"].endswith("/1995")


def test_rdf_keeps_readings_in_their_graphs_or_leaves_their_statements_out(live_server: LiveServer) -> None:
    trig = set(ox.parse(live_server.get("/conflicts.trig").body, format=ox.RdfFormat.TRIG))
    dated = {quad.graph_name for quad in trig if quad.predicate.value == ONTOLOGY + "hasDate"}
    assert REJECTED in dated and ox.DefaultGraph() not in dated
    for name, kind in (("ttl", ox.RdfFormat.TURTLE), ("rdf", ox.RdfFormat.RDF_XML), ("nt", ox.RdfFormat.N_TRIPLES)):
        triples = {quad.triple for quad in ox.parse(live_server.get(f"/conflicts.{name}").body, format=kind)}
        assert any(triple.predicate.value == ONTOLOGY + "rejects" for triple in triples)
        assert not any(triple.predicate.value == ONTOLOGY + "hasDate" for triple in triples)
    turtle = live_server.get("/conflicts", accept="text/turtle")
    assert turtle.type == "text/turtle" and "accept" in turtle.headers["vary"].lower()


def test_the_page_shows_the_readings_and_keeps_the_filter(live_server: LiveServer) -> None:
    page = live_server.get("/conflicts?kind=wrong-claim", accept=BROWSER).text
    assert 'id="judgement-accession-date"' in page and "judgement-founding" not in page
    assert "2 of 3 judgements" in page and "The accession was in 1995." in page
    assert '<option value="oxus:wrong-claim" selected>' in page
    assert "/conflicts.csv?kind=wrong-claim" in page


def test_a_judgement_has_a_page_and_files_of_its_own(live_server: LiveServer) -> None:
    address = "/conflicts/judgement-accession-date"
    page = live_server.get(address, accept=BROWSER).text
    assert "The accession was in 1995." in page and "<h2>Why</h2>" in page and "founding" not in page
    (judgement,) = live_server.get(address).json()["judgements"]
    assert judgement["iri"] == ID + "judgement-accession-date"
    turtle = live_server.get(f"{address}?format=ttl")
    assert turtle.type == "text/turtle" and "judgement-accession-date" in turtle.headers["content-disposition"]
    assert f'href="{address}"' in live_server.get("/conflicts", accept=BROWSER).text
    missing = live_server.get("/conflicts/judgement-acession-date")
    assert missing.status == 404 and "judgement-accession-date" in missing.json()["suggestions"]


def test_a_page_of_judgements_that_there_is_not_names_the_last(live_server: LiveServer) -> None:
    assert live_server.get("/conflicts?page=1", accept=BROWSER).status == 200
    for wrong in ("0", "2", "-1", "first", "99999999999"):
        reply = live_server.get(f"/conflicts?page={wrong}", accept=BROWSER)
        assert reply.status == 400 and "pages 1 to 1" in reply.text
    for path in ("/conflicts.json?page=1", "/conflicts?page=1&format=csv", "/conflicts?page=2"):
        reply = live_server.get(path).json()
        assert (reply["status"], reply["parameter"]) == (400, "page"), "files have all"
        assert "come at once: leave page out" in reply["detail"]


def test_judgements_are_paged_and_each_page_is_light(real_build: Path, tmp_path: Path) -> None:
    with running(real_build.parent, tmp_path / "log") as server:
        whole = [each["iri"] for each in server.get("/conflicts.json").json()["judgements"]]
        shown: list[str] = []
        path: str | None = "/conflicts"
        while path:
            page = server.get(path, accept=BROWSER).text
            assert len(page.encode()) < 150_000 and page.count('<article class="judgement"') <= 20
            shown += re.findall(r'<article class="judgement" id="([^"]*)"', page)
            following = re.search(r'<a rel="next" href="([^"]*)"', page)
            path = unescape(following[1]) if following else None
        assert [ID + slug for slug in shown] == whole
        assert (
            "kind="
            in re.findall(
                r'rel="next" href="([^"]*)"', server.get("/conflicts?kind=wording-slip", accept=BROWSER).text
            )[0]
        )
        assert len(server.get("/", accept=BROWSER).body) < 150_000
