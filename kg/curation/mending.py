"""Rewrites wrong hashes and words in the passage files, and nothing else. Which are wrong is left to `verify`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.curation.verify import Correction
from kg.errors import SourceError
from kg.files.turtle import ParsedFile
from kg.namespaces import oxus

_STRING = r'"(?:[^"\\\n]|\\.)*"'


def mend(files: Iterable[ParsedFile], corrections: Iterable[Correction]) -> int:
    """Writes the corrections into their files, each file whole or not at all; gives back how many.

    Raises: SourceError if a value does not stand on one line with its property, or another triple would change.
    """
    by_path: defaultdict[str, list[Correction]] = defaultdict(list)
    for correction in corrections:
        by_path[correction.passage.path].append(correction)
    mended = {file.path: mended_text(file, by_path[file.shown_as]) for file in files if file.shown_as in by_path}
    for path, text in mended.items():
        _write_atomically(path, text)
    return sum(map(len, by_path.values()))


def mended_text(file: ParsedFile, corrections: Iterable[Correction]) -> str:
    """The file's text with the corrections in it; every other line stays as it is."""
    rows = file.text.split("\n")
    changed: dict[ox.Quad, ox.Quad] = {}
    lines = dict(zip(file.quads, file.lines, strict=True))
    for correction in corrections:
        subject, predicate = ox.NamedNode(correction.passage.iri), oxus(correction.property)
        old = ox.Quad(subject, predicate, ox.Literal(correction.old))
        if old not in lines:
            raise SourceError(f"cannot mend {_what(correction)}: it is no plain string; edit it by hand", file.shown_as)
        changed[old] = ox.Quad(subject, predicate, ox.Literal(correction.new))
        row = lines[old] - 1
        value = str(ox.Literal(correction.new))
        place = re.search(rf"\b{correction.property}>?\s+({_STRING})", rows[row])
        if place is None:
            fix = f"write {value} by hand, on the line of its property"
            raise SourceError(f"cannot mend {_what(correction)}: {fix}", file.shown_as, row + 1)
        rows[row] = rows[row][: place.start(1)] + value + rows[row][place.end(1) :]
    text = "\n".join(rows)
    _prove(file, text, changed)
    return text


def _prove(file: ParsedFile, text: str, changed: Mapping[ox.Quad, ox.Quad]) -> None:
    # The edit is by line and pattern; only reading the result again proves that it says what was meant.
    wanted = sorted(str(changed.get(quad, quad)) for quad in file.quads if not _has_blank(quad))
    found = sorted(str(quad) for quad in ox.parse(text, format=ox.RdfFormat.TRIG) if not _has_blank(quad))
    if wanted != found:
        raise SourceError("cannot mend this file without changing other triples; edit it by hand", file.shown_as)


def _has_blank(quad: ox.Quad) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object, quad.graph_name))


def _what(correction: Correction) -> str:
    return f"oxus:{correction.property} of <{correction.passage.iri}>"


def _write_atomically(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")  # not *.trig: a build that runs meanwhile must not read it
    try:
        beside.write_bytes(text.encode("utf-8"))
        beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
