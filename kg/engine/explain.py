"""Why a query does not parse, in words. The engine lists all that its grammar would have taken; people need less."""

from __future__ import annotations

import re

from kg.engine.prefixes import undeclared_prefix
from kg.engine.tokens import place, tokenise
from kg.errors import QuerySyntaxError

_ENGINE = re.compile(r"error at (?P<line>\d+):(?P<column>\d+): expected (?:one of )?(?P<expected>.*)", re.DOTALL)
_ITEM = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,]+')
_SENTENCE = re.compile(r"[A-Za-z][^\"\[\]]* [^\"\[\]]*")


def explain(query: str, message: str) -> QuerySyntaxError:
    """Our error for the engine's: a bracket or prefix at fault if that is it, else the place and what stands there.

    >>> error = explain("SELECT * WHERE { ex:a ?p ?o }", "error at 1:26: expected OPTIONAL")
    >>> print(error, error.line, error.column)
    the prefix ex: is not declared: add PREFIX ex: <…> at the top 1 18
    """
    try:
        tokens = tokenise(query)
    except QuerySyntaxError as error:
        return error
    if fault := undeclared_prefix(query, tokens):
        return fault
    found = _ENGINE.search(message)
    if found is None:
        return QuerySyntaxError(message.strip()[:200])
    line, column = int(found["line"]), int(found["column"])
    if not tokens:
        return QuerySyntaxError("the query is empty", line=1, column=1)
    items = [item.strip() for item in _ITEM.findall(found["expected"])]
    if sentences := [item for item in items if _SENTENCE.fullmatch(item)]:
        return QuerySyntaxError(_decapitalised(sentences[0]), line=line, column=column)
    offset = _offset(query, line, column)
    # The engine reads as many characters as a keyword has before it compares them, and counts those as read: go back by
    # the shortest keyword that it tried, unless it names a character, which it looked at where it stood.
    keywords = [item for item in items if item.isidentifier()]
    if keywords and all(item.isidentifier() or item == "[_]" for item in items):
        offset -= min(len(item) for item in keywords)
    token = next((token for token in tokens if token.start + len(token.text) > offset), None)
    if token is None:
        line, column = place(query, len(query))
        return QuerySyntaxError("the query breaks off: something is missing at its end", line=line, column=column)
    line, column = place(query, token.start)
    shown = token.text if len(token.text) <= 40 else token.text[:39] + "…"
    return QuerySyntaxError(f"this is not SPARQL at or shortly after {shown}", line=line, column=column)


def _offset(query: str, line: int, column: int) -> int:
    lines = query.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1


def _decapitalised(sentence: str) -> str:
    first, rest = sentence[0], sentence[1:]
    return (first.lower() + rest if rest[:1].islower() else sentence).rstrip(".")
