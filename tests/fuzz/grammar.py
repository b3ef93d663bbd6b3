"""Queries at random, as large and deep as the caps allow or a little more: every construction inside every other.

All choices come from one `random.Random`, so a seed is a query.
"""

from __future__ import annotations

from random import Random

from kg.engine.complexity import Limits

FUNCTIONS = ("STR", "LANG", "ABS", "UCASE", "BOUND", "ISIRI", "STRLEN", "DATATYPE", "YEAR", "SHA256")
AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
OPERATORS = ("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/")


class Writer:
    """Writes one query. What is left of each cap goes down as it is used, so that most queries end near several."""

    def __init__(self, random: Random, limits: Limits = Limits()) -> None:  # noqa: B008 (frozen)
        self._random = random
        self._depth = random.randint(1, limits.depth - 3)
        self._patterns = random.randint(1, limits.patterns)
        self._operators = random.randint(1, limits.operators)
        self._values = random.randint(0, limits.values)
        self._variables = random.choice((1, 2, 5, 50, 1000))
        self._wide = random.random()
        self._steep = random.random() ** 0.3
        self._names = 0
        self._elements = random.choice((5, 30, 100, 300))

    def query(self) -> str:
        """A whole query."""
        random = self._random
        group = self._group(self._depth)
        form = random.randrange(5)
        if form == 0:
            return f"ASK {group}"
        if form == 1:
            return f"CONSTRUCT {{ {self._triples(random.randint(0, 30))} }} WHERE {group} LIMIT 5"
        if form == 2:
            return f"DESCRIBE {' '.join(self._node() for _ in range(random.choice((1, 5, 100))))} WHERE {group}"
        return self._select(group, 3)

    def _some(self, most: int) -> int:
        return self._random.randint(0, max(0, int(most * self._wide)))

    def _variable(self) -> str:
        return f"?v{self._random.randrange(self._variables)}"

    def _iri(self) -> str:
        return f"<urn:{self._random.randrange(9)}>"

    def _literal(self) -> str:
        return self._random.choice(("1", "2.5", "'a'", '"b"@en', "true", "'1'^^<urn:d>", "1e9", "'''x'''"))

    def _node(self) -> str:
        return self._variable() if self._random.random() < 0.7 else self._iri()

    def _group(self, depth: int) -> str:
        parts = [self._element(depth - 1) for _ in range(self._some(12) + 1)]
        return "{ " + " ".join(parts) + " }"

    def _element(self, depth: int) -> str:
        random = self._random
        self._elements -= 1
        if self._elements <= 0:
            return ""
        if depth <= 0 or random.random() > self._steep:
            return self._leaf(max(depth, 0))
        depth = min(depth, random.choice((depth, depth, depth, 5)))
        kind = random.randrange(12)
        if kind == 0:
            return f"OPTIONAL {self._group(depth)}"
        if kind == 1:
            return f"MINUS {self._group(depth)}"
        if kind == 2:
            return f"FILTER {random.choice(('EXISTS', 'NOT EXISTS'))} {self._group(depth)}"
        if kind == 3:
            return " UNION ".join(self._group(depth) for _ in range(self._some(6) + 2))
        if kind == 4:
            return f"GRAPH {self._node()} {self._group(depth)}"
        if kind == 5:
            return f"{{ {self._select(self._group(depth - 1), 2)} }}"
        if kind == 6:
            return self._group(depth)
        if kind == 7:
            return f"FILTER({self._expression(depth)})"
        if kind == 8:
            return f"{self._node()} {self._path(depth)} {self._node()} ."
        if kind == 9:
            return f"{self._node()} <urn:p> {self._nested(depth)} ."
        if kind == 10:
            return f"{self._node()} <urn:p> {self._node()} {self._annotation(depth)} ."
        return f"BIND({self._expression(depth)} AS {self._fresh()})"

    def _leaf(self, depth: int) -> str:
        kind = self._random.randrange(6)
        if kind == 0 and self._values > 0:
            return self._rows()
        if kind == 1:
            return f"FILTER({self._expression(depth)})"
        if kind == 2:
            return f"{self._node()} {self._path(1)} {self._node()} ."
        return self._triples(self._some(15) + 1)

    def _triples(self, count: int) -> str:
        written = []
        for _ in range(count):
            if self._patterns <= 0:
                break
            self._patterns -= 1
            end = self._random.choice((".", ".", f"; <urn:q> {self._node()} .", f", {self._node()} ."))
            predicate = self._random.choice((self._variable(), self._iri(), "a"))
            written.append(f"{self._node()} {predicate} {self._random.choice((self._node(), self._literal()))} {end}")
        return " ".join(written)

    def _nested(self, depth: int) -> str:
        random, kind = self._random, self._random.randrange(4)
        levels = random.randint(1, max(1, depth))
        if kind == 0:
            return "[ <urn:p> " * levels + self._node() + " ]" * levels
        if kind == 1:
            return "( " * levels + " ".join(self._node() for _ in range(self._some(8) + 1)) + " )" * levels
        if kind == 2:
            return "<<( ?s ?p " * levels + self._node() + " )>>" * levels
        return "<< ?s ?p " * levels + self._node() + " >>" * levels

    def _annotation(self, depth: int) -> str:
        levels = self._random.randint(1, max(1, depth))
        return "{| <urn:p> ?a " * levels + " |}" * levels

    def _path(self, depth: int) -> str:
        random = self._random
        steps = [
            random.choice((self._iri(), "^<urn:q>", "!(<urn:p>|^<urn:q>)", "a")) for _ in range(self._some(20) + 1)
        ]
        path = random.choice(("/", "|")).join(steps)
        for _ in range(random.randint(0, max(0, depth - 1))):
            path = f"({path}){random.choice(('', '*', '+', '?', '/<urn:p>', '|<urn:p>'))}"
        return path

    def _rows(self) -> str:
        rows = self._random.randint(1, max(1, self._values))
        self._values -= rows
        if self._random.random() < 0.5:
            return f"VALUES {self._variable()} {{ {' '.join(self._literal() for _ in range(rows))} }}"
        rows = min(rows, 300)
        width = self._random.choice((1, 2, 20))
        names = " ".join(f"?w{number}" for number in range(width))
        cells = " ".join(self._random.choice(("1", "UNDEF", "<urn:a>")) for _ in range(width))
        return f"VALUES ({names}) {{ {f'({cells}) ' * rows} }}"

    def _expression(self, depth: int) -> str:
        random = self._random
        if depth <= 0 or self._operators <= 0 or random.random() > self._steep:
            return random.choice((self._variable(), self._literal(), self._iri()))
        self._operators -= 1
        kind = random.randrange(9)
        if kind == 0:
            return "(" * (levels := random.randint(1, depth)) + self._expression(0) + ")" * levels
        if kind == 1:
            function = random.choice(FUNCTIONS)
            return f"{function}({self._variable() if function == 'BOUND' else self._expression(depth - 1)})"
        if kind == 2:
            return f"IF({', '.join(self._expression(depth - 1) for _ in range(3))})"
        if kind == 3:
            listed = ", ".join(self._expression(0) for _ in range(self._some(400)))
            return f"({self._expression(0)} {random.choice(('IN', 'NOT IN'))} ({listed}))"
        if kind == 4:
            listed = ", ".join(self._expression(depth - 1) for _ in range(self._some(8) + 1))
            return f"{random.choice(('CONCAT', 'COALESCE'))}({listed})"
        if kind == 5:
            repeated = random.choice(("(a|b)*", "(a*)*", "[^x]{1,90}", "(?:a{50}){50}", "\\\\p{L}+")) * (
                self._some(300) + 1
            )
            return f"REGEX({self._variable()}, '{repeated}', 'i')"
        if kind == 6:
            return f"({random.choice(('', 'NOT '))}EXISTS {self._group(depth - 2)})" if depth > 2 else "!1"
        length = min(self._operators, self._some(500) + 2)
        self._operators -= length
        parts = [self._expression(0) for _ in range(length)]
        if kind == 7 or length < 2:
            return random.choice(("||", "&&", "+", " - ", "*")).join(parts) or "1"
        return (
            "("
            + ") = (".join([random.choice(OPERATORS).join(pair) for pair in zip(parts, parts[1:], strict=False)][:1])
            + ")"
        )

    def _select(self, group: str, depth: int) -> str:
        random = self._random
        if random.random() < 0.5:
            return f"SELECT {random.choice(('*', 'DISTINCT *', 'REDUCED *'))} {group} {self._tail(depth)}"
        if random.random() < 0.5:
            columns = {self._variable() for _ in range(self._some(5) + 1)}
            columns |= {f"({self._expression(depth)} AS {self._fresh()})" for _ in range(self._some(30))}
            return f"SELECT {' '.join(sorted(columns))} {group} {self._tail(depth)}"
        aggregates = [
            f"{random.choice(AGGREGATES)}(DISTINCT {self._expression(depth)})" for _ in range(self._some(30) + 1)
        ]
        columns = {f"({each} AS {self._fresh()})" for each in aggregates}
        keys = " ".join(f"({self._expression(depth)} AS {self._fresh()})" for _ in range(self._some(30) + 1))
        having = " ".join(f"({random.choice(aggregates)})" for _ in range(self._some(30) + 1))
        return f"SELECT {' '.join(sorted(columns))} {group} GROUP BY {keys} HAVING {having} {self._tail(depth)}"

    def _fresh(self) -> str:
        self._names += 1
        return f"?x{self._names}"

    def _tail(self, depth: int) -> str:
        written = ""
        if self._random.random() < 0.4:
            written += "ORDER BY " + " ".join(f"DESC({self._expression(depth)})" for _ in range(self._some(30) + 1))
        return written + self._random.choice(("", " LIMIT 10", " LIMIT 5 OFFSET 3"))
