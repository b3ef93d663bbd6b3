"""The judgements of the dataset with their readings, as the graph has them, and which of them a visitor asked for.

Showing them is left to `server.conflicts`. They are read once: a dataset does not change while it is served.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import QueryParameterError
from kg.namespaces import ID, ONTOLOGY, RDFS, SOURCE, compact, oxus
from server.arguments import Arguments
from server.cells import Term, label_of
from server.service import Service

VERDICTS = {"rejects": "rejected", "leavesOpen": "left open", "accepts": "accepted"}
"""What a judgement may do to a reading, the gravest first, and how the reading then stands."""

JUDGEMENTS = f"""
SELECT ?judgement ?label ?question ?kind ?certainty ?reason WHERE {{
  ?judgement a {oxus("Judgement")} ; {oxus("question")} ?question ; {oxus("hasJudgementKind")} ?kind ;
    {oxus("hasCertainty")} ?certainty ; {oxus("reason")} ?reason .
  OPTIONAL {{ ?judgement <{RDFS}label> ?label }}
}} ORDER BY ?judgement ?label"""

READINGS = f"""
SELECT ?judgement ?verdict ?passage ?document WHERE {{
  VALUES ?verdict {{ {" ".join(str(oxus(name)) for name in VERDICTS)} }}
  ?judgement ?verdict ?passage .
  OPTIONAL {{ ?passage {oxus("isPassageOf")} ?document ; {oxus("begin")} ?begin }}
}} ORDER BY ?judgement ?document ?begin ?passage ?verdict"""

STATEMENTS = f"""
SELECT DISTINCT ?passage ?s ?p ?o WHERE {{
  VALUES ?verdict {{ {" ".join(str(oxus(name)) for name in VERDICTS)} }}
  ?judgement ?verdict ?passage .
  GRAPH ?passage {{ ?s ?p ?o }}
}} ORDER BY ?passage ?s ?p ?o"""

LINKS = f"""
SELECT ?judgement ?link ?thing WHERE {{
  VALUES ?link {{ {oxus("concerns")} {oxus("restsOn")} }}
  ?judgement a {oxus("Judgement")} ; ?link ?thing .
}} ORDER BY ?judgement ?link ?thing"""


@dataclass(frozen=True)
class Reading:
    """One passage judged: the statements in its graph, and how it stands after the judgement."""

    passage: str
    verdict: str
    document: str
    triples: tuple[tuple[Term, Term, Term], ...]

    @property
    def standing(self) -> str:
        """Accepted, rejected or left open."""
        return VERDICTS[self.verdict.rpartition("#")[2]]


@dataclass(frozen=True)
class Judgement:
    """One question on which readings were weighed."""

    iri: str
    label: str
    question: str
    kind: str
    certainty: str
    reason: str
    readings: tuple[Reading, ...]
    concerns: tuple[str, ...]
    rests_on: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The last part of its IRI, by which a page can be linked to it."""
        return self.iri.rpartition("/")[2]

    @property
    def rank(self) -> tuple[int, str]:
        """What comes first: a reading rejected, then one left open, then those that agree."""
        verdicts = [reading.verdict.rpartition("#")[2] for reading in self.readings]
        return min((list(VERDICTS).index(verdict) for verdict in verdicts), default=len(VERDICTS)), self.label

    @property
    def entities(self) -> frozenset[str]:
        """What it is about: what it concerns, and the things that its readings speak of."""
        terms = (term for reading in self.readings for triple in reading.triples for term in (triple[0], triple[2]))
        return frozenset(self.concerns) | {term["value"] for term in terms if term["value"].startswith(ID)}


@dataclass(frozen=True)
class Facet:
    """One thing to filter by: its name in the address, the values that it takes, and what of them was asked for."""

    name: str
    label: str
    values: tuple[str, ...]
    chosen: tuple[str, ...] = ()


def all_judgements(service: Service) -> tuple[Judgement, ...]:
    """Every judgement, the gravest first."""
    return service.kept("judgements", lambda: _read(service))


