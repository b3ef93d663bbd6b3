"""Markup in what is served and in what is asked: it comes out as text, and never as an element, attribute or address.

Read by a parser as a browser would, page by page: every element and attribute must be one that our templates write.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from attack import BROWSER
from live_server import LiveServer, running

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
DCTERMS = "http://purl.org/dc/terms/"
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202etxt.exe <b>",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://evil.invalid/")')
IRIS = (
    "javascript:alert(1)",
    "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E",
    "http://evil.invalid/'onmouseover='alert(1)",
    "vbscript:x",
)
ELEMENTS = frozenset(
    "a article blockquote body br button caption cite circle code dd desc details div dl dt fieldset figcaption figure "
    "footer form g h1 h2 h3 h4 head header html img input kbd label legend li line link main mark meta nav ol option p "
    "path pre q rect section select small strong summary svg table tbody td text textarea th thead time title tr ul "
    "span datalist".split()
)
"""What our templates write."""
DATA_BLOCK = ("script", [("type", "application/ld+json")])
"""What a page says of itself to programs; browsers do not run it."""
OWN_SCRIPT = re.compile(r"/static/built/[a-z]+\.js")
HOME = re.compile(r"/(?!/)|#|\?")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, attributes and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._data: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (tag, attrs) == DATA_BLOCK:
            self._data = ""
        elif tag == "script":
            if not _is_own_script(attrs):
                self.faults.append(f"<script {attrs}>")
        elif tag not in ELEMENTS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "autofocus", "formaction", "xlink:href"):
                self.faults.append(f"<{tag} {name}>")
            if name in ("href", "src", "action") and not _is_safe(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data: str) -> None:
        if self._data is not None:
            self._data += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._data is not None:
            # Whatever the data say, they end the block as little as a string in it.
            if "<" in self._data or not json.loads(self._data):
                self.faults.append(f"<script> with {self._data[:40]}")
            self._data = None

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data[:40]}")


def _is_own_script(attrs: list[tuple[str, str | None]]) -> bool:
    """Whether it is a module of `server/ui`, written as `script` of our templates writes it and not otherwise."""
    match attrs:
        case [("type", "module"), ("src", str(address))]:
            return OWN_SCRIPT.fullmatch(address) is not None
    return False


def _is_safe(address: str) -> bool:
    """Whether an address leads to us, or to a document that the data name by http or https."""
    return HOME.match(address) is not None or urlsplit(address).scheme in ("http", "https")


def hostile_turtle() -> str:
    """RDF whose every part holds markup: labels, descriptions, licence, IRIs, datatypes, languages that are long."""
    lines = [f"@prefix rdfs: <{RDFS}> .", f"@prefix dct: <{DCTERMS}> .", "@prefix dcat: <http://www.w3.org/ns/dcat#> ."]
    title, description = (_literal(PAYLOADS[number]) for number in (4, 0))
    lines.append(
        f"<urn:set> a dcat:Dataset ; dct:title {title} ; dct:description {description} ;"
        f" dct:license <javascript:alert(1)> ; dct:bibliographicCitation {_literal(PAYLOADS[1])} ."
    )
    for number, text in enumerate((*PAYLOADS, *FORMULAS)):
        lines.append(f"<urn:thing:{number}> rdfs:label {_literal(text)}@en ; rdfs:comment {_literal(text)} .")
        lines.append(f"<urn:thing:{number}> rdfs:label {_literal(text)}^^<urn:type:{number}'onclick='alert(1)> .")
    for number, iri in enumerate(IRIS):
        lines.append(
            f"<{iri}> rdfs:label {_literal(PAYLOADS[number])} ; a <{iri}> . <urn:thing:{number}> <{iri}> <{iri}> ."
        )
    lines += hostile_document()
    lines.append(f"<urn:long> rdfs:label 'x'@{'a' * 8}-{'-'.join(['b' * 8] * 20)} .")
    return "\n".join(lines) + "\n"


def hostile_document() -> list[str]:
    """A document, passages, topics and terms of ours, with markup wherever a page to read shows them."""
    told = [_literal(text) for text in PAYLOADS]
    base, ontology = "https://w3id.org/oxus/", "https://w3id.org/oxus/ontology#"
    passage = f"<{base}source/hostile/{{}}> a <{ontology}Passage> ; <{ontology}isPassageOf> <{base}source/hostile>"
    return [
        f"<{base}source/hostile> a <{ontology}Document> ; dct:title {told[4]} ; dct:language {told[1]} ;"
        f" <{ontology}address> {told[7]} ; <{ontology}isPublishedBy> <urn:thing:0> ; <{ontology}sha256> {told[2]} .",
        passage.format("0-90") + f" ; <{ontology}gist> {told[0]} ; <{ontology}firstWords> {told[1]} ;"
        f" <{ontology}lastWords> {told[3]} ; <{ontology}hasKind> <{ontology}hostile> .",
        f"<{base}source/hostile/0-90> <{ontology}omission> {told[6]} .",
        passage.format("2-9") + f" ; <{ontology}wordingSlip> {told[9]} ; <{ontology}reliesOn> <javascript:alert(1)> .",
        f"<{base}source/hostile/95-99> a <{ontology}Boilerplate> ; <{ontology}reason> {told[6]} .",
        f"<{base}topic/hostile> <http://www.w3.org/2004/02/skos/core#prefLabel> {told[0]}@en ;"
        f" <http://www.w3.org/2004/02/skos/core#inScheme> <{base}topics> ; rdfs:comment {told[1]} .",
        f"<urn:thing:1> <urn:p> <{base}topic/hostile> .",
        f"<{ontology}hostile> a <http://www.w3.org/2002/07/owl#Class> ; rdfs:label {told[0]}@en ;"
        f" rdfs:subClassOf <javascript:alert(1)> ; <http://www.w3.org/2004/02/skos/core#definition> {told[4]} .",
        f"<urn:thing:2> a <{ontology}hostile> .",
    ]


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


@pytest.fixture(scope="module")
def hostile_server(mini_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server over RDF that means harm, and a canned query over it."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(mini_build.parent, folder / "mini")
    (folder / "mini" / "queries" / "hostile.rq").write_text(HOSTILE)
    (folder / "hostile.ttl").write_text(hostile_turtle())
    with running(folder / "mini", folder / "log", folder / "hostile.ttl") as server:
        yield server


HOSTILE = f"""\
#+ title: Hostile
#+ description: What the data call things.
#+ param: only | string | Only this
#+ column: thing | iri | thing
#+ column: label | string | label
#+ expect: rows >= 1

