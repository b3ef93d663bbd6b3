"""Pages to read in: documents passage by passage, passages, topics, the terms of the ontology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from live_server import LiveServer, running

BASE = "https://w3id.org/oxus/"
LONG = "ø" * 10_000
GRAPH = f"""
@prefix oxus: <{BASE}ontology#> . @prefix id: <{BASE}id/> . @prefix topic: <{BASE}topic/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix source: <{BASE}source/> .
topic:water skos:prefLabel "water"@en, "вода"@ru ; skos:inScheme <{BASE}topics> .
topic:rivers skos:prefLabel "rivers"@en ; skos:inScheme <{BASE}topics> ; skos:broader topic:water ;
    skos:definition "Water that runs."@en .
topic:streams skos:prefLabel "streams"@en ; skos:inScheme <{BASE}topics> ; skos:broader topic:rivers .
topic:streams skos:broader topic:streams .
topic:egg skos:prefLabel "egg"@en ; skos:inScheme <{BASE}topics> ; skos:broader topic:hen .
topic:hen skos:prefLabel "hen"@en ; skos:inScheme <{BASE}topics> ; skos:broader topic:egg .
id:nile a id:River ; rdfs:label "Nile"@en ; id:covers topic:rivers ; rdfs:comment "{LONG}" .
id:aral id:covers topic:streams .
source:log a oxus:Document ; dcterms:title "A log"@en ; oxus:address "https://example.org/log" .
<{BASE}source/log/4-20> a oxus:Passage ; oxus:isPassageOf source:log ; oxus:gist "The Nile runs."@en ;
    oxus:firstWords "The river that" ; oxus:lastWords "it runs." .
<{BASE}source/log/odd> a oxus:Passage ; oxus:isPassageOf source:log .
<{BASE}source/log/4-20> {{ id:nile id:covers topic:rivers }}
"""


def article(page: str, place: str) -> str:
    """What stands on a document's page about a passage."""
    return unescape(page.split(f'id="{place}"', 1)[1].split("</article>", 1)[0])


def shown(page: str) -> list[str]:
    """The places of the passages on a document's page, in order."""
    return re.findall(r'<article class="passage[^"]*" id="([\d-]+)"', page)


