"""`/check`: our own metadata as a harvester meets it. All of it passes here, and each check fails on a broken copy.

The copy is what the server answered while all was well, with one answer changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
from live_server import LiveServer

from kg.namespaces import DATASET
from kg.namespaces import VOID as NS
from server.harvest.checks import ABSENT, CHECKS, FAIL, PASS, UNKNOWN, Finding, examine
from server.harvest.site import Reply, Site

NAMES = [check.name for check in CHECKS]
Asked = tuple[str, tuple[tuple[str, str], ...]]
Change = Callable[[str, Mapping[str, str], Reply], Reply]


@dataclass
class Record:
    """A server's answers, each asked for once."""

    server: LiveServer
    answers: dict[Asked, Reply] = field(default_factory=dict)

    def fetch(self, path: str, headers: Mapping[str, str]) -> Reply:
        key = path, tuple(sorted(headers.items()))
        if key not in self.answers:
            reply = self.server.ask("GET", path, headers)
            self.answers[key] = Reply(reply.status, reply.headers, reply.body)
        return self.answers[key]

    def examined(self, change: Change | None = None, names: list[str] = NAMES, seconds: float = 60) -> list[Finding]:
        """What the checks find if each answer is changed so; the change must have changed something."""
        changed = False

        def fetch(path: str, headers: Mapping[str, str]) -> Reply:
            nonlocal changed
            reply = self.fetch(path, headers)
            other = change(path, headers, reply) if change else reply
            changed = changed or other != reply
            return other

        checks = [check for check in CHECKS if check.name in names]
        findings = examine(Site(f"{self.server.url}/", fetch), seconds, checks)
        assert changed or change is None, "nothing was changed"
        return findings


@pytest.fixture(scope="module")
def record(live_server: LiveServer) -> Record:
    return Record(live_server)


# How an answer may be broken


def edited(path: str, old: bytes, new: bytes, accept: str = "") -> Change:
    """What a pattern fits, in the answers of addresses that begin so."""

    def change(asked: str, headers: Mapping[str, str], reply: Reply) -> Reply:
        fits = asked.partition("?")[0].startswith(path) and accept in headers.get("accept", "")
        return replace(reply, body=re.sub(old, new, reply.body)) if fits else reply

    return change


def answered(path: str, status: int, accept: str = "", **headers: str) -> Change:
    """Another status, and other headers."""

    def change(asked: str, given: Mapping[str, str], reply: Reply) -> Reply:
        if not asked.startswith(path) or accept not in given.get("accept", ""):
            return reply
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(reply, status=status, headers={**reply.headers, **told})

    return change


def given(path: str, kind: str, body: bytes) -> Change:
    """Another answer altogether."""
    return lambda asked, _, reply: Reply(200, {"content-type": kind}, body) if asked == path else reply


TTL, JSON_LD = "text/turtle", "application/ld+json"
VOID, ATOM = "/.well-known/void", "application/atom+xml"
BROKEN: list[tuple[str, Change]] = [
    ("service", edited("/sparql", rb"sd:endpoint <[^>]+>", b"sd:endpoint <http://other.example/sparql>")),
    ("service", answered("/sparql", 200, TTL, content_type="text/html")),
    ("formats", answered("/sparql?query=SELECT", 200, "text/csv", content_type="text/plain")),
    ("formats", edited("/sparql", rb"format:N-Triples", b"format:N3")),
    ("description", edited(VOID, rb'"http://purl.org/dc/terms/license":\[[^\]]*\],', b"", JSON_LD)),
    ("description", edited("/sparql", rb"<[^>]+/\.well-known/void>", b"<http://other.example/void>")),
    ("description", edited(VOID, rb"void:Dataset\b", b"void:DatasetDescription", TTL)),
    ("licence", edited(VOID, rb"dcat:version", b"dcat:theme")),
    ("licence", answered(VOID, 200, oxus_version="0.0.0+000000000000")),
    ("endpoint", edited("/openapi.json", rb'"url": *"[^"]+"', b'"url": "http://internal:8000"')),
    ("endpoint", edited(VOID, rb"dcat:endpointURL <[^>]+>", b"dcat:endpointURL <http://internal:8000/sparql>")),
    ("home", edited("/", rb'"version": *"[^"]+"', b'"version": "older"')),
    ("home", edited("/", rb"application/ld\+json", b"text/plain")),
    ("counts", edited(VOID, rb"void:triples \d+", b"void:triples 7")),
    ("counts", edited(VOID, rb"void:entities \d+", b"void:entities 7")),
    ("prefixes", edited("/.well-known/sparql-examples", rb"@prefix geo: <[^>]+>", b"@prefix geo: <urn:other>")),
    ("dumps", answered("/dump/", 404)),
    ("dumps", edited(VOID, rb"void:dataDump <[^>]+>", b"void:dataDump <http://other.example/x.ttl>")),
    ("checksums", edited("/dump/", rb"\Z", b" ")),
    ("checksums", edited("/dump/", rb"\A.", b"x")),
    ("examples", edited("/.well-known/sparql-examples", rb"SELECT (DISTINCT )?\?", b"SELECT DISTINKT ?")),
    ("examples", edited("/queries", rb'"slug": *"', b'"slug": "a')),
    ("ontology", answered("/ontology", 200)),
    ("ontology", edited("/data/ontology", rb"\A", b"<")),
    ("openapi", edited("/openapi.json", rb'"/queries/accessions"', b'"/queries/accession"')),
    ("language-models", answered("/schema.txt", 404)),
    ("language-models", edited("/llms.txt", rb"\(http://[^)]+\)", b"(http://other.example/)")),
    ("robots", edited("/robots.txt", rb"Sitemap: .*", b"Sitemap: http://internal:8000/sitemap.xml")),
    ("robots", edited("/robots.txt", rb"Disallow: .*", b"Disallow: /page/*")),
    ("sitemap", edited("/sitemap.xml", rb"<loc>http://[^/]+/", b"<loc>http://internal:8000/")),
    ("sitemap", answered("/page/", 500)),
    ("linked-data", answered("/id/", 200, TTL)),
    ("linked-data", answered("/id/", 303, vary="origin")),
    ("linked-data", edited("/data/id/", rb"\ba\b|rdf:type", b"rdfs:seeAlso", TTL)),
    ("links", answered("/data/id/", 200, link="")),
    ("links", answered("/data/id/", 404, "application/n-triples")),
    ("cross-origin", answered("/sparql?query=nonsense", 400, access_control_allow_origin="https://example.org")),
    ("errors", edited("/sparql", rb"#query-syntax", b"#nothing")),
    ("errors", answered("/sparql?query=nonsense", 500)),
    ("revalidation", answered(VOID, 200, etag='W/"a"')),
    ("revalidation", answered(VOID, 200)),
    ("feed", given("/feed", ATOM, b"<feed>")),
    ("feed", given("/feed", ATOM, b'<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id></feed>')),
]


