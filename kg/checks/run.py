"""Every check of a project, in one list of findings. What each check means is in its module or its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.adding.leftovers import leftover_findings
from kg.build.accepted import Dataset, accept
from kg.build.dataset import Assembled, assemble
from kg.build.rules import read_rules
from kg.checks.asking import ask_all
from kg.checks.nesting import nesting_findings, passage_findings
from kg.checks.outside import outside_findings
from kg.checks.ranges import range_findings
from kg.checks.shapes import shape_findings
from kg.checks.translations import translation_findings
from kg.checks.vocabulary import entity_findings, vocabulary_findings
from kg.errors import QualityError, QueryHeaderError, SourceError, TurtleError
from kg.files.headers import read_header, read_query_text
from kg.files.sources import document_findings
from kg.files.turtle import ParsedFile, read_rdf
from kg.findings import Finding, Severity
from kg.namespaces import compact
from kg.project import Project
from kg.queries.canned import read_queries

HEADER = ("title", "severity", "fix")
COLUMNS = ("focus", "message")
_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning"}

RULES: Mapping[str, str] = {
    "boilerplate-overlap": "What states nothing overlaps no passage and no other such stretch.",
    "document": "A document has a slug for a name, a title, a hash and a length.",
    "duplicate-passage": "A place is described once.",
    "empty-passage": "A passage states something, or holds passages that do.",
    "graph-without-description": "A graph is described as a passage above it, or is its authority's.",
    "name-without-language": "A name says its language.",
    "not-yet-curated": "Nothing that kg add proposed is left as it was.",
    "out-of-range": "A passage ends within its document.",
    "partial-overlap": "Passages nest or do not meet.",
    "passage-description": "A passage has its kind, gist, hash, first and last words.",
    "passage-file": "A passage stands in the file of its document.",
    "passage-without-graph": "A described passage has a graph.",
    "shared-alias": "Two entities share a name only if a judgement concerns both.",
    "span": "A span's IRI holds an EDTF date.",
    "statement-without-passage": "Outside graphs, files only describe: what is stated stands in a graph.",
    "translation": "A translation is of what a query, a tag or a question says, and is finished.",
    "type-in-passage": "A passage repeats no type.",
    "undeclared-class": "A class of ours is declared in the ontology.",
    "undeclared-entity": "An entity is declared in the entities or the judgements.",
    "undeclared-property": "A property is declared in the ontology, whosever it is.",
    "undeclared-term": "Any other term of ours is declared in the ontology.",
    "undeclared-topic": "A topic is declared among the topics.",
    "unknown-document": "A passage is of a registered document.",
    "unknown-graph": "A graph that is spoken of is there.",
    "unknown-passage": "A passage or document that is spoken of is there.",
    "wrong-range": "A value is of the kind, and of no class against, what its property takes.",
}
"""The rules that code checks; each query of `queries/checks/` and each shape is one more."""

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


def check_project(project: Project, progress: Progress = lambda step: None) -> tuple[Assembled, Dataset, list[Finding]]:
    """A project's files, what they come to, and everything wrong with them, sorted by place.

    Raises: SourceError if a file is missing, does not parse, or is a rule or check that cannot run.
    """
    progress("reading files")
    project.input_files()  # each a file
    assembled = assemble(project)
    read_queries(project)
    rules = read_rules(project)
    shapes = _read_shapes(project)
    findings = [*assembled.findings, *file_findings(assembled, shapes), *translation_findings(project)]
    progress("inferring")
    dataset = accept(assembled, rules)
    findings += entity_findings(assembled, dataset.rejected)
    progress("checking")
    if shapes is not None:
        findings += shape_findings(dataset.accepted, shapes, assembled.places)
    findings += query_findings(project, dataset.store(), assembled)
    return assembled, dataset, _once(findings)


def findings_of(error: SourceError) -> list[Finding]:
    """An error that ended the reading of a project, as findings: what it found, or its own place and message."""
    if isinstance(error, QualityError):
        return list(error.findings)
    rule, fix = "source", "correct the file"
    if isinstance(error, TurtleError):
        rule, fix = "syntax", "correct the file at or just above this line"
    if isinstance(error, QueryHeaderError):
        rule, fix = "header", "correct the file's header"
    return [Finding(error.path or "data", error.line or 1, rule, error.message, fix)]


def file_findings(assembled: Assembled, shapes: ParsedFile | None = None) -> Iterator[Finding]:
    """What is wrong with the files before anything is inferred from them."""
    yield from document_findings(assembled.documents.values())
    yield from nesting_findings(assembled.documents, [*assembled.passages, *assembled.boilerplate])
    yield from passage_findings(assembled.passages)
    yield from vocabulary_findings(assembled, shapes)
    yield from outside_findings(assembled)
    yield from range_findings(assembled)
    yield from leftover_findings(assembled.files.values())


def query_findings(project: Project, store: ox.Store, assembled: Assembled) -> Iterator[Finding]:
    """A finding for each row of each query of `queries/checks/`: columns `?focus`, where it is, and `?message`.

    Raises: QueryHeaderError for a wrong header, QualityError for a query that cannot run, does not end, or has other
            columns.
    """
    checks = [_read_check(path, project.relative(path)) for path in project.check_files()]
    for check, answered in zip(checks, ask_all(store, [check.text for check in checks]), strict=False):
        if answered.fault:
            raise QualityError([Finding(check.shown, answered.line, "check", answered.fault, "correct the query")])
        if answered.columns != COLUMNS:
            fix = "write SELECT ?focus ?message"
            raise QualityError([Finding(check.shown, 1, "check", "a check has the columns ?focus and ?message", fix)])
        for focus, message in answered.rows:
            place = assembled.places.of_term(focus)
            node = compact(focus.value) if isinstance(focus, ox.NamedNode) else str(focus)
            told = message.value if isinstance(message, ox.Literal) else str(message)
            yield Finding(*place, check.rule, f"{node}: {told}", check.fix, check.severity)


@dataclass(frozen=True)
class _Check:
    rule: str
    shown: str
    text: str
    severity: Severity
    fix: str


def _read_check(path: Path, shown: str) -> _Check:
    text = read_query_text(path, shown)
    header = read_header(text, HEADER, shown)
    severity = _SEVERITIES.get(header["severity"])
    if severity is None:
        raise QueryHeaderError(f"severity '{header['severity']}' is unknown: write error or warning", shown, 2)
    return _Check(path.stem, shown, text, severity, header["fix"])


def _read_shapes(project: Project) -> ParsedFile | None:
    path: Path = project.shapes_file
    return read_rdf(path, project.relative(path)) if path.exists() else None


def _once(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda one: (str(one.path), one.line, one.rule, one.message))