def links(page: str, label: str) -> list[str]:
    """Where the links with this text lead."""
    return [unescape(each) for each in re.findall(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(label)}</a>', page)]


def test_a_document_tells_what_is_known_of_it(live_server: LiveServer):
    page = live_server.get("/page/source/gazette").text
    for told in (
        "Vellmark and the Sound Compact (Harbour Office, 2005)",
        "A grade of sources that are usually reliable.",
        "https://example.org/gazette",
        "5a422b9c89abd53f2b449bf65bf3519946231f2cbb7c7c8d61431d899fa212b1",
        "The Compact and Its Neighbours (Holm, 2009)",
        "they count as one witness",
        '<a class="cite" href="#0-16">[passage 1]</a>',
    ):
        assert told in page
    assert "one witness" not in live_server.get("/page/source/flyer").text


def test_a_document_is_read_in_order_with_what_each_passage_states(live_server: LiveServer):
    page = live_server.get("/page/source/flyer").text
    places = shown(page)
    assert places == sorted(places, key=lambda place: int(place.partition("-")[0]))
    assert len(places) == 6
    one = article(page, "54-133")
    assert "Northern Light began in 2010 and measured the tides of the Sound with 5,000 floats." in one
    assert '<p class="running" lang="en">This project, begun in 2010, measured' in one
    assert re.search(r'href="/page/ontology/beganIn">[^<]+</a>\s*<a href="/page/time/2010">2010</a>', one)
    assert 'href="#38-52">passage 3</a>' in one
    assert "https://example.org/flyer#:~:text=This%20project%2C%20begun%20in,Sound%20with%205%2C000%20floats." in one


def test_a_passage_in_another_stands_within_it_and_is_marked_in_its_words(live_server: LiveServer):
    page = live_server.get("/page/source/gazette").text
    outer = page.split('id="291-396"', 1)[1]
    assert re.search(
        r'<mark class="inner rejected">[^<]+</mark><a class="ref" href="#344-395" aria-label="Passage \d+">', outer
    )
    assert 'class="passage rejected within" id="344-395"' in outer
    assert "Which organisation did the envoy of 2001 represent?" in article(page, "344-395")


def test_without_the_text_a_passage_has_its_first_and_last_words(live_server: LiveServer):
    page = live_server.get("/page/source/review").text  # its text has been altered
    assert "first and last words" in page
    assert re.search(r"The envoy of the.*?….*?Merrow, a former pilot\.", article(page, "97-173"))
    assert "Compact’s secretary" not in page  # the text's apostrophe


@pytest.mark.parametrize(
    ("document", "show", "places"),
    [
        ("review", "opinion", ["175-236"]),
        ("review", "rejected", ["43-57"]),
        ("review", "disputed", ["43-57", "97-173"]),
        ("flyer", "disputed", ["214-276"]),
    ],
)
def test_a_document_is_narrowed_to_a_kind_or_to_what_is_disputed(
    live_server: LiveServer, document: str, show: str, places: list[str]
):
    path = f"/page/source/{document}"
    target = f"{path}?show={show}#reading"
    assert target in re.findall(r'href="([^"]+)"', live_server.get(path).text)
    assert shown(live_server.get(target.partition("#")[0]).text) == places


def test_a_document_is_not_narrowed_to_what_it_has_not(live_server: LiveServer):
    reply = live_server.get("/page/source/review?show=hedged")
    assert (reply.status, reply.json()["parameter"]) == (400, "show")
    assert "opinion" in reply.json()["suggestions"]


def test_a_passage_stands_in_its_context_with_its_neighbours(live_server: LiveServer):
    page = live_server.get("/page/source/flyer/54-133").text
    assert re.search(r'<span class="around">.*NORTHERN LIGHT\s*</span><mark>This project, .*5,000 floats\.', page, re.S)
    assert (links(page, "Previous passage"), links(page, "Next passage")) == (
        ["/page/source/flyer/38-52"],
        ["/page/source/flyer/134-212"],
    )
    assert "/page/source/flyer#54-133" in links(page, "In the document")
    assert "/page/source/flyer/54-133" in live_server.get("/page/source/flyer/38-52").text.split("What relies on it")[1]
    reference = unescape(page.split('<pre class="reference" tabindex="0">')[1].split("</pre>")[0])
    for told in (
        "“This project, begun in … Sound with 5,000 floats.”",
        "characters 54–133",
        f"{BASE}source/flyer/54-133",
    ):
        assert told in reference


def test_a_passage_tells_how_it_was_judged_and_what_else_was_read(live_server: LiveServer):
    page = live_server.get("/page/source/review/43-57").text
    judged = page.split("How it was judged")[1]
    assert "When did Vellmark join the Sound Compact?" in judged
    assert "The office that signed gives a day" in judged
    assert "gazette:18-164" in judged and "accepted" in judged


def test_a_passage_tells_who_states_the_same(live_server: LiveServer):
    page = live_server.get("/page/source/review/43-96").text
    rows = page.split('id="stated"')[1].split("<li>")
    assert "/page/source/gazette/18-164" in next(each for each in rows if ">joins<" in each)
    assert "No other passage states it." in next(each for each in rows if "Welmark" in each)


def test_a_term_has_a_page_of_its_own(live_server: LiveServer):
    index = live_server.get("/page/ontology").text
    assert re.search(r'<dt id="Accession"><a href="/page/ontology/Accession">', index)
    page = live_server.get("/page/ontology/Accession").text
    for told in (
        "accession",
        "присоединение",
        "An event by which an actor joins",
        "oxus:Accession",
        "schema:JoinAction",
    ):
        assert told in page
    assert links(page, "event") == ["/page/ontology/Event"]
    assert "/page/id/sound-compact-accession-vellmark" in page
    assert "an accession needs what is joined: add oxus:joins" in page
    assert "/page/ontology/Accession" in live_server.get("/page/ontology/Event").text


def test_the_questions_that_use_a_term_are_those_whose_text_has_its_iri(live_server: LiveServer):
    page = live_server.get("/page/ontology/joins").text
    assert links(page, "Accessions")
    assert "/queries/dated" not in page
    dated = live_server.get("/page/ontology/hasDate").text
    assert "/queries/dated" in dated
    assert re.search(r"inferred by.*?/page/graph/inferred/", dated, re.S) or "/page/graph/inferred/best-date" in dated


def test_a_code_has_a_page_with_where_it_occurs(live_server: LiveServer):
    page = live_server.get("/page/ontology/reliability-c").text
    assert links(page, "The Compact and Its Neighbours (Holm, 2009)") == ["/page/source/review"]


@pytest.mark.parametrize("name", ["Accesion", "no", "%3Cscript%3E", "a%20b", "%7D", LONG[:2000]])
def test_a_term_that_is_none_is_404(live_server: LiveServer, name: str):
    reply = live_server.get("/page/ontology/" + quote(name, safe="%"))
    assert (reply.status, reply.type) == (404, "application/problem+json")
    if name == "Accesion":
        assert f"{BASE}ontology#Accession" in reply.json()["suggestions"]


def test_terms_and_topics_are_in_the_sitemap(live_server: LiveServer):
    sitemap = live_server.get("/sitemap.xml").text
    for path in ("page/ontology/Accession", "page/topics", "page/topic/border-security", "page/source/flyer/54-133"):
        assert f"<loc>{live_server.url}/{path}</loc>" in sitemap


def test_the_iri_of_a_term_and_of_the_scheme_lead_to_their_pages(live_server: LiveServer):
    page = live_server.get("/page/topic/border-security").text
    assert links(page, "All topics") == ["/page/topics"]
    assert "/page/topic/border-security" in live_server.get("/page/topics").text


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over a file of RDF, without texts, judgements or an ontology, with a canned query for a topic."""
    folder = tmp_path_factory.mktemp("small")
    for name in ("ontology", "data", "queries"):
        (folder / name).mkdir()
    (folder / "queries" / "on-a-topic.rq").write_text(QUERY, "utf-8")
    default, _, named = GRAPH.rpartition(f"<{BASE}source/log/4-20> {{")
    (folder / "graph.trig").write_text(f"{default}\n<{BASE}source/log/4-20> {{{named}", "utf-8")
    with running(folder, folder / "log", folder / "graph.trig") as server:
        yield server


QUERY = f"""\
#+ title: On a topic
#+ description: What covers it.
#+ param: topic | topic | Topic
#+ column: thing | iri | thing
#+ expect: rows >= 0

SELECT ?thing WHERE {{
  VALUES ?topic {{ UNDEF }}
  ?thing <{BASE}id/covers> ?topic .
}}
ORDER BY ?thing
"""


def test_a_topic_tells_where_it_stands_and_what_is_about_it(small: LiveServer):
    page = small.get("/page/topic/rivers").text
    assert (links(page, "water"), links(page, "streams")) == (["/page/topic/water"], ["/page/topic/streams"])
    assert "Water that runs." in page
    assert links(page, "Nile") == ["/page/id/nile"]
    assert links(page, "The Nile runs.") == ["/page/source/log/4-20"]
    (target,) = links(page, "On a topic")
    assert parse_qs(urlsplit(target).query) == {"topic": ["topic:rivers"]}
    assert "/page/id/nile" in small.get(target, accept="text/html").text


def test_the_tree_of_topics_nests_and_ends(small: LiveServer):
    tree = small.get("/page/topics").text
    assert re.search(r"water</a>.*<ul.*rivers</a>.*<ul.*streams</a>", tree, re.S)
    assert [tree.count(f"{name}</a>") for name in ("streams", "egg", "hen")] == [1, 1, 1]


def test_a_document_without_its_text_or_a_passage_without_a_place_breaks_nothing(small: LiveServer):
    page = small.get("/page/source/log").text
    assert shown(page) == ["4-20"]
    assert small.get("/page/source/log/4-20").status == 200
    assert small.get("/page/source/log/odd").status == 200


def test_a_fact_with_a_very_long_value_can_be_reported_all_the_same(small: LiveServer):
    statement = small.get("/data/id/nile.nt").text
    name = next(each for each in statement.splitlines() if f'object> "{LONG}' in each).split()[0].strip("<>")
    page = small.get(f"/report?statement={name.replace('#', '%23')}", accept="text/html")
    assert page.status == 200
    assert LONG in page.text