SELECT ?thing ?label WHERE {{
  VALUES ?only {{ UNDEF }}
  ?thing <{RDFS}label> ?label .
  FILTER (!BOUND(?only) || STR(?label) = ?only)
}}
ORDER BY ?thing ?label
"""
EVERYTHING = quote("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o")
GRAPH = quote("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
PAGES = (
    "/page/source/hostile",
    "/page/source/hostile/0-90",
    "/page/source/hostile/2-9",
    "/page/topic/hostile",
    "/page/topics",
    "/page/ontology",
    "/page/ontology/hostile",
    *(f"/report?s=urn:thing:{n}&p=rdfs:label&o={quote(_literal(text))}@en" for n, text in enumerate(PAYLOADS)),
    "/",
    "/queries",
    "/problems",
    "/conflicts",
    "/sparql",
    "/explain",
    f"/sparql?query={EVERYTHING}",
    f"/sparql?query={EVERYTHING}&cite=true",
    f"/sparql?query={GRAPH}",
    f"/explain?query={EVERYTHING}",
    "/queries/hostile",
    "/queries/hostile?cite=true",
    "/queries/hostile/explain",
    "/feed?format=html",
    *(f"/sparql?query={quote(f'DESCRIBE <{iri}>')}" for iri in IRIS),
    *(f"/queries/hostile?only={quote(text)}" for text in PAYLOADS),
    *(f"/search?q={quote(text)}" for text in ("script alert", "javascript", "txt.exe", PAYLOADS[0])),
)


@pytest.mark.parametrize("path", PAGES)
def test_no_markup_of_the_data_becomes_part_of_a_page(hostile_server: LiveServer, path: str):
    reply = hostile_server.get(path, accept=BROWSER)
    assert (reply.status, reply.type) == (200, "text/html")
    assert Page(reply.text).faults == []
    check_policy(reply.headers["content-security-policy"])


CITED = (
    f"/cite/latest/sparql?query={EVERYTHING}",
    f"/cite/latest/sparql?query={GRAPH}",
    "/cite/latest/queries/hostile?cite=true",
    f"/cite/latest/queries/hostile?only={quote(PAYLOADS[1])}",
)


@pytest.mark.parametrize("path", CITED)
def test_no_markup_becomes_part_of_a_citations_page(hostile_server: LiveServer, path: str):
    address = hostile_server.get(path).headers["location"].removeprefix(hostile_server.url)
    test_no_markup_of_the_data_becomes_part_of_a_page(hostile_server, address)


REFLECTING = (
    "/%s",
    "/queries/%s",
    "/queries/hostile.%s",
    "/queries/hostile?%s=1",
    "/queries/hostile?format=%s",
    "/queries/hostile?lang=%s",
    "/queries/hostile?cite=%s",
    "/queries/hostile?source=%s",
    "/queries/hostile?reliability=%s",
    "/queries/hostile?at=%s",
    "/queries/hostile?version=%s",
    "/queries/hostile?timeout=%s",
    "/queries/accessions?party=%s",
    "/dump/%s/oxus.ttl",
    "/dump/latest/%s",
    "/conflicts?entity=%s",
    "/conflicts?%s=x",
    "/conflicts.%s",
    "/sparql?query=%s",
    "/sparql?query=ASK+%%7B%%7D&format=%s",
    "/sparql?query=ASK+%%7B%%7D&%s=1",
    "/sparql?query=ASK+%%7B%%7D&x=%s",
    "/sparql?query=SELECT+*+%%7B%%7D&cite=%s",
    "/sparql?query=ASK+%%7B%%7D&default-graph-uri=%s",
    "/explain?query=%s",
    "/explain?query=SELECT+*+%%7B%%7D&row=%s",
    "/search?q=%s",
    "/search?q=script&class=%s",
    "/search?q=script&%s=1",
    "/search.%s",
    "/cite/%s/queries/hostile",
    "/cite/latest/queries/%s",
    "/cite/latest/%s/queries/hostile",
    "/cite/latest/sparql?z=%s",
    "/diff/%s/latest",
    "/feed?format=%s",
    "/static/%s",
)


@pytest.mark.parametrize("pattern", REFLECTING)
def test_no_markup_of_a_request_becomes_part_of_a_page(hostile_server: LiveServer, pattern: str):
    for payload in PAYLOADS:
        reply = hostile_server.get(pattern % quote(payload, safe=""), accept=BROWSER)
        assert reply.status in (200, 400, 404, 406), payload
        assert reply.type == "text/html", payload
        assert Page(reply.text).faults == [], payload
        assert "49" not in re.findall(r">\s*([^<]*?)\s*<", reply.text), payload
        check_policy(reply.headers["content-security-policy"])


@pytest.mark.parametrize(
    "path", ["/queries/hostile.json", "/nothing", f"/sparql?query={EVERYTHING}", "/dump/latest/hostile.ttl"]
)
def test_data_is_never_taken_for_a_page(hostile_server: LiveServer, path: str):
    reply = hostile_server.get(path)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.type != "text/html"


def test_no_text_in_a_spreadsheet_is_a_formula(hostile_server: LiveServer):
    rows = list(csv.reader(io.StringIO(hostile_server.get("/queries/hostile.csv").text)))
    cells = [cell for row in rows for cell in row]
    assert {f"'{formula}" for formula in FORMULAS} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert b"<f>" not in hostile_server.get("/queries/hostile.xlsx").body


def test_a_file_that_names_no_dump_is_not_served(hostile_server: LiveServer):
    assert hostile_server.get("/dump/latest/hostile.ttl").status == 200
    assert hostile_server.get("/dump/latest/mini").status == 404


def check_policy(policy: str) -> None:
    """No script but our own, nothing inline, no frame around us."""
    parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy and "*" not in policy
    assert parts["default-src"] == "'none'"
    assert (parts["object-src"], parts["base-uri"], parts["frame-ancestors"]) == ("'none'", "'none'", "'none'")
