"""Finds words in a document and writes the block that describes them. Checking blocks is left to `verify`."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import pyoxigraph as ox

from kg.curation.corpus import excerpt, first_words, last_words, sha256_of

_QUOTES = {quote: f"[{group}]" for group in ("'’‘‛`", '"“”„‟') for quote in group}
_CONTEXT = 30

Range = tuple[int, int]
"""Code points, end exclusive."""


def find_words(text: str, words: str) -> list[Range]:
    """Where some words stand, whatever the white space between them and whether their quotation marks are curly.

    >>> find_words("the  keeper’s\\n lamp", "keeper's lamp")
    [(5, 19)]
    """
    parts = ["".join(_QUOTES.get(char, re.escape(char)) for char in word) for word in words.split()]
    return [match.span() for match in re.finditer(r"\s+".join(parts), text)] if parts else []


def find_stretches(text: str, first: str, last: str = "") -> list[Range]:
    """Stretches from some words to the nearest last words that end after them; without last words, those words alone.

    >>> find_stretches("one two. One two three.", "One", "two"), find_stretches("one two", "two", "one")
    ([(9, 16)], [])
    """
    begins = find_words(text, first)
    if not last:
        return begins
    ends = find_words(text, last)
    return [(begin, after[0]) for begin, first_end in begins if (after := ends_after(ends, begin, first_end))]


def ends_after(ends: list[Range], begin: int, first_end: int) -> list[int]:
    """Where last words end that neither begin before a stretch nor end inside its first words, nearest first."""
    return [end for start, end in ends if start >= begin and end >= first_end]


def nearest_words(text: str, words: str) -> Range | None:
    """The stretch that reads most like some words that are not there; None if nothing is like them.

    >>> text = "The keeper lit the northern lamp at dusk."
    >>> begin, end = nearest_words(text, "keeper lights the northern lamp")
    >>> text[begin:end]
    'keeper lit the northern lamp'
    """
    places = [match.span() for match in re.finditer(r"\S+", text)]
    count = max(len(words.split()), 1)
    wanted = " ".join(words.split()).casefold()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, best_ratio = None, 0.5
    for at in range(max(len(places) - count + 1, 0)):
        begin, end = places[at][0], places[at + count - 1][1]
        matcher.set_seq1(" ".join(text[begin:end].split()).casefold())
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio()
            if ratio > best_ratio:
                best, best_ratio = (begin, end), ratio
    return best


def in_context(text: str, begin: int, end: int) -> str:
    """A stretch in square brackets with what stands on either side, on one line.

    >>> in_context("The keeper lit the lamp.", 4, 10)
    '4-10: The [keeper] lit the lamp.'
    """
    before = " ".join(text[max(0, begin - _CONTEXT) : begin].split())
    after = " ".join(text[end : end + _CONTEXT].split())
    before = f"…{before}" if begin > _CONTEXT else before
    after = f"{after}…" if end + _CONTEXT < len(text) else after
    return f"{begin}-{end}: {f'{before} [{excerpt(text[begin:end], 48)}] {after}'.strip()}"


def passage_block(slug: str, text: str, begin: int, end: int) -> str:
    """What to paste into the document's passage file: a comment, the description, an empty graph."""
    stretch = text[begin:end]
    return f"""\
{_comment(stretch, begin, end)}
{slug}:{begin}-{end}
    a oxus:Passage ;
    oxus:hasKind oxus:stated ;
    oxus:gist ""@en ;
    oxus:sha256 {_quoted(sha256_of(stretch))} ;
    oxus:firstWords {_quoted(first_words(stretch))} ;
    oxus:lastWords {_quoted(last_words(stretch))} .
{slug}:{begin}-{end} {{
}}
"""


def boilerplate_block(slug: str, text: str, begin: int, end: int) -> str:
    """What to paste for a stretch that states nothing."""
    return f"""\
{_comment(text[begin:end], begin, end)}
{slug}:{begin}-{end}
    a oxus:Boilerplate ;
    oxus:reason ""@en .
"""


def _comment(stretch: str, begin: int, end: int) -> str:
    return f"# {begin}-{end}: “{excerpt(stretch)}”"


def _quoted(value: str) -> str:
    return str(ox.Literal(value))
