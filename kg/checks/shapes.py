"""The shapes of `ontology/shapes.ttl` held against the accepted graph by pySHACL. Rules over graphs are queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import QualityError
from kg.files.places import Places
from kg.files.turtle import ParsedFile
from kg.findings import Finding, Severity
from kg.namespaces import compact

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


def shape_findings(accepted: Iterable[ox.Triple], shapes: ParsedFile, places: Places) -> Iterator[Finding]:
    """What pySHACL finds, each at its triple or else where its node is described.

    A message says what is wrong and, after `: `, what to do; the rule is the shape's name.

    Raises: QualityError if the shapes themselves are wrong.
    """
    # Slow to import (0.5 s), and only a check needs them.
    import pyshacl
    from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
    from rdflib import Graph
    from rdflib.namespace import RDF, SH

    data, shape_graph = to_rdflib(accepted), to_rdflib(quad.triple for quad in shapes.quads)
    try:
        report = pyshacl.validate(data, shacl_graph=shape_graph, inplace=True, inference="none", advanced=False)[1]
    except (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError) as error:
        raise QualityError([Finding(shapes.shown_as, 1, "shape", _one_line(error), "correct the shape")]) from error
    if not isinstance(report, Graph):  # pySHACL hands back a failure where the report would be
        raise QualityError([Finding(shapes.shown_as, 1, "shape", _one_line(report), "correct the shape")])
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus, path, value, source = (
            report.value(result, part) for part in (SH.focusNode, SH.resultPath, SH.value, SH.sourceShape)
        )
        messages = sorted(str(message) for message in report.objects(result, SH.resultMessage))
        message, colon, fix = (messages[0] if messages else "does not conform").partition(": ")
        shape = next(shape_graph.subjects(SH.property, source), source)
        name = str(shape).rpartition("#")[2]
        severity: Severity = "error" if report.value(result, SH.resultSeverity) == SH.Violation else "warning"
        where = _place(places, focus, path, value)
        node = _shown(focus)
        yield Finding(
            *where, name, f"{node}: {message}", fix if colon else f"see {name} in {shapes.shown_as}", severity
        )


def to_rdflib(triples: Iterable[ox.Triple]) -> Graph:
    """The triples as a graph of rdflib, literals as they are spelt."""
    from rdflib import Graph

    graph = Graph()
    terms: dict[object, Node] = {}
    for triple in triples:
        for term in triple:
            if term not in terms:
                terms[term] = _to_rdflib(term)
        graph.add((terms[triple.subject], terms[triple.predicate], terms[triple.object]))
    return graph


def _to_rdflib(term: object) -> Node:
    from rdflib.term import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        return Literal(term.value, datatype=_datatype(term), normalize=False)
    raise TypeError(f"rdflib has no term for {term}")


def _datatype(literal: ox.Literal) -> str | None:
    # rdflib tells "a" from "a"^^xsd:string; RDF 1.1 and our files do not.
    return None if literal.datatype.value.endswith("#string") else literal.datatype.value


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _place(places: Places, focus: object, path: object, value: object) -> tuple[str, int]:
    from rdflib.term import URIRef

    if not isinstance(focus, URIRef):
        return places.of_term(None)
    subject = ox.NamedNode(str(focus))
    if isinstance(path, URIRef) and isinstance(value, URIRef):
        return places.of_triple(ox.Triple(subject, ox.NamedNode(str(path)), ox.NamedNode(str(value))))
    return places.of_term(subject)


def _shown(term: object) -> str:
    from rdflib.term import URIRef

    return compact(str(term)) if isinstance(term, URIRef) else str(term)
