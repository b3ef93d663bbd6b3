"""Why a thing was found: which of its names answers each word of a search, and through what. Finding is `asking`'s.

It compares the very words, with RapidFuzz for those that are only nearly the same, and so would refute a wrong index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from kg.search.folding import Word, words_of
from kg.search.reading import SOURCES_OF_NAMES, Name

WAYS = ("written", "folded", "transliterated", "stem", "beginning", "nearly")
"""Through what a word of a search is a word of a name, the surest first."""
LEAST_BEGINNING = 3
"""Letters that a word must have to be the beginning of another, but for the last one while somebody types."""


@dataclass(frozen=True, slots=True)
class Match:
    """One word of a search and the word of a name that answers it; `sound` is what makes them the same."""

    asked: str
    found: str
    way: str
    sound: str
    distance: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One name of a thing with what it answers."""

    name: Name
    matches: tuple[Match, ...]


def most_distance(word: Word) -> int:
    """How many letters may differ in a word that is nearly another.

    >>> [most_distance(next(words_of(text))) for text in ("oil", "Panj", "Tajikstan")]
    [0, 1, 2]
    """
    letters = len(word.sound)
    return 0 if letters < 4 else 1 if letters < 8 else 2


def reasons(asked: Sequence[Word], names: Sequence[Name], open_ended: bool = False) -> tuple[Reason, ...]:
    """The fewest names that answer the words best, the one that answers most first; `open_ended` if more may be typed.

    >>> names = [Name("Эмомали Рахмон", "ru", "label", ()), Name("President", "en", "alias", ())]
    >>> [(match.asked, match.found, match.way) for match in reasons(list(words_of("Rahmonov")), names)[0].matches]
    [('Rahmonov', 'Рахмон', 'stem')]
    """
    left = list(range(len(asked)))
    found: list[Reason] = []
    answers = [list(_answers(asked, name, open_ended)) for name in names]
    while left:
        scored = [
            (_worth(name, [match for number in left if (match := answer[number])]), -rank, rank)
            for rank, (name, answer) in enumerate(zip(names, answers, strict=True))
        ]
        best, _, rank = max(scored, default=(0.0, 0, 0))
        if best <= 0:
            break
        answer = answers[rank]
        found.append(Reason(names[rank], tuple(match for number in left if (match := answer[number]))))
        left = [number for number in left if answer[number] is None]
    return tuple(found)


def _worth(name: Name, matches: Sequence[Match]) -> float:
    """How well a name answers: by its ways first, then by how much of the name is meant, its script, what it is."""
    ways = sum(len(WAYS) - WAYS.index(match.way) for match in matches)
    meant = sum(match.end - match.begin for match in matches) / max(len(name.text), 1)
    script = any(match.asked.isascii() == match.found.isascii() for match in matches)
    return (
        ways + meant / 2 + script * 0.15 + (len(SOURCES_OF_NAMES) - SOURCES_OF_NAMES.index(name.source)) * 0.1
        if matches
        else 0.0
    )


def _answers(asked: Sequence[Word], name: Name, open_ended: bool) -> Iterator[Match | None]:
    """For each word of a search the word of the name that answers it best."""
    words = _words(name.text)
    for number, word in enumerate(asked):
        opens = open_ended and number == len(asked) - 1
        best: Match | None = None
        for other in words:
            match = _match(word, other, opens, name.source)
            if match and (best is None or _rank(match) < _rank(best)):
                best = match
        yield best


def _rank(match: Match) -> tuple[int, int]:
    return WAYS.index(match.way), match.distance


def _match(asked: Word, other: Word, opens: bool, source: str) -> Match | None:
    """How one word answers another, if it does."""
    way, distance = "", 0
    if asked.written.casefold() == other.written.casefold():
        way = "written"
    elif asked.plain == other.plain:
        way = "folded"
    elif asked.sound == other.sound:
        way = "transliterated"
    elif asked.base == other.base:
        way = "stem"
    elif source == "description":
        way = ""
    elif (opens or len(asked.plain) >= LEAST_BEGINNING) and (
        other.plain.startswith(asked.plain) or other.sound.startswith(asked.sound)
    ):
        way = "beginning"
    else:
        most = most_distance(asked)
        distance = OSA.distance(asked.sound, other.sound, score_cutoff=most) if most else 1
        way = "nearly" if distance <= most else ""
    if not way:
        return None
    return Match(asked.written, other.written, way, other.sound.lower(), distance, other.begin, other.end)


@lru_cache(4096)
def _words(text: str) -> tuple[Word, ...]:
    return tuple(words_of(text))
