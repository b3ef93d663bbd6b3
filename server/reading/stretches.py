"""A document as it was read: its passages and boilerplate in reading order, and what each states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.errors import SourceError
from kg.files.passages import parse_place
from kg.namespaces import DCTERMS, oxus
from server.cells import Term, TermTriple, label_of
from server.service import Service

DOCUMENT = f"""
SELECT ?title ?language ?address WHERE {{
  %(doc)s a {oxus("Document")} .
  OPTIONAL {{ %(doc)s <{DCTERMS}title> ?title }}
  OPTIONAL {{ %(doc)s <{DCTERMS}language> ?language }}
  OPTIONAL {{ %(doc)s {oxus("address")} ?address }}
}} ORDER BY DESC(LANG(?title) = "en") DESC(STRLEN(?title)) ?title LIMIT 1"""

STRETCHES = f"""
SELECT ?stretch ?gist ?kind ?sha256 ?first ?last ?reason WHERE {{
  {{ ?stretch {oxus("isPassageOf")} %(doc)s }}
  UNION
  {{ ?stretch a {oxus("Boilerplate")} FILTER(STRSTARTS(STR(?stretch), "%(iri)s/")) }}
  OPTIONAL {{ ?stretch {oxus("gist")} ?gist }}
  OPTIONAL {{ ?stretch {oxus("hasKind")} ?kind }}
  OPTIONAL {{ ?stretch {oxus("sha256")} ?sha256 }}
  OPTIONAL {{ ?stretch {oxus("firstWords")} ?first ; {oxus("lastWords")} ?last }}
  OPTIONAL {{ ?stretch a {oxus("Boilerplate")} ; {oxus("reason")} ?reason }}
}} ORDER BY ?stretch ?gist ?kind"""

REMARKS = f"""
SELECT ?stretch ?p ?o WHERE {{
  VALUES ?p {{ {oxus("reliesOn")} {oxus("omission")} {oxus("wordingSlip")} }}
  ?stretch {oxus("isPassageOf")} %(doc)s ; ?p ?o .
}} ORDER BY ?stretch ?p ?o"""

STATED = f"""
SELECT ?stretch ?s ?p ?o WHERE {{
  ?stretch {oxus("isPassageOf")} %(doc)s .
  GRAPH ?stretch {{ ?s ?p ?o }}
}} ORDER BY ?stretch ?s ?p ?o"""


@dataclass(frozen=True)
class Stretch:
    """A passage, or boilerplate, which states nothing for a `reason`; `number` counts passages in reading order."""

    iri: str
    number: int
    begin: int
    end: int
    gist: str = ""
    kind: str = ""
    sha256: str = ""
    first: str = ""
    last: str = ""
    reason: str = ""
    triples: tuple[TermTriple, ...] = field(default=(), repr=False)
    relies_on: tuple[str, ...] = ()
    omissions: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    inside: tuple[Stretch, ...] = field(default=(), repr=False)
    """The passages nested directly in it."""

    @property
    def place(self) -> str:
        """Begin and end, as its IRI has them."""
        return f"{self.begin}-{self.end}"

    @property
    def states_nothing(self) -> bool:
        """Whether it is boilerplate."""
        return not self.number

    def with_nested(self) -> Iterator[Stretch]:
        """It and all that is nested in it, in reading order."""
        yield self
        for each in self.inside:
            yield from each.with_nested()


@dataclass(frozen=True)
class Document:
    """What was read of a document: its outermost stretches, the others inside them."""

    iri: str
    title: str
    language: str
    address: str
    stretches: tuple[Stretch, ...]

    @property
    def passages(self) -> list[Stretch]:
        """Every passage, in reading order."""
        every = (each for stretch in self.stretches for each in stretch.with_nested())
        return [each for each in every if not each.states_nothing]


def read_document(service: Service, iri: str) -> Document | None:
    """A document with its stretches; None if the dataset has no document of this IRI, which must be one."""
    asked = {"doc": f"<{iri}>", "iri": iri}
    known = next(iter(service.rows(DOCUMENT % asked)), None)
    if known is None:
        return None
    remarks: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in service.rows(REMARKS % asked):
        remarks[row["stretch"]["value"], row["p"]["value"].rpartition("#")[2]].append(label_of(row["o"]))
    stated: defaultdict[str, list[TermTriple]] = defaultdict(list)
    for row in service.rows(STATED % asked):
        stated[row["stretch"]["value"]].append((row["s"], row["p"], row["o"]))
    described: dict[str, dict[str, str]] = {}
    for row in service.rows(STRETCHES % asked):
        described.setdefault(row["stretch"]["value"], {name: _text(row, name) for name in row})
    found = []
    for stretch, told in described.items():
        try:
            _, begin, end = parse_place(told.pop("stretch"))
        except SourceError:
            continue  # served RDF may name what is no place
        one = Stretch(
            stretch,
            0,
            begin,
            end,
            gist=told.get("gist", ""),
            kind=told.get("kind", ""),
            sha256=told.get("sha256", ""),
            first=told.get("first", ""),
            last=told.get("last", ""),
            reason=told.get("reason", ""),
            triples=tuple(stated[stretch]),
            relies_on=tuple(remarks[stretch, "reliesOn"]),
            omissions=tuple(remarks[stretch, "omission"]),
            slips=tuple(remarks[stretch, "wordingSlip"]),
        )
        found.append(one)
    texts = {name: _text(known, name) for name in ("title", "language", "address")}
    return Document(iri, **texts, stretches=nested(found))


def _text(row: dict[str, Term], name: str) -> str:
    return label_of(row[name]) if name in row else ""


def nested(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Stretches in reading order, each with those inside it; passages are numbered from 1.

    >>> [one] = nested([Stretch("urn:b", 0, 2, 5), Stretch("urn:a", 0, 0, 9)])
    >>> one.iri, one.number, [(each.iri, each.number) for each in one.inside]
    ('urn:a', 1, [('urn:b', 2)])
    """
    ordered = sorted(stretches, key=lambda each: (each.begin, -each.end, each.iri))
    numbers = {each.iri: number for number, each in enumerate((one for one in ordered if not one.reason), 1)}
    return tuple(_nest(ordered, numbers))


def _nest(ordered: Sequence[Stretch], numbers: dict[str, int]) -> Iterator[Stretch]:
    at = 0
    while at < len(ordered):
        outer = ordered[at]
        behind = next((n for n in range(at + 1, len(ordered)) if ordered[n].end > outer.end), len(ordered))
        told: dict[str, Any] = vars(outer) | {
            "number": numbers.get(outer.iri, 0),
            "inside": tuple(_nest(ordered[at + 1 : behind], numbers)),
        }
        yield Stretch(**told)
        at = behind
