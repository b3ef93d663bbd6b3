"""`kg publish`: a build goes to another store beside what is there; broken off, it goes on; what arrived is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.backend import publishing
from kg.backend.naming import INDEX, VERSIONS, Holding
from kg.build.dataset import open_build
from kg.build.manifest import read_manifest
from kg.cli import kg
from kg.errors import PublishError

TYPE = "application/n-triples"
TOKEN = "Bearer a-token-of-some-length"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one piece: else the other side's kernel waits

    def do_GET(self) -> None:
        self._answer("GET")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, found = self.server.take(method, self.path, body, dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", self.server.media_type)  # type: ignore[attr-defined]
        self.send_header("Content-Length", str(len(found)))
        if status == 307:
            self.send_header("Location", "http://127.0.0.1:1/store")
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, format: str, *_: object) -> None:
        pass


class GraphServer(ThreadingHTTPServer):
    """The Graph Store Protocol over a dictionary; `fails` says when it fails, `loses` which graph loses a triple."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/store"
        self.graphs: dict[str, set[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.fails_after: int | None = None
        self.status = 500
        self.loses = ""
        self.media_type = TYPE
        self.wants = ""

    def take(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        (graph,) = parse_qs(urlsplit(path).query)["graph"]
        self.asked.append((method, graph))
        if self.wants and headers.get("Authorization") != self.wants:
            return 401, b""
        if self.fails_after is not None and self.writes > self.fails_after:
            return self.status, b"no more\n room"
        lines = set(body.decode().splitlines())
        if method == "PUT":
            self.graphs[graph] = set(sorted(lines)[1:]) if self.loses and self.loses in graph else lines
        elif method == "POST":
            self.graphs.setdefault(graph, set()).update(lines)
        elif graph not in self.graphs:
            return 404, b""
        elif method == "DELETE":
            del self.graphs[graph]
        else:
            return 200, "\n".join(self.graphs[graph]).encode()
        return 204, b""

    @property
    def writes(self) -> int:
        return sum(method != "GET" for method, _ in self.asked)


@pytest.fixture
def store() -> Iterator[GraphServer]:
    server = GraphServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def publish(store: GraphServer, build: Path, *more: str, **how: object) -> Result:
    return CliRunner().invoke(kg, ["publish", "--to", store.url, "--build", str(build), *more], **how)  # type: ignore[arg-type]


def names_in(build: Path) -> set[str]:
    held = Holding(read_manifest(build).version)
    graphs = {
        held.name_of(graph.value) for graph in open_build(build).named_graphs() if isinstance(graph, ox.NamedNode)
    }
    return graphs | {str(held.index), VERSIONS}


def test_every_graph_is_there_under_its_versions_name_and_the_index_comes_last(
    store: GraphServer, mini_build: Path
) -> None:
    store.graphs["urn:someone"] = {"<urn:a> <urn:b> <urn:c> ."}
    result = publish(store, mini_build)
    assert result.exit_code == 0, result.output
    assert store.graphs.keys() == names_in(mini_build) | {"urn:someone"}
    held = Holding(read_manifest(mini_build).version)
    writes = [graph for method, graph in store.asked if method != "GET"]
    assert (writes[0], writes[-1]) == (VERSIONS, held.index)
    there = {quad.triple for quad in ox.parse("\n".join(store.graphs[held.accepted]), format=ox.RdfFormat.N_TRIPLES)}
    here = {quad.triple for quad in open_build(mini_build).quads_for_pattern(None, None, None, ox.DefaultGraph())}
    assert there == here
    assert f"{len(names_in(mini_build)) - 2} graphs" in result.output


def test_done_again_it_writes_nothing_but_its_plan(store: GraphServer, mini_build: Path) -> None:
    publish(store, mini_build)
    before, _ = dict(store.graphs), store.asked.clear()
    result = publish(store, mini_build)
    assert result.exit_code == 0 and "all there already" in result.output
    assert store.writes == 1 and store.graphs == before


def test_broken_off_it_leaves_no_index_and_goes_on_where_it_was(store: GraphServer, mini_build: Path) -> None:
    store.fails_after = 7
    result = publish(store, mini_build)
    assert isinstance(result.exception, PublishError) and "status 500: no more room" in str(result.exception)
    assert not any(graph.startswith(INDEX) for graph in store.graphs)
    loaded = len(store.graphs)
    store.fails_after = None
    store.asked.clear()
    assert publish(store, mini_build).exit_code == 0
    assert store.graphs.keys() == names_in(mini_build)
    assert store.writes == 1 + len(names_in(mini_build)) - loaded


def test_a_store_that_has_not_what_it_was_sent_is_told(store: GraphServer, mini_build: Path) -> None:
    store.loses = "graph/entities"
    result = publish(store, mini_build)
    assert isinstance(result.exception, PublishError)
    assert "graph/entities" in str(result.exception) and "and was sent" in str(result.exception)
    assert not any(graph.startswith(INDEX) for graph in store.graphs)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "KG_BACKEND_AUTH"),
        (403, "may not"),
        (404, "no graph store"),
        (405, "graph store's"),
        (413, "too large"),
        (307, "not followed"),
    ],
)
def test_each_refusal_says_what_to_do(store: GraphServer, mini_build: Path, status: int, message: str) -> None:
    store.fails_after, store.status = 0, status
    result = publish(store, mini_build)
    assert isinstance(result.exception, PublishError) and message in str(result.exception)


