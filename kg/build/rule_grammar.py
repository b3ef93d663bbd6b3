"""The small grammar of rules, held by rdflib's SPARQL algebra. Running the rules is left to `rules`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import KGError

if TYPE_CHECKING:
    from rdflib.term import Node

Slot = ox.Variable | ox.NamedNode | ox.Literal
Pattern = tuple[Slot, Slot, Slot]


class BeyondGrammarError(KGError):
    """A rule uses what the grammar of rules leaves out."""


def read_patterns(text: str) -> tuple[tuple[Pattern, ...], tuple[Pattern, ...]]:
    """The triple patterns of a CONSTRUCT query's template, and those of its WHERE outside NOT EXISTS, each sorted.

    Raises: BeyondGrammarError for anything but triple patterns, FILTER and FILTER NOT EXISTS.
    """
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    algebra = translateQuery(parseQuery(text)).algebra
    body: list[Pattern] = []
    group = algebra.p.p
    while group.name == "Filter":
        if _mentions(group.expr, "Builtin_EXISTS"):
            raise BeyondGrammarError("EXISTS")
        group = group.p
    if group.name != "BGP":
        names = {"Minus": "MINUS", "LeftJoin": "OPTIONAL", "Extend": "BIND", "ToMultiSet": "VALUES", "Graph": "GRAPH"}
        raise BeyondGrammarError(names.get(group.name, "a nested group, UNION or sub-query"))
    for triple in group.triples:
        body.append(_pattern(triple))
    if not algebra.template:
        raise BeyondGrammarError("an empty template")
    return tuple(sorted(map(_pattern, algebra.template), key=str)), tuple(sorted(body, key=str))


def _mentions(expression: object, name: str) -> bool:
    if getattr(expression, "name", None) == name:
        return True
    values = (
        expression.values() if isinstance(expression, Mapping) else expression if isinstance(expression, list) else ()
    )
    return any(_mentions(value, name) for value in values)


def _pattern(triple: Iterable[Node]) -> Pattern:
    subject, predicate, value = map(_slot, triple)
    return subject, predicate, value


def _slot(term: Node) -> Slot:
    from rdflib.term import BNode, Literal, URIRef, Variable

    if isinstance(term, Variable):
        return ox.Variable(str(term))
    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return (
            ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))
        )
    raise BeyondGrammarError("a blank node" if isinstance(term, BNode) else "a property path")
