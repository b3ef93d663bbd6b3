"""Citations and labels over HTTP: `/explain`, `cite=true` in every format, tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from live_server import LiveServer

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
QUERY = """PREFIX oxus: <https://w3id.org/oxus/ontology#>
SELECT ?accession ?party (STRLEN(STR(?party)) AS ?length) { ?accession oxus:hasParty ?party }
ORDER BY ?accession ?party"""
PROV = "http://www.w3.org/ns/prov#"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def explain(server: LiveServer, accept: str = "*/*", **parameters: object) -> Any:
    return server.get("/explain?" + urlencode({"query": QUERY} | parameters), accept=accept)


def test_explain_gives_the_answer_with_citations(live_server: LiveServer):
    explained = explain(live_server)
    assert (explained.status, explained.type) == (200, "application/json")
    cited = live_server.query(QUERY, cite="true")
    assert cited.type == "application/sparql-results+json" and explained.json() == cited.json()
    extra = explained.json()["oxus"]
    assert len(extra["citations"]) == len(explained.json()["results"]["bindings"]) > 1
    assert extra["untraced"] == ["length"] and extra["reasons"]["length"]
    passages = {passage for row in extra["citations"] for each in row for passage in each["passages"]}
    told = {iri: note for iri, note in extra["passages"].items() if "/source/" in iri}
    assert told and set(told) <= passages
    assert all({"gist", "kind", "document", "title", "begin", "end"} <= set(note) for note in told.values())


def test_explain_without_a_query_is_a_page_to_write_one_on_and_nothing_else(live_server: LiveServer):
    assert live_server.get("/explain", accept=BROWSER).status == 200
    refused = live_server.get("/explain", accept="application/json")
    assert (refused.status, refused.type) == (400, "application/problem+json")
    assert "query" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x (EXISTS { ?x <urn:p>/<urn:q> ?y } AS ?e) { ?x a ?c } LIMIT 5",
        r"PREFIX p: <https://w3id.org/oxus/> SELECT ?x { p:id\/nobody a ?x }",
        "SELECT ?mark__1 { ?x a ?key__1 OPTIONAL { ?x <urn:p> ?mark__1 } } GROUP BY ?mark__1 (STR(?key__1)) LIMIT 5",
        "SELECT ?x { ?x a ?c } GROUP BY ?x HAVING(EXISTS { ?x a ?d }) LIMIT 5",
    ],
)
def test_a_query_that_answers_answers_with_citations_too(live_server: LiveServer, query: str):
    plain, cited = (
        live_server.get("/sparql?" + urlencode({"query": query, **more})) for more in ({}, {"cite": "true"})
    )
    assert (plain.status, cited.status) == (200, 200)
    assert plain.json()["results"] == cited.json()["results"]


def test_explain_takes_a_post_too(live_server: LiveServer):
    form = live_server.ask(
        *("POST", "/explain", {"Content-Type": "application/x-www-form-urlencoded"}), urlencode({"query": QUERY})
    )
    direct = live_server.ask("POST", "/explain?row=1", {"Content-Type": "application/sparql-query"}, QUERY)
    assert form.json() == explain(live_server).json()
    assert direct.json() == explain(live_server, row=1).json()


def test_a_day_reaches_what_is_explained(live_server: LiveServer):
    def rows_of(path: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = live_server.get(path, accept="application/json").json()["results"]["bindings"]
        return rows

    explained = rows_of("/queries/dated/explain?at=1901-01-01")
    assert explained == rows_of("/queries/dated?at=1901-01-01")
    assert len(explained) < len(rows_of("/queries/dated/explain"))


def test_explain_one_row(live_server: LiveServer):
    whole, second = explain(live_server).json(), explain(live_server, row=2).json()
    assert second["oxus"]["row"] == 2
    assert second["results"]["bindings"] == whole["results"]["bindings"][1:2]
    assert second["oxus"]["citations"] == whole["oxus"]["citations"][1:2]


def test_explain_a_canned_query_with_its_parameters(live_server: LiveServer):
    explained = live_server.get("/queries/accessions/explain?party=vellmark")
    assert explained.json() == live_server.get("/queries/accessions.json?cite=true&party=vellmark").json()
    page = live_server.get("/queries/accessions/explain?party=vellmark&row=1", accept=BROWSER)
    assert (
        page.status == 200 and "gazette:" in page.text and 'id="row-1"' in page.text and 'id="row-2"' not in page.text
    )


WRONG = [
    ("/explain?query=" + quote(QUERY) + "&row=99", 400, "the answer has"),
    ("/explain?query=" + quote(QUERY) + "&row=0", 400, "1 is the first"),
    ("/explain?query=" + quote("ASK { }"), 400, "the rows of a SELECT"),
    ("/explain?query=" + quote("SELECT * {"), 400, "never closed"),
    ("/explain?rov=1", 400, "no parameter 'query'"),
    ("/explain?query=" + quote("DROP ALL"), 403, "update"),
    ("/sparql?cite=true&query=" + quote("CONSTRUCT WHERE { ?s ?p ?o }"), 400, "this is CONSTRUCT"),
    ("/sparql?cite=maybe&query=" + quote(QUERY), 400, "not true or false"),
    ("/queries/accessions/explain?partie=x", 400, "did you mean party"),
    ("/queries/accesions/explain", 404, "did you mean accessions"),
    ("/queries/accessions.csv?lang=no+such", 400, "the tag of a language"),
    ("/queries/accessions?row=1", 400, "cite=true"),
]


@pytest.mark.parametrize(("path", "status", "detail"), WRONG, ids=[detail for _, _, detail in WRONG])
def test_what_cannot_be_explained_is_told(live_server: LiveServer, path: str, status: int, detail: str):
    reply = live_server.get(path)
    assert (reply.status, reply.type) == (status, "application/problem+json")
    assert detail in reply.json()["detail"]


def test_a_person_can_write_and_mend_a_query(live_server: LiveServer):
    assert "<textarea" in live_server.get("/explain", accept=BROWSER).text
    mended = live_server.get("/explain?query=" + quote("SELECT * { ?s <b> }"), accept=BROWSER)
    assert mended.status == 400 and "SELECT * { ?s &lt;b&gt; }" in mended.text


def test_the_page_of_an_answer_names_what_is_not_traced_and_leads_to_statements(live_server: LiveServer):
    page = live_server.query(QUERY, BROWSER, cite="true").text
    assert "Not traced in full" in page and "its value is computed" in page
    assert 'id="note-1"' in page and "/explain?query=" in page


def test_an_answer_that_touches_a_judged_passage_says_so(live_server: LiveServer):
    cited = live_server.get("/queries/disputed-readings.json?cite=true").json()["oxus"]
    judgements = {each["disputed"] for row in cited["citations"] for each in row if "disputed" in each}
    every = """SELECT ?s ?p ?o { ?g a <https://w3id.org/oxus/ontology#Passage> GRAPH ?g { ?s ?p ?o } }"""
    page = live_server.query(every, BROWSER, cite="true").text
    marked = live_server.query(every, cite="true").json()["oxus"]
    disputed = {each["disputed"] for row in marked["citations"] for each in row if "disputed" in each}
    assert disputed and judgements <= disputed
    assert all(f"/conflicts/{iri.rpartition('/')[2]}" in page for iri in disputed)
    assert set(marked["judgements"]) == disputed
    assert all(note["question"] for note in marked["judgements"].values())
    table = rows(live_server.query(every, cite="true", format="csv").text)
    assert {iri for row in table for iri in row["disputed_by"].split(" | ")} - {""} == disputed


def test_the_protocols_csv_is_exact_and_a_canned_querys_has_labels(live_server: LiveServer):
    canned = live_server.get("/queries/accessions.csv")
    text = (live_server.get("/queries/accessions").json(), rows(canned.text))
    assert list(text[1][0]) == ["accession", "accession_label", "joined", "joined_label", "date", "date_label"]
    assert len(text[1]) == len(text[0]["results"]["bindings"])
    assert all(row["accession_label"] and row["accession"].startswith("https://") for row in text[1])
    assert "Accept-Language" in canned.headers["vary"]
    assert live_server.query(QUERY, format="csv").text.splitlines()[0] == "accession,party,length"
    cited = rows(live_server.query(QUERY, format="csv", cite="true").text)
    assert list(cited[0])[3:] == ["passages", "gists", "disputed_by", "not_traced"]
    assert all("/source/" in row["passages"] and row["not_traced"].startswith("length: ") for row in cited)


def test_labels_come_in_the_language_asked_for(live_server: LiveServer):
    plain = live_server.get("/queries/accessions.csv").text
    assert live_server.get("/queries/accessions.csv?lang=en", accept_language="ru").text == plain
    assert live_server.get("/queries/accessions.csv?lang=xx").text == plain
    assert live_server.get("/queries/accessions.csv", accept_language="xx, *;q=0.1").text == plain


def test_a_workbook_is_the_same_each_time(live_server: LiveServer):
    first, again = (live_server.get("/queries/accessions.xlsx") for _ in range(2))
    assert first.type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert first.body == again.body and first.body.startswith(b"PK")
    assert 'filename="accessions.xlsx"' in first.headers["content-disposition"]
    assert live_server.get("/queries/accessions.xlsx?cite=true").body.startswith(b"PK")


def test_parquet_is_the_same_each_time(live_server: LiveServer):
    first, again = (live_server.get("/queries/accessions.parquet") for _ in range(2))
    assert first.type == "application/vnd.apache.parquet", first.text
    assert first.body == again.body
    cited = live_server.get("/queries/accessions?cite=true", accept="application/vnd.apache.parquet")
    assert {"accession_label", "passages"} <= set(pq.read_schema(io.BytesIO(cited.body)).names)


@pytest.mark.parametrize("name", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_rows_are_prov_entities_derived_from_passages(live_server: LiveServer, name: str):
    reply = live_server.get(f"/queries/accessions.{name}?cite=true")
    store = ox.Store()
    store.load(reply.body, ox.RdfFormat.from_media_type(reply.type))
    count = len(live_server.get("/queries/accessions.json").json()["results"]["bindings"])
    found = store.query(
        f"PREFIX prov: <{PROV}> PREFIX rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> "
        "SELECT DISTINCT ?row { ?answer a prov:Collection ; prov:hadMember ?row . ?row a prov:Entity ; rs:index ?n ; "
        "rs:binding/rs:value ?value ; prov:wasDerivedFrom ?statement, ?passage . "
        "?statement prov:wasDerivedFrom ?passage . ?passage prov:wasQuotedFrom ?document }"
    )
    assert isinstance(found, ox.QuerySolutions) and len(list(found)) == count > 0


def test_pick_lists_are_to_be_had_as_json(live_server: LiveServer):
    for query in live_server.get("/queries").json()["queries"]:
        for parameter in query["params"]:
            if "options" in parameter:
                path = parameter["options"].removeprefix(live_server.url)
                assert live_server.get(path).json()["results"]["bindings"]
