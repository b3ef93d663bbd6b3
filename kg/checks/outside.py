"""What stands outside every passage's and authority's graph, where only descriptions belong: it would cite nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import pyoxigraph as ox

from kg.build.dataset import Assembled
from kg.checks.schema import TYPE, Schema
from kg.files.turtle import ParsedFile
from kg.findings import Finding
from kg.namespaces import DCTERMS, ID, ONTOLOGY, RDFS, compact, oxus

RULE = "statement-without-passage"
_DCAT = "http://www.w3.org/ns/dcat#"
_ENTITIES_FILE = "data/entities.ttl"
_OF_ENTITIES = (TYPE.value, RDFS + "label", DCTERMS + "description", ONTOLOGY + "isProbablySameAs")
_WITHOUT_DOMAIN = (ONTOLOGY + "reason", ONTOLOGY + "sha256")
"""Properties of ours that several of the classes below have, and so have no domain in the ontology."""


@dataclass(frozen=True)
class _Home:
    """What a file describes outside graphs: classes, and what besides our properties describes them."""

    described: str
    classes: tuple[ox.NamedNode, ...]
    others: tuple[str, ...] = (RDFS + "label", RDFS + "comment", DCTERMS)


_HOMES: Mapping[str, _Home] = {
    "data/passages": _Home("passages and boilerplate", (oxus("Passage"), oxus("Boilerplate")), (RDFS + "comment",)),
    "data/reference": _Home("authorities", (oxus("Authority"),)),
    "data/judgements.ttl": _Home("judgements", (oxus("Judgement"),)),
    "data/sources.ttl": _Home(
        "documents and the dataset",
        (oxus("Document"), ox.NamedNode(_DCAT + "Dataset")),
        (RDFS + "label", RDFS + "comment", DCTERMS, _DCAT),
    ),
}
"""By file, or by folder of files."""


def outside_findings(assembled: Assembled) -> Iterator[Finding]:
    """Statements outside a graph that are no part of what their file describes, once for each subject and property."""
    schema = Schema(assembled)
    for parsed in assembled.files.values():
        home = _HOMES.get(parsed.shown_as) or _HOMES.get(PurePosixPath(parsed.shown_as).parent.as_posix())
        if home is None and parsed.shown_as != _ENTITIES_FILE:
            continue
        classes = _classes(parsed)
        reported: set[tuple[object, object]] = set()
        for quad, line in zip(parsed.quads, parsed.lines, strict=True):
            about = (quad.subject, quad.predicate)
            if about in reported or not isinstance(quad.graph_name, ox.DefaultGraph):
                continue
            fault = _fault_of_entity(quad) if home is None else _fault(quad, home, classes, schema)
            if fault is not None:
                reported.add(about)
                yield Finding(parsed.shown_as, line, RULE, *fault)


def _classes(parsed: ParsedFile) -> Mapping[object, set[object]]:
    found: defaultdict[object, set[object]] = defaultdict(set)
    for quad in parsed.quads:
        if quad.predicate == TYPE and isinstance(quad.graph_name, ox.DefaultGraph):
            found[quad.subject].add(quad.object)
    return found


def _fault_of_entity(quad: ox.Quad) -> tuple[str, str] | None:
    if getattr(quad.subject, "value", "").startswith(ID) and quad.predicate.value in _OF_ENTITIES:
        return None
    message = f"{_said(quad)}, and no passage or authority says so: only class, label and description stand here"
    return message, "state it in the graph of the passage that says it, or in that of the authority"


def _fault(quad: ox.Quad, home: _Home, classes: Mapping[object, set[object]], schema: Schema) -> tuple[str, str] | None:
    described = classes.get(quad.subject, set()) & set(home.classes)
    fix = "state it in the graph of the passage that says it, or in that of the authority"
    if not described:
        message = f"{_said(quad)} outside a graph, and no passage or authority says so"
        return message, f"{fix}; only {home.described} are described here"
    if quad.predicate == TYPE:
        if quad.object in home.classes:
            return None
    elif quad.predicate.value.startswith(ONTOLOGY):
        of = schema.with_superclasses(described)
        undeclared = not schema.kinds(quad.predicate)  # a rule of its own
        if undeclared or quad.predicate.value in _WITHOUT_DOMAIN or schema.domains(quad.predicate) & of:
            return None
    elif quad.predicate.value.startswith(home.others):
        return None
    kind = " or ".join(sorted(compact(one.value) for one in described if isinstance(one, ox.NamedNode)))
    return f"{_said(quad)}, which is no part of the description of an {kind}", fix


def _said(quad: ox.Quad) -> str:
    subject = compact(quad.subject.value) if isinstance(quad.subject, ox.NamedNode) else "a node without a name"
    return f"{subject} has {compact(quad.predicate.value)}"
