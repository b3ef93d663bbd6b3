"""Queries put to the engine, and answers written by it: the one caller of `Store.query`.

What may be asked is `guard`'s business, how long it may take `pool.worker`'s; here the engine's errors become ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Protocol

import pyoxigraph as ox

from kg.engine.explain import explain
from kg.engine.formats import Format
from kg.engine.xml_output import XmlOutput, check_predicates
from kg.errors import QueryParameterError, QueryRefusedError, QuerySyntaxError, UnrepresentableError
from kg.namespaces import PREFIXES

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Iterator[ox.Triple]
"""The last is a graph that another store answers with (`kg.backend`)."""

_IRI = re.compile(r"<([^<>]+)>")
_NO_FUNCTION = re.compile(r"The custom (?:aggregate )?function (<.*>) is not supported")


class Output(Protocol):
    """What an answer is written to."""

    def write(self, data: bytes, /) -> int:
        """Take a piece."""
        ...

    def flush(self) -> None:
        """Hand on what was taken."""
        ...


def evaluate(
    store: ox.Store,
    query: str,
    *,
    base_iri: str | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
) -> Answer:
    """The answer of a query, whose rows are computed as they are read.

    A dataset given here overrides FROM (SPARQL 1.1 Protocol §2.1.4). If only one of the two lists is given, the other
    counts as empty: the engine would leave the store's own graphs visible.

    Raises: QuerySyntaxError; QueryParameterError for a graph or base that is no absolute IRI.

    >>> bool(evaluate(ox.Store(), "ASK { }"))
    True
    >>> evaluate(ox.Store(), "SELECT * {")
    Traceback (most recent call last):
        ...
    kg.errors.QuerySyntaxError: this { is never closed
    """
    default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
    named: list[ox.NamedNode | ox.BlankNode] | None = None
    if default_graphs is not None or named_graphs is not None:
        default = [_graph(iri, "default-graph-uri") for iri in default_graphs or ()]
        named = [_graph(iri, "named-graph-uri") for iri in named_graphs or ()]
    with _translated():
        try:
            return store.query(query, base_iri=base_iri, default_graph=default, named_graphs=named)
        except SyntaxError as error:
            raise explain(query, str(error)) from error
        except ValueError as error:
            raise QueryParameterError(f"'{base_iri}' is not an absolute IRI", parameter="base") from error


def serialise(answer: Answer, format: Format, output: IO[bytes] | Output) -> None:
    """Write an answer in a format, in pieces, as its rows are computed.

    Raises: UnrepresentableError if the format is for another kind of answer or cannot hold this one: RDF/XML cannot
            name every predicate, XML cannot hold every character, JSON-LD 1.1 has no triple terms. Whatever writing
            to `output` raises comes through and ends the evaluation.
    """
    if not isinstance(answer, ox.QuerySolutions | ox.QueryBoolean):
        if not isinstance(format.engine, ox.RdfFormat):
            raise UnrepresentableError(f"{format.label} holds tables; this query answers with a graph")
        _serialise_graph(answer, format, output)
        return
    if not isinstance(format.engine, ox.QueryResultsFormat):
        raise UnrepresentableError(f"{format.label} holds graphs; this query answers with a table or a boolean")
    if format.engine == ox.QueryResultsFormat.XML:
        output = XmlOutput(output)
    with _translated():
        answer.serialize(output, format.engine)  # type: ignore[arg-type]  # the engine needs write and flush only


def serialise_triples(triples: Sequence[ox.Triple | ox.Quad], format: Format, output: IO[bytes] | Output) -> None:
    """Write a graph that is all there, as `serialise` does; Turtle and TriG with our prefixes.

    Raises: UnrepresentableError.
    """
    if not isinstance(format.engine, ox.RdfFormat):
        raise UnrepresentableError(f"{format.label} holds tables; this is a graph")
    if format.engine == ox.RdfFormat.RDF_XML:
        check_predicates(triples)
        output = XmlOutput(output)
    if format.engine == ox.RdfFormat.JSON_LD and any(isinstance(triple.object, ox.Triple) for triple in triples):
        raise UnrepresentableError("JSON-LD 1.1 has no triple terms; ask for Turtle or N-Triples")
    prefixes = _prefixes(triples) if format.engine in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
    ox.serialize(triples, output, format.engine, prefixes=prefixes)  # type: ignore[arg-type]


def _prefixes(triples: Sequence[ox.Triple | ox.Quad]) -> dict[str, str]:
    """Those of our prefixes that some IRI begins with."""
    iris = {iri for triple in triples for iri in _IRI.findall(str(triple))}
    return {prefix: base for prefix, base in PREFIXES.items() if any(iri.startswith(base) for iri in iris)}


def _serialise_graph(answer: ox.QueryTriples | Iterator[ox.Triple], format: Format, output: IO[bytes] | Output) -> None:
    with _translated():
        if format.engine in (ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):
            # All triples before the first byte: one that cannot be written must not break an answer off.
            serialise_triples(list(answer), format, output)
        elif isinstance(answer, ox.QueryTriples):
            answer.serialize(output, format.engine)  # type: ignore[arg-type]
        else:
            ox.serialize(answer, output, format.engine)  # type: ignore[arg-type]


def _graph(iri: str, parameter: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise QueryParameterError(f"'{iri}' is not an absolute IRI", parameter=parameter) from error


@contextmanager
def _translated() -> Iterator[None]:
    """The engine's errors in evaluation as ours."""
    try:
        yield
    except RuntimeError as error:
        if found := _NO_FUNCTION.search(str(error)):
            raise QuerySyntaxError(f"there is no function {found[1]} here") from error
        if "service" in str(error).lower():
            raise QueryRefusedError("SERVICE calls are not made here") from error
        raise
    except OSError as error:
        if error.errno is not None:
            raise  # Python's own: whoever the answer was written to has gone
        raise QueryRefusedError("the query reaches outside the store (SERVICE), which is not done here") from error
