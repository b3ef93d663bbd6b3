"""`/openapi.json`: every route as OpenAPI 3.1, with an operation for each canned query; written from what is served.

Spec: https://spec.openapis.org/oas/v3.1.1. Which routes there are is Flask's to say, what they do their docstrings',
which parameters and formats a canned query has its header's; those of the other routes stand in `server.operations`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app
from werkzeug.routing import AnyConverter, Rule

from kg.queries.declarations import CannedQuery, Parameter, QueryKind
from kg.queries.parameters import write_value
from server import bodies
from server.admission import FREE
from server.negotiation import HTML, Offer
from server.offers import GRAPH, PICTURES, RESULTS, TABLES
from server.operations import (
    ERRORS,
    EVERYWHERE,
    OPERATIONS,
    REMARKED,
    SHARED,
    TEXT,
    WRONG,
    Document,
    Operation,
    parameter,
    shared,
)
from server.pages import address
from server.service import current_service

blueprint = Blueprint("openapi", __name__)


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
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _argument(rule, name, operation)}
        for name in sorted(rule.arguments)
    ]
    summary = (inspect.getdoc(view) or rule.endpoint).partition("\n")[0]
    errors = {*operation.errors, *((400,) if rule.arguments else ()), *EVERYWHERE}  # a path may be no text
    if 503 in errors:
        errors.add(502)  # another store may be asked for what is not kept here
    if rule.endpoint not in FREE:
        errors.add(429)
    written: Document = {}
    for method in ("get", "post") if operation.body else operation.methods:
        asked = {"requestBody": operation.body} if method == "post" and operation.body else {}
        conditional = method == "get" and operation.tagged and 200 in operation.statuses
        kept, unmet = ((304,), {412}) if conditional else ((), set())
        written[method] = {
            "operationId": f"{method}_{rule.endpoint.replace('.', '_')}{'_file' if 'suffix' in rule.arguments else ''}",
            "summary": summary,
            "parameters": [*in_path, *_with_formats(operation.parameters, operation.offers)],
            **asked,
            "responses": _responses(operation.offers, errors | unmet, (*operation.statuses, *kept)),
        }
    return written


def _argument(rule: Rule, name: str, operation: Operation) -> Document:
    """The values that a part of a path may have, where they are known."""
    served = current_service().served
    converter = rule._converters[name]  # werkzeug tells them nowhere else
    known: Iterable[str] = ()
    if isinstance(converter, AnyConverter):
        known = sorted(converter.items)
    elif name == "suffix":
        known = (offer.name for offer in operation.offers if offer is not HTML)
    elif rule.endpoint == "dumps.download":
        known = served.dumps if name == "name" else ("latest", served.manifest.version)
    elif rule.endpoint in ("catalogue.example", "explain.canned", "queries.ask"):
        known = served.queries
    return TEXT | {"enum": found} if (found := list(dict.fromkeys(known))) else TEXT


def _with_formats(parameters: Iterable[Document], offers: Sequence[Offer]) -> list[Document]:
    """The parameters, `format` with the names of what is offered."""
    names = list(dict.fromkeys(offer.name for offer in offers if offer is not REMARKED))
    told, schema = SHARED["format"]
    (shared_format,) = shared("format")
    return [
        parameter("format", told, schema | {"enum": names}) if each == shared_format else each for each in parameters
    ]


def _of_query(query: CannedQuery) -> Document:
    """One canned query: its own parameters, then those that every one understands."""
    is_table = query.form is QueryKind.SELECT
    drawn = PICTURES if query.chart else ()
    offers = (*TABLES, *drawn) if is_table else RESULTS if query.form is QueryKind.ASK else GRAPH
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
            *_with_formats(shared(*names, *(("cite", "row") if is_table else ())), offers),
        ],
        "responses": _responses(offers, (*WRONG, *EVERYWHERE, 404, 412), (200, 304)),
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


def _responses(offers: Sequence[Offer], errors: Iterable[int], statuses: Iterable[int]) -> Document:
    content = {offer.media_type: {"schema": _schema(offer)} for offer in offers}
    location = {"Location": {"schema": {"type": "string"}}}
    answers: dict[int, Document] = {
        200: {"description": "the answer", "content": content},
        206: {"description": "the bytes that were asked for", "content": content},
        303: {"description": "where the answer is", "headers": location},
        304: {"description": "what the client has (If-None-Match) is what there is"},
    }
    told = {str(each): {"$ref": f"#/components/responses/{_name(each)}"} for each in sorted(errors)}
    return {str(status): answers[status] for status in statuses} | told


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
