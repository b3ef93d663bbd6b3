"""What a browser is given: pages that ask nobody else, show text as text and say what they leave out."""

from __future__ import annotations

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
    asked = re.findall(r'<a class="asked" href="([^"]*)">([^<]*)</a>', page)
    assert asked == [("/queries/accessions?party=id%3Avellmark", "When did Vellmark join what?")]
    assert live_server.get(asked[0][0], accept=BROWSER).status == 200
