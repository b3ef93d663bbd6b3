"""Names for the variables and terms of a query as it is written again: none of them clashes with the query's own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyoxigraph as ox
from rdflib.term import BNode, Literal, URIRef, Variable

from kg.tracing.patterns import Slot

_ESCAPE = re.compile(r"\\(.)")


class Names:
    """Names for one query; fresh ones end in a tag that its text does not have, and a number.

    >>> Names("SELECT ?mark__1 { ?mark__1 ?p ?o }").fresh("mark")
    <Variable value=mark___1>
    """

    def __init__(self, text: str) -> None:
        self._tag = "__"
        while self._tag in text:
            self._tag += "_"
        self._numbers = itertools.count(1)
        self._blank: dict[BNode, ox.Variable] = {}
        self._scope: dict[str, ox.Variable] | None = None

    def fresh(self, name: str) -> ox.Variable:
        """A variable that stands nowhere yet."""
        return ox.Variable(f"{name}{self._tag}{next(self._numbers)}")

    def variable(self, variable: object) -> ox.Variable:
        """A variable of the query, under the name that it has here."""
        name = str(variable)
        if self._scope is None:
            return ox.Variable(name)
        if name not in self._scope:
            self._scope[name] = self.fresh(name)
        return self._scope[name]

    def slot(self, term: object) -> Slot:
        """The term as the engine has it; a blank node of a pattern is a variable."""
        if isinstance(term, Variable):
            return self.variable(term)
        if isinstance(term, BNode):
            if term not in self._blank:
                self._blank[term] = self.fresh("blank")
            return self._blank[term]
        return constant(term)

    @contextmanager
    def inside(self, columns: Iterable[object]) -> Iterator[None]:
        """A SELECT in the query: its variables have other names than those outside, but for its columns."""
        before = self._scope
        scope = {str(column): self.variable(column) for column in columns}
        self._scope = scope
        try:
            yield
        finally:
            self._scope = before


def constant(term: object) -> ox.NamedNode | ox.Literal:
    """An IRI or literal as the engine has it; rdflib leaves the escapes of `id:a\\/b` in the IRI."""
    if isinstance(term, URIRef):
        return ox.NamedNode(_ESCAPE.sub(r"\1", str(term)))
    assert isinstance(term, Literal), term
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))
