"""Lint and why an answer is empty, over HTTP: by a parameter, on pages always, and never in the way of an answer."""

from __future__ import annotations

import json
from html import unescape
from urllib.parse import urlencode

from live_server import LiveServer, Reply

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PREFIXES = "PREFIX oxus: <https://w3id.org/oxus/ontology#>\nPREFIX id: <https://w3id.org/oxus/id/>\n"
WRONG = PREFIXES + "SELECT ?x { ?x a oxus:Acession }"
RIGHT = PREFIXES + "SELECT ?x { ?x a oxus:Accession }"
# Its answer is empty at once, for no accession is a state; what stands beside that would take for ever.
ENDLESS_BESIDE = (
    PREFIXES
    + """SELECT ?a ?d {
  ?x a oxus:Accession , oxus:State . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i
  FILTER(CONCAT(STR(?c), STR(?f), STR(?i)) = "no such thing")
}"""
)


def ask(server: LiveServer, query: str, accept: str = "application/sparql-results+json", **beside: str) -> Reply:
    return server.get(f"/sparql?{urlencode({'query': query, **beside})}", accept=accept)


def rules(remarks: list[dict[str, str]]) -> list[str]:
    return [remark["rule"] for remark in remarks]


def test_lint_tells_what_is_wrong_and_runs_nothing(live_server: LiveServer):
    reply = ask(live_server, WRONG, lint="true")
    assert (reply.status, reply.type) == (200, "application/json")
    found = reply.json()
    assert set(found) == {"version", "remarks", "mended"}
    (remark,) = found["remarks"]
    assert (remark["rule"], remark["severity"], remark["line"], remark["column"]) == ("unknown-class", "error", 3, 18)
    (edit,) = remark["edits"]
    assert WRONG[edit["begin"] : edit["end"]] == "oxus:Acession" and edit["text"] == "oxus:Accession"
    assert found["mended"] == RIGHT
    assert ask(live_server, found["mended"]).json()["results"]["bindings"]
    endless = PREFIXES + "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    assert rules(ask(live_server, endless, lint="true").json()["remarks"]) == ["cross-product"]


def test_lint_is_taken_by_post_too(live_server: LiveServer):
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"query": WRONG, "lint": "true"})
    assert rules(live_server.ask("POST", "/sparql", head, body).json()["remarks"]) == ["unknown-class"]


def test_what_the_guard_refuses_lint_does_not_look_at(live_server: LiveServer):
    service = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    deep = "SELECT * " + "{" * 60 + "}" * 60
    for query, status in ((service, 403), ("DROP ALL", 403), (deep, 400), ("SELECT ?x { ?x }", 400)):
        assert ask(live_server, query, lint="true").status == status, query
        assert ask(live_server, query, **{"explain-empty": "true"}).status == status, query


def test_the_parameters_are_true_or_false(live_server: LiveServer):
    for name in ("lint", "explain-empty"):
        reply = ask(live_server, RIGHT, **{name: "maybe"})
        assert (reply.status, reply.json()["parameter"]) == (400, name)


def test_the_page_shows_what_lint_says_beside_the_query(live_server: LiveServer):
    page = unescape(ask(live_server, WRONG, BROWSER, lint="true").text)
    assert "What the check says" in page and "did you mean oxus:Accession" in page and "oxus:Acession" in page
    assert "Run it as corrected" in page and 'id="answer"' not in page
    assert "Nothing is amiss" in unescape(ask(live_server, RIGHT, BROWSER, lint="true").text)


def test_markup_in_a_query_stays_text(live_server: LiveServer):
    query = PREFIXES + 'SELECT ?x { ?x oxus:edtf "<script>alert(1)</script>" }'
    for beside in ({"lint": "true"}, {}):
        page = ask(live_server, query, BROWSER, **beside).text
        assert "<script>alert" not in page


def test_without_being_asked_the_protocol_answer_is_exact(live_server: LiveServer):
    assert ask(live_server, WRONG).json() == {"head": {"vars": ["x"]}, "results": {"bindings": []}}
    full = ask(live_server, RIGHT)
    assert ask(live_server, RIGHT, **{"explain-empty": "true"}).body == full.body


