"""What a generated graph is made from, ready to be filled in. Reading it from files is left to `compiling`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.namespaces import BASE

PATTERN = BASE + "pattern/"
"""The namespace of patterns and of their slots; nothing of it is in a generated graph."""

NEW, SOME, WHEN, ONE, THIS = (f"{kind}/" for kind in ("new", "some", "when", "one", "this"))
PASSAGE = THIS + "passage"


@dataclass(frozen=True)
class Text:
    """A text with fields: whose it is (a slot), its template, and its language or datatype as N-Quads writes them."""

    subject: str
    template: str
    suffix: str


@dataclass(frozen=True)
class Rival:
    """A triple that another passage may state otherwise, with something else in `slot`; lines as in `Pattern.text`."""

    triple: str
    slot: str
    subject: str
    predicate: str
    inferred: str = field(repr=False)
    inferred_beside: str = field(repr=False)
    """The same without rules that negate: what follows of a second date, while the first stays the best."""


@dataclass(frozen=True)
class Pattern:
    """One pattern with those that accompany it, as N-Quads with `%(slot)s` where something is to be filled in."""

    name: str
    weight: float
    first: int
    most: int | None
    kind: str
    new: Mapping[str, str]
    """Slot of a node that it introduces → class."""
    slots: tuple[str, ...]
    """The slots that are not new and not text, in the order of the file."""
    texts: Mapping[str, Text]
    text: str = field(repr=False)
    """Its triples in their graphs, what the rules infer from them, and all of it again in the default graph."""
    stated: tuple[str, ...] = field(repr=False)
    """Its triples in the passage, which another passage may state again."""
    rivals: tuple[Rival, ...] = field(repr=False)
    gist: tuple[str, str, str] | None
    """The triple that a gist tells: slot, predicate, slot."""


@dataclass(frozen=True)
class Recipe:
    """Everything that a generated graph is made from; classes and properties are IRIs."""

    patterns: Mapping[str, Pattern]
    preamble: str = field(repr=False)
    """What every generated graph begins with: the ontology, the topics, and what they infer."""
    span_inferences: Mapping[str, tuple[tuple[str, str, str], ...]]
    """Predicate of a span's description → predicate, object (empty for the same) and graph of what it infers."""
    members: Mapping[str, tuple[str, ...]]
    """Class → its members in the ontology's files, which are all that a pattern picks from."""
    lists: Mapping[str, tuple[str, ...]]
    """Closed list → its values."""
    labels: Mapping[str, str]
    """Class or property → its English label."""
    subclasses: Mapping[str, frozenset[str]]
    """Class → its subclasses, itself included."""
