"""What the soak asks: honest requests, with the answer that each must get again, and hostile ones.

Counting is left to `soak`.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

PATIENCE_S = 10.0
"""How long an honest client waits for an answer."""

HOSTILE_PATIENCE_S = 20.0
NUMBERS = itertools.count(1_000_000)
"""What stands for NUMBER in a path: a LIMIT that changes nothing but the text, so that no answer is in the cache."""
JSON = "application/sparql-results+json"
PREFIXES = """PREFIX id: <https://w3id.org/oxus/id/>
PREFIX oxus: <https://w3id.org/oxus/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@dataclass(frozen=True)
class Request:
    """One honest request: what kind, how, and with which headers."""

    kind: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True)
class Expected:
    """The answer at the beginning: `digest` is None where the body tells the moment."""

    status: int
    etag: str | None
    digest: str | None


class Client:
    """One keep-alive connection with an address of its own, as a proxy tells it."""

    def __init__(self, port: int, address: str, patience_s: float = PATIENCE_S) -> None:
        self.port = port
        self.address = address
        self.patience_s = patience_s
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)

    def ask(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        headers = {"X-Forwarded-For": self.address, **dict(request.headers)}
        path = request.path.replace("NUMBER", str(next(NUMBERS)))
        try:
            self.connection.request(request.method, path, request.body, headers)
            response = self.connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def sparql(kind: str, query: str, accept: str = JSON, post: bool = False) -> Request:
    if post:
        form = ("Content-Type", "application/x-www-form-urlencoded")
        return Request(kind, "POST", "/sparql", (("Accept", accept), form), urlencode({"query": PREFIXES + query}))
    return Request(kind, "GET", f"/sparql?{urlencode({'query': PREFIXES + query})}", (("Accept", accept),))


def honest_requests() -> list[Request]:
    """The mixture, each as often as it stands here; nodes are those that every generated graph has."""
    found = []
    for number in range(1, 7):
        state = f"id:state-{number}"
        found += [
            sparql("point look-up", f"SELECT ?p ?o {{ {state} ?p ?o }}"),
            sparql("not cached", f"SELECT ?p ?o {{ {state} ?p ?o }} LIMIT NUMBER"),
            sparql(
                "not cached",
                f"SELECT ?who ?label {{ ?part oxus:isParticipationOf ?who . ?who oxus:comesFrom {state} . "
                "?part oxus:isParticipationIn ?what . ?what rdfs:label ?label } ORDER BY ?who ?label LIMIT NUMBER",
            ),
            sparql("point look-up", f"SELECT ?label {{ id:person-{number} rdfs:label ?label }}", post=True),
            sparql(
                "join",
                f"SELECT ?who ?label ?date {{ ?part oxus:isParticipationOf ?who . ?who oxus:comesFrom {state} . "
                "?part oxus:isParticipationIn ?what . ?what rdfs:label ?label ; oxus:hasBestDate/oxus:edtf ?date }",
            ),
            sparql(
                "join with graphs",
                f"SELECT ?g ?gist {{ ?g oxus:gist ?gist . GRAPH ?g {{ ?s oxus:hasParty {state} }} }} ORDER BY ?g",
            ),
            Request("canned", "GET", f"/queries/who-says-so.json?entity={state.replace(':', '%3A')}"),
            Request("canned", "GET", f"/queries/neighbours.json?entity={state.replace(':', '%3A')}"),
            Request("canned", "GET", f"/queries/source-alone.json?document=source%3Adocument-{number}"),
            Request("CSV", "GET", f"/queries/accessions.csv?party={state.replace(':', '%3A')}"),
        ]
    slugs = ("meetings", "projects", "cooperations", "conflicts", "visits", "agreements", "support", "denials")
    found += [Request("canned", "GET", f"/queries/{slug}.json") for slug in slugs]
    found += [Request("CSV", "GET", f"/queries/{slug}.csv") for slug in slugs[:4]]
    found += [sparql("CSV", "SELECT ?x ?l { ?x a oxus:Meeting ; rdfs:label ?l } ORDER BY ?l LIMIT 500", "text/csv")]
    html = (("Accept", "text/html"),)
    pages = (
        "/",
        "/queries",
        "/queries/accessions",
        "/queries/who-says-so?entity=id%3Astate-1",
        "/conflicts",
        "/problems",
    )
    found += [Request("page", "GET", path, html) for path in pages]
    found += [Request("HEAD", "HEAD", f"/queries/{slug}.json") for slug in slugs[:4]]
    found += [Request("health", "GET", "/healthz"), Request("health", "GET", "/readyz")]
    return found


def record(port: int, requests: list[Request]) -> dict[Request, Expected]:
    """The answers before there is any load; conditional requests are added for those with an ETag.

    Raises: AssertionError if one is not answered well even now.
    """
    client, expected = Client(port, "198.51.100.250"), {}
    for request in requests:
        first, second = client.ask(request), client.ask(request)
        assert first[0] == second[0] == 200, (request, first[0], first[2][:300])
        same = first[2] == second[2]
        expected[request] = Expected(200, first[1].get("etag"), digest(first[2]) if same else None)
    for request, answer in list(expected.items()):
        if answer.etag and request.method == "GET" and request.kind in ("canned", "CSV", "page"):
            headers = (*request.headers, ("If-None-Match", answer.etag))
            conditional = Request("conditional", "GET", request.path, headers)
            if client.ask(conditional)[0] == 304:
                expected[conditional] = Expected(304, answer.etag, digest(b""))
    return expected


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def fault(request: Request, expected: Expected, status: int, body: bytes) -> str | None:
    """What is wrong with an answer, if anything."""
    if status != expected.status:
        return f"{status} instead of {expected.status}"
    if expected.digest is not None and digest(body) != expected.digest:
        return "another body than at the beginning"
    return None


# Hostile clients

PRODUCT = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f ?i"
HOSTILE_QUERIES = {
    "cross product, sorted": PRODUCT,
    "endless path": "SELECT (COUNT(*) AS ?n) { ?a (oxus:x|!oxus:x)* ?b . ?b (oxus:x|!oxus:x)* ?c }",
    "GROUP_CONCAT bomb": "SELECT (GROUP_CONCAT(?all) AS ?x) { { SELECT (GROUP_CONCAT(STR(?a)) AS ?all) { ?a ?b ?c } } "
    "{ ?d ?e ?f . ?g ?h ?i } }",
    "regular expression": "SELECT * { ?a ?b ?c . ?d ?e ?f "
    'FILTER REGEX(CONCAT(STR(?a), STR(?f)), "^(([a-z]+)+)+[0-9]{900}$") }',
    "memory bomb": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f }",
    "3,000 braces": f"SELECT * {'{' * 3000} ?a ?b ?c {'}' * 3000}",
    "500 patterns": f"SELECT * {{ {' '.join(f'?s{n} ?p{n} ?s{n + 1} .' for n in range(500))} }}",
    "an update": "DELETE WHERE { ?s ?p ?o }",
}