def test_an_empty_answer_says_why_when_asked(live_server: LiveServer):
    document = ask(live_server, WRONG, **{"explain-empty": "true"}).json()
    assert document["results"] == {"bindings": []}
    empty = document["oxus"]["empty"]
    assert rules(empty["remarks"]) == ["matches-nothing", "unknown-class"]
    assert (empty["complete"], empty["mended"]) == (True, RIGHT)
    assert document["oxus"]["version"] == live_server.get("/readyz").json()["version"]
    false = ask(live_server, PREFIXES + "ASK { ?x a oxus:Acession }", **{"explain-empty": "true"}).json()
    assert false["boolean"] is False and false["oxus"]["empty"]["remarks"]
    none = ask(live_server, PREFIXES + "SELECT (COUNT(*) AS ?n) { ?x a oxus:Acession }", **{"explain-empty": "true"})
    assert none.json()["oxus"]["empty"]["remarks"]


def test_reasons_go_beside_citations(live_server: LiveServer):
    document = ask(live_server, WRONG, cite="true", **{"explain-empty": "true"}).json()
    assert document["oxus"]["citations"] == [] and document["oxus"]["empty"]["remarks"]


def test_reasons_are_told_in_json_only(live_server: LiveServer):
    for address in ("/sparql?" + urlencode({"query": WRONG, "format": "csv"}), "/queries/accessions.csv?"):
        reply = live_server.get(f"{address}&explain-empty=true")
        assert reply.status == 400 and "JSON" in reply.json()["detail"]


def test_a_page_always_says_why_there_is_nothing(live_server: LiveServer):
    page = unescape(ask(live_server, WRONG, BROWSER).text)
    assert "Why there is nothing" in page and "did you mean oxus:Accession" in page
    assert "Why there is nothing" in ask(live_server, PREFIXES + "ASK { ?x a oxus:Acession }", BROWSER).text
    graph = PREFIXES + "CONSTRUCT { ?x a oxus:Event } WHERE { ?x a oxus:Acession }"
    assert "Why there is nothing" in ask(live_server, graph, BROWSER).text
    assert "Why there is nothing" not in ask(live_server, RIGHT, BROWSER).text


def test_a_canned_query_names_the_parameter_and_links_to_what_has_rows(live_server: LiveServer):
    address = "/queries/accessions{}?party=id:sound-compact"
    empty = live_server.get(address.format(".json") + "&explain-empty=true").json()["oxus"]["empty"]
    (remark,) = [each for each in empty["remarks"] if "parameter" in each]
    assert (remark["parameter"], remark["values"]) == ("party", ["id:vellmark"])
    page = live_server.get(address.format(""), accept=BROWSER).text
    assert 'href="/queries/accessions?party=id%3Avellmark"' in page
    assert live_server.get("/queries/accessions.json?party=id:vellmark").json()["results"]["bindings"]


def test_an_answer_comes_even_if_there_is_no_time_to_explain_it(live_server: LiveServer):
    reply = ask(live_server, ENDLESS_BESIDE, **{"explain-empty": "true"})
    assert reply.status == 200
    document = json.loads(reply.body)
    assert document["results"] == {"bindings": []}
    empty = document["oxus"]["empty"]
    assert not empty["complete"] and "cross-product" in rules(empty["remarks"])
    assert ask(live_server, RIGHT).json()["results"]["bindings"], "and the pool goes on"


def test_a_view_that_has_nothing_is_named_before_the_graph_is_blamed(live_server: LiveServer):
    free = ask(live_server, RIGHT, reliability="a", **{"explain-empty": "true"}).json()
    canned = live_server.get("/queries/accessions.json?reliability=a&explain-empty=true").json()
    for document in (free, canned):
        assert document["results"]["bindings"] == []
        first = document["oxus"]["empty"]["remarks"][0]
        assert first["parameter"] == "reliability"
        assert first["message"].startswith("reliability=a leaves nothing; without it there ")
    page = live_server.get("/queries/accessions?reliability=a", accept=BROWSER).text
    assert "reliability=a leaves nothing" in page
