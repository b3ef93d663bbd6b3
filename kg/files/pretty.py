"""Turtle and TriG for people: sorted, one triple a line, prefixes on top, the same bytes from the same triples."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache

import pyoxigraph as ox

from kg.namespaces import PREFIXES, RDF, RDFS, SOURCE, XSD

_LOCAL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_LEADING = (RDF + "type", RDFS + "label")
_SHORT = {XSD + "integer": re.compile(r"[+-]?[0-9]+"), XSD + "boolean": re.compile(r"true|false")}
_INDENT = "    "


def turtle(triples: Iterable[ox.Triple], documents: Iterable[str] = ()) -> str:
    """A Turtle document; each document slug is a prefix for its passages."""
    writer = _Writer(documents)
    blocks = writer.blocks(triples)
    return writer.prologue() + blocks


def turtle_and_trig(
    default: Collection[ox.Triple],
    more: Collection[ox.Triple],
    graphs: Mapping[ox.NamedNode, Iterable[ox.Triple]],
    documents: Iterable[str] = (),
) -> tuple[str, str]:
    """A Turtle document of the default graph; and a TriG document of that, what `more` it has, and named graphs."""
    writer = _Writer(documents)
    blocks = writer.blocks(default)
    whole = writer.prologue() + blocks
    # A blank node that two graphs share must keep its label: `( … )` would make two of it.
    shared = any(isinstance(triple.subject, ox.BlankNode) for triple in default)
    parts = [writer.blocks(default, lists=False) if shared else blocks]
    if more:
        parts.append(writer.blocks(more, lists=False))
    for graph in sorted(graphs, key=lambda one: natural(one.value)):
        parts.append(f"{writer.term(graph)} {{\n{writer.blocks(graphs[graph], _INDENT, lists=False)}}}\n")
    return whole, writer.prologue() + "\n".join(parts)


@lru_cache(maxsize=65536)
def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts runs of digits as numbers, so that passages come in reading order.

    >>> sorted(["a/10-20", "a/9-12"], key=natural)
    ['a/9-12', 'a/10-20']
    """
    parts = re.split(r"([0-9]+)", text)
    return tuple((int(part), part) if part.isdigit() else (0, part) for part in parts)


class _Writer:
    def __init__(self, documents: Iterable[str]) -> None:
        self._prefixes = {base: prefix for prefix, base in PREFIXES.items()}
        for slug in documents:
            if slug not in PREFIXES:
                self._prefixes[f"{SOURCE}{slug}/"] = slug
        self._used: set[str] = set()
        self._terms: dict[object, str] = {}
        self._verbs: dict[str, tuple[int, str]] = {}

    def prologue(self) -> str:
        bases = sorted((self._prefixes[base], base) for base in self._used)
        return "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in bases) + ("\n" if bases else "")

    def blocks(self, triples: Iterable[ox.Triple], indent: str = "", *, lists: bool = True) -> str:
        """One block a subject, an empty line between two."""
        by_subject: defaultdict[object, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            by_subject[triple.subject].append(triple)
        listed = _Lists(by_subject if lists else {})
        blocks = []
        for subject in sorted(by_subject, key=lambda one: (isinstance(one, ox.BlankNode), natural(_value(one)))):
            if subject not in listed:
                said = by_subject[subject]
                rows = sorted((*self._verb(triple.predicate), self._object(triple.object, listed)) for triple in said)
                lines = (f"{indent}{_INDENT}{verb} {value}" for _, verb, value in rows)
                blocks.append(f"{indent}{self.term(subject)}\n" + " ;\n".join(lines) + " .\n")
        return "\n".join(blocks)

    def term(self, term: object) -> str:
        """A term as Turtle writes it."""
        text = self._terms.get(term)
        if text is None:
            text = self._terms[term] = self._written(term)
        return text

    def _verb(self, predicate: ox.NamedNode) -> tuple[int, str]:
        verb = self._verbs.get(predicate.value)
        if verb is None:
            rank = _LEADING.index(predicate.value) if predicate.value in _LEADING else len(_LEADING)
            written = "a" if predicate.value == RDF + "type" else self.term(predicate)
            verb = self._verbs[predicate.value] = rank, written
        return verb

    def _object(self, term: object, lists: _Lists) -> str:
        if term in lists:
            return f"( {' '.join(self._object(member, lists) for member in lists.members(term))} )"
        return self.term(term)

    def _written(self, term: object) -> str:
        if isinstance(term, ox.NamedNode):
            return self._name(term.value)
        if isinstance(term, ox.Literal) and not term.language:
            datatype = term.datatype.value
            if datatype in _SHORT and _SHORT[datatype].fullmatch(term.value):
                return term.value
            if datatype != XSD + "string":
                return f"{ox.Literal(term.value)}^^{self._name(datatype)}"
        return str(term)

    def _name(self, iri: str) -> str:
        cut = max(iri.rfind("/"), iri.rfind("#")) + 1
        base, local = iri[:cut], iri[cut:]
        if base in self._prefixes and _LOCAL.fullmatch(local):
            self._used.add(base)
            return f"{self._prefixes[base]}:{local}"
        return f"<{iri}>"


class _Lists:
    """The blank nodes that can be written as `( … )`: heads and tails of lists with nothing else said of them."""

    def __init__(self, by_subject: Mapping[object, list[ox.Triple]]) -> None:
        uses: defaultdict[object, int] = defaultdict(int)
        self._links: dict[object, tuple[object, object]] = {}
        for triples in by_subject.values():
            for triple in triples:
                if isinstance(triple.object, ox.BlankNode):
                    uses[triple.object] += 1
        for subject, triples in by_subject.items():
            said = {triple.predicate: triple.object for triple in triples}
            if (
                isinstance(subject, ox.BlankNode)
                and uses[subject] == 1
                and len(triples) == 2
                and set(said) == {_FIRST, _REST}
            ):
                self._links[subject] = said[_FIRST], said[_REST]
        whole = {head for head in self._links if self._ends(head)}
        self._links = {head: link for head, link in self._links.items() if head in whole}

    def __contains__(self, term: object) -> bool:
        return term in self._links

    def members(self, head: object) -> Iterator[object]:
        """The list's members in order."""
        while head in self._links:
            member, head = self._links[head]
            yield member

    def _ends(self, head: object) -> bool:
        seen: set[object] = set()
        while head in self._links and head not in seen:
            seen.add(head)
            head = self._links[head][1]
        return head == _NIL


def _value(term: object) -> str:
    return str(getattr(term, "value", term))