def hostile_acts(port: int, canary: int) -> Iterator[tuple[str, Callable[[], str]]]:
    """Without end: a name, and an act that gives what came of it."""
    queries = HOSTILE_QUERIES | {"SERVICE": f"SELECT * {{ SERVICE <http://127.0.0.1:{canary}/x> {{ ?s ?p ?o }} }}"}
    while True:
        for name, query in queries.items():
            yield name, lambda query=query: _asked(port, query)
        yield "abandoned connection", lambda: _abandoned(port)
        yield "slow reader", lambda: _slowly_read(port)
        yield "half a request", lambda: _half_asked(port)


def _asked(port: int, query: str) -> str:
    client = Client(port, "203.0.113.7", HOSTILE_PATIENCE_S)
    try:
        return str(client.ask(sparql("hostile", query, post=True))[0])
    except http.client.IncompleteRead:
        return "broken off"
    except TimeoutError:
        return "no answer"
    except (OSError, http.client.HTTPException):
        return "closed"
    finally:
        client.connection.close()


def _raw(port: int, query: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=HOSTILE_PATIENCE_S)
    target = f"/sparql?{urlencode({'query': PREFIXES + query})}"
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.8\r\nAccept: {JSON}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def _abandoned(port: int) -> str:
    try:
        with _raw(port, PRODUCT):
            time.sleep(0.3)
    except OSError:
        return "closed"
    return "left"


def _slowly_read(port: int) -> str:
    try:
        with _raw(port, "SELECT * { GRAPH ?g { ?s ?p ?o } }") as connection:
            for _ in range(15):
                if not connection.recv(2048):
                    return "closed"
                time.sleep(1)
    except OSError:
        return "closed"
    return "left"


def _half_asked(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nquery=")
            time.sleep(2)
    except OSError:
        return "closed"
    return "left"
