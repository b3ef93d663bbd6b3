"""An answer is cited, the data change in three ways, the citation is replayed: what it says each time.

And what else `/cite`, `/diff` and `/feed` promise, on a server that has published four versions.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import signal
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pyarrow.parquet  # type: ignore[import-untyped]
import pytest
from live_server import LiveServer, Reply, archive_pool_of, processes_below, running
from mini_project import copy_mini_project
from test_serve import wait_for

from kg.build.folders import new_folder
from kg.build.run import build
from kg.project import Project
from kg.versions.archive import Archive

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ATOM = "{http://www.w3.org/2005/Atom}"
OXUS = "PREFIX oxus: <https://w3id.org/oxus/ontology#>\n"
DATES = OXUS + "CONSTRUCT { ?thing oxus:hasDate ?date } WHERE { ?thing oxus:hasDate ?date }"
JUDGEMENT = """\
    oxus:hasJudgementKind oxus:open-question ;
    oxus:hasCertainty oxus:open ;
    oxus:leavesOpen gazette:241-290 ;
    oxus:leavesOpen flyer:214-276 ;"""
REJECTING = """\
    oxus:hasJudgementKind oxus:wrong-claim ;
    oxus:hasCertainty oxus:likely ;
    oxus:accepts gazette:241-290 ;
    oxus:rejects flyer:214-276 ;"""
CHANGES = {
    "added": ("passages/flyer.trig", "flyer:54-133 {\n", "flyer:54-133 {\n" + """\
    id:sound-compact-accession-vellmark
        oxus:hasDate span:1994 .
"""),
    "corrected": (
        "passages/gazette.trig",
        "oxus:isSignedBy id:harbour-minister-of-vellmark ;\n        oxus:hasDate span:1994-06-14",
        "oxus:isSignedBy id:harbour-minister-of-vellmark ;\n        oxus:hasDate span:1994-06-15",
    ),
    "rejected": ("judgements.ttl", JUDGEMENT, REJECTING),
}  # fmt: skip
"""A fact that a passage is found to state as well; one that was misread; one that a judgement now rejects."""


@dataclass
class History:
    """The server, the versions that it has published, and what the first citations said after each."""

    server: LiveServer
    project: Project
    versions: list[str] = field(default_factory=list)
    cited: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def publish(self, folder: Path) -> None:
        with new_folder(self.project.root / "build") as fresh:
            shutil.copytree(folder, fresh, dirs_exist_ok=True)
        os.kill(self.server.process.pid, signal.SIGHUP)
        version = json.loads((folder / "manifest.json").read_bytes())["version"]
        wait_for(lambda: self.server.get("/readyz").json()["version"] == version, 20)
        self.versions.append(version)

    def cite(self, path: str, **parameters: object) -> str:
        """The permanent address of an answer, without the server's own."""
        query = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        reply = self.server.get(f"/cite/latest/{path}{query}")
        assert reply.status == 303, reply.text
        return reply.headers["location"].removeprefix(self.server.url)

    def replay(self, address: str) -> dict[str, Any]:
        return record(self.server, address)["replayed"]


def record(server: LiveServer, address: str) -> Any:
    reply = server.get(address, accept="application/json")
    assert reply.status == 200, reply.text
    return reply.json()


