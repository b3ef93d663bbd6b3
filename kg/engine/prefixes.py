"""The prefixes that a query declares and uses. What they expand to is left to the engine."""

from __future__ import annotations

from kg.engine.tokens import Token, place
from kg.errors import QuerySyntaxError


def read_prologue(tokens: list[Token]) -> tuple[frozenset[str], int]:
    """The prefixes that a query declares before its first clause, and how many tokens stand there.

    >>> from kg.engine.tokens import tokenise
    >>> declared, length = read_prologue(tokenise("BASE <http://e/> PREFIX : <a> PREFIX ex: <b> ASK { }"))
    >>> sorted(declared), length
    (['', 'ex'], 8)
    """
    declared: set[str] = set()
    index = 0
    while index < len(tokens) and tokens[index].kind == "word":
        keyword = tokens[index].text.upper()
        if keyword == "PREFIX" and index + 1 < len(tokens):
            declared.add(tokens[index + 1].text.removesuffix(":"))
            index += 3
        elif keyword in ("BASE", "VERSION"):
            index += 2
        else:
            break
    return frozenset(declared), min(index, len(tokens))


def undeclared_prefix(text: str, tokens: list[Token]) -> QuerySyntaxError | None:
    """The error for the first prefixed name whose prefix the query does not declare; none if there is none.

    >>> from kg.engine.tokens import tokenise
    >>> query = "ASK { ?s ex:p ?o }"
    >>> print(undeclared_prefix(query, tokenise(query)))
    the prefix ex: is not declared: add PREFIX ex: <…> at the top
    """
    declared, length = read_prologue(tokens)
    for token in tokens[length:]:
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            if prefix not in declared:
                line, column = place(text, token.start)
                message = f"the prefix {prefix}: is not declared: add PREFIX {prefix}: <…> at the top"
                return QuerySyntaxError(message, line=line, column=column)
    return None
