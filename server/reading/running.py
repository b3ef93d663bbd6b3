"""The running text of a document, cut where its passages begin and end: what a page shows beside what they state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.reading.stretches import Stretch


@dataclass(frozen=True)
class Piece:
    """A piece of text, or a passage with its own pieces; `text` alone is in no passage of this level."""

    text: str = ""
    stretch: Stretch | None = None
    pieces: tuple[Piece, ...] = ()


_BLANKS = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


def calm(text: str) -> str:
    """A text with no more than one empty line between its paragraphs.

    >>> calm("One.\\n\\n \\n\\nTwo.")
    'One.\\n\\nTwo.'
    """
    return _BLANKS.sub("\n\n", text)


def pieces_of(stretch: Stretch, text: str) -> tuple[Piece, ...]:
    """The words of a passage, those of the passages inside it apart; nothing without the document's text."""
    return tuple(_cut(text, stretch.begin, stretch.end, stretch.inside)) if text else ()


def cut(text: str, stretches: Sequence[Stretch]) -> list[Piece]:
    """A whole document: its outermost stretches, and what lies between them if that is more than blanks.

    Without the text the stretches alone.
    """
    if not text:
        return [Piece(stretch=each) for each in stretches]
    return list(_cut(text, 0, len(text), stretches))


def _cut(text: str, begin: int, end: int, stretches: Sequence[Stretch]) -> Iterator[Piece]:
    at = begin
    for each in stretches:
        if text[at : each.begin]:
            yield Piece(calm(text[at : each.begin]))
        yield Piece(stretch=each, pieces=tuple(_cut(text, each.begin, each.end, each.inside)))
        at = max(at, each.end)
    if text[at:end]:
        yield Piece(calm(text[at:end]))