def formatted(address: str, name: str) -> str:
    """The address of a citation in a format."""
    path, mark, query = address.partition("?")
    return f"{path}.{name}{mark}{query}"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    root = tmp_path_factory.mktemp("history")
    project = copy_mini_project(root / "mini")
    build(project, project.root / "build")
    folders = []
    for name, (file, old, new) in CHANGES.items():
        text = (project.data / file).read_text()
        assert text.count(old) == 1
        (project.data / file).write_text(text.replace(old, new))
        build(project, root / name)
        folders.append(root / name)
    (project.root / "CHANGELOG.md").write_text("# Changelog of what is served\n")
    elsewhere = root / "elsewhere"  # the server's own project is another than the build's
    for name in ("ontology", "data"):
        (elsewhere / name).mkdir(parents=True)
    (elsewhere / "CHANGELOG.md").write_text("# Changelog of something else\n")
    places = ("--build", project.root / "build", "--archive", project.root / "archive")
    environ = {"KG_CLIENT_SECONDS": "6000", "KG_CLIENT_ERRORS": "6000"}
    with running(elsewhere, root / "log", "--keep-versions", 3, *places, environ=environ) as server:
        history = History(server, project, [server.get("/readyz").json()["version"]])
        history.cited = {
            "dated": history.cite("queries/dated"),
            "who": history.cite("queries/dated", cite="true"),
            "graph": history.cite("sparql", query=DATES),
            "parties": history.cite("queries/accessions", party="id:vellmark", source="gazette"),
        }
        history.told = {name: [] for name in history.cited}
        for folder in folders:
            history.publish(folder)
            if folder.name == "added":  # before anybody asks this version
                make_unreadable(project.root / "archive" / history.versions[1] / "queries" / "disputed-readings.rq")
            for name, address in history.cited.items():
                history.told[name].append(history.replay(address))
        yield history


def make_unreadable(file: Path) -> None:
    """A canned query whose header has a key that is none, as of a grammar that was changed since."""
    file.write_text(file.read_text().replace("#+ tags:", "#+ mood:"))


def things(rows: list[list[str]]) -> list[str]:
    return [row[0].rpartition("/")[2].rstrip(">") for row in rows]


# What a citation says after each change


def test_a_fact_that_was_added_is_a_row_more(history: History):
    told = history.told["dated"][0]
    assert (told["verdict"], told["version"], told["query"]) == ("different", history.versions[1], "same")
    assert things(told["rows"]["added"]) == ["sound-compact-accession-vellmark"]
    assert (told["rows"]["removed"], told["rows"]["changed"]) == ([], [])


def test_a_fact_that_was_corrected_is_a_row_that_changed(history: History):
    rows = history.told["dated"][1]["rows"]
    (changed,) = rows["changed"]
    assert (changed["from"][2], changed["to"][2]) == ('"1994-06-14"', '"1994-06-15"')
    assert (things(rows["added"]), rows["removed"]) == (["sound-compact-accession-vellmark"], [])


def test_a_fact_that_a_judgement_rejects_is_a_row_less(history: History):
    rows = history.told["dated"][2]["rows"]
    assert things(rows["removed"]) == ["founding-of-the-pilot-school"]
    assert (len(rows["added"]), len(rows["changed"])) == (1, 1)


def test_of_a_graph_the_triples_are_told(history: History):
    counts = [(len(told["rows"]["added"]), len(told["rows"]["removed"])) for told in history.told["graph"]]
    assert counts == [(1, 0), (2, 1), (2, 2)]


def test_an_answer_that_nothing_touched_is_the_same(history: History):
    assert [told["verdict"] for told in history.told["parties"]] == ["same"] * 3


def test_with_citations_the_passages_are_part_of_the_answer(history: History):
    assert history.cited["who"].split("/")[3] != history.cited["dated"].split("/")[3]
    (added,) = history.told["who"][0]["rows"]["added"]
    assert "https://w3id.org/oxus/source/flyer/54-133" in added[-1].split()


def test_the_answer_as_it_was_stays(history: History):
    document = record(history.server, history.cited["dated"])
    assert document["citation"]["version"] == history.versions[0]
    assert "founding-of-the-pilot-school" in things(document["answer"]["rows"])
    csv = history.server.get(formatted(history.cited["dated"], "csv"))
    assert csv.headers["oxus-version"] == history.versions[0]
    assert "1994-06-14" in csv.text and "1994-06-15" not in csv.text
    now = history.server.get("/queries/dated.csv").text
    assert "1994-06-15" in now


def test_it_is_compared_with_any_version_that_is_kept(history: History):
    for version in (quote(history.versions[1]), history.versions[1]):  # as a form sends it, as somebody copies it
        address = f"{history.cited['dated']}?against={version}"
        assert record(history.server, address)["replayed"] == history.told["dated"][0]
    assert history.server.get(f"{history.cited['dated']}?against=9%2Bx").status == 404


