"""The page of a topic: where it stands among the others, what is about it, what to ask; and the tree of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, url_for

from kg.namespaces import ALIASES, DESCRIPTIONS, ENTITIES, INFERRED, NAMES, SKOS, SOURCE, TOPIC, compact
from kg.queries.declarations import CannedQuery
from server import pages, picks, schema_org
from server.cells import Cell, cell, iris
from server.footnotes import notes_on
from server.languages import current_language
from server.service import Service, current_service

MOST_PASSAGES = 50
TREE = f"""
SELECT ?topic ?broader WHERE {{
  ?topic <{SKOS}inScheme> ?scheme . FILTER(STRSTARTS(STR(?topic), "{TOPIC}"))
  OPTIONAL {{ ?topic <{SKOS}broader> ?broader FILTER(STRSTARTS(STR(?broader), "{TOPIC}")) }}
}} ORDER BY ?topic ?broader"""
USES = f"""
SELECT ?topic (COUNT(DISTINCT ?thing) AS ?things) WHERE {{
  ?thing ?property ?topic . FILTER(STRSTARTS(STR(?topic), "{TOPIC}") && !STRSTARTS(STR(?thing), "{TOPIC}"))
}} GROUP BY ?topic ORDER BY ?topic"""
CLASSES = f"""
SELECT ?thing ?class WHERE {{
  VALUES ?thing {{ %s }}
  ?thing a ?class . FILTER EXISTS {{ GRAPH {ENTITIES} {{ ?thing a ?class }} }}
}} ORDER BY ?thing ?class"""


@dataclass(frozen=True)
class Topic:
    """One topic in the tree, with how many things are about it alone."""

    iri: str
    label: str
    things: int
    narrower: tuple[Topic, ...]


@dataclass(frozen=True)
class About:
    """One thing that is about a topic, by which property."""

    thing: Cell
    through: Cell
    rejected: bool = False


def tree_page() -> Response:
    """Every topic below those that it belongs to."""
    service = current_service()
    tops = service.kept("topic-tree", lambda: _tree(service), by_language=True)
    return pages.render("topics.html", tops=tops, linked_data=None)


def page_of(iri: str, found: Mapping[str, Any], formats: Mapping[str, str]) -> Response:
    """The page of one topic."""
    service = current_service()
    about, naming = found["about"], found["naming"]
    labels = service.labels(iris(term for citation in (*about, *naming) for term in citation["triple"]))
    using = [each for each in naming if not _end(each, 0).startswith(TOPIC) and not _is_alignment(each)]
    passages = [graph for each in using for graph in each.get("passages", ()) if graph.startswith(SOURCE)]
    passages += [graph for each in about for graph in each.get("passages", ()) if graph.startswith(SOURCE)]
    notes = list(notes_on(service, dict.fromkeys(passages)).values())
    return pages.render(
        "topic.html",
        iri=iri,
        name=labels.get(iri) or compact(iri),
        names=_texts(about, (*NAMES, *ALIASES)),
        notes_of_scope=_texts(about, DESCRIPTIONS),
        above=[cell({"type": "uri", "value": each}, labels) for each in _ends(about, "broader", 2)],
        below=[cell({"type": "uri", "value": each}, labels) for each in _ends(naming, "broader", 0)],
        elsewhere=[
            (cell(each["triple"][1], labels), cell(each["triple"][2], labels))
            for each in about
            if each["triple"][1]["value"].startswith(SKOS) and each["triple"][1]["value"].endswith("Match")
        ],
        classes=_by_class(service, using, labels),
        passages=notes[:MOST_PASSAGES],
        more=max(0, len(notes) - MOST_PASSAGES),
        queries=queries_taking(service, iri),
        formats=formats,
        linked_data=schema_org.of_thing(service, iri, "topic", about),
    )


def queries_taking(service: Service, iri: str) -> list[tuple[CannedQuery, str]]:
    """The canned queries that ask for a topic, and the address where this one is given; not those that ask for any
    thing, of whose answers a topic would make nothing."""
    found = []
    for query in service.queries(current_language()).values():
        for parameter in query.params:
            known = picks.labels_of_choices(parameter) if parameter.type == "topic" else {}
            if parameter.type == "topic" and (not known or iri in known):
                given = {parameter.name: compact(iri).strip("<>")}
                found.append((query, url_for("queries.show", slug=query.slug) + "?" + pages.query_string(given)))
                break
    return sorted(found, key=lambda one: one[0].title.lower())


def _end(citation: Mapping[str, Any], part: int) -> str:
    value: str = citation["triple"][part]["value"]
    return value


def _ends(citations: Sequence[Mapping[str, Any]], name: str, part: int) -> list[str]:
    return sorted({_end(each, part) for each in citations if _end(each, 1) == SKOS + name and not each.get("rule")})


def _is_alignment(citation: Mapping[str, Any]) -> bool:
    """Whether a rule says in the words of another vocabulary what one of ours says already."""
    return bool(citation.get("rule")) and not _end(citation, 1).startswith("https://w3id.org/oxus/")


def _texts(about: Sequence[Mapping[str, Any]], predicates: Sequence[str]) -> list[Cell]:
    """What it is called or what is said of it, each text once, English first."""
    terms = {repr(each["triple"][2]): each["triple"][2] for each in about if _end(each, 1) in predicates}
    found = {(text.text, text.language): text for text in (cell(term, {}) for term in terms.values())}
    return sorted(found.values(), key=lambda text: (text.language != "en", text.language, text.text))


def _by_class(
    service: Service, using: Sequence[Mapping[str, Any]], labels: Mapping[str, str]
) -> list[tuple[Cell | None, list[About]]]:
    """What is about the topic by its class; what rules infer is left out where a passage says it."""
    ranked = sorted(using, key=lambda each: str(each.get("rule", "")).removeprefix(INFERRED))
    things: dict[str, About] = {}
    for each in ranked:
        subject, predicate, _ = each["triple"]
        if subject["type"] == "uri":
            things.setdefault(subject["value"], About(cell(subject, labels), cell(predicate, labels)))
    classes: dict[str, str] = {}
    if things:
        for row in service.rows(CLASSES % " ".join(f"<{iri}>" for iri in things)):
            classes.setdefault(row["thing"]["value"], row["class"]["value"])
    named = service.labels(dict.fromkeys(classes.values()))
    groups: defaultdict[str, list[About]] = defaultdict(list)
    for iri, thing in things.items():
        groups[classes.get(iri, "")].append(thing)
    cells = {iri: cell({"type": "uri", "value": iri}, named) if iri else None for iri in groups}
    ordered = sorted(groups, key=lambda iri: (not iri, named.get(iri, iri)))
    return [(cells[iri], sorted(groups[iri], key=lambda one: one.thing.text.lower())) for iri in ordered]


def _tree(service: Service) -> list[Topic]:
    rows = service.rows(TREE)
    labels = {iri: compact(iri) for iri in (row["topic"]["value"] for row in rows)}
    labels |= service.labels(labels)
    below: defaultdict[str, list[str]] = defaultdict(list)
    inner: set[str] = set()
    for row in rows:
        iri = row["topic"]["value"]
        if "broader" in row:
            below[row["broader"]["value"]].append(iri)
            inner.add(iri)
    counts = {row["topic"]["value"]: int(row["things"]["value"]) for row in service.rows(USES)}

    reached: set[str] = set()

    def grown(iri: str, above: frozenset[str]) -> Topic:
        reached.add(iri)
        # A topic below itself would have no end.
        path = above | {iri}
        inside = [each for each in dict.fromkeys(below[iri]) if each in labels and each not in path]
        narrower = sorted((grown(each, path) for each in inside), key=lambda one: one.label.lower())
        return Topic(iri, labels[iri], counts.get(iri, 0), tuple(narrower))

    tops = [grown(iri, frozenset()) for iri in labels if iri not in inner]
    # Of topics that are all below each other one stands at the top.
    tops += [grown(iri, frozenset()) for iri in labels if iri not in reached]
    return sorted(tops, key=lambda one: one.label.lower())
