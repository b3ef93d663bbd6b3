"""Linked data: 303 from each IRI to a page or a document, which tells what the dataset says and who says so."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pyoxigraph as ox
import pytest
from live_server import ROOT, LiveServer, Reply, running

from kg.build.run import build
from kg.project import Project

BASE = "https://w3id.org/oxus/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROV = "http://www.w3.org/ns/prov#"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TYPES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nq": "application/n-quads",
    "trig": "application/trig",
}


def parsed(reply: Reply) -> list[ox.Quad]:
    format = ox.RdfFormat.from_media_type(reply.type)
    assert format is not None
    return list(ox.parse(reply.body, format=format))


def one_of(server: LiveServer, kind: str) -> str:
    """The path of some IRI of a kind."""
    query = f'SELECT DISTINCT ?s {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}{kind}/")) }} ORDER BY ?s LIMIT 1'
    (row,) = server.query(query).json()["results"]["bindings"]
    return "/" + row["s"]["value"].removeprefix(BASE)


def links(reply: Reply) -> list[tuple[str, str]]:
    """The relations and targets of the Link header."""
    return [(relation, target) for target, relation in re.findall('<([^>]*)>; rel="([^"]*)"', reply.headers["link"])]


@pytest.mark.parametrize("kind", ["id", "topic", "source", "time"])
@pytest.mark.parametrize("name", TYPES)
def test_a_program_is_led_to_its_format(live_server: LiveServer, kind: str, name: str):
    path = one_of(live_server, kind)
    first = live_server.get(path, accept=TYPES[name])
    assert (first.status, first.headers["vary"]) == (303, "Accept")
    assert first.headers["location"] == f"/data{path}.{name}"
    reply = live_server.get(first.headers["location"])
    assert (reply.status, reply.type) == (200, TYPES[name])
    assert any(quad.subject == ox.NamedNode(BASE + path[1:]) for quad in parsed(reply))


@pytest.mark.parametrize("kind", ["id", "topic", "source", "time", "graph"])
def test_a_person_is_led_to_a_page(live_server: LiveServer, kind: str):
    path = "/graph/entities" if kind == "graph" else one_of(live_server, kind)
    first = live_server.get(path, accept=BROWSER)
    assert (first.status, first.headers["location"]) == (303, f"/page{path}")
    page = live_server.get(first.headers["location"], accept=BROWSER)
    assert (page.status, page.type) == (200, "text/html")
    assert BASE + path[1:] in page.text


@pytest.mark.parametrize("name", TYPES)
def test_the_datasets_own_iri_leads_to_what_it_says_of_itself(live_server: LiveServer, name: str):
    first = live_server.get("/", accept=TYPES[name])
    assert (first.status, first.headers["location"]) == (303, f"/.well-known/void?format={name}")
    reply = live_server.get(first.headers["location"])
    assert (reply.status, reply.type) == (200, TYPES[name])
    assert any(quad.subject == ox.NamedNode(BASE) for quad in parsed(reply))
    page = live_server.get("/", accept=BROWSER)
    for each in (first, page, live_server.get("/"), live_server.get("/", accept="image/png")):
        assert each.type == ("text/html" if each is not first else each.type)
        assert "Accept" in each.headers["vary"].split(", ")
        assert ("describedby", "/.well-known/void") in links(each)


def test_every_iri_of_ours_leads_somewhere(live_server: LiveServer):
    query = f'SELECT DISTINCT ?s {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}")) }}'
    for row in live_server.query(query).json()["results"]["bindings"]:
        path = urlsplit(row["s"]["value"].removeprefix(BASE.rstrip("/"))).path
        if path.split("/")[1] in ("id", "topic", "source", "time", "graph") or path == "/ontology":
            assert live_server.ask("HEAD", quote(path)).status == 303, path


def test_every_named_graph_leads_to_its_statements(live_server: LiveServer):
    for row in live_server.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").json()["results"]["bindings"]:
        path = row["g"]["value"].removeprefix(BASE.rstrip("/"))
        reply = live_server.get(path, accept="application/n-quads")
        if path.startswith("/.well-known/"):  # a document of its own
            assert (reply.status, reply.type) == (200, "application/n-quads")
            continue
        assert reply.status == 303, path
        assert live_server.ask("HEAD", reply.headers["location"]).status == 200


def test_a_document_says_all_that_the_graph_does(live_server: LiveServer):
    path = one_of(live_server, "id")
    iri = BASE + path[1:]
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER(?s = <{iri}> || ?o = <{iri}>) }}"
    wanted = {quad.triple for quad in parsed(live_server.query(query, "application/n-triples"))}
    given = {quad.triple for quad in parsed(live_server.get(f"/data{path}.nt"))}
    assert wanted and wanted <= given


def test_each_statement_of_a_document_is_cited(live_server: LiveServer):
    """Every triple about or to the thing is a statement, derived from a graph that holds it, or from a rule's."""
    path = one_of(live_server, "id")
    iri = ox.NamedNode(BASE + path[1:])
    store = ox.Store()
    store.extend(parsed(live_server.get(f"/data{path}.ttl")))
    incoming = [
        quad
        for quad in store.quads_for_pattern(None, None, iri)
        # The citations themselves name it too.
        if not isinstance(quad.subject, ox.NamedNode) or quad.subject.value.startswith(BASE)
    ]
    assert incoming
    for quad in [*store.quads_for_pattern(iri, None, None), *incoming]:
        found = store.query(
            f"SELECT ?graph {{ ?statement <{RDF}subject> {quad.subject} ; <{RDF}predicate> {quad.predicate} ;"
            f" <{RDF}object> {quad.object} ; <{PROV}wasDerivedFrom> ?graph FILTER(STRSTARTS(STR(?graph), '{BASE}')) }}"
        )
        graphs = [row["graph"] for row in found]  # type: ignore[union-attr]
        assert graphs, quad
        for graph in graphs:
            assert live_server.query(f"ASK {{ GRAPH {graph} {{ {quad.triple} }} }}").json()["boolean"], (quad, graph)


