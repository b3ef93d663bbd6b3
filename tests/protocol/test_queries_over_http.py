"""Canned queries over HTTP: their catalogue, their parameters, their citations."""

from __future__ import annotations

from urllib.parse import quote

from live_server import LiveServer

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_the_catalogue_has_the_shape_that_others_rely_on(live_server: LiveServer):
    catalogue = live_server.get("/queries").json()
    assert set(catalogue) == {"version", "queries"}
    query = next(query for query in catalogue["queries"] if query["slug"] == "accessions")
    assert set(query) == {"slug", "title", "description", "question", "tags", "params", "columns", "href"}
    assert query["params"] == [{"name": "party", "type": "iri", "default": "id:vellmark", "label": "Who joined"}]
    assert query["columns"][0] == {"name": "accession", "type": "iri", "label": "the accession"}
    assert query["href"] == live_server.url + "/queries/accessions"


def test_an_answer_with_citations_is_results_json_with_one_member_more(live_server: LiveServer):
    plain = live_server.get("/queries/accessions.json").json()
    cited = live_server.get("/queries/accessions.json?cite=true").json()
    assert cited["results"] == plain["results"]
    assert len(cited["oxus"]["citations"]) == len(plain["results"]["bindings"])
    assert cited["oxus"]["version"] == live_server.get("/readyz").json()["version"]
    assert any("/source/" in passage for each in cited["oxus"]["citations"][0] for passage in each["passages"])


def test_a_wrong_parameter_comes_with_suggestions(live_server: LiveServer):
    assert live_server.get("/queries/accessions?partie=x").json()["suggestions"] == ["party"]
    assert live_server.get("/queries/accessions?party=velmark").json()["suggestions"][0] == "id:vellmark"
    assert live_server.get("/queries/accesions").json()["suggestions"] == ["accessions"]


def test_a_value_never_becomes_text_of_the_query(live_server: LiveServer):
    for value in ("vellmark } } #", '"', "<urn:x> <urn:y>", "vellmark\n}"):
        assert live_server.get(f"/queries/accessions?party={quote(value)}").status == 400


def test_the_form_of_a_page_leads_to_the_permanent_address_without_empty_fields(live_server: LiveServer):
    reply = live_server.get("/queries/accessions/ask?party=id%3Avellmark&cite=&x=")
    assert (reply.status, reply.headers["location"]) == (303, "/queries/accessions?party=id%3Avellmark")


def test_the_page_shows_the_passages_of_each_row(live_server: LiveServer):
    page = live_server.get("/queries/accessions?cite=true", accept=BROWSER).text
    assert 'href="#note-1"' in page and 'id="note-1"' in page
    assert "gazette:" in page
