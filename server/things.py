"""The page about a thing. What is said of it, `kg.tracing` says; documents, topics and terms are `server.reading`'s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from kg.namespaces import (
    ALIASES,
    BASE,
    DESCRIPTIONS,
    INFERRED,
    NAMES,
    RDF,
    compact,
)
from kg.queries.declarations import CannedQuery
from server import pages, schema_org
from server.cells import Cell, cell, iris
from server.footnotes import footnotes
from server.reading.report import report_address
from server.rejected import rejected_statements
from server.service import current_service
from server.wording import marked

Description = Mapping[str, Any]
"""What the operation `describe` answers: `iri`, and the citations `about`, `naming` and `stated`."""

CLASSES = (RDF + "type",)
KIND_NAMES = {
    "id": marked("Thing"),
    "topic": marked("Topic"),
    "source": marked("Source"),
    "time": marked("Date"),
    "graph": marked("Graph"),
}


@dataclass(frozen=True)
class Said:
    """One statement as the page shows it: its other end, the notes that state it, its rule, what judges it,
    and where an error in it is reported.

    One that is `rejected` is not accepted: a judgement rejects the reading that makes it.
    """

    value: Cell
    notes: tuple[int, ...]
    disputed: tuple[str, ...]
    alone: bool
    rule: str
    report: str
    rejected: bool = False


@dataclass(frozen=True)
class Group:
    """The statements of one property; those that rules infer are apart."""

    label: Cell
    said: tuple[Said, ...]


def page_of(iri: str, kind: str, found: Description, formats: Mapping[str, str]) -> Response:
    """The page about a thing."""
    service = current_service()
    held = [*found["about"], *found["naming"]]
    refused = rejected_statements(service, iri, held)
    citations = [*held, *found["stated"], *refused]
    labels = service.labels(iris(term for citation in citations for term in citation["triple"]))
    cited = footnotes(service, [[citation] for citation in citations])
    rows = [
        (
            citation,
            Said(
                cell(_end(citation, iri), labels),
                cited.rows[n],
                cited.disputed[n],
                cited.alone[n],
                _rule(citation),
                report_address(citation["triple"]),
                rejected=n >= len(citations) - len(refused),
            ),
        )
        for n, citation in enumerate(citations)
    ]
    about, naming = rows[: len(found["about"])], rows[len(found["about"]) : len(held)]
    rejected = rows[len(citations) - len(refused) :]
    rejected_of_it = [row for row in rejected if row[0]["triple"][0]["value"] == iri]
    plain = (*NAMES, *DESCRIPTIONS, *ALIASES, *CLASSES)
    told = [row for row in about if _predicate(row[0]) not in plain and not _is_aligned(row)]
    pointing = [row for row in naming if not _is_aligned(row)]
    response = pages.render(
        "thing.html",
        iri=iri,
        name=labels.get(iri) or compact(iri).strip("<>"),
        kind=KIND_NAMES[kind],
        names=_of(about, NAMES),
        aliases=_of(about, ALIASES),
        descriptions=_of(about, DESCRIPTIONS),
        classes=_of([row for row in about if not _is_aligned(row)], CLASSES),
        facts=_grouped([*told, *rejected_of_it], labels),
        aligned=_grouped((row for row in about if _is_aligned(row)), labels),
        naming=_grouped([*pointing, *(row for row in rejected if row not in rejected_of_it)], labels),
        stated=_triples(found["stated"], labels),
        notes=cited.notes,
        formats=formats,
        is_graph=kind == "graph",
        of_a_day=query_of_a_day(service.served.queries.values()),
        linked_data=schema_org.of_thing(service, iri, kind, found["about"]),
    )
    response.vary.add("Accept")
    return response


def query_of_a_day(queries: Iterable[CannedQuery]) -> CannedQuery | None:
    """The canned query that tells the facts of an `entity` as of a day, if there is one."""
    return next((each for each in queries if each.takes_at and any(p.name == "entity" for p in each.params)), None)


def _predicate(citation: Mapping[str, Any]) -> str:
    name: str = citation["triple"][1]["value"]
    return name


def _end(citation: Mapping[str, Any], iri: str) -> Mapping[str, Any]:
    """The end of a statement that is not the thing that the page is about."""
    subject, _, value = citation["triple"]
    end: Mapping[str, Any] = value if subject["value"] == iri else subject
    return end


def _rule(citation: Mapping[str, Any]) -> str:
    rule: str = citation.get("rule", "")
    return rule.removeprefix(INFERRED)


def _is_aligned(row: tuple[Mapping[str, Any], Said]) -> bool:
    """Whether a statement says in another vocabulary what one of ours says already."""
    citation, said = row
    term = citation["triple"][2]["value"] if _predicate(citation) in CLASSES else _predicate(citation)
    return bool(said.rule) and not term.startswith(BASE)


def _of(rows: Sequence[tuple[Mapping[str, Any], Said]], predicates: Sequence[str]) -> list[Said]:
    """The values of some properties, what is stated before what is inferred, English first."""
    found = [said for citation, said in rows if _predicate(citation) in predicates]
    return sorted(found, key=lambda said: (bool(said.rule), said.value.language != "en", said.value.text))


def _grouped(rows: Iterable[tuple[Mapping[str, Any], Said]], labels: Mapping[str, str]) -> list[Group]:
    """Statements by property; properties of ours first, values as people sort them."""
    groups: dict[str, list[Said]] = {}
    for citation, said in rows:
        groups.setdefault(_predicate(citation), []).append(said)
    ordered = sorted(groups, key=lambda name: (not name.startswith(BASE), labels.get(name, name).lower()))
    return [
        Group(
            cell({"type": "uri", "value": name}, labels),
            tuple(sorted(groups[name], key=lambda said: (said.rejected, bool(said.rule), said.value.text.lower()))),
        )
        for name in ordered
    ]


def _triples(citations: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    return [tuple(cell(term, labels) for term in citation["triple"]) for citation in citations]
