"""`/openapi.json`: every route as OpenAPI 3.1, with an operation for each canned query; written from what is served.

Spec: https://spec.openapis.org/oas/v3.1.1. Which routes there are is Flask's to say, what they do their docstrings',
which parameters and formats a canned query has its header's; here stand the parameters of the other routes.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app
from werkzeug.routing import Rule

from kg.queries.declarations import CannedQuery, Parameter, QueryKind
from kg.queries.parameters import write_value
from server import bodies
from server.arguments import FORM
from server.negotiation import HTML, Offer
from server.offers import CITED, GRAPH, RESULTS, TABLES
from server.pages import address
from server.service import current_service

blueprint = Blueprint("openapi", __name__)

Document = dict[str, Any]

JSON = Offer("json", "application/json")
REMARKED = Offer("remarks", "application/json")
"""What lint answers with."""
CSV = Offer("csv", "text/csv")
TEXT: Document = {"type": "string"}
BOOLEAN: Document = {"type": "string", "enum": ["true", "false"]}
SECONDS: Document = {"type": "number", "exclusiveMinimum": 0}
ROW: Document = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
IRI: Document = {"type": "string", "format": "iri"}

SHARED: Mapping[str, tuple[str, Document]] = {
    "format": ("the format of the answer; it counts before Accept", TEXT),
    "timeout": ("seconds that the query may take, if fewer than it may anyway", SECONDS),
    "cite": ("whether each row tells what it rests on", BOOLEAN),
    "lang": ("language of the labels beside IRIs in CSV and Excel", {"type": "string", "pattern": "^[A-Za-z]{1,8}$"}),
    "source": ("the slug of the document that alone is to tell it", TEXT),
    "reliability": ("the grade below which sources are left out", TEXT),
    "rejected": ("whether rejected readings are let in", BOOLEAN),
    "row": ("the number of the only row wanted, from 1", ROW),
    "lint": ("whether to run nothing and tell what is probably wrong with the query", BOOLEAN),
    "explain-empty": ("whether an empty answer in JSON tells why it is, as the member oxus.empty", BOOLEAN),
    "version": ("the version asked of, which must be the one that is served", TEXT),
}
"""The parameters that several operations understand."""
DATASET: Mapping[str, tuple[str, Document]] = {
    "default-graph-uri": ("a graph that the default graph is made of", IRI),
    "named-graph-uri": ("a graph that GRAPH may name", IRI),
}
ERRORS = {
    400: "a parameter or the query is wrong: where, and what would have been right",
    401: "the token is wrong or missing",
    403: "an update, or a call to another server",
    404: "there is no such thing here; the nearest names are given",
    406: "nothing that the client takes is offered; what is, is listed",
    409: "the new build is refused: why, and that the old one stays",
    410: "this was withdrawn",
    413: "the body is too long",
    414: "the address is too long",
    415: "the body is of a type that is not taken",
    416: "the part that is asked for begins behind the end",
    502: "a service that the query calls failed",
    429: "too much from one client; Retry-After says when there is room again",
    503: "a limit was met, which is named; Retry-After says when another try makes sense",
}


@dataclass(frozen=True)
class Operation:
    """What a route takes and gives, beside what its docstring and its address say."""

    parameters: Sequence[Document] = ()
    offers: Sequence[Offer] = (HTML,)
    errors: Sequence[int] = ()
    status: int = 200
    body: Document | None = None
    """What a POST sends; None if it sends nothing."""
    methods: Sequence[str] = ("get",)


def parameter(name: str, explanation: str, schema: Document, required: bool = False) -> Document:
    """A parameter in the query string."""
    return {"name": name, "in": "query", "description": explanation, "schema": schema, "required": required}


def shared(*names: str) -> list[Document]:
    """Parameters that several operations understand."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


QUERY = parameter("query", "a SPARQL query", TEXT)
GRAPHS = [parameter(name, told, {"type": "array", "items": schema}) for name, (told, schema) in DATASET.items()]
VIEW = shared("source", "reliability", "rejected")
ASKED: Document = {
    "content": {
        FORM: {"schema": {"type": "object", "properties": {"query": TEXT}, "required": ["query"]}},
        "application/sparql-query": {"schema": TEXT},
    }
}
FILTERS = [
    parameter(name, f"only judgements of this {name}", TEXT)
    for name in ("kind", "certainty", "verdict", "document", "entity")
]
PAGE = parameter("page", "which twenty of them the page shows, from 1", {"type": "integer", "minimum": 1})
WRONG = (400, 403, 406, 414, 429, 502, 503)
POSTED = (413, 415)

