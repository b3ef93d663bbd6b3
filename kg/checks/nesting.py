"""What is wrong with the places of passages: overlaps, ends outside the document, graphs and descriptions alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from kg.files.passages import Boilerplate, Passage, Stretch, enclosing_passages
from kg.files.sources import Document
from kg.findings import Finding

_SHA256 = re.compile(r"[0-9a-f]{64}")


def nesting_findings(documents: Mapping[str, Document], stretches: Sequence[Stretch]) -> Iterator[Finding]:
    """Stretches outside their document, described twice, or overlapping without one lying inside the other."""
    by_document: defaultdict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        by_document[stretch.document].append(stretch)
        document = documents.get(stretch.document)
        if document is None:
            fix = (
                f"register it in data/sources.ttl; there are {', '.join(d.slug for d in documents.values()) or 'none'}"
            )
            yield _finding(stretch, "unknown-document", f"<{stretch.document}> is not a registered document", fix)
        elif stretch.end > document.length:
            message = f"{_name(stretch)} ends after the document's {document.length} code points"
            yield _finding(stretch, "out-of-range", message, "find the place again with kg locate")
    for found in by_document.values():
        yield from _overlaps(sorted(found, key=lambda one: (one.begin, -one.end)))


def _overlaps(stretches: list[Stretch]) -> Iterator[Finding]:
    around: list[Stretch] = []
    for stretch in stretches:
        around = [one for one in around if one.end > stretch.begin]
        for outer in around:
            if (outer.begin, outer.end) == (stretch.begin, stretch.end):
                message = f"{_name(stretch)} is described twice, first at {outer.path}:{outer.line}"
                yield _finding(stretch, "duplicate-passage", message, "describe each place once")
            elif isinstance(outer, Boilerplate) or isinstance(stretch, Boilerplate):
                message = f"{_name(stretch)} overlaps {_name(outer)}, and one of them is said to state nothing"
                yield _finding(stretch, "boilerplate-overlap", message, "shorten the boilerplate or drop it")
            elif stretch.end > outer.end:
                message = f"{_name(stretch)} partly overlaps {_name(outer)}"
                yield _finding(
                    stretch, "partial-overlap", message, "let one lie inside the other, or let them not meet"
                )
        around.append(stretch)


def passage_findings(passages: Iterable[Passage]) -> Iterator[Finding]:
    """Passages described in part, without a graph, with an empty one that holds no passage, or in another's file."""
    known = list(passages)
    holding = {outer.iri for _, outer in enclosing_passages(known)}
    for passage in known:
        missing = {
            "oxus:hasKind": not passage.kind,
            "oxus:gist, one English sentence": not passage.gist,
            "oxus:sha256 of 64 hexadecimal digits": not _SHA256.fullmatch(passage.sha256),
            "oxus:firstWords": not passage.first_words,
            "oxus:lastWords": not passage.last_words,
        }
        for part, absent in missing.items():
            if absent:
                fix = "paste the block that kg locate prints"
                yield _finding(passage, "passage-description", f"{_name(passage)} has no {part}", fix)
        if passage.graph_line is None:
            fix = f"add {_name(passage)} {{ … }} below its description, or describe it as oxus:Boilerplate"
            yield _finding(passage, "passage-without-graph", f"{_name(passage)} is described but has no graph", fix)
        elif not passage.triples and passage.iri not in holding:
            fix = "give it triples or nested passages, or describe it as oxus:Boilerplate"
            yield _finding(passage, "empty-passage", f"{_name(passage)} states nothing and holds no passage", fix)
        if PurePosixPath(passage.path).stem != passage.document.rpartition("/")[2]:
            fix = f"move it to data/passages/{passage.document.rpartition('/')[2]}.trig"
            yield _finding(passage, "passage-file", f"{_name(passage)} stands in the file of another document", fix)


def _name(stretch: Stretch) -> str:
    return f"{stretch.document.rpartition('/')[2]}:{stretch.begin}-{stretch.end}"


def _finding(stretch: Stretch, rule: str, message: str, fix: str) -> Finding:
    return Finding(stretch.path, stretch.line, rule, message, fix)
