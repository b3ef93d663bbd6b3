"""A query's tokens spelt so that every SPARQL parser splits them where ours did. What is asked is left as it is.

Parsers differ: some decode `\\u0022` before they look for the end of a string, some take `a<b && c>d` for an IRI. What
the guard has seen must be what another store runs, so strings and IRIs are written without such escapes, comments are
dropped, and every token stands apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.engine.tokens import Token, place
from kg.errors import QueryRefusedError, QuerySyntaxError

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_MEANT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_WRITTEN = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_OF_ONE_STORE = ("bif:", "sql:", "java:")
"""Schemes by which some stores name functions of their own: of their database, of their host."""


def spelt(text: str, tokens: Sequence[Token]) -> list[str]:
    r"""Each token as it is to be written, with a space before it unless it belongs to the one before.

    Raises: QuerySyntaxError for an IRI whose escapes stand for what no IRI has; QueryRefusedError for one that names a
            function of a certain store.

    >>> from kg.engine.tokens import tokenise
    >>> query = r"ASK {?s ?p 'a\u0022 b'@en FILTER(?s<-1)} # done"
    >>> "".join(spelt(query, tokenise(query)))
    ' ASK { ?s ?p "a\\" b"@en FILTER( ?s < -1 ) }'
    """
    return [
        ("" if index and _belongs(tokens[index - 1], token) else " ") + _written(text, token)
        for index, token in enumerate(tokens)
    ]


def _belongs(before: Token, token: Token) -> bool:
    if before.start + len(before.text) != token.start:
        return False
    if token.kind == "number":
        return before.text in ("+", "-")
    if token.text == "(":
        return before.kind in ("word", "iri", "name")  # Oxigraph's grammar has no space in COALESCE(
    return token.kind == "language" or "^^" in (before.text, token.text)


def _written(text: str, token: Token) -> str:
    if token.kind == "string":
        quotes = 3 if token.text[:3] in ("'''", '"""') else 1
        inside = _ESCAPE.sub(_decoded, token.text[quotes:-quotes])
        return f'"{"".join(_WRITTEN.get(each, each) for each in inside)}"'
    if token.kind == "iri":
        inside = _ESCAPE.sub(_decoded, token.text[1:-1])
        line, column = place(text, token.start)
        if _NOT_IN_IRI.search(inside):
            raise QuerySyntaxError("this IRI has a character that no IRI has", line=line, column=column)
        if inside.lower().startswith(_OF_ONE_STORE):
            message = f"<{inside[:80]}> would be a function of a certain store, which is not called here"
            raise QueryRefusedError(message, line=line, column=column)
        return f"<{inside}>"
    return token.text


def _decoded(escape: re.Match[str]) -> str:
    short, long, letter = escape.groups()
    if letter is not None:
        return _MEANT.get(letter, letter)
    return chr(int(short or long, 16))
