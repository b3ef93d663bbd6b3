"""Things that are called by a text that a query looks for, in another spelling or script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.linting.context import Context
from kg.linting.names import LEAST_LETTERS
from kg.linting.parts import Part, calls
from kg.linting.places import shown
from kg.linting.remarks import Remark, note


def texts_of(part: Part) -> Iterator[ox.Literal]:
    """The texts that a part looks for: as a value, or in a condition."""
    slots = list(part.triple[2:]) if part.triple is not None else []
    slots += [call.term for call in calls(part.expression) if call.term is not None] if part.expression else []
    yield from (slot for slot in slots if isinstance(slot, ox.Literal))


def spelt_otherwise(context: Context, texts: Iterable[ox.Literal], parameter: str = "") -> Iterator[Remark]:
    """What is called so, of each text with letters enough."""
    for text in texts:
        if sum(map(str.isalpha, text.value)) < LEAST_LETTERS:
            continue
        things = context.names.sounding(text.value)
        if things:
            called = "; ".join(f"{context.listed([each])} is called {_name(context, each, text)}" for each in things)
            at = None if parameter else context.places.find(text)
            message = f"{parameter or shown(text)}: in a name, however it is spelt, {called}"
            yield note(context.text, "near-name", at, message)


def _name(context: Context, thing: str, text: ox.Literal) -> str:
    """The shortest name of a thing that has the words of a text."""
    names = [each for each in context.names.of(ox.NamedNode(thing)) if context.names.has_words(each, text.value)]
    return f"“{min(names, key=len, default=thing)}”"
