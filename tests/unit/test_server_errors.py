"""The one table from errors to statuses, and the one shape of what is told."""

from __future__ import annotations

import inspect
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

import kg.errors
from kg.build.manifest import Manifest
from kg.errors import KGError, QueryError, QueryParameterError, QuerySyntaxError, QueryTimeoutError, SourceError
from kg.pool.client import PoolClient
from server.app import create_app
from server.errors import PROBLEMS, problem_of
from server.served import Served
from server.settings import Settings

EXPECTED = {
    "QuerySyntaxError": 400,
    "QueryParameterError": 400,
    "QueryComplexityError": 400,
    "QueryRefusedError": 403,
    "RemoteServiceError": 502,
    "NotFoundError": 404,
    "WithdrawnError": 410,
    "VersionGoneError": 410,
    "CitationError": 400,
    "CitationGoneError": 410,
    "UnrepresentableError": 406,
    "QueryLimitError": 503,
    "QueryTimeoutError": 503,
    "QueryMemoryError": 503,
    "QueryCrashError": 503,
    "ResultTooLargeError": 503,
    "PictureError": 503,
    "BackendAnswerError": 502,
    "BackendAwayError": 503,
    "ServiceBusyError": 503,
}


def visitors_errors() -> dict[str, type[QueryError]]:
    found = {
        name: kind for name, kind in vars(kg.errors).items() if inspect.isclass(kind) and issubclass(kind, QueryError)
    }
    del found["QueryError"]
    return found


def make(kind: type[KGError]) -> KGError:
    required = {"parameter": "p", "limit": "timeout"}
    names = inspect.signature(kind).parameters
    return kind("what happened", **{name: value for name, value in required.items() if name in names})


def test_every_error_of_a_visitor_has_its_status():
    assert {name: problem_of(make(kind)).status for name, kind in visitors_errors().items()} == EXPECTED


def test_an_error_of_ours_has_none():
    assert problem_of(SourceError("data/entities.ttl is wrong")) is None


def test_every_row_has_a_name_of_its_own_and_says_what_to_do():
    assert len({problem.name for problem in PROBLEMS}) == len(PROBLEMS)
    assert all(problem.help.endswith(".") for problem in PROBLEMS)


def test_no_row_is_hidden_behind_a_more_general_one():
    for index, problem in enumerate(PROBLEMS):
        assert not any(issubclass(problem.error, earlier.error) for earlier in PROBLEMS[:index])


@pytest.fixture
def app(tmp_path) -> Flask:
    """An application without a pool, with a route for each way to fail."""
    manifest = Manifest("1", "1+a", "2026-01-01", {"accepted": 1}, {}, {}, "a")
    return create_app(Settings(), Served(tmp_path, manifest, {}, {}, {}), PoolClient(tmp_path / "nobody"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    failures = {
        "syntax": QuerySyntaxError("no", line=3, column=7),
        "parameter": QueryParameterError("no", parameter="since", suggestions=["since", "until"]),
        "timeout": QueryTimeoutError("no", limit="timeout", retry_after_s=7),
        "ours": SourceError("secret", path="/somewhere/secret.ttl", line=1),
        "unexpected": ZeroDivisionError("secret"),
    }

    def fail(name: str):
        raise failures[name]

    app.add_url_rule("/fail/<name>", "fail", fail)
    return app.test_client()


def test_what_an_error_knows_is_told(client: FlaskClient):
    assert client.get("/fail/syntax").get_json() == {
        "type": "http://127.0.0.1:8000/problems#query-syntax",
        "title": "The query is not SPARQL",
        "status": 400,
        "detail": "no",
        "line": 3,
        "column": 7,
    }
    told = client.get("/fail/parameter").get_json()
    assert (told["parameter"], told["suggestions"]) == ("since", ["since", "until"])


def test_a_limit_is_named_and_says_when_to_try_again(client: FlaskClient):
    response = client.get("/fail/timeout")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert response.get_json()["limit"] == "timeout"


@pytest.mark.parametrize("name", ["ours", "unexpected"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_our_own_faults_are_logged_and_not_told(client: FlaskClient, caplog, name: str, accept: str):
    response = client.get(f"/fail/{name}", headers={"Accept": accept})
    assert response.status_code == 500
    assert "secret" not in response.text and not re.search(r"\wError\b|Traceback", response.text)
    assert "secret" in caplog.text


def test_errors_can_be_read_by_scripts_of_any_site(client: FlaskClient):
    assert client.get("/fail/unexpected").headers["Access-Control-Allow-Origin"] == "*"


def test_a_page_of_an_error_needs_no_pool(client: FlaskClient):
    response = client.get("/nothing", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert "There is nothing at /nothing." in response.text


def test_without_a_pool_the_answer_is_503_and_the_front_is_alive(client: FlaskClient):
    for path in ("/readyz", "/sparql?query=ASK{}"):
        response = client.get(path)
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200
