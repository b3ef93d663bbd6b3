"""How large and deep a query is, and how large and deep it may be. What it asks for is left to `guard`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NoReturn

from kg.engine.tokens import Token, place
from kg.errors import QueryComplexityError

_TERMS = frozenset({"iri", "name", "variable", "blank", "string", "number"})
_OPERATORS = frozenset({"||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "!"})
_PATH_MARKS = frozenset({"/", "|", "^", "!", "*", "+", "?"})
_STEPS = frozenset({"/", "|", "^", "!"})
_CLAUSES = frozenset({"UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "AS", "EXISTS", "GRAPH", "LATERAL", "SERVICE"})
_JOINED = frozenset({"VALUES", "SELECT", "SERVICE"})
_OPENERS = frozenset({"{", "(", "[", "{|", "<<", "<<("})
_CLOSERS = frozenset({"}", ")", "]", "|}", ">>", ")>>"})
_TERM_WORDS = frozenset({"TRUE", "FALSE", "UNDEF", "A"})
_PROJECTED = frozenset({"SELECT", "DISTINCT", "REDUCED"})
_CLAUSE_WORDS = frozenset({"SELECT", "DISTINCT", "REDUCED", "GROUP", "HAVING", "ORDER", "BY", "ASC", "DESC"})


@dataclass(frozen=True)
class Limits:
    """The caps on a query, each a setting `KG_MAX_QUERY_…` of the server.

    Times are the engine's until the first row, over an empty store on one core. It orders joins by trying them all
    against each other, so that twice the patterns take ten times as long; it recurses over brackets and chains, so
    that enough of them overflow its stack and end the process.
    """

    bytes: int = 65536
    """Far longer than what people write or an address line carries; only generated text is longer still."""

    tokens: int = 20_000
    """Words, terms and marks, which the front judges in 0.1 s. 64 kB of queries like our own have 8,800, of the
    tightest of them 11,800; 2,000 rows of three VALUES have 10,000."""

    depth: int = 50
    """Brackets in brackets. 50 nested OPTIONALs plan in 0.7 s, 100 in more than 10 s; 1,000 nested function calls and
    3,000 braces overflow the engine's stack."""

    operators: int = 500
    """Operators of expressions, calls of functions, and clauses: UNION, FILTER, BIND, MINUS, each column computed or
    described. 500 UNIONs or `||` plan in 0.3 s, 2,000 in 7 s; 5,000 BIND or MINUS overflow its stack."""

    patterns: int = 100
    """What is joined: triple patterns, steps of paths, sub-selects, VALUES; an item of a list counts twice, like the
    triples that it stands for. A star of 100 plans in 2 s, of 200 in more than 10 s."""

    path_steps: int = 50
    """Steps of one property path, alternatives included. A sequence of 50 plans in 0.01 s; one of 200, which several
    of those below this cap would be but for the cap on patterns, in 1 s, of 500 in more than 10 s."""

    values: int = 2000
    """Rows of all VALUES together. A pasted list fits and plans in 0.01 s; the product of two halves is a million
    rows, which the deadline ends."""

    columns: int = 500
    """Variables that SELECT and VALUES name, those of sub-selects included. What reads an answer again (a page, a
    comparison) takes time for each value of each row; no table that a person reads has a hundred."""


@dataclass
class _Frame:
    """An open bracket: what it holds, and what has been seen of it since the last separator."""

    kind: Literal["group", "list", "expression", "data", "variables", "row"]
    items: int = 0
    steps: int = 0
    is_path: bool = False
    word: str = ""
    """The keyword that the terms at hand belong to; none if they make a triple pattern."""


