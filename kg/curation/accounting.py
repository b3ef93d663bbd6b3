"""Names, numbers and dates of a document that its passages do not account for. The rules are those of `coverage`.

One document is read once; each word belongs to the innermost passage around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from kg.curation.mentions import Reading
from kg.curation.vouchers import Label, Vouchers
from kg.curation.wording import folded, occurrences
from kg.files.passages import Passage


class Fault(NamedTuple):
    """A kind of finding; `{words}` in its texts stands for the words that it is about."""

    rule: str
    message: str
    fix: str


_OMISSION = 'state oxus:omission "{words}: why"@en'
_NAME = Fault(
    "unaccounted-name",
    'names "{words}", and no label, alias or literal here does,',
    f"use the node of that name, give it the skos:altLabel, or {_OMISSION}",
)
_NUMBER = Fault(
    "unaccounted-number",
    'says "{words}", and no literal here does,',
    f"record the number, or {_OMISSION}",
)
_DATE = Fault(
    "unaccounted-date",
    'says "{words}", and no span here is that precise a date,',
    f"link the fact to its span, or {_OMISSION}",
)
_NO_REASON = Fault(
    "omission-without-reason", 'has the omission "{words}", which gives no reason,', 'write "Words: reason"'
)
_STALE = Fault(
    "stale-omission", 'omits "{words}", which its own words do not say,', "quote the words, or drop the omission"
)
_SLIP = Fault("stale-slip", 'has the wording slip "{words}", which its own words do not say,', "quote the words")


@dataclass(frozen=True)
class Unaccounted:
    """Words that nothing vouches for, or an exception that excepts nothing, with the first place of several."""

    fault: Fault
    words: str
    begin: int
    end: int
    times: int = 1


class Accounting:
    """One document's words, and to which passage each belongs."""

    def __init__(self, text: str, passages: Sequence[Passage], plain: frozenset[str]) -> None:
        self._text = text
        self._plain = plain
        self._reading = Reading(text)
        self._label_places: dict[Label, frozenset[int]] = {}
        self._innermost_first = sorted(passages, key=lambda one: one.end - one.begin)
        self._owners: list[str | None] = [None] * len(text)
        for passage in reversed(self._innermost_first):
            self._owners[passage.begin : passage.end] = [passage.iri] * (passage.end - passage.begin)

    def own_text(self, passage: Passage) -> str:
        """The passage's text with a space for each character that a nested passage holds."""
        stretch = range(passage.begin, passage.end)
        return "".join(self._text[at] if self._owners[at] == passage.iri else " " for at in stretch)

    def unaccounted(self, passage: Passage, slips: Iterable[str], vouchers: Vouchers) -> Iterator[Unaccounted]:
        """What of this passage's own words nothing vouches for, then its exceptions that except nothing.

        The same words are told once, with how often they stand there.
        """
        excepted: set[int] = set()
        stale: list[Unaccounted] = []
        for fault, words in _exceptions(passage, slips):
            stands = self._own_words(passage) & self._named([folded(words)])
            excepted |= stands
            if not stands or fault is _NO_REASON:
                stale.append(Unaccounted(fault, words, passage.begin, passage.end))
        vouched = self._named(vouchers.labels) | excepted
        told: dict[tuple[Fault, Label], Unaccounted] = {}
        for fault, begin, end in (
            *self._dates(passage, vouchers, vouched),
            *self._numbers(passage, vouchers, vouched),
            *self._names(passage, vouchers, vouched),
        ):
            words = self._line(begin, end)
            first = told.setdefault((fault, folded(words)), Unaccounted(fault, words, begin, end, 0))
            told[fault, folded(words)] = replace(first, times=first.times + 1)
        yield from sorted(told.values(), key=lambda one: one.begin)
        yield from stale

    def _own_words(self, passage: Passage) -> set[int]:
        reading = self._reading
        stretch = reading.between(passage.begin, passage.end)
        return {at for at in stretch if self._owners[reading.words[at].begin] == passage.iri}

    def _named(self, labels: Iterable[Label]) -> set[int]:
        return {at for label in labels for at in self._places(label)}

    def _places(self, label: Label) -> frozenset[int]:
        # A document asks for the same labels passage after passage.
        if label not in self._label_places:
            found = occurrences(self._reading.words, self._reading.beginnings, self._text, label)
            self._label_places[label] = frozenset(at for stretch in found for at in stretch)
        return self._label_places[label]

    def _dates(self, passage: Passage, vouchers: Vouchers, vouched: set[int]) -> Iterator[tuple[Fault, int, int]]:
        for found in self._reading.dates:
            place = found.begin, found.end
            if self._is_own(passage, *place) and not self._is_vouched(*place, vouchers, vouched):
                bare = self._text[found.begin : found.end]
                is_number = bare.isdecimal() and vouchers.hold_number(Decimal(bare))
                if not is_number and not all(map(vouchers.hold_date, found.dates)):
                    yield _DATE, *place

    def _numbers(self, passage: Passage, vouchers: Vouchers, vouched: set[int]) -> Iterator[tuple[Fault, int, int]]:
        for found in self._reading.numbers:
            place = found.begin, found.end
            if self._is_own(passage, *place) and not self._is_vouched(*place, vouchers, vouched):
                if found.value is None or not vouchers.hold_number(found.value):
                    yield _NUMBER, *place

    def _names(self, passage: Passage, vouchers: Vouchers, vouched: set[int]) -> Iterator[tuple[Fault, int, int]]:
        reading = self._reading
        open_words = self._own_words(passage) - vouched - self._dated
        for run in reading.runs(sorted(at for at in open_words if reading.may_name(at))):
            begin, end = reading.words[run.start].begin, reading.words[run.stop - 1].end
            if reading.is_ordinary_opening(run, self._plain):
                continue
            if not vouchers.hold_text(folded(self._text[begin:end])):
                yield _NAME, begin, end

    def _line(self, begin: int, end: int) -> str:
        return " ".join(self._text[begin:end].split())

    @cached_property
    def _dated(self) -> set[int]:
        return {at for date in self._reading.dates for at in self._reading.between(date.begin, date.end)}

    def _is_own(self, passage: Passage, begin: int, end: int) -> bool:
        # What crosses into a nested passage belongs to the passage around both.
        around = (one for one in self._innermost_first if one.begin <= begin and end <= one.end)
        return next(around, None) is passage

    def _is_vouched(self, begin: int, end: int, vouchers: Vouchers, vouched: set[int]) -> bool:
        indexes = self._reading.between(begin, end)
        return vouched.issuperset(indexes) or vouchers.hold_text(folded(self._text[begin:end]))


def _exceptions(passage: Passage, slips: Iterable[str]) -> Iterator[tuple[Fault, str]]:
    for omission in passage.omissions:
        words, _, reason = omission.partition(": ")
        yield (_STALE, words) if reason.strip() else (_NO_REASON, omission)
    for slip in slips:
        yield _SLIP, slip
