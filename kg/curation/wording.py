"""Words of a text and when two of them are forms of one. Which words are names or numbers is left to `mentions`.

A word is a run of letters and digits, so "Port-Louis" is two words, and so is "keeper's"; a label matches where its
words stand in the text in this order, whatever the case and the hyphens between them.

A word of the text *is a form of* a word of a label if they are the same but for case, or if both are a stem of at least
four letters with an ending of its own: on the text's side one that makes an adjective, a demonym or a plural (`Asian`,
`Kazakhs`), on the label's side one of those that names of lands drop for it (`Asia`, `Kazakhstan`, `Germany`). So an
adjective of nationality is vouched for by the state's own label. A form that is built otherwise ("French", "Swiss")
needs an alias (`skos:altLabel`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

WORD = re.compile(r"[^\W_]+")
BREAK = re.compile(r"[;:!?]\s|\n\s*\n")
"""What may not stand between two words of one name."""

STEM = 4
TEXT_ENDINGS = ("", "s", "es", "n", "an", "ian", "ean", "i", "ese", "ish", "ic", "ns", "ans", "ians", "eans", "is")
ROOT_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "ion", "ions")
LABEL_ENDINGS = ("", "stan", "istan", "ia", "a", "e", "y", "land", "en", "ey")


@dataclass(frozen=True)
class Word:
    """One word and its place in the text, end exclusive."""

    text: str
    begin: int
    end: int

    @cached_property
    def folded(self) -> str:
        """The word as it is compared."""
        return self.text.casefold()

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def is_all_capitals(self) -> bool:
        """Whether it is written in capitals throughout, and has two letters or more."""
        return len(self.text) > 1 and self.text.isupper()


def words_of(text: str, begin: int = 0, end: int | None = None) -> list[Word]:
    """The words of a stretch, with their places in the whole text.

    >>> [word.text for word in words_of("The Port-Louis's 2 banks")]
    ['The', 'Port', 'Louis', 's', '2', 'banks']
    """
    found = WORD.finditer(text, begin, len(text) if end is None else end)
    return [Word(match.group(), match.start(), match.end()) for match in found]


def folded(text: str) -> tuple[str, ...]:
    """The words of a label as they are compared.

    >>> folded("Partnership for Peace")
    ('partnership', 'for', 'peace')
    """
    return tuple(match.group().casefold() for match in WORD.finditer(text))


def is_form_of(word: str, of: str) -> bool:
    """Whether a folded word is the other one, its plural, or its adjective or demonym.

    >>> is_form_of("kazakh", "kazakhstan"), is_form_of("asian", "asia"), is_form_of("treaties", "treaty")
    (True, True, False)
    """
    if word == of:
        return True
    if word[:STEM] != of[:STEM]:
        return False
    for ending in TEXT_ENDINGS:
        stem = word[: len(word) - len(ending)]
        if word.endswith(ending) and len(stem) >= STEM and of.startswith(stem) and of[len(stem) :] in LABEL_ENDINGS:
            return True
    return False


def by_beginning(words: Sequence[Word]) -> dict[str, list[int]]:
    """Where to look for a word: words that are forms of one another have the letters of a stem in common."""
    found: dict[str, list[int]] = {}
    for at, word in enumerate(words):
        found.setdefault(word.folded[:STEM], []).append(at)
    return found


def occurrences(
    words: Sequence[Word], beginnings: Mapping[str, Sequence[int]], text: str, label: Sequence[str]
) -> Iterator[range]:
    """Where the words of a label stand one after another, as indexes into `words`.

    >>> text = "the Central Asian states"
    >>> words = words_of(text)
    >>> list(occurrences(words, by_beginning(words), text, ("central", "asia")))
    [range(1, 3)]
    """
    for start in beginnings.get(label[0][:STEM], ()) if label else ():
        stretch = words[start : start + len(label)]
        if len(stretch) < len(label):
            return
        if all(is_form_of(word.folded, of) for word, of in zip(stretch, label, strict=True)) and not any(
            BREAK.search(text, left.end, right.begin) for left, right in pairwise(stretch)
        ):
            yield range(start, start + len(label))


def contains(words: Sequence[str], part: Sequence[str]) -> bool:
    """Whether the words of `part` stand in `words` one after another.

    >>> contains(("the", "beacon", "treaty"), ("beacon", "treaty"))
    True
    """
    return any(tuple(words[at : at + len(part)]) == tuple(part) for at in range(len(words) - len(part) + 1))


def roots(word: str) -> set[str]:
    """A folded word, and what it may be built from.

    >>> sorted(roots("discussion"))
    ['discuss', 'discusse', 'discussion']
    """
    found = {word}
    for ending in ROOT_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= STEM - 1:
            found |= {stem, stem + "e"}
    return found


def plain_words(texts: Iterable[str]) -> frozenset[str]:
    """The roots of every word that stands in one of the texts without a capital: such words are ordinary.

    >>> sorted(plain_words(["Pilots met. The pilots left Port Ostry."]))
    ['left', 'met', 'pilot', 'pilote', 'pilots']
    """
    words = {match.group() for text in texts for match in WORD.finditer(text) if match.group()[0].islower()}
    return frozenset(root for word in words for root in roots(word))
