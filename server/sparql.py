"""`/sparql`: the SPARQL 1.1 Protocol for queries, a service description, and a page to write a query on.

Spec: https://www.w3.org/TR/sparql11-protocol/ (section numbers below are its); of https://www.w3.org/TR/sparql12-protocol/
the method QUERY (RFC 10008) and the parameter `version`. What a query may do is the guard's to
say, running it is the pool's, and writing the answer is left to `server.answers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, request, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from kg.engine.guard import QueryForm, decode_query, judge
from kg.errors import QueryError, QueryParameterError, QueryRefusedError
from kg.queries.canned import dated_queries, families
from kg.queries.declarations import CHARTS, Chart
from kg.queries.header import AT
from server import answers, arguments, asked, bodies, description, errors, pages, pictures, reasons
from server.admission import admit
from server.arguments import Arguments
from server.exchange import current_exchange
from server.languages import current_language
from server.negotiation import HTML, Offer, choose
from server.offers import CITED, GRAPH, PICTURES, RESULTS, content_type, format_of
from server.service import Question, current_service
from server.tracing import wants_citations
from server.wording import gettext, marked

blueprint = Blueprint("sparql", __name__)

UPDATE = "application/sparql-update"
LINTED = (Offer("json", "application/json", ("application/sparql-results+json", "text/json")), HTML)
"""What the remarks of lint can be had as."""


NO_CHART = "a picture of a query of your own is of a SELECT without cite, and needs chart=, a kind, and columns=a,b,c"


ANSWER = marked("Answer")


class QueryTypeError(UnsupportedMediaType):
    """415 that says what can be sent."""

    accept_post = arguments.QUERY_TYPES


@dataclass(frozen=True)
class Operation:
    """One query as the protocol carries it: its text and the parameters beside it."""

    query: str
    beside: Arguments


@blueprint.route("/sparql", methods=["GET", "POST", "QUERY"])
def endpoint() -> Response:
    """One query operation (2.1), or at the bare address what this service is (Service Description 1.1, 2)."""
    operation = operation_in(request)
    if operation is None:
        return _described()
    try:
        return _answered(operation)
    except QueryError as error:
        if not answers.page_wanted(RESULTS, operation.beside.first("format")):
            raise
        # A person gets the query back, to mend it.
        report = errors.report_of(error)
        return errors.with_status(_page(query=operation.query, **report.shown), report)


def operation_in(request: Request) -> Operation | None:
    """The query that a request carries; None where it asks for nothing."""
    return _in_body(request) if request.method in ("POST", "QUERY") else _in_address(request)


def _in_address(request: Request) -> Operation | None:
    """2.1.1: the query in the address; None where there is nothing at all, or only a format."""
    given = arguments.in_url(request)
    _refuse_update(given)
    query = given.one("query")
    if query is not None:
        return Operation(query, given)
    if given.without("format"):
        raise BadRequest("there is no parameter 'query'")
    return None


def _in_body(request: Request) -> Operation:
    """2.1.2 and 2.1.3: the query in a form, or as the body itself with its parameters in the address."""
    in_url = arguments.in_url(request)
    _refuse_update(in_url)
    if request.mimetype == UPDATE:
        raise _update_refused()
    if request.mimetype not in (arguments.FORM, arguments.QUERY):
        sent = f"a body of type {request.mimetype}" if request.mimetype else "a body without a Content-Type"
        raise QueryTypeError(f"{sent} is not taken here: send {QueryTypeError.accept_post}")
    arguments.check_charset(request)
    if "query" in in_url:
        raise BadRequest("the parameter 'query' is in the address and there is a body too: send the query once")
    if request.mimetype == arguments.QUERY:
        return Operation(decode_query(request.get_data()), in_url)
    in_body = arguments.in_body(request)
    _refuse_update(in_body)
    query = in_body.one("query")
    if query is None:
        raise BadRequest("there is no parameter 'query' in the body")
    return Operation(query, in_body)


def _refuse_update(given: Arguments) -> None:
    if "update" in given:
        raise _update_refused()


def _update_refused() -> QueryRefusedError:
    return QueryRefusedError("updates are not taken: this service only reads")


def question_in(operation: Operation) -> Question:
    """What an operation asks.

    Raises: QueryError for what the guard refuses, and for a day; ClientLimitError if the client has used up its share.
    """
    admit("own")
    current_exchange().query = operation.query
    beside = operation.beside
    _refuse_day(beside)
    beside.one("version")  # of SPARQL: the engine understands 1.1 and 1.2 alike
    settings = current_service().settings
    services = settings.callable_services
    judged = judge(operation.query, settings.query_limits, services.iris if services else ())
    # 2.1.4: with either parameter the request describes the whole dataset, and FROM counts no more.
    graphs = [tuple(beside.all(name)) for name in ("default-graph-uri", "named-graph-uri")]
    default_graphs, named_graphs = graphs if any(graphs) else (None, None)
    return Question(
        operation.query,
        judged.form,
        default_graphs,
        named_graphs,
        answers.timeout(beside),
        extra=answers.view(beside),
        federated=judged.calls,
        momentary=judged.momentary,
    )


def _refuse_day(given: Arguments) -> None:
    """Other parameters that mean nothing here are ignored; a day that did nothing would be an answer about another."""
    if AT in given:
        dated = dated_queries(current_service().served.queries.values())
        message = f"a query of your own says in its text what day it is about; {AT} is for {', '.join(dated) or 'none'}"
        raise QueryParameterError(message, parameter=AT, suggestions=dated)


def _answered(operation: Operation) -> Response:
    beside = operation.beside
    question = question_in(operation)
    if reasons.wants(beside, reasons.LINT):
        return _linted(operation, question)
    explain = reasons.wants(beside, reasons.EXPLAIN)
    cite = wants_citations(beside, question.form)
    offered = CITED if cite else answers.offers(question.form)
    chart = pictures.chart_in(beside)
    if chart is not None and not cite and question.form is QueryForm.SELECT:
        offered = (*offered, *PICTURES)
    elif beside.first("format") in [offer.name for offer in PICTURES]:
        raise QueryParameterError(NO_CHART, parameter="chart", suggestions=list(CHARTS))
    # SPARQLWrapper sends format=tsv and format=text/tab-separated-values, for different servers to take their pick.
    choice = choose(offered, request.headers.get("Accept"), beside.first("format"))
    how = "cite" if cite else "query"
    cited = asked.free(operation.query, beside)
    if chart is not None and choice.offer in PICTURES:
        response = pictures.answer(question, choice, chart, beside.one("title") or ANSWER, {}, "answer")
        asked.link(response, cited, operation.query)
        return response
    if choice.offer is not HTML:
        if explain:
            reasons.check_json(choice.offer.name)
        response = answers.data(question, choice, how, explain=explain)
        asked.link(response, cited, operation.query)
        return response
    context = answers.shown(question, operation=how)
    context["why"] = reasons.shown(context.get("why"))
    if question.form is QueryForm.SELECT:
        context |= {"chart": chart, "picture": _picture(chart, context.get("results"), operation)}
    response = _page(
        query=operation.query,
        offered=[offer for offer in offered if offer is not HTML],
        beside=beside.without("query", "format"),
        cite=cite,
        cite_as=asked.cite_as(cited, operation.query),
        **context,
    )
    asked.link(response, cited, operation.query)
    return response


def _picture(chart: Chart | None, results: Mapping[str, Any] | None, operation: Operation) -> pictures.Picture | None:
    """The picture of the answer for the page, if one is asked for.

    Raises: QueryParameterError if the chart reads columns that the answer has not.
    """
    if chart is None or results is None:
        return None
    if fault := chart.fault(results["head"]["vars"]):
        raise QueryParameterError(fault, parameter="columns", suggestions=results["head"]["vars"])
    given = {"query": operation.query, "chart": chart.kind, "columns": ",".join(chart.columns), "format": "vl"}
    address = f"{url_for('sparql.endpoint')}?{pages.query_string(given)}"
    rows = results["results"]["bindings"]
    # The table below it says what the picture is of.
    return pictures.inline(chart.kind, chart.columns, rows, title=gettext(ANSWER), specification=address)


def _linted(operation: Operation, question: Question) -> Response:
    """What is probably wrong with a query, which is not run."""
    choice = choose(LINTED, request.headers.get("Accept"), operation.beside.first("format"))
    found = reasons.linted(question)
    if choice.offer is HTML:
        return _page(query=operation.query, checked=reasons.shown(found))
    response = bodies.of_json(found)
    response.vary.add("Accept")
    return response


def _described() -> Response:
    """What the service is, for programs in RDF; for people the page to write a query on."""
    given = arguments.in_url(request)
    choice = choose(GRAPH, request.headers.get("Accept"), given.first("format"))
    if choice.offer is HTML:
        return _page(query="")
    service = current_service()
    body = description.describe(
        service.settings.endpoint,
        service.settings.url,
        service.dataset,
        format_of(choice),
        federates=service.settings.callable_services is not None,
    )
    response = bodies.of_text(body, content_type(choice))
    response.vary.add("Accept")
    return response


def _page(*, query: str, **context: object) -> Response:
    context["formats"] = [offer for offer in (*RESULTS, *GRAPH) if offer is not HTML]
    service = current_service()
    context["families"] = families(service.queries(current_language()).values())
    context["kinds"] = pictures.kinds()
    # The fewest bytes that an address of this page may have: the query is sent by POST beyond it.
    context["longest"] = service.settings.max_url_kb * 1000
    response = pages.render("sparql.html", query=query, **context)
    response.vary.add("Accept")
    return response
