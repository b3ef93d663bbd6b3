"""`/queries`: the canned queries as a catalogue, and each as a page, a file or an API.

`kg.queries.canned` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from kg.engine.formats import format_of_suffix
from kg.engine.guard import QueryForm
from kg.errors import NotFoundError, QueryError, QueryParameterError
from kg.queries.canned import find_query
from kg.queries.declarations import CannedQuery, QueryKind
from kg.queries.header import RESERVED
from kg.queries.parameters import bind, write_value
from server import answers, arguments, bodies, errors, pages, picks
from server.arguments import Arguments
from server.footnotes import footnotes
from server.negotiation import HTML, Offer, choose
from server.service import Question, current_service

blueprint = Blueprint("queries", __name__)

CATALOGUE = (Offer("json", "application/json"), HTML)
UNDERSTOOD = frozenset({"format", "cite", "timeout", "version"})
"""The reserved parameters that this version does something with; the others are refused rather than ignored."""


@blueprint.get("/queries")
def catalogue() -> Response:
    """Every canned query, as JSON of a fixed shape or as a page."""
    service = current_service()
    choice = choose(CATALOGUE, request.headers.get("Accept"), arguments.in_url(request).one("format"))
    queries = service.served.queries.values()
    if choice.offer is HTML:
        response = pages.render("queries.html", queries=queries)
    else:
        described = [_described(query) for query in queries]
        response = bodies.of_json({"version": service.served.manifest.version, "queries": described})
    response.vary.add("Accept")
    return response


@blueprint.get("/queries/<slug>")
def show(slug: str) -> Response:
    """One canned query, its parameters in the address, its format by suffix, `format` or Accept."""
    given = arguments.in_url(request)
    query, format_name = _found(slug, given.one("format"))
    try:
        return _answered(query, given, format_name)
    except QueryError as error:
        if not _page_wanted(query, format_name):
            raise
        report = errors.report_of(error)
        page = _page(query, given, problem=report.body, help=report.help)
        return errors.with_status(page, report)


@blueprint.get("/queries/<slug>/ask")
def ask(slug: str) -> AnyResponse:
    """Where the form of a page goes: on to the permanent address, without the fields that were left empty."""
    query = find_query(current_service().served.queries, slug)
    given = arguments.in_url(request)
    filled = {name: [value for value in values if value.strip()] for name, values in given.values.items()}
    query_string = urlencode({name: values for name, values in filled.items() if values}, doseq=True)
    return redirect(url_for("queries.show", slug=query.slug) + (f"?{query_string}" if query_string else ""), 303)


def _found(slug: str, format_name: str | None) -> tuple[CannedQuery, str | None]:
    """The query of a path's last part, and the format that its suffix or the parameter names."""
    queries = current_service().served.queries
    stem, dot, suffix = slug.rpartition(".")
    if not dot:
        return find_query(queries, slug), format_name
    query = find_query(queries, stem)
    kind = "graph" if query.form is QueryKind.CONSTRUCT else "results"
    format = format_of_suffix(suffix)
    known = [offer.name for offer in answers.offers(QueryForm[query.form.name])]
    if suffix != "html" and (format is None or format.kind != kind):
        suggestions = [f"{query.slug}.{name}" for name in known]
        raise NotFoundError(f"{query.slug} cannot be had as .{suffix}", suggestions=suggestions)
    if format_name is not None:
        raise BadRequest(f"the format is given twice: by .{suffix} and by format={format_name}")
    return query, suffix if format is None else format.name


def _page_wanted(query: CannedQuery, format_name: str | None) -> bool:
    return answers.page_wanted(answers.offers(QueryForm[query.form.name]), format_name)


def _answered(query: CannedQuery, given: Arguments, format_name: str | None) -> Response:
    form = QueryForm[query.form.name]
    question = Question(_bound(query, given), form, timeout_s=answers.timeout(given))
    choice = choose(answers.offers(form), request.headers.get("Accept"), format_name)
    cite = _wants_citations(given)
    if choice.offer is HTML:
        return _page(query, given, question=question, cite=cite)
    if cite and choice.offer.name != "json":
        raise BadRequest(f"citations come with JSON and with the page, not with {choice.offer.name}: add format=json")
    return answers.data(question, choice, "cite" if cite else "query", f"{query.slug}.{choice.offer.name}")


def _bound(query: CannedQuery, given: Arguments) -> str:
    version = current_service().served.manifest.version
    if (wanted := given.one("version")) not in (None, version, "latest"):
        raise QueryParameterError(f"version {wanted!r} is not served here", parameter="version", suggestions=[version])
    for name in given.without(*UNDERSTOOD):
        if name in RESERVED:
            raise QueryParameterError(f"{name!r} is reserved, and this version does nothing with it", parameter=name)
    picks.check(query, given)
    return bind(query, given.without(*RESERVED))


def _wants_citations(given: Arguments) -> bool:
    value = given.one("cite")
    if value not in (None, "true", "false"):
        message = f"cite is {value[:80]!r} and not true or false"
        raise QueryParameterError(message, parameter="cite", suggestions=["true", "false"])
    return value == "true"


def _page(
    query: CannedQuery, given: Arguments, question: Question | None = None, cite: bool = False, **context: Any
) -> Response:
    service = current_service()
    notes = None
    if question is not None:
        headings = {column.name: column.label for column in query.columns}
        context |= answers.shown(question, headings, "cite" if cite else "query")
        if cite and "table" in context:
            notes = footnotes(service, context["results"]["oxus"]["citations"][: service.settings.page_rows])
    values = given.without(*RESERVED)
    permalink = pages.address(f"queries/{query.slug}", arguments=values)
    formats = [offer for offer in answers.offers(QueryForm[query.form.name]) if offer is not HTML]
    response = pages.render(
        "query.html",
        query=query,
        fields=[picks.field_of(parameter, values.get(parameter.name)) for parameter in query.params],
        values=values,
        formats=formats,
        permalink=permalink,
        cite=cite,
        notes=notes,
        bound=question.query if question else query.text,
        **context,
    )
    response.vary.add("Accept")
    return response


def _described(query: CannedQuery) -> dict[str, Any]:
    """The JSON that others rely on (design §4.5)."""
    described: dict[str, Any] = {
        "slug": query.slug,
        "title": query.title,
        "description": query.description,
        "question": list(query.question),
        "tags": list(query.tags),
        "params": [_parameter(parameter) for parameter in query.params],
        "columns": [{"name": column.name, "type": column.type, "label": column.label} for column in query.columns],
        "href": pages.address(f"queries/{query.slug}"),
    }
    if query.chart:
        described["chart"] = {"kind": query.chart.kind, "columns": list(query.chart.columns)}
    return described


def _parameter(parameter: Any) -> Mapping[str, Any]:
    defaults = [write_value(term) for term in parameter.default or ()]
    default = None if parameter.default is None else defaults if parameter.many else defaults[0]
    described = {"name": parameter.name, "type": parameter.type, "default": default, "label": parameter.label}
    if parameter.options:
        described["options"] = pages.address(f"queries/{parameter.options}.json")
    return described
