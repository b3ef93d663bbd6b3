"""Every route of the README's table keeps the manners that all have: HEAD, OPTIONS, 405, 406, problems, CORS."""

from __future__ import annotations

import re

import pytest
from live_server import ROOT, LiveServer, Reply

ENTITIES = "https://w3id.org/oxus/graph/entities"
ADDRESSES = {
    "/": "/",
    "/sparql": "/sparql?query=ASK%20%7B%7D",
    "/queries": "/queries",
    "/queries/<slug>": "/queries/accessions",
    "/queries/<slug>/ask": "/queries/accessions/ask?party=vellmark",
    "/queries/<slug>/explain": "/queries/accessions/explain?format=json",
    "/explain": "/explain?format=json&query=SELECT%20*%20%7B%20VALUES%20%3Fx%20%7B%201%20%7D%20%7D",
    "/search": "/search?q=vellmark&format=json",
    "/search.<suffix>": "/search.json?q=vellmark",
    "/conflicts": "/conflicts?format=json",
    "/conflicts/<slug>": "/conflicts/{judgement}?format=json",
    "/conflicts.<suffix>": "/conflicts.csv",
    "/<any(id, topic, source, time, graph):kind>/<path:slug>": "/id/vellmark",
    "/page/<any(id, topic, source, time, graph):kind>/<path:slug>": "/page/id/vellmark",
    "/data/<any(id, topic, source, time, graph):kind>/<path:name>": "/data/id/vellmark.ttl",
    "/cite/<version>/queries/<slug>": "/cite/latest/queries/accessions",
    "/cite/<version>/sparql": "/cite/latest/sparql?query=ASK%20%7B%7D",
    "/cite/<version>/<sign>/queries/<slug>": "{canned}",
    "/cite/<version>/<sign>/sparql": "{free}",
    "/cite/<version>/<sign>/sparql.<suffix>": "{reference}",
    "/diff/<old>/<new>": "/diff/latest/latest",
    "/feed": "/feed",
    "/ontology": "/ontology",
    "/ontology/<path:part>": "/ontology/alignments",
    "/topics": "/topics",
    "/page/ontology": "/page/ontology",
    "/page/ontology/<name>": "/page/ontology/Accession",
    "/page/topics": "/page/topics",
    "/report": "/report?s=id:vellmark&p=a&o=oxus:State",
    "/data/ontology.<suffix>": "/data/ontology.ttl",
    "/store": "/store?default",
    "/dump/<version>/<name>": "/dump/latest/oxus.ttl",
    "/.well-known/void": "/.well-known/void",
    "/.well-known/sparql-examples": "/.well-known/sparql-examples",
    "/.well-known/sparql-examples/<slug>": "/.well-known/sparql-examples/accessions",
    "/robots.txt": "/robots.txt",
    "/sitemap.xml": "/sitemap.xml",
    "/llms.txt": "/llms.txt",
    "/schema.txt": "/schema.txt",
    "/schema.json": "/schema.json",
    "/check": "/check",
    "/check.<suffix>": "/check.json",
    "/openapi.json": "/openapi.json",
    "/problems": "/problems",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/reload": "/reload",
    "/metrics": "/metrics",
    "/static/<path:filename>": "/static/oxus.css",
}
"""An address of each that is answered."""
ONE_FORM = {
    *("/cite/<version>/queries/<slug>", "/cite/<version>/sparql"),
    *("/page/ontology/<name>", "/page/topics", "/report"),
    *("/", "/queries/<slug>/ask", "/conflicts.<suffix>", "/page/ontology", "/data/ontology.<suffix>", "/robots.txt"),
    *("/page/<any(id, topic, source, time, graph):kind>/<path:slug>", "/dump/<version>/<name>", "/sitemap.xml"),
    *("/data/<any(id, topic, source, time, graph):kind>/<path:name>", "/openapi.json", "/problems", "/healthz"),
    *("/readyz", "/reload", "/metrics", "/static/<path:filename>", "/llms.txt", "/schema.txt", "/check.<suffix>"),
    *("/schema.json", "/search.<suffix>", "/cite/<version>/<sign>/sparql.<suffix>", "/topics", "/ontology/<path:part>"),
}
"""What there is one representation of: Accept is not asked (RFC 9110, 12.1, lets it be sent all the same)."""
LEADING = {
    "/ontology",
    "/ontology/<path:part>",
    "/topics",
    "/queries/<slug>/ask",
    "/cite/<version>/queries/<slug>",
    "/cite/<version>/sparql",
}
"""What leads elsewhere."""
TOUCHED = {"/reload"}
"""What is not read."""
CHANGING = ("date", "x-request-id")
TELLING = re.compile(
    r"traceback|site-packages|/\w+/\w+\.py|werkzeug|granian|hyper|flask|pyoxigraph|python|\d+\.\d+\.\d+",
    re.I,
)


