"""Holds the citations of an answer against the dataset, knowing nothing of how they were found.

It gets the query, the answer with citations as JSON (design §4.5), the dataset, and the texts of the inference rules;
it asks the store and runs the query again. The rows are the answer's, in its order. For each row:

- stated: each cited triple is in each of the graphs named for it (ASK), premises included; unless the query names some
  itself, these are all that state it but for rejected passages; what is said of disagreement and of independent
  sources is so (`citation_claims`);
- inferred: the rule, run over the premises alone, infers the triple;
- sufficient: the query over the row's cited triples alone returns the row;
- minimal: without any one of them the row disappears or changes. A row of a group rests on the group: its members over
  the cited triples are its members over the dataset, and without any one triple there are fewer, or the row changes.

A row may cite nothing if the query over no triples at all returns it. A row of which nothing is traced, and one that
follows in its traced columns alone, are counted: the caller says how many there may be. A fault is told as a sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyoxigraph as ox
from citation_claims import Claims
from query_parts import members_of, names_graphs, without_slice

ACCEPTED = ox.NamedNode("https://w3id.org/oxus/graph/accepted")
INFERRED = "https://w3id.org/oxus/graph/inferred/"
LARGE = 10_000
HOMES = (ox.DefaultGraph(), ACCEPTED)

Citation = Mapping[str, Any]
Row = tuple[object, ...]


@dataclass
class Checked:
    """How much was checked, and what was found wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Asked:
    """A query with its columns, those that the answer says are untraced, and the members of its groups."""

    query: str
    names: Sequence[str]
    untraced: frozenset[str]
    _whole: dict[Row, frozenset[Row]] = field(default_factory=dict)

    @cached_property
    def members(self) -> str | None:
        """The query for the members of the groups; None if there are none."""
        return members_of(self.query)

    @cached_property
    def alone(self) -> str:
        """The query without the slice at its end, which would cut off a row that stands alone."""
        return without_slice(self.query)

    def traced(self, row: Row) -> Row:
        """The row without the columns said to be untraced."""
        return tuple(value for name, value in zip(self.names, row, strict=True) if name not in self.untraced)

    def exact(self, row: Row) -> Row:
        """The row as it is."""
        return row

    def count(self, store: ox.Store, row: Row, shown: Callable[[Row], Row]) -> int:
        """How many rows over a store are this one, as far as it is shown."""
        return sum(shown(each) == shown(row) for each in rows_of(store, self.alone))

    def group(self, store: ox.Store, row: Row) -> frozenset[Row]:
        """The members of the group that a row is made from; those in a large store are looked up once."""
        if self.members is None:
            return frozenset()
        answer = store.query(self.members)
        assert isinstance(answer, ox.QuerySolutions)
        bound = [variable.value for variable in answer.variables]
        shared = [name for name in self.names if name in bound]
        key = tuple(value for name, value in zip(self.names, row, strict=True) if name in shared)
        if len(store) < LARGE:
            return frozenset(each for each in map(tuple, answer) if _values(each, bound, shared) == key)
        if not self._whole:
            found: dict[Row, set[Row]] = {}
            for each in map(tuple, answer):
                found.setdefault(_values(each, bound, shared), set()).add(each)
            self._whole |= {each: frozenset(members) for each, members in found.items()}
        return self._whole.get(key, frozenset())


def same_members(cited: frozenset[Row], all_of_them: frozenset[Row]) -> bool:
    """Whether a group has the same members, in the variables that what is cited binds.

    An OPTIONAL that nothing in the row depends on is not cited, and what it would bind is nothing to the group.
    """
    bound = [at for at in range(len(next(iter(cited), ()))) if any(member[at] is not None for member in cited)]
    return len({frozenset(tuple(each[at] for at in bound) for each in some) for some in (cited, all_of_them)}) == 1


def _values(member: Row, bound: Sequence[str], shared: Sequence[str]) -> Row:
    return tuple(member[bound.index(name)] for name in shared)


