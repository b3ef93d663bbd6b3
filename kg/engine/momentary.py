"""Whether a query's answer holds for the moment only. Keeping answers is left to the server."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.engine.tokens import Token, tokenise

_WORDS = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"})
_PERHAPS = re.compile("now|rand|uuid|bnode|service", re.IGNORECASE | re.ASCII)


def is_momentary(query: str) -> bool:
    """Whether it asks for the time, for something new each time, or another server.

    Raises: QuerySyntaxError for what has no tokens of SPARQL.

    >>> is_momentary("SELECT (NOW() AS ?now) {}")
    True
    >>> is_momentary("SELECT ?now { ?x foaf:knows 'rand()' . BIND(1 AS ?now) }")
    False
    """
    # Most queries are cleared by the look at the text alone.
    if not _PERHAPS.search(query):
        return False
    return holds_for_the_moment(tokenise(query))


def holds_for_the_moment(tokens: Iterable[Token]) -> bool:
    """The same for a query whose tokens are at hand."""
    return any(token.kind == "word" and token.text.upper() in _WORDS for token in tokens)
