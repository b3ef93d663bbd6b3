"""Where in the files a term or a triple stands, for the findings of the checks."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.files.turtle import ParsedFile

Place = tuple[str, int]


class Places:
    """An index over parsed files: the first file and line of every triple, subject and mention."""

    def __init__(self, files: Iterable[ParsedFile]) -> None:
        self._files = tuple(files)
        self._triples: dict[object, tuple[ParsedFile, int]] = {}
        self._subjects: dict[object, ParsedFile] = {}
        self._mentions: dict[object, tuple[ParsedFile, int]] = {}
        for parsed in self._files:
            for quad, line in zip(parsed.quads, parsed.lines, strict=True):
                self._triples.setdefault(quad.triple, (parsed, line))
                self._triples.setdefault(quad, (parsed, line))
                self._subjects.setdefault(quad.subject, parsed)
                for term in (quad.predicate, quad.object):
                    self._mentions.setdefault(term, (parsed, line))

    def of_triple(self, triple: ox.Triple | ox.Quad) -> Place:
        """Where this triple stands first (in this graph, for a quad), or its subject if the build derived it."""
        found = self._triples.get(triple)
        return (found[0].shown_as, found[1]) if found is not None else self.of_term(triple.subject)

    def of_term(self, term: object) -> Place:
        """Where a term is described, else where a graph of this name opens, else where the term is first used."""
        subject = self._subjects.get(term)
        if subject is not None:
            return subject.shown_as, subject.line_of(term)
        if isinstance(term, ox.NamedNode):
            for parsed in self._files:
                if term.value in parsed.graph_lines:
                    return parsed.shown_as, parsed.graph_lines[term.value]
        mention = self._mentions.get(term)
        if mention is not None:
            return mention[0].shown_as, mention[1]
        return (self._files[0].shown_as, 1) if self._files else ("data", 1)
