"""A search as queries of tantivy: each word in each of its ways, and what makes one answer better than another.

Queries are made of terms and never of a text that tantivy would parse.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import tantivy

from kg.search.folding import FORMS, Word
from kg.search.index import MOST_WEIGHT, beginning, field
from kg.search.matching import LEAST_BEGINNING, most_distance

NAMED = ("label", "alias")
"""What a name is that is no description."""
_EXACT = {"plain": 1000.0, "sound": 850.0, "base": 600.0}
_WORD = {"plain": 100.0, "sound": 90.0, "base": 70.0}
_BEGINNING, _WHOLE_BEGINNING, _NEARLY = 60.0, 420.0, 40.0
_OF = {"label": 1.0, "alias": 0.93, "description": 0.15}
_KINDS = {"thing": 4.0, "topic": 3.0, "class": 2.0, "property": 2.0, "query": 2.0, "document": 2.0, "passage": 0.5}
"""Among equals."""


class Composer:
    """Makes the queries for the words of one search; `open_ended` if more may be typed, `text` as it was written."""

    def __init__(self, schema: tantivy.Schema, asked: Sequence[Word], text: str, open_ended: bool) -> None:
        self._schema = schema
        self._asked = asked
        self._text = text
        self._open_ended = open_ended

    def word(self, number: int, sources: Sequence[str]) -> tantivy.Query:
        """Things with a word in a name or a description, by the best of its ways."""
        word, ways = self._asked[number], []
        opens = self._open_ended and number == len(self._asked) - 1
        for source in sources:
            for form, score in _WORD.items():
                ways.append(self._scored(self._term(field(source, form), word.form(form)), score * _OF[source]))
            if source in NAMED and (opens or len(word.plain) >= LEAST_BEGINNING):
                for form in ("plain", "sound"):
                    begun = beginning(self._schema, field(source, form), word.form(form))
                    ways.append(self._scored(begun, _BEGINNING * _OF[source]))
        return tantivy.Query.disjunction_max_query(ways)

    def nearly(self, word: Word) -> tantivy.Query | None:
        """Things with a word in a name that is nearly this one."""
        most = most_distance(word)
        if not most:
            return None
        ways = [
            tantivy.Query.const_score_query(
                tantivy.Query.fuzzy_term_query(self._schema, field(source, "sound"), word.sound, distance),
                (_NEARLY - 5 * distance) * _OF[source],
            )
            for source in NAMED
            for distance in range(1, most + 1)
        ]
        return tantivy.Query.disjunction_max_query(ways)

    def all(self, words: Iterable[tantivy.Query]) -> tantivy.Query:
        """Things that answer all the words; or whose IRI the text is."""
        each = tantivy.Query.boolean_query([(tantivy.Occur.Must, word) for word in words])
        return either(each, self._key())

    def some(self, words: Iterable[tantivy.Query], total: int, count: Callable[[tantivy.Query], int]) -> tantivy.Query:
        """Things that answer some of the words: the rarer a word among all things, the more it counts."""
        weighed = [tantivy.Query.boost_query(word, math.log(1 + total / (count(word) + 1)) / 5) for word in words]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in weighed])

    def _key(self) -> tantivy.Query:
        return self._scored(self._term("key", self._text.strip().strip("<>").casefold()), 200.0)

    def ranked(self, query: tantivy.Query) -> tantivy.Query:
        """The same things; what says the whole text counts more, and among equals weight and kind."""
        weights = [self._scored(self._term("kind", kind), score) for kind, score in _KINDS.items()]
        weights += [self._scored(self._term("weight", str(n)), n / MOST_WEIGHT) for n in range(1, MOST_WEIGHT + 1)]
        more = [(tantivy.Occur.Should, each) for each in (self._whole(), *weights)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *more])

    def _whole(self) -> tantivy.Query:
        """Things with a name that is the whole text, or begins with it."""
        ways = []
        for source in NAMED:
            for form in FORMS:
                text = " ".join(word.form(form) for word in self._asked)
                name = field(source, form, whole=True)
                ways.append(self._scored(self._term(name, text), _EXACT[form] * _OF[source]))
                if form != "base":
                    ways.append(self._scored(beginning(self._schema, name, text), _WHOLE_BEGINNING * _OF[source]))
        return tantivy.Query.disjunction_max_query(ways)

    def narrowed(self, query: tantivy.Query, kind: str | None, of_class: str | None) -> tantivy.Query:
        """Those of the things that are of a kind and in a class."""
        filters = [
            (tantivy.Occur.Must, self._scored(self._term(name, value), 0.0))
            for name, value in (("kind", kind), ("class", of_class))
            if value
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *filters]) if filters else query

    def _term(self, name: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, name, value, "basic")

    def _scored(self, query: tantivy.Query, score: float) -> tantivy.Query:
        return tantivy.Query.const_score_query(query, score)


def either(one: tantivy.Query, other: tantivy.Query | None) -> tantivy.Query:
    """Things that answer one of two, by the better."""
    return one if other is None else tantivy.Query.disjunction_max_query([one, other])
