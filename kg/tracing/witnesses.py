"""For one row of a SELECT, the ground triples that it rests on. Who states them is left to `citations`.

The query's pattern is evaluated again with every variable in sight and the values of the row given, or of many rows at
once (`expect`). A solution that makes the row is its witness, and the triple patterns that took part in it are
grounded by it: one side of a UNION, an OPTIONAL only where the row shows what it bound. Of several solutions that make
the row, the witness is the one that rests on the fewest triples, then the first in the order of their terms: then none
of its triples can be spared. A row made from a group rests on all of the group's members, a transitive path on one
shortest chain, a sub-select on its own row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import pyoxigraph as ox

from kg.tracing.patterns import (
    END,
    START,
    Bind,
    Closure,
    Filter,
    Graph,
    Join,
    Minus,
    Optional,
    Pattern,
    Select,
    Slot,
    Term,
    Triples,
    Union,
    Values,
    Variables,
    group,
    variables,
)
from kg.tracing.untraced import stated

Evaluate = Callable[[str], ox.QuerySolutions]
Row = Mapping[ox.Variable, Term | None]
Solution = Mapping[ox.Variable, Term]

MOST_MEMBERS = 1000
"""How many members of a group are cited; `Witnesses.cut` says if there were more."""


@dataclass(frozen=True)
class Fact:
    """One ground triple, and the named graph that it was asked for in; None is the default graph."""

    triple: ox.Triple
    graph: ox.NamedNode | None = None


AT_ONCE = 100
"""For how many rows solutions are asked at once."""
MOST_SOLUTIONS = 200
"""Solutions a row, on average, beyond which it is better to ask row by row."""
MOST_CANDIDATES = 24
"""How many solutions of a row are compared, those first that name the fewest things."""

Key = tuple[Term | None, ...]


@dataclass
class Witnesses:
    """Finds witnesses by asking the engine; `cut` is True once a group had more members than are cited."""

    evaluate: Evaluate
    cut: bool = False
    _expected: dict[Key, list[Solution]] = field(default_factory=dict)
    """Solutions by what they have in the columns (of a group: the keys) of the select that is expected."""
    _of: Select | None = None
    _asked: dict[tuple[str, int | None], list[Solution]] = field(default_factory=dict)

    def expect(self, select: Select, rows: Sequence[Row]) -> None:
        """Ask for the solutions of these rows at once, so that `facts` finds them."""
        self._of, self._expected = select, {}
        columns = select.columns if select.keys is None else select.keys
        if not set(columns) <= set(select.columns):
            return  # the rows do not say which group they are
        keys = list(dict.fromkeys(tuple(row.get(column) for column in columns) for row in rows))
        for start in range(0, len(keys), AT_ONCE):
            lot = keys[start : start + AT_ONCE]
            found = self._of_many(select.pattern, columns, lot)
            if found is None:
                return
            self._expected |= found

    def _of_many(
        self, pattern: Pattern, columns: Sequence[ox.Variable], keys: Sequence[Key]
    ) -> dict[Key, list[Solution]] | None:
        """The solutions that make each of some rows, in the order of their terms; None if there are too many."""
        given = [{column: term for column, term in zip(columns, key, strict=True) if term is not None} for key in keys]
        answer = self.evaluate(f"SELECT * WHERE {group(pattern, given)}")
        names = answer.variables
        found: dict[Key, list[Solution]] = {key: [] for key in keys}
        for count, solution in enumerate(answer):
            if count > MOST_SOLUTIONS * len(keys):
                return None
            terms = {name: term for name in names if (term := solution[name]) is not None}
            if (key := tuple(terms.get(column) for column in columns)) in found:
                found[key].append(terms)
        order = sorted(variables(pattern), key=str)
        for solutions in found.values():
            solutions.sort(key=lambda terms: [_text(terms.get(variable)) for variable in order])
        return {key: solutions for key, solutions in found.items() if solutions}

    def facts(self, select: Select, row: Row, nth: int = 0, graph: ox.NamedNode | None = None) -> list[Fact]:
        """What a row rests on, each fact once; the `nth` of several rows alike has a witness of its own."""
        if select.keys is not None:
            return self._of_group(select, row, nth, graph)
        needed = frozenset(select.columns)
        sure = stated(select)
        expected = (
            self._expected.get(tuple(row.get(column) for column in select.columns)) if select is self._of else None
        )
        for known in (row, {column: term for column, term in row.items() if column in sure}):
            found = expected or list(self._solutions(select.pattern, known, graph, MOST_SOLUTIONS))
            if len(found) > nth:
                short = sorted(found, key=lambda solution: len(set(solution.values())))[: nth + MOST_CANDIDATES]
                facts = [list(dict.fromkeys(self._ground(select.pattern, each, needed, graph))) for each in short]
                return sorted(facts, key=len)[nth]
        return []  # what NOW() and the like gave cannot be had again, and nothing else was left to find

    def _of_group(self, select: Select, row: Row, nth: int, graph: ox.NamedNode | None) -> list[Fact]:
        assert select.keys is not None
        hidden = tuple(key for key in select.keys if key not in select.columns)
        if hidden:  # the row does not say which group it is: look for one that makes it
            open_select = replace(
                select, columns=select.columns + hidden, distinct=False, order=(), limit=None, offset=0
            )
            groups = list(self._solutions(open_select, row, graph, nth + 1))
            if len(groups) <= nth:
                return []
            row = groups[nth]
        keys = {key: row.get(key) for key in select.keys}
        expected = self._expected.get(tuple(keys.values())) if select is self._of and not hidden else None
        members = expected or self._solutions(select.pattern, keys, graph, MOST_MEMBERS + 1)
        made = [value.variables for _, value in select.made] + [condition.variables for condition in select.having]
        needed = frozenset(select.keys).union(*made)
        found: dict[Fact, None] = {}
        for number, member in enumerate(members):
            if number == MOST_MEMBERS:
                self.cut = True
                break
            found |= dict.fromkeys(self._ground(select.pattern, member, needed, graph))
        return list(found)

    def _solutions(
        self, pattern: Pattern, row: Row, graph: ox.NamedNode | None, limit: int | None = None
    ) -> Iterator[Solution]:
        """The pattern's solutions that have exactly these values for these variables, in the order of their terms."""
        given = {variable: term for variable, term in row.items() if term is not None}
        body = group(pattern, [given])
        conditions = ""
        for variable, term in row.items():
            if term is None:
                conditions += f" FILTER(!BOUND({variable}))"
            elif isinstance(term, ox.NamedNode | ox.Literal):
                conditions += f" FILTER(sameTerm({variable}, {term}))"
        order = " ".join(f"STR({variable})" for variable in sorted(variables(pattern), key=str))
        unwritten = any(isinstance(term, ox.BlankNode | ox.Triple) for term in row.values())
        query = f"SELECT * WHERE {{ {f'GRAPH {graph} {{ {body} }}' if graph else body}{conditions} }}"
        query += f" ORDER BY {order}" if order else ""
        query += f" LIMIT {limit}" if limit is not None and not unwritten else ""
        if (query, limit) not in self._asked:
            answer = self.evaluate(query)
            names = answer.variables
            found = ({name: term for name in names if (term := solution[name]) is not None} for solution in answer)
            fitting = (each for each in found if all(each.get(name) == term for name, term in row.items()))
            self._asked[query, limit] = list(islice(fitting, limit))
        yield from self._asked[query, limit]

    def _ground(
        self, pattern: Pattern, solution: Solution, needed: Variables, graph: ox.NamedNode | None
    ) -> Iterator[Fact]:
        """The facts of those parts of a pattern that took part in a solution and bind what is needed."""
        match pattern:
            case Triples(triples):
                yield from (Fact(_triple(slots, solution), graph) for slots in triples)
            case Closure():
                yield from self._chain(pattern, solution, graph)
            case Join(left, right):
                yield from self._ground(left, solution, needed | variables(right), graph)
                yield from self._ground(right, solution, needed | variables(left), graph)
            case Optional(left, right, condition, mark):
                if mark in solution and self._adds(left, right, solution, needed):
                    inside = needed | condition.needs(solution)
                    yield from self._ground(left, solution, inside | variables(right), graph)
                    yield from self._ground(right, solution, inside | variables(left), graph)
                    yield from self._existing(condition.exists, solution, graph)
                else:
                    yield from self._ground(left, solution, needed, graph)
            case Union(left, right, mark):
                side = left if _is_one(solution[mark]) else right
                yield from self._ground(side, solution, needed, graph)
            case Minus(left, right):
                yield from self._ground(left, solution, needed | variables(right), graph)
            case Filter(inner, condition):
                yield from self._ground(inner, solution, needed | condition.needs(solution), graph)
                yield from self._existing(condition.exists, solution, graph)
            case Bind(inner, variable, value):
                inside = needed | value.variables if variable in needed else needed
                yield from self._ground(inner, solution, inside, graph)
            case Graph(name, inner):
                named = solution.get(name) if isinstance(name, ox.Variable) else name
                # The engine leaves ?g unbound in GRAPH ?g { { SELECT … } }: then any accepted graph is cited.
                yield from self._ground(inner, solution, needed, named if isinstance(named, ox.NamedNode) else None)
            case Select():
                row = {column: solution.get(column) for column in pattern.columns}
                yield from self.facts(pattern, row, graph=graph)
            case Values():
                return

    def _adds(self, left: Pattern, right: Pattern, solution: Solution, needed: Variables) -> bool:
        """Whether the right side of an OPTIONAL bound something needed that the left side had not."""
        return any(variable in solution for variable in (variables(right) - _bound(left, solution)) & needed)

    def _existing(
        self, patterns: tuple[Pattern, ...], solution: Solution, graph: ox.NamedNode | None
    ) -> Iterator[Fact]:
        """What the EXISTS of a condition rest on."""
        for pattern in patterns:
            row = {variable: solution[variable] for variable in variables(pattern) if variable in solution}
            for witness in self._solutions(pattern, row, graph, 1):
                yield from self._ground(pattern, witness, frozenset(), graph)

    def _chain(self, closure: Closure, solution: Solution, graph: ox.NamedNode | None) -> Iterator[Fact]:
        """The facts of one shortest way along a transitive path, breadth first."""
        start, end = _value(closure.subject, solution), _value(closure.object, solution)
        if start == end and closure.zero:
            return
        came_from: dict[Term, Term] = {}
        frontier = [start]
        while frontier and end not in came_from:
            steps = [(a, b) for node in frontier for a, b in self._steps(closure.step, node, graph)]
            frontier = []
            for before, after in steps:
                if after not in came_from:
                    came_from[after] = before
                    frontier.append(after)
            if closure.once:
                break
        hops: list[tuple[Term, Term]] = []
        while end in came_from and (not hops or end != start):
            hops.append((came_from[end], end))
            end = came_from[end]
        for before, after in reversed(hops):
            for witness in self._solutions(closure.step, {START: before, END: after}, graph, 1):
                yield from self._ground(closure.step, witness, frozenset(), graph)

    def _steps(self, step: Pattern, node: Term, graph: ox.NamedNode | None) -> Iterator[tuple[Term, Term]]:
        for solution in self._solutions(step, {START: node}, graph):
            yield node, solution[END]


