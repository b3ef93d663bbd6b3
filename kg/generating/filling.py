"""Patterns filled in: which nodes are picked, when things happen, what they are called. The order is in `documents`.

What is kept does not grow with the graph: a count for each class and the spans mentioned (days of some decades). A
node's IRI and name are functions of its class and number.
"""

from __future__ import annotations

import datetime
import math
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.build.graphs import in_graph
from kg.errors import SourceError
from kg.files.spans import describe_span, span_iri
from kg.generating.compiling import PATTERNS_FILE
from kg.generating.names import invented_name, invented_words
from kg.generating.recipe import ONE, SOME, WHEN, Pattern, Recipe, Text
from kg.generating.slots import FIELD, class_of
from kg.namespaces import ID, ONTOLOGY, TIME_GRAPH

FIRST_DAY, LAST_DAY = datetime.date(1990, 1, 1).toordinal(), datetime.date(2024, 12, 31).toordinal()
HOT_DAYS = 60
"""How many days draw more events than others; which ones the seed decides."""

VOCABULARY = 500
_PRECISION = {"day": 10, "month": 7, "year": 4}

Node = tuple[str, int]
"""A generated node: its class and its number."""


@dataclass
class Filled:
    """A pattern as it was filled in: terms by slot, and which nodes and dates they are."""

    pattern: Pattern
    terms: dict[str, str]
    nodes: dict[str, Node] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)


