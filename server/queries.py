"""`/queries`: the canned queries as a catalogue, and each as a page, a file or an API.

`kg.queries.canned` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from kg.build.views import VIEW_PARAMETERS
from kg.engine.formats import format_of_suffix
from kg.engine.guard import QueryForm
from kg.errors import NotFoundError, QueryError, QueryParameterError
from kg.queries.canned import dated_queries, families, find_query
from kg.queries.declarations import CannedQuery, QueryKind
from kg.queries.header import AT, RESERVED
from kg.queries.parameters import bind, write_value
from kg.queries.variants import variants
from server import answers, arguments, asked, bodies, errors, pages, picks, pictures, reasons, schema_org, showcase
from server.admission import admit
from server.arguments import Arguments
from server.languages import chosen_language, current_language
from server.negotiation import HTML, Choice, NothingAcceptableError, Offer, choose
from server.offers import CITED, PICTURES, TABLES
from server.service import Question, current_service
from server.tracing import languages, row_of, wants_citations

blueprint = Blueprint("queries", __name__)

CATALOGUE = (Offer("json", "application/json"), HTML)
EXPORTED = ("csv", "xlsx", "parquet")
"""The formats for tables to take away: a label stands beside each IRI."""
UNDERSTOOD = frozenset({"format", "cite", "timeout", "version", "lang", "row", reasons.EXPLAIN, *VIEW_PARAMETERS})
"""The reserved parameters that this version does something with; the others are refused rather than ignored."""


@blueprint.get("/queries")
def catalogue() -> Response:
    """Every canned query whose words are those of `q`, all without it; as JSON of a fixed shape or as a page."""
    service, given = current_service(), arguments.in_url(request)
    choice = choose(CATALOGUE, request.headers.get("Accept"), given.one("format"))
    words, questions = given.one("q") or "", showcase.questions(service)
    # A page is in the reader's language, what a program gets in that which its address names.
    language = current_language() if choice.offer is HTML else chosen_language()
    queries = showcase.about(words, service.queries(language).values(), questions)
    if choice.offer is HTML:
        total = len(service.served.queries)
        response = pages.render(
            "queries.html",
            families=families(queries),
            questions=questions,
            words=words,
            found=len(queries),
            total=total,
        )
    else:
        described = [_described(query) for query in queries]
        response = bodies.of_json({"version": service.served.manifest.version, "queries": described})
    response.vary.add("Accept")
    return response


@blueprint.get("/queries/<slug>")
def show(slug: str) -> Response:
    """One canned query, its parameters in the address, its format by suffix, `format` or Accept."""
    given = arguments.in_url(request)
    query, format_name = _found(slug, given)
    try:
        return _answered(query, given, format_name)
    except QueryError as error:
        if not answers.page_wanted(_offers(query, given), format_name):
            raise
        report = errors.report_of(error)
        page = _page(query, given, **report.shown)
        return errors.with_status(page, report)


@blueprint.get("/queries/<slug>/ask")
def ask(slug: str) -> AnyResponse:
    """Where the form of a page goes: on to the permanent address, without the fields that were left empty."""
    query = find_query(current_service().served.queries, slug)
    given = arguments.in_url(request)
    filled = {name: [value for value in values if value.strip()] for name, values in given.values.items()}
    query_string = urlencode({name: values for name, values in filled.items() if values}, doseq=True)
    return redirect(url_for("queries.show", slug=query.slug) + (f"?{query_string}" if query_string else ""), 303)


def _offers(query: CannedQuery, given: Arguments) -> tuple[Offer, ...]:
    """What the answer can be had as; with citations it is other formats."""
    if query.form is QueryKind.SELECT:
        if given.first("cite") == "true":
            return CITED
        return (*TABLES, *PICTURES) if query.chart else TABLES
    return answers.offers(QueryForm[query.form.name])


def _found(slug: str, given: Arguments) -> tuple[CannedQuery, str | None]:
    """The query of a path's last part, and the format that its suffix or the parameter names."""
    format_name = given.one("format")
    queries = current_service().queries(chosen_language())
    stem, dot, suffix = (
        slug.removesuffix(".json").rpartition(".") if slug.endswith(".vl.json") else slug.rpartition(".")
    )
    if not dot:
        return find_query(queries, slug), format_name
    query = find_query(queries, stem)
    format = format_of_suffix(suffix)
    name = suffix if format is None else format.name
    known = [offer.name for offer in _offers(query, given)]
    if name not in known:
        suggestions = [f"{query.slug}.{name}" for name in known]
        raise NotFoundError(
            f"{query.slug} cannot be had as .{suffix}{_why_no_picture(query, name)}", suggestions=suggestions
        )
    if format_name is not None:
        raise BadRequest(f"the format is given twice: by .{suffix} and by format={format_name}")
    return query, name


