"""The parts of a query, by its tokens: what groups are made from, the slice at its end. Knows nothing of the tracer."""

from __future__ import annotations

from kg.engine.tokens import Token, tokenise

AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def names_graphs(query: str) -> bool:
    """Whether the query says itself which graphs it asks."""
    return any(token.kind == "word" and token.text.upper() in ("GRAPH", "FROM") for token in tokenise(query))


def without_slice(query: str) -> str:
    """The query without the LIMIT and OFFSET at its end.

    >>> without_slice("SELECT ?x { ?x ?p 'LIMIT 1' } LIMIT 5 OFFSET 10")
    "SELECT ?x { ?x ?p 'LIMIT 1' }"
    """
    tokens = tokenise(query)
    for first, second in zip(tokens[::-1], [None, *tokens[::-1]], strict=False):
        if first.depth == 0 and first.kind == "word" and first.text.upper() in ("LIMIT", "OFFSET") and second:
            query = (query[: first.start] + query[second.start + len(second.text) :]).rstrip()
    return query


def members_of(query: str) -> str | None:
    """The query without its grouping: the members of each group; None if it has none.

    >>> members_of("SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y } GROUP BY ?x HAVING(COUNT(?y) > 1)")
    'SELECT * WHERE { { ?x ?p ?y }  }'
    >>> members_of("SELECT (COUNT(*) AS ?n) { ?x ?p '(COUNT(' }")
    "SELECT * WHERE { { ?x ?p '(COUNT(' }  }"
    >>> members_of("SELECT ?x { ?x ?p '(COUNT(' }")
    """
    tokens = tokenise(query)
    outer = [token for token in tokens if token.depth == 0]
    (select, *_) = [token for token in outer if _is(token, "SELECT")]
    opening = next(token for token in outer if token.text == "{")
    closing = next(token for token in tokens if token.start > opening.start and token.text == "}" and token.depth == 1)
    grouping = next((token for token in outer if token.start > closing.start and _is(token, "GROUP")), None)
    projected = [token for token in tokens if select.start < token.start < opening.start]
    if grouping is None and not any(_is(token, *AGGREGATES) for token in projected):
        return None
    keys = _keys(query, tokens, grouping.start) if grouping is not None else ""
    whole = query[opening.start : closing.start + 1]
    return f"{query[: select.start]}SELECT * WHERE {{ {whole} {keys} }}"


def _keys(query: str, tokens: list[Token], start: int) -> str:
    """The keys of GROUP BY that have an AS, as BIND."""
    found, begin = "", None
    for token in tokens:
        if token.start <= start:
            continue
        if token.depth == 0 and _is(token, "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"):
            break
        if token.depth == 0 and token.text == "(":
            begin = token.start
        elif token.depth == 1 and _is(token, "AS") and begin is not None:
            found += f"BIND{query[begin : query.index(')', token.start) + 1]} "
    return found


def _is(token: Token, *words: str) -> bool:
    return token.kind == "word" and token.text.upper() in words
