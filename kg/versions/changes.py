"""What changed between two versions: per thing, per judgement, per passage. Rows of queries are `questions`'.

A thing's statements are those of the accepted graph, so that one which a judgement has since rejected counts as
removed though its passage still makes it. What a build says of itself (sizes, its canned queries) is left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from kg.engine.evaluation import Output
from kg.errors import NotFoundError, SourceError
from kg.namespaces import (
    ACCEPTED,
    BASE,
    INFERRED,
    JUDGEMENTS,
    KINDS,
    ONTOLOGY,
    ONTOLOGY_GRAPH,
    RDF,
    SELF_DESCRIPTION,
    SOURCE,
    TOPICS,
    oxus,
)
from kg.tracing.citations import term_as_json
from kg.versions.statements import Difference, difference

GROUPS = ("id", "topic", "source", "time", "ontology", "other")
"""What things are sorted by: the kind in their IRI, terms of the ontology, whatever else."""
_TYPE = ox.NamedNode(RDF + "type")


@dataclass(frozen=True)
class Statement:
    """A statement that came or went, with the graphs that make it in the version that has it, if only that has them.

    None: what makes it stands in both versions, and a judgement on it has changed. Inferred: the rule's graph.
    """

    triple: ox.Triple
    graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What changed of one thing, judgement or passage; `status` is added, removed or changed.

    `verdict` is what became of a passage's reading, if that changed: rejected, or accepted again.
    """

    iri: str
    group: str
    status: str
    label: str = ""
    added: tuple[Statement, ...] = ()
    removed: tuple[Statement, ...] = ()
    verdict: str = ""


@dataclass(frozen=True)
class Changes:
    """All of it; `added` and `removed` count the statements of the accepted graph that came and went.

    `unnamed` counts those of nodes without an IRI, which have no identity to compare by, and `data` says whether
    anything changed that the files under data/ state.
    """

    things: tuple[Change, ...]
    judgements: tuple[Change, ...]
    passages: tuple[Change, ...]
    added: int
    removed: int
    unnamed: int
    data: bool
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def summary(self) -> dict[str, int]:
        """How many of each changed, and how many statements."""
        return {
            "things": len(self.things),
            "judgements": len(self.judgements),
            "passages": len(self.passages),
            "added": self.added,
            "removed": self.removed,
            "unnamed": self.unnamed,
        }

    def as_json(self) -> dict[str, object]:
        """The changes, terms as in SPARQL results; `labels` has a name for each IRI that has one."""
        return {
            "summary": self.summary,
            "things": [_as_json(each) for each in self.things],
            "judgements": [_as_json(each) for each in self.judgements],
            "passages": [_as_json(each) for each in self.passages],
            "data": self.data,
            "labels": dict(self.labels),
        }


