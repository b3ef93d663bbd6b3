"""What the data are made of, in one short text: classes, properties, prefixes, canned queries. For who writes queries.

It is made from the ontology that stands in the dataset, and from the statistics that a build has of itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.namespaces import ALIASES, DATASET, NAMES, OWL, PREFIXES, RDFS, SKOS, VOID, compact, oxus
from kg.queries.declarations import CannedQuery, Parameter
from kg.queries.parameters import write_value
from server.service import Service

CLASS = OWL + "Class"
KINDS = (CLASS, OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty")
TERMS = f"""
SELECT ?term ?kind ?definition ?example ?parent ?domain ?range ?count WHERE {{
  VALUES ?kind {{ {" ".join(f"<{kind}>" for kind in KINDS)} }}
  ?term a ?kind .
  ?term <{SKOS}definition>|<{RDFS}comment> ?definition .
  FILTER (isIRI(?term) && LANG(?definition) IN ("", "en"))
  OPTIONAL {{ ?term <{RDFS}subClassOf>|<{RDFS}subPropertyOf> ?parent FILTER (isIRI(?parent) && ?parent != ?term) }}
  OPTIONAL {{ ?term <{RDFS}domain> ?domain }}
  OPTIONAL {{ ?term <{RDFS}range> ?range }}
  OPTIONAL {{ ?term <{SKOS}example> ?example }}
  OPTIONAL {{
    {DATASET} <{VOID}classPartition>|<{VOID}propertyPartition> ?part .
    ?part <{VOID}class>|<{VOID}property> ?term .
    ?part <{VOID}entities>|<{VOID}triples> ?count .
  }}
}} ORDER BY ?term ?parent ?example"""
USES = f"""
SELECT DISTINCT ?property ?class ?value WHERE {{
  {DATASET} <{VOID}classPartition> ?part .
  ?part <{VOID}class> ?class .
  ?part <{VOID}propertyPartition> ?used .
  ?used <{VOID}property> ?property .
  OPTIONAL {{ ?used <{VOID}classPartition>/<{VOID}class> ?value }}
}} ORDER BY ?property ?class ?value"""
LISTS = f"""
SELECT ?list ?value WHERE {{
  ?value a {oxus("Code")} ; <{SKOS}inScheme> ?list . FILTER (isIRI(?value) && isIRI(?list))
}} ORDER BY ?list ?value"""
TAKING = f"""
SELECT ?list ?property WHERE {{
  {{ SELECT DISTINCT ?list WHERE {{ ?one a {oxus("Code")} ; <{SKOS}inScheme> ?list }} }}
  ?property <{RDFS}range> {oxus("Code")} .
  FILTER EXISTS {{ ?value <{SKOS}inScheme> ?list . ?thing ?property ?value }}
}} ORDER BY ?list ?property"""
NAMING = {name: told for names, told in ((NAMES, "a name"), (ALIASES, "another name")) for name in names}
"""What names things: of other vocabularies, so that our ontology does not define them."""
_NODE = re.compile(r"\((\S+)\)\.?\Z")
MOST_TOLD = 4
"""How many classes are told of those that a property without a declared domain or range is used on."""


@dataclass
class Term:
    """A class or property as the ontology declares it; `count` is of its things or statements."""

    kind: str
    definition: str
    example: str = ""
    count: str = ""
    parents: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    ranges: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Schema:
    """The terms by their IRI, and for each property the classes it is used on and leads to.

    `lists` has the values of each closed list, `taking` the properties that take them.
    """

    terms: Mapping[str, Term]
    subjects: Mapping[str, set[str]]
    values: Mapping[str, set[str]]
    lists: Mapping[str, list[str]]
    taking: Mapping[str, list[str]]


def read_schema(service: Service) -> Schema:
    """What the ontology in the dataset declares.

    Raises: QueryError.
    """
    terms: dict[str, Term] = {}
    for row in service.rows(TERMS):
        told = {name: value["value"] for name, value in row.items()}
        term = terms.setdefault(told["term"], Term(told["kind"], told["definition"]))
        term.example = term.example or told.get("example", "")
        term.count = told.get("count", term.count)
        for name, known in (("parent", term.parents), ("domain", term.domains), ("range", term.ranges)):
            known |= {told[name]} if name in told else set()
    subjects: defaultdict[str, set[str]] = defaultdict(set)
    values: defaultdict[str, set[str]] = defaultdict(set)
    for row in service.rows(USES):
        used = row["property"]["value"]
        subjects[used].add(row["class"]["value"])
        if "value" in row:
            values[used].add(row["value"]["value"])
    lists: defaultdict[str, list[str]] = defaultdict(list)
    for row in service.rows(LISTS):
        lists[row["list"]["value"]].append(row["value"]["value"])
    taking: defaultdict[str, list[str]] = defaultdict(list)
    for row in service.rows(TAKING) if lists else ():
        taking[row["list"]["value"]].append(row["property"]["value"])
    return Schema(terms, subjects, values, lists, taking)


def described(schema: Schema) -> dict[str, Any]:
    """The prefixes, and the classes and properties that there are with how much each is used, for completion."""
    terms = [(iri, term.kind == CLASS, term.count, term.definition) for iri, term in schema.terms.items()]
    terms += [(iri, False, "", NAMING[iri]) for iri in NAMING if iri in schema.subjects and iri not in schema.terms]
    shown = [
        (is_class, {"iri": iri, "name": compact(iri), "count": int(count or 0), "definition": _plain(told)})
        for iri, is_class, count, told in terms
    ]
    return {
        "prefixes": dict(PREFIXES),
        "classes": [term for is_class, term in shown if is_class],
        "properties": [term for is_class, term in shown if not is_class],
    }


def written(schema: Schema, queries: Iterable[CannedQuery]) -> Iterator[str]:
    """Its lines, and those of the canned queries."""
    classes = {iri: term for iri, term in schema.terms.items() if term.kind == CLASS}
    yield from ("## Prefixes", "", *(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items()))
    if classes:
        yield from (
            "",
            "## Classes",
            "",
            "class < what it is a kind of (things that are one): definition. Example.",
            "",
        )
        yield from (_line(compact(iri) + _kinds(schema, term), term) for iri, term in classes.items())
    named = [iri for iri in NAMING if iri in schema.subjects and iri not in schema.terms]
    if len(classes) < len(schema.terms) or named:
        head = "property: what has it → what it leads to (statements): definition. Example."
        yield from ("", "## Properties", "", head, "")
    for iri in named:
        yield f"- {compact(iri)}: {_classes(schema, set(), schema.subjects[iri])} → text with a language: {NAMING[iri]}"
    for iri, term in schema.terms.items():
        if term.kind != CLASS:
            domain = _classes(schema, term.domains, schema.subjects.get(iri, set()))
            range = _classes(schema, term.ranges, schema.values.get(iri, set()))
            yield _line(f"{compact(iri)}{_kinds(schema, term)}: {domain} → {range}", term)
    if schema.lists:
        yield from ("", "## Closed lists", "", "list (properties that take its values): values.", "")
    for iri, values in schema.lists.items():
        taking = f" ({', '.join(map(compact, schema.taking[iri]))})" if iri in schema.taking else ""
        yield f"- {compact(iri)}{taking}: {', '.join(map(compact, values))}"
    head = "name(parameter: type = default; `?` may be left out, `…` takes several) → columns: title (questions)."
    yield from ("", "## Canned queries", "", head, "")
    yield from map(_signature, queries)


def _line(head: str, term: Term) -> str:
    count = f" ({term.count})" if term.count else ""
    # An example of a class names a thing in words and its node in brackets behind them: the node is enough.
    node = _NODE.search(term.example) if term.kind == CLASS else None
    example = f" E.g. {_plain(node[1] if node else term.example)}" if term.example else ""
    return f"- {head}{count}: {_plain(term.definition)}{example}"


def _kinds(schema: Schema, term: Term) -> str:
    """What it is a kind of, as far as that is told here too."""
    parents = sorted(compact(parent) for parent in term.parents & schema.terms.keys())
    return f" < {', '.join(parents)}" if parents else ""


def _classes(schema: Schema, declared: set[str], used: set[str]) -> str:
    """The classes that are declared, else the most special ones in use, else anything."""
    general = {parent for iri in used for parent in _above(schema, iri)}
    names = sorted(map(compact, declared or used - general))
    if not declared and len(names) > MOST_TOLD:
        names = [*names[:MOST_TOLD], "…"]
    return " | ".join(names) or "anything"


def _above(schema: Schema, iri: str) -> Iterator[str]:
    for parent in schema.terms[iri].parents if iri in schema.terms else ():
        yield parent
        yield from _above(schema, parent)


def _signature(query: CannedQuery) -> str:
    params = ", ".join(f"{each.name}: {_type(each)}" for each in query.params)
    columns = f" → {', '.join(column.name for column in query.columns)}" if query.columns else ""
    questions = f" ({', '.join(query.question)})" if query.question else ""
    return f"- {query.slug}({params}){columns}: {_plain(query.title)}{questions}"


def _type(parameter: Parameter) -> str:
    kind = f"iri({compact(parameter.iri_class)})" if parameter.iri_class else parameter.type
    many = " …" if parameter.many else ""
    default = " = " + " ".join(map(write_value, parameter.default)) if parameter.default else "?"
    return f"{kind}{many}{default}"


def _plain(text: str) -> str:
    return " ".join(text.split())
