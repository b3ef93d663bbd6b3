"""The documents' texts, found in a folder by their SHA-256. Whether passages agree with them is left to `verify`."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Protocol

from kg.errors import CorpusError

WORDS_AT_EACH_END = 4
"""How many words of a passage its description repeats at either end."""


class Registered(Protocol):
    """What the corpus needs to know of a document."""

    @property
    def slug(self) -> str:
        """Its name in messages."""

    @property
    def sha256(self) -> str:
        """The hash of its text's bytes, in hexadecimal digits."""


class Corpus:
    """A folder of texts; a document's file may have any name, its bytes decide.

    Raises: CorpusError if the folder is not there.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise CorpusError("no such folder: give the one with the documents' texts", path=folder)
        self.folder = folder
        self._texts: dict[str, str] = {}

    @cached_property
    def _files(self) -> dict[str, Path]:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in reversed(files)}

    def __contains__(self, document: Registered) -> bool:
        return document.sha256 in self._files

    def text(self, document: Registered) -> str:
        """The document's text, code point for code point: line ends are not translated.

        Raises: CorpusError if no file has the registered hash, or if that file is not UTF-8.
        """
        if document.sha256 not in self._texts:
            path = self._files.get(document.sha256)
            if path is None:
                raise CorpusError(
                    f"no file here is the text of {document.slug} (SHA-256 {document.sha256})", path=self.folder
                )
            try:
                self._texts[document.sha256] = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError as error:
                raise CorpusError(f"the text of {document.slug} is not UTF-8: {error}", path=path) from error
        return self._texts[document.sha256]


def sha256_of(text: str) -> str:
    """The SHA-256 of a text as UTF-8, in hexadecimal digits.

    >>> sha256_of("Sound")[:12]
    '46124e023603'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def first_words(text: str) -> str:
    """The first four words of a passage, with one space between them.

    >>> first_words("The beginning\\n of practical and active work")
    'The beginning of practical'
    """
    return " ".join(text.split()[:WORDS_AT_EACH_END])


def last_words(text: str) -> str:
    """The last four words of a passage, with one space between them.

    >>> last_words("one two")
    'one two'
    """
    return " ".join(text.split()[-WORDS_AT_EACH_END:])


def excerpt(text: str, width: int = 72) -> str:
    """A stretch on one line, its middle left out where it is longer than `width`.

    >>> excerpt("The keepers of the harbour met in the spring.", width=32)
    'The keepers of … in the spring.'
    """
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    half = (width - 3) // 2
    head, _, _ = line[: half + 1].rpartition(" ")
    _, _, tail = line[-half - 1 :].partition(" ")
    return f"{head or line[:half]} … {tail or line[-half:]}"
