"""A build loaded into another store through the Graph Store Protocol, beside the versions that are there.

Order: what there will be is written down, then each graph is loaded and read back, and the index comes last. Before it
is there nobody serves the version, and what others serve is never touched: so it can be broken off at any moment, and
be done again, which loads only what is missing. The switch is the front's, which asks for the version of its build.

Spec: https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

import pyoxigraph as ox
import requests
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

from kg.backend.connection import innermost, new_session, read_auth
from kg.backend.naming import HAS_PART, HELD_AS, INDEX, VERSIONS, Holding
from kg.errors import PublishError
from kg.namespaces import ACCEPTED

Progress = Callable[[str], object]

AT_ONCE = 50_000
"""Triples in one request: some 10 MB, which stores take."""
CONNECT_S = 10.0
SILENT_S = 600.0
"""How long a store may take over one request."""
_FORMATS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_TYPE = "application/n-triples"
_WORDS = 300


@dataclass(frozen=True)
class Published:
    """What was done: graphs and triples of the version, and how many graphs had to be loaded."""

    graphs: int
    triples: int
    loaded: int


class GraphStore:
    """A store's graphs over the protocol; `auth` is as in `read_auth`, sent as the store asks for it."""

    def __init__(self, url: str, auth: str = "") -> None:
        self._url = url
        self._session = new_session(read_auth(auth))

    def put(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Replace a graph; the triples with blank nodes go in one request, for only there they keep their names.

        Raises: PublishError.
        """
        method = "PUT"
        for part in _parts(triples):
            self._send(method, graph, part)
            method = "POST"

    def add(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Add to a graph."""
        self._send("POST", graph, list(triples))

    def read(self, graph: str) -> set[ox.Triple] | None:
        """The triples of a graph; None if it is not there."""
        response = self._request("GET", graph, accept=f"{_TYPE}, text/turtle;q=0.8, application/rdf+xml;q=0.5")
        if response.status_code == 404:
            return None
        _check(response, graph)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in _FORMATS:
            raise PublishError(f"the store answers with {media_type[:80]}, which is no RDF: is this its graph store?")
        try:
            return {quad.triple for quad in ox.parse(response.content, format=_FORMATS[media_type])}
        except SyntaxError as error:
            raise PublishError(f"what the store says of <{graph}> cannot be read: {error}") from error

    def delete(self, graph: str) -> None:
        """Delete a graph, if it is there."""
        response = self._request("DELETE", graph)
        if response.status_code != 404:
            _check(response, graph)

    def _send(self, method: str, graph: str, triples: list[ox.Triple]) -> None:
        body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        _check(self._request(method, graph, body), graph)

    def _request(self, method: str, graph: str, body: bytes | None = None, accept: str = "*/*") -> requests.Response:
        response = self._requested(method, graph, body, accept)
        auth = self._session.auth
        if response.status_code == 401 and isinstance(auth, HTTPBasicAuth):
            # Virtuoso takes Digest only, and does not say so to who comes with something else.
            self._session.auth = HTTPDigestAuth(*(_text(each) for each in (auth.username, auth.password)))
            response = self._requested(method, graph, body, accept)
        return response

    def _requested(self, method: str, graph: str, body: bytes | None, accept: str) -> requests.Response:
        separator = "&" if "?" in self._url else "?"
        headers = {"Accept": accept} | ({"Content-Type": _TYPE} if body is not None else {})
        try:
            return self._session.request(
                method,
                f"{self._url}{separator}graph={quote(graph, safe='')}",
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=(CONNECT_S, SILENT_S),
            )
        except requests.RequestException as error:
            raise PublishError(f"the store at {self._url} cannot be asked: {innermost(error)}") from error


def publish(
    graphs: Mapping[ox.NamedNode, Iterable[ox.Triple]], version: str, to: GraphStore, progress: Progress
) -> Published:
    """What was done so that the store holds this version, whole.

    Raises: PublishError if the store refuses, or has not what it was sent.
    """
    holding = Holding(version)
    index = _index(version)
    names = {graph: holding.name_of(graph.value) for graph in graphs}
    to.add(VERSIONS, [ox.Triple(index, ox.NamedNode(HAS_PART), ox.NamedNode(name)) for name in names.values()])
    triples = loaded = 0
    for number, (graph, name) in enumerate(names.items(), 1):
        progress(f"{number} of {len(names)}: {graph.value}")
        wanted = frozenset(graphs[graph])
        triples += len(wanted)
        if _holds(to, name, len(wanted)):
            continue
        to.put(name, wanted)
        loaded += 1
        found = to.read(name) or set()
        if len(found) != len(wanted):
            raise PublishError(f"the store has {len(found):,} triples in <{name}> and was sent {len(wanted):,}")
    progress("index")
    entries = [ox.Triple(graph, ox.NamedNode(HELD_AS), ox.NamedNode(name)) for graph, name in names.items()]
    if not _holds(to, index.value, len(entries)):
        to.put(index.value, entries)
        loaded += 1
    return Published(len(names), triples, loaded)


def versions(store: GraphStore) -> dict[str, list[str]]:
    """The versions that a store holds, or holds in part: the name of each one's index, with those of its graphs."""
    found: dict[str, list[str]] = {}
    for triple in store.read(VERSIONS) or ():
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode):
            found.setdefault(triple.subject.value, []).append(triple.object.value)
    return found


