"""`/conflicts`: where sources disagree, err or are unclear, and what was decided, as a page, JSON, CSV or RDF.

Reading the judgements is left to `server.judgements`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from kg.errors import NotFoundError, QueryParameterError
from kg.namespaces import ONTOLOGY, compact
from server import arguments, bodies, pages
from server.admission import admit
from server.arguments import Arguments
from server.cells import Cell, cell, iris
from server.conflict_files import as_csv, as_json, as_rdf
from server.footnotes import Note, notes_on
from server.judgements import FACETS, VERDICTS, Facet, Judgement, Reading, all_judgements, chosen
from server.negotiation import HTML, Choice, Offer, choose
from server.offers import GRAPH, content_type
from server.service import Service, current_service
from server.wording import gettext

blueprint = Blueprint("conflicts", __name__)

JSON, CSV = Offer("json", "application/json"), Offer("csv", "text/csv")
OFFERS = (JSON, CSV, *GRAPH)
FILES = tuple(offer.name for offer in OFFERS if offer is not HTML)
ON_A_PAGE = 20


@dataclass(frozen=True)
class Shown:
    """One reading as the page shows it: its statements in cells, and its passage."""

    reading: Reading
    note: Note
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Side:
    """One judgement as the page shows it."""

    judgement: Judgement
    kind: str
    certainty: str
    readings: tuple[Shown, ...]
    concerns: tuple[Cell, ...]
    rests_on: tuple[Note, ...]


@blueprint.get("/conflicts")
@blueprint.get("/conflicts.<suffix>")
def show(suffix: str | None = None) -> Response:
    """The judgements that fit the filters; `kind`, `certainty`, `verdict`, `document` and `entity` may repeat.

    A page has 20 of them, which `page` counts; a file has all.
    """
    given = arguments.in_url(request)
    service = current_service()
    format_name = given.one("format")
    if suffix is not None:
        names = [offer.name for offer in OFFERS]
        if suffix not in names:
            raise NotFoundError(f"conflicts cannot be had as .{suffix[:20]}", suggestions=names)
        if format_name is not None:
            raise BadRequest(f"the format is given twice: by .{suffix} and by format={format_name}")
        format_name = suffix
    choice = choose(OFFERS, request.headers.get("Accept"), format_name)
    admit("canned")
    every = all_judgements(service)
    on_page = choice.offer is HTML
    if "page" in given and not on_page:
        message = f"page goes with the HTML page; as {choice.offer.name} all judgements come at once: leave page out"
        raise QueryParameterError(message, parameter="page")
    facets, found = chosen(every, given, ("format", "page") if on_page else ("format",))
    if on_page:
        response = _page(service, facets, found, len(every), given)
        response.vary.add("Accept")
        return response
    response = _file(service, found, choice, "conflicts")
    response.vary.add("Accept")
    return response


@blueprint.get("/conflicts/<slug>")
def judgement(slug: str) -> Response:
    """One judgement with all that its readings state."""
    service = current_service()
    known = {each.slug: each for each in all_judgements(service)}
    if slug not in known:
        near = difflib.get_close_matches(slug, known, n=3, cutoff=0.4)
        raise NotFoundError(f"no judgement {slug[:80]!r}", suggestions=near or list(known)[:5])
    found = known[slug]
    format_name = arguments.in_url(request).one("format")
    choice = choose(OFFERS, request.headers.get("Accept"), format_name)
    if choice.offer is HTML:
        response = pages.render("judgement.html", side=sides(service, [found])[0], formats=FILES)
    else:
        response = _file(service, [found], choice, slug)
    response.vary.add("Accept")
    return response


def _file(service: Service, found: Sequence[Judgement], choice: Choice, name: str) -> Response:
    if choice.offer is JSON:
        judgements = [as_json(judgement) for judgement in found]
        response = bodies.of_json({"version": service.served.manifest.version, "judgements": judgements})
    elif choice.offer is CSV:
        response = bodies.of_text(as_csv(service, found), "text/csv; charset=utf-8; header=present")
    else:
        response = bodies.of_text(as_rdf(service, found, choice.offer.name), content_type(choice))
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{choice.offer.name}"'
    return response


def _page(
    service: Service, facets: Sequence[Facet], found: Sequence[Judgement], total: int, given: Arguments
) -> Response:
    last = max(-(-len(found) // ON_A_PAGE), 1)
    number = _number(given.one("page"), last)
    values = {name: filled for name in FACETS if (filled := [one for one in given.all(name) if one.strip()])}
    return pages.render(
        "conflicts.html",
        facets=facets,
        options=_options(service, facets),
        sides=sides(service, found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]),
        matching=len(found),
        total=total,
        tally={name: sum(_touches(each, verdict) for each in found) for verdict, name in VERDICTS.items()},
        formats=FILES,
        values=values,
        number=number,
        last=last,
    )


def _number(text: str | None, last: int) -> int:
    """Which page is asked for.

    Raises: QueryParameterError.
    """
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= last):
        message = f"page is {text[:80]!r}; there are the pages 1 to {last}"
        raise QueryParameterError(message, parameter="page", suggestions=[str(last)])
    return int(text)


def _options(service: Service, facets: Sequence[Facet]) -> dict[str, list[tuple[str, str, str]]]:
    """What each filter can be set to: as it is sent, as it is called, its IRI."""
    labels = service.kept(
        "facets",
        lambda: service.labels(sorted({iri for facet in facets for iri in facet.values})),
        by_language=True,
    )
    return {
        facet.name: sorted(((compact(iri), _title(iri, labels), iri) for iri in facet.values), key=lambda one: one[1])
        for facet in facets
    }


def sides(service: Service, found: Sequence[Judgement]) -> list[Side]:
    """Judgements as pages show them, with all that their readings state."""
    passages = [reading.passage for each in found for reading in each.readings]
    notes = notes_on(service, dict.fromkeys([*passages, *(iri for each in found for iri in each.rests_on)]))
    terms = [term for each in found for reading in each.readings for triple in reading.triples for term in triple]
    named = {iri for each in found for iri in (*each.concerns, each.kind, each.certainty)}
    labels = service.labels(sorted({*iris(terms), *named}))
    return [_side(each, notes, labels) for each in found]


def _touches(judgement: Judgement, verdict: str) -> bool:
    return any(reading.verdict.endswith("#" + verdict) for reading in judgement.readings)


def _title(iri: str, labels: Mapping[str, str]) -> str:
    if iri.startswith(ONTOLOGY):
        name = iri.rpartition("#")[2]
        return gettext(VERDICTS[name]) if name in VERDICTS else labels.get(iri, name)
    return labels.get(iri, compact(iri))


def _side(judgement: Judgement, notes: Mapping[str, Note], labels: Mapping[str, str]) -> Side:
    return Side(
        judgement,
        _title(judgement.kind, labels),
        _title(judgement.certainty, labels),
        tuple(
            Shown(each, notes[each.passage], tuple(tuple(cell(t, labels) for t in triple) for triple in each.triples))
            for each in judgement.readings
        ),
        tuple(cell({"type": "uri", "value": iri}, labels) for iri in judgement.concerns),
        tuple(notes[iri] for iri in judgement.rests_on),
    )
