"""`/openapi.json`: valid, complete, and true of the server, which schemathesis asks whatever the document allows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from live_server import LiveServer
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from kg.pool.client import PoolClient
from server.app import create_app
from server.pinning import Origin, pin
from server.settings import Settings

EXAMPLES = 4
"""Requests an operation and kind (fitting the schema, or not)."""
WITHIN_S = 15.0


@pytest.fixture(scope="module")
def document(live_server: LiveServer) -> Any:
    return live_server.get("/openapi.json").json()


def test_the_document_is_openapi(document: Any):
    OpenAPIV31SpecValidator(document).validate()


def test_every_route_and_method_is_an_operation(document: Any, tmp_path: Path):
    file = tmp_path / "a.ttl"
    file.write_text("<urn:a> <urn:b> <urn:c> .")
    app = create_app(Settings(), pin(Origin(tmp_path, (file,)), tmp_path / "pin"), PoolClient(tmp_path / "socket"))
    routes = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set())
        - {"HEAD", "OPTIONS", "QUERY"}  # OpenAPI has a word for the last from 3.2 on
    }
    told = {(path, method) for path, operations in document["paths"].items() for method in operations}
    canned = {(path, method) for path, method in told if re.fullmatch("/queries/[a-z0-9-]+", path)}
    assert canned and (told - canned) | {("/queries/{slug}", "get")} == routes


def test_parameters_have_types_and_names_of_what_there_is(live_server: LiveServer, document: Any):
    paths = document["paths"]
    manifest = live_server.get("/dump/latest/manifest.json").json()
    by_name = {each["name"]: each for each in paths["/dump/{version}/{name}"]["get"]["parameters"]}
    assert set(by_name["name"]["schema"]["enum"]) == {*manifest["files"], "manifest.json"}
    assert by_name["version"]["schema"]["enum"] == ["latest", manifest["version"]]
    for query in live_server.get("/queries?format=json").json()["queries"]:
        operation = paths[f"/queries/{query['slug']}"]["get"]
        formats = next(each for each in operation["parameters"] if each.get("name") == "format")["schema"]["enum"]
        for name in formats:
            assert live_server.ask("HEAD", f"/queries/{query['slug']}?format={name}").status == 200, name
        for declared in operation["parameters"]:
            assert "$ref" in declared or declared["schema"]["type"] in ("string", "integer", "number", "array")


def test_what_is_said_to_be_kept_is(live_server: LiveServer, document: Any):
    """Each address without parameters that promises 304 gives it."""
    tried = 0
    for path, operations in document["paths"].items():
        if "{" not in path and "304" in operations.get("get", {}).get("responses", {}):
            reply = live_server.get(path)
            if reply.status == 200:  # some need a parameter
                assert live_server.get(path, if_none_match=reply.headers["etag"]).status == 304, path
                tried += 1
    assert tried > 10


def test_every_canned_query_is_an_operation(live_server: LiveServer, document: Any):
    for query in live_server.get("/queries?format=json").json()["queries"]:
        operation = document["paths"][f"/queries/{query['slug']}"]["get"]
        named = [each["name"] for each in operation["parameters"] if "name" in each]
        assert named == [*(each["name"] for each in query["params"]), "format"]
        assert operation["summary"] == query["title"]


def test_operations_have_names_of_their_own(document: Any):
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_whatever_the_document_allows_is_answered(live_server: LiveServer, document: Any, mode: GenerationMode):
    """No 500, no status that the document does not name, no answer of another shape; 503 says which limit and when."""
    schema = schemathesis.openapi.from_dict(document)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Case) -> None:
            nonlocal asked
            asked += 1
            _check(live_server, case)

        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # it takes nothing that could be wrong
    assert asked > 40


def _check(server: LiveServer, case: Case) -> None:
    reply = case.call(base_url=server.url, timeout=WITHIN_S, allow_redirects=False)
    assert reply.status_code != 500, case.as_curl_command()
    if reply.status_code == 503:
        assert "retry-after" in reply.headers and reply.json()["limit"], f"{case.as_curl_command()}: {reply.text}"
    case.validate_response(reply, checks=[status_code_conformance, response_schema_conformance])


def test_what_conditions_slow_bodies_and_long_headers_get_is_in_the_document(live_server: LiveServer):
    sparql = live_server.get("/openapi.json").json()["paths"]["/sparql"]
    assert {"412", "431"} <= set(sparql["get"]["responses"])
    assert {"408", "431"} <= set(sparql["post"]["responses"]) and "412" not in sparql["post"]["responses"]
    assert "version" in [each.get("name") for each in sparql["get"]["parameters"]]
    for headers, status in (({"If-Match": '"another"'}, 412), ({"X-Long": "x" * 17_000}, 431)):
        assert live_server.ask("GET", "/sparql?query=ASK%7B%7D", headers).status == status
