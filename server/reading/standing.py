"""How passages stand after the judgements on them, and who else states what they state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from server.cells import Cell, TermTriple, cell, iris
from server.judgements import VERDICTS, Judgement, all_judgements
from server.reading.report import report_address
from server.reading.stretches import Stretch
from server.service import Service


@dataclass(frozen=True)
class Judged:
    """A judgement on a passage, and how the passage stands by it."""

    judgement: Judgement
    standing: str


@dataclass(frozen=True)
class Statement:
    """One triple in words, and where an error in it can be reported."""

    cells: tuple[Cell, ...]
    report: str

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about: its name, and its IRI to tell namesakes apart."""
        return self.cells[0].text, self.cells[0].iri


def judged(service: Service) -> dict[str, list[Judged]]:
    """The judgements on each passage, the gravest first."""
    return service.kept("judged", lambda: _judged(service))


def _judged(service: Service) -> dict[str, list[Judged]]:
    found: defaultdict[str, list[Judged]] = defaultdict(list)
    for judgement in all_judgements(service):
        for reading in judgement.readings:
            found[reading.passage].append(Judged(judgement, reading.standing))
    ranks = list(VERDICTS.values())
    return {iri: sorted(each, key=lambda one: ranks.index(one.standing)) for iri, each in found.items()}


def labels_of(service: Service, stretches: list[Stretch]) -> dict[str, str]:
    """The labels of all that some passages name."""
    terms = iris(term for each in stretches for triple in each.triples for term in triple)
    return service.labels(dict.fromkeys([*terms, *(each.kind for each in stretches if each.kind)]))


def statement(triple: TermTriple, labels: dict[str, str]) -> Statement:
    """A triple as a page shows it."""
    return Statement(tuple(cell(term, labels) for term in triple), report_address(triple))
