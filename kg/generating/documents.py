"""A generated graph, document after document, until it has the statements asked for. Writing it is left to `run`."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import SourceError
from kg.generating.filling import FIRST_DAY, LAST_DAY, Filled, Filler, coarser_date, other_date
from kg.generating.recipe import PASSAGE, SOME, WHEN, Pattern, Recipe, Rival
from kg.namespaces import SOURCE, oxus

REMEMBERED = 128
"""How many statements of late a passage may repeat or contradict."""

ENDGAME = 1200
"""The last statements, which the last document takes in, so that no document is cut short."""

MOST_OF_A_PASSAGE = 500
"""More statements than a passage has, with the one nested in it, its judgement and its spans."""

STATED = oxus("stated").value
"""The kind of passages that say something as a fact."""

_AGREEMENT, _DISPUTE, _NESTED, _RELIANT, _SLIP, _BOILERPLATE, _KIN = 0.14, 0.1, 0.2, 0.25, 0.06, 0.05, 0.1
_CLUSTERS = tuple(datetime.date(year, 3, 1).toordinal() for year in (1995, 2004, 2011, 2019))


@dataclass(frozen=True)
class Stated:
    """What a passage states, kept for a while."""

    filled: Filled
    passage: str
    document: int


class Documents:
    """The generator's state: small, whatever the size of the graph."""

    def __init__(self, recipe: Recipe, statements: int, seed: int) -> None:
        self.recipe = recipe
        self.statements = statements
        self.seed = seed
        self.count = 0
        self.chance = random.Random(seed)
        self.filler = Filler(recipe, seed, self.chance)
        ordinary = [pattern for pattern in recipe.patterns.values() if pattern.weight]
        self.ordinary = ordinary
        self.weights = list(itertools.accumulate(pattern.weight for pattern in ordinary))
        self.beginning = [pattern for pattern in recipe.patterns.values() for _ in range(pattern.first)][::-1]
        self.used: dict[str, int] = {}
        self.memory: deque[Stated] = deque(maxlen=REMEMBERED)
        self.document = 0
        self.iri = ""
        self.today = 0
        self.end = 0
        self.previous = ""

    def blocks(self) -> Iterator[str]:
        """Lines of N-Quads, some dozens at a time, each a statement that no other block has.

        Raises: SourceError if there are fewer statements than the ontology and a first document have.
        """
        yield self._counted(self.recipe.preamble)
        while self.beginning or self.statements - self.count >= ENDGAME:
            yield from map(self._counted, self._one_document())
            self.document += 1

    def _counted(self, block: str) -> str:
        self.count += block.count("\n")
        return block

    def _one_document(self) -> Iterator[str]:
        slug = f"document-{self.document + 1}"
        self.iri = f"<{SOURCE}{slug}>"
        self.today = self._publication()
        self.end = 0
        date, described = self.filler.span(datetime.date.fromordinal(self.today).isoformat())
        yield described
        place = self._stretch(18)
        yield self._passage(place, STATED, "The document tells its date.")
        yield self._fill("opening", {PASSAGE: place, "this/date": date})[0]
        planned = min(400, 3 + int(self.chance.lognormvariate(2.4, 0.9)))
        earlier = place
        for number in itertools.count():
            left = self.statements - self.count
            if number >= planned and not self.beginning and left >= ENDGAME + MOST_OF_A_PASSAGE:
                break
            if left < MOST_OF_A_PASSAGE:
                self._refuse_if_beginning()
                yield from self._to_the_end()
                break
            blocks, place = self._stating(earlier)
            yield blocks
            earlier = place
        yield self._description(slug)
        self.previous = self.iri

    def _refuse_if_beginning(self) -> None:
        if self.beginning:
            alone = self.recipe.preamble.count("\n")
            message = f"{self.statements:,} statements are too few: the ontology alone has {alone:,}"
            raise SourceError(f"{message}, and the first document about as many again")

    def _to_the_end(self) -> Iterator[str]:
        """Repetitions, which are short, until no more fit."""
        smallest = 40 + sum(self.recipe.patterns[name].text.count("\n") for name in ("passage", "document"))
        while self.statements - self.count > smallest:
            yield self._agreement(self.chance.choice(list(self.memory)))

    def _description(self, slug: str) -> str:
        texts = {
            "slug": slug,
            "title": f"Report {self.document + 1}: {self.filler.words(5)}",
            "modified": datetime.date.fromordinal(self.today).isoformat(),
            "length": str(self.end),
            "sha256": self._hash(self.iri),
        }
        lines = self._fill("document", {}, texts)[0]
        if self.previous and self.chance.random() < _KIN:
            lines += self._fill("kinship", {"this/kin": self.previous})[0]
        return lines

    def _stating(self, earlier: str) -> tuple[str, str]:
        """The next passage: something new, something said before, or something else than was said before."""
        fate = self.chance.random()
        if not self.beginning and fate < _AGREEMENT and (elsewhere := self._elsewhere()):
            return self._agreement(elsewhere), earlier
        if not self.beginning and fate < _AGREEMENT + _DISPUTE and (elsewhere := self._elsewhere()):
            if elsewhere.filled.pattern.rivals:
                self.memory.remove(elsewhere)
                return self._dispute(elsewhere), earlier
        lines = ""
        if self.chance.random() < _BOILERPLATE:
            lines += self._fill("boilerplate", {PASSAGE: self._stretch(30)})[0]
        length = 30 + int(self.chance.lognormvariate(4.8, 0.5))
        nested = self.chance.random() < _NESTED
        inner_length = 30 + int(self.chance.lognormvariate(4.2, 0.4))
        begin = self.end + self.chance.randint(1, 9)
        place = self._stretch(length + nested * inner_length, begin)
        stated, filled = self._fact(place)
        lines += stated
        if self.chance.random() < _RELIANT:
            lines += self._fill("reliance", {PASSAGE: place, "this/earlier": earlier})[0]
        if self.chance.random() < _SLIP:
            given = {PASSAGE: place, "this/thing": filled.terms[next(iter(filled.pattern.new))]}
            lines += self._fill("slip", given, {"first": self.filler.words(2)})[0]
        if nested:
            inner_begin = begin + self.chance.randint(1, length - 1)
            inner = f"{self.iri[:-1]}/{inner_begin}-{inner_begin + inner_length}>"
            lines += self._fact(inner)[0]
            lines += self._fill("nesting", {PASSAGE: inner, "this/enclosing": place})[0]
        return lines, place

    def _fact(self, place: str) -> tuple[str, Filled]:
        pattern = self._choose()
        given = {PASSAGE: place, "this/document": self.iri}
        lines, filled = self.filler.fill(pattern, given, {}, self.today)
        lines += self._passage(place, pattern.kind, self._gist(filled))
        if pattern.kind == STATED:  # who repeats an opinion or a plan would have to say again whose it is
            self.memory.append(Stated(filled, place, self.document))
        return lines, filled

    def _choose(self) -> Pattern:
        if self.beginning:
            pattern = self.beginning.pop()
        else:
            pattern = self.chance.choices(self.ordinary, cum_weights=self.weights)[0]
            while pattern.most is not None and self.used.get(pattern.name, 0) >= pattern.most:
                pattern = self.chance.choices(self.ordinary, cum_weights=self.weights)[0]
        self.used[pattern.name] = self.used.get(pattern.name, 0) + 1
        return pattern

    def _elsewhere(self) -> Stated | None:
        found = [stated for stated in self.memory if stated.document != self.document]
        return self.chance.choice(found) if found else None

    def _agreement(self, stated: Stated) -> str:
        """A passage that states some of it again: nothing new is accepted."""
        filled = stated.filled
        place = self._stretch(30 + int(self.chance.lognormvariate(4.5, 0.4)))
        again = self.chance.sample(filled.pattern.stated, k=min(len(filled.pattern.stated), self.chance.randint(1, 5)))
        lines = "".join(f"{triple % filled.terms} {place} .\n" for triple in again)
        return lines + self._passage(place, filled.pattern.kind, self._gist(filled))

    def _dispute(self, stated: Stated) -> str:
        """A passage that states something else, and the judgement on the two."""
        filled = stated.filled
        rival = self.chance.choice(filled.pattern.rivals)
        verdict, term, lines, shown = self._other(filled, rival)
        terms = {**filled.terms, rival.slot: term}
        place = self._stretch(30 + int(self.chance.lognormvariate(4.5, 0.4)))
        triple = rival.triple % terms
        lines += f"{triple} {place} .\n"
        if verdict != "rejected":
            lines += f"{triple} .\n" + (rival.inferred if verdict == "open" else rival.inferred_beside) % terms
        told = f"{self.filler.label(filled.nodes[rival.subject])} {self._property(rival.predicate)} {shown}."
        lines += self._passage(place, filled.pattern.kind, told)
        given = {PASSAGE: place, "this/reading": stated.passage, "this/thing": filled.terms[rival.subject]}
        return lines + self._fill(verdict, given, {"gist": told})[0]

    def _other(self, filled: Filled, rival: Rival) -> tuple[str, str, str, str]:
        """What the rival says instead: the verdict on it, its term, the lines that the term needs, how it is shown."""
        if rival.slot.startswith(WHEN):
            date = filled.dates[rival.slot]
            coarser = coarser_date(date)
            if coarser is not None and self.chance.random() < 0.5:
                return "compatible", *self.filler.span(coarser), coarser
            wrong = other_date(date, self.chance)
            return "rejected", *self.filler.span(wrong), wrong
        assert rival.slot.startswith(SOME)
        node = self.filler.pick(rival.slot, set(filled.nodes.values()))
        verdict = "open" if self.chance.random() < 0.5 else "rejected"
        return verdict, self.filler.iri(node), "", self.filler.label(node)

    def _passage(self, place: str, kind: str, gist: str) -> str:
        begin, _, end = place[:-1].rpartition("/")[2].partition("-")
        texts = {
            "gist": gist,
            "sha256": self._hash(place),
            "first": self.filler.words(4),
            "last": self.filler.words(4),
            "begin": begin,
            "end": end,
        }
        return self._fill("passage", {PASSAGE: place, "this/kind": f"<{kind}>"}, texts)[0]

    def _gist(self, filled: Filled) -> str:
        if filled.pattern.gist is None:
            return f"{self.filler.label(filled.nodes[next(iter(filled.pattern.new))])} is told of."
        subject, predicate, value = filled.pattern.gist
        shown = filled.dates.get(value) or self.filler.label(filled.nodes[value])
        return f"{self.filler.label(filled.nodes[subject])} {self._property(predicate)} {shown}."

    def _property(self, iri: str) -> str:
        return self.recipe.labels.get(iri, iri)

    def _fill(self, name: str, given: dict[str, str], texts: dict[str, str] | None = None) -> tuple[str, Filled]:
        return self.filler.fill(
            self.recipe.patterns[name], {"this/document": self.iri, **given}, texts or {}, self.today
        )

    def _stretch(self, length: int, begin: int | None = None) -> str:
        """The place of the next passage."""
        begin = self.end + self.chance.randint(1, 9) if begin is None else begin
        self.end = begin + length
        return f"{self.iri[:-1]}/{begin}-{self.end}>"

    def _publication(self) -> int:
        """A day, most often soon after one of a few."""
        if self.chance.random() < 0.3:
            return self.chance.randint(FIRST_DAY, LAST_DAY)
        return min(LAST_DAY, self.chance.choice(_CLUSTERS) + int(self.chance.expovariate(1 / 400)))

    def _hash(self, what: str) -> str:
        return hashlib.sha256(f"{self.seed}{what}".encode()).hexdigest()
