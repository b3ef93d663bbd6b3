"""A query as it is put to another store, where the default graph is one of the named graphs.

- The WHERE group becomes `{ GRAPH <accepted> { … } }`, and each group of an EXISTS outside of it.
- `GRAPH <g> { … }` gets the name that holds the graph. `GRAPH ?g { … }` asks the index for it: `{ GRAPH <index>
  { ?g <held as> ?held } GRAPH ?held { … } }`. So ?g is what it is here, and graphs of other versions are not seen.
- With FROM, or a dataset given beside the query, FROM and FROM NAMED say by which names those graphs are held, and
  nothing is wrapped.
- ASK becomes a SELECT of one row, for not every store answers with a boolean (Virtuoso 7, in JSON, does not).
- CONSTRUCT WHERE is written out. DESCRIBE becomes a CONSTRUCT of all that the graph says with the thing as subject:
  what stores describe differs, and they would describe from a default graph of their own.
- SELECT * names its columns, for the index brings variables of its own.

It is done on the tokens that the guard has judged; `spelling` sees to it that the other store splits them the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pyoxigraph as ox

from kg.backend.naming import HELD_AS, NOTHING, Holding
from kg.backend.spelling import spelt
from kg.engine.calls import NONE_MADE
from kg.engine.prefixes import read_prologue
from kg.engine.tokens import tokenise
from kg.errors import QueryComplexityError, QueryRefusedError, QuerySyntaxError

LONGEST = 1_000_000
"""Characters of a query written anew: a DESCRIBE repeats its pattern for each variable."""
_EMPTY = ox.Store()
_BRACKETS = {"{": "}", "(": ")", "[": "]", "{|": "|}", "<<": ">>", "<<(": ")>>"}

Graphs = Sequence[str]


class Written(NamedTuple):
    """A query for another store, and the form that it had: an ASK is yes if there is a row."""

    text: str
    form: Literal["rows", "boolean", "graph"]


def for_store(
    query: str,
    holding: Holding,
    *,
    base_iri: str | None = None,
    default_graphs: Graphs | None = None,
    named_graphs: Graphs | None = None,
) -> Written:
    """The query for a store that holds the dataset in this way; one that our own engine does not take is refused.

    Raises: SyntaxError, ValueError and RuntimeError as the engine does; QuerySyntaxError, QueryRefusedError.

    >>> for_store("SELECT ?s { ?s ?p ?o }", Holding()).text
    'SELECT ?s WHERE { GRAPH <https://w3id.org/oxus/graph/accepted> { ?s ?p ?o } }'
    """
    # The engine itself says what is SPARQL, what functions there are, and what columns.
    answer = _EMPTY.query(query, base_iri=base_iri)
    columns = [str(each) for each in answer.variables] if isinstance(answer, ox.QuerySolutions) else []
    given = None
    if default_graphs is not None or named_graphs is not None:
        given = (list(default_graphs or ()), list(named_graphs or ()))
    text = _Rewriting(query, holding, base_iri, columns).text(given)
    if len(text) > LONGEST:
        raise QueryComplexityError("the query describes too many variables of too long a pattern", limit="bytes")
    if isinstance(answer, ox.QueryTriples):
        return Written(text.lstrip(), "graph")
    return Written(text.lstrip(), "rows" if isinstance(answer, ox.QuerySolutions) else "boolean")


class _Rewriting:
    def __init__(self, query: str, holding: Holding, base_iri: str | None, columns: Sequence[str]) -> None:
        self._holding = holding
        self._columns = columns
        self._tokens = tokenise(query)
        self._words = [token.text.upper() if token.kind == "word" else token.text for token in self._tokens]
        self._pieces = spelt(query, self._tokens)
        self._before: defaultdict[int, str] = defaultdict(str)
        self._after: defaultdict[int, str] = defaultdict(str)
        self._ends = self._matched()
        self._form = read_prologue(self._tokens)[1]
        self._prologue = self._written_prologue(base_iri)
        taken = {token.text[1:] for token in self._tokens if token.kind == "variable"}
        self._own = next(name for name in _names() if not any(each.startswith(name) for each in taken))
        self._group = self._main_group()

    def text(self, given: tuple[list[str], list[str]] | None) -> str:
        """The query written anew, over the graphs given or those that it names itself."""
        self._check_calls()
        dataset = given or self._own_dataset()
        uses_index = self._lead_through_index()
        clauses = ""
        if dataset is not None:
            clauses = self._clauses(*dataset, uses_index=uses_index)
        else:
            self._wrap_outer_exists()
        form = self._words[self._form]
        if form == "DESCRIBE":
            return self._prologue + self._description(clauses)
        assert self._group is not None
        begin, end = self._group, self._ends[self._group]
        head, group, tail = self._head(), self._slice(begin + 1, end), self._slice(end + 1, len(self._tokens))
        if form == "CONSTRUCT" and begin < self._template_end():
            head = f"{head} {{{group} }}"
        where = f" WHERE {{{self._wrapped(group, not clauses)} }}{tail}"
        if form == "ASK":
            found = f" SELECT (1 AS ?{self._own}found)"
            if tail:
                where = f" WHERE {{ {{ SELECT (1 AS ?{self._own}row){where} }} }}"
            return f"{self._prologue}{found}{clauses}{where} LIMIT 1"
        return f"{self._prologue}{head}{clauses}{where}"

    def _head(self) -> str:
        """From the query's form to its dataset or pattern."""
        first = self._form + 1
        if self._words[self._form] == "SELECT" and self._columns:
            while self._words[first] in ("DISTINCT", "REDUCED"):
                first += 1
            if self._words[first] == "*":
                self._pieces[first] = "".join(f" {column}" for column in self._columns)
        return self._slice(self._form, self._where())

    def _where(self) -> int:
        """Where the dataset or the pattern begins: what stands before is the query's own business."""
        last = len(self._tokens) if self._group is None else self._group
        plain = (index for index in range(self._form, last) if self._tokens[index].depth == 0)
        return next((index for index in plain if self._words[index] in ("FROM", "WHERE")), last)

    def _main_group(self) -> int | None:
        """The brace that opens the WHERE group; none where a DESCRIBE has no pattern."""
        opening = [
            index
            for index in range(self._form, len(self._tokens))
            if self._words[index] == "{" and self._tokens[index].depth == 0
        ]
        has_template = self._words[self._form] == "CONSTRUCT" and self._words[self._form + 1] == "{"
        return next(iter(opening[1:] if has_template else opening), None)

    def _template_end(self) -> int:
        """Before which the WHERE group begins if a CONSTRUCT has no template of its own."""
        return len(self._tokens) if self._words[self._form + 1] != "{" else 0

    def _description(self, clauses: str) -> str:
        subject, predicate, value = (f"?{self._own}{name}" for name in ("s", "p", "o"))
        targets = range(self._form + 1, self._where())
        fixed = [self._pieces[index] for index in targets if self._tokens[index].kind in ("iri", "name")]
        asked = [self._pieces[index].strip() for index in targets if self._tokens[index].kind == "variable"]
        values = f"VALUES {subject} {{{''.join(fixed)} }}"
        branches = [f"{{ {values} }}"] if fixed else []
        if self._group is not None:
            begin, end = self._group, self._ends[self._group]
            if "*" in self._words[self._form + 1 : self._where()]:
                inside = (token for token in self._tokens[begin:end] if token.kind == "variable")
                asked = list(dict.fromkeys(token.text for token in inside))
            pattern = f"{{ SELECT * WHERE{self._slice(begin, end + 1)}{self._slice(end + 1, len(self._tokens))} }}"
            # As our engine has it: without a solution nothing is described, be it named or not.
            branches = [f"{{ {pattern} {values} }}"] if fixed else []
            # Without the filter a variable that is unbound would stand for everything.
            fit = [f"FILTER(!isLiteral({name})) BIND({name} AS {subject})" for name in dict.fromkeys(asked)]
            branches += [f"{{ {pattern} {each} }}" for each in fit]
        found = f" {{ {' UNION '.join(branches)} }} {subject} {predicate} {value}"
        group = self._wrapped(found if branches else " FILTER(false)", not clauses)
        return f" CONSTRUCT {{ {subject} {predicate} {value} }}{clauses} WHERE {{{group} }}"

    def _wrapped(self, group: str, wraps: bool) -> str:
        return f" GRAPH <{self._holding.accepted}> {{{group} }}" if wraps else group

    def _wrap_outer_exists(self) -> None:
        begin, end = (-1, -1) if self._group is None else (self._group, self._ends[self._group])
        for index, word in enumerate(self._words[:-1]):
            if word == "EXISTS" and self._words[index + 1] == "{" and not begin < index < end:
                self._after[index + 1] += f" GRAPH <{self._holding.accepted}> {{"
                self._before[self._ends[index + 1]] += " }"

    def _lead_through_index(self) -> bool:
        """Whether there is a GRAPH with a variable, which now asks the index; a graph that is named is known."""
        if self._holding.index is None:
            return False
        asks = []
        for index, word in enumerate(self._words):
            if word == "GRAPH" and self._tokens[index + 1].kind == "variable":
                asks.append(index)
            elif word == "GRAPH":
                self._pieces[index + 1] = f" <{self._holding.name_of(self._expanded(self._pieces[index + 1]))}>"
        for number, index in enumerate(asks):
            held = f"?{self._own}{number}"
            name = self._pieces[index + 1]
            self._before[index] += f" {{ GRAPH <{self._holding.index}> {{{name} <{HELD_AS}> {held} }}"
            self._pieces[index + 1] = f" {held}"
            self._after[self._ends[index + 2]] += " }"
        return bool(asks)

    def _clauses(self, default: Sequence[str], named: Sequence[str], *, uses_index: bool) -> str:
        plain = [self._holding.name_of(graph) for graph in default] or [NOTHING]
        by_name = [self._holding.name_of(graph) for graph in named]
        if uses_index and by_name and self._holding.index is not None:
            by_name.append(self._holding.index)
        return "".join(f" FROM <{graph}>" for graph in plain) + "".join(f" FROM NAMED <{graph}>" for graph in by_name)

    def _own_dataset(self) -> tuple[list[str], list[str]] | None:
        """The graphs of the query's own FROM and FROM NAMED; None if it has neither."""
        last = len(self._tokens) if self._group is None else self._group
        default: list[str] = []
        named: list[str] = []
        for index in range(self._form, last):
            if self._words[index] == "FROM" and self._tokens[index].depth == 0:
                is_named = self._words[index + 1] == "NAMED"
                (named if is_named else default).append(self._expanded(self._pieces[index + 1 + is_named]))
        return (default, named) if default or named else None

    def _check_calls(self) -> None:
        """No SERVICE, which the other store would call, and no functions but casts: our engine knows no others."""
        if "SERVICE" in self._words:
            raise QueryRefusedError(NONE_MADE)
        # A function that the engine never comes to evaluate it has not looked at.
        for index in range(self._form, len(self._tokens) - 1):
            token = self._tokens[index]
            if token.kind in ("iri", "name") and token.expression and self._words[index + 1] == "(":
                _EMPTY.query(f"{self._prologue} SELECT ({self._pieces[index]} (1) AS ?x) {{}}")

    def _expanded(self, name: str) -> str:
        """The IRI that a token stands for."""
        answer = _EMPTY.query(f"{self._prologue} SELECT ({name} AS ?iri) {{}}")
        assert isinstance(answer, ox.QuerySolutions)
        iri = next(iter(answer))[0]
        assert isinstance(iri, ox.NamedNode)
        return iri.value

    def _written_prologue(self, base_iri: str | None) -> str:
        """BASE and PREFIX; a VERSION says nothing that other stores understand."""
        written = f" BASE <{base_iri}>" if base_iri else ""
        index = 0
        while index < self._form:
            length = 3 if self._words[index] == "PREFIX" else 2
            if self._words[index] != "VERSION":
                written += self._slice(index, index + length)
            index += length
        return written

    def _slice(self, begin: int, end: int) -> str:
        return "".join(self._before[index] + self._pieces[index] + self._after[index] for index in range(begin, end))

    def _matched(self) -> dict[int, int]:
        """Where each bracket is closed."""
        ends: dict[int, int] = {}
        opened: list[int] = []
        for index, token in enumerate(self._tokens):
            if token.kind == "mark" and token.text in _BRACKETS:
                opened.append(index)
            elif token.kind == "mark" and opened and token.text == _BRACKETS[self._tokens[opened[-1]].text]:
                ends[opened.pop()] = index
        if opened:
            raise QuerySyntaxError("a bracket is never closed")
        return ends


def _names() -> list[str]:
    return ["oxus_", "oxus__", *(f"oxus_{number}_" for number in range(1000))]
