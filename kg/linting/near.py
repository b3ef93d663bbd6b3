"""Names that are near to a wrong one, with RapidFuzz's word for how near. Which names there are is left to others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

NEAR = 75
"""Percent of likeness from which a name is proposed."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_EMPTY = frozenset({"is", "has", "have", "of", "in", "by", "on", "to", "the", "a", "an", "with", "for", "at"})


def local_name(iri: str) -> str:
    """What stands behind the last `#`, `/` or `:` of an IRI.

    >>> local_name("https://w3id.org/oxus/ontology#isRunBy")
    'isRunBy'
    """
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


def words(name: str) -> list[str]:
    """The words of a name that say something, in small letters.

    >>> words("isRunBy"), words("drug-control-agency")
    (['run'], ['drug', 'control', 'agency'])
    """
    found = [word.lower() for word in _WORD.findall(name)]
    return [word for word in found if word not in _EMPTY] or found


def likeness(one: str, other: str) -> float:
    """How alike two names are, in percent: letter by letter, or word by word.

    >>> likeness("Organization", "Organisation") > NEAR, likeness("hasPart", "isPartOf") > NEAR
    (True, True)
    """
    letters = fuzz.ratio(one.casefold(), other.casefold())
    by_word = fuzz.token_sort_ratio(" ".join(words(one)), " ".join(words(other)))
    return max(letters, 0.97 * by_word)


def nearest(name: str, names: Iterable[str], most: int = 3, least: float = NEAR) -> list[str]:
    """Those of some IRIs whose local names are near to a name, the nearest first."""
    found = [(likeness(name, local_name(each)), each) for each in names]
    return [each for score, each in sorted(found, key=lambda pair: (-pair[0], pair[1])) if score >= least][:most]


def is_slip(wrong: str, right: str) -> bool:
    """Whether a text is likely to be a slip of the pen for another: near to it, and with the same numbers.

    >>> is_slip("Drug control agency", "Drug Control Agency"), is_slip("2003-02-20", "2002-02-20")
    (True, False)
    """
    return likeness(wrong, right) >= NEAR and same_numbers(wrong, right)


def same_numbers(one: str, other: str) -> bool:
    """Whether two names have the same numbers: those that differ in one name different things."""
    return re.findall(r"\d+", one) == re.findall(r"\d+", other)


def meant(name: str, described: Mapping[str, str], most: int = 3) -> list[str]:
    """Those of some terms whose label or definition has the words of a name, the one that has them earliest first.

    >>> meant("Country", {"urn:State": "state An actor that is a country.", "urn:Lake": "lake A water."})
    ['urn:State']
    """
    wanted = [re.compile(rf"\b{re.escape(word)}(s|es)?\b", re.IGNORECASE) for word in words(name)]
    found = []
    for term, text in described.items():
        hits = [pattern.search(text) for pattern in wanted]
        if wanted and all(hits):
            found.append((max(hit.start() for hit in hits if hit), term))
    return [term for _, term in sorted(found)][:most]