def test_all_of_it_passes(record: Record):
    findings = record.examined()
    assert [finding.name for finding in findings] == NAMES
    assert {finding.told for finding in findings if finding.verdict not in (PASS, ABSENT)} == set()
    assert {finding.name for finding in findings if finding.verdict == ABSENT} <= {"feed"}


@pytest.mark.parametrize(("name", "change"), BROKEN, ids=[f"{name}-{at}" for at, (name, _) in enumerate(BROKEN)])
def test_each_check_finds_what_is_broken(record: Record, name: str, change: Change):
    (finding,) = record.examined(change, [name])
    assert (finding.verdict, bool(finding.told), bool(finding.advice)) == (FAIL, True, True)


def test_every_check_has_been_broken():
    assert {name for name, _ in BROKEN} == set(NAMES)


def test_whatever_is_answered_is_told_and_ends_nothing(record: Record):
    for body in (b"", b"\xff{", b"[]", b"{}", b"<a/>", b"null"):
        findings = record.examined(lambda path, headers, reply, body=body: replace(reply, body=body))  # type: ignore[misc]
        assert {finding.verdict for finding in findings} <= {PASS, FAIL, ABSENT}
        assert sum(finding.verdict == FAIL for finding in findings) > len(NAMES) / 2


def test_who_is_busy_is_not_called_broken(record: Record):
    findings = record.examined(lambda path, headers, reply: replace(reply, status=503))
    assert {finding.verdict for finding in findings} == {UNKNOWN}
    assert {finding.verdict for finding in record.examined(seconds=0)} == {UNKNOWN}


def test_a_feed_that_is_there_is_read(record: Record):
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>b</title><updated>c</updated><entry/></feed>'
    (finding,) = record.examined(given("/feed", ATOM, atom), ["feed"])
    assert (finding.verdict, finding.told) == (PASS, "1 version")


# The page


def test_the_server_finds_the_same_of_itself(live_server: LiveServer):
    reply = live_server.get("/check.json")
    assert (reply.status, reply.type) == (200, "application/json")
    told = reply.json()
    assert [check["name"] for check in told["checks"]] == NAMES
    assert {check["told"] for check in told["checks"] if check["verdict"] not in (PASS, ABSENT)} == set()
    assert sum(told["counts"].values()) == len(NAMES)
    (counts,) = (check["told"] for check in told["checks"] if check["name"] == "counts")
    partitions = f"SELECT (COUNT(*) AS ?n) {{ {DATASET} <{NS}classPartition> ?part }}"
    (row,) = live_server.query(partitions, accept="application/sparql-results+json").json()["results"]["bindings"]
    assert int(row["n"]["value"]) > 8
    assert counts.endswith(f" statements, and the members of 8 of {row['n']['value']} classes, as a query counts them")
    assert told["version"] == live_server.get("/readyz").json()["version"]
    assert live_server.get("/check", accept="application/json").body == reply.body
    assert live_server.get("/check?format=json").body == reply.body


def test_the_page_tells_each_check(live_server: LiveServer):
    reply = live_server.get("/check", accept="text/html")
    assert (reply.status, reply.type) == (200, "text/html")
    assert reply.headers["vary"] == "Accept-Encoding, Accept-Language, Accept"
    assert all(f'id="{name}"' in reply.text for name in NAMES)
    assert live_server.get("/check.csv").status == 404
    assert live_server.get("/check", accept="image/png").status == 406
