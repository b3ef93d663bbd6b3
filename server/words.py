"""The words of passages, from the folder of texts that KG_CORPUS names: for pages alone, never for data or dumps.

Only what hashes prove is shown: the text of a registered document, and of that the stretch that a passage's hash is of.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.curation.corpus import Corpus, sha256_of
from kg.errors import CorpusError, QueryError, SourceError
from kg.files.passages import parse_place
from kg.namespaces import SOURCE, oxus
from server.service import Service

log = logging.getLogger(__name__)

DOCUMENTS = f"""
SELECT ?document (MIN(?hash) AS ?sha256) WHERE {{ ?document a {oxus("Document")} ; {oxus("sha256")} ?hash }}
GROUP BY ?document ORDER BY ?document"""


@dataclass(frozen=True)
class Registered:
    """A document of the dataset, as the corpus asks for it."""

    slug: str
    sha256: str


class Words:
    """The texts of a dataset's documents that are there to be shown; none without a corpus."""

    def __init__(self, corpus: Corpus | None, documents: Mapping[str, Registered]) -> None:
        self._corpus = corpus
        self._documents = documents
        self._texts: dict[str, str] = {}

    def text(self, document: str) -> str:
        """The whole text of a document; nothing if it is not there, or is no longer what its hash says."""
        if document not in self._texts:
            self._texts[document] = self._read(document)
        return self._texts[document]

    def of(self, passage: str, sha256: str) -> str:
        """The words of a passage; nothing if they are not there, or not those that its hash is of."""
        try:
            document, begin, end = parse_place(passage)
        except SourceError:
            return ""
        words = self.text(document)[begin:end]
        return words if words and sha256_of(words) == sha256 else ""

    def missing(self) -> list[Registered]:
        """The documents whose text is not there."""
        return [each for iri, each in self._documents.items() if not self.text(iri)]

    def _read(self, document: str) -> str:
        registered = self._documents.get(document)
        if self._corpus is None or registered is None:
            return ""
        try:
            text = self._corpus.text(registered)
        except (CorpusError, OSError):
            return ""
        return text if sha256_of(text) == registered.sha256 else ""


def words_of(service: Service) -> Words:
    """The words that pages of a dataset may show."""
    if not service.settings.corpus:
        return Words(None, {})
    return service.kept("words", lambda: _open(service))


def tell_missing(service: Service) -> None:
    """Writes a line in the log for each document whose text is not in the corpus, or is not the one registered."""
    if not service.settings.corpus:
        return
    try:
        for document in words_of(service).missing():
            message = "no file in KG_CORPUS is the text of %s (SHA-256 %s): pages show its passages without their words"
            log.warning(message, document.slug, document.sha256)
    except QueryError as error:
        log.warning("whether KG_CORPUS has the texts could not be looked up: %s", error)


def _open(service: Service) -> Words:
    documents = {
        row["document"]["value"]: Registered(row["document"]["value"].removeprefix(SOURCE), row["sha256"]["value"])
        for row in service.rows(DOCUMENTS)
    }
    try:
        corpus = Corpus(Path(service.settings.corpus))
        return Words(corpus if any(each in corpus for each in documents.values()) else None, documents)
    except (CorpusError, OSError) as error:
        log.warning("KG_CORPUS cannot be read: %s", error)
        return Words(None, documents)
