"""Another store in the engine's place: what it does wrong is told for what it is, and nothing of it is taken."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_store import FakeStore, serving_store
from live_server import processes_below

from kg.backend.connection import Backend
from kg.errors import (
    BackendAnswerError,
    BackendAwayError,
    QueryError,
    QueryParameterError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    SourceError,
)
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool

SECRET = "reader:p4ss-w0rd"
OK = "SELECT ?s { ?s ?p ?o }"
LIMITS = PoolLimits(timeout_s=1.0)


def told_of(url: str, folder: Path, **more: object) -> Path:
    path = folder / "backend.json"
    Backend(url, "1", **more).write(path)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def store() -> Iterator[FakeStore]:
    with serving_store() as elsewhere, serving_store(elsewhere.url) as store:
        yield store
        assert not elsewhere.asked, "a redirect was followed"


@pytest.fixture(scope="module")
def pool(store: FakeStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """A pool of one worker over the fake store; the build's folder is named and never looked at."""
    folder = tmp_path_factory.mktemp("backend")
    backend = told_of(store.url, folder, auth=SECRET, max_bytes=1_000_000)
    with Pool.start(folder, limits=LIMITS, backend=backend) as pool:
        yield pool


def asked(pool: Pool, query: str, **more: object) -> bytes:
    with pool.client.query(Request(query, "json", **more)) as answer:  # type: ignore[arg-type]
        return answer.read()


def kind(name: str) -> str:
    return f"SELECT ?s {{ ?s <urn:kind:{name}> ?o }}"


def test_what_it_answers_is_the_answer(pool: Pool, store: FakeStore) -> None:
    assert json.loads(asked(pool, OK))["results"]["bindings"] == [{"s": {"type": "uri", "value": "urn:here"}}]
    _, query, headers = store.asked[-1]
    assert query == "SELECT ?s WHERE { GRAPH <https://w3id.org/oxus/graph/accepted;version=1> { ?s ?p ?o } }"
    assert headers["Authorization"].startswith("Basic ")
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("half", BackendAnswerError, "broke its answer off"),
        ("rubbish", BackendAnswerError, "no SPARQL results JSON"),
        ("cut", BackendAwayError, "broke its answer off"),
        ("boolean", BackendAnswerError, "boolean"),
        ("page", BackendAnswerError, "answers with text/html"),
        ("redirect", BackendAnswerError, "not followed"),
        ("error", BackendAnswerError, "status 500"),
        ("unknown", BackendAnswerError, "status 400"),
        ("closed", BackendAnswerError, "status 401"),
        ("zipped", BackendAnswerError, "compressed"),
        ("busy", BackendAwayError, "too much to do"),
        ("anytime", BackendAwayError, "gave up"),
        ("silent", QueryTimeoutError, "did not finish within its 1.0 s"),
        ("huge", ResultTooLargeError, "more bytes"),
    ],
)
def test_what_it_does_wrong_is_told(
    pool: Pool, store: FakeStore, name: str, error: type[QueryError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        asked(pool, kind(name))
    assert caught.value.retry_after_s == (7 if name == "busy" else 5)  # type: ignore[attr-defined]
    assert caught.value.limit in ("backend", "backend_bytes", "timeout")  # type: ignore[attr-defined]
    assert "127.0.0.1" not in str(caught.value) and "rubbish" not in str(caught.value), "the store is the operator's"
    assert asked(pool, OK), "and the next query is answered"


def test_a_kept_connection_that_it_has_closed_is_made_anew(pool: Pool) -> None:
    for _ in range(3):
        assert asked(pool, kind("leaves"))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * { ?s ?p }", QuerySyntaxError),
        ("SELECT (<urn:f>(1) AS ?x) {}", QuerySyntaxError),
        ("SELECT * { ?s <java:a.B> ?o }", QueryRefusedError),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", QueryRefusedError),
    ],
)
def test_what_is_no_query_of_ours_never_gets_there(
    pool: Pool, store: FakeStore, query: str, error: type[QueryError]
) -> None:
    before = len(store.asked)
    with pytest.raises(error):
        asked(pool, query)
    assert len(store.asked) == before


def test_a_view_is_refused_for_it_would_need_a_copy(pool: Pool) -> None:
    with pytest.raises(QueryParameterError, match="another store"):
        asked(pool, OK, extra={"view": {"source": "a", "reliability": None, "rejected": False}})


def test_nobody_else_can_read_the_password(pool: Pool, tmp_path: Path) -> None:
    backend = told_of("http://127.0.0.1:1/", tmp_path, auth=SECRET)
    assert stat.S_IMODE(backend.stat().st_mode) == 0o600
    assert SECRET not in repr(Backend.read(backend)) and Backend.read(backend).auth == SECRET
    commands = Path(f"/proc/{pool.pid}/cmdline").read_bytes().decode() + "".join(processes_below(pool.pid).values())
    assert "p4ss" not in commands and "--backend" in commands


def test_a_store_that_is_not_there_is_told_at_the_start_and_later(tmp_path: Path) -> None:
    with serving_store() as store:
        backend = told_of(store.url, tmp_path)
        pool = Pool.start(tmp_path, limits=LIMITS, backend=backend)
    with pool, pytest.raises(BackendAwayError, match="cannot be reached; try again soon"):
        asked(pool, OK)
    with pytest.raises(SourceError, match="cannot be reached"):
        Pool.start(tmp_path, limits=LIMITS, backend=backend)
