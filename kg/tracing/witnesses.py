"""For one row of a SELECT, the ground triples that it rests on. Who states them is left to `citations`.

The query's pattern is evaluated again with every variable in sight and the values of the row given, or of many rows at
once (`expect`). A solution that makes the row is its witness, grounded by `grounding`. Of several, the witness is one
that rests on nothing absent, then on the fewest triples, then the first in the order of their terms. A row made from a
group rests on all of the group's members, a transitive path on one shortest chain, a sub-select on its own row, an
EXISTS on the match that asks for the fewest triples more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import pyoxigraph as ox

from kg.tracing.conditions import Solution, within
from kg.tracing.grounding import Fact, Ground, Grounder, value_of
from kg.tracing.groups import Group
from kg.tracing.patterns import (
    END,
    START,
    Closure,
    Pattern,
    Select,
    Term,
    Variables,
    variables,
)
from kg.tracing.untraced import concerned, stated
from kg.tracing.writing import group

Evaluate = Callable[[str], ox.QuerySolutions]
Row = Mapping[ox.Variable, Term | None]
Key = tuple[Term | None, ...]

MOST_MEMBERS = 1000
"""How many members of a group are cited; `Witnesses.cut` says if there were more."""
AT_ONCE = 100
"""For how many rows solutions are asked at once."""
MOST_SOLUTIONS = 200
"""Solutions a row, on average, beyond which it is better to ask row by row."""
MOST_CANDIDATES = 24
"""How many solutions of a row are compared, those first that name the fewest things."""


@dataclass
class Witnesses:
    """Finds witnesses by asking the engine.

    `cut` is True once a group had more members than are cited, `chosen` once a row had more solutions than are
    compared.
    """

    evaluate: Evaluate
    cut: bool = False
    chosen: bool = False
    _expected: dict[Key, list[Solution]] = field(default_factory=dict)
    """Solutions by what they have in the columns (of a group: the keys) of the select that is expected."""
    _alike: Counter[Key] = field(default_factory=Counter)
    """How many rows of the select that is expected are alike."""
    _ranked: dict[Key, list[Ground]] = field(default_factory=dict)
    _of: Select | None = None
    _asked: dict[tuple[str, int | None, frozenset[tuple[ox.Variable, Term]]], list[Solution]] = field(
        default_factory=dict
    )

    def expect(self, select: Select, rows: Sequence[Row], only: int | None = None) -> None:
        """Ask for the solutions of the rows of an answer, or of `only` one of them, so that `facts` finds them."""
        self._of, self._expected, self._ranked = select, {}, {}
        self._alike = Counter(tuple(row.get(column) for column in select.columns) for row in rows)
        rows = rows if only is None else rows[only - 1 : only]
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
        most = sum(max(MOST_SOLUTIONS, self._alike[key]) for key in keys)
        for count, solution in enumerate(answer):
            if count > most:
                return None
            terms = {name: term for name in names if (term := solution[name]) is not None}
            if (key := tuple(terms.get(column) for column in columns)) in found:
                found[key].append(terms)
        order = sorted(variables(pattern), key=str)
        for solutions in found.values():
            solutions.sort(key=lambda terms: [_text(terms.get(variable)) for variable in order])
        return {key: solutions for key, solutions in found.items() if solutions}

    def facts(self, select: Select, row: Row, nth: int = 0, graph: ox.NamedNode | None = None) -> Ground | None:
        """What a row rests on; the `nth` of several rows alike has a witness of its own. None if none was found."""
        if select.keys is not None:
            return self._of_group(select, row, nth, graph)
        key = tuple(row.get(column) for column in select.columns)
        if select is not self._of:
            ranked = self._ranking(select, row, graph, None, 1)
        else:
            if key not in self._ranked:
                self._ranked[key] = self._ranking(select, row, graph, self._expected.get(key), self._alike[key])
            ranked = self._ranked[key]
        return self._matched(ranked[min(nth, len(ranked) - 1)]) if ranked else None

    def _ranking(
        self, select: Select, row: Row, graph: ox.NamedNode | None, expected: list[Solution] | None, alike: int
    ) -> list[Ground]:
        """What each of the solutions that make a row rests on, the best first: enough for the rows alike."""
        sure = stated(select)
        needed = frozenset(select.columns)
        for known in (row, {column: term for column, term in row.items() if column in sure}):
            found = expected or list(self._solutions(select.pattern, known, graph, MOST_SOLUTIONS + alike))
            if found:
                short = sorted(found, key=lambda solution: len(set(solution.values())))[: alike + MOST_CANDIDATES]
                self.chosen |= len(short) < len(found)
                return sorted((self._grounded(select.pattern, each, needed, graph) for each in short), key=_weight)
        return []  # what NOW() and the like gave cannot be had again, and nothing else was left to find

    def _of_group(self, select: Select, row: Row, nth: int, graph: ox.NamedNode | None) -> Ground | None:
        assert select.keys is not None
        hidden = tuple(key for key in select.keys if key not in select.columns)
        if hidden:  # the row does not say which group it is: look for one that makes it
            columns = select.columns + hidden
            open_select = replace(select, columns=columns, distinct=False, order=(), limit=None, offset=0)
            groups = list(self._solutions(open_select, row, graph, nth + 1))
            if len(groups) <= nth:
                return None
            row = {**row, **groups[nth]}
        keys = {key: row.get(key) for key in select.keys}
        expected = self._expected.get(tuple(keys.values())) if select is self._of and not hidden else None
        members = expected or self._solutions(select.pattern, keys, graph, MOST_MEMBERS + 1)
        found, group = Ground(), Group(select, row)
        for number, member in enumerate(members):
            if number == MOST_MEMBERS:
                self.cut = True
                break
            needed, matches = group.take(member)
            ground = self._grounded(select.pattern, member, needed, graph)
            ground.matches += [(pattern, member, graph) for pattern in matches]
            found.take(self._matched(ground))
        found.absent |= group.absent
        return found

    def _grounded(self, pattern: Pattern, solution: Solution, needed: Variables, graph: ox.NamedNode | None) -> Ground:
        grounder = Grounder(self, solution)
        grounder.ground(pattern, needed, graph)
        return grounder.found

    def row(self, select: Select, solution: Solution, graph: ox.NamedNode | None) -> Ground:
        """What the row of a SELECT inside the query rests on that made a solution."""
        row = {column: solution.get(column) for column in select.columns}
        found = self.facts(select, row, graph=graph) or Ground()
        return Ground(found.facts, [], {concerned(select, absent) for absent in found.absent})

    def _matched(self, ground: Ground) -> Ground:
        """The same with each match that it asks for found: the one that adds the fewest facts."""
        found = Ground(dict(ground.facts), [], set(ground.absent))
        for pattern, solution, graph in ground.matches:
            seen = within(pattern, solution)
            row = {name: solution[name] for name in variables(seen) if name in solution}
            best: tuple[tuple[bool, int], Ground] | None = None
            for match in self._solutions(seen, row, graph, MOST_CANDIDATES):
                way = self._matched(self._grounded(seen, match, frozenset(), graph))
                weight = bool(way.absent), len(way.facts.keys() - found.facts.keys())
                if best is None or weight < best[0]:
                    best = weight, way
                if weight == (False, 0):
                    break
            if best is not None:
                found.take(best[1])
        return found

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
        # These cannot be written in a query.
        open_values = frozenset(
            (variable, term) for variable, term in row.items() if isinstance(term, ox.BlankNode | ox.Triple)
        )
        query = f"SELECT * WHERE {{ {f'GRAPH {graph} {{ {body} }}' if graph else body}{conditions} }}"
        query += f" ORDER BY {order}" if order else ""
        query += f" LIMIT {limit}" if limit is not None and not open_values else ""
        key = (query, limit, open_values)
        if key not in self._asked:
            answer = self.evaluate(query)
            names = answer.variables
            found = ({name: term for name in names if (term := solution[name]) is not None} for solution in answer)
            fitting = (each for each in found if all(each.get(name) == term for name, term in row.items()))
            self._asked[key] = list(islice(fitting, limit))
        yield from self._asked[key]

    def chain(self, closure: Closure, solution: Solution, graph: ox.NamedNode | None) -> Iterator[Fact]:
        """The facts of one shortest way along a transitive path, breadth first."""
        start, end = value_of(closure.subject, solution), value_of(closure.object, solution)
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
                yield from self._grounded(closure.step, witness, frozenset(), graph).facts

    def _steps(self, step: Pattern, node: Term, graph: ox.NamedNode | None) -> Iterator[tuple[Term, Term]]:
        for solution in self._solutions(step, {START: node}, graph):
            yield node, solution[END]


def _weight(ground: Ground) -> tuple[bool, int]:
    return ground.weight


def _text(term: Term | None) -> str:
    """What a solution is sorted by."""
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