def answer_with_changes(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `changes` of the pool: the changes between the versions in the folders `old` and `new`.

    With `summary_only` nothing but their number.

    Raises: NotFoundError if a version is not there any more.
    """
    try:
        changes = changes_between(Path(str(request["old"])), Path(str(request["new"])))
    except SourceError as error:
        raise NotFoundError(f"a version's dataset cannot be read: {error.message}") from error
    told = {"summary": changes.summary, "data": changes.data} if request.get("summary_only") else changes.as_json()
    output.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def changes_between(old: Path, new: Path) -> Changes:
    """What changed between two versions; each is a build's folder, an edition's, or an RDF file.

    Raises: BuildMissingError, SourceError, TurtleError if one cannot be read.
    """
    return changes_of(difference(old, new))


def changes_of(found: Difference) -> Changes:
    """What the statements that two versions differ in are about."""
    removed, added = _Side(found.removed), _Side(found.added)
    labels = {**found.old.labels, **found.new.labels}
    judged = {
        quad.subject.value
        for quad in (*found.removed, *found.added)
        if quad.graph_name == JUDGEMENTS and isinstance(quad.subject, ox.NamedNode)
    }
    passages = _passages(removed, added, found, labels)
    described = {each.iri for each in passages}
    things: list[Change] = []
    judgements: list[Change] = []
    for iri in sorted({*removed.accepted, *added.accepted} - described):
        group, status = "judgement" if iri in judged else _group(iri), _status(iri, removed, added, found)
        change = Change(iri, group, status, labels.get(iri, ""), added.of(iri), removed.of(iri))
        (judgements if iri in judged else things).append(change)
    things.sort(key=lambda each: (GROUPS.index(each.group), each.iri))
    named = {iri for each in (*things, *judgements, *passages) for iri in _iris(each)}
    return Changes(
        tuple(things),
        tuple(judgements),
        passages,
        added=added.named,
        removed=removed.named,
        unnamed=removed.unnamed + added.unnamed,
        data=_is_data(found),
        labels={iri: labels[iri] for iri in sorted(named) if iri in labels},
    )


class _Side:
    """The statements that only one version has: by subject in the accepted graph, by graph, by triple."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.accepted: defaultdict[str, list[ox.Triple]] = defaultdict(list)
        self.graphs: defaultdict[str, list[ox.Triple]] = defaultdict(list)
        self.homes: defaultdict[ox.Triple, list[str]] = defaultdict(list)
        self.unnamed = 0
        plain: list[ox.Triple] = []
        own: set[ox.Triple] = set()
        for quad in quads:
            if quad.graph_name in SELF_DESCRIPTION:
                own.add(quad.triple)
            elif isinstance(quad.graph_name, ox.DefaultGraph):
                plain.append(quad.triple)
            elif isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name != ACCEPTED:
                self.graphs[quad.graph_name.value].append(quad.triple)
                self.homes[quad.triple].append(quad.graph_name.value)
        for triple in plain:
            if triple in own:
                continue
            if isinstance(triple.subject, ox.NamedNode) and not isinstance(triple.object, ox.BlankNode):
                self.accepted[triple.subject.value].append(triple)
            else:
                self.unnamed += 1

    @property
    def named(self) -> int:
        """How many accepted statements are of things with an IRI."""
        return sum(map(len, self.accepted.values()))

    def of(self, iri: str) -> tuple[Statement, ...]:
        """A subject's accepted statements."""
        triples = sorted(self.accepted.get(iri, ()), key=_reading_order)
        return tuple(Statement(triple, tuple(sorted(self.homes[triple]))) for triple in triples)

    def within(self, graph: str) -> tuple[Statement, ...]:
        """A passage's statements."""
        return tuple(Statement(triple, (graph,)) for triple in sorted(self.graphs.get(graph, ()), key=_reading_order))

    def begins(self, iri: str) -> bool:
        """Whether a type of it is only here."""
        return any(triple.predicate == _TYPE for triple in self.accepted.get(iri, ()))


def _status(iri: str, removed: _Side, added: _Side, found: Difference) -> str:
    """Whether the thing itself came or went: its type did, and the other version has no name for it."""
    begins = added.begins(iri) and iri not in found.old.labels
    ends = removed.begins(iri) and iri not in found.new.labels
    return "changed" if begins == ends else "added" if begins else "removed"


def _passages(removed: _Side, added: _Side, found: Difference, labels: Mapping[str, str]) -> tuple[Change, ...]:
    """The passages whose statements, description or verdict changed."""
    turned = found.old.rejected ^ found.new.rejected
    graphs = {iri for iri in (*removed.graphs, *added.graphs, *turned) if iri.startswith(SOURCE)}
    subjects = {iri for iri in (*removed.accepted, *added.accepted) if _is_passage(iri)}
    changes = []
    for iri in sorted(graphs | subjects, key=_place):
        status, verdict = _status(iri, removed, added, found), ""
        if iri in turned:
            verdict = "rejected" if iri in found.new.rejected else "accepted again" if status == "changed" else ""
        changes.append(
            Change(
                iri,
                "passage",
                status,
                labels.get(iri, ""),
                (*added.within(iri), *added.of(iri)),
                (*removed.within(iri), *removed.of(iri)),
                verdict,
            )
        )
    return tuple(changes)


def _is_passage(iri: str) -> bool:
    return iri.startswith(SOURCE) and "/" in iri.removeprefix(SOURCE)


def _place(iri: str) -> tuple[str, tuple[int, ...]]:
    """Passages as they are read: by document, and in it by position."""
    document, _, place = iri.removeprefix(SOURCE).partition("/")
    numbers = place.split("-")
    return document, tuple(int(number) for number in numbers if number.isdigit())


def _group(iri: str) -> str:
    if iri.startswith(ONTOLOGY):
        return "ontology"
    kind = iri.removeprefix(BASE).partition("/")[0] if iri.startswith(BASE) else ""
    return kind if kind in KINDS and kind in GROUPS else "other"


def _is_data(found: Difference) -> bool:
    """Whether one of the statements is neither of the files under ontology/, nor inferred, nor a build's of itself."""
    ours = {each.value for each in (ONTOLOGY_GRAPH, TOPICS, ACCEPTED, *SELF_DESCRIPTION)}
    names = {
        quad.graph_name.value for quad in (*found.removed, *found.added) if isinstance(quad.graph_name, ox.NamedNode)
    }
    return any(name not in ours and not name.startswith(INFERRED) for name in names)


def _reading_order(triple: ox.Triple) -> tuple[bool, str]:
    return triple.predicate not in (_TYPE, oxus("question")), str(triple)


def _iris(change: Change) -> Iterable[str]:
    yield change.iri
    for statement in (*change.added, *change.removed):
        yield from (term.value for term in statement.triple if isinstance(term, ox.NamedNode))


def _as_json(change: Change) -> dict[str, object]:
    told: dict[str, object] = {"iri": change.iri, "group": change.group, "status": change.status}
    if change.label:
        told["label"] = change.label
    if change.verdict:
        told["verdict"] = change.verdict
    for name, statements in (("added", change.added), ("removed", change.removed)):
        told[name] = [
            {"triple": [term_as_json(cast("ox.NamedNode", term)) for term in each.triple], "graphs": list(each.graphs)}
            for each in statements
        ]
    return told
