"""A new version published while the server runs: no request fails or mixes versions, a bad build changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
import os
import shutil
import signal
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from live_server import LiveServer, front_of, pool_of, pools_of, running
from mini_project import copy_mini_project
from test_serve import wait_for

from kg.build.folders import new_folder
from kg.build.run import build
from kg.project import Project

TOKEN = "open-sesame-open-sesame"
ENVIRON = {"KG_TOKEN": TOKEN, "KG_CLIENT_SECONDS": "100000", "KG_CLIENT_QUERIES": "100"}
EDITION = """\
#+ title: Edition
#+ description: Which edition this is.
#+ column: edition | string | the words that tell
#+ expect: rows = 1

PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX id: <https://w3id.org/oxus/id/>
SELECT ?edition WHERE { id:accession-paper dcterms:description ?edition }
ORDER BY ?edition
"""
SPARQL = "/sparql?" + urlencode({"query": EDITION.split("expect: rows = 1")[1]})
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@dataclass(frozen=True)
class Editions:
    """The same project four times, each with other words in one place; `versions` leads from a version to its words."""

    project: Project
    folders: list[Path]
    versions: dict[str, str]

    def put(self, number: int, root: Path) -> str:
        """Makes one the build of a project, as `kg build` does; its version."""
        with new_folder(root / "build") as fresh:
            shutil.copytree(self.folders[number], fresh, dirs_exist_ok=True)
        return list(self.versions)[number]


WORDS = "The paper by which Vellmark joined the Sound Compact."


def rewrite(folder: Path, target: Path, changes: dict[str, str]) -> None:
    """Another build, as it would be from other words; building it would take as long as the first."""
    shutil.copytree(folder, target)
    manifest = json.loads((target / "manifest.json").read_text())
    for name, entry in manifest["files"].items():
        content = (target / name).read_bytes()
        if name.endswith((".gz", ".ttl", ".trig", ".jsonld")):
            content = gzip.decompress(content) if name.endswith(".gz") else content
            for old, new in changes.items():
                content = content.replace(old.encode(), new.encode())
            content = gzip.compress(content, 1) if name.endswith(".gz") else content
        (target / name).write_bytes(content)
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["version"] = changes[manifest["version"]]
    (target / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    root = tmp_path_factory.mktemp("editions")
    project = copy_mini_project(root / "mini")
    (project.queries / "edition.rq").write_text(EDITION)
    first = build(project, root / "0").version
    folders, versions = [root / "0"], {first: WORDS}
    for number in range(1, 4):
        version, words = f"{first[:-1]}{number}x", f"The paper by which Vellmark joined, edition {number}."
        folders.append(root / str(number))
        versions[version] = words
        rewrite(folders[0], folders[-1], {first: version, WORDS: words})
    return Editions(project, folders, versions)


@pytest.fixture
def root(editions: Editions, tmp_path: Path) -> Path:
    """A project whose build is edition 0; the test may break it."""
    shutil.copytree(editions.project.root, tmp_path / "project")
    editions.put(0, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def server(root: Path, tmp_path: Path) -> Iterator[LiveServer]:
    with running(root, tmp_path / "log", "--timeout-s", 2, environ=ENVIRON) as server:
        yield server


def reload(server: LiveServer, token: str = TOKEN):
    return server.ask("POST", "/reload", {"Authorization": f"Bearer {token}"}, b"")


def version_of(server: LiveServer) -> str:
    return server.get("/readyz").json()["version"]


@dataclass
class Asker(threading.Thread):
    """Asks for one address over one connection, again and again, and keeps what was wrong."""

    port: int
    path: str
    words: dict[str, str]
    stop: threading.Event
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            while not self.stop.is_set():
                connection.request("GET", self.path)
                reply = connection.getresponse()
                body = reply.read()
                if self.path.endswith(".gz"):
                    body = gzip.decompress(body)
                version = reply.headers["Oxus-Version"]
                self.seen.append(version)
                if reply.status != 200 or self.words[version].encode() not in body:
                    self.faults.append(f"{self.path}: {reply.status} of {version}: {body[:200]!r}")
        except Exception as error:
            self.faults.append(f"{self.path}: {error!r}")
        finally:
            connection.close()


def test_three_swaps_under_load_fail_no_request_and_mix_no_versions(server: LiveServer, root: Path, editions: Editions):
    stop = threading.Event()
    paths = ["/queries/edition?format=csv", SPARQL, "/dump/latest/oxus.ttl", "/dump/latest/oxus.nq.gz"]
    askers = [Asker(server.port, path, editions.versions, stop) for path in [*paths, *paths[:2]]]
    for asker in askers:
        asker.start()
    for number in (1, 2, 3):
        expected = editions.put(number, root)
        if number == 2:
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: version_of(server) == expected, 10)  # noqa: B023
        else:
            assert reload(server).json() == {"status": "swapped", "version": expected}
        assert version_of(server) == expected
        time.sleep(0.5)
    stop.set()
    for asker in askers:
        asker.join()
    assert [fault for asker in askers for fault in asker.faults] == []
    for asker in askers:
        assert sorted(set(asker.seen), key=list(editions.versions).index) == list(editions.versions)
        changes = [now for before, now in zip(asker.seen, asker.seen[1:], strict=False) if now != before]
        assert len(changes) == 3  # never back to an earlier one
    wait_for(lambda: len(pools_of(server)) == 1, 5)
    assert server.get("/").status == 200


def test_a_query_that_began_before_a_swap_ends_as_it_would_have(root: Path, editions: Editions, tmp_path: Path):
    replies = []
    with running(root, tmp_path / "log", "--timeout-s", 10, environ=ENVIRON) as server:
        asking = threading.Thread(target=lambda: replies.append(server.query(ENDLESS, timeout=5)))
        asking.start()
        time.sleep(0.4)
        second = editions.put(1, root)
        assert reload(server).json()["version"] == version_of(server) == second
        if asking.is_alive():
            assert len(pools_of(server)) == 2
        asking.join()
        (reply,) = replies
        assert (reply.status, reply.json()["limit"]) == (503, "timeout")
        assert reply.headers["oxus-version"] == list(editions.versions)[0]
        wait_for(lambda: len(pools_of(server)) == 1, 5)


def test_the_same_build_again_is_already_served(server: LiveServer, root: Path, editions: Editions):
    before = pools_of(server)
    assert reload(server).json() == {"status": "already served", "version": list(editions.versions)[0]}
    assert pools_of(server) == before


def test_queries_and_rules_are_those_of_the_build_and_not_edited_ones(
    server: LiveServer, root: Path, editions: Editions
):
    words = server.get("/queries/edition?format=csv").text
    (root / "queries" / "edition.rq").write_text(EDITION.replace("the words that tell", "edited words"))
    (root / "queries" / "added.rq").write_text(EDITION.replace("Edition", "Added"))
    (root / "ontology" / "rules" / "added.rq").write_text("nonsense")
    os.truncate(root / "build" / "oxus.ttl", 1000)  # so that the same version is loaded anew
    editions.put(0, root)
    assert reload(server).json() == {"status": "swapped", "version": list(editions.versions)[0]}
    assert server.get("/queries/edition?format=csv").text == words
    assert "edited words" not in server.get("/queries/edition?format=html").text
    assert server.get("/queries/added").status == 404
    (root / "ontology" / "rules" / "added.rq").unlink()
    build(Project(root), root / "build")
    assert reload(server).json()["status"] == "swapped"
    assert "edited words" in server.get("/queries/edition?format=html").text
    assert server.get("/queries/added.csv").status == 200


def lie(root: Path) -> None:
    """A manifest whose hashes are right and whose numbers are not."""
    path = root / "build" / "manifest.json"
    content = json.loads(path.read_text())
    content["counts"]["accepted"] += 1
    path.write_text(json.dumps(content))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(content)


def replace(root: Path, name: str, content: bytes | None) -> None:
    """Another file, or none, in the place of one of the build, as if the build had made it so."""
    file, path = root / "build" / name, root / "build" / "manifest.json"
    manifest = json.loads(path.read_text())
    file.unlink()
    if content is None:
        del manifest["files"][name]
    else:
        file.write_bytes(content)
        manifest["files"][name] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    path.write_text(json.dumps(manifest))


def repack(root: Path, name: str) -> None:
    """One more file among the queries, which is no canned query."""
    archive = io.BytesIO((root / "build" / "queries.zip").read_bytes())
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(name, "SELECT")
    replace(root, "queries.zip", archive.getvalue())


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "no build": (lambda root: shutil.rmtree(root / "build"), "run kg build"),
    "no manifest": (lambda root: (root / "build" / "manifest.json").unlink(), "run kg build"),
    "a manifest that is none": (lambda root: (root / "build" / "manifest.json").write_text("[]"), "run kg build"),
    "wrong numbers": (lie, "accepted statements"),
    "a missing file": (lambda root: (root / "build" / "oxus.trig").unlink(), "oxus.trig"),
    "flipped bytes": (lambda root: flip(root / "build" / "oxus.nq.gz"), "oxus.nq.gz"),
    "a dump cut short": (lambda root: os.truncate(root / "build" / "oxus.ttl", 1000), "oxus.ttl"),
    "a query that is wrong": (lambda root: repack(root, "queries/new.rq"), "queries/new.rq"),
    "a query that leads elsewhere": (lambda root: repack(root, "queries/../../new.rq"), "queries.zip: damaged"),
    "queries that are none": (lambda root: replace(root, "queries.zip", b"PK nothing"), "queries.zip: damaged"),
    "no queries": (lambda root: replace(root, "queries.zip", None), "without queries.zip: run kg build"),
}


def test_bad_builds_are_refused_with_a_reason_and_the_old_one_stays(
    server: LiveServer, root: Path, editions: Editions, tmp_path: Path
):
    first = list(editions.versions)[0]
    for number, (name, (spoil, words)) in enumerate(BAD.items(), 1):
        editions.put(1, root)
        spoil(root)
        reply = reload(server)
        assert (reply.status, reply.type) == (409, "application/problem+json"), name
        assert words in reply.json()["detail"] and first in reply.json()["detail"], name
        assert server.log.read_text().count("reload refused: ") == number
        assert version_of(server) == first
    assert "Traceback" not in server.log.read_text()
    assert len(pools_of(server)) == 1
    assert server.get("/dump/latest/oxus.ttl").status == 200
    editions.put(1, root)
    assert reload(server).json()["status"] == "swapped"


def test_after_its_death_the_pool_loads_the_version_served_and_not_the_one_built_since(
    server: LiveServer, root: Path, editions: Editions
):
    first, words = next(iter(editions.versions.items()))
    editions.put(1, root)
    os.kill(pool_of(server), signal.SIGKILL)
    wait_for(lambda: server.get("/readyz").status == 200, 10)
    wait_for(lambda: "has ended" in server.log.read_text() and server.get("/readyz").status == 200, 10)
    reply = server.get("/queries/edition?format=csv")
    assert (reply.headers["oxus-version"], words in reply.text) == (first, True)
    assert words in server.get("/dump/latest/oxus.ttl").text


def test_a_front_that_is_killed_comes_back_with_the_new_version(server: LiveServer, root: Path, editions: Editions):
    second = editions.put(1, root)
    assert reload(server).status == 200
    os.kill(front_of(server), signal.SIGKILL)

    def back() -> bool:
        try:
            return version_of(server) == second
        except (OSError, http.client.HTTPException):
            return False

    wait_for(back, 10)
    assert editions.versions[second] in server.get("/queries/edition?format=csv").text
    third = editions.put(2, root)
    assert reload(server).json()["version"] == third == version_of(server)


def test_a_wrong_or_missing_token_reloads_nothing(server: LiveServer, root: Path, editions: Editions):
    editions.put(1, root)
    for headers in (
        {},
        {"Authorization": "Bearer open"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "\xff"},
    ):
        reply = server.ask("POST", "/reload", headers, b"")
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert server.get("/reload").status == 405
    assert version_of(server) == list(editions.versions)[0]


def test_where_no_token_is_set_nobody_reloads(live_server: LiveServer):
    for token in ("", "None", TOKEN):
        assert reload(live_server, token).status == 401
    assert live_server.ask("POST", "/reload", body=b"").status == 404


def test_files_that_are_spoilt_in_place_are_not_served(server: LiveServer, root: Path, editions: Editions):
    os.truncate(root / "build" / "oxus.ttl", 1000)
    reply = server.get("/dump/latest/oxus.ttl")
    assert (reply.status, reply.json()["limit"]) == (503, "version")
    assert server.get("/queries/edition?format=csv").status == 200
    editions.put(0, root)
    assert reload(server).json()["version"] == list(editions.versions)[0]
    assert server.get("/dump/latest/oxus.ttl").status == 200
    wait_for(lambda: len(pools_of(server)) == 1, 10)
    with (root / "build" / "oxus.nq.gz").open("wb") as file:
        file.write((editions.folders[1] / "oxus.nq.gz").read_bytes())
    os.kill(pool_of(server), signal.SIGKILL)
    wait_for(lambda: "oxus.nq.gz: has been changed on the disk" in server.log.read_text(), 10)
    assert server.get("/readyz").status == 503
    editions.put(0, root)
    assert reload(server).json()["version"] == list(editions.versions)[0]
    assert server.get("/readyz").status == 200
    assert server.get("/dump/latest/oxus.ttl").status == 200


def test_files_are_loaded_anew_when_they_have_changed(tmp_path: Path, root: Path):
    (tmp_path / "some.ttl").write_text("<urn:a> <urn:b> 1 .")
    with running(root, tmp_path / "log", tmp_path / "some.ttl", environ=ENVIRON) as server:
        named = "<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> 'Merrow' ."
        assert server.get("/search.json?q=merrow").json()["total"] == 0
        (tmp_path / "new.ttl").write_text(f"<urn:a> <urn:b> 1 . {named}")
        (tmp_path / "new.ttl").replace(tmp_path / "some.ttl")
        assert reload(server).json()["status"] == "swapped"
        assert server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").body == b"n\r\n2\r\n"
        assert server.get("/search.json?q=merrow").json()["total"] == 1
