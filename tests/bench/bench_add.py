"""What `kg add` proposes for each of our documents, measured against its curated passages, which it does not see.

The project is copied without the document: its passages with their aliases, its registration, and every entity that no
other document's passages speak of. A pair is a passage (the outermost, with those nested in it) and an entity or date.

- `entities`: pairs of a passage and a *known* entity, one that other documents speak of, in the passage's graphs, and
  of which some name (its own document's aliases too) stands in the passage. Recall: how many have a mention there.
  Precision: of the pairs proposed, how many the curated graphs have; a name that the curator put into no triple of its
  own counts as wrong.
- `new`: pairs as above of entities that no other document knows; no proposal can find them.
- `dates`: pairs of a passage and a span, but for those that a passage relied on has already.
- `bounds`: outermost curated stretches that are proposed with the same begin and end; `kinds`, of these, those whose
  kind is guessed.
"""

from __future__ import annotations

import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.adding.registration import Details
from kg.adding.run import Added, add_document
from kg.curation.corpus import Corpus
from kg.curation.curated import Curated, read_curated
from kg.curation.mentions import Reading
from kg.curation.wording import folded, occurrences
from kg.files.passages import Passage, Stretch
from kg.files.sources import Document
from kg.files.spans import edtf_of
from kg.namespaces import ID, TIME
from kg.project import Project

pytestmark = pytest.mark.bench

Pair = tuple[str, str]


def terms(passage: Passage, base: str) -> set[str]:
    """The IRIs of its graph that begin so."""
    used = (term for triple in passage.triples for term in (triple.subject, triple.object))
    return {term.value for term in used if isinstance(term, ox.NamedNode) and term.value.startswith(base)}


def hide(project: Project, document: Document, known: set[str], root: Path) -> Project:
    """A copy of the project that has never heard of a document."""
    shutil.copytree(project.ontology, root / "ontology")
    shutil.copytree(project.data, root / "data")
    hidden = Project(root)
    (hidden.data / "passages" / f"{document.slug}.trig").unlink()
    for file, is_kept in (
        (hidden.sources_file, lambda block: not block.startswith(f"source:{document.slug}\n")),
        (hidden.data / "entities.ttl", lambda block: _subject(block) in known | {""}),
    ):
        blocks = re.split(r"\n{2,}", file.read_text(encoding="utf-8"))
        file.write_text("\n\n".join(filter(is_kept, blocks)) + "\n", encoding="utf-8")
    return hidden


def _subject(block: str) -> str:
    match = re.match(r"id:(\S+)", block)
    return ID + match[1] if match else ""


