"""What a browser is given: pages that ask nobody else, show text as text and say what they leave out."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from live_server import LiveServer

SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?s"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GET = f"/sparql?query={quote(SELECT)}"


def test_a_syntax_error_gives_a_person_the_query_back(live_server: LiveServer):
    reply = live_server.query("SELECT * WHERE { ?s <b>&amp; }", BROWSER)
    assert reply.status == 400
    assert "SELECT * WHERE { ?s &lt;b&gt;&amp;amp; }" in reply.text


def test_the_type_of_a_problem_leads_to_its_description(live_server: LiveServer):
    address, _, name = live_server.query("SELECT").json()["type"].partition("#")
    assert address == live_server.url + "/problems"
    assert f'id="{name}"' in live_server.get("/problems").text


DATA = '<script type="application/ld+json">'
"""What search engines read; no browser runs it."""


OWN = re.compile(r'<script type="module" src="/static/built/[a-z]+\.js"></script>')


def test_pages_ask_nothing_of_other_hosts_and_hold_no_scripts_but_our_files(live_server: LiveServer):
    for path in ("/", "/search?q=vellmark", "/queries", "/queries/accessions?cite=true", "/sparql", GET, "/problems"):
        page = live_server.get(path, accept=BROWSER).text
        assert "<script" not in OWN.sub("", page.replace(DATA, "")) and "<style" not in page and " style=" not in page
        assert 'src="http' not in page and 'rel="stylesheet" href="http' not in page


def test_what_went_wrong_is_told_in_sentences(live_server: LiveServer):
    page = live_server.get("/conflicts?page=9", accept=BROWSER).text
    assert '<p class="lead">Page is &#39;9&#39;; there are the pages 1 to 1.</p>' in page
    page = live_server.query("ASK { ?a", BROWSER).text
    assert re.search(r"<strong>The query is not SPARQL\.</strong> <span>[A-Z{][^<]*\.</span> It is at line 1", page)


def test_hostile_text_stays_text(live_server: LiveServer):
    query = "SELECT ?x { VALUES ?x { '<script>alert(1)</script>' <javascript:alert(1)> } }"
    page = live_server.query(query, BROWSER).text
    assert "<script>" not in page
    assert 'href="javascript:' not in page


def test_a_page_that_shows_not_all_rows_says_so(live_server: LiveServer):
    page = live_server.query("SELECT ?a { ?a ?b ?c . ?d ?e ?f } LIMIT 700", BROWSER).text
    assert "700 rows, the first 500 shown" in page


def test_an_answer_too_large_for_a_page_is_offered_as_a_file(live_server: LiveServer):
    reply = live_server.query("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000", BROWSER)
    assert (reply.status, "too large for a page" in reply.text or "503" in str(reply.status)) == (200, True)


def test_the_home_page_asks_in_plain_words_what_queries_answer(live_server: LiveServer):
    page = live_server.get("/", accept=BROWSER).text
    asked = re.findall(r'<li><a href="(/queries/[^"]*)">([^<]*)</a>', page)
    assert asked[0] == ("/queries/accessions?party=id%3Avellmark&amp;cite=true", "When did Vellmark join what?")
    for address, _ in asked:
        assert live_server.get(html.unescape(address), accept=BROWSER).status == 200


def test_the_home_page_shows_documents_a_disagreement_and_names_from_the_data(live_server: LiveServer):
    page = live_server.get("/", accept=BROWSER).text
    documents = re.findall(r'<h3><a href="(/page/source/[^"]*)">', page)
    assert (
        len(documents)
        == len(set(documents))
        == live_server.get("/dump/latest/manifest.json").json()["counts"]["documents"]
    )
    shown = re.search(r'<p class="lead"><a href="/conflicts/([^"]*)">', page)
    assert shown
    verdicts = re.findall(r'class="reading ([a-z-]+)"', page)
    assert {"accepted", "rejected"} <= set(verdicts)
    readings = live_server.get(f"/conflicts/{shown[1]}", accept="application/json").json()["judgements"][0]["readings"]
    assert len(readings) == len(verdicts)
    names = re.search(r'placeholder="([^"]+) …"', page)
    assert names and live_server.get(f"/search.json?q={quote(names[1].split(', ')[0])}").json()["total"] > 0


def test_the_catalogue_can_be_narrowed_by_words(live_server: LiveServer):
    def slugs(q: str) -> list[str]:
        return [query["slug"] for query in live_server.get(f"/queries?format=json&q={quote(q)}").json()["queries"]]

    everything = slugs("")
    assert slugs("ACCESSION joined") == slugs("joined accession") == ["accessions"]
    assert "accessions" in slugs("vellmark") and set(slugs("vellmark")) < set(everything)
    assert slugs("no-such-word") == []
    page = live_server.get("/queries?q=no-such-word%3Cb%3E", accept=BROWSER).text
    assert "No query speaks of “no-such-word&lt;b&gt;”" in page and "<b>" not in page
    assert live_server.get("/queries?q=a&q=b").status == 400


def test_an_unknown_name_gets_the_nearest_as_links(live_server: LiveServer):
    for address, link in (
        ("/id/vellmrk", '<a href="/page/id/vellmark">Vellmark</a>'),
        ("/queries/acessions", '<a href="/queries/accessions">accessions</a>'),
        ("/queries/accessions.docx", '<a href="/queries/accessions.csv">accessions.csv</a>'),
        ("/conflicts/judgement-accession-dat", '<a href="/conflicts/judgement-accession-date">'),
        ("/dump/latest/oxus.tt", '<a href="/dump/latest/oxus.ttl">oxus.ttl</a>'),
    ):
        reply = live_server.get(address, accept=BROWSER)
        assert reply.status == 404 and link in reply.text, (address, reply.text)


def test_an_error_page_says_what_to_do_and_searches_for_what_was_meant(live_server: LiveServer):
    page = live_server.get("/some/harbour-office%22%3E", accept=BROWSER).text
    assert "<h1>There is nothing at this address</h1>" in page and 'value="harbour office&#34;&gt;"' in page
    for method, address, status, words in (
        ("POST", "/queries", 405, "This address takes GET"),
        ("GET", "/queries?format=xml", 406, "<code>format=json</code>"),
        ("GET", "/nothing?" + "x" * 40_000, 414, "Send the query by POST"),
        ("GET", "/conflicts?kind=x", 400, "<code>oxus:wrong-claim</code>"),
    ):
        reply = live_server.ask(method, address, {"Accept": BROWSER}, "" if method == "POST" else None)
        assert (reply.status, reply.type) == (status, "text/html")
        assert words in reply.text and "What to do" in reply.text, (address, reply.text)