def test_its_page_shows_what_differs_and_how_to_cite_it(history: History):
    page = history.server.get(history.cited["who"], accept=BROWSER).text
    for word in ("was", "is now", "removed", "added"):
        assert f'<th scope="row">{word}</th>' in page
    assert "has <strong>changed</strong>" in page and "@misc{" in page and 'id="note-1"' in page
    page = history.server.get(history.cited["graph"], accept=BROWSER).text
    assert "15 June 1994" in page and "<h1>SPARQL query: CONSTRUCT { ?thing oxus:hasDate" in page


def test_the_dataset_of_a_version_that_is_kept_can_still_be_had(history: History):
    version = history.versions[0]
    reply = history.server.get(f"/dump/{version}/oxus.nq.gz")
    entry = Archive(history.project.root / "archive").find(version).manifest.files["oxus.nq.gz"]
    assert (reply.status, reply.headers["oxus-version"]) == (200, version)
    assert hashlib.sha256(reply.body).hexdigest() == entry.sha256
    manifest = history.server.get(f"/dump/{version}/manifest.json")
    assert (manifest.status, manifest.type, manifest.json()["version"]) == (200, "application/json", version)
    gone = history.server.get(f"/dump/{version}/oxus.ttl")
    assert problem(gone)[:2] == (410, "version-gone")
    assert gone.json()["suggestions"] == ["manifest.json", "oxus.nq.gz"]
    assert gone.json()["manifest"]["files"]["oxus.ttl"]["sha256"] == manifest.json()["files"]["oxus.ttl"]["sha256"]
    assert history.server.get(f"/dump/{version}/oxus.tortoise").status == 404


def test_the_dataset_names_the_version_before_it(history: History):
    told = history.server.get("/.well-known/void", accept="application/n-triples").text
    (former,) = re.findall(r"<https://w3id.org/oxus/> <http://www.w3.org/ns/dcat#previousVersion> <(.*?)>", told)
    manifest = history.server.get(former.removeprefix(history.server.url)).json()
    assert manifest["version"] == history.versions[-2]


# The address, the hash, the reference


def test_the_hash_is_of_the_canonical_form_in_whatever_format_it_is_asked(history: History):
    for name in ("dated", "who", "parties"):
        address = history.cited[name]
        form = history.server.get(formatted(address, "canonical"))
        sha256 = hashlib.sha256(form.body).hexdigest()
        assert record(history.server, address)["citation"]["sha256"] == sha256
        assert urlsplit(address).path.split("/")[3].endswith(sha256[:32])
    triples = history.server.get(formatted(history.cited["graph"], "canonical"))
    assert triples.body == history.server.get(history.cited["graph"] + "&format=canonical").body
    plain = history.server.get(history.cited["graph"] + "&format=nt")
    assert triples.body == b"".join(sorted(plain.body.splitlines(keepends=True)))


def test_the_same_answer_has_the_same_address_from_whichever_version_address_it_is_made(history: History):
    now = history.server.get(f"/cite/{quote(history.versions[-1])}/queries/dated").headers["location"]
    assert history.cite("queries/dated") == now.removeprefix(history.server.url)
    then = history.server.get(f"/cite/{history.versions[0]}/queries/dated").headers["location"]
    assert then.removeprefix(history.server.url) == history.cited["dated"]


def test_day_language_citations_and_views_are_part_of_the_question(history: History):
    given = {"at": "1994-06-15", "lang": "en", "reliability": "c", "cite": "true"}
    address = history.cite("queries/dated", **given)
    assert record(history.server, address)["citation"]["parameters"] == {name: [value] for name, value in given.items()}
    assert history.cite("queries/dated", format="csv", timeout="2", cite="false") == history.cite("queries/dated")


def test_a_long_query_is_compressed_in_its_address(history: History):
    query = "# " + "a long comment " * 2000 + "\nASK {}"
    reply = history.server.ask(
        "POST",
        "/cite/latest/sparql",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urlencode({"query": query}),
    )
    address = reply.headers["location"].removeprefix(history.server.url)
    assert (reply.status, len(address) < 500) == (303, True)
    document = record(history.server, address)
    assert (document["citation"]["query"], document["answer"]["rows"]) == (query, [["true"]])
    assert history.server.get(address, accept=BROWSER).status == 200


