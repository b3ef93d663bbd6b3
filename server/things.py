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
from server.entity import beside
from server.entity.periods import Period, periods
from server.entity.sections import Classes, classes_of, declared, heading, ordered, section_of
from server.footnotes import footnotes
from server.languages import current_language
from server.reading.report import report_address
from server.rejected import rejected_statements
from server.service import current_service
from server.wording import gettext, marked

Description = Mapping[str, Any]
"""What the operation `describe` answers: `iri`, and the citations `about`, `naming` and `stated`."""

CLASSES = (RDF + "type",)
PLAIN = (*NAMES, *DESCRIPTIONS, *ALIASES, *CLASSES)
MOST_FACTS = 300
"""Of each direction, that a page shows; the others are a query away."""
MOST_OTHERS = 4
NEIGHBOURS, PLACE = marked("What it has most to do with"), marked("Where it is")
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
    others: tuple[Cell, ...] = ()
    """Of what ties things, those at its other ends."""
    period: Period | None = None
    """When what stands at the other end held or happened."""


@dataclass(frozen=True)
class Group:
    """The statements of one property, from this thing or, if it is not `forward`, to it."""

    label: Cell
    said: tuple[Said, ...]
    forward: bool = True


@dataclass(frozen=True)
class Section:
    """What is said of things of one class."""

    name: str
    heading: str
    groups: tuple[Group, ...]

    @property
    def size(self) -> int:
        """How many statements it has."""
        return sum(len(group.said) for group in self.groups)


def page_of(iri: str, kind: str, found: Description, formats: Mapping[str, str]) -> Response:
    """The page about a thing."""
    service = current_service()
    about, naming = found["about"][:MOST_FACTS], found["naming"][:MOST_FACTS]
    held = [*about, *naming]
    refused = rejected_statements(service, iri, held)
    citations = [*held, *found["stated"], *refused]
    known = service.kept("classes of things", lambda: classes_of(service))
    ends = list(dict.fromkeys(iris(_end(citation, iri) for citation in [*held, *refused])))
    tied = beside.ties(service, ends, iri)
    end_classes = declared(service, [*ends, iri], known)
    labels = service.labels(
        {
            *iris(term for citation in citations for term in citation["triple"]),
            *(other for others in tied.values() for other in others),
            *(root for roots in known.roots.values() for root in roots),
            *(name for classes in end_classes.values() for name in classes),
        }
    )
    cited = footnotes(service, [[citation] for citation in citations])
    dated = periods(service, [*ends, iri])
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
                others=tuple(
                    cell({"type": "uri", "value": other}, labels)
                    for other in tied.get(_end(citation, iri)["value"], ())[:MOST_OTHERS]
                ),
                period=dated.get(_end(citation, iri)["value"]),
            ),
        )
        for n, citation in enumerate(citations)
    ]
    of_it = rows[: len(about)]
    told = [row for row in [*rows[: len(held)], *rows[len(citations) - len(refused) :]] if not _is_plain(row, iri)]
    name = labels.get(iri) or compact(iri).strip("<>")
    sections = _sections([row for row in told if not _is_aligned(row)], iri, known, end_classes, labels)
    near = [_end(row[0], iri)["value"] for row in told if not _is_aligned(row) and not row[1].rejected]
    classes = end_classes.get(iri, ())
    response = pages.render(
        "thing.html",
        iri=iri,
        name=name,
        kind=KIND_NAMES[kind],
        names=_of(of_it, NAMES),
        aliases=_of(of_it, ALIASES),
        descriptions=_of(of_it, DESCRIPTIONS),
        classes=_of([row for row in of_it if not _is_aligned(row)], CLASSES),
        period=dated.get(iri),
        sections=sections,
        years=_years(sections),
        aligned=_grouped((row for row in told if _is_aligned(row)), labels, iri),
        left_out=len(found["about"]) + len(found["naming"]) - len(held),
        stated=_triples(found["stated"], labels),
        notes=cited.notes,
        formats=formats,
        is_graph=kind == "graph",
        of_a_day=query_of_a_day(service.served.queries.values()),
        network=beside.network(iri, near, tied, labels, gettext(NEIGHBOURS)) if kind == "id" else None,
        place=beside.place(about, name, gettext(PLACE)),
        elsewhere=beside.elsewhere(about),
        asking=beside.asking(service.queries(current_language()).values(), iri, classes) if kind == "id" else [],
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


def _is_plain(row: tuple[Mapping[str, Any], Said], iri: str) -> bool:
    """Whether a statement is told at the head of the page: a name, a description, a class."""
    subject = row[0]["triple"][0]["value"]
    return subject == iri and not row[1].rejected and _predicate(row[0]) in PLAIN


def _sections(
    rows: Sequence[tuple[Mapping[str, Any], Said]],
    iri: str,
    known: Classes,
    end_classes: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
) -> list[Section]:
    """The statements by the class of what is at the other end, then by property."""
    found: dict[str, list[tuple[Mapping[str, Any], Said]]] = {}
    for row in rows:
        end = _end(row[0], iri)
        forward = row[0]["triple"][0]["value"] == iri
        is_thing = end["type"] == "uri" and end["value"].startswith(BASE)
        name = section_of(known, _predicate(row[0]), forward, end_classes.get(end["value"], ()), is_thing)
        found.setdefault(name, []).append(row)
    names = ordered({name: len(members) for name, members in found.items()})
    return [Section(name, heading(name, labels), tuple(_grouped(found[name], labels, iri))) for name in names]


def _grouped(rows: Iterable[tuple[Mapping[str, Any], Said]], labels: Mapping[str, str], iri: str) -> list[Group]:
    """Statements by property and direction; properties of ours first, values in the order of time, then of names."""
    groups: dict[tuple[str, bool], list[Said]] = {}
    for citation, said in rows:
        groups.setdefault((_predicate(citation), citation["triple"][0]["value"] == iri), []).append(said)
    keys = sorted(groups, key=lambda key: (not key[0].startswith(BASE), not key[1], labels.get(key[0], key[0]).lower()))
    return [
        Group(cell({"type": "uri", "value": name}, labels), tuple(sorted(groups[name, forward], key=_order)), forward)
        for name, forward in keys
    ]


def _order(said: Said) -> tuple[bool, bool, str, str]:
    return said.rejected, bool(said.rule), said.period.first if said.period else "", said.value.text.lower()


def _years(sections: Iterable[Section]) -> tuple[int, int] | None:
    """The first and the last year that dates of a page name; None if that is less than two years."""
    periods = [said.period for section in sections for group in section.groups for said in group.said if said.period]
    bounds = [int(day[:4]) for each in periods for day in (each.first, each.last) if "0001" < day[:4] < "9999"]
    return (min(bounds), max(bounds)) if bounds and min(bounds) < max(bounds) else None


def _triples(citations: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> list[tuple[Cell, ...]]:
    return [tuple(cell(term, labels) for term in citation["triple"]) for citation in citations]
