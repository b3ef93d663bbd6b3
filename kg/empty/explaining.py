"""Why an answer is empty, in remarks: the operation `explain-empty` of the pool.

It looks for the parts of the query that leave nothing, and for what is near: see the modules beside it. It stops after
the seconds that the request gives it and tells what it has; the engine can't be stopped within one of its questions, so
the request's own deadline must be a little later.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pyoxigraph as ox

from kg.empty.asking import Asker, OutOfTime
from kg.empty.blame import Culprit, branches, culprits, in_order
from kg.empty.choices import excluding, let_in
from kg.empty.excluded import excluded, excluded_rows
from kg.empty.nearby import near_matches
from kg.empty.rejected import rejected_readings
from kg.empty.spelling import spelt_otherwise, texts_of
from kg.empty.telling import place_of, solutions, told
from kg.engine.evaluation import Output, evaluate
from kg.linting.context import Context
from kg.linting.lint import context_of, lint
from kg.linting.parts import Part, parts, where
from kg.linting.remarks import AT_FAULT, MOST, Remark, mended_by, note, remark
from kg.namespaces import ACCEPTED
from kg.tracing.algebra import UntraceableError
from kg.tracing.patterns import Pattern

WITHIN_S = 1.0
"""Seconds after which no further question is begun."""
DEEPEST = 3
"""How far it goes into UNIONs and inner SELECTs."""

Graphs = Sequence[str] | None


@dataclass(frozen=True)
class Asked:
    """What was asked and is empty: a query over a dataset, and of a canned one its parameters."""

    query: str
    base_iri: str | None = None
    default_graphs: Graphs = None
    named_graphs: Graphs = None
    declared: Sequence[str] = ()
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    """The query's text without each of the parameters given."""
    view: Mapping[str, object] = field(default_factory=dict)
    unviewed: ox.Store | None = None
    """The view that is asked, and the dataset that it is of."""

    @property
    def canned(self) -> bool:
        """Whether it is a canned query: then its text is not the visitor's to mend."""
        return bool(self.declared)


def explained(store: ox.Store, asked: Asked, within_s: float = WITHIN_S) -> tuple[list[Remark], bool]:
    """Remarks that say why there is no answer, and whether there was time to look for all of them.

    Raises: QuerySyntaxError; UntraceableError for SPARQL that is not read here.
    """
    ends = time.monotonic() + within_s
    context = context_of(store, asked.query, asked.base_iri, asked.unviewed is not None)
    found: list[Remark] = []
    try:
        for each in _Explainer(context, asked, ends).remarks():
            if each not in found:
                found.append(each)
            if len(found) >= MOST:
                break
    except OutOfTime:
        return found, False
    return found, True