def test_every_answer_says_how_to_cite_it(history: History):
    for path in ("/queries/dated", "/queries/dated.csv", "/sparql?" + urlencode({"query": DATES})):
        link = history.server.get(path).headers["link"]
        assert (found := re.search(r'<([^>]+)>; rel="cite-as"', link)), path
        reply = history.server.get(found[1].removeprefix(history.server.url))
        assert reply.status == 303 and history.versions[-1] in reply.headers["location"]
        page = history.server.get(path.replace(".csv", ""), accept=BROWSER).text
        assert "Cite this answer" in page
    explained = history.server.get("/queries/dated/explain", accept=BROWSER).text
    assert "cite=true" in explained[explained.index("cite-as") - 300 : explained.index("cite-as")]
    momentary = history.server.query("SELECT (NOW() AS ?now) {}")
    assert "cite-as" not in momentary.headers.get("link", "")


def test_a_reference_to_a_query_of_ones_own_is_called_by_its_comment(history: History):
    query = "# Who <joined> & when\n# in full\nSELECT ?who { ?who ?p ?o } LIMIT 1"
    address = history.cite("sparql", query=query)
    assert history.server.get(formatted(address, "txt")).text.startswith("“Who <joined> & when”, answer to a query")
    assert "<h1>Who &lt;joined&gt; &amp; when</h1>" in history.server.get(address, accept=BROWSER).text


def test_a_file_of_a_cited_answer_names_its_permanent_address(history: History):
    address, server = history.cited["parties"], history.server
    file = server.get(formatted(address, "parquet"))
    about = pyarrow.parquet.read_schema(io.BytesIO(file.body)).metadata
    assert about[b"address"].decode() == server.url + address
    assert about[b"version"].decode() == history.versions[0]


def test_a_query_of_ones_own_is_had_by_suffix_too(history: History):
    address, server = history.cited["graph"], history.server
    assert server.url + address in server.get(formatted(address, "txt")).text
    assert server.get(formatted(address, "bib")).type == "application/x-bibtex"
    page = server.get(address, accept=BROWSER).text
    for link in re.findall(r'href="([^"]*/sparql\.\w+\?[^"]*)"', page):
        assert server.get(unescape(link).removeprefix(server.url)).status == 200, link
    assert server.get(formatted(address, "pdf")).status == 406
    assert server.get(formatted(address, "txt") + "&format=bib").status == 400


def test_a_reference_comes_in_words_as_bibtex_and_as_csl(history: History):
    address, server = history.cited["parties"], history.server
    plain = server.get(formatted(address, "txt"))
    assert server.url + address in plain.text and "version " + history.versions[0] in plain.text
    entry = server.get(address, accept="application/x-bibtex")
    assert entry.type == "application/x-bibtex"
    assert re.match(r"@misc\{[a-z0-9-]+,\n(  \w+ = \{.*\},\n)+\}\n\Z", entry.text)
    assert f"  url = {{{server.url}{address}}},\n" in entry.text
    csl = server.get(address, accept="application/vnd.citationstyles.csl+json").json()
    assert [(item["type"], item["URL"], item["version"]) for item in csl] == [
        ("dataset", server.url + address, history.versions[0])
    ]


# What is refused


def altered(address: str, old: str, new: str) -> str:
    assert old in address
    return address.replace(old, new, 1)


def problem(reply: Reply) -> tuple[int, str, str]:
    document = reply.json()
    return reply.status, document["type"].rpartition("#")[2], document["detail"]


def test_an_address_that_was_altered_is_400_and_says_what_does_not_fit(history: History):
    address, server = history.cited["parties"], history.server
    sign = address.split("/")[3]
    other = sign[:-1] + ("0" if sign[-1] != "0" else "1")
    for wrong, words in (
        (altered(address, sign, other), "not that of the answer"),
        (altered(address, sign, other) + "&format=csv", "not that of the answer"),
        (altered(address, sign[:8], "0" * 8), "its version, query or parameters"),
        (altered(address, "vellmark", "sound-compact"), "its version, query or parameters"),
        (altered(address, "source=gazette", "source=review"), "its version, query or parameters"),
        (altered(address, history.versions[0], history.versions[1]), "its version, query or parameters"),
        (altered(address, sign, sign[:20]), "not the hash of a citation"),
        (altered(address, sign, sign.upper()), "not the hash of a citation"),
    ):
        status, name, detail = problem(server.get(wrong))
        assert (status, name) == (400, "citation"), wrong
        assert words in detail


