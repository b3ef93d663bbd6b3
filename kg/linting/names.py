"""Which thing a misspelt IRI or name may have meant, by the names that a graph gives its things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

import pyoxigraph as ox
from rapidfuzz import fuzz, process, utils

from kg.linting.near import NEAR, local_name, words
from kg.namespaces import DCTERMS, RDFS, SELF_DESCRIPTION, SKOS
from kg.search.folding import Word, words_of

MOST_NAMES = 20_000
"""Of each kind of name, how many are looked at."""
NAMING = tuple(
    ox.NamedNode(iri)
    for iri in (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel", DCTERMS + "title", SKOS + "notation")
)
LEAST_LETTERS = 4
"""Letters of a text from which it is looked for in names."""
_SAME = 100.0
"""Percent of likeness of a slug from which a thing of another namespace is proposed."""
_ABBREVIATED = 5
"""Letters up to which a slug is taken for an abbreviation, which no other spelling is near to."""


def _forms(word: Word) -> tuple[str, str]:
    return word.sound, word.base


class Names:
    """The names of a graph's things."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    @cached_property
    def _things(self) -> Mapping[str, frozenset[str]]:
        """The things that bear a name, by that name in small letters."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for predicate in NAMING:
            quads = self._store.quads_for_pattern(None, predicate, None, ox.DefaultGraph())
            for quad in islice(quads, MOST_NAMES):
                if not isinstance(quad.subject, ox.NamedNode) or quad.subject in self._described:
                    continue
                if isinstance(quad.object, ox.Literal):
                    found[quad.object.value.casefold()].add(quad.subject.value)
        return {name: frozenset(things) for name, things in found.items()}

    @cached_property
    def _sounds(self) -> Mapping[str, Mapping[str, int]]:
        """By the sound and base of each word of a name the things called so, with how many words the shortest has."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name, things in self._things.items():
            spelt = list(words_of(name))
            for form in {form for word in spelt for form in _forms(word)}:
                found[form] |= {thing: min(len(spelt), found[form].get(thing, len(spelt))) for thing in things}
        return found

    def sounding(self, text: str, most: int = 3) -> list[str]:
        """The things with each word of a text in a name, however it is spelt; those called so alone first."""
        found = []
        for word in words_of(text):
            sound, base = (self._sounds.get(form, {}) for form in _forms(word))
            found.append({**base, **sound})
        every = set(found[0]).intersection(*found[1:]) if found else set()
        return sorted(every, key=lambda thing: (max(words[thing] for words in found), thing))[:most]

    @staticmethod
    def has_words(name: str, text: str) -> bool:
        """Whether a name has each word of a text, however it is spelt."""
        forms = {form for word in words_of(name) for form in _forms(word)}
        return all(not forms.isdisjoint(_forms(word)) for word in words_of(text))

    @cached_property
    def _described(self) -> frozenset[object]:
        """What the dataset says of itself: its dumps, its examples, which nobody asks for by name."""
        graphs = (self._store.quads_for_pattern(None, None, None, graph) for graph in SELF_DESCRIPTION)
        return frozenset(quad.subject for quads in graphs for quad in quads)

    @cached_property
    def _slugs(self) -> Mapping[str, str]:
        """The last part of each named thing's IRI, by IRI."""
        return {thing: local_name(thing) for things in self._things.values() for thing in things}

    @cached_property
    def _languages(self) -> frozenset[str]:
        """The languages of names."""
        found = set()
        for predicate in NAMING:
            quads = self._store.quads_for_pattern(None, predicate, None, ox.DefaultGraph())
            literals = (quad.object for quad in islice(quads, MOST_NAMES))
            found |= {each.language for each in literals if isinstance(each, ox.Literal) and each.language}
        return frozenset(found)

    def spellings(self, text: str) -> list[ox.Literal]:
        """A text as a literal in each language that names are in, English first, and in none."""
        ordered = sorted(self._languages, key=lambda tag: (tag != "en", tag))
        return [*(ox.Literal(text, language=tag) for tag in ordered), ox.Literal(text)]

    def bearers(self, name: str, most: int = 3) -> list[str]:
        """The things that are called so, or nearly so."""
        if exact := self._things.get(name.casefold()):
            return sorted(exact)[:most]
        found = process.extract(
            name, list(self._things), scorer=fuzz.ratio, processor=utils.default_process, limit=most
        )
        return list(
            dict.fromkeys(thing for each, score, _ in found if score >= NEAR for thing in sorted(self._things[each]))
        )[:most]

    def meant(self, iri: str, most: int = 3) -> list[str]:
        """The things whose IRI is near to this one, or whose name is what it ends in; those beside it come first."""
        slug = local_name(iri)
        beside = iri[: len(iri) - len(slug)]
        called = self._things.get(" ".join(words(slug)), frozenset()) | self._things.get(slug.casefold(), frozenset())
        found = [(100.0, each) for each in called]
        if len(slug) > _ABBREVIATED or not called:
            near = process.extract(slug, self._slugs, scorer=fuzz.ratio, processor=str.casefold, limit=5 * most)
            found += [
                (score, thing) for _, score, thing in near if score >= (NEAR if thing.startswith(beside) else _SAME)
            ]
        ordered = sorted(found, key=lambda pair: (not pair[1].startswith(beside), -pair[0], pair[1]))
        return list(dict.fromkeys(thing for _, thing in ordered if thing != iri))[:most]

    def of(self, thing: ox.NamedNode) -> Iterator[str]:
        """What a thing is called."""
        for predicate in NAMING:
            for quad in self._store.quads_for_pattern(thing, predicate, None, ox.DefaultGraph()):
                if isinstance(quad.object, ox.Literal):
                    yield quad.object.value