def _read(service: Service) -> tuple[Judgement, ...]:
    statements: defaultdict[str, list[tuple[Term, Term, Term]]] = defaultdict(list)
    for row in service.rows(STATEMENTS):
        statements[row["passage"]["value"]].append((row["s"], row["p"], row["o"]))
    readings: defaultdict[str, list[Reading]] = defaultdict(list)
    for row in service.rows(READINGS):
        passage = row["passage"]["value"]
        document = row["document"]["value"] if "document" in row else ""
        reading = Reading(passage, row["verdict"]["value"], document, tuple(statements[passage]))
        readings[row["judgement"]["value"]].append(reading)
    links: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in service.rows(LINKS):
        links[row["judgement"]["value"], row["link"]["value"].rpartition("#")[2]].append(row["thing"]["value"])
    found = {
        iri: Judgement(
            iri,
            label_of(row["label"]) if "label" in row else compact(iri),
            label_of(row["question"]),
            row["kind"]["value"],
            row["certainty"]["value"],
            label_of(row["reason"]),
            tuple(readings[iri]),
            tuple(links[iri, "concerns"]),
            tuple(links[iri, "restsOn"]),
        )
        for row in service.rows(JUDGEMENTS)
        if (iri := row["judgement"]["value"])
    }
    return tuple(sorted(found.values(), key=lambda judgement: judgement.rank))


FACETS = ("kind", "certainty", "verdict", "document", "entity")
"""The names of what can be filtered by."""


def facets(judgements: Sequence[Judgement]) -> tuple[Facet, ...]:
    """What can be filtered by, with every value that occurs."""
    return (
        Facet("kind", "Kind", _sorted(each.kind for each in judgements)),
        Facet("certainty", "Certainty", _sorted(each.certainty for each in judgements)),
        Facet("verdict", "A reading is", _sorted(reading.verdict for each in judgements for reading in each.readings)),
        Facet("document", "Document", _sorted(reading.document for each in judgements for reading in each.readings)),
        Facet("entity", "About", _sorted(entity for each in judgements for entity in each.entities)),
    )


def chosen(
    judgements: Sequence[Judgement], given: Arguments, beside: Sequence[str] = ("format",)
) -> tuple[tuple[Facet, ...], list[Judgement]]:
    """The facets with what was asked for, and the judgements that fit all of it; several values of one are any of them.

    `beside` are parameters that filter nothing.

    Raises: QueryParameterError for a value that no judgement has, with the nearest; for an unknown name.
    """
    found, known = list(judgements), []
    for facet in facets(judgements):
        wanted = tuple(_value(facet, value) for value in given.all(facet.name) if value.strip())
        known.append(Facet(facet.name, facet.label, facet.values, wanted))
        if wanted:
            found = [each for each in found if _values(each)[facet.name] & set(wanted)]
    names = [facet.name for facet in known]
    for name in given.without(*beside, *names):
        near = difflib.get_close_matches(name, names, n=2, cutoff=0.5) or names
        message = f"unknown parameter {name[:80]!r}; judgements are filtered by {', '.join(names)}"
        raise QueryParameterError(message, parameter=name, suggestions=near)
    return tuple(known), found


def _values(judgement: Judgement) -> Mapping[str, frozenset[str]]:
    return {
        "kind": frozenset({judgement.kind}),
        "certainty": frozenset({judgement.certainty}),
        "verdict": frozenset(reading.verdict for reading in judgement.readings),
        "document": frozenset(reading.document for reading in judgement.readings),
        "entity": judgement.entities,
    }


HOMES = {"document": SOURCE, "entity": ID}
"""Where a bare slug belongs, if not in the ontology."""


def _value(facet: Facet, value: str) -> str:
    value = value.strip().strip("<>")
    if value in facet.values:
        return value
    names = {compact(iri): iri for iri in facet.values}
    whole = HOMES.get(facet.name, ONTOLOGY) + value
    if value in names or whole in facet.values:
        return names.get(value, whole)
    near = difflib.get_close_matches(value.rpartition(":")[2], [name.rpartition(":")[2] for name in names], n=4)
    prefixed = [name for name in names if name.rpartition(":")[2] in near] or list(names)[:12]
    message = f"{facet.name}: no judgement has {value[:80]!r}; it takes {' or '.join(prefixed)}"
    message += "" if near or len(names) <= 12 else " and others"
    raise QueryParameterError(message, parameter=facet.name, suggestions=prefixed)


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
