"""`/`: what this is, what is in it, how to ask. All that is said of the subject comes from the data and the queries."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for

from kg.engine.guard import QueryForm
from kg.errors import QueryError, ServiceBusyError
from kg.pictures.lanes import Entry, entries
from kg.pictures.subject import Subject
from kg.queries.canned import families, in_order
from kg.queries.declarations import CannedQuery, QueryKind
from server import distributions, errors, pages, pictures, schema_org, showcase
from server.cells import Cell, cell, iris
from server.exchange import current_exchange
from server.footnotes import Note, footnotes
from server.languages import current_language
from server.negotiation import HTML, NothingAcceptableError, choose
from server.offers import GRAPH
from server.pictures import Picture
from server.service import Question, Service, current_service

blueprint = Blueprint("home", __name__)

EXAMPLES_TRIED = 6
ROWS_TRIED = 3
EXAMPLE_TIMEOUT_S = 3.0
NOTES_SHOWN = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawn:
    """The answer to a canned query as it is drawn, and what is drawn by area, in words."""

    query: CannedQuery
    picture: Picture
    areas: Mapping[str, Sequence[Entry]]


@dataclass(frozen=True)
class Example:
    """One row of one answer, and the passages that it rests on."""

    query: CannedQuery
    facts: tuple[tuple[str, Cell], ...]
    notes: tuple[Note, ...]


@blueprint.get("/")
def show() -> Response:
    """The home page; to programs that want RDF, 303 to what the dataset says of itself: its IRI leads here."""
    if (told := _in_rdf()) is not None:
        return told
    service, language = current_service(), current_language()
    try:
        example = service.kept("example", lambda: _example(service), by_language=True)
        picture = service.kept(f"picture {request.script_root}", lambda: _picture(service), by_language=True)
    except ServiceBusyError:
        example, picture, current_exchange().momentary = None, None, True
    asked = sorted(service.queries(language).values(), key=in_order)
    questions = showcase.questions(service)
    by_family = {name: showcase.entries(members, questions) for name, members in families(asked).items()}
    dumps = service.served.dumps
    # rdflib reads no RDF 1.2; and the ontology is Turtle as well, but the data are more.
    turtle = [name for name, dump in dumps.items() if dump.entry.type == "text/turtle"]
    snippet = max(turtle, key=lambda name: dumps[name].entry.bytes, default=None)
    page = pages.render(
        "home.html",
        families=by_family,
        tries=showcase.to_try(by_family),
        queries=asked,
        documents=showcase.documents(service),
        disagreement=showcase.disagreement(service),
        examples=showcase.names(service),
        example=example,
        picture=picture,
        snippet=snippet,
        dumps=dumps,
        contents={name: distributions.described_as(service, name) for name in dumps},
        linked_data=schema_org.of_dataset(service),
    )
    return _described(page)


@blueprint.get("/problems")
def problems() -> Response:
    """Every kind of error and what to do about it: where the `type` of a problem document leads."""
    return pages.render("problems.html", problems=errors.PROBLEMS)


def _in_rdf() -> Response | None:
    """303 to the dataset's description, if the client would rather have that; None if not, or if it takes neither."""
    try:
        offer = choose((HTML, *GRAPH[:-1]), request.headers.get("Accept")).offer
    except NothingAcceptableError:
        return None
    if offer is HTML:
        return None
    return _described(redirect(url_for("catalogue.description", format=offer.name), 303))  # type: ignore[arg-type]


def _described(response: Response) -> Response:
    response.vary.add("Accept")
    response.headers["Link"] = f'<{url_for("catalogue.description")}>; rel="describedby"'
    return response


def _picture(service: Service) -> Drawn | None:
    """The first canned query that draws its answer in lanes, with its default parameters; None if there is none.

    Raises: ServiceBusyError if it cannot be drawn now.
    """
    for query in service.queries(current_language()).values():
        if query.chart is not None and query.chart.kind == "lanes":
            try:
                results = service.results(Question(query.text, QueryForm.SELECT))
                address = url_for("queries.show", slug=f"{query.slug}.vl.json")
                drawn = pictures.of_query(query, results, address)
            except ServiceBusyError:
                raise
            except QueryError as error:
                log.warning("no picture from %s: %s", query.slug, error)
                continue
            if drawn and drawn.failure:
                raise ServiceBusyError(drawn.failure, limit="pictures")  # another visitor may be luckier
            if drawn:
                return Drawn(
                    query,
                    drawn,
                    entries(
                        Subject(query.chart, results["results"]["bindings"], query.title, language=current_language())
                    ),
                )
    return None


def _example(service: Service) -> Example | None:
    """A row of the first canned query whose citations lead to a passage; None if the data cite none."""
    queries = [query for query in service.queries(current_language()).values() if query.form is QueryKind.SELECT]
    for query in sorted(queries, key=in_order)[:EXAMPLES_TRIED]:
        try:
            found = _cited_row(service, query)
        except ServiceBusyError:
            raise
        except QueryError as error:
            log.warning("no example from %s: %s", query.slug, error)
            continue
        if found:
            return found
    return None


def _cited_row(service: Service, query: CannedQuery) -> Example | None:
    question = Question(query.text, QueryForm.SELECT, timeout_s=EXAMPLE_TIMEOUT_S)
    results = service.results(question, "cite")
    pairs = zip(results["results"]["bindings"], results["oxus"]["citations"], strict=True)
    # The fullest row tells most.
    for row, cited in sorted(pairs, key=lambda pair: -len(pair[0]))[:ROWS_TRIED]:
        notes = tuple(note for note in footnotes(service, [cited]).notes if note.gist)[:NOTES_SHOWN]
        if notes:
            labels = service.labels(iris(row.values()))
            facts = ((column.label, cell(row[column.name], labels)) for column in query.columns if column.name in row)
            return Example(query, tuple(facts), notes)
    return None