class Filler:
    """Fills patterns in, one after another, from one source of chance."""

    def __init__(self, recipe: Recipe, seed: int, chance: random.Random) -> None:
        self.recipe = recipe
        self.seed = seed
        self.chance = chance
        self.counts: Counter[str] = Counter()
        self._words = invented_words(seed, VOCABULARY)
        self._hot = [chance.randint(FIRST_DAY, LAST_DAY) for _ in range(HOT_DAYS)]
        self._spans: set[str] = set()
        self._pools: dict[str, tuple[str, ...]] = {}

    def fill(
        self, pattern: Pattern, given: Mapping[str, str], texts: Mapping[str, str], today: int
    ) -> tuple[str, Filled]:
        """The pattern's statements as N-Quads, and what it was filled in with; `today` is the day of the document."""
        filled = Filled(pattern, dict(given))
        for slot in pattern.slots:
            if slot.startswith(SOME):
                filled.nodes[slot] = node = self.pick(slot, set(filled.nodes.values()))
                filled.terms[slot] = self.iri(node)
            elif slot.startswith(ONE):
                values = self.recipe.lists[ONTOLOGY + slot.removeprefix(ONE).partition("-1")[0]]
                filled.terms[slot] = f"<{values[self._rank(len(values))]}>"
        for slot, of in pattern.new.items():
            filled.nodes[slot] = node = (of, self.counts[of])
            filled.terms[slot] = self.iri(node)
            self.counts[of] += 1
        lines = self._date(filled, [slot for slot in pattern.slots if slot.startswith(WHEN)], today)
        for slot, text in pattern.texts.items():
            parts = FIELD.split(text.template)  # text, field, text, field, …
            parts[1::2] = [self._field(name, text, filled, texts) for name in parts[1::2]]
            filled.terms[slot] = f'"{"".join(parts)}"{text.suffix}'
        return lines + pattern.text % filled.terms, filled

    def pick(self, slot: str, apart_from: set[Node]) -> Node:
        """A node of the slot's class that is there already: the first ones far more often than later ones.

        Raises: SourceError if the class has no more than `apart_from`.
        """
        name = class_of(slot)
        if name in self.recipe.members:
            choices = [(name, len(self.recipe.members[name]))]
        else:
            below = self._subclasses(name)
            choices = [(of, self.counts[of]) for of in below if self.counts[of]]
        sizes = [size for _, size in choices]
        taken = sum(of in dict(choices) for of, _ in apart_from)
        if sum(sizes) <= taken:
            message = f"{slot} finds nothing left to pick: raise pattern:first where a <{name}> is introduced"
            raise SourceError(message, f"ontology/{PATTERNS_FILE}")
        of, size = self.chance.choices(choices, sizes)[0] if len(choices) > 1 else choices[0]
        number = self._rank(size)
        while (of, number) in apart_from:
            number += 1
            if number == size:
                of, size = choices[(choices.index((of, size)) + 1) % len(choices)]
                number = 0
        return of, number

    def iri(self, node: Node) -> str:
        """How a node is written."""
        of, number = node
        if of in self.recipe.members:
            return f"<{self.recipe.members[of][number]}>"
        local = re.sub(r"(?<!^)(?=[A-Z])", "-", of.rpartition("#")[2]).lower()
        return f"<{ID}{local}-{number + 1}>"

    def label(self, node: Node) -> str:
        """What a node is called in English."""
        of, number = node
        if of in self.recipe.members:
            return self.recipe.labels[self.recipe.members[of][number]]
        return f"{self.recipe.labels[of].capitalize()} {self._name(node)[0]}"

    def words(self, count: int) -> str:
        """Some words, the same few again and again."""
        return " ".join(self._words[self._rank(VOCABULARY)] for _ in range(count))

    def span(self, edtf: str) -> tuple[str, str]:
        """How a span is written, and its description if it was not mentioned before."""
        iri = span_iri(edtf)
        if iri in self._spans:
            return f"<{iri}>", ""
        self._spans.add(iri)
        lines = []
        for triple in describe_span(iri):
            lines.append(f"{in_graph(triple, TIME_GRAPH)} .\n{triple} .\n")
            for predicate, value, graph in self.recipe.span_inferences.get(triple.predicate.value, ()):
                told = f"<{iri}> {predicate} {value or triple.object}"
                lines.append(f"{told} {graph} .\n{told} .\n")
        return f"<{iri}>", "".join(lines)

    def day(self, today: int) -> int:
        """A day of which a document of today tells: a hot one, or one not long before."""
        if self.chance.random() < 0.3:
            hot = self._hot[self._rank(HOT_DAYS)]
            if hot <= today:
                return hot
        return max(FIRST_DAY, today - int(self.chance.expovariate(1 / 600)))

    def _date(self, filled: Filled, slots: list[str], today: int) -> str:
        days = sorted(self.day(today) for _ in slots)
        lines = ""
        for slot, day in zip(sorted(slots, key=lambda one: one.partition("-")[2]), days, strict=True):
            how = slot.removeprefix(WHEN).partition("-")[0]
            text = datetime.date.fromordinal(day).isoformat()
            if how == "period":
                edtf = f"{text[:4]}/{int(text[:4]) + self.chance.randint(1, 9)}"
            elif how == "since":
                edtf = f"{text[:4]}/.."
            else:
                edtf = text[: _PRECISION[how]]
            filled.dates[slot] = edtf
            filled.terms[slot], described = self.span(edtf)
            lines += described
        return lines

    def _field(self, name: str, text: Text, filled: Filled, texts: Mapping[str, str]) -> str:
        if name in texts:
            return texts[name]
        if name == "words":
            return self.words(self.chance.randint(5, 14))
        if name == "number":
            return f"{self.chance.randrange(1_000_000):06}"
        if name == "latitude":
            return f"{self.chance.randint(-600, 700) / 10}5"
        if name == "longitude":
            return f"{self.chance.randint(-1799, 1799) / 10}5"
        node = filled.nodes[text.subject]
        if name == "name":
            return self._name(node)[text.suffix == "@ru"]
        if name == "letters":
            return "".join(chr(65 + node[1] // 26**place % 26) for place in (2, 1, 0))
        label = self.label(node)
        return label if name == "label" else f"{label}, which is invented."

    def _name(self, node: Node) -> tuple[str, str]:
        return invented_name(f"{self.seed}/{node[0]}/{node[1]}")

    def _subclasses(self, name: str) -> tuple[str, ...]:
        if name not in self._pools:
            self._pools[name] = tuple(sorted(self.recipe.subclasses.get(name, {name})))
        return self._pools[name]

    def _rank(self, size: int) -> int:
        """A number below `size`, by Zipf's law: the first twice as often as the second, and so on."""
        return min(size - 1, int(math.exp(self.chance.random() * math.log(size + 1))) - 1)


def other_date(edtf: str, chance: random.Random) -> str:
    """A date that contradicts this one: the same in another year."""
    return f"{int(edtf[:4]) + chance.choice((-2, -1, 1, 2))}{edtf[4:]}" if edtf[4:] != "-02-29" else edtf[:4] + "-03-01"


def coarser_date(edtf: str) -> str | None:
    """A date within which this one lies, if there is one that says less."""
    return edtf[:-3] if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){1,2}", edtf) else None