def test_an_unknown_version_is_404_with_those_that_there_are(history: History):
    for path in (
        "/cite/1.0+none/queries/dated",
        f"/cite/1.0+none/{'0' * 8}-{'0' * 32}/queries/dated",
        "/diff/1/latest",
    ):
        reply = history.server.get(path)
        assert (reply.status, reply.json()["suggestions"]) == (404, ["latest", *history.versions[::-1]])


def test_a_query_that_is_none_any_more_is_410_and_one_that_never_was_400_or_404(history: History):
    server, version = history.server, history.versions[0]
    query = "SELECT ?x WHERE { ?x ?p ?o"
    check = hashlib.sha256(f"{version}\nsparql\n{urlencode({'query': query})}".encode()).hexdigest()[:8]
    status, name, detail = problem(
        server.get(f"/cite/{version}/{check}-{'0' * 32}/sparql?{urlencode({'query': query})}")
    )
    assert (status, name) == (410, "citation-gone") and "never closed" in detail
    assert problem(server.get(f"/cite/{version}/sparql?{urlencode({'query': query})}"))[:2] == (400, "query-syntax")
    assert problem(server.get(f"/cite/{version}/queries/datde"))[:2] == (404, "not-found")
    assert problem(server.get(f"/cite/{version}/queries/dated?day=1"))[:2] == (400, "query-parameter")


def test_a_query_file_that_is_not_read_any_more_is_410_and_says_why(history: History):
    version = history.versions[1]
    check = hashlib.sha256(f"{version}\nqueries/disputed-readings\n".encode()).hexdigest()[:8]
    reply = history.server.get(f"/cite/{version}/{check}-{'0' * 32}/queries/disputed-readings")
    assert problem(reply)[:2] == (410, "citation-gone") and "unknown key 'mood'" in problem(reply)[2]
    for others in (f"{version}/queries/accessions", f"{history.versions[2]}/queries/disputed-readings"):
        assert history.server.get(f"/cite/{others}").status == 303


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("query=SELECT+(RAND()+AS+?x)+{}", "cannot be cited"),
        ("z=!", "not a compressed query"),
        ("z=AAAA", "not a compressed query"),
        ("z=eJwDAAAAAAE&query=ASK+{}", "one of the parameters"),
        ("x=1", "one of the parameters"),
        ("query=ASK+{}&cite=true", "rows of a SELECT"),
    ],
)
def test_what_cannot_be_cited_is_400(history: History, query: str, words: str):
    status, name, detail = problem(history.server.get(f"/cite/latest/sparql?{quote(query, safe='=&+')}"))
    assert (status, name) == (400, "citation") and words in detail


def test_a_compressed_query_is_unpacked_no_further_than_a_query_may_be_long(history: History):
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 20_000_000, 9)).decode().rstrip("=")
    reply = history.server.get(f"/cite/latest/sparql?z={bomb}")
    assert problem(reply)[:2] == (400, "query-complexity") and reply.json()["limit"] == "bytes"


# What changed


def test_the_difference_of_two_versions_is_told_by_thing_judgement_passage_and_query(history: History):
    told = history.server.get(f"/diff/{history.versions[0]}/latest", accept="application/json").json()
    assert (told["old"], told["new"]) == (history.versions[0], history.versions[-1])
    changed = {each["iri"].rpartition("/")[2] for each in told["things"] if each["group"] == "id"}
    assert changed == {"accession-paper", "founding-of-the-pilot-school", "sound-compact-accession-vellmark"}
    assert [each["label"] for each in told["judgements"]] == ["Year of the pilot school's founding"]
    verdicts = {
        each["iri"].removeprefix("https://w3id.org/oxus/source/"): each.get("verdict") for each in told["passages"]
    }
    assert verdicts == {"flyer/54-133": None, "flyer/214-276": "rejected", "gazette/18-164": None}
    queries = {each["slug"]: each["rows"] for each in told["queries"]}
    assert set(queries) == {"accessions", "dated", "disputed-readings"}
    assert queries["dated"] == history.told["dated"][2]["rows"]


