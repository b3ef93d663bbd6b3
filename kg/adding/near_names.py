"""Words of a text that are nearly a name that the graph knows, with RapidFuzz's word for how nearly.

Beside the exact mentions, words are proposed for a name
- that is spelt nearly so: a single word, or several that begin or end like it, one of them in no exact mention;
- of which they are the first or last words, if few nodes bear such a name ("Merrow" of "Jon Merrow"), romanised
  otherwise too ("Fahrabad" of "Fakhrabad range");
- of which they are the initial and the last word ("J. Merrow");
- whose initials they are ("RO" for "Republic of Ostrany"), or that the text itself shortens so ("Sound Compact (SC)").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from rapidfuzz import fuzz, process

from kg.adding.known_names import KnownNames, Label, Mention
from kg.curation.mentions import FUNCTION_WORDS, PARTICLES, Reading
from kg.curation.wording import BREAK, Word, words_of
from kg.search.folding import sound_of

NEAR = 82
"""Percent of likeness from which words are proposed for a name."""
WORD_NEAR = 75
"""Percent from which a word is taken for another."""
WORD_ALIKE, LETTERS = 80, 5
"""The same for a name of one word, and how many letters it must have."""
MUCH_LESS = 20
"""By so much less like than another name, a longer one is not meant."""
MOST_OF_NAME = 3
"""Words that a name may have to be shortened to an initial and the last of them."""
MOST_OF_WORD, MOST_OF_WORDS = 1, 2
"""How many nodes a part of their names may stand for: a single word is often in many."""

_SHORTENED = re.compile(r"\s*\(\s*[\"“]?(?P<short>[A-Z][A-Za-z]*[A-Z][A-Za-z]*)[\"”]?\s*\)")
_NO_NAME = FUNCTION_WORDS | PARTICLES


def near_mentions(known: KnownNames, reading: Reading, exact: Sequence[Mention]) -> list[Mention]:
    """What may name a node beside the exact mentions, in reading order; never the node that stands there exactly."""
    taken: defaultdict[str, set[int]] = defaultdict(set)
    for one in exact:
        taken[one.node].update(reading.between(one.begin, one.end))
    held = set().union(*taken.values())
    found = [
        *_shortened(reading, exact),
        *_parts(known, reading, held),
        *_initialled(known, reading),
        *_words_alike(known, reading, held),
        *_spelt_alike(known, reading, held),
    ]
    chosen = []
    for one in sorted(found, key=lambda one: (-one.likeness, one)):
        words = reading.between(one.begin, one.end)
        if taken[one.node].isdisjoint(words):
            taken[one.node].update(words)
            chosen.append(one)
    return sorted(chosen)


def _shortened(reading: Reading, exact: Iterable[Mention]) -> Iterator[Mention]:
    shorts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in exact:
        if match := _SHORTENED.match(reading.text, one.end):
            rest = iter("".join(word.text[0] for word in words_of(one.name)).casefold())
            if all(letter in rest for letter in match["short"].casefold()):
                shorts[match["short"]].add((one.node, one.name))
    for word in reading.words:
        for node, name in shorts.get(word.text, ()):
            yield Mention(word.begin, word.end, node, name, 100, "the text shortens it so")


def _parts(known: KnownNames, reading: Reading, held: set[int]) -> Iterator[Mention]:
    parts: defaultdict[Label, dict[str, tuple[str, str]]] = defaultdict(dict)
    initials: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for bearers in known.bearers.values():
        for node, name in bearers.items():
            words = words_of(name)
            if len(words) > 1:
                initials[_initials(words)].setdefault(node, name)
            for size in range(1, len(words)):
                for part, how in ((words[:size], "its first words"), (words[-size:], "its last words")):
                    if part[0].is_capitalised and part[-1].is_capitalised:
                        parts[_sounds(part)].setdefault(node, (name, how))
    candidates = [at for at in range(len(reading.words)) if reading.may_name(at) and at not in held]
    for run in reading.runs(candidates):
        words = reading.words[run.start : run.stop]
        said = reading.text[words[0].begin : words[-1].end]
        if len(words) > 1 or not reading.opens_sentence(words[0]) or words[0].is_all_capitals:
            bearing = parts.get(_sounds(words), {})
            whole = {name: round(fuzz.ratio(said.casefold(), name.casefold())) for name, _ in bearing.values()}
            likest = [
                Mention(words[0].begin, words[-1].end, node, name, whole[name], how)
                for node, (name, how) in bearing.items()
                if whole[name] > max(whole.values()) - MUCH_LESS
            ]
            yield from likest if len(likest) <= (MOST_OF_WORD if len(words) == 1 else MOST_OF_WORDS) else ()
        if len(words) == 1 and words[0].is_all_capitals:
            for node, name in initials.get(said, {}).items():
                yield Mention(words[0].begin, words[-1].end, node, name, 50, "its initials")


def _sounds(words: Sequence[Word]) -> Label:
    """Words as they are compared with parts of names."""
    return tuple(sound_of(word.folded) for word in words)


def _initialled(known: KnownNames, reading: Reading) -> Iterator[Mention]:
    bearing: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for bearers in known.bearers.values():
        for node, name in bearers.items():
            words = words_of(name)
            if 2 <= len(words) <= MOST_OF_NAME and all(word.is_capitalised for word in words):
                bearing[words[0].text[0], words[-1].folded].setdefault(node, name)
    for first, last in pairwise(reading.words):
        if len(first.text) == 1 and reading.text[first.end : last.begin].rstrip() == ".":
            found = bearing.get((first.text, last.folded), {})
            for node, name in found.items() if len(found) <= MOST_OF_WORDS else ():
                yield Mention(first.begin, last.end, node, name, 90, "its initial and last word")


def _initials(words: Sequence[Word]) -> str:
    capitals = [word for word in words if word.folded not in _NO_NAME]
    return "".join(word.text[0] for word in capitals)


def _words_alike(known: KnownNames, reading: Reading, held: set[int]) -> Iterator[Mention]:
    single = [label[0] for label in known.bearers if len(label) == 1 and len(label[0]) >= LETTERS]
    sounds = {sound_of(name): name for name in single}
    for at, word in enumerate(reading.words):
        if at in held or not reading.may_name(at) or len(word.text) < LETTERS:
            continue
        alike = process.extract(word.folded, single, scorer=fuzz.ratio, score_cutoff=WORD_ALIKE, limit=1)
        if not alike and (name := sounds.get(sound_of(word.folded))):
            alike = [(name, fuzz.ratio(word.folded, name), 0)]
        for name, likeness, _ in alike:
            for node, spelt in known.bearers[name,].items():
                if words_of(spelt)[0].is_capitalised:
                    yield Mention(word.begin, word.end, node, spelt, round(likeness), "spelt alike")


def _spelt_alike(known: KnownNames, reading: Reading, held: set[int]) -> Iterator[Mention]:
    edges: defaultdict[str, list[Label]] = defaultdict(list)
    for label in known.bearers:
        if len(label) > 1:
            for edge in {label[0], label[-1]} - _NO_NAME:
                edges[edge].append(label)
    for at, word in enumerate(reading.words):
        for label in edges.get(word.folded, ()):
            for size in range(max(2, len(label) - 1), len(label) + 2):
                start = at if word.folded == label[0] else at - size + 1
                if 0 <= start <= len(reading.words) - size and (
                    likeness := _likeness(reading, start, size, label, held)
                ):
                    first, last = reading.words[start], reading.words[start + size - 1]
                    for node, name in known.bearers[label].items():
                        yield Mention(first.begin, last.end, node, name, likeness, "spelt alike")


def _likeness(reading: Reading, start: int, size: int, label: Label, held: set[int]) -> int:
    words = reading.words[start : start + size]
    if words[0].folded in _NO_NAME or words[-1].folded in _NO_NAME:
        return 0
    likeness = fuzz.ratio(" ".join(word.folded for word in words), " ".join(label), score_cutoff=NEAR)
    between = reading.text[words[0].begin : words[-1].end]
    if not likeness or BREAK.search(between) or re.search(r"[.()]\s", between):
        return 0
    parts = [part for part in label if part not in _NO_NAME]
    alike = [
        start + at
        for at, word in enumerate(words)
        if word.folded not in _NO_NAME and any(fuzz.ratio(word.folded, part) >= WORD_NEAR for part in parts)
    ]
    is_own = not held.issuperset(alike)
    return round(likeness) if is_own and len(alike) * 3 >= len(parts) * 2 - 1 else 0