def _bound(pattern: Pattern, solution: Solution) -> Variables:
    """The variables that a pattern itself bound in a solution: an OPTIONAL or a side that took no part bound none."""
    match pattern:
        case Optional(left, right, _, mark):
            return _bound(left, solution) | (_bound(right, solution) if mark in solution else frozenset())
        case Union(left, right, mark):
            return _bound(left if _is_one(solution[mark]) else right, solution) if mark in solution else frozenset()
        case Join(left, right):
            return _bound(left, solution) | _bound(right, solution)
        case Minus(inner) | Filter(inner):
            return _bound(inner, solution)
        case Values(names, rows):
            return frozenset(name for n, name in enumerate(names) if all(row[n] is not None for row in rows))
    return frozenset(variable for variable in variables(pattern) if variable in solution)


def _text(term: Term | None) -> str:
    """What a solution is sorted by."""
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _is_one(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.value == "1"


def _value(slot: Slot, solution: Solution) -> Term:
    return solution[slot] if isinstance(slot, ox.Variable) else slot


def _triple(slots: tuple[Slot, Slot, Slot], solution: Solution) -> ox.Triple:
    subject, predicate, value = (_value(slot, solution) for slot in slots)
    assert isinstance(subject, ox.NamedNode | ox.BlankNode) and isinstance(predicate, ox.NamedNode)
    return ox.Triple(subject, predicate, value)
