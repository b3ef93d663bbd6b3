"""Names, numbers and dates of a text: what a graph of it must account for. Whether it does is left to `coverage`.

A *name* is a run of capitalised words, joined by white space, hyphens, apostrophes, the dots of initials, and by the
particles of names ("of", "for", "de", "van" …). Function words are no names, however they are written, save an
abbreviation in capitals amid small letters (WHO). The first word of a sentence, a line or a quotation has a capital
whatever it is: alone, it is no name if it is a function word, or if a word of the same root stands
without a capital elsewhere.

A *number* is written in digits; ordinals ("19th") and the numbers of list items are none. A *date* is what
`datewords` reads.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from kg.curation.datewords import DateWords, dates_in
from kg.curation.wording import Word, by_beginning, roots, words_of

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those such same each every all both some any no none other others another one two three
    four many most much more less few several own i you he she it we they me him her us them my your his its our
    their who whom whose which what when where why how whether of for to in on at by with from into onto upon about
    above across after against along among amid around as before behind below beneath beside besides between beyond
    despite down during except inside like near off out outside over past per since through throughout till toward
    towards under until up via within without and or but nor so yet if then than because although though while
    whereas unless once not only also too very even just still again already always never often sometimes usually
    generally here there now today yesterday tomorrow later earlier recently currently presently meanwhile moreover
    furthermore however therefore thus hence consequently accordingly subsequently additionally finally firstly
    secondly thirdly lastly initially eventually ultimately instead otherwise indeed certainly perhaps maybe
    nevertheless nonetheless similarly likewise especially particularly mainly primarily reportedly apparently is
    are was were be been being am do does did done has have had having can could will would shall should may might
    must let given taking regarding concerning considering according due thanks please note see etc eg ie don didn
    doesn isn wasn aren nobody somebody everybody anybody someone anyone everyone nothing something anything
    everything neither either elsewhere local new old good great main various numerous certain different foreign further
    """.split()
)

WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
PARTICLES = frozenset("of for the de del della der den des di da do dos du van von zu la le al el bin ibn ben".split())
JOINT = re.compile(r"[-–—.'’/]|\.?[^\S\n]+(?:&[^\S\n]+)?")
"""What may stand between two words of a name: a dot and a space only after an initial."""
INITIAL = 2
"""Letters of an initial or a title (M., St.): longer words before a dot end their sentence."""
LEAD = 80
OPENING = re.compile(r"[\s\"'“”„‘’«»(\[{*_#•·>–—-]*\Z")
SENTENCE_END = re.compile(r"(?:[.!?:…]|\b\d+[.)])\Z")
NUMBER = re.compile(r"(?<![\w.,:])\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|(?<!\w)\d+(?:[.:]\d+)*")
ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
ITEM_END = re.compile(r"[.)]\s")


@dataclass(frozen=True)
class Number:
    """A number in a text; `value` is None for what is no single quantity, such as a time of day."""

    begin: int
    end: int
    value: Decimal | None


class Reading:
    """The words, dates and numbers of one text, found once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(text)
        self.beginnings = by_beginning(self.words)
        self._begins = [word.begin for word in self.words]

    @cached_property
    def dates(self) -> list[DateWords]:
        """Its dates, in reading order."""
        return dates_in(self.text)

    @cached_property
    def numbers(self) -> list[Number]:
        """Its numbers, in reading order, without those that are part of a date."""
        dated = [(date.begin, date.end) for date in self.dates]
        return [
            Number(match.start(), match.end(), _value(match.group()))
            for match in NUMBER.finditer(self.text)
            if not any(begin < match.end() and match.start() < end for begin, end in dated)
            and not ORDINAL.match(self.text, match.end())
            and not (self._begins_line(match.start()) and ITEM_END.match(self.text, match.end()))
        ]

    def between(self, begin: int, end: int) -> range:
        """The indexes of the words that begin in a stretch."""
        return range(bisect_left(self._begins, begin), bisect_left(self._begins, end))

    def may_name(self, at: int) -> bool:
        """Whether this word, as it is written, can be a name or part of one."""
        word = self.words[at]
        if not word.is_capitalised or word.folded in WEEKDAYS:
            return False
        if word.folded == "s" and self.text[word.begin - 1 : word.begin] in {"'", "’"}:
            return False
        if word.folded in FUNCTION_WORDS:
            return word.is_all_capitals and not self._in_capital_line(word)
        return True

    def runs(self, candidates: Sequence[int]) -> list[range]:
        """Candidate words grouped into names: neighbours, and what only particles part."""
        open_words = set(candidates)
        runs: list[range] = []
        for at in candidates:
            if runs and at < runs[-1].stop:
                continue
            end = at + 1
            while (step := self._next_of_name(end, open_words)) is not None:
                end = step
            runs.append(range(at, end))
        return runs

    def _next_of_name(self, at: int, open_words: set[int]) -> int | None:
        for skipped in range(3):
            here = at + skipped
            if here >= len(self.words) or not self._joined(here - 1, here):
                return None
            if here in open_words:
                return here + 1
            word = self.words[here]
            if word.folded not in PARTICLES or not (word.text.islower() or word.is_all_capitals):
                return None
        return None

    def _joined(self, left: int, right: int) -> bool:
        gap = self.text[self.words[left].end : self.words[right].begin]
        ends_sentence = "." in gap and len(gap) > 1 and len(self.words[left].text) > INITIAL
        return JOINT.fullmatch(gap) is not None and not ends_sentence

    def is_ordinary_opening(self, run: range, plain: frozenset[str]) -> bool:
        """Whether a run is one ordinary word that has its capital only from where it stands.

        >>> reading = Reading("Pilots met. Varn spoke to pilots.")
        >>> [reading.is_ordinary_opening(range(at, at + 1), frozenset({"pilots"})) for at in (0, 2)]
        [True, False]
        """
        word = self.words[run.start]
        if len(run) > 1 or not self.opens_sentence(word):
            return False
        if word.is_all_capitals and not self._in_capital_line(word):
            return False
        return not plain.isdisjoint(roots(word.folded))

    def opens_sentence(self, word: Word) -> bool:
        """Whether a word is the first of a sentence, a line or a quotation."""
        before = self.text[max(0, word.begin - LEAD) : word.begin]
        lead = OPENING.search(before)
        start = lead.start() if lead else len(before)
        gap = before[start:]
        if start == 0 or "\n" in gap or any(quote in gap for quote in '"“„«'):
            return True
        return bool(gap) and SENTENCE_END.search(before, 0, start) is not None

    def _begins_line(self, begin: int) -> bool:
        return not self.text[self.text.rfind("\n", 0, begin) + 1 : begin].strip()

    def _in_capital_line(self, word: Word) -> bool:
        begin = self.text.rfind("\n", 0, word.begin) + 1
        end = self.text.find("\n", word.end)
        line = self.text[begin : len(self.text) if end < 0 else end]
        return line.upper() == line and sum(char.isalpha() for char in line) > len(word.text)


def _value(digits: str) -> Decimal | None:
    if ":" in digits or digits.count(".") > 1:
        return None
    return Decimal(re.sub("[,\u00a0\u202f]", "", digits))
