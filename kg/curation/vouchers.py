"""What the graphs of a passage vouch for: names, dates, numbers, texts. What must be vouched for is in `coverage`.

Nodes count from the passage's own graph, from those of the passages around it and nested in it, and from those of the
passages that it relies on; each brings every label and alias that it has anywhere, and spans bring their dates.
Literals count from the graphs around and within, not from those relied on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kg.curation.datewords import Date, ends_of
from kg.curation.wording import contains, folded
from kg.errors import SourceError
from kg.files.passages import Passage
from kg.files.spans import edtf_of
from kg.namespaces import TIME, XSD

Label = tuple[str, ...]
"""A name as its folded words."""

_NOT_NUMBERS = {ox.NamedNode(XSD + "string"), ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")}


@dataclass(frozen=True)
class Vouchers:
    """What vouches for the words of one passage."""

    labels: frozenset[Label]
    dates: frozenset[Date]
    numbers: frozenset[Decimal]
    literals: frozenset[Label]

    def hold_date(self, date: Date) -> bool:
        """Whether a span begins, ends or is at this date, at least as precisely."""
        return any(date.is_met_by(other) for other in self.dates)

    def hold_number(self, value: Decimal) -> bool:
        """Whether a literal is this number, or has it among its words."""
        return value in self.numbers or self.hold_text((f"{value.normalize():f}",))

    def hold_text(self, words: Label) -> bool:
        """Whether a literal has these words one after another."""
        return any(contains(literal, words) for literal in self.literals)


class Vouching:
    """The vouchers of every passage of a project."""

    def __init__(
        self,
        passages: Iterable[Passage],
        enclosing: Mapping[str, Passage],
        names: Mapping[ox.NamedNode, Iterable[str]],
    ) -> None:
        self._passages = {passage.iri: passage for passage in passages}
        self._enclosing = enclosing
        self._nested: defaultdict[str, list[str]] = defaultdict(list)
        for inner, outer in enclosing.items():
            self._nested[outer.iri].append(inner)
        self._labels = {node: frozenset(map(folded, given)) for node, given in names.items()}

    def of(self, passage: Passage) -> Vouchers:
        """What vouches for the words of this passage."""
        nest = [self._passages[iri] for iri in self._nest_of(passage.iri)]
        relied_on = [self._passages[iri] for iri in passage.relies_on if iri in self._passages]
        triples = [triple for one in nest for triple in one.triples]
        literals = [triple.object for triple in triples if isinstance(triple.object, ox.Literal)]
        nodes = {
            term
            for triple in (*triples, *(triple for one in relied_on for triple in one.triples))
            for term in (triple.subject, triple.object)
            if isinstance(term, ox.NamedNode)
        }
        return Vouchers(
            labels=frozenset(label for node in nodes for label in self._labels.get(node, ())),
            dates=frozenset(date for node in nodes if node.value.startswith(TIME) for date in _dates_of(node.value)),
            numbers=frozenset(number for literal in literals if (number := _number_of(literal)) is not None),
            literals=frozenset(folded(literal.value) for literal in literals),
        )

    def _nest_of(self, iri: str) -> set[str]:
        nest = {iri}
        around = iri
        while around in self._enclosing:
            around = self._enclosing[around].iri
            nest.add(around)
        within = [iri]
        while within:
            nested = self._nested[within.pop()]
            nest.update(nested)
            within += nested
        return nest


def _dates_of(iri: str) -> Iterable[Date]:
    try:
        return list(ends_of(edtf_of(iri)))
    except SourceError:
        return []  # kg check names the IRI that is no span


def _number_of(literal: ox.Literal) -> Decimal | None:
    if literal.datatype in _NOT_NUMBERS:
        return None
    try:
        return Decimal(literal.value)
    except InvalidOperation:
        return None