def test_a_parameter_that_means_nothing_there_is_refused_and_no_other_address_for_the_same(history: History):
    reply = history.server.get(f"/diff/{history.versions[0]}/latest?x=1", accept="application/json")
    assert (reply.status, reply.json()["parameter"], reply.json()["suggestions"]) == (400, "x", ["format"])


def test_its_page_says_the_same(history: History):
    page = history.server.get(f"/diff/{history.versions[0]}/{history.versions[-1]}", accept=BROWSER).text
    for words in ("Year of the pilot school", "now rejected", "Rows of dated", 'id="group-1"', "is now"):
        assert words in page
    same = history.server.get("/diff/latest/latest", accept=BROWSER).text
    assert "Nothing that is compared here differs" in same


def atom_faults(feed: ElementTree.Element) -> list[str]:
    """What RFC 4287 forbids: 4.1.1 and 4.1.2 say what a feed and an entry must have, 4.2.6 and 3.3 how."""
    faults = []
    ids = []
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        name = element.tag.removeprefix(ATOM)
        for part in ("id", "title", "updated"):
            if len(element.findall(ATOM + part)) != 1 or not element.findtext(ATOM + part):
                faults.append(f"{name} has not one {part}")
        if not re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", element.findtext(f"{ATOM}id") or ""):
            faults.append(f"{name} has an id that is no IRI")
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.findtext(f"{ATOM}updated") or ""):
            faults.append(f"{name} has a date that is none of RFC 3339")
        links = [
            (link.get("rel", "alternate"), link.get("type"), link.get("hreflang"))
            for link in element.findall(f"{ATOM}link")
        ]
        if len([link for link in links if link[0] == "alternate"]) != len(
            {link for link in links if link[0] == "alternate"}
        ):
            faults.append(f"{name} has two alternate links of a kind")
        if any(not link.get("href") for link in element.findall(f"{ATOM}link")):
            faults.append(f"{name} has a link to nowhere")
        if name == "entry" and not links and element.find(f"{ATOM}content") is None:
            faults.append("an entry has neither content nor an alternate link")
        ids.append(element.findtext(f"{ATOM}id"))
    if feed.find(f"{ATOM}author/{ATOM}name") is None:
        faults.append("nobody is the author")
    return faults + (["two have one id"] if len(ids) != len(set(ids)) else [])


def test_the_feed_is_atom_and_has_an_entry_a_version_with_what_changed(history: History):
    reply = history.server.get("/feed", accept="application/atom+xml")
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(reply.body)
    assert feed.tag == f"{ATOM}feed" and atom_faults(feed) == []
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        f"Version {each}" for each in history.versions[::-1]
    ]
    assert "1 judgement and 1 passage changed" in (entries[0].findtext(f"{ATOM}summary") or "")
    assert "No version before it is known" in (entries[-1].findtext(f"{ATOM}summary") or "")
    for entry in entries[:-1]:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert history.server.get(link.get("href", "").removeprefix(history.server.url), accept=BROWSER).status == 200


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<id>urn:uuid", "<x>urn:uuid", "entry has not one id"),
        ("T", " ", "date that is none"),
        ("<author>", "<contributor>", "nobody is the author"),
    ],
)
def test_a_feed_that_is_none_is_found(history: History, old: str, new: str, fault: str):
    text = history.server.get("/feed", accept="application/atom+xml").text
    if old == "T":
        text = re.sub(r"(<updated>[\d-]+)T", r"\1 ", text)
    else:
        text = text.replace(old, new)
        closing = old.split(">")[0].replace("<", "</") + ">"
        text = re.sub(rf"({re.escape(new)}.*?){closing}", rf"\1{new.split('>')[0].replace('<', '</')}>", text)
    assert any(fault in each for each in atom_faults(ElementTree.fromstring(text)))


