"""`/openapi.json`: valid, complete, and true of the server, which schemathesis asks whatever the document allows."""

from __future__ import annotations

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

EXAMPLES = 4
"""Requests an operation and kind (fitting the schema, or not)."""
WITHIN_S = 15.0


@pytest.fixture(scope="module")
def document(live_server: LiveServer) -> Any:
    return live_server.get("/openapi.json").json()


def test_the_document_is_openapi(document: Any):
    OpenAPIV31SpecValidator(document).validate()


def test_every_canned_query_is_an_operation(live_server: LiveServer, document: Any):
    for query in live_server.get("/queries?format=json").json()["queries"]:
        operation = document["paths"][f"/queries/{query['slug']}"]["get"]
        named = [each["name"] for each in operation["parameters"] if "name" in each]
        assert named == [each["name"] for each in query["params"]]
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
        assert reply.headers["retry-after"] and reply.json()["limit"]
    case.validate_response(reply, checks=[status_code_conformance, response_schema_conformance])
