"""`/diff/<old>/<new>`: what changed between two versions, as a page and as JSON. Working it out is left to the pool."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from cachetools import LRUCache
from flask import Blueprint, Response, request

from kg.engine.guard import QueryForm, check_query
from kg.errors import NotFoundError, QueryParameterError, QueryTimeoutError
from kg.namespaces import INFERRED
from kg.versions.questions import QueryChange, Side, query_changes
from server import arguments, bodies, changed_rows, pages
from server.cells import Cell, cell
from server.editions import service_of
from server.exchange import current_exchange
from server.negotiation import HTML, Offer, choose
from server.service import SUPPORT_BYTES, Question, Service, current_service
from server.wording import marked

blueprint = Blueprint("diff", __name__)

Compared = tuple[dict[str, Any], list[QueryChange]]
"""What changed between two versions, and in the answers to canned queries."""

OFFERS = (Offer("json", "application/json"), HTML)
MOST_BYTES = 16_000_000
"""What of the changes is taken into memory; two versions that differ in more are better compared by their dumps."""
MOST_KEPT = 20
MOST_KEPT_BYTES = 1_000_000
"""How many pairs of versions what changed is kept of, and how long it may be for that."""
KEEPING = Lock()
MOST_SHOWN = 200
"""How many things of a kind a page shows, how many statements of each, and how many rows of each query:"""
MOST_STATEMENTS = 20
MOST_ROWS = 50
GROUPS = {
    "id": marked("Things"),
    "topic": marked("Topics"),
    "source": marked("Sources"),
    "time": marked("Dates"),
    "ontology": marked("Terms of the ontology"),
    "other": marked("Others"),
}


@dataclass(frozen=True)
class Graph:
    """A graph that makes a statement: a passage, or a rule's."""

    cell: Cell
    rule: bool


@dataclass(frozen=True)
class ShownStatement:
    """A statement that was added or removed; its subject is left out where it is what the change is about."""

    word: str
    cells: tuple[Cell, ...]
    graphs: tuple[Graph, ...]


@dataclass(frozen=True)
class ShownChange:
    """What changed of one thing; `more` is how many statements are not shown."""

    cell: Cell
    status: str
    verdict: str
    statements: tuple[ShownStatement, ...]
    more: int


@dataclass(frozen=True)
class ShownQuery:
    """What changed of a canned query, and the rows that differ."""

    change: QueryChange
    rows: changed_rows.ChangedRows | None


@blueprint.get("/diff/<old>/<new>")
def show(old: str, new: str) -> Response:
    """What changed from one version to another: things, judgements, passages, the answers to canned queries."""
    given = arguments.in_url(request)
    for name in given.without("format"):
        raise QueryParameterError(f"unknown parameter {name[:80]!r}", parameter=name[:80], suggestions=["format"])
    choice = choose(OFFERS, request.headers.get("Accept"), given.one("format"))
    before, after = service_of(old), service_of(new)
    changes, queries = _compared(before, after)
    versions = {"old": before.served.manifest.version, "new": after.served.manifest.version}
    if choice.offer is HTML:
        response = _page(before, after, changes, queries)
    else:
        response = bodies.of_json({**versions, **changes, "queries": [each.as_json() for each in queries]})
    response.vary.add("Accept")
    return response


def _compared(before: Service, after: Service) -> Compared:
    """What changed; worked out once for as long as it is among the last, if it is not long and no query failed."""
    kept: LRUCache[tuple[str, str], Compared] = current_service().kept("compared", lambda: LRUCache(MOST_KEPT))
    pair = before.served.manifest.version, after.served.manifest.version
    with KEEPING:
        found = kept.get(pair)
    if found is None:
        changes = changes_between(before, after)
        queries = query_changes(_side(before), _side(after))
        found = changes, queries
        if any(each.fault for each in queries):
            current_exchange().momentary = True
        elif len(json.dumps((changes, [each.as_json() for each in queries]))) <= MOST_KEPT_BYTES:
            with KEEPING:
                kept[pair] = found
    return found


