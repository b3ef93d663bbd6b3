"""Our RDF files, read with the line of every triple. What the triples mean is left to the modules that use them."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import TurtleError

LEXEME = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|<[^<>\"{}|^`\\\x00-\x20]*>"
    r"|#[^\n]*"
    r"|[{}]"
    r"|[^\s{}<>\"'#;,]+"
    r"|.",
    re.DOTALL,
)
"""One lexeme of Turtle, TriG or SPARQL: a string, an IRI, a comment, a brace, or a word; enough to find braces by."""

_BLOCK_LINES = 20
"""How far above its first triple a subject is looked for."""

_POSITION = re.compile(r"^Parser error (?:at line|between line) .*?: ")


@dataclass(frozen=True)
class ParsedFile:
    """One parsed file: `quads` in the order of the text, `lines` the line of each, blank nodes named by place."""

    path: Path
    shown_as: str
    text: str = field(repr=False)
    quads: tuple[ox.Quad, ...] = field(repr=False)
    lines: tuple[int, ...] = field(repr=False)
    prefixes: Mapping[str, str] = field(repr=False)

    @cached_property
    def graph_lines(self) -> Mapping[str, int]:
        """The line on which each named graph opens, graphs without triples included."""
        found: dict[str, int] = {}
        for name, line in _graph_openings(self.text):
            iri = self._expand(name)
            if iri is not None:
                found.setdefault(iri, line)
        return found

    @cached_property
    def _first_lines(self) -> Mapping[object, int]:
        found: dict[object, int] = {}
        mentions: dict[object, int] = {}
        for quad, line in zip(self.quads, self.lines, strict=True):
            found.setdefault(quad, line)
            found.setdefault(quad.triple, line)
            found.setdefault(quad.subject, line)
            for term in (quad.predicate, quad.object, quad.graph_name):
                mentions.setdefault(term, line)
        return {**mentions, **found}

    def line_of(self, *terms: object) -> int:
        """The line of the first of these that the file holds: a quad, a triple, or a term; 1 if it holds none.

        A subject stands where its block begins, another term where it is first used, a graph where it opens.
        """
        for term in terms:
            line = self._first_lines.get(term)
            if line is None and isinstance(term, ox.NamedNode):
                line = self.graph_lines.get(term.value)
            if line is not None:
                return self._subject_line(term, line)
        return 1

    def _subject_line(self, subject: object, line: int) -> int:
        # The parser tells where a triple ends; its subject stands on that line or on a line of its own above it.
        if not isinstance(subject, ox.NamedNode):
            return line
        names = self._names(subject.value)
        for number in range(line, max(line - _BLOCK_LINES, 0), -1):
            if self._rows[number - 1].split(maxsplit=1)[:1] in names:
                return number
        return line

    @cached_property
    def _rows(self) -> list[str]:
        return self.text.split("\n")

    def _names(self, iri: str) -> list[list[str]]:
        prefixes = [(prefix, base) for prefix, base in self.prefixes.items() if iri.startswith(base)]
        return [[f"<{iri}>"], *([f"{prefix}:{iri[len(base) :]}"] for prefix, base in prefixes)]

    def _expand(self, name: str) -> str | None:
        if name.startswith("<"):
            return name[1:-1]
        prefix, _, local = name.partition(":")
        base = self.prefixes.get(prefix)
        return None if base is None else base + local.replace("\\", "")


def read_rdf(path: Path, shown_as: str | None = None) -> ParsedFile:
    """The triples of one file, in any RDF format that its name's ending tells.

    Raises: TurtleError with the line when the file cannot be read, is not UTF-8, or does not parse.
    """
    shown = shown_as if shown_as is not None else path.as_posix()
    rdf_format = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    if rdf_format is None:
        raise TurtleError(
            f"'{path.suffix}' is not the ending of an RDF file (.ttl, .trig, .nt, .nq, .rdf, .jsonld)", shown
        )
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise TurtleError(f"cannot be read: {error.strerror}", shown) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TurtleError(
            f"byte {content[error.start]:#04x} is not UTF-8: save the file as UTF-8", shown, line
        ) from error
    source = _LineByLine(content)
    quads: list[ox.Quad] = []
    lines: list[int] = []
    names = _BlankNames(re.sub(r"[^A-Za-z0-9]+", "-", shown.rpartition(".")[0]).strip("-"))
    try:
        parser = ox.parse(cast(IO[bytes], source), format=rdf_format)
        for quad in parser:
            quads.append(names.renamed(quad))
            lines.append(source.line)
    except SyntaxError as error:
        raise TurtleError(_POSITION.sub("", error.msg), shown, error.lineno or source.line) from error
    return ParsedFile(path, shown, text, tuple(quads), tuple(lines), dict(parser.prefixes))


class _LineByLine:
    """A file that hands out one line a read: the parser reads on only when it must, so `line` is the triple's line."""

    def __init__(self, content: bytes) -> None:
        self._lines = content.splitlines(keepends=True)
        self._rest = b""
        self.line = 0

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            if self.line >= len(self._lines):
                return b""
            self._rest = self._lines[self.line]
            self.line += 1
        if size < 0:
            size = len(self._rest)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


class _BlankNames:
    """Blank nodes renamed by file and order: the parser's own names are random, and a build must repeat."""

    def __init__(self, stem: str) -> None:
        self._stem = stem or "file"
        self._names: dict[ox.BlankNode, ox.BlankNode] = {}

    def renamed(self, quad: ox.Quad) -> ox.Quad:
        blank = isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)
        if not blank and not isinstance(quad.graph_name, ox.BlankNode):
            return quad
        subject = self._name(quad.subject) if isinstance(quad.subject, ox.BlankNode) else quad.subject
        value = self._name(quad.object) if isinstance(quad.object, ox.BlankNode) else quad.object
        graph = self._name(quad.graph_name) if isinstance(quad.graph_name, ox.BlankNode) else quad.graph_name
        return ox.Quad(subject, quad.predicate, value, graph)

    def _name(self, node: ox.BlankNode) -> ox.BlankNode:
        return self._names.setdefault(node, ox.BlankNode(f"{self._stem}-{len(self._names) + 1}"))


def _graph_openings(text: str) -> Iterator[tuple[str, int]]:
    word, word_line, line = "", 1, 1
    for match in LEXEME.finditer(text):
        lexeme = match.group()
        if lexeme == "{" and ":" in word:
            yield word, word_line
        if not lexeme.isspace() and not lexeme.startswith("#"):
            word, word_line = lexeme, line
        line += lexeme.count("\n")