@pytest.fixture(params=ADDRESSES)
def route(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(route: str, live_server: LiveServer) -> str:
    judgement = live_server.get("/conflicts?format=json").json()["judgements"][0]["iri"].rpartition("/")[2]
    cited = [ADDRESSES[f"/cite/<version>/{answer}"] for answer in ("queries/<slug>", "sparql")]
    canned, free = (live_server.get(each).headers["location"].removeprefix(live_server.url) for each in cited)
    reference = free.replace("?", ".txt?", 1)
    return ADDRESSES[route].format(judgement=judgement, canned=canned, free=free, reference=reference)


def compared(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in CHANGING}


def methods_of(reply: Reply, header: str = "allow") -> set[str]:
    return {each.strip() for each in reply.headers[header].split(",")}


def check_problem(reply: Reply, status: int) -> None:
    assert (reply.status, reply.type) == (status, "application/problem+json")
    assert reply.json()["status"] == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert not TELLING.search(reply.text.replace("127.0.0.1", ""))


def test_every_route_of_the_table_is_here():
    table = (ROOT / "README.md").read_text("utf-8").split("\n## URLs\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([^`]+)`", table, re.M)) == set(ADDRESSES)


def test_head_is_get_without_the_body(route: str, address: str, live_server: LiveServer):
    got, head = live_server.get(address), live_server.ask("HEAD", address)
    assert head.body == b""
    if route in TOUCHED:
        assert (got.status, head.status) == (405, 405)
        return
    assert got.status == (303 if route in LEADING or route.startswith("/<any") else 200)
    told = [compared(each) for each in (head, got)]
    if route == "/metrics":  # which the first of them has changed
        told = [{name: value for name, value in each.items() if name != "content-length"} for each in told]
    assert (head.status, told[0]) == (got.status, told[1])


def test_options_tells_the_methods_and_lets_scripts_of_any_site_in(address: str, route: str, live_server: LiveServer):
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "accept, x-own",
    }
    reply = live_server.ask("OPTIONS", address, asked)
    assert (reply.status, reply.body) == (204, b"")
    expected = {"OPTIONS"} | ({"POST"} if route in TOUCHED else {"GET", "HEAD"})
    if route in ("/sparql", "/explain"):
        expected |= {"POST", "QUERY"}
    if route == "/cite/<version>/sparql":
        expected |= {"POST"}
    assert methods_of(reply) == methods_of(reply, "access-control-allow-methods") == expected
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "x-own" in reply.headers["access-control-allow-headers"]
    assert "etag" in reply.headers["access-control-expose-headers"].lower()


def test_another_method_is_refused_with_those_that_there_are(address: str, live_server: LiveServer):
    allowed = methods_of(live_server.ask("OPTIONS", address))
    for method in ("DELETE", "PUT"):
        reply = live_server.ask(method, address)
        check_problem(reply, 405)
        assert methods_of(reply) == set(reply.json()["allowed"]) == allowed
        assert "only reads" in reply.json()["detail"]


def test_who_takes_none_of_the_representations_gets_their_list(route: str, address: str, live_server: LiveServer):
    if route in TOUCHED:
        return
    reply = live_server.get(re.sub(r"format=\w+&?", "", address), accept="image/png")
    if route in ONE_FORM:
        assert reply.status in (200, 303)
        return
    check_problem(reply, 406)
    assert all(each["format"] and "/" in each["type"] for each in reply.json()["offered"])


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/id/nobody", "/queries/nothing", "/dump/latest/nothing", "/static/nothing", "/page/id/nobody"],
)
def test_what_is_not_there_is_a_problem_or_a_page_of_one(live_server: LiveServer, path: str):
    check_problem(live_server.get(path), 404)
    page = live_server.get(path, accept="text/html")
    assert (page.status, page.type) == (404, "text/html")
    assert page.headers["access-control-allow-origin"] == "*"
    assert not TELLING.search(re.sub(r"127\.0\.0\.1|<footer.*", "", page.text, flags=re.S))


@pytest.mark.parametrize(
    "request_line",
    [
        b"GARBAGE",
        b"GET / HTTP/9.9",
        b"GET /<x> HTTP/1.1\r\nHost: x",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\nHost: x",
    ],
)
def test_what_is_no_http_learns_nothing_of_what_runs_here(live_server: LiveServer, request_line: bytes):
    answer = live_server.raw(request_line + b"\r\nConnection: close\r\n\r\n").decode("latin-1")
    assert answer.startswith("HTTP/1.1 400")
    assert not re.search(r"hyper|granian|python|server:", answer, re.I)