def _answered(query: CannedQuery, given: Arguments, format_name: str | None) -> Response:
    question = question_of(query, given)
    cite = wants_citations(given, question.form)
    if row_of(given) is not None:
        if not cite:
            raise QueryParameterError("row goes with cite=true", parameter="row")
        question = replace(question, extra={**question.extra, "row": row_of(given)})
    choice = _chosen(query, given, format_name)
    if choice.offer is HTML:
        response = _page(query, given, question=question, cite=cite)
        asked.link(response, asked.canned(query.slug, given), question.query)
        return response
    if choice.offer in PICTURES and query.chart:
        headings = {column.name: column.label for column in query.columns}
        response = pictures.answer(question, choice, query.chart, query.title, headings, query.slug)
        asked.link(response, asked.canned(query.slug, given), question.query)
        return response
    table = choice.offer.name in EXPORTED and query.form is QueryKind.SELECT
    operation = "cite" if cite else "export" if table else "query"
    explain = reasons.wants(given, reasons.EXPLAIN)
    if explain:
        reasons.check_json(choice.offer.name)
    response = answers.data(question, choice, operation, f"{query.slug}.{choice.offer.name}", explain=explain)
    if table:
        response.vary.add("Accept-Language")
    asked.link(response, asked.canned(query.slug, given), question.query)
    return response


def _chosen(query: CannedQuery, given: Arguments, format_name: str | None) -> Choice:
    offers = _offers(query, given)
    try:
        return choose(offers, request.headers.get("Accept"), format_name)
    except NothingAcceptableError as error:
        if why := _why_no_picture(query, format_name or ""):
            raise NothingAcceptableError(f"{error}{why}", offers) from None
        raise


def _why_no_picture(query: CannedQuery, name: str) -> str:
    """Why a picture that is asked for is none that there is; nothing if something else is asked for."""
    if name not in [offer.name for offer in PICTURES]:
        return ""
    return ": a picture has no citations" if query.chart else ": its header declares no chart"


def question_of(query: CannedQuery, given: Arguments) -> Question:
    """What a canned query asks with these parameters, and how its table is to be labelled.

    Raises: QueryParameterError; ClientLimitError if the client has used up its share.
    """
    admit("canned")
    extra: dict[str, object] = {
        "labelled": query.labelled,
        "types": query.types,
        "languages": languages(given),
        "about": {
            "title": query.title,
            "description": query.description,
            "query": query.slug,
            "address": _permalink(query, given),
            "version": current_service().served.manifest.version,
        },
    }
    form = QueryForm[query.form.name]
    extra |= answers.view(given)
    text = _bound(query, given)
    parameters = variants(query, _values(query, given))
    return Question(text, form, timeout_s=answers.timeout(given), extra=extra, parameters=parameters)


def _permalink(query: CannedQuery, given: Arguments) -> str:
    return pages.address(f"queries/{query.slug}", arguments=_told(query, given))


def _bound(query: CannedQuery, given: Arguments) -> str:
    version = current_service().served.manifest.version
    if (wanted := given.one("version")) not in (None, version, "latest"):
        raise QueryParameterError(f"version {wanted!r} is not served here", parameter="version", suggestions=[version])
    for name in given.without(*UNDERSTOOD):
        if name == AT and not query.takes_at:
            dated = dated_queries(current_service().served.queries.values())
            message = f"{query.slug} does not depend on a day; these do: {', '.join(dated) or 'none'}"
            raise QueryParameterError(message, parameter=name, suggestions=dated)
        if name in RESERVED and name != AT:
            raise QueryParameterError(f"{name!r} is reserved, and this version does nothing with it", parameter=name)
    picks.check(query, given)
    return bind(query, _values(query, given))


def _values(query: CannedQuery, given: Arguments) -> dict[str, list[str]]:
    """What is given for the query's own parameters."""
    return given.without(*(RESERVED - {AT} if query.takes_at else RESERVED))


def _told(query: CannedQuery, given: Arguments) -> dict[str, list[str]]:
    """What an address must repeat to lead to the same answer: the parameters, and the view that is asked."""
    return _values(query, given) | {name: given.all(name) for name in VIEW_PARAMETERS if name in given}


def _page(
    query: CannedQuery, given: Arguments, question: Question | None = None, cite: bool = False, **context: Any
) -> Response:
    query = current_service().queries(current_language())[query.slug]
    if question is not None:
        headings = {column.name: column.label for column in query.columns}
        context |= answers.shown(question, headings, "cite" if cite else "query")
        context["why"] = reasons.shown(context.get("why"), (query.slug, _told(query, given)))
        if "table" in context and query.chart:
            values = {name: each for name, each in _told(query, given).items()}
            specification = url_for("queries.show", slug=f"{query.slug}.vl.json", **values)  # type: ignore[arg-type]
            context["picture"] = pictures.of_query(query, context["results"], specification)
    values = _values(query, given)
    formats = [offer for offer in _offers(query, given) if offer is not HTML]
    response = pages.render(
        "query.html",
        query=query,
        questions=showcase.questions(current_service()).get(query.slug, []),
        fields=[picks.field_of(parameter, values.get(parameter.name)) for parameter in query.params],
        values=_told(query, given),
        view={name: given.first(name) or "" for name in VIEW_PARAMETERS},
        documents=picks.documents(),
        formats=formats,
        linked_data=schema_org.of_query(current_service(), query, formats),
        permalink=_permalink(query, given),
        cite=cite,
        cite_as=asked.cite_as(asked.canned(query.slug, given), question.query) if question else "",
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
        described["options"] = pages.address(
            f"queries/{parameter.options}.json", arguments=dict(parameter.options_with)
        )
    return described
