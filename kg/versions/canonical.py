"""An answer's canonical form, and its hash: the same for whoever asks, in whatever format and order of rows.

It is text in UTF-8, each line with a line feed at its end, so that anybody can make it from an answer and hash it:

- of a SELECT the names of the columns (`?a`), then the rows, each value as N-Triples writes a term (canonically: RDF
  1.2 N-Triples, section 4) and nothing where there is none, with tabs between. If the query has an ORDER BY of its own
  (one in a sub-select does not count) the rows stand in that order; else they are sorted by code point. Equal rows all
  stand.
- of an ASK `true` or `false`,
- of a CONSTRUCT or DESCRIBE its triples as canonical N-Triples, sorted by code point, blank nodes named by RDFC-1.0.

With citations there is one column more, `?passages`: the IRIs of all graphs that a row rests on, sorted, with spaces
between. Blank nodes in a table are named as the dataset's dump names them. The hash is the SHA-256 of the text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import pyoxigraph as ox

from kg.engine.evaluation import Output, evaluate
from kg.errors import QuerySyntaxError
from kg.queries.text import mask, outermost

Row = tuple[str, ...]
TRIPLE = ("subject", "predicate", "object")
PASSAGES = "passages"


@dataclass(frozen=True)
class Answer:
    """An answer, its terms in N-Triples; `kind` is table, boolean or graph, `ordered` whether the order counts."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    ordered: bool = False

    @cached_property
    def text(self) -> str:
        """The canonical form.

        >>> Answer("table", ("a", "b"), (("<urn:x>", ""),)).text
        '?a\\t?b\\n<urn:x>\\t\\n'
        """
        if self.kind == "graph":
            return "".join(f"{' '.join(row)} .\n" for row in self.rows)
        head = ["\t".join(f"?{name}" for name in self.columns)] if self.kind == "table" else []
        return "".join(f"{line}\n" for line in [*head, *("\t".join(row) for row in self.rows)])

    @property
    def sha256(self) -> str:
        """Its hash, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def as_json(self) -> dict[str, object]:
        """The answer with its hash, as `read_answer` reads it."""
        return {
            "kind": self.kind,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "count": len(self.rows),
            "ordered": self.ordered,
            "sha256": self.sha256,
        }


def read_answer(document: Mapping[str, object]) -> Answer:
    """The answer that `as_json` wrote."""
    rows = cast("Sequence[Sequence[str]]", document["rows"])
    columns = cast("Sequence[str]", document["columns"])
    kind, ordered = str(document["kind"]), bool(document["ordered"])
    return Answer(kind, tuple(columns), tuple(tuple(row) for row in rows), ordered)


def answer_canonically(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `canonical` of the pool: an answer as `Answer.as_json` has it; with `cited` with its citations.

    With `hash_only` its rows are left out, and told by their number; with `as_text` it is the text itself.
    """
    answer = _cited(store, request) if request.get("cited") else canonical_answer(store, request)
    if request.get("as_text"):
        output.write(answer.text.encode())
        return
    document = answer.as_json()
    if request.get("hash_only"):
        document["rows"] = []
    output.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def canonical_answer(store: ox.Store, request: Mapping[str, object]) -> Answer:
    """The answer to a request's query.

    Raises: QuerySyntaxError; QueryParameterError.

    >>> request = {"query": "SELECT ?x { VALUES ?x { 2 1 } }"}
    >>> [row[0][:3] for row in canonical_answer(ox.Store(), request).rows]
    ['"1"', '"2"']
    """
    query = str(request["query"])
    found = evaluate(
        store,
        query,
        base_iri=cast("str | None", request.get("base_iri")),
        default_graphs=cast("list[str] | None", request.get("default_graphs")),
        named_graphs=cast("list[str] | None", request.get("named_graphs")),
    )
    if isinstance(found, ox.QueryBoolean):
        return Answer("boolean", (), (("true" if found else "false",),))
    if not isinstance(found, ox.QuerySolutions):
        return Answer("graph", TRIPLE, tuple(sorted(set(_triples(found)))))
    names = [variable.value for variable in found.variables]
    rows = (tuple(_written(term) for term in solution) for solution in found)
    return _table(query, names, rows)


def is_ordered(query: str) -> bool:
    """Whether a query says in which order its rows stand.

    >>> is_ordered("SELECT ?x { { SELECT ?x { ?x ?p ?o } ORDER BY ?x } }"), is_ordered("SELECT ?x { } ORDER BY ?x")
    (False, True)
    """
    return re.search(r"\bORDER\s+BY\b", outermost(mask(query)), re.IGNORECASE) is not None


def is_arbitrary(query: str) -> bool:
    """Whether which rows it gives is left to the engine: it takes some of them and does not say in which order.

    >>> is_arbitrary("SELECT ?x { ?x ?p ?o } LIMIT 5"), is_arbitrary("SELECT ?x { ?x ?p ?o } ORDER BY ?x LIMIT 5")
    (True, False)
    """
    whole = outermost(mask(query))
    return re.search(r"\b(LIMIT|OFFSET)\s+\d", whole, re.IGNORECASE) is not None and not is_ordered(query)


def _table(query: str, names: Iterable[str], rows: Iterable[Row]) -> Answer:
    ordered = is_ordered(query)
    return Answer("table", tuple(names), tuple(rows if ordered else sorted(rows)), ordered)


def _written(term: object) -> str:
    return "" if term is None else str(term)


def _triples(triples: Iterable[ox.Triple]) -> Iterable[Row]:
    quads = [ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples]
    if any(isinstance(term, ox.BlankNode | ox.Triple) for quad in quads for term in (quad.subject, quad.object)):
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        quads = list(dataset)
    return ((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads)


def _cited(store: ox.Store, request: Mapping[str, object]) -> Answer:
    """A SELECT's rows with what each rests on."""
    from kg.tracing.answers import read_rules  # late: rdflib takes long to import
    from kg.tracing.trace import trace

    query = str(request["query"])
    found = trace(
        store,
        query,
        base_iri=cast("str | None", request.get("base_iri")),
        default_graphs=cast("list[str] | None", request.get("default_graphs")),
        named_graphs=cast("list[str] | None", request.get("named_graphs")),
        rules=read_rules(request.get("rules")),
    )
    if PASSAGES in found.columns:
        message = f"a column is called {PASSAGES}, as the citations' is: call it something else"
        raise QuerySyntaxError(message)
    rows = []
    for row, citations in zip(found.rows, found.citations, strict=True):
        graphs = {graph.value for citation in citations for each in citation.with_premises() for graph in each.passages}
        rows.append((*(_written(term) for term in row.values()), " ".join(sorted(graphs))))
    return _table(query, [*found.columns, PASSAGES], rows)