@dataclass
class Checker:
    """Checks answers over one dataset; the same statement is asked for once."""

    store: ox.Store
    rules: Mapping[str, str]
    _stated: set[tuple[ox.Triple, str]] = field(default_factory=set)
    _inferred: set[tuple[ox.Triple, str, frozenset[ox.Triple]]] = field(default_factory=set)

    @cached_property
    def claims(self) -> Claims:
        """What the dataset says of graphs, judgements and kinship."""
        return Claims(self.store)

    def check(self, query: str, answer: Mapping[str, Any], most_minimal: int | None = None) -> Checked:
        """Every row of an answer; minimality of so many rows, spread evenly, or of all."""
        checked = Checked()
        names = answer["head"]["vars"]
        rows = [tuple(term_of(row.get(name)) for name in names) for row in answer["results"]["bindings"]]
        if rows != rows_of(self.store, query):
            checked.faults.append("the answer with citations has other rows than the answer, or in another order")
        asked = Asked(query, names, frozenset(answer["oxus"]["untraced"]))
        if set(answer["oxus"]["untraced"]) != set(answer["oxus"]["reasons"]) or not asked.untraced <= set(names):
            checked.faults.append("the columns said to be untraced are not those that have reasons")
        plain = not names_graphs(query)
        step = 1 if most_minimal is None else max(1, -(-len(rows) // most_minimal))
        for number, (row, citations) in enumerate(zip(rows, answer["oxus"]["citations"], strict=True)):
            checked.counts["rows"] += 1
            self._check_stated(citations, plain, checked)
            if citations:
                self._check_row(asked, row, citations, number % step == 0, checked)
            else:
                self._check_empty(asked, row, checked)
        return checked

    def _check_empty(self, asked: Asked, row: Row, checked: Checked) -> None:
        """A row that cites nothing."""
        if row in rows_of(ox.Store(), asked.alone):
            checked.counts["rows from nothing"] += 1
        elif any(value is not None for value in asked.traced(row)) or not asked.untraced:
            checked.faults.append(f"nothing is cited for {told(row)}, and not all of it is said to be untraced")
        else:
            checked.counts["untraced rows"] += 1

    def _check_stated(self, citations: Sequence[Citation], plain: bool, checked: Checked) -> None:
        for citation in citations:
            triple = triple_of(citation)
            checked.faults += self.claims.faults(citation, triple, plain)
            checked.counts["citations"] += 1
            graphs = [*citation["passages"], *([citation["rule"]] if "rule" in citation else [])]
            if not graphs:
                checked.faults.append(f"{triple} is cited from nowhere")
            for graph in graphs:
                if (triple, graph) not in self._stated:
                    self._stated.add((triple, graph))
                    checked.counts["asked"] += 1
                    pattern = " ".join(map(str, triple))
                    if not self.store.query(f"ASK {{ GRAPH <{graph}> {{ {pattern} }} }}"):
                        checked.faults.append(f"{triple} is not in {graph}")
            if "rule" in citation:
                self._check_inferred(triple, citation, checked)
                self._check_stated(citation["premises"], True, checked)

    def _check_inferred(self, triple: ox.Triple, citation: Citation, checked: Checked) -> None:
        premises = frozenset(triple_of(premise) for premise in citation["premises"])
        if (triple, citation["rule"], premises) in self._inferred:
            return
        self._inferred.add((triple, citation["rule"], premises))
        checked.counts["inferences"] += 1
        world = ox.Store()
        world.extend(in_graph(premise, ox.DefaultGraph()) for premise in premises)
        found = world.query(self.rules[citation["rule"].removeprefix(INFERRED)])
        assert isinstance(found, ox.QueryTriples)
        if triple not in set(found):
            checked.faults.append(f"{triple} does not follow by {citation['rule']} from its premises")

    def _check_row(
        self, asked: Asked, row: Row, citations: Sequence[Citation], minimal: bool, checked: Checked
    ) -> None:
        statements = [self._places(citation) for citation in citations]
        world = ox.Store()
        world.extend(quad for quads in statements for quad in quads)
        shown = asked.exact if row in rows_of(world, asked.alone) else asked.traced
        if shown == asked.traced and not any(value is not None for value in asked.traced(row)):
            checked.counts["untraced rows"] += 1  # any row would do, so that nothing is shown
            return
        kept = asked.count(world, row, shown)
        if not kept:
            checked.faults.append(f"{told(row)} does not follow from what is cited")
            return
        checked.counts["sufficient" if shown == asked.exact else "sufficient but for untraced columns"] += 1
        group = asked.group(world, row)
        if asked.members:
            checked.counts["groups"] += 1
            if not same_members(group, asked.group(self.store, row)):
                checked.faults.append(f"the group of {told(row)} has other members than are cited")
        if not minimal:
            return
        checked.counts["rows for minimality"] += 1
        for quads in statements:
            for quad in quads:
                world.remove(quad)
            checked.counts["left out"] += 1
            if asked.count(world, row, shown) == kept and asked.group(world, row) == group:
                checked.faults.append(f"{told(row)} does not need {sorted(map(str, quads))[0]}")
            world.extend(quads)

    def _places(self, citation: Citation) -> list[ox.Quad]:
        """The quads of a cited triple: in its graphs, and in the accepted graph if it is there."""
        triple = triple_of(citation)
        graphs = citation["passages"] or [citation["rule"]]
        quads = [in_graph(triple, ox.NamedNode(graph)) for graph in graphs]
        return quads + [quad for home in HOMES if (quad := in_graph(triple, home)) in self.store]


def rows_of(store: ox.Store, query: str) -> list[Row]:
    """The rows of an answer."""
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(solution) for solution in answer]


def triple_of(citation: Citation) -> ox.Triple:
    """The cited triple."""
    return ox.Triple(*map(term_of, citation["triple"]))  # type: ignore[arg-type]


def term_of(term: Mapping[str, Any] | None) -> Any:
    """A term of SPARQL results JSON."""
    match term:
        case None:
            return None
        case {"type": "uri", "value": value}:
            return ox.NamedNode(value)
        case {"type": "bnode", "value": value}:
            return ox.BlankNode(value)
        case {"type": "triple", "value": parts}:
            return ox.Triple(*(term_of(parts[name]) for name in ("subject", "predicate", "object")))
        case {"value": value, "xml:lang": language}:
            return ox.Literal(value, language=language)
        case {"value": value, "datatype": datatype}:
            return ox.Literal(value, datatype=ox.NamedNode(datatype))
    return ox.Literal(term["value"])


def in_graph(triple: ox.Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    """The triple in a graph."""
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def told(row: Row) -> str:
    """A row in one line."""
    return " ".join("–" if term is None else str(term) for term in row)


def all_counts(checked: Sequence[Checked]) -> Iterator[tuple[str, int]]:
    """The counts of several answers together."""
    total: Counter[str] = sum((each.counts for each in checked), Counter())
    yield from total.items()
