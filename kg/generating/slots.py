"""The terms of a pattern: which are slots, and how they are written into a text that is filled in with `%`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from kg.generating.recipe import PATTERN, SOME, Text
from kg.namespaces import ONTOLOGY

FIELD = re.compile(r"\{(\w+)\}")
"""A field of a text, `{name}`."""


def class_of(slot: str) -> str:
    """The class that a slot picks from.

    >>> class_of("some/State-2")
    'https://w3id.org/oxus/ontology#State'
    """
    return ONTOLOGY + slot.removeprefix(SOME).partition("-")[0]


def value_of(term: object) -> str:
    """An IRI, a literal's text, or a blank node's name."""
    return term.value if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal) else str(term)


def slot_of(term: object) -> str | None:
    """The slot or pattern that a term of a pattern names, else None."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(PATTERN):
        return term.value.removeprefix(PATTERN)
    return None


def ends(triple: ox.Triple) -> tuple[str | None, str | None]:
    """The slots of a triple's subject and object."""
    return slot_of(triple.subject), slot_of(triple.object)


def localised(term: Any, pattern: str) -> Any:
    """The term, a slot named after its pattern, so that slots of two patterns are two nodes."""
    slot = slot_of(term)
    return term if slot is None else ox.NamedNode(f"{PATTERN}{pattern}/{slot}")


def delocalised(term: Any, pattern: str) -> Any:
    """The term as its pattern names it."""
    return ox.NamedNode(term.value.replace(f"{PATTERN}{pattern}/", PATTERN)) if isinstance(term, ox.NamedNode) else term


def pattern_of(triple: ox.Triple) -> str | None:
    """The pattern whose localised slots a triple has, if any."""
    slot = slot_of(triple.subject) or slot_of(triple.object)
    return slot.partition("/")[0] if slot else None


def text_slot(triple: ox.Triple) -> str:
    """The slot of a triple's text; parentheses would end it in a format."""
    return f"text/{slot_of(triple.subject)}/{_spelt(triple.object)}"


def _spelt(term: object) -> str:
    return str(term).replace("(", "[").replace(")", "]")


def as_text(triple: ox.Triple, texts: Mapping[str, Text]) -> str:
    """A triple as N-Quads writes it, with `%(slot)s` for its slots and texts."""
    parts = []
    for term in triple:
        slot = slot_of(term)
        if slot is None and isinstance(term, ox.Literal) and FIELD.search(term.value):
            slot = text_slot(triple)
            if slot not in texts:  # a rule passed it on to another subject
                slot = next(name for name in texts if name.endswith(f"/{_spelt(term)}"))
        parts.append(f"%({slot})s" if slot else str(term).replace("%", "%%"))
    return " ".join(parts)


def as_lines(triple: ox.Triple, texts: Mapping[str, Text], graph: str) -> str:
    """A triple in its graph and in the default graph."""
    filled = as_text(triple, texts)
    return f"{filled} {graph} .\n{filled} .\n"
