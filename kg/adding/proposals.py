"""What `kg add` proposes for a text: passages and boilerplate, with names, dates and numbers. Writing it is left to
`proposal_blocks`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import pyoxigraph as ox

from kg.adding.dating import Dated, dated_words, own_date_of
from kg.adding.known_names import KnownNames, Mention
from kg.adding.near_names import near_mentions
from kg.adding.segments import Segment, segments
from kg.curation.curated import LABELS, Curated
from kg.curation.mentions import Number, Reading
from kg.namespaces import ID, RDF, TOPIC, oxus

FIRST_LINES = 3
"""In so many of its first stretches a text names its own date."""
REFERENCE_DIGITS = 5

_LEAD = 16
_MAY_STATE = ("", "heading")
_TYPE = ox.NamedNode(RDF + "type")
_REFERENCE = re.compile(r"(?:\bref(?:erence)?|\bno|№|#)\.?\s*\Z", re.IGNORECASE)
_KINDS = {
    "recommendation": r"should(?! be (?:noted|recogni[sz]ed))|ought to|needs? to|necessary to|recommend\w*|please",
    "opinion": r"in (?:our|my|his|her|their) opinion|believes?|confiden(?:t|ce)|noted that"
    r"|we recogni[sz]e|important|certainly",
    "hedged": r"will|would|may|might|planned|plans? to|proposed|proposals?|intends?|expected to|reportedly|possib\w+",
}


@dataclass(frozen=True)
class NumberWords:
    """A number in a text; `bearers` are the nodes of which the graph knows this reference number."""

    begin: int
    end: int
    is_reference: bool
    bearers: tuple[str, ...] = ()


_Words = TypeVar("_Words", Mention, Dated, NumberWords)


@dataclass(frozen=True)
class Proposal:
    """One stretch of a text and what seems to stand in it; `kind` is empty for what seems to state nothing."""

    segment: Segment
    kind: str
    mentions: tuple[Mention, ...] = ()
    dates: tuple[Dated, ...] = ()
    numbers: tuple[NumberWords, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its IRI."""
        return f"{self.segment.begin}-{self.segment.end}"


@dataclass(frozen=True)
class Proposals:
    """Every stretch of a text, in reading order, and the text's own date if it names one."""

    text: str = field(repr=False)
    stretches: tuple[Proposal, ...]
    own_date: Dated | None

    @property
    def passages(self) -> tuple[Proposal, ...]:
        """The stretches that seem to state something."""
        return tuple(one for one in self.stretches if one.kind)


class Proposer:
    """What a graph knows to look for in texts: its nodes' names, and which nodes a number is a literal of."""

    def __init__(self, curated: Curated) -> None:
        judgements = {
            quad.subject
            for file in curated.subject_files
            for quad in file.quads
            if quad.predicate == _TYPE and quad.object == oxus("Judgement")
        }
        self._names = KnownNames(
            {
                node: names
                for node, names in curated.labels.items()
                if node.value.startswith((ID, TOPIC)) and node not in judgements
            }
        )
        self._numbered: defaultdict[str, set[str]] = defaultdict(set)
        for file in (*curated.subject_files, *curated.files):
            for quad in file.quads:
                if isinstance(quad.object, ox.Literal) and quad.predicate not in LABELS and quad.object.value.isdigit():
                    if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID):
                        self._numbered[quad.object.value].add(quad.subject.value)

    def propose(self, text: str, date: str | None = None) -> Proposals:
        """What to curate in a text; `date` is its own date in EDTF, if that is known."""
        found = segments(text)
        reading = Reading(text)
        stating = [(one.begin, one.end) for one in found if one.guess in _MAY_STATE]
        stating_nothing = [(one.begin, one.end) for one in found if one.guess not in _MAY_STATE]
        own_date = Dated(0, 0, date) if date else own_date_of(text, stating[:FIRST_LINES])
        exact = self._names.mentions(reading)
        mentions = sorted([*exact, *near_mentions(self._names, reading, exact)])
        dates = dated_words(text, own_date, stating_nothing)
        numbers = [self._number(text, number) for number in reading.numbers]
        return Proposals(text, tuple(_proposal(text, one, mentions, dates, numbers) for one in found), own_date)

    def _number(self, text: str, number: Number) -> NumberWords:
        digits = text[number.begin : number.end]
        named = _REFERENCE.search(text, max(0, number.begin - _LEAD), number.begin) is not None
        if not named and not (digits.isdigit() and len(digits) >= REFERENCE_DIGITS):
            return NumberWords(number.begin, number.end, False)
        return NumberWords(number.begin, number.end, True, tuple(sorted(self._numbered.get(digits, ()))))


def _proposal(
    text: str,
    segment: Segment,
    mentions: Sequence[Mention],
    dates: Sequence[Dated],
    numbers: Sequence[NumberWords],
) -> Proposal:
    if segment.guess not in _MAY_STATE:
        return Proposal(segment, "")
    inside = _inside(segment, mentions), _inside(segment, dates), _inside(segment, numbers)
    is_bare = segment.guess == "heading" and not any(inside)
    return Proposal(segment, "" if is_bare else _kind(text[segment.begin : segment.end]), *inside)


def _inside(segment: Segment, words: Sequence[_Words]) -> tuple[_Words, ...]:
    first = bisect_left(words, segment.begin, key=lambda one: one.begin)
    last = bisect_left(words, segment.end, first, key=lambda one: one.begin)
    return tuple(one for one in words[first:last] if one.end <= segment.end)


def _kind(words: str) -> str:
    for kind, pattern in _KINDS.items():
        if re.search(rf"\b(?:{pattern})\b", words, re.IGNORECASE):
            return kind
    return "stated"
