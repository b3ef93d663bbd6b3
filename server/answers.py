"""One question to one HTTP answer: as data in the format chosen, or as what a page shows.

Parsing requests is left to the views, collecting bytes to `server.bodies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyoxigraph as ox
from flask import Response, request

from kg.build.views import view_of
from kg.engine.guard import QueryForm
from kg.errors import QueryParameterError, ResultTooLargeError
from server import bodies, reasons
from server.arguments import Arguments
from server.cells import Table, Term, TermTriple, as_results, cell, iris, table, terms_shown
from server.footnotes import footnotes
from server.negotiation import HTML, Choice, NothingAcceptableError, Offer, choose
from server.offers import FILES, GRAPH, RESULTS, content_type
from server.service import Question, current_service

PAGE_BYTES = 4_000_000
"""What the front takes into memory, where it is ten times as large, to make a page of.

A longer answer is offered as a file instead."""

PAGE_CELLS = 20_000
"""How many cells a page shows: of an answer with thousands of columns, fewer rows."""


def offers(form: QueryForm) -> tuple[Offer, ...]:
    """What an answer to a query of this form can be had as."""
    return RESULTS if form.kind == "results" else GRAPH


def page_wanted(offered: tuple[Offer, ...], format_name: str | None) -> bool:
    """Whether a person will read the answer; False where nothing suits."""
    try:
        return choose(offered, request.headers.get("Accept"), format_name).offer is HTML
    except NothingAcceptableError:
        return False


def timeout(beside: Arguments) -> float | None:
    """The seconds that a request asks for; the setting is the most that it gets.

    Raises: QueryParameterError.
    """
    text = beside.one("timeout")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise QueryParameterError(
            f"timeout is {text[:80]!r}, which is no number of seconds above 0", parameter="timeout"
        )
    return seconds


def view(beside: Arguments) -> dict[str, object]:
    """What a request says of the sources to answer from, as the pool takes it: `source`, `reliability`, `rejected`.

    Raises: QueryParameterError.
    """
    wanted = view_of(beside.values)
    return {"view": asdict(wanted)} if wanted else {}


def data(
    question: Question, choice: Choice, operation: str = "query", file_name: str = "", *, explain: bool = False
) -> Response:
    """The answer in a format for programs; with `explain` one in JSON that is empty says why."""
    chunks = current_service().ask(question, choice.offer.name, operation)
    told = reasons.with_reasons(chunks, question) if explain else chunks
    response = bodies.collected(told, compresses=choice.offer not in FILES)
    response.content_type = content_type(choice)
    response.vary.add("Accept")
    if file_name:
        response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
    return response


def shown(question: Question, headings: Mapping[str, str] | None = None, operation: str = "query") -> dict[str, Any]:
    """What a page shows of the answer: `table` or `truth`, or `too_large`; `results` is what it was made of.

    Of an empty one `why` says why it is.

    With the operation `cite`, `notes` are the footnotes of the rows shown.
    """
    service = current_service()
    try:
        if question.form.kind == "results":
            results = service.results(question, operation, PAGE_BYTES)
        else:
            lines = b"".join(service.ask(question, "nt", operation, PAGE_BYTES))
            why = {} if lines.strip() else {"why": reasons.why_empty(question)}
            return _shown_graph(sorted(_triples(lines), key=_reading_order)) | why
    except ResultTooLargeError:
        return {"too_large": True}
    why = {"why": reasons.why_empty(question)} if reasons.is_empty(results) else {}
    if "boolean" in results:
        return {"truth": results["boolean"], "results": results, **why}
    labelled = _labelled(results, headings)
    found: dict[str, Any] = {"table": labelled, "results": results, **why}
    if operation == "cite":
        found["notes"] = footnotes(service, results["oxus"]["citations"][: len(labelled.rows)])
    return found


def _shown_graph(triples: list[TermTriple]) -> dict[str, Any]:
    """A graph as a table; one about a single thing without the column that would repeat it."""
    subjects = {triple[0]["value"]: triple[0] for triple in triples if triple[0]["type"] != "triple"}
    results = as_results(triples)
    if len(subjects) != 1:
        return {"table": _labelled(results)}
    results["head"]["vars"].remove("subject")
    (subject,) = subjects.values()
    return {"table": _labelled(results), "subject": cell(subject, current_service().labels(iris([subject])))}


def _labelled(results: Mapping[str, Any], headings: Mapping[str, str] | None = None) -> Table:
    service = current_service()
    most = min(service.settings.page_rows, max(1, PAGE_CELLS // max(1, len(results["head"]["vars"]))))
    return table(results, service.labels(iris(terms_shown(results, most))), most, headings)


def _triples(lines: bytes) -> list[TermTriple]:
    found = ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)
    return [(encoded(quad.subject), encoded(quad.predicate), encoded(quad.object)) for quad in found]


def encoded(term: Any) -> Term:
    """A term as SPARQL results JSON writes it."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = zip(("subject", "predicate", "object"), term, strict=True)
        return {"type": "triple", "value": {name: encoded(part) for name, part in parts}}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _reading_order(triple: TermTriple) -> tuple[str, bool, str, str]:
    subject, predicate, value = (str(term["value"]) for term in triple)
    return subject, not predicate.endswith("#type"), predicate, value
