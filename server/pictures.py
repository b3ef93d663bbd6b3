"""Pictures of answers over HTTP: in pages, as files, as specifications. How they look is `kg.pictures`' to say.

They are drawn in a process of their own, which begins with the first of them.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, Response, current_app
from markupsafe import Markup, escape

from kg.errors import QueryError, QueryParameterError
from kg.pictures.process import Drawer
from kg.pictures.subject import WIDTH, Subject, iris_in
from kg.queries.declarations import CHARTS, CannedQuery, Chart
from server import bodies, pages
from server.arguments import Arguments
from server.cells import Label
from server.exchange import current_exchange
from server.languages import ENGLISH, current_language
from server.negotiation import Choice
from server.service import Question, current_service
from server.wording import gettext, marked

EXTENSION = "oxus.drawer"
MOST_ROWS = 2000
"""Of an answer, that a picture is made of; each kind draws fewer, and says so."""
MOST_RESULT_BYTES = 4_000_000
KINDS = {
    "timeline": marked("Timeline"),
    "lanes": marked("Lanes"),
    "bar": marked("Bars"),
    "network": marked("Network"),
    "map": marked("Map"),
}
ROLES = (
    marked("the first instant"),
    marked("the last instant"),
    marked("the label"),
    marked("the date as EDTF"),
    marked("its end"),
    marked("the thing"),
    marked("the area"),
    marked("from or until"),
    marked("what is counted"),
    marked("the number"),
    marked("one thing"),
    marked("another"),
    marked("how strongly they are tied"),
    marked("degrees north"),
    marked("degrees east"),
)
"""What the columns of a chart are, as `CHARTS` has them: here to be translated."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """A kind of picture in the reader's language, with what it must read and may read."""

    name: str
    label: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]


def kinds() -> list[Kind]:
    """Every kind of picture."""
    return [
        Kind(name, gettext(KINDS[name]), tuple(map(gettext, needed)), tuple(map(gettext, optional)))
        for name, (needed, optional) in CHARTS.items()
    ]


@dataclass(frozen=True)
class Picture:
    """What a page shows: an SVG and what it leaves out in sentences, or why there is none."""

    svg: Markup
    notes: tuple[str, ...] = ()
    failure: str = ""
    specification: str = ""
    """The address of the picture as Vega-Lite, if it has one."""


def register(app: Flask) -> None:
    """Adds what draws; its process begins with the first picture and ends with the application."""
    app.extensions[EXTENSION] = Drawer()


def inline(
    kind: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str,
    labels: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    width: int = WIDTH,
    id: str = "picture",
    specification: str = "",
) -> Picture | None:
    """The picture of some rows (terms as SPARQL results JSON has them, or texts and numbers) to stand in a page.

    None if there is nothing to draw. IRIs become links to their pages. `id` begins the ids in it.
    """
    chart = Chart(kind, tuple(columns))
    subject = Subject(chart, rows[:MOST_ROWS], title, headings=headings or {}, width=width, language=current_language())
    found = iris_in(subject)
    try:
        names = current_service().labels(found) if labels is None else dict(labels)
        links = {iri: pages.link_of(iri) for iri in found}
        drawn = json.loads(_drawn(replace(subject, names=names, links=links), "inline", id))
    except QueryError as error:
        log.warning("no picture of %r: %s", title, error)
        current_exchange().momentary = True
        return Picture(Markup(), failure=pages.sentence(error.message))
    if drawn["empty"]:
        return None
    # Sentences in a picture are English, whatever the page is in; a name says its language where that is another.
    svg = drawn["svg"].replace("<svg ", f'<svg lang="{ENGLISH}" ', 1)
    for iri, name in names.items():
        if isinstance(name, Label) and name.language != ENGLISH and iri in links:
            address = f'href="{escape(links[iri])}"'
            svg = svg.replace(address, f'{address} lang="{escape(name.language)}"')
    # Made by Vega from texts, parsed and written again as XML.
    return Picture(Markup(svg), tuple(drawn["notes"]), specification=specification)  # noqa: S704


def of_query(query: CannedQuery, results: Mapping[str, Any], specification: str = "") -> Picture | None:
    """The picture of a canned query's answer for its page; None if it declares none or there is nothing to draw."""
    if query.chart is None:
        return None
    headings = {column.name: column.label for column in query.columns}
    rows, chart = results["results"]["bindings"], query.chart
    return inline(chart.kind, chart.columns, rows, title=query.title, headings=headings, specification=specification)


def answer(
    question: Question, choice: Choice, chart: Chart, title: str, headings: Mapping[str, str], name: str
) -> Response:
    """The picture of an answer as a file: svg, png or vl.

    Raises: QueryParameterError if the chart reads columns that the answer has not.
    """
    service = current_service()
    results = service.results(question, "query", MOST_RESULT_BYTES)
    if fault := chart.fault(results["head"]["vars"]):
        raise QueryParameterError(fault, parameter="columns", suggestions=results["head"]["vars"])
    subject = Subject(
        chart, results["results"]["bindings"][:MOST_ROWS], title, headings=headings, language=current_language()
    )
    found = iris_in(subject)
    format_name = choice.offer.name
    subject = replace(
        subject,
        names=service.labels(found),
        links={iri: iri for iri in found},
        pages={iri: pages.link_of(iri) for iri in found} if format_name == "vl" else {},
    )
    response = bodies.collected([_drawn(subject, format_name)], compresses=format_name != "png")
    response.content_type = choice.media_type
    if name:
        suffix = "vl.json" if format_name == "vl" else format_name
        response.headers["Content-Disposition"] = f'inline; filename="{name}.{suffix}"'
    response.vary.add("Accept")
    response.vary.add("Accept-Language")  # of names and dates
    return response


def chart_in(given: Arguments) -> Chart | None:
    """The chart that a request to /sparql asks for; None if it asks for none.

    Raises: QueryParameterError naming the kinds, or the columns that a kind needs.
    """
    kind, columns = given.one("chart"), given.one("columns")
    if kind is None:
        if columns is not None:
            raise QueryParameterError("columns goes with chart", parameter="columns")
        return None
    if kind not in CHARTS:
        message = f"there is no chart {kind[:80]!r}; there are {', '.join(CHARTS)}"
        raise QueryParameterError(message, parameter="chart", suggestions=list(CHARTS))
    names = tuple(name.strip().removeprefix("?") for name in (columns or "").split(",") if name.strip())
    chart = Chart(kind, names)
    if fault := chart.fault(names):
        raise QueryParameterError(fault, parameter="columns")
    return chart


def _drawn(subject: Subject, format_name: str, mark: str = "picture") -> bytes:
    drawer: Drawer = current_app.extensions[EXTENSION]
    began = time.monotonic()
    try:
        return drawer.draw(subject, format_name, mark)
    finally:
        # Drawing is work for whoever asks, as answering is: it counts among what a client may have.
        current_exchange().worker_s += time.monotonic() - began