def test_quads_say_which_graph_states_what(live_server: LiveServer):
    path = one_of(live_server, "id")
    quads = parsed(live_server.get(f"/data{path}.trig"))
    named = [quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode)]
    assert named
    for quad in named:
        assert live_server.query(f"ASK {{ GRAPH {quad.graph_name} {{ {quad.triple} }} }}").json()["boolean"]


def test_a_rejected_passage_is_not_asserted(live_server: LiveServer):
    query = "SELECT ?g { ?j <https://w3id.org/oxus/ontology#rejects> ?g . GRAPH ?g { ?s ?p ?o } } LIMIT 1"
    (row,) = live_server.query(query).json()["results"]["bindings"]
    path = row["g"]["value"].removeprefix(BASE.rstrip("/"))
    states = {quad.triple for quad in parsed(live_server.get(f"/store?graph={quote(row['g']['value'], safe='')}"))}
    accepted = {quad.triple for quad in parsed(live_server.get("/store?default", accept="application/n-triples"))}
    document = {quad.triple for quad in parsed(live_server.get(f"/data{path}.ttl"))}
    only_here = states - accepted
    assert only_here and not only_here & document
    trig = {quad.triple for quad in parsed(live_server.get(f"/data{path}.trig"))}
    assert only_here <= trig


def test_a_page_shows_what_rejected_readings_say_and_marks_it(live_server: LiveServer):
    page = live_server.get("/page/id/sound-compact-accession-vellmark", accept=BROWSER).text
    (line,) = re.findall(r'<dd class="rejected">(.*?)</dd>', page)
    assert line.startswith("Rejected reading: ") and ">1995</a>" in line
    assert 'href="/conflicts/judgement-accession-date">disputed</a>' in line
    (note,) = re.findall(r'href="#note-(\d+)"', line)
    assert "The accession was in 1995." in page.partition(f'id="note-{note}"')[2].partition("</li>")[0]
    assert "1994-06-14" in page and "1995" not in page.partition("application/ld+json")[2].partition("</script>")[0]
    assert (
        'class="rejected"' in live_server.get("/page/time/1995", accept=BROWSER).text.partition("These point here")[2]
    )
    assert 'class="rejected"' not in live_server.get("/page/id/vellmark", accept=BROWSER).text


def test_the_header_names_the_thing_the_page_and_the_formats(live_server: LiveServer):
    path = one_of(live_server, "id")
    for target in (path, f"/data{path}.ttl", f"/page{path}"):
        found = links(live_server.get(target, accept=BROWSER))
        assert ("describedby", f"/data{path}.ttl") in found
        assert sum(relation == "alternate" for relation, _ in found) >= len(TYPES)
    for target in (f"/data{path}.ttl", f"/page{path}"):
        found = links(live_server.get(target))
        assert ("describes", BASE + path[1:]) in found
        assert ("canonical", live_server.url + target) in found
        assert any(relation == "type" for relation, _ in found)


@pytest.mark.parametrize(
    ("target", "about"),
    [(f"/{each}", BASE + "ontology") for each in ("ontology", "data/ontology.ttl", "page/ontology")]
    + [("/.well-known/void", BASE)],
)
def test_documents_of_the_ontology_and_the_dataset_lead_to_each_other(live_server: LiveServer, target: str, about: str):
    reply = live_server.get(target, accept="text/html" if "page" in target else "text/turtle")
    found = links(reply)
    (described,) = (to for relation, to in found if relation == "describedby")
    assert live_server.get(described.removeprefix(live_server.url)).type == "text/turtle"
    assert sum(relation == "alternate" for relation, _ in found) >= len(TYPES)
    if reply.status == 200:
        assert {("describes", about), ("canonical", live_server.url + target)} <= set(found)
        assert any(relation == "type" for relation, _ in found)


