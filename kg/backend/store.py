"""Another store in the engine's place: asked as an `ox.Store` is, as far as answering, tracing and describing ask it.

What a dataset's version says never changes, so what was said of a thing is kept for the next who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyoxigraph as ox
from cachetools import LRUCache

from kg.backend.connection import GRAPHS, RESULTS, Backend, Body, Connection, unfit
from kg.backend.mending import Mended
from kg.backend.naming import Holding
from kg.backend.rewriting import for_store
from kg.errors import SourceError
from kg.namespaces import ACCEPTED, CATALOGUE, DATASET, DCAT

MOST_KEPT = 100_000
"""Quads kept of what was said of things: some 40 MB."""
_FORMATS = {GRAPHS[0]: ox.RdfFormat.N_TRIPLES, GRAPHS[1]: ox.RdfFormat.TURTLE}

Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


class RemoteStore:
    """A store elsewhere that holds a version of the dataset in a way.

    Calls are made by a thread of its own: the network can then be taken from the one that runs the engine.
    """

    def __init__(self, backend: Backend, holding: Holding) -> None:
        self._holding = holding
        executor = ThreadPoolExecutor(1, "backend")
        executor.submit(bool).result()  # the thread is there from now on
        self._connection = Connection(backend, lambda call: executor.submit(call).result())
        self._kept: LRUCache[Any, Sequence[ox.Quad]] = LRUCache(MOST_KEPT, lambda quads: len(quads) + 1)

    def query(
        self,
        query: str,
        *,
        base_iri: str | None = None,
        default_graph: Sequence[ox.NamedNode] | None = None,
        named_graphs: Sequence[ox.NamedNode] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]:
        """As `Store.query`, but that a graph's triples come as an iterator.

        Raises: what `Store.query` does for what is no query; BackendAwayError, BackendAnswerError. SyntaxError, there
                and while rows are read, if what the store says is broken.
        """
        given = [None if each is None else [graph.value for graph in each] for each in (default_graph, named_graphs)]
        text, form = for_store(query, self._holding, base_iri=base_iri, default_graphs=given[0], named_graphs=given[1])
        if form == "graph":
            body = self._connection.ask(text, ", ".join(GRAPHS))
            return (quad.triple for quad in ox.parse(body, format=_FORMATS[body.media_type]))  # type: ignore[arg-type]
        rows = _read(self._connection.ask(text, RESULTS))
        return _truth(any(True for _ in rows)) if form == "boolean" else rows

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Graph | None = None
    ) -> Iterator[ox.Quad]:
        """As `Store.quads_for_pattern`. A blank node's name means nothing in another answer: there are none of it."""
        if any(isinstance(each, ox.BlankNode) for each in (subject, object, graph_name)):
            return iter(())
        if subject is not None:
            # All that is said of a thing at once: who asks for one of its names asks for the next.
            said = self._known(subject, None, None, None)
            wanted = (None, predicate, object, graph_name)
            return (quad for quad in said if all(w is None or w == f for w, f in zip(wanted, quad, strict=True)))
        return iter(self._known(subject, predicate, object, graph_name))

    def __contains__(self, quad: ox.Quad) -> bool:
        return any(self.quads_for_pattern(*quad))

    def _known(self, *pattern: Any) -> Sequence[ox.Quad]:
        found = self._kept.get(pattern)
        if found is None:
            found = tuple(self._looked_up(*pattern))
            if len(found) < MOST_KEPT:
                self._kept[pattern] = found
        return found

    def _looked_up(self, subject: Any, predicate: Any, object: Any, graph: Graph | None) -> Iterable[ox.Quad]:
        given = (subject, predicate, object)
        terms = [f"?{name}" if term is None else str(term) for name, term in zip("spo", given, strict=True)]
        triple = " ".join(terms)
        home = ACCEPTED if isinstance(graph, ox.DefaultGraph) else graph
        where = f"<{self._holding.name_of(home.value)}>" if isinstance(home, ox.NamedNode) else "?g"
        columns = [*(term for term in terms if term.startswith("?")), *(["?g"] if home is None else [])]
        # Written here in the store's own terms: rewriting takes as long as the store.
        query = f"SELECT {' '.join(columns) or '(1 AS ?found)'} {{ GRAPH {where} {{ {triple} }} }}"
        for row in _read(self._connection.ask(query, RESULTS)):
            first, second, third = (row[n] if term is None else term for n, term in zip("spo", given, strict=True))
            if home is not None:
                yield ox.Quad(first, second, third, graph)
            elif (found := self._holding.graph_of(str(row["g"].value))) is not None:
                yield ox.Quad(first, second, third, ox.NamedNode(found))
                if found == ACCEPTED.value:
                    yield ox.Quad(first, second, third)


def find_holding(backend: Backend) -> Holding:
    """How the store holds the version of the dataset.

    Raises: BackendAwayError, BackendAnswerError; SourceError if it does not hold it.
    """
    connection = Connection(backend)
    try:
        versioned = Holding(backend.version)
        if _is_there(connection, f"GRAPH <{versioned.index}> {{ {ACCEPTED} ?held ?name }}"):
            return versioned
        version = ox.Literal(backend.version)
        if _is_there(connection, f"GRAPH {CATALOGUE} {{ {DATASET} <{DCAT}version> {version} }}"):
            return Holding()
    finally:
        connection.close()
    message = f"holds no version {backend.version}: load the build there with kg publish, then serve it"
    raise SourceError(message, "the store of --backend")


def _is_there(connection: Connection, pattern: str) -> bool:
    try:
        return any(True for _ in _read(connection.ask(f"SELECT (1 AS ?found) {{ {pattern} }} LIMIT 1", RESULTS)))
    except SyntaxError as error:
        raise unfit("answers with what is no SPARQL results JSON", error) from error


def _truth(value: bool) -> ox.QueryBoolean:
    answer = ox.Store().query("ASK {}" if value else "ASK { FILTER(false) }")
    assert isinstance(answer, ox.QueryBoolean)
    return answer


def _read(body: Body) -> ox.QuerySolutions:
    """The rows; a table is all that is asked for."""
    try:
        found = ox.parse_query_results(Mended(body), format=ox.QueryResultsFormat.JSON)  # type: ignore[arg-type]
    except SyntaxError as error:
        raise unfit("answers with what is no SPARQL results JSON", error) from error
    if isinstance(found, ox.QueryBoolean):
        raise unfit("answers with a boolean, and was asked for rows")
    return found
