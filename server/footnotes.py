"""Citations as a page shows them: numbered notes, and which of them each row rests on.

`kg.tracing.trace` finds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kg.curation.corpus import excerpt
from kg.namespaces import DCTERMS, ENTITIES, JUDGEMENTS, ONTOLOGY_GRAPH, SOURCES, TIME_GRAPH, TOPICS, oxus
from server.cells import label_of
from server.service import LABELS_AT_ONCE, Service
from server.wording import gettext, marked
from server.words import Words, words_of

WORDS_SHOWN = 600
"""Letters of a passage's words that a note shows; its page has them all."""

PASSAGES = f"""
SELECT ?passage ?gist ?kind ?sha256 ?document ?language ?begin ?end ?first ?last ?address WHERE {{
  VALUES ?passage {{ %s }}
  OPTIONAL {{ ?passage {oxus("gist")} ?gist }}
  OPTIONAL {{ ?passage {oxus("hasKind")} ?kind }}
  OPTIONAL {{ ?passage {oxus("sha256")} ?sha256 }}
  OPTIONAL {{
    ?passage {oxus("isPassageOf")} ?source ; {oxus("begin")} ?begin ; {oxus("end")} ?end .
    OPTIONAL {{ ?source <{DCTERMS}title> ?document }}
    OPTIONAL {{ ?source <{DCTERMS}language> ?language }}
    OPTIONAL {{ ?source {oxus("address")} ?address }}
    OPTIONAL {{ ?passage {oxus("firstWords")} ?first ; {oxus("lastWords")} ?last }}
  }}
}} ORDER BY ?passage"""


OURS = {
    ENTITIES.value: marked("How we name and class the things that the documents speak of"),
    ONTOLOGY_GRAPH.value: marked("The ontology: what its terms mean"),
    TOPICS.value: marked("Our list of topics"),
    SOURCES.value: marked("What we record about documents and passages"),
    JUDGEMENTS.value: marked("Our judgements on readings"),
    TIME_GRAPH.value: marked("What a date means, computed from its EDTF text"),
}
"""Graphs of our own making, as a reader is told of them."""


@dataclass(frozen=True)
class Note:
    """One passage or graph that a row rests on."""

    number: int
    iri: str
    title: str
    gist: str = ""
    kind: str = ""
    document: str = ""
    place: str = ""
    address: str = ""
    language: str = ""
    words: str = ""
    """What stands there, on one line, the middle of much left out; nothing unless KG_CORPUS has it."""


@dataclass(frozen=True)
class Footnotes:
    """The notes in the order of the rows that need them; for each row the numbers of its notes, and its judgements.

    `alone` says of each row whether any of what it rests on is stated by one source only, kin counted as one.
    """

    notes: tuple[Note, ...]
    rows: tuple[tuple[int, ...], ...]
    disputed: tuple[tuple[str, ...], ...]
    alone: tuple[bool, ...]


def footnotes(service: Service, citations: Sequence[Sequence[Mapping[str, Any]]]) -> Footnotes:
    """The footnotes of an answer's rows; `citations` as design §4.5 shapes them."""
    rows = [tuple(sorted(dict.fromkeys(_passages(row)), key=_is_ours)) for row in citations]
    numbers = {iri: number for number, iri in enumerate(dict.fromkeys(iri for row in rows for iri in row), 1)}
    known = _described(service, list(numbers))
    labels = _labels(service, numbers, known)
    words = words_of(service)
    notes = (_note(number, iri, known.get(iri, {}), labels, words) for iri, number in numbers.items())
    disputed = tuple(tuple(dict.fromkeys(_judgements(row))) for row in citations)
    alone = tuple(any(citation.get("sources") == 1 for citation in row) for row in citations)
    return Footnotes(tuple(notes), tuple(tuple(numbers[iri] for iri in row) for row in rows), disputed, alone)


def notes_on(service: Service, iris: Iterable[str]) -> dict[str, Note]:
    """What is known of passages and other graphs, each once and numbered in their order."""
    wanted = list(dict.fromkeys(iris))
    known = _described(service, wanted)
    labels = _labels(service, wanted, known)
    words = words_of(service)
    return {iri: _note(number, iri, known.get(iri, {}), labels, words) for number, iri in enumerate(wanted, 1)}


def _passages(citations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Where the triples of one row stand; an inferred one stands where its premises do."""
    for citation in citations:
        yield from citation.get("passages", ())
        yield from _passages(citation.get("premises", ()))


def _judgements(citations: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The judgements on the passages of one row."""
    for citation in citations:
        if "disputed" in citation:
            yield citation["disputed"]
        yield from _judgements(citation.get("premises", ()))


def _is_ours(iri: str) -> bool:
    """Whether a graph is of our own making: what others say comes first."""
    return iri in OURS


def _described(service: Service, iris: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(iris), LABELS_AT_ONCE):
        values = " ".join(f"<{iri}>" for iri in iris[start : start + LABELS_AT_ONCE])
        for row in service.rows(PASSAGES % values):
            found[row["passage"]["value"]] = {name: label_of(term) for name, term in row.items()}
    return found


def _labels(service: Service, iris: Iterable[str], known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What graphs are called, and the kinds of those that are passages."""
    return service.labels(dict.fromkeys([*iris, *(each["kind"] for each in known.values() if "kind" in each)]))


def _note(number: int, iri: str, known: Mapping[str, str], labels: Mapping[str, str], words: Words) -> Note:
    place = f"{known['begin']}–{known['end']}" if "begin" in known else ""
    kind = known.get("kind", "")
    return Note(
        number,
        iri,
        title=gettext(OURS[iri]) if iri in OURS else labels.get(iri, ""),
        gist=known.get("gist", ""),
        kind=labels.get(kind, kind.rpartition("#")[2]),
        document=known.get("document", ""),
        place=place,
        address=address_at(known),
        language=known.get("language", ""),
        words=excerpt(words.of(iri, known["sha256"]), WORDS_SHOWN) if "sha256" in known else "",
    )


def address_at(known: Mapping[str, str]) -> str:
    """The document's address with a text fragment, so that a browser opens it at the passage."""
    if not known.get("address", "").startswith(("https://", "http://")):
        return ""
    words = [quote(known[name], safe="").replace("-", "%2D") for name in ("first", "last") if name in known]
    return known["address"] + (f"#:~:text={','.join(words)}" if words else "")
