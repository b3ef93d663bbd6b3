"""The W3C's test manifests of the SPARQL 1.1 protocols as data: requests, and what each expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from leaving_out import leave_out

SUITE = Path(__file__).resolve().parents[2] / "shared" / "w3c"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}


@dataclass(frozen=True)
class Exchange:
    """One request of a test and what it expects."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[str] = field(default_factory=frozenset)
    boolean: bool | None = None
    format: str | None = None
    answer: bytes | None = None
    content_type: str | None = None


class Manifest:
    """A manifest as a graph with the few ways to walk it."""

    def __init__(self, path: Path) -> None:
        self.store = ox.Store()
        self.store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
        quads = self.store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None)
        (entries,) = (quad.object for quad in quads)
        self.tests = {each.value.rpartition("#")[2]: each for each in self.items(entries)}

    def values(self, subject: object, name: str) -> list[object]:
        return [quad.object for quad in self.store.quads_for_pattern(subject, ox.NamedNode(name), None)]  # type: ignore[arg-type]

    def text(self, subject: object, name: str) -> str | None:
        found = self.values(subject, name)
        return found[0].value if found else None  # type: ignore[attr-defined]

    def items(self, head: object) -> Iterator[object]:
        while not (isinstance(head, ox.NamedNode) and head.value == RDF + "nil"):
            yield self.values(head, RDF + "first")[0]
            (head,) = self.values(head, RDF + "rest")

    def exchanges(self, name: str) -> list[Exchange]:
        (action,) = self.values(self.tests[name], MF + "action")
        (requests,) = self.values(action, HT + "requests")
        return [self._exchange(each) for each in self.items(requests)]

    def _exchange(self, node: object) -> Exchange:
        (response,) = self.values(node, HT + "resp")
        boolean = self.text(response, MF + "expectedBoolean")
        return Exchange(
            method=str(self.text(node, HT + "methodName")),
            target=str(self.text(node, HT + "absolutePath")),
            headers=self._headers(node),
            body=self._body(node),
            statuses=frozenset(each.value.rpartition("#")[2] for each in self.values(response, MF + "expectedStatus")),  # type: ignore[attr-defined]
            boolean=None if boolean is None else boolean == "true",
            format=self.text(response, MF + "expectedFormat"),
            answer=self._body(response),
            content_type=self._headers(response).get("content-type"),
        )

    def _headers(self, node: object) -> dict[str, str]:
        return {
            str(self.text(header, HT + "fieldName")): str(self.text(header, HT + "fieldValue"))
            for listed in self.values(node, HT + "headers")
            for header in self.items(listed)
        }

    def _body(self, node: object) -> bytes | None:
        for each in self.values(node, HT + "body"):
            encoding = self.text(each, CNT + "characterEncoding") or "utf-8"
            return str(self.text(each, CNT + "chars")).encode(encoding)
        return None

    def graph_data(self) -> dict[str, str]:
        """The file of each graph that some test asks for, by the graph's name."""
        nodes = {value for test in self.tests.values() for value in self.values(test, UT + "graphData")}
        return {str(self.text(node, RDFS + "label")): str(self.text(node, UT + "graph")) for node in nodes}


def manifest_of(name: str) -> Manifest:
    """The manifest of a file in the suite; the test is left out if the suite is not there."""
    path = SUITE / name
    if not path.exists():
        leave_out("the W3C's protocol tests are not beside the project (shared/w3c)")
    return Manifest(path)


def status_fits(status: int, expected: frozenset[str]) -> bool:
    """Whether a status is one of those, or of their class."""
    return f"StatusCode{status // 100}xx" in expected or status in {STATUSES.get(name) for name in expected}