def test_what_is_no_graph_store_is_told(store: GraphServer, mini_build: Path) -> None:
    publish(store, mini_build)
    store.media_type = "text/html"
    assert "which is no RDF" in str(publish(store, mini_build).exception)
    store.media_type = TYPE
    store.graphs = dict.fromkeys(store.graphs, {"rubbish"})
    assert "cannot be read" in str(publish(store, mini_build).exception)
    store.url = "http://127.0.0.1:1/"
    told = str(publish(store, mini_build).exception)
    assert told.endswith("the store at http://127.0.0.1:1/ cannot be asked: Connection refused")


def test_the_token_comes_from_the_environment_or_a_file_and_never_from_the_command_line(
    store: GraphServer, mini_build: Path, tmp_path: Path
) -> None:
    store.wants, token = TOKEN, TOKEN.removeprefix("Bearer ")
    store.fails_after = 0  # being let in is enough
    assert "status 401" in str(publish(store, mini_build).exception)
    store.asked.clear()
    assert "status 500" in str(publish(store, mini_build, env={"KG_BACKEND_AUTH": token}).exception)
    (tmp_path / "token").write_text(token + "\n")
    assert "status 500" in str(publish(store, mini_build, "--auth-file", str(tmp_path / "token")).exception)
    result = publish(store, mini_build, "--auth", token)
    assert result.exit_code == 2 and "seen by others" in result.output


@pytest.mark.parametrize("address", ["store", "ftp://example.org/", "http://ada:secret@127.0.0.1/store", "http:///x"])
def test_an_address_that_is_none_is_refused(mini_build: Path, address: str) -> None:
    result = CliRunner().invoke(kg, ["publish", "--to", address, "--build", str(mini_build)])
    assert result.exit_code == 2 and "--to" in result.output


def test_other_versions_go_when_they_are_asked_to_and_only_once_this_one_is_whole(store: GraphServer) -> None:
    to = publishing.GraphStore(store.url)
    graphs = {ox.NamedNode("urn:g"): [ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("o"))]}
    for version in ("1", "2"):
        publishing.publish(graphs, version, to, lambda step: None)
    with pytest.raises(PublishError, match="does not hold version 3"):
        publishing.remove_others(to, "3", lambda step: None)
    assert len(publishing.versions(to)) == 2
    store.asked.clear()
    assert publishing.remove_others(to, "2", lambda step: None) == ["1"]
    assert [graph for method, graph in store.asked if method == "DELETE"] == [
        f"{INDEX}1",
        "urn:g;version=1",
    ]
    assert store.graphs.keys() == {"urn:g;version=2", f"{INDEX}2", VERSIONS}
    assert list(publishing.versions(to)) == [f"{INDEX}2"]


def test_a_large_graph_goes_in_parts_its_blank_nodes_in_one(
    store: GraphServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "AT_ONCE", 2)
    lines = "_:a <urn:p> _:b . _:b <urn:p> _:c . _:c <urn:p> _:a . <urn:1> <urn:p> 1, 2, 3 ."
    triples = [quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.TURTLE)]
    publishing.GraphStore(store.url).put("urn:g", triples)
    assert [method for method, _ in store.asked] == ["PUT", "POST", "POST"]
    assert len(store.graphs["urn:g"]) == 6
