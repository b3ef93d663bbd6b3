"""The ontology as pages: every class and property in one list, and each term with what is made of it here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from flask import Response, url_for

from kg.errors import NotFoundError
from kg.namespaces import BASE, INFERRED, NAMES, ONTOLOGY, OWL, RDF, RDFS, SKOS
from server import pages, schema_org
from server.cells import Cell, Term, cell, iris
from server.reading.term_uses import constraints, queries_using, rules_using
from server.service import Service, current_service

TERMS = f"""
SELECT ?term ?kind ?label ?meaning ?example ?parent ?domain ?range WHERE {{
  VALUES (?type ?kind) {{
    (<http://www.w3.org/2002/07/owl#Class> "class") (<http://www.w3.org/2002/07/owl#ObjectProperty> "property")
    (<http://www.w3.org/2002/07/owl#DatatypeProperty> "property")
  }}
  ?term a ?type . FILTER(STRSTARTS(STR(?term), "{ONTOLOGY}"))
  OPTIONAL {{ ?term <{RDFS}label> ?label FILTER(LANG(?label) = "en") }}
  OPTIONAL {{ ?term <{SKOS}definition> ?meaning FILTER(LANG(?meaning) = "en") }}
  OPTIONAL {{ ?term <{SKOS}example> ?example FILTER(LANG(?example) = "en") }}
  OPTIONAL {{ ?term <{RDFS}subClassOf>|<{RDFS}subPropertyOf> ?parent FILTER(STRSTARTS(STR(?parent), "{ONTOLOGY}")) }}
  OPTIONAL {{ ?term <{RDFS}domain> ?domain FILTER(isIRI(?domain)) }}
  OPTIONAL {{ ?term <{RDFS}range> ?range FILTER(isIRI(?range)) }}
}} ORDER BY ?kind ?label ?term ?parent"""

SAID = "SELECT ?p ?o WHERE {{ {0} ?p ?o }} ORDER BY ?p ?o"
NAMING = f"""
SELECT ?s ?p WHERE {{{{
  VALUES ?p {{{{ <{RDFS}subClassOf> <{RDFS}subPropertyOf> <{RDFS}domain> <{RDFS}range> <{SKOS}inScheme> }}}}
  ?s ?p {{0}} . FILTER(?s != {{0}} && isIRI(?s))
}}}} ORDER BY ?p ?s"""
INSTANCES = "SELECT DISTINCT ?s WHERE {{ ?s a {0} }} ORDER BY ?s LIMIT {1}"
INSTANCE_COUNT = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s a {0} }}"
STATEMENTS = "SELECT ?s ?p ?o WHERE {{ VALUES ?p {{ {0} }} ?s ?p ?o }} ORDER BY ?s ?o LIMIT {1}"
STATEMENT_COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ ?s {0} ?o }}"
CODED = "SELECT ?s ?p ?o WHERE {{ VALUES ?o {{ {0} }} ?s ?p ?o }} ORDER BY ?p ?s LIMIT {1}"
CODED_COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ ?s ?p {0} }}"
INFERRING = f"""
SELECT DISTINCT ?rule WHERE {{{{
  {{{{ GRAPH ?rule {{{{ ?s {{0}} ?o }}}} }}}} UNION {{{{ GRAPH ?rule {{{{ ?s a {{0}} }}}} }}}}
  FILTER(STRSTARTS(STR(?rule), "{INFERRED}"))
}}}} ORDER BY ?rule"""
"""The rules by which the graph has statements with a property, or instances of a class."""
FIRST = 20
"""Instances or statements that the page shows."""


@dataclass(frozen=True)
class Kind:
    """What a term is, in words, and the queries that show and count where it occurs; `more` asks for all of them."""

    name: str
    first: str
    count: str
    more: str


KINDS = {
    "class": Kind(
        "class", INSTANCES, INSTANCE_COUNT, "SELECT DISTINCT ?thing WHERE {{ ?thing a {0} }} ORDER BY ?thing"
    ),
    "property": Kind(
        "property",
        STATEMENTS,
        STATEMENT_COUNT,
        "SELECT ?subject ?value WHERE {{ ?subject {0} ?value }} ORDER BY ?subject",
    ),
    "code": Kind(
        "code", CODED, CODED_COUNT, "SELECT ?subject ?property WHERE {{ ?subject ?property {0} }} ORDER BY ?subject"
    ),
}


def index_page(formats: Mapping[str, str]) -> Response:
    """Every class and property."""
    service = current_service()
    return pages.render(
        "ontology.html",
        terms=_terms_of(service),
        formats=formats,
        namespace=ONTOLOGY,
        linked_data=schema_org.of_ontology(service, formats),
    )


def term_page(name: str) -> Response:
    """The page of one term.

    Raises: NotFoundError with the nearest names.
    """
    service = current_service()
    iri = _iri(name)
    said = service.rows(SAID.format(iri)) if iri else []
    if iri is None or not said:
        known = [term["name"] for terms in _terms_of(service).values() for term in terms]
        near = difflib.get_close_matches(name, known, n=3)
        told = f"; did you mean {near[0]}?" if near else f": all of them are at {pages.address('page/ontology')}"
        raise NotFoundError(
            f"the ontology has no term {name[:80]!r}{told}", suggestions=[ONTOLOGY + each for each in near]
        )
    naming = service.rows(NAMING.format(iri))
    kind = KINDS[_kind(said)]
    first = service.rows(kind.first.format(iri, FIRST))
    rules = [row["rule"]["value"] for row in service.rows(INFERRING.format(iri))]
    terms = [term for row in (*said, *naming, *first) for term in row.values()]
    labels = service.labels([*iris(terms), iri.value])
    return pages.render(
        "term.html",
        iri=iri.value,
        short=name,
        name=labels.get(iri.value, name),
        kind=kind.name,
        names=_texts(said, NAMES),
        meanings=_texts(said, (SKOS + "definition",)),
        remarks=_texts(said, (SKOS + "scopeNote", RDFS + "comment")),
        examples=_texts(said, (SKOS + "example",)),
        parents=_cells(said, "o", (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "inScheme"), labels),
        children=_cells(naming, "s", (RDFS + "subClassOf", RDFS + "subPropertyOf", SKOS + "inScheme"), labels),
        domain=_cells(said, "o", (RDFS + "domain",), labels),
        range=_cells(said, "o", (RDFS + "range",), labels),
        said_of_it=_cells(naming, "s", (RDFS + "domain",), labels),
        leading_to_it=_cells(naming, "s", (RDFS + "range",), labels),
        elsewhere=_elsewhere(said, labels),
        count=int(service.rows(kind.count.format(iri))[0]["n"]["value"]),
        first=[tuple(cell(row[part], labels) for part in "spo" if part in row) for row in first],
        all_of_them=url_for("sparql.endpoint", query=kind.more.format(iri), format="html"),
        queries=queries_using(service, iri),
        inferring=[each.removeprefix(INFERRED) for each in rules],
        rules=rules_using(service, iri),
        constraints=constraints(service, iri),
        linked_data=schema_org.of_term(service, iri.value, labels.get(iri.value, name)),
    )


def term_names(service: Service) -> list[str]:
    """The names of the classes and properties, for the sitemap."""
    return [term["name"] for terms in _terms_of(service).values() for term in terms]


def _terms_of(service: Service) -> dict[str, list[dict[str, Any]]]:
    return service.kept("ontology-terms", lambda: _terms(service.rows(TERMS)))


def _iri(name: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(ONTOLOGY + name)
    except ValueError:
        return None


def _kind(said: Sequence[Mapping[str, Term]]) -> str:
    types = {row["o"]["value"] for row in said if row["p"]["value"] == RDF + "type"}
    if {OWL + "Class", RDFS + "Class"} & types:
        return "class"
    properties = {OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
    return "property" if (properties | {RDF + "Property"}) & types else "code"


def _texts(said: Sequence[Mapping[str, Term]], predicates: Sequence[str]) -> list[Cell]:
    """Texts each once, English first."""
    found = {(row["o"]["value"], row["o"].get("xml:lang", "")) for row in said if row["p"]["value"] in predicates}
    return [Cell(text, language=tag) for text, tag in sorted(found, key=lambda one: (one[1] != "en", one[1], one[0]))]


def _cells(
    rows: Sequence[Mapping[str, Term]], part: str, predicates: Sequence[str], labels: Mapping[str, str]
) -> list[Cell]:
    """The terms of ours at the other end of some properties."""
    found = {
        row[part]["value"]: row[part]
        for row in rows
        if row["p"]["value"] in predicates and row[part]["type"] == "uri" and _is_near(row[part]["value"])
    }
    return sorted((cell(term, labels) for term in found.values()), key=lambda one: one.text.lower())


def _is_near(iri: str) -> bool:
    """Whether a term is ours, or a datatype."""
    return iri.startswith(BASE) or iri.startswith("http://www.w3.org/2001/XMLSchema#") or iri.endswith("PlainLiteral")


def _elsewhere(said: Sequence[Mapping[str, Term]], labels: Mapping[str, str]) -> list[tuple[Cell, Cell]]:
    """What it is in other vocabularies, and in which way."""
    ways = {RDFS + "subClassOf", RDFS + "subPropertyOf", OWL + "equivalentClass", OWL + "equivalentProperty"}
    ways |= {SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "notation")}
    return [
        (cell(row["p"], labels), cell(row["o"], labels))
        for row in said
        if row["p"]["value"] in ways and row["o"]["type"] != "bnode" and not _is_near(row["o"]["value"])
    ]


def _terms(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The terms by kind; of several parents, domains or ranges each once."""
    found: dict[str, dict[str, dict[str, Any]]] = {"class": {}, "property": {}}
    for row in rows:
        iri = row["term"]["value"]
        term = found[row["kind"]["value"]].setdefault(iri, {"iri": iri, "name": iri.removeprefix(ONTOLOGY)})
        term |= {name: row[name]["value"] for name in ("label", "meaning", "example") if name in row}
        for name in ("parent", "domain", "range"):
            if name in row and row[name]["value"] not in term.setdefault(name, []):
                term[name].append(row[name]["value"])
    return {kind: list(terms.values()) for kind, terms in found.items()}
