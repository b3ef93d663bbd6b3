"""`/conflicts`: where sources disagree, err or are unclear, and what was decided, as a page, JSON, CSV or RDF.

Reading the judgements is left to `server.judgements`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from kg.errors import NotFoundError
from kg.namespaces import ONTOLOGY, compact
from server import arguments, bodies, pages
from server.cells import Cell, cell, iris
from server.conflict_files import as_csv, as_json, as_rdf
from server.footnotes import Note, notes_on
from server.judgements import VERDICTS, Facet, Judgement, Reading, all_judgements, chosen
from server.negotiation import HTML, Offer, choose
from server.offers import GRAPH, content_type
from server.service import Service, current_service

blueprint = Blueprint("conflicts", __name__)

JSON, CSV = Offer("json", "application/json"), Offer("csv", "text/csv")
OFFERS = (JSON, CSV, *GRAPH)


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
    """The judgements that fit the filters; `kind`, `certainty`, `verdict`, `document` and `entity` may repeat."""
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
    every = all_judgements(service)
    facets, found = chosen(every, given)
    if choice.offer is HTML:
        response = _page(service, facets, found, len(every), given.without("format"))
    elif choice.offer is JSON:
        judgements = [as_json(judgement) for judgement in found]
        response = bodies.of_json({"version": service.served.manifest.version, "judgements": judgements})
    elif choice.offer is CSV:
        response = bodies.of_text(as_csv(service, found), "text/csv; charset=utf-8; header=present")
    else:
        response = bodies.of_text(as_rdf(service, found, choice.offer.name), content_type(choice))
    if choice.offer is not HTML:
        response.headers["Content-Disposition"] = f'inline; filename="conflicts.{choice.offer.name}"'
    response.vary.add("Accept")
    return response


def _page(
    service: Service, facets: Sequence[Facet], found: Sequence[Judgement], total: int, values: Mapping[str, list[str]]
) -> Response:
    passages = [reading.passage for each in found for reading in each.readings]
    notes = notes_on(service, dict.fromkeys([*passages, *(iri for each in found for iri in each.rests_on)]))
    terms = [term for each in found for reading in each.readings for triple in reading.triples for term in triple]
    wanted = {
        *iris(terms),
        *(iri for facet in facets for iri in facet.values),
        *(iri for each in found for iri in each.concerns),
    }
    labels = service.labels(sorted(wanted))
    sides = [_side(judgement, notes, labels) for judgement in found]
    tally = {name: sum(_touches(each, verdict) for each in found) for verdict, name in VERDICTS.items()}
    formats = [offer.name for offer in OFFERS if offer is not HTML]
    filled = {name: [value for value in given if value.strip()] for name, given in values.items()}
    filled = {name: given for name, given in filled.items() if given}
    context = {"facets": facets, "sides": sides, "total": total, "tally": tally, "formats": formats, "values": filled}
    options = {
        facet.name: sorted(((compact(iri), _title(iri, labels), iri) for iri in facet.values), key=lambda one: one[1])
        for facet in facets
    }
    return pages.render("conflicts.html", options=options, **context)


def _touches(judgement: Judgement, verdict: str) -> bool:
    return any(reading.verdict.endswith("#" + verdict) for reading in judgement.readings)


def _title(iri: str, labels: Mapping[str, str]) -> str:
    if iri.startswith(ONTOLOGY):
        name = iri.rpartition("#")[2]
        return VERDICTS.get(name, labels.get(iri, name))
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
