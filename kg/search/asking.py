"""A search put to the index: which things answer it, in which order, of which kinds. Why they do is `matching`'s.

A text is words, whatever signs are in it; nothing of it is read as tantivy's query language. Each word must be in a
name or a description: as it is, by its sound, by its base, as a beginning. If few things answer so, words that are
nearly the same are let in, and if still none does, things that answer only some of the words. A thing is ranked by the
best place of each word: a label before an alias, a beginning, what is nearly it, a description.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from kg.errors import QueryParameterError
from kg.search.composing import NAMED, Composer, either
from kg.search.folding import Word, words_of
from kg.search.matching import Reason, reasons
from kg.search.reading import SOURCES_OF_NAMES, Name

MOST_LETTERS, MOST_WORDS = 200, 20
"""What a search may have of each."""
MOST_HITS = 1000
"""Of the things that answer, those that can be had: nobody pages further."""
FEW = 3
"""If fewer things answer by their names, words that are nearly the same are let in."""
PLENTY = 50
"""If so many do, whether by names need not be asked."""
MOST_CLASSES = 40
SAME_KEY = 5
"""IRIs that differ by capitals only, or are the last part of others."""


@dataclass(frozen=True)
class Hit:
    """One thing that answers, and why; `missing` are the words that it does not answer."""

    iri: str
    kind: str
    label: str
    language: str
    description: str
    classes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    score: float

    @property
    def nearly(self) -> bool:
        """Whether it answers only by words that are nearly the same."""
        return any(match.way == "nearly" for reason in self.reasons for match in reason.matches)


@dataclass(frozen=True)
class Found:
    """What answers a search: how many things, of which kinds and classes, and those of one page.

    `nearly` if words that are nearly the same were let in, `partly` if no thing answers all the words.
    """

    words: tuple[str, ...]
    total: int
    kinds: dict[str, int]
    classes: dict[str, int]
    hits: tuple[Hit, ...]
    nearly: bool = False
    partly: bool = False


@dataclass(frozen=True)
class Wanted:
    """A search: its text, what it is narrowed to, which part of the answer; `open_ended` while somebody types."""

    text: str
    kind: str | None = None
    of_class: str | None = None
    first: int = 0
    most: int = 20
    open_ended: bool = False
    language: str = "en"


def search(index: tantivy.Index, wanted: Wanted) -> Found:
    """The things that answer a search.

    Raises: QueryParameterError for a text that is too long.
    """
    asked = read_words(wanted.text)
    if not asked:
        return Found((), 0, {}, {}, ())
    return _Asking(index, wanted, asked).found()


def read_words(text: str) -> tuple[Word, ...]:
    """The words of a search.

    Raises: QueryParameterError if there are too many, or the text is too long.
    """
    text = unicodedata.normalize("NFC", text)
    if len(text) > MOST_LETTERS:
        message = f"the search has {len(text):,} characters and may have {MOST_LETTERS}: name fewer things at once"
        raise QueryParameterError(message, parameter="q")
    words = tuple(words_of(text))
    if len(words) > MOST_WORDS:
        message = f"the search has {len(words)} words and may have {MOST_WORDS}: leave out those that matter least"
        raise QueryParameterError(message, parameter="q")
    return words


def labels_of(index: tantivy.Index, iris: Iterable[str], language: str = "en") -> dict[str, str]:
    """What the index calls some things."""
    searcher, schema, found = index.searcher(), index.schema, {}
    for iri in iris:
        query = tantivy.Query.term_query(schema, "key", iri.casefold(), "basic")
        for _, address in searcher.search(query, SAME_KEY, count=False).hits:
            stored = _stored(searcher, address)
            names = [Name(*each) for each in stored["names"]]
            told = _in(language, [name for name in names if name.source == "label"])
            if stored["iri"] == iri and told:
                found[iri] = told.text
    return found


def _stored(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(bytes(searcher.doc(address)["stored"][0]))
    return stored


class _Asking:
    """One search, from the narrowest reading of it to the widest that is needed."""

    def __init__(self, index: tantivy.Index, wanted: Wanted, asked: tuple[Word, ...]) -> None:
        self._composer = Composer(index.schema, asked, wanted.text, wanted.open_ended)
        self._searcher = index.searcher()
        self._wanted = wanted
        self._asked = asked
        self._sources = NAMED if wanted.open_ended else SOURCES_OF_NAMES

    def found(self) -> Found:
        numbers = range(len(self._asked))
        words = [self._composer.word(number, self._sources) for number in numbers]
        query, nearly, partly = self._composer.all(words), False, False
        if self._is_scarce(query):
            nearest = [self._composer.nearly(word) for word in self._asked]
            words = [either(*each) for each in zip(words, nearest, strict=True)]
            query, nearly = self._composer.all(words), True
            if len(words) > 1 and not self._count(query):
                query, partly = self._composer.some(words, self._searcher.num_docs, self._count), True
        return self._answer(self._composer.ranked(query), nearly, partly)

    def _is_scarce(self, query: tantivy.Query) -> bool:
        """Whether so few things answer by their names that somebody may have mistyped one."""
        if self._wanted.open_ended:
            return len(self._searcher.search(query, FEW, count=False).hits) < FEW
        if self._count(query) >= PLENTY:
            return False
        named = [self._composer.word(number, NAMED) for number in range(len(self._asked))]
        return self._count(self._composer.all(named)) < FEW

    def _answer(self, query: tantivy.Query, nearly: bool, partly: bool) -> Found:
        wanted = self._wanted
        most = max(min(wanted.most, MOST_HITS - wanted.first), 0)
        narrowed = self._composer.narrowed(query, wanted.kind, wanted.of_class)
        result = self._searcher.search(narrowed, max(most, 1), offset=wanted.first, count=not wanted.open_ended)
        hits = tuple(self._hit(score, address) for score, address in result.hits[:most])
        return Found(
            tuple(word.written for word in self._asked),
            len(hits) if wanted.open_ended else _counted(result),
            *self._facets(query),
            hits,
            nearly and any(hit.nearly for hit in hits),
            partly and bool(hits),
        )

    def _facets(self, query: tantivy.Query) -> tuple[dict[str, int], dict[str, int]]:
        """How many things there are of each kind, and of each class; each as if it were not narrowed by itself."""
        wanted = self._wanted
        if wanted.open_ended:
            return {}, {}
        if not wanted.kind and not wanted.of_class:
            kinds, classes = self._facet(query, "kind", "class")
            return kinds, classes
        (kinds,) = self._facet(self._composer.narrowed(query, None, wanted.of_class), "kind")
        (classes,) = self._facet(self._composer.narrowed(query, wanted.kind, None), "class")
        return kinds, classes

    def _hit(self, score: float, address: tantivy.DocAddress) -> Hit:
        stored = _stored(self._searcher, address)
        names = [Name(*each) for each in stored["names"]]
        told = _in(self._wanted.language, [name for name in names if name.source == "label"])
        meant = _in(self._wanted.language, [name for name in names if name.source == "description"])
        searched = [name for name in names if name.source in self._sources]
        why = reasons(self._asked, searched, self._wanted.open_ended)
        answered = {match.asked for reason in why for match in reason.matches}
        missing = tuple(word.written for word in self._asked if word.written not in answered) if why else ()
        return Hit(
            stored["iri"],
            stored["kind"],
            told.text if told else "",
            told.language if told else "",
            meant.text if meant else "",
            tuple(stored["classes"]),
            why,
            missing,
            score,
        )

    def _count(self, query: tantivy.Query) -> int:
        return _counted(self._searcher.search(query, 1))

    def _facet(self, query: tantivy.Query, *names: str) -> list[dict[str, int]]:
        """For each of some fields its values with how many things have them, the most frequent first."""
        terms = {name: {"terms": {"field": name, "size": MOST_CLASSES, "order": {"_count": "desc"}}} for name in names}
        found = self._searcher.aggregate(query, terms)
        ordered = (sorted(found[name]["buckets"], key=lambda one: (-one["doc_count"], one["key"])) for name in names)
        return [{bucket["key"]: int(bucket["doc_count"]) for bucket in buckets} for buckets in ordered]


def _counted(result: tantivy.SearchResult) -> int:
    return int(result.count or 0)  # type: ignore[attr-defined]  # its stub forgets it


def _in(language: str, names: Sequence[Name]) -> Name | None:
    """The name in a language, else the English one, else any."""
    order = {language: 0, "en": 1, "": 2}
    return min(names, key=lambda name: (order.get(name.language, 3), not name.accepted), default=None)