OPERATIONS: Mapping[str, Operation] = {
    "catalogue.description": Operation(shared("format"), GRAPH, (400, 406, 503)),
    "catalogue.example": Operation(shared("format"), GRAPH, (400, 404, 406)),
    "catalogue.examples": Operation(shared("format"), GRAPH, (400, 406)),
    "check.show": Operation(shared("format"), (JSON, HTML), (400, 404, 406, 429, 503)),
    "conflicts.judgement": Operation(shared("format"), (JSON, CSV, *GRAPH), (400, 404, 406, 503)),
    "conflicts.show": Operation([*shared("format"), *FILTERS, PAGE], (JSON, CSV, *GRAPH), (400, 404, 406, 503)),
    "crawling.robots": Operation((), (Offer("txt", "text/plain"),)),
    "crawling.sitemap": Operation(
        [parameter("page", "which of several sitemaps, from 1", TEXT)],
        (Offer("xml", "application/xml"),),
        (400, 404, 503),
    ),
    "dumps.download": Operation((), (Offer("file", "application/octet-stream"),), (404, 406, 416, 503)),
    "explain.canned": Operation(shared("format", "row", "timeout"), CITED, (*WRONG, 404)),
    "explain.free": Operation(
        [QUERY, *GRAPHS, *shared("format", "row", "timeout"), *VIEW], CITED, (*WRONG, *POSTED), body=ASKED
    ),
    "health.alive": Operation((), (JSON,)),
    "health.ready": Operation((), (JSON,), (503,)),
    "home.problems": Operation(),
    "home.show": Operation((), (HTML,), (503,)),
    "linked.data": Operation((), (*GRAPH[:-1], JSON), (404, 406, 410, 503)),
    "linked.ontology": Operation(shared("format"), (HTML,), (400, 406), status=303),
    "linked.ontology_data": Operation((), GRAPH[:-1], (404, 503)),
    "linked.ontology_page": Operation((), (HTML,), (503,)),
    "linked.page": Operation((), (HTML,), (404, 410, 503)),
    "linked.thing": Operation(shared("format"), (HTML,), (400, 404, 406, 410, 503), status=303),
    "llms.show": Operation((), (Offer("txt", "text/plain"),), (503,)),
    "llms.show_schema": Operation((), (Offer("txt", "text/plain"),), (503,)),
    "health.metrics": Operation((), (Offer("text", "text/plain"),), (401,)),
    "openapi.show": Operation((), (JSON,)),
    "queries.ask": Operation((), (HTML,), (404,), status=303),
    "queries.catalogue": Operation(shared("format"), (JSON, HTML), (400, 406)),
    "reload.reload": Operation((), (JSON,), (401, 404, 409), methods=("post",)),
    "sparql.endpoint": Operation(
        [QUERY, *GRAPHS, *shared("format", "timeout", "cite", "lint", "explain-empty"), *VIEW],
        (*RESULTS[:-1], *GRAPH, REMARKED),
        (*WRONG, *POSTED),
        body=ASKED,
    ),
    "static": Operation((), (Offer("file", "application/octet-stream"),), (404,)),
    "store.graph": Operation(
        [parameter("default", "the default graph", TEXT), parameter("graph", "the IRI of a graph", IRI)]
        + shared("format"),
        GRAPH[:-1],
        (400, 404, 406, 503),
    ),
}
"""Every endpoint but `queries.show`, which is written query by query."""


@blueprint.get("/openapi.json")
def show() -> Response:
    """This document."""
    return bodies.of_json(current_service().kept("openapi", lambda: document(current_app.url_map.iter_rules())))


def document(rules: Iterable[Rule]) -> Document:
    """All of it, for the version that is served."""
    service = current_service()
    paths: dict[str, Document] = {}
    for rule in sorted(rules, key=lambda each: each.rule):
        if rule.endpoint != "queries.show":
            view = current_app.view_functions[rule.endpoint]
            path = re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
            paths[path] = _path(rule, view, OPERATIONS[rule.endpoint])
    for query in service.served.queries.values():
        paths[f"/queries/{query.slug}"] = {"get": _of_query(query)}
    site = service.overview()
    info = {"title": site.title, "description": site.description, "version": service.served.manifest.version}
    return {
        "openapi": "3.1.1",
        "info": {name: text for name, text in info.items() if text},
        "servers": [{"url": address().rstrip("/")}],
        "paths": paths,
        "components": {
            "parameters": {name: parameter(name, told, schema) for name, (told, schema) in SHARED.items()},
            "responses": {_name(status): _problem(status) for status in ERRORS},
            "schemas": {"Problem": PROBLEM, "Remarks": REMARKS, "Results": RESULTS_JSON},
        },
    }


def _path(rule: Rule, view: Callable[..., Any], operation: Operation) -> Document:
    in_path = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in sorted(rule.arguments)]
    summary = (inspect.getdoc(view) or rule.endpoint).partition("\n")[0]
    errors = {*operation.errors, *((400,) if rule.arguments else ())}  # a path may be no text
    written: Document = {}
    for method in ("get", "post") if operation.body else operation.methods:
        asked = {"requestBody": operation.body} if method == "post" and operation.body else {}
        written[method] = {
            "operationId": f"{method}_{rule.endpoint.replace('.', '_')}{'_file' if 'suffix' in rule.arguments else ''}",
            "summary": summary,
            "parameters": [*in_path, *operation.parameters],
            **asked,
            "responses": _responses(operation.offers, errors, operation.status),
        }
    return written


