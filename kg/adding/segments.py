"""A document's text cut into stretches: sentences to read as passages, and what looks as if it states nothing.

White space and punctuation decide, by a few rules that hold in any language that writes capital letters. Lines of one
block are one paragraph if the text was broken to a width, else each line stands for itself. A line with items below it
is one stretch with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

GUESSES = {
    "heading": "A heading.",
    "headlines": "Lines of the page around the text, such as headlines of other articles.",
    "image": "The name of an image.",
    "label": "A label of the page; nothing follows it.",
    "teaser": "A text that breaks off, such as a teaser of another article.",
}
"""What a stretch that seems to state nothing looks like, and the reason that is proposed for it."""

WRAPPED = range(60, 131)
"""Widths to which texts are broken by hand."""
HEADING_WORDS = 20
ITEM_WORDS = 20
HEADLINES = 3
"""So many lines without an end, one below the other, are headlines."""

_BLANK = " \t\r\n\v\f\u00a0\ufeff"
_ITEM = re.compile(r"(?:[-–—•*·]|\(?\d{1,2}[.)])\s")
_IMAGE = re.compile(r"(?:[-–—•*·]\s+)?\S+\.(?:jpe?g|png|gif|svg|webp|bmp|ico)", re.IGNORECASE)
_STOPS = {".", ":", ";", "…"}
_CLOSING = "\"'”’»)]*_"
_END = re.compile(r"(?P<mark>[.!?…]+)[\"'”’»)\]*_]*(?=\s)")
_OPENING = re.compile(r"(?P<space>\s+)[\"'“”„‘’«(*_]*")
_ABBREVIATION = re.compile(
    r"(?:\b[^\W\d_]|\b(?:mr|mrs|ms|dr|prof|st|gen|col|capt|lt|sen|rep|no|nos|vs|vol|ed|eds|pp|ref|refs|fig|cf|approx|"
    r"e\.g|i\.e|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec))\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Segment:
    """A stretch of a text, `end` exclusive; `guess` is a key of `GUESSES`, or empty if it seems to state something."""

    begin: int
    end: int
    guess: str = ""


def segments(text: str) -> list[Segment]:
    """The stretches of a text, in reading order; only white space lies between them.

    >>> text = "The Compact\\n\\nIt met in Port Ostry. Dr. Holm spoke.\\n\\nRead mo...\\n"
    >>> [(text[one.begin : one.end], one.guess) for one in segments(text)]
    [('The Compact', 'heading'), ('It met in Port Ostry.', ''), ('Dr. Holm spoke.', ''), ('Read mo...', 'teaser')]
    """
    found: list[Segment] = []
    for paragraph in _with_items(text, [one for block in _blocks(text) for one in _paragraphs(text, block)]):
        found += [paragraph] if paragraph.guess else _sentences(text, paragraph)
    return found


def _blocks(text: str) -> list[list[Segment]]:
    lines = [_trimmed(text, match.start(), match.end()) for match in re.finditer(r"[^\n]+", text)]
    blocks: list[list[Segment]] = []
    for before, line in pairwise([Segment(0, 0), *(line for line in lines if line.begin < line.end)]):
        if not blocks or text.count("\n", before.end, line.begin) > 1:
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _trimmed(text: str, begin: int, end: int) -> Segment:
    line = text[begin:end]
    return Segment(end - len(line.lstrip(_BLANK)), begin + len(line.rstrip(_BLANK)))


def _paragraphs(text: str, block: list[Segment]) -> Iterator[Segment]:
    wrapped = _is_wrapped(text, block)
    joined: list[Segment] = []
    for line in block:
        continues = wrapped or text[line.begin].islower()
        if joined and continues and not _ITEM.match(text, line.begin):
            joined[-1] = Segment(joined[-1].begin, line.end)
        else:
            joined.append(line)
    for is_short, run in groupby(joined, key=lambda one: _is_short(text, one)):
        lines = list(run)
        if is_short and len(lines) >= HEADLINES:
            yield Segment(lines[0].begin, lines[-1].end, "headlines")
        else:
            yield from (Segment(line.begin, line.end, _guess(text, line)) for line in lines)


def _is_wrapped(text: str, block: list[Segment]) -> bool:
    # Broken to a width: no line has room for the first word of the next.
    width = max(line.end - line.begin for line in block)
    return width in WRAPPED and all(
        upper.end - upper.begin + 1 + len(text[lower.begin : lower.end].split(maxsplit=1)[0]) > width
        for upper, lower in pairwise(block)
    )


def _last_mark(text: str, line: Segment) -> str:
    return text[line.begin : line.end].rstrip(_CLOSING)[-1:]


def _is_short(text: str, line: Segment) -> bool:
    words = len(text[line.begin : line.end].split())
    return words <= HEADING_WORDS and _last_mark(text, line) not in _STOPS and not _ITEM.match(text, line.begin)


def _guess(text: str, line: Segment) -> str:
    words = text[line.begin : line.end]
    if _IMAGE.fullmatch(words):
        return "image"
    if words.endswith(("...", "…")):
        return "teaser"
    if words.endswith(":") and len(words.split()) <= ITEM_WORDS:
        return "label"
    return "heading" if _is_short(text, line) and _last_mark(text, line) not in {"!", "?"} else ""


def _with_items(text: str, paragraphs: Iterable[Segment]) -> list[Segment]:
    # Words that end in a colon are one stretch with the items below them; alone, they are a label only at the end.
    found: list[Segment] = []
    takes_items = False
    for one in paragraphs:
        is_item = _ITEM.match(text, one.begin) is not None and one.guess != "image"
        short = len(text[one.begin : one.end].split()) <= ITEM_WORDS
        if found and takes_items and is_item and short:
            found[-1] = Segment(found[-1].begin, one.end)
            continue
        takes_items = text[one.begin : one.end].endswith(":")
        if found and found[-1].guess == "label":
            found[-1] = Segment(found[-1].begin, found[-1].end)
        found.append(one)
    return found


def _sentences(text: str, paragraph: Segment) -> Iterator[Segment]:
    begin = paragraph.begin
    item = _ITEM.match(text, begin, paragraph.end)
    for match in _END.finditer(text, item.end() if item else begin, paragraph.end):
        opening = _OPENING.match(text, match.end(), paragraph.end)
        if opening is None or opening.end() >= paragraph.end:
            continue
        follows = text[opening.end()]
        if follows.islower() or not follows.isalnum():
            continue
        if match["mark"] == "." and _ABBREVIATION.search(text[max(begin, match.start() - 8) : match.start()]):
            continue
        yield Segment(begin, match.end())
        begin = opening.end("space")
    yield Segment(begin, paragraph.end)