class Measure:
    """One document's curated passages, to compare proposals with."""

    def __init__(self, curated: Curated, document: Document, known: set[str], reading: Reading) -> None:
        self.known, self.reading, self.labels = known, reading, curated.labels
        self.passages = [one for one in curated.passages if one.document == document.iri]
        here = [one for one in curated.stretches if one.document == document.iri]
        self.outermost = [one for one in here if not any(_is_in(one, other) for other in here)]
        self.relied_on = {one.iri: one.relies_on for one in curated.passages}
        self.spans = {one.iri: terms(one, TIME) for one in curated.passages}

    def outer(self, begin: int, end: int) -> Stretch | None:
        """The outermost curated stretch around a place."""
        return next((one for one in self.outermost if one.begin <= begin and end <= one.end), None)

    def pairs(self, base: str) -> set[Pair]:
        """What the curated graphs have."""
        found = ((self.outer(one.begin, one.end), term) for one in self.passages for term in terms(one, base))
        return {(outer.iri, term) for outer, term in found if outer is not None}

    def named(self) -> set[Pair]:
        """What the curated graphs have and the words name."""
        pairs = set()
        for one in self.passages:
            words = self.reading.between(one.begin, one.end)
            for node in terms(one, ID):
                outer = self.outer(one.begin, one.end)
                if outer is not None and self._stands(ox.NamedNode(node), words):
                    pairs.add((outer.iri, node))
        return pairs

    def _stands(self, node: ox.NamedNode, words: range) -> bool:
        text = self.reading
        return any(
            words.start <= place.start and place.stop <= words.stop
            for name in self.labels.get(node, ())
            for place in occurrences(text.words, text.beginnings, text.text, folded(name))
        )

    def dated(self) -> set[Pair]:
        """The dates of passages, each where its words stand: not where they are relied on."""
        pairs = set()
        for one in self.passages:
            outer = self.outer(one.begin, one.end)
            elsewhere = {span for iri in self._basis(one.iri) for span in self.spans.get(iri, ())}
            assert outer is not None
            pairs |= {(outer.iri, span) for span in self.spans[one.iri] - elsewhere}
        return pairs

    def _basis(self, iri: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self.relied_on.get(iri, ()))
        while waiting:
            if (other := waiting.pop()) not in found:
                found.add(other)
                waiting += self.relied_on.get(other, ())
        return found

    def proposed(self, added: Added) -> tuple[set[Pair], set[Pair]]:
        """The entities and the dates that were proposed, those for nothing curated with their own place."""
        entities, dates = set(), set()
        for passage in added.proposals.passages:
            for mention in passage.mentions:
                if mention.node.startswith(ID):
                    entities.add((self._place(mention.begin, mention.end), mention.node))
            for one in passage.dates:
                dates.add((self._place(one.begin, one.end), one.edtf))
        return entities, dates

    def _place(self, begin: int, end: int) -> str:
        outer = self.outer(begin, end)
        return outer.iri if outer is not None else f"{begin}-{end}"


def _is_in(inner: Stretch, outer: Stretch) -> bool:
    longer = outer.end - outer.begin > inner.end - inner.begin
    return longer and outer.begin <= inner.begin and inner.end <= outer.end


def share(found: Iterable[Pair], of: set[Pair]) -> float:
    """How many of these are among those found."""
    return round(len(of & set(found)) / len(of), 3) if of else 1.0


def bench_add(real_project: Project, real_corpus: Path, tmp_path: Path, figure: Callable[..., None]) -> None:
    curated = read_curated(real_project)
    spoken_of: defaultdict[str, set[str]] = defaultdict(set)
    for passage in curated.passages:
        spoken_of[passage.document] |= terms(passage, ID)
    corpus = Corpus(real_corpus)
    for document in curated.documents.values():
        text = corpus.text(document)
        known = set().union(*(nodes for iri, nodes in spoken_of.items() if iri != document.iri))
        hidden = hide(real_project, document, known, tmp_path / document.slug)
        path = tmp_path / f"{document.slug}.txt"
        path.write_bytes(text.encode("utf-8"))
        begin = time.perf_counter()
        added = add_document(hidden, path, document.slug, Details(), date(2026, 1, 31))
        seconds = time.perf_counter() - begin
        measure = Measure(curated, document, known, Reading(text))
        entities, dates = measure.proposed(added)
        named, dated = measure.named(), {(iri, edtf_of(span)) for iri, span in measure.dated()}
        expected = {pair for pair in named if pair[1] in known}
        all_dates = {(iri, edtf_of(span)) for iri, span in measure.pairs(TIME)}
        bounds = {(one.segment.begin, one.segment.end): one.kind for one in added.proposals.stretches}
        same = [one for one in measure.outermost if (one.begin, one.end) in bounds]
        kinds = [one for one in same if bounds[one.begin, one.end] == _kind(one)]
        figure(
            f"kg add {document.slug}",
            seconds,
            "s",
            entities=len(expected),
            entity_recall=share(entities, expected),
            entity_precision=share(measure.pairs(ID), entities),
            new=len(named - expected),
            dates=len(dated),
            date_recall=share(dates, dated),
            date_precision=share(all_dates, dates),
            bounds=round(len(same) / len(measure.outermost), 3),
            kinds=round(len(kinds) / len(same), 3),
        )


def _kind(stretch: Stretch) -> str:
    return stretch.kind.rpartition("#")[2] if isinstance(stretch, Passage) and stretch.kind else ""
