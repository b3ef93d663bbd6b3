"""What is wrong with a query, and why an answer is empty, asked of the pool and told beside the answer.

It never breaks an answer: where the pool cannot say in time, nothing is said. Finding reasons is left to `kg.linting`
and `kg.empty`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from werkzeug.exceptions import BadRequest

from kg.errors import QueryError, QueryParameterError
from server import pages
from server.arguments import Arguments
from server.exchange import current_exchange
from server.service import Question, current_service

LINT = "lint"
EXPLAIN = "explain-empty"
"""The parameters that ask for them."""
EXPLAIN_TIMEOUT_S = 1.5
"""Seconds that a worker may take to explain an empty answer, half a second more than it sets itself."""
VIEW_TIMEOUT_S = 5.0
"""The same of a view, which a worker that does not have it forms first."""
LINT_TIMEOUT_S = 1.0
"""Seconds that lint may take where there was no time to explain."""
MOST_BYTES = 1_000_000
_SHORT_BYTES = 65_536
"""An answer of more bytes is not empty."""
_LONGEST_LINK = 6_000


@dataclass(frozen=True)
class Reason:
    """One remark as a page shows it; `links` are what to try instead."""

    severity: str
    message: str
    fix: str = ""
    line: int | None = None
    column: int | None = None
    links: tuple[tuple[str, str], ...] = ()
    """Text and address of each."""


@dataclass(frozen=True)
class Reasons:
    """What a page tells of a query; `try_again` leads to the query mended, `unread` says why there is nothing."""

    reasons: tuple[Reason, ...]
    try_again: str = ""
    complete: bool = True
    unread: str = ""


def wants(given: Arguments, name: str) -> bool:
    """Whether a parameter of two values asks for something.

    Raises: QueryParameterError if it is neither true nor false.
    """
    value = given.one(name)
    if value not in (None, "true", "false"):
        message = f"{name} is {value[:80]!r} and not true or false"
        raise QueryParameterError(message, parameter=name, suggestions=["true", "false"])
    return value == "true"


def linted(question: Question) -> dict[str, Any]:
    """What lint says of a query, as JSON.

    Raises: QueryError.
    """
    return current_service().results(replace(question, federated=False), "lint", MOST_BYTES)


def why_empty(question: Question) -> dict[str, Any] | None:
    """Why an answer is empty, as JSON; what lint says if there was no time for more, None if not even that."""
    if question.federated:
        return None
    most = VIEW_TIMEOUT_S if "view" in question.extra else EXPLAIN_TIMEOUT_S
    seconds = min(question.timeout_s or most, most)
    found: dict[str, Any] | None
    try:
        found = current_service().results(replace(question, timeout_s=seconds), "explain-empty", MOST_BYTES)
    except QueryError:
        found = _linted_at_least(question)
    if found is None or not found["complete"]:
        current_exchange().momentary = True  # who asks again may be told more
    return found


def _linted_at_least(question: Question) -> dict[str, Any] | None:
    if question.parameters or "view" in question.extra:
        return None  # the text of a canned query is not the visitor's; to form a view takes too long
    try:
        seconds = min(question.timeout_s or LINT_TIMEOUT_S, LINT_TIMEOUT_S)
        return {**linted(replace(question, timeout_s=seconds)), "complete": False}
    except QueryError:
        return None


def is_empty(results: Mapping[str, Any]) -> bool:
    """Whether an answer has no row, is false, or counts nothing.

    >>> is_empty({"head": {"vars": []}, "results": {"bindings": []}}), is_empty({"boolean": True})
    (True, False)
    """
    if "boolean" in results:
        return not results["boolean"]
    rows = results["results"]["bindings"]
    return not rows or (len(rows) == 1 and bool(rows[0]) and all(_is_nought(term) for term in rows[0].values()))


def with_reasons(chunks: Iterable[bytes], question: Question) -> Iterator[bytes]:
    """The bytes of SPARQL results JSON as they come; an empty answer with the member `oxus.empty`, which says why."""
    held = b""
    rest = iter(chunks)
    for chunk in rest:
        held += chunk
        if len(held) > _SHORT_BYTES:
            break
    else:
        document = json.loads(held)
        found = why_empty(question) if is_empty(document) else None
        if found is not None:
            document["oxus"] = {**document.get("oxus", {"version": found.pop("version")}), "empty": found}
            held = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    yield held
    yield from rest


def check_json(format_name: str) -> None:
    """Nothing, if reasons can be told in a format.

    Raises: BadRequest.
    """
    if format_name not in ("json", "html"):
        raise BadRequest(f"{EXPLAIN} goes with JSON or a page, not with {format_name}")


def shown(found: Mapping[str, Any] | None, canned: tuple[str, Mapping[str, Any]] | None = None) -> Reasons | None:
    """What a page tells of reasons; `canned` is a canned query's slug with its arguments, for links to others."""
    if found is None:
        return None
    return Reasons(
        tuple(_reason(remark, canned) for remark in found["remarks"]),
        _link(found["mended"]) if found.get("mended") else "",
        found.get("complete", True),
        found.get("unread", ""),
    )


def _reason(remark: Mapping[str, Any], canned: tuple[str, Mapping[str, Any]] | None) -> Reason:
    links: tuple[tuple[str, str], ...] = ()
    if canned is not None and "parameter" in remark:
        slug, arguments = canned
        name = remark["parameter"]
        links = tuple((f"{name}={value}", _canned(slug, {**arguments, name: value})) for value in remark["values"])
    told = {name: remark[name] for name in ("severity", "message", "fix", "line", "column")}
    return Reason(**told, links=links)


def _canned(slug: str, arguments: Mapping[str, Any]) -> str:
    return f"{url_for('queries.show', slug=slug)}?{pages.query_string(arguments)}"


def _link(query: str) -> str:
    """Where the mended query is asked; empty if it is too long for an address."""
    text = pages.query_string({"query": query, "format": "html"})
    return f"{url_for('sparql.endpoint')}?{text}" if len(text) <= _LONGEST_LINK else ""


def _is_nought(term: Mapping[str, Any]) -> bool:
    return term.get("type") == "literal" and term["value"] == "0" and term.get("datatype", "").endswith("#integer")