class _Measure:
    """Counts while it walks over the tokens, and refuses at the token that is one too many."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._frames = [_Frame("group")]
        self._operators = 0
        self._patterns = 0
        self._values = 0
        self._columns = 0

    def take(self, token: Token) -> None:
        """Count one token."""
        frame = self._frames[-1]
        word = token.text.upper() if token.kind == "word" else ""
        if token.kind in _TERMS or word in _TERM_WORDS:
            frame.items += 1
            if frame.kind == "data":
                self._count_value(token)
            elif frame.word == "DESCRIBE":
                self._count_operator(token)
            elif frame.kind == "variables" or (frame.kind == "group" and frame.word in _PROJECTED):
                self._count_column(token)
        elif word:
            self._end_pattern(token)
            frame.word = word
            if word in _CLAUSES:
                self._count_operator(token)
            if word in _JOINED and len(self._frames) > 1:
                self._count_patterns(token, 1)
        elif token.text in _OPENERS:
            self._open(token)
        elif token.text in _CLOSERS:
            self._shut(token)
        elif frame.kind == "expression":
            if token.text in _OPERATORS:
                self._count_operator(token)
        elif token.text in (".", ";", ","):
            self._end_pattern(token)
        elif token.text in _PATH_MARKS:
            frame.is_path = True
            self._count_step(token)

    def _open(self, token: Token) -> None:
        if len(self._frames) > self._limits.depth:
            self._refuse(token, "depth", f"brackets are nested more than {self._limits.depth} deep")
        frame = self._frames[-1]
        if token.text == "{":
            opened = _Frame("data" if frame.word == "VALUES" else "group")
            self._end_pattern(token)
        elif token.text != "(":
            opened = _Frame("group")
            frame.items += 1
            # The reifier's own triple; that of an annotation is joined on a whole triple, which costs twice as much.
            self._count_patterns(token, {"{|": 2, "<<": 1}.get(token.text, 0))
        elif token.expression:
            opened = _Frame("expression")
            self._count_operator(token)
        elif frame.kind == "data":
            opened = _Frame("row")
            self._count_value(token)
        elif frame.word == "VALUES":
            opened = _Frame("variables")
        else:
            opened = _Frame("list")
            frame.items += 1
        self._frames.append(opened)

    def _shut(self, token: Token) -> None:
        self._end_pattern(token)
        shut = self._frames.pop()
        frame = self._frames[-1]
        if shut.kind == "list":
            if shut.is_path:
                frame.is_path = True
            else:
                self._count_patterns(token, 2 * shut.items)
        elif token.text == "}" or (shut.kind == "expression" and frame.word not in _CLAUSE_WORDS):
            frame.word = ""

    def _end_pattern(self, token: Token) -> None:
        frame = self._frames[-1]
        if frame.kind == "group":
            if frame.items > 0 and not frame.word and len(self._frames) > 1:
                self._count_patterns(token, 1)
            frame.items = frame.steps = 0
            if token.text in (".", ";", ","):
                frame.word = ""

    def _count_step(self, token: Token) -> None:
        if token.text not in _STEPS:
            return
        group = next(frame for frame in reversed(self._frames) if frame.kind == "group")
        group.steps += 1
        if token.text == "/":
            self._count_patterns(token, 1)
        if group.steps > self._limits.path_steps:
            self._refuse(token, "path_steps", f"a property path has more than {self._limits.path_steps} steps")

    def _count_operator(self, token: Token) -> None:
        self._operators += 1
        if self._operators > self._limits.operators:
            self._refuse(
                token, "operators", f"the query has more than {self._limits.operators:,} operators, calls and clauses"
            )

    def _count_patterns(self, token: Token, count: int) -> None:
        self._patterns += count
        if self._patterns > self._limits.patterns:
            self._refuse(
                token, "patterns", f"the query has more than {self._limits.patterns:,} triple patterns and other joins"
            )

    def _count_value(self, token: Token) -> None:
        self._values += 1
        if self._values > self._limits.values:
            self._refuse(token, "values", f"the query has more than {self._limits.values:,} rows of VALUES")

    def _count_column(self, token: Token) -> None:
        self._columns += 1
        if self._columns > self._limits.columns:
            self._refuse(token, "columns", f"the query names more than {self._limits.columns:,} columns")

    def _refuse(self, token: Token, limit: str, message: str) -> NoReturn:
        line, column = place(self._text, token.start)
        raise QueryComplexityError(message, limit=limit, line=line, column=column)


def check_complexity(text: str, tokens: list[Token], limits: Limits) -> None:
    """Nothing, if a query keeps within its limits.

    Raises: QueryComplexityError naming the limit, at the token that is one too many.

    >>> from kg.engine.tokens import tokenise
    >>> query = "ASK { { { } } }"
    >>> check_complexity(query, tokenise(query), Limits(depth=2))
    Traceback (most recent call last):
        ...
    kg.errors.QueryComplexityError: brackets are nested more than 2 deep
    """
    measure = _Measure(text, limits)
    for token in tokens:
        measure.take(token)