def changes_between(
    old: Service, new: Service, *, summary_only: bool = False, within_s: float | None = None
) -> dict[str, Any]:
    """What changed between two versions, as `kg.versions.changes` tells it.

    Raises: NotFoundError if one is no build; QueryError.
    """
    folders = [_folder(service) for service in (old, new)]
    # The archive's worker compares files, and needs neither version loaded.
    asked = replace(old if old.folder is not None else new, folder=None)
    extra = {"old": str(folders[0]), "new": str(folders[1]), "summary_only": summary_only}
    told = asked.ask(Question("", QueryForm.SELECT, timeout_s=within_s, extra=extra), "json", "changes", MOST_BYTES)
    parsed: dict[str, Any] = json.loads(b"".join(told))
    return parsed


def _folder(service: Service) -> Path:
    if isinstance(service.served.source, Path):
        return service.served.source
    raise NotFoundError(f"{service.served.manifest.version} is no build: there is nothing to compare it with")


def _side(service: Service) -> Side:
    """A version, whose queries together may take twice what one may: both versions are asked in that time."""
    until = time.monotonic() + 2 * service.settings.timeout_s

    def put(query: str, more: Mapping[str, object]) -> Mapping[str, Any]:
        left = min(until - time.monotonic(), service.settings.timeout_s)
        if left <= 0:
            raise QueryTimeoutError("the queries before it took all the time that there is for them", limit="timeout")
        question = Question(query, check_query(query), timeout_s=left, extra=more)
        told = service.ask(question, "json", "canonical", SUPPORT_BYTES)
        parsed: dict[str, Any] = json.loads(b"".join(told))
        return parsed

    return Side(service.served.queries, put)


# As a page


def _page(before: Service, after: Service, changes: Mapping[str, Any], queries: Sequence[QueryChange]) -> Response:
    labels = changes["labels"]
    groups = {title: [each for each in changes["things"] if each["group"] == group] for group, title in GROUPS.items()}
    named = {marked("Judgements"): changes["judgements"], marked("Passages"): changes["passages"], **groups}
    return pages.render(
        "diff.html",
        before=before.served.manifest,
        after=after.served.manifest,
        summary=changes["summary"],
        groups={title: [_shown(each, labels) for each in islice(found, MOST_SHOWN)] for title, found in named.items()},
        totals={title: len(found) for title, found in named.items()},
        queries=_shown_queries(queries, before, after),
    )


def _shown(change: Mapping[str, Any], labels: Mapping[str, str]) -> ShownChange:
    found = [("removed", each) for each in change["removed"]] + [("added", each) for each in change["added"]]
    statements = (_statement(word, each, change["iri"], labels) for word, each in found[:MOST_STATEMENTS])
    return ShownChange(
        _named(change["iri"], labels),
        change["status"],
        change.get("verdict", ""),
        tuple(statements),
        max(0, len(found) - MOST_STATEMENTS),
    )


def _statement(word: str, statement: Mapping[str, Any], about: str, labels: Mapping[str, str]) -> ShownStatement:
    terms = statement["triple"]
    told = terms[1:] if terms[0]["value"] == about else terms
    graphs = (Graph(_named(graph, labels), graph.startswith(INFERRED)) for graph in _others(statement, about))
    return ShownStatement(word, tuple(cell(term, labels) for term in told), tuple(graphs))


def _others(statement: Mapping[str, Any], about: str) -> Iterable[str]:
    return (graph for graph in statement["graphs"] if graph != about)


def _named(iri: str, labels: Mapping[str, str]) -> Cell:
    return cell({"type": "uri", "value": iri}, labels)


def _shown_queries(queries: Sequence[QueryChange], before: Service, after: Service) -> list[ShownQuery]:
    compared = [each.rows for each in queries if each.rows is not None]
    labels = changed_rows.labels_of(changed_rows.terms_of(compared, MOST_ROWS), (before, after))
    return [_shown_query(each, after, labels) for each in queries]


def _shown_query(change: QueryChange, after: Service, labels: Mapping[str, str]) -> ShownQuery:
    if change.rows is None or change.rows.same or change.rows.other_columns:
        return ShownQuery(change, None)
    query = after.served.queries.get(change.slug)
    headings = {column.name: column.label for column in query.columns} if query else {}
    return ShownQuery(change, changed_rows.table(change.columns, change.rows, headings, labels, MOST_ROWS))