def test_the_list_of_versions_is_a_page_and_json_too(history: History):
    page = history.server.get("/feed", accept=BROWSER).text
    assert all(version in page for version in history.versions) and "3 older ones stay" in page
    told = history.server.get("/feed?format=json").json()["versions"]
    assert [each["version"] for each in told] == history.versions[::-1]
    assert told[0]["changes"]["judgements"] == 1


# Bounds


def test_one_worker_answers_for_all_earlier_versions(history: History):
    for version in history.versions[:-1]:
        assert history.server.get(f"/cite/{version}/queries/accessions").status == 303
    assert len(processes_below(archive_pool_of(history.server))) == 1


def test_a_query_of_an_earlier_version_has_its_deadline_too(history: History):
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    reply = history.server.get(f"/cite/{history.versions[0]}/sparql?{urlencode({'query': endless, 'timeout': 0.5})}")
    assert (reply.status, reply.json()["limit"]) == (503, "timeout")
    assert history.replay(history.cited["parties"])["verdict"] == "same"


def test_the_changelog_that_is_kept_is_that_of_the_builds_project(history: History):
    for edition in Archive(history.project.root / "archive").editions():
        assert (edition.folder / "CHANGELOG.md").read_text() == "# Changelog of what is served\n"


def test_the_feed_says_the_same_of_a_version_when_the_one_before_it_is_dropped(history: History, tmp_path: Path):
    """The last but one of these tests: the first version is dropped, being one too many."""

    def entry() -> tuple[str | None, str | None, str]:
        feed = ElementTree.fromstring(history.server.get("/feed", accept="application/atom+xml").body)
        (found,) = (each for each in feed.findall(f"{ATOM}entry") if history.versions[1] in each[1].text)  # type: ignore[operator]
        link = found.find(f"{ATOM}link")
        assert link is not None
        return found.findtext(f"{ATOM}summary"), found.findtext(f"{ATOM}updated"), link.get("href", "")

    def told() -> dict[str, Any]:
        versions = history.server.get("/feed?format=json").json()["versions"]
        return {each["version"]: each for each in versions}

    summary, updated, link = entry()
    assert re.search(
        r"[1-9]\d* statements added, 0 removed; \d things, 0 judgements and 1 passage changed", summary or ""
    )
    changes = told()[history.versions[1]]["changes"]
    assert link.endswith(f"/diff/{history.versions[0]}/{history.versions[1]}")
    again = tmp_path / "again"
    shutil.copytree(history.project.root / "build", again)
    manifest = (again / "manifest.json").read_text()
    (again / "manifest.json").write_text(manifest.replace(f'"{history.versions[-1]}"', '"9+again"'))
    history.publish(again)
    assert entry()[:2] == (summary, updated)
    assert entry()[2].endswith(f"/feed?format=html#{history.versions[1]}")
    page = history.server.get("/feed", accept=BROWSER).text
    assert f'<li id="{history.versions[1]}">' in page and f"/diff/{history.versions[0]}/" not in page
    assert told()[history.versions[1]]["changes"] == changes and history.versions[0] not in told()


def test_a_version_that_is_no_longer_kept_is_410_with_its_manifest(history: History):
    """The last of these tests: it drops what the others ask."""
    project, server = history.project, history.server
    Archive(project.root / "archive").keep(project.root / "build", project, None, 0)
    reply = server.get(formatted(history.cited["dated"], "txt"))
    assert problem(reply)[:2] == (410, "version-gone")
    assert reply.json()["manifest"]["version"] == history.versions[0]
    assert reply.json()["manifest"]["files"]["oxus.nq.gz"]["sha256"]
    assert server.get(f"/diff/{history.versions[1]}/latest", accept="application/json").status == 410
    assert server.get(f"/dump/{history.versions[0]}/manifest.json").json()["manifest"] == reply.json()["manifest"]
    page = server.get(f"/cite/{history.versions[0]}/queries/dated", accept=BROWSER)
    assert page.status == 410 and "no longer kept" in page.text and "oxus.nq.gz" in page.text