def test_a_statement_has_one_name_in_every_format(live_server: LiveServer):
    path = one_of(live_server, "id")
    named = []
    for suffix in ("ttl", "nt", "rdf", "jsonld"):
        quads = parsed(live_server.get(f"/data{path}.{suffix}"))
        statements = {quad.subject for quad in quads if quad.object == ox.NamedNode(RDF + "Statement")}
        named.append({quad.triple for quad in quads if quad.subject in statements})
    assert named[0] and all(each == named[0] for each in named)
    assert all(str(triple.subject).startswith(f"<{live_server.url}{path}#statement-") for triple in named[0])


def test_a_day_is_not_lost_on_the_way(live_server: LiveServer):
    for accept, page in ((BROWSER, "/page{}?at=1995-01-01"), ("text/turtle", "/data{}.ttl?at=1995-01-01")):
        for path in (one_of(live_server, "id"), "/graph/entities"):
            reply = live_server.get(f"{path}?at=1995-01-01", accept=accept)
            assert (reply.status, reply.headers["location"]) == (303, page.format(path))


def test_a_named_graph_is_not_offered_in_json(live_server: LiveServer):
    assert live_server.get("/graph/entities", accept="application/json").status == 406
    reply = live_server.get("/data/graph/entities.json")
    assert reply.status == 404 and "entities.ttl" in reply.json()["suggestions"]
    assert 'entities.json"' not in live_server.get("/page/graph/entities").text


def test_what_the_ontology_names_of_itself_leads_to_it(live_server: LiveServer):
    query = "SELECT DISTINCT ?o { ?s <http://www.w3.org/2002/07/owl#versionIRI> ?o }"
    versions = [row["o"]["value"] for row in live_server.query(query).json()["results"]["bindings"]]
    assert versions
    for iri in versions:
        reply = live_server.get("/" + iri.removeprefix(BASE))
        assert (reply.status, reply.headers["location"]) == (303, "/ontology"), iri
    for name in ("99.9", "Q%C2%99%F2%89%A7%9E", "a%20b", "%3E%20%3Fp", "../id/x"):
        assert live_server.get(f"/ontology/{name}").status == 404, name
    assert live_server.get("/topics").headers["location"] == "/graph/topics"


@pytest.mark.parametrize("target", ["/id/{}x", "/page/id/{}x", "/data/id/{}x.ttl", "/data/id/{}x.trig"])
def test_what_is_unknown_is_404_with_the_nearest_names(live_server: LiveServer, target: str):
    path = one_of(live_server, "id")
    reply = live_server.get(target.format(path.removeprefix("/id/")))
    assert (reply.status, reply.type) == (404, "application/problem+json")
    assert BASE + path[1:] in reply.json()["suggestions"]


@pytest.mark.parametrize(
    "target",
    [
        *("/id/%00", "/id/a%20b", "/id/%3Cscript%3E", "/data/id/.ttl", "/data/id/x", "/page/person/x"),
        *("/data/ontology.exe", "/id/../../etc/passwd", "/id/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/id//evil.example/x"),
        *("/id/%0d%0aX-Injected:%20yes", "/page/id/x%0aLink:%20y", "/id/%FF%FE", "/id/%", "/id/%zz", "/id/%5C%5C"),
        *("/id/x%E2%80%AEy", "/id/x%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/id/x%7D%20UNION%20%7B"),
        *("/id/x%3E%20%3Fp%20%3Fo%20.%20%3Cy", "/source/mfa-2021/0-99999999999999999999"),
        *("/id/" + "x" * 3000, "/data/id/" + "x/" * 900 + ".ttl"),
    ],
    ids=lambda target: target[:40],
)
def test_what_is_no_name_is_404(live_server: LiveServer, target: str):
    for accept in ("text/turtle", BROWSER):
        reply = live_server.get(target, accept=accept)
        assert reply.status in (400, 404)
        assert not {"location", "x-injected"} & set(reply.headers)
        assert "<script>alert" not in reply.text


ODD = ["тоҷик", "a,b;c'd(e)", "a/b/c", "a//b", "a%20b", "q?x=1", "f#g", "dot.ttl", "x+y", "http://evil.example/"]
"""Names that an IRI may have, and an address only escaped or mistaken for something else."""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over a file with odd names, and a thing that was withdrawn."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "graph.ttl").write_text(
        f"<{BASE}id/old> <http://www.w3.org/2002/07/owl#deprecated> true ;"
        f" <http://purl.org/dc/terms/isReplacedBy> <{BASE}id/new> . <{BASE}id/new> <urn:p> 1 ."
        + "".join(f"<{BASE}id/{name}> a <urn:класс> ." for name in ODD),
        encoding="utf-8",
    )
    with running(folder, folder / "log", folder / "graph.ttl") as server:
        yield server


