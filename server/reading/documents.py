"""The page of a document: what is known of it, then the document passage by passage with what each states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from kg.errors import QueryParameterError
from kg.namespaces import ALIASES, BASE, DCTERMS, DESCRIPTIONS, NAMES, ONTOLOGY, RDF, SKOS, SOURCE, oxus
from server import arguments, pages, schema_org
from server.cells import Cell, cell, iris, label_of
from server.footnotes import address_at
from server.reading.running import Piece, calm, cut
from server.reading.standing import Judged, Statement, judged, labels_of, statement
from server.reading.stretches import Document, Stretch
from server.service import Service, current_service
from server.words import words_of

LONG = 12
"""From so many outermost passages on a document has a list of them to jump from."""
DISPUTED, REJECTED = "disputed", "rejected"
NOT_TOLD = {*NAMES, *ALIASES, *DESCRIPTIONS, RDF + "type", oxus("address").value, DCTERMS + "modified"}
"""What the page tells elsewhere, or is of no interest to a reader."""
MEANINGS = f"""
SELECT ?code ?meaning WHERE {{
  VALUES ?code {{ %s }} ?code <{SKOS}definition> ?meaning FILTER(LANG(?meaning) = "en")
}} ORDER BY ?code ?meaning"""


@dataclass(frozen=True)
class Value:
    """One value of something known of a document: its meaning if it is a code, and the passages that state it."""

    cell: Cell
    meaning: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A passage as the page shows it."""

    stretch: Stretch
    kind: str
    kind_slug: str
    statements: tuple[Statement, ...]
    judged: tuple[Judged, ...]
    source: str
    """The document's address with a text fragment."""

    @property
    def standing(self) -> str:
        """How it stands by the gravest judgement on it; nothing if none was made."""
        return self.judged[0].standing if self.judged else ""


def page_of(document: Document, found: Mapping[str, Any], formats: Mapping[str, str]) -> Response:
    """The page; `show` narrows it to passages of a kind, or to those that are disputed or rejected.

    Raises: QueryParameterError for a `show` that no passage has.
    """
    service = current_service()
    passages = document.passages
    labels = labels_of(service, passages)
    shown = {each.iri: shown_as(service, document, each, labels) for each in passages}
    choices = _choices(shown.values())
    wanted = arguments.in_url(request).one("show")
    if wanted is not None and wanted not in choices:
        message = f"show is {wanted[:80]!r}; this document has passages that are {', '.join(choices)}"
        raise QueryParameterError(message, parameter="show", suggestions=list(choices))
    text = words_of(service).text(document.iri)
    pieces = cut(text, document.stretches)
    if wanted is not None:
        kept = [each for each in passages if _is(shown[each.iri], wanted)]
        pieces = [
            Piece(stretch=each, pieces=(Piece(calm(text[each.begin : each.end])),) if text else ()) for each in kept
        ]
    about = found["about"]
    return pages.render(
        "document.html",
        document=document,
        facts=_facts(service, about),
        kin=any(each["triple"][1]["value"] == oxus("sharesAncestryWith").value for each in about),
        pieces=pieces,
        shown=shown,
        places={each.iri: each for each in passages},
        wanted=wanted,
        choices=choices,
        long=sum(not each.states_nothing for each in document.stretches) >= LONG,
        has_text=bool(text),
        formats=formats,
        linked_data=schema_org.of_thing(service, document.iri, "source", about),
    )


def shown_as(service: Service, document: Document, stretch: Stretch, labels: dict[str, str]) -> Shown:
    """A passage with its judgements and its statements in words."""
    known = {"address": document.address, "first": stretch.first, "last": stretch.last}
    return Shown(
        stretch,
        labels.get(stretch.kind, ""),
        stretch.kind.removeprefix(ONTOLOGY),
        tuple(statement(triple, labels) for triple in stretch.triples),
        tuple(judged(service).get(stretch.iri, ())),
        address_at({name: value for name, value in known.items() if value}),
    )


def _choices(shown: Iterable[Shown]) -> dict[str, tuple[str, int]]:
    """What the page can be narrowed to, in words, and how many passages that leaves."""
    every = list(shown)
    kinds = {each.kind_slug: each.kind for each in every if each.kind_slug}
    names = {DISPUTED: "", REJECTED: "", **dict(sorted(kinds.items()))}
    counts = {name: sum(_is(each, name) for each in every) for name in names}
    return {name: (label, counts[name]) for name, label in names.items() if 0 < counts[name] < len(every)}


def _is(shown: Shown, wanted: str) -> bool:
    if wanted == DISPUTED:
        readings = (reading for each in shown.judged for reading in each.judgement.readings)
        return any(reading.standing != "accepted" for reading in readings)
    if wanted == REJECTED:
        return shown.standing == "rejected"
    return shown.kind_slug == wanted


def _facts(service: Service, about: Sequence[Mapping[str, Any]]) -> list[tuple[Cell, list[Value]]]:
    """What is known of a document, by property: what others' vocabularies say of it once more is left out."""
    told = [
        (citation, predicate)
        for citation in about
        if (predicate := citation["triple"][1]["value"]) not in NOT_TOLD
        and not (citation.get("rule") and not predicate.startswith(BASE))
    ]
    terms = iris(term for citation, _ in told for term in citation["triple"])
    labels = service.labels(terms)
    codes = " ".join(f"<{iri}>" for iri in terms if iri.startswith(ONTOLOGY))
    meanings = {row["code"]["value"]: label_of(row["meaning"]) for row in service.rows(MEANINGS % codes)}
    groups: dict[str, list[Value]] = {}
    for citation, predicate in told:
        value = citation["triple"][2]
        passages = tuple(each for each in citation.get("passages", ()) if each.startswith(SOURCE))
        groups.setdefault(predicate, []).append(Value(cell(value, labels), meanings.get(value["value"], ""), passages))
    found = ((cell({"type": "uri", "value": iri}, labels), values) for iri, values in groups.items())
    return sorted(found, key=lambda group: (not group[0].iri.startswith(BASE), group[0].text.lower()))