def _of_query(query: CannedQuery) -> Document:
    """One canned query: its own parameters, then those that every one understands."""
    is_table = query.form is QueryKind.SELECT
    names = ["format", "timeout", "lang", "version", "source", "reliability", "rejected"]
    if query.form is not QueryKind.CONSTRUCT:
        names.append("explain-empty")
    return {
        "operationId": f"query_{query.slug.replace('-', '_')}",
        "summary": query.title,
        "description": query.description,
        "tags": list(query.tags),
        "parameters": [
            *(_of_parameter(each) for each in query.params),
            *shared(*names, *(("cite", "row") if is_table else ())),
        ],
        "responses": _responses(
            TABLES if is_table else RESULTS if query.form is QueryKind.ASK else GRAPH, (*WRONG, 404)
        ),
    }


def _of_parameter(declared: Parameter) -> Document:
    schema: Document = dict(TYPES[declared.type])
    defaults = [write_value(term) for term in declared.default or ()]
    if declared.many:
        schema = {"type": "array", "items": schema}
    if defaults:
        schema["default"] = [_typed(declared, each) for each in defaults]
        if not declared.many:
            (schema["default"],) = schema["default"]
    return parameter(declared.name, declared.label, schema)


def _typed(declared: Parameter, text: str) -> object:
    return int(text) if declared.type == "integer" else float(text) if declared.type == "decimal" else text


TYPES: Mapping[str, Document] = {
    "iri": {"type": "string", "minLength": 1},
    "topic": {"type": "string", "minLength": 1},
    "string": {"type": "string", "minLength": 1},
    "language": {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "date": {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
}
"""The types of parameters as JSON Schema says them."""

PROBLEM: Document = {
    "type": "object",
    "description": "What went wrong (RFC 9457), and what would have been right.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "parameter": TEXT,
        "limit": TEXT,
        "suggestions": {"type": "array", "items": TEXT},
    },
    "required": ["type", "title", "status", "detail"],
}
REMARKS: Document = {
    "type": "object",
    "description": "What is probably wrong with a query.",
    "properties": {
        "version": TEXT,
        "mended": {"type": ["string", "null"], "description": "the query with what is plain corrected"},
        "complete": {"type": "boolean", "description": "false if there was no time to look for more"},
        "unread": {"type": "string", "description": "why the query could not be looked into"},
        "remarks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rule": TEXT,
                    "severity": {"type": "string", "enum": ["error", "warning", "note"]},
                    "message": TEXT,
                    "fix": TEXT,
                    "line": {"type": ["integer", "null"]},
                    "column": {"type": ["integer", "null"]},
                    "parameter": TEXT,
                    "values": {"type": "array", "items": TEXT},
                    "edits": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"begin": {"type": "integer"}, "end": {"type": "integer"}, "text": TEXT},
                            "required": ["begin", "end", "text"],
                        },
                    },
                },
                "required": ["rule", "severity", "message", "fix", "line", "column", "edits"],
            },
        },
    },
    "required": ["version", "remarks"],
}
RESULTS_JSON: Document = {
    "type": "object",
    "description": "SPARQL 1.1 results JSON; with cite=true it has the member oxus with the citations of each row, "
    "with explain-empty=true, if it is empty, oxus.empty, which is a Remarks.",
    "properties": {
        "head": {"type": "object"},
        "results": {"type": "object", "properties": {"bindings": {"type": "array", "items": {"type": "object"}}}},
        "boolean": {"type": "boolean"},
        "oxus": {"type": "object"},
    },
    "required": ["head"],
}


def _responses(offers: Sequence[Offer], errors: Iterable[int], status: int = 200) -> Document:
    content = {offer.media_type: {"schema": _schema(offer)} for offer in offers}
    answer: Document = {"description": "the answer", "content": content}
    if status == 303:
        answer = {"description": "where the answer is", "headers": {"Location": {"schema": {"type": "string"}}}}
    told = {str(each): {"$ref": f"#/components/responses/{_name(each)}"} for each in sorted(errors)}
    return {str(status): answer, **told}


def _schema(offer: Offer) -> Document:
    if offer is REMARKED:
        return {"$ref": "#/components/schemas/Remarks"}
    if offer.media_type == "application/sparql-results+json":
        return {"$ref": "#/components/schemas/Results"}
    return {} if offer.media_type.endswith("json") else TEXT


def _name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> Document:
    told: Document = {
        "description": ERRORS[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}, "text/html": {}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return told