@pytest.mark.parametrize("path", ["/id/old", "/page/id/old", "/data/id/old.ttl", "/data/id/old.json"])
def test_what_is_withdrawn_is_410_with_its_successor(odd: LiveServer, path: str):
    reply = odd.get(path)
    assert (reply.status, reply.json()["suggestions"]) == (410, [f"{BASE}id/new"])


def test_what_is_not_withdrawn_is_there(odd: LiveServer):
    assert odd.get("/data/id/new.ttl").status == 200


@pytest.mark.parametrize("name", ODD)
def test_a_thing_with_an_odd_name_is_found_described_and_linked(odd: LiveServer, name: str):
    iri = BASE + "id/" + name
    for path in {f"/id/{quote(name, safe='/%')}", f"/id/{quote(name)}"}:
        for accept in ("text/turtle", "application/ld+json", BROWSER):
            first = odd.get(path, accept=accept)
            assert first.status == 303, path
            assert first.headers["location"].startswith(("/data/id/", "/page/id/"))
            reply = odd.get(first.headers["location"])
            assert reply.status == 200
            if accept != BROWSER:
                assert any(quad.subject == ox.NamedNode(iri) for quad in parsed(reply))
            found = dict(links(reply))
            assert found["describes"] == quote(iri, safe="/:?#,;'()+=%")
            assert reply.headers["link"].isascii()
            kind = "page" if accept == BROWSER else "data"
            assert found["canonical"].startswith(f"{odd.url}/{kind}/id/")
            assert odd.get(found["canonical"].removeprefix(odd.url)).body == reply.body
    assert iri in unescape(odd.get(f"/page/id/{quote(name)}").text)


def test_the_sitemap_leads_to_odd_names(odd: LiveServer):
    addresses = re.findall("<loc>(.*?)</loc>", odd.get("/sitemap.xml").text)
    paths = [unescape(each).removeprefix(odd.url) for each in addresses if "/id/" in each]
    assert len(paths) == len(ODD) + 1  # with /id/new, without what is withdrawn
    assert {odd.ask("HEAD", path).status for path in paths} == {200}


def test_the_ontology_has_a_page_and_documents(live_server: LiveServer):
    assert live_server.get("/ontology", accept=BROWSER).headers["location"] == "/page/ontology"
    page = live_server.get("/page/ontology")
    assert 'id="Passage"' in page.text
    for name, media_type in TYPES.items():
        target = live_server.get("/ontology", accept=media_type).headers["location"]
        assert target == f"/data/ontology.{name}"
        assert len(parsed(live_server.get(target))) > 100


@pytest.fixture(scope="module")
def dated(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The invented project with our own query for the facts of a thing as of a day."""
    folder = tmp_path_factory.mktemp("dated")
    shutil.copytree(mini_build.parent, folder / "mini")
    for path in (ROOT / "queries").glob("*.rq"):
        shutil.copy(path, folder / "mini" / "queries")
    (folder / "mini" / "queries" / "ru.po").unlink()  # it is of the queries that these replace
    build(Project(folder / "mini"), folder / "mini" / "build")
    with running(folder / "mini", folder / "log") as server:
        yield server


@pytest.mark.parametrize(
    ("path", "suffix"),
    [("/page{}", ".html"), ("/data{}.json", ".json"), ("/data{}.ttl", ".ttl"), ("/data{}.trig", ".trig")],
)
def test_a_thing_as_of_a_day_is_told_by_the_query_for_that(dated: LiveServer, path: str, suffix: str):
    thing = one_of(dated, "id")
    first = dated.get(path.format(thing) + "?at=1995-01-01")
    assert first.status == 303
    target = urlsplit(first.headers["location"])
    assert target.path == f"/queries/facts{suffix}"
    given = parse_qs(target.query)
    assert (given["entity"], given["at"]) == ([BASE + thing[1:]], ["1995-01-01"])
    assert dated.get(first.headers["location"]).status == 200


def test_a_day_that_is_none_is_refused(dated: LiveServer):
    first = dated.get(f"/data{one_of(dated, 'id')}.json?at=soon")
    assert dated.get(first.headers["location"]).json()["parameter"] == "at"


def test_where_no_query_takes_a_day_at_is_refused(live_server: LiveServer):
    reply = live_server.get(f"/page{one_of(live_server, 'id')}?at=1995-01-01")
    assert (reply.status, reply.json()["parameter"]) == (400, "at")
