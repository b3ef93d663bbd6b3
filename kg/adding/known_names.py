"""Names that the graph knows, found in a text: exactly or in another form. Likeness is left to `near_names`.

A name stands where its words do, or forms of them ("Vellmarkan", see `curation.wording`). A word that a name writes
with a capital after its first, or alone, has one in the text too, and an abbreviation is written in capitals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.curation.mentions import Reading
from kg.curation.wording import Word, folded, occurrences, words_of

EXACT = 100

Label = tuple[str, ...]
"""A name as its folded words."""


@dataclass(frozen=True, order=True)
class Mention:
    """A stretch that seems to name a node; `name` is the node's own, `how` what is like it if it is not exact.

    Units: likeness in percent.
    """

    begin: int
    end: int
    node: str
    name: str
    likeness: int = EXACT
    how: str = ""


class KnownNames:
    """The names of some nodes, ready to be found in texts; `bearers` has each name's nodes with its spelling."""

    def __init__(self, names: Mapping[ox.NamedNode, Iterable[str]]) -> None:
        self.bearers: defaultdict[Label, dict[str, str]] = defaultdict(dict)
        for node in sorted(names, key=lambda one: one.value):
            for name in sorted(names[node]):
                if words := folded(name):
                    self.bearers[words].setdefault(node.value, name)

    def mentions(self, reading: Reading) -> list[Mention]:
        """Every place in a text where a name stands, in reading order.

        >>> known = KnownNames({ox.NamedNode("https://w3id.org/oxus/id/vellmark"): ["Vellmark"]})
        >>> [(one.begin, one.name) for one in known.mentions(Reading("The Vellmarkan pilots"))]
        [(4, 'Vellmark')]
        """
        found = []
        for label, bearers in self.bearers.items():
            for place in occurrences(reading.words, reading.beginnings, reading.text, label):
                words = reading.words[place.start : place.stop]
                for node, name in bearers.items():
                    if is_written_like(words, words_of(name)):
                        found.append(Mention(words[0].begin, words[-1].end, node, name))
        return outermost(found)


def is_written_like(words: list[Word], name: list[Word]) -> bool:
    """Whether words have capitals where a name of as many words has its own.

    >>> is_written_like(words_of("us ships"), words_of("US ships")), is_written_like(words_of("PORT"), words_of("Port"))
    (False, True)
    """
    is_title = len(name) > 1 and all(part.is_all_capitals for part in name)
    for at, (word, part) in enumerate(zip(words, name, strict=True)):
        if part.is_all_capitals and not is_title:
            if not word.text.removesuffix("s").isupper():
                return False
        elif part.is_capitalised and (at or len(name) == 1) and not word.is_capitalised:
            return False
    return True


def outermost(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions that lie in no longer one of the same node, in reading order.

    >>> inner, outer = Mention(5, 10, "a", "Ostry"), Mention(0, 10, "a", "Port Ostry")
    >>> outermost([inner, outer]) == [outer]
    True
    """
    kept: list[Mention] = []
    ends: dict[str, int] = {}
    for one in sorted(mentions, key=lambda one: (one.begin, -one.end)):
        if one.end > ends.get(one.node, -1):
            ends[one.node] = one.end
            kept.append(one)
    return sorted(kept)
