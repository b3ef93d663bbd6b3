"""Inference rules: SPARQL CONSTRUCT queries run to a fixpoint, and the premises of what they infer.

The grammar is small so that every inferred triple has premises that can be shown: a WHERE of triple patterns, FILTER
and FILTER NOT EXISTS; a template without blank nodes. A step that a property path would hide is written out, or is a
rule of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyoxigraph as ox

from kg.build.graphs import in_graph
from kg.build.rule_grammar import BeyondGrammarError, Pattern, read_patterns
from kg.errors import QualityError
from kg.files.headers import read_header, read_query_text
from kg.findings import Finding
from kg.namespaces import INFERRED
from kg.project import Project
from kg.queries.text import mask

HEADER = ("title", "description", "kind")
KINDS = ("axiom", "derived")
MOST_SOLUTIONS = 500
"""How many ways to infer a triple are looked at for the best one: more would only cost time."""


class Inferring(Protocol):
    """What inferring needs of a rule."""

    @property
    def slug(self) -> str:
        """Its name."""
        ...

    @property
    def text(self) -> str:
        """The CONSTRUCT."""
        ...

    @property
    def negates(self) -> bool:
        """Whether it has a NOT EXISTS."""
        ...


@dataclass(frozen=True)
class Rule:
    """One rule: `head` is its template, `body` its triple patterns outside NOT EXISTS, `where` its WHERE."""

    slug: str
    title: str
    description: str
    kind: str
    text: str = field(repr=False)
    prologue: str = field(repr=False)
    where: str = field(repr=False)
    head: tuple[Pattern, ...]
    body: tuple[Pattern, ...]
    negates: bool

    @property
    def graph(self) -> ox.NamedNode:
        """The graph of what it infers."""
        return ox.NamedNode(INFERRED + self.slug)


def read_rules(project: Project) -> list[Rule]:
    """The project's rules, sorted by name.

    Raises: QualityError with what is wrong in any of them, QueryHeaderError for a header.
    """
    rules: list[Rule] = []
    findings: list[Finding] = []
    for path in project.rule_files():
        try:
            shown = project.relative(path)
            rules.append(read_rule(path.stem, read_query_text(path, shown), shown))
        except QualityError as error:
            findings += error.findings
    if findings:
        raise QualityError(findings)
    return rules


def read_rule(slug: str, text: str, shown_as: str) -> Rule:
    """One rule from its text.

    Raises: QueryHeaderError for its header, QualityError if it is not SPARQL or goes beyond the grammar above.
    """
    header = read_header(text, HEADER, shown_as)

    def refuse(message: str, fix: str, line: int = 1) -> QualityError:
        return QualityError([Finding(shown_as, line, "rule", message, fix)])

    if header["kind"] not in KINDS:
        raise refuse(f"kind '{header['kind']}' is unknown", f"write {' or '.join(KINDS)}")
    try:
        ox.Store().query(text)
    except SyntaxError as error:
        raise refuse(f"not SPARQL: {error.msg}", "correct the query", error.lineno or 1) from error
    masked = mask(text)
    shape = re.search(r"\bCONSTRUCT\s*\{[^{}]*\}\s*WHERE\s*\{(?P<where>.*)\}\s*$", masked, re.IGNORECASE | re.DOTALL)
    if shape is None:
        raise refuse("not of the form CONSTRUCT { … } WHERE { … }", "write it in that form, with no clause after WHERE")
    try:
        head, body = read_patterns(text)
    except BeyondGrammarError as error:
        line = masked.count("\n", 0, shape.start()) + 1
        fix = "use triple patterns, FILTER and FILTER NOT EXISTS alone"
        raise refuse(f"{error} in a rule: its premises could not be shown", fix, line) from error
    where = text[shape.start("where") : shape.end("where")]
    negates = re.search(r"\bNOT\s+EXISTS\b", masked, re.IGNORECASE) is not None
    prologue = text[: shape.start()]
    return Rule(
        slug, header["title"], header["description"], header["kind"], text, prologue, where, head, body, negates
    )


def infer(asserted: Iterable[ox.Triple], rules: Sequence[Inferring]) -> dict[str, frozenset[ox.Triple]]:
    """What the rules infer beyond what is asserted, by rule; a triple belongs to the first rule that comes upon it.

    Rules without NOT EXISTS run to a fixpoint before those with it, each round in the order of their names.

    Raises: QualityError if a rule with NOT EXISTS inferred what no longer follows once all rules have run.
    """
    store = ox.Store()
    store.bulk_extend(in_graph(triple) for triple in asserted)
    inferred: defaultdict[str, set[ox.Triple]] = defaultdict(set)
    ordered = sorted(rules, key=lambda rule: rule.slug)
    positive = [rule for rule in ordered if not rule.negates]
    negative = [rule for rule in ordered if rule.negates]
    grows = True
    while grows:
        while _round(store, positive, inferred):
            pass
        grows = _round(store, negative, inferred)
    for rule in negative:
        fallen = inferred[rule.slug] - set(_constructed(store, rule))
        if fallen:
            message = f"{min(map(str, fallen))} no longer follows once all rules have run"
            fix = "let NOT EXISTS speak only of what this rule's own triples do not change"
            raise QualityError([Finding(f"ontology/rules/{rule.slug}.rq", 1, "rule", message, fix)])
    return {rule.slug: frozenset(inferred[rule.slug]) for rule in ordered}


def _round(store: ox.Store, rules: Iterable[Inferring], inferred: Mapping[str, set[ox.Triple]]) -> bool:
    grows = False
    for rule in rules:
        new = {triple for triple in _constructed(store, rule) if in_graph(triple) not in store}
        store.extend([in_graph(triple) for triple in new])
        inferred[rule.slug].update(new)
        grows = grows or bool(new)
    return grows


def _constructed(store: ox.Store, rule: Inferring) -> Iterator[ox.Triple]:
    answer = store.query(rule.text)
    assert isinstance(answer, ox.QueryTriples)
    return answer


def premises(
    store: ox.Store, rule: Rule, triple: ox.Triple, avoiding: Collection[ox.Triple] = frozenset()
) -> list[ox.Triple]:
    """The ground triples of one solution of a rule's WHERE that infers this triple; empty if there is none.

    Of several solutions, the one with the fewest inferred premises, then the first in order. None rests on the triple
    itself or on one of `avoiding`: give the triples being explained, and an explanation cannot run in a circle.
    """
    best: tuple[int, list[str]] | None = None
    chosen: list[ox.Triple] = []
    for pattern in rule.head:
        bindings = _unified(pattern, triple)
        if bindings is None:
            continue
        for found in _solutions(store, rule, bindings):
            if triple in found or any(premise in avoiding for premise in found):
                continue
            rank = (sum(_is_inferred(store, premise) for premise in found), [str(premise) for premise in found])
            if best is None or rank < best:
                best, chosen = rank, found
    return chosen


def _unified(pattern: Pattern, triple: ox.Triple) -> dict[str, object] | None:
    bindings: dict[str, object] = {}
    for slot, term in zip(pattern, triple, strict=True):
        if isinstance(slot, ox.Variable):
            if bindings.setdefault(slot.value, term) != term:
                return None
        elif slot != term:
            return None
    return bindings


def _solutions(store: ox.Store, rule: Rule, bindings: Mapping[str, object]) -> Iterator[list[ox.Triple]]:
    if any(isinstance(term, ox.BlankNode | ox.Triple) for term in bindings.values()):
        return  # VALUES cannot hold them, and nothing that is cited is a blank node
    names, terms = " ".join(f"?{name}" for name in bindings), " ".join(str(term) for term in bindings.values())
    query = (
        f"{rule.prologue}\nSELECT * WHERE {{ VALUES ({names}) {{ ({terms}) }} {rule.where} }} LIMIT {MOST_SOLUTIONS}"
    )
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    variables = {variable.value for variable in answer.variables}
    for solution in answer:
        found = {name: solution[name] for name in variables}
        yield [_ground(pattern, found) for pattern in rule.body]


def _ground(pattern: Pattern, found: Mapping[str, object]) -> ox.Triple:
    subject, predicate, value = (found[slot.value] if isinstance(slot, ox.Variable) else slot for slot in pattern)
    assert isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode)
    assert isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple)
    return ox.Triple(subject, predicate, value)


def _is_inferred(store: ox.Store, triple: ox.Triple) -> bool:
    graphs = (quad.graph_name for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object))
    return any(isinstance(graph, ox.NamedNode) and graph.value.startswith(INFERRED) for graph in graphs)