class _Explainer:
    """Explains one empty answer."""

    def __init__(self, context: Context, asked: Asked, ends: float) -> None:
        self._context = context
        self._asked = asked
        self._ends = ends
        self._graphs: tuple[Graphs, Graphs] = (asked.default_graphs, asked.named_graphs)
        if self._graphs == (None, None):
            self._graphs = (context.read.default_graphs, context.read.named_graphs)
        self._asker = self._over(*self._graphs)
        self._linted = () if asked.canned else lint(context)

    def remarks(self) -> Iterator[Remark]:
        """Which parts leave nothing, what lint says of the query, then what is near."""
        whole = in_order(self._context, parts(self._context.select.pattern))
        yield from self._left_by_the_view(where(whole))
        found = list(culprits(self._asker, whole))
        faults = [self._fault(culprit) for culprit in found]
        yield from () if self._asked.canned else faults
        yield from self._linted
        rejected = False
        for each in self._rejected(whole, found):
            rejected = True
            yield each
        at_fault = False
        for culprit in found:
            for each in self._details(culprit, rejected=rejected):
                at_fault = at_fault or bool(each.parameter)
                yield each
        yield from self._spelt_otherwise(found)
        # Who asks a canned query knows its parameters, not its patterns: these are told if no parameter is at fault.
        yield from () if at_fault else faults
        if not found:
            yield from excluded_rows(self._context, self._asker, whole)

    def _spelt_otherwise(self, found: Sequence[Culprit]) -> Iterator[Remark]:
        """What is called by the texts that leave nothing, or by those that a canned query is given."""
        if not self._asked.canned:
            for culprit in found:
                yield from spelt_otherwise(self._context, texts_of(culprit.part))
            return
        for name, values in self._asked.given.items() if found else ():
            texts = [ox.Literal(value) for value in values if ":" not in value]
            yield from spelt_otherwise(self._context, texts, f"{name}={', '.join(values)}")

    def _left_by_the_view(self, whole: str) -> Iterator[Remark]:
        """Whether it is the view that has nothing."""
        if self._asked.unviewed is None or not (rows := self._over(None, None, self._asked.unviewed).count(whole)):
            return
        given = {name: str(value).lower() for name, value in self._asked.view.items() if value}
        told = ", ".join(f"{name}={value}" for name, value in given.items())
        message = f"{told} leaves nothing; without it there {'is' if rows == 1 else 'are'} {solutions(rows)}"
        yield Remark("parameter", message, "leave it out", severity="note", parameter=next(iter(given)))

    def _rejected(self, whole: Sequence[Part], found: Sequence[Culprit]) -> Iterator[Remark]:
        """The rejected readings with which the query would match, else those with which what matches nothing would."""
        if not found or self._graphs != (None, None) or not self._context.store.contains_named_graph(ACCEPTED):
            return
        alone = [culprit.part.text for culprit in found if culprit.alone and culprit.others]
        for pattern in (where(whole), *alone):
            told = list(rejected_readings(self._context.store, self._with_readings, pattern))
            yield from told
            if told:
                return

    def _fault(self, culprit: Culprit) -> Remark:
        """The sentence that names the part."""
        part, at = culprit.part, place_of(self._context, culprit.part)
        if culprit.alone:
            message = f"nothing matches {told(part)}"
        elif part.kind != "match":
            rows = self._asker.count(where(culprit.before))
            message = f"{told(part)} leaves none of the {solutions(rows)} before it"
        elif culprit.partner is not None:
            message = f"nothing matches both {told(culprit.partner)} and {told(part)}, though each has matches"
        else:
            message = f"{told(part)} has matches, but none with what stands before it"
        if self._asked.canned:
            return note(self._context.text, AT_FAULT, None, message)
        return remark(self._context.text, AT_FAULT, at, message)

    def _details(self, culprit: Culprit, depth: int = 0, rejected: bool = False) -> Iterator[Remark]:
        """What is near a part that leaves nothing; if a `rejected` reading is why, no other property is."""
        if self._asked.canned:
            let = list(let_in(self._asker, culprit, self._asked.declared))
            yield from let or excluding(self._asker, self._asked.without, self._asked.given)
            return
        if not self._is_linted(culprit.part):
            unknown = {(each.line, each.column) for each in self._linted if each.rule == "unknown-property"}
            fault = self._fault(culprit)
            known = not rejected and (fault.line, fault.column) not in unknown
            yield from near_matches(self._context, self._asker, culprit, known)
        at = {(each.line, each.column) for each in self._linted}
        for each in excluded(self._context, self._asker, culprit):
            if (each.line, each.column) not in at:
                yield each
        for pattern in branches(culprit.part.pattern) if depth < DEEPEST else ():
            yield from self._within(pattern, culprit, depth)

    def _within(self, pattern: Pattern, culprit: Culprit, depth: int) -> Iterator[Remark]:
        """What is at fault in one branch of a part that cannot be taken apart."""
        inner = [replace(part, graph=part.graph or culprit.part.graph) for part in parts(pattern)]
        ordered = in_order(self._context, inner)
        for each in culprits(self._asker, ordered if culprit.alone else [*culprit.before, *ordered]):
            yield self._fault(each)
            yield from self._details(each, depth + 1)

    def _is_linted(self, part: Part) -> bool:
        """Whether lint has said already how a triple pattern should read."""
        if part.triple is None:
            return False
        spots = [spot for spot in self._context.places.of_triple(*part.triple) if spot is not None]
        edits = [edit for each in self._linted if each.severity == "error" for edit in each.edits]
        begun = {edit.begin for edit in edits}
        wrong = [str(prefix.term)[:-1] for prefix in self._context.places.prefixes.values() if prefix.begin in begun]
        return any(
            str(spot.term).startswith(tuple(wrong))
            or any(spot.begin < edit.end and edit.begin < spot.end for edit in edits)
            for spot in spots
        )

    def _with_readings(self, graphs: Sequence[str]) -> Asker:
        every = [graph.value for graph in self._context.store.named_graphs() if isinstance(graph, ox.NamedNode)]
        return self._over(graphs, every)

    def _over(self, default_graphs: Graphs, named_graphs: Graphs, store: ox.Store | None = None) -> Asker:
        asked_of = store or self._context.store

        def ask(query: str) -> ox.QuerySolutions:
            base = self._asked.base_iri
            found = evaluate(asked_of, query, base_iri=base, default_graphs=default_graphs, named_graphs=named_graphs)
            assert isinstance(found, ox.QuerySolutions)
            return found

        return Asker(ask, self._ends)


def answer_with_explanation(store: ox.Store, request: Mapping[str, object], output: Output) -> None:
    """The operation `explain-empty`: JSON with `remarks`; `complete` is false where time was short.

    Of a canned query the request has `declared` (its parameters' names), `given` (the values given) and `without` (its
    text without each of those). Of a view it has `view`, and the worker adds `unviewed`, the store that the view is of.
    """
    base = request.get("base_iri")
    asked = Asked(
        str(request["query"]),
        base if isinstance(base, str) else None,
        cast(Graphs, request.get("default_graphs")),
        cast(Graphs, request.get("named_graphs")),
        cast("Sequence[str]", request.get("declared") or ()),
        cast("Mapping[str, Sequence[str]]", request.get("given") or {}),
        cast("Mapping[str, str]", request.get("without") or {}),
        cast("Mapping[str, object]", request.get("view") or {}),
        cast("ox.Store | None", request.get("unviewed")),
    )
    found: dict[str, object] = {"version": request.get("version"), "remarks": [], "mended": None, "complete": True}
    try:
        remarks, found["complete"] = explained(store, asked)
        found["remarks"] = [each.as_json() for each in remarks]
        found["mended"] = None if asked.canned else mended_by(asked.query, remarks)
    except UntraceableError as error:
        found["unread"] = str(error)
    output.write(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