def remove_others(store: GraphStore, version: str, progress: Progress) -> list[str]:
    """The versions that were removed: all but this one. Each one's index goes first, so that nobody serves half of it.

    Raises: PublishError; nothing is removed if this version is not there.
    """
    index = _index(version)
    if store.read(index.value) is None:
        raise PublishError(f"the store does not hold version {version} whole, so the others stay: publish it first")
    held = versions(store)
    others = sorted(name for name in held if name != index.value)
    for other in others:
        for name in (other, *sorted(held[other])):
            progress(f"removing {name}")
            store.delete(name)
    part = ox.NamedNode(HAS_PART)
    store.put(VERSIONS, [ox.Triple(index, part, ox.NamedNode(name)) for name in held.get(index.value, ())])
    return [other.removeprefix(INDEX) for other in others]


def graphs_of(store: ox.Store) -> dict[ox.NamedNode, Iterable[ox.Triple]]:
    """The named graphs of a build's store, the accepted one, the largest, last."""
    names = [graph for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)]
    ordered = sorted(names, key=lambda graph: (graph == ACCEPTED, graph.value))
    return {graph: _Graph(store, graph) for graph in ordered}


@dataclass(frozen=True)
class _Graph(Iterable[ox.Triple]):
    store: ox.Store
    name: ox.NamedNode

    def __iter__(self) -> Iterator[ox.Triple]:
        return (quad.triple for quad in self.store.quads_for_pattern(None, None, None, self.name))


def _index(version: str) -> ox.NamedNode:
    index = Holding(version).index
    if index is None:
        raise PublishError("the build has no version: run kg build")
    return ox.NamedNode(index)


def _holds(store: GraphStore, name: str, count: int) -> bool:
    """Whether a graph is there whole: its name says of which version it is, so the number of triples tells."""
    found = store.read(name)
    return found is not None and len(found) == count


def _parts(triples: Iterable[ox.Triple]) -> Iterator[list[ox.Triple]]:
    """The triples in parts, all with blank nodes in the first."""
    ordered = sorted(triples, key=lambda triple: (not _has_blank_node(triple), str(triple)))
    blank = sum(map(_has_blank_node, ordered))
    rest = iter(ordered)
    yield list(islice(rest, max(AT_ONCE, blank)))
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _has_blank_node(triple: ox.Triple) -> bool:
    ends = (triple.subject, triple.object)
    return any(isinstance(end, ox.BlankNode) or (isinstance(end, ox.Triple) and _has_blank_node(end)) for end in ends)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _check(response: requests.Response, graph: str) -> None:
    status = response.status_code
    if status in (200, 201, 204):
        return
    words = " ".join(response.text[: 4 * _WORDS].split())[:_WORDS]
    hints = {
        401: "it asks who you are: set KG_BACKEND_AUTH, or name a file with --auth-file",
        403: "this user may not do that there",
        404: "there is no graph store at this address",
        405: "the address takes no such requests: is it the graph store's?",
        413: "the request is too large for it: raise its limit",
    }
    if 300 <= status < 400:
        location = response.headers.get("Location", "elsewhere")
        raise PublishError(f"the store redirects to {location[:200]}, which is not followed: give that address")
    why = hints.get(status, words or "it does not say why")
    method = response.request.method
    raise PublishError(f"the store answers {method} of <{graph}> with status {status}: {why}")
