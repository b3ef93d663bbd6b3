"""What a page in another language still says in English: texts with English words that no `lang` says to be English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

WORDS = re.compile(r"\b(?:the|of|and|is|are|to|in|that|what|not|with|for|by|on|it|this|all|or|from|as|at|be|has|no)\b")
"""English words that no name or identifier has on its own; two of them make a sentence."""
NAMES = re.compile(r"https?://\S+|\S*\w:\w\S*")
"""Prefixed names and IRIs, which have English words in them."""
SILENT = {"code", "pre", "script", "style", "textarea", "title"}
EMPTY = {"meta", "link", "img", "input", "br", "hr", "path", "circle", "rect", "line"}
HEARD = ("aria-label", "title", "placeholder", "alt")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or (self.open[-1][1] if self.open else "")
        for name in HEARD:
            self._look(given.get(name) or "", language)
        if tag not in EMPTY:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag not in EMPTY:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.open and not SILENT & {tag for tag, _ in self.open}:
            self._look(data, self.open[-1][1])

    def _look(self, text: str, language: str) -> None:
        if language != "en" and WORDS.search(NAMES.sub("", text)):
            self.found.append(" ".join(text.split()))


def english_left(page: str) -> Iterator[str]:
    """Each such text.

    >>> list(english_left('<p lang="ru">Да <b lang="en">not at all</b> <i title="what is it">Yes and no</i></p>'))
    ['what is it', 'Yes and no']
    """
    reader = _Reader()
    reader.feed(page)
    yield from reader.found
