"""The page of a passage: its words in place, what it states, who else does, how it was judged, what relies on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from kg.namespaces import oxus
from server import pages, schema_org
from server.cells import Term
from server.conflicts import sides
from server.footnotes import Note, notes_on
from server.reading.documents import shown_as
from server.reading.running import calm, pieces_of
from server.reading.standing import labels_of
from server.reading.stretches import Document, Stretch
from server.service import Service, current_service
from server.words import words_of

AROUND = 400
"""Characters of the document that stand before and behind the words."""
ALSO = f"""
SELECT DISTINCT ?s ?p ?o ?other WHERE {{
  GRAPH %s {{ ?s ?p ?o }}
  GRAPH ?other {{ ?s ?p ?o }}
  ?other a {oxus("Passage")} . FILTER(?other != %s)
}} ORDER BY ?s ?p ?o ?other"""
RELYING = f"SELECT DISTINCT ?passage WHERE {{ ?passage {oxus('reliesOn')} %s }} ORDER BY ?passage"


def page_of(document: Document, stretch: Stretch, found: Mapping[str, Any], formats: Mapping[str, str]) -> Response:
    """The page."""
    service = current_service()
    passages = document.passages
    at = next(n for n, each in enumerate(passages) if each.iri == stretch.iri)
    labels = labels_of(service, [stretch])
    shown = shown_as(service, document, stretch, labels)
    text = words_of(service).text(document.iri)
    also, relying = _also(service, stretch), _relying(service, stretch.iri)
    others = notes_on(service, [*relying, *stretch.relies_on, *(iri for each in also for iri in each)])
    enclosing = [
        each for each in passages if each.begin <= stretch.begin and stretch.end <= each.end and each != stretch
    ]
    return pages.render(
        "passage.html",
        document=document,
        stretch=stretch,
        shown=shown,
        pieces=pieces_of(stretch, text),
        before=calm(text[max(0, stretch.begin - AROUND) : stretch.begin]),
        behind=calm(text[stretch.end : stretch.end + AROUND]),
        cut_before=stretch.begin > AROUND,
        cut_behind=stretch.end + AROUND < len(text),
        rows=list(zip(shown.statements, [[others[iri] for iri in each] for each in also], strict=True)),
        sides=sides(service, [each.judgement for each in shown.judged]),
        enclosing=enclosing,
        relies_on=_notes(others, stretch.relies_on),
        relying=_notes(others, relying),
        previous=passages[at - 1] if at else None,
        following=passages[at + 1] if at + 1 < len(passages) else None,
        count=len(passages),
        reference=_reference(service, document, stretch),
        formats=formats,
        linked_data=schema_org.of_thing(service, stretch.iri, "source", found["about"]),
    )


def _notes(known: Mapping[str, Note], wanted: Sequence[str]) -> list[Note]:
    return [known[iri] for iri in wanted]


def _also(service: Service, stretch: Stretch) -> list[list[str]]:
    """For each of its statements the other passages that make it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in service.rows(ALSO % (f"<{stretch.iri}>", f"<{stretch.iri}>")) if stretch.triples else ():
        found[_key(row["s"], row["p"], row["o"])].append(row["other"]["value"])
    return [found[_key(*triple)] for triple in stretch.triples]


def _key(*triple: Term) -> str:
    return repr([sorted(term.items()) for term in triple])


def _relying(service: Service, iri: str) -> list[str]:
    return [row["passage"]["value"] for row in service.rows(RELYING % f"<{iri}>")]


def _reference(service: Service, document: Document, stretch: Stretch) -> str:
    """How the passage is cited, in one paragraph."""
    words = f"“{stretch.first} … {stretch.last}”" if stretch.first != stretch.last else f"“{stretch.first}”"
    overview, version = service.overview(), service.served.manifest.version
    place = f"{document.title}, characters {stretch.begin}–{stretch.end}"
    here = pages.address(f"page/source/{stretch.iri.rpartition('/source/')[2]}")
    return f"{words}. {place}. {stretch.iri}. In: {overview.title}, version {version}. {here}"
