"""`/explain`: for each row of a query, free or canned, the statements that it rests on and who makes them.

As JSON it is the answer with citations (design §4.5), or one `row` of it; as a page, the way down from each row.
Finding citations is left to `kg.tracing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import BadRequest

from kg.build.views import VIEW_PARAMETERS
from kg.errors import QueryError
from kg.namespaces import INFERRED
from kg.queries.canned import find_query
from kg.queries.declarations import CannedQuery
from server import answers, arguments, asked, errors, pages, picks, reasons
from server.arguments import Arguments
from server.cells import Cell, Term, cell, iris
from server.footnotes import Footnotes
from server.languages import current_language
from server.negotiation import HTML, Offer, choose
from server.offers import CITED
from server.queries import question_of
from server.service import Question, current_service
from server.sparql import Operation, operation_in, question_in
from server.tracing import check_rows, row_of
from server.wording import gettext

blueprint = Blueprint("explain", __name__)

OFFERS = (Offer("json", "application/json", ("application/sparql-results+json", "text/json")), *CITED[1:])
MOST_ROWS = 50
"""Rows that a page explains."""


@dataclass(frozen=True)
class Statement:
    """One cited triple as it is shown: how deep among premises, and the notes, rule and judgement that go with it."""

    depth: int
    parts: tuple[Cell, Cell, Cell]
    notes: tuple[int, ...]
    rule: str
    disputed: str


@dataclass(frozen=True)
class Explained:
    """One row: its number, its values by column, what it rests on."""

    number: int
    values: tuple[tuple[str, Cell], ...]
    statements: tuple[Statement, ...]


@blueprint.route("/explain", methods=["GET", "POST", "QUERY"])
def free() -> Response:
    """A query of the visitor's own; without one, a page to write it on."""
    operation = operation_in(request)
    if operation is None:
        if not answers.page_wanted(OFFERS, arguments.in_url(request).first("format")):
            raise BadRequest("there is no parameter 'query': what is to be explained?")
        response = pages.render("explain.html", query="", title=gettext("Explain"), view={})
        response.vary.add("Accept")
        return response
    try:
        question = question_in(operation)
        again = {"query": operation.query, **{name: value for name, value in _view(operation.beside).items() if value}}
        cited = asked.cite_as(asked.free(operation.query, _with_citations(operation.beside)), operation.query)
        heading = {"query": operation.query, "title": gettext("Explain"), "again": again, "cite_as": cited}
        return _explained(question, operation.beside, heading, {})
    except QueryError as error:
        return _mend(error, operation)


@blueprint.get("/queries/<slug>/explain")
def canned(slug: str) -> Response:
    """A canned query with its parameters."""
    query = find_query(current_service().served.queries, slug)
    given = arguments.in_url(request)
    question = question_of(query, given)
    cited = asked.cite_as(asked.canned(slug, _with_citations(given)), question.query)
    query = current_service().queries(current_language())[slug]
    headings = {column.name: column.label for column in query.columns}
    context = {"canned": query, "title": query.title, "again": _again(query, given), "cite_as": cited}
    return _explained(question, given, context, headings)


def _with_citations(given: Arguments) -> Arguments:
    """What the answer is asked with that a page explains: its citations are part of it."""
    return Arguments({**given.values, "cite": ["true"]})


def _again(query: CannedQuery, given: Arguments) -> dict[str, Any]:
    return {"slug": query.slug, **given.without("format", "row", "cite")}


def _view(given: Arguments) -> dict[str, str]:
    """Which sources the answer is to be told from, as the page and its links repeat it."""
    return {name: given.first(name) or "" for name in VIEW_PARAMETERS}


def _mend(error: QueryError, operation: Operation) -> Response:
    if not answers.page_wanted(OFFERS, operation.beside.first("format")):
        raise error
    report = errors.report_of(error)
    page = pages.render(
        "explain.html",
        query=operation.query,
        title=gettext("Explain"),
        **report.shown,
        too_large=False,
        view=_view(operation.beside),
    )
    return errors.with_status(page, report)


def _explained(
    question: Question, given: Arguments, context: Mapping[str, Any], headings: Mapping[str, str]
) -> Response:
    check_rows(question.form)
    row = row_of(given)
    question = replace(question, extra={**question.extra, "row": row})
    choice = choose(OFFERS, request.headers.get("Accept"), given.first("format"))
    if choice.offer is not HTML:
        return answers.data(question, choice, "cite")
    shown = answers.shown(question, headings, "cite")
    parameters = {name: value for name, value in context["again"].items() if name != "slug"}
    canned = (context["again"]["slug"], parameters) if "slug" in context["again"] else None
    shown["why"] = reasons.shown(shown.get("why"), canned)
    rows: list[Explained] = []
    if "table" in shown:
        rows = _rows(shown["results"], shown["notes"], row or 1, headings)
        again = context["again"]
        endpoint = "explain.canned" if "slug" in again else "explain.free"
        shown["each"] = {each.number: url_for(endpoint, row=each.number, **again) for each in rows}
        shown["whole"] = url_for(endpoint, **again) if row else ""
    response = pages.render(
        "explain.html",
        **{**context, **shown, "rows": rows, "row": row, "view": _view(given), "documents": picks.documents()},
    )
    response.vary.add("Accept")
    return response


def _rows(results: Mapping[str, Any], notes: Footnotes, first: int, headings: Mapping[str, str]) -> list[Explained]:
    bindings: Sequence[Mapping[str, Term]] = results["results"]["bindings"][:MOST_ROWS]
    citations = results["oxus"]["citations"][:MOST_ROWS]
    names: Sequence[str] = results["head"]["vars"]
    numbers = {note.iri: note.number for note in notes.notes}
    terms = [term for row in bindings for term in row.values()]
    terms += [term for row in citations for citation in _all(row) for term in citation["triple"]]
    labels = current_service().labels(iris(terms))

    def statements(row: Sequence[Mapping[str, Any]], depth: int = 0) -> Iterator[Statement]:
        for citation in row:
            subject, predicate, value = (cell(term, labels) for term in citation["triple"])
            found = tuple(numbers[passage] for passage in citation["passages"] if passage in numbers)
            rule = citation.get("rule", "").removeprefix(INFERRED)
            yield Statement(depth, (subject, predicate, value), found, rule, citation.get("disputed", ""))
            yield from statements(citation.get("premises", ()), depth + 1)

    return [
        Explained(
            number,
            tuple((headings.get(name, name), cell(row[name], labels)) for name in names if name in row),
            tuple(statements(each)),
        )
        for number, (row, each) in enumerate(zip(bindings, citations, strict=True), first)
    ]


def _all(citations: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for citation in citations:
        yield citation
        yield from _all(citation.get("premises", ()))
