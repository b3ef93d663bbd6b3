"""What is probably wrong with a query over a graph: the operation `lint` of the pool. Each rule is a function.

Nothing of the query is evaluated: its patterns are held against what the graph uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import pyoxigraph as ox

from kg.engine.evaluation import Output, evaluate
from kg.linting import directions, graphs, structure, terms, values
from kg.linting.context import Context
from kg.linting.names import Names
from kg.linting.places import Places
from kg.linting.remarks import MOST, Remark, chosen, mended_by
from kg.linting.summary import Summary, summarise
from kg.tracing.algebra import UntraceableError, read_where

RULES: tuple[Callable[[Context], Iterator[Remark]], ...] = (
    terms.misspelt_namespaces,
    terms.unknown_terms,
    graphs.graphs_that_are_none,
    directions.misdirected,
    values.unequal_values,
    values.unequal_comparisons,
    structure.one_passage_graph,
    structure.cross_products,
    structure.unbound_variables,
    structure.no_rows_wanted,
)


def lint(context: Context) -> tuple[Remark, ...]:
    """The remarks of every rule, in the order of the text."""
    return chosen(found for rule in RULES for found in islice(rule(context), MOST))


def context_of(store: ox.Store, query: str, base_iri: str | None = None, viewed: bool = False) -> Context:
    """A query over a dataset, read.

    Raises: QuerySyntaxError; UntraceableError for SPARQL that is not read here.
    """
    evaluate(ox.Store(), query, base_iri=base_iri)
    summary, names = known(store)
    return Context(query, read_where(query, base_iri), Places(query), store, summary, names, viewed)


_last: tuple[ox.Store, Summary, Names] | None = None


def known(store: ox.Store) -> tuple[Summary, Names]:
    """The summary and the names of a dataset, which never changes; those asked for last are kept."""
    global _last
    if _last is None or _last[0] is not store:
        _last = (store, summarise(store), Names(store))
    return _last[1:]


def answer_with_lint(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `lint`: JSON with `remarks`, and with `unread` where the query is SPARQL that is not read here."""
    base = request.get("base_iri")
    found: dict[str, object] = {"version": request.get("version"), "remarks": [], "mended": None}
    try:
        context = context_of(
            store, str(request["query"]), base if isinstance(base, str) else None, bool(request.get("view"))
        )
        remarks = lint(context)
        found["remarks"] = [each.as_json() for each in remarks]
        found["mended"] = mended_by(context.text, remarks)
    except UntraceableError as error:
        found["unread"] = str(error)
    output.write(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
