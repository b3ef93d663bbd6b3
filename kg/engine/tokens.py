"""The tokens of a SPARQL text, split where the engine splits them. Judging them is left to `guard`.

The engine's parser (spargebra 0.5, a parsing expression grammar over characters) has no tokeniser of its own: `<` opens
an IRI where a term may stand and means "less than" after an operand, keywords need no space after them, and escapes are
read in strings and IRIs only. This module follows it; the guard deals with what could be read in two ways.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kg.errors import QueryComplexityError, QuerySyntaxError

Kind = Literal["iri", "name", "variable", "blank", "string", "language", "number", "word", "mark"]

# SPARQL 1.1 §19.8, as spargebra 0.5 has it: no astral characters in names, and one run of dots in a local name.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_CHARS = f"{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_ESCAPED = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_MORE = rf"(?:[{_CHARS}:\-]|{_ESCAPED})"
_PREFIX = rf"[{_BASE}][{_CHARS}\-]*+(?:\.++[{_CHARS}\-]++)*+"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_ESCAPED}){_MORE}*+(?:\.++{_MORE}++)?+"
_ESCAPE = r"\\(?:[tbnrf\"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"

IRI = re.compile(r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>")
_SKIPPED = re.compile(r"(?:[ \t\n\r]|#[^\r\n]*+)++")
_NAME = re.compile(rf"(?:{_PREFIX})?+:(?:{_LOCAL})?+")
_OTHER = re.compile(
    rf"""
      (?P<variable>[?$][{_BASE}_0-9][{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040]*+)
    | (?P<blank>_:[{_BASE}_0-9][{_CHARS}\-]*+(?:\.++[{_CHARS}\-]++)*+)
    | (?P<string>'''(?:(?:''|')?+(?:[^'\\]|{_ESCAPE}))*+'''
               | \"\"\"(?:(?:\"\"|\")?+(?:[^\"\\]|{_ESCAPE}))*+\"\"\"
               | '(?!'')(?:[^'\\\n\r]|{_ESCAPE})*+'
               | \"(?!\"\")(?:[^\"\\\n\r]|{_ESCAPE})*+\")
    | (?P<language>@[a-zA-Z]++(?:-[a-zA-Z0-9]++)*+(?:--[a-zA-Z]++)?+)
    | (?P<number>(?:[0-9]++\.[0-9]*+|\.[0-9]++|[0-9]++)[eE][+-]?[0-9]++|[0-9]*\.[0-9]++|[0-9]++)
    | (?P<word>[A-Za-z][A-Za-z0-9_]*+)
    | (?P<mark>\^\^|&&|\|\||!=|>=|[{{}}()\[\].,;=>!|/^*+\-?~])
    """,
    re.VERBOSE,
)
_RUN = re.compile(_PREFIX)
_NOT_A_CHARACTER = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u[dD][89a-fA-F]|U0000[dD][89a-fA-F]|U(?!000|0010))")

# The keywords after which parentheses hold expressions, until a WHERE or VALUES.
_CLAUSES = frozenset({"SELECT", "GROUP", "HAVING", "ORDER"})
_PATTERNS = frozenset({"WHERE", "VALUES"})
_CLOSES = {")": "(", "]": "[", "}": "{", "|}": "{|", ">>": "<<", ")>>": "<<("}
_LONG_CLOSERS = {opener: closer for closer, opener in _CLOSES.items() if len(closer) > 1}
_OPERANDS = frozenset({"iri", "name", "variable", "string", "language", "number"})

# What the engine takes for a SERVICE call when it looks for one at this place: no space is needed after its keywords.
_SKIP = r"(?:[ \t\n\r]|#[^\r\n]*+)*+"
_TARGET = (
    rf"(?:[?$][{_BASE}_0-9][{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040]*+|{IRI.pattern}|(?:{_PREFIX})?:(?:{_LOCAL})?)"
)
SERVICE_REACH = re.compile(
    rf"service{_SKIP}(?:silent{_SKIP})?[?$:%\\{_CHARS}.\-]*+(?:{IRI.pattern})?{_SKIP}", re.IGNORECASE | re.ASCII
)
"""How far one must look to see whether there is such a call."""
SERVICE_CALL = re.compile(rf"service{_SKIP}(?:silent{_SKIP})?{_TARGET}{_SKIP}\{{", re.IGNORECASE | re.ASCII)


class Token(NamedTuple):
    """One token: what it is, its text, and where it begins, in characters from 0.

    `depth` counts the brackets around it; `expression` says whether the innermost one (for a parenthesis, itself) holds
    an expression.
    """

    kind: Kind
    text: str
    start: int
    depth: int
    expression: bool


@dataclass
class _Bracket:
    opener: str
    start: int
    expression: bool = False
    """Whether `<` after an operand means "less than" directly inside it."""
    clause: bool = False
    """Whether we stand in a SELECT, GROUP, HAVING or ORDER clause, where each parenthesis opens an expression."""
    pending: bool = False
    """Whether FILTER or BIND has been read and its parenthesis is still to come."""


def place(text: str, offset: int) -> tuple[int, int]:
    r"""Line and column of a character, both from 1, lines ended by `\n` as the engine counts them.

    >>> place("ASK\n{ }", 6)
    (2, 3)
    """
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


_MOST_OPEN = 1000
"""Far above what any engine takes: reading on would only cost time."""


class _Names:
    """Where a name begins. A run of characters that no colon follows holds none: its end is looked for only once.

    Each of its characters might begin one that goes to the run's end: looked for each time, a long run of dots and
    letters would take minutes.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._none_before = 0

    def at(self, position: int) -> str | None:
        """The name that begins at a position."""
        if position < self._none_before:
            return None
        run = _RUN.match(self._text, position)
        if run is not None and not self._text.startswith(":", run.end()):
            self._none_before = run.end()
            return None
        found = _NAME.match(self._text, position)
        return found and found[0]


def tokenise(text: str, most: int | None = None) -> list[Token]:
    """The tokens of a query, without spaces and comments.

    Raises: QuerySyntaxError at the first character that begins no token, and at a bracket without its other half;
            QueryComplexityError at the thousandth bracket that is open, and at the first token after `most`.

    >>> [token.text for token in tokenise("ASK { ?s <urn:p> 'a # b' FILTER(?s<?p) } # c")]
    ['ASK', '{', '?s', '<urn:p>', "'a # b'", 'FILTER', '(', '?s', '<', '?p', ')', '}']
    """
    tokens: list[Token] = []
    names = _Names(text)
    stack = [_Bracket("", 0, clause=True)]
    position, end = 0, len(text)
    while True:
        if skipped := _SKIPPED.match(text, position):
            position = skipped.end()
        if position >= end:
            break
        if len(tokens) == most:
            raise _excess(text, position, "tokens", f"the query has more than {most:,} words, terms and marks")
        token = _next(text, position, stack, tokens[-1] if tokens else None, names)
        _follow(text, token, stack)
        if len(stack) > _MOST_OPEN:
            raise _excess(text, position, "depth", f"brackets are nested more than {_MOST_OPEN:,} deep")
        tokens.append(token._replace(expression=stack[-1].expression) if token.text == "(" else token)
        position += len(token.text)
    if len(stack) > 1:
        raise _fault(text, stack[-1].start, f"this {stack[-1].opener} is never closed")
    return tokens


def token_at(tokens: list[Token], offset: int) -> int | None:
    """The index of the token that covers a character; none for one in a comment or a space."""
    index = bisect_right(tokens, offset, key=lambda token: token.start) - 1
    if index < 0 or offset >= tokens[index].start + len(tokens[index].text):
        return None
    return index


def _next(text: str, position: int, stack: list[_Bracket], previous: Token | None, names: _Names) -> Token:
    inside = stack[-1]
    depth = len(stack) - 1
    closer = _LONG_CLOSERS.get(inside.opener)
    if closer and text.startswith(closer, position):
        return Token("mark", closer, position, depth, inside.expression)
    if text.startswith("{|", position):
        return Token("mark", "{|", position, depth, inside.expression)
    if text[position] == "<":
        return _angle(text, position, inside, depth, previous)
    if name := names.at(position):
        return Token("name", name, position, depth, inside.expression)
    found = _OTHER.match(text, position)
    if found is None:
        raise _fault(text, position, _reason(text, position))
    kind: Kind = found.lastgroup  # type: ignore[assignment]
    if kind == "string" and _NOT_A_CHARACTER.search(found[0]):
        raise _fault(text, position, "this string has an escape that stands for no character")
    return Token(kind, found[0], position, depth, inside.expression)


def _angle(text: str, position: int, inside: _Bracket, depth: int, previous: Token | None) -> Token:
    """`<`: an operator after an operand of an expression, else the begin of an IRI or of a triple."""
    if inside.expression and previous is not None and _ends_operand(previous):
        operator = "<=" if text.startswith("<=", position) else "<"
        return Token("mark", operator, position, depth, True)
    if found := IRI.match(text, position):
        return Token("iri", found[0], position, depth, inside.expression)
    for opener in ("<<(", "<<"):
        if text.startswith(opener, position):
            return Token("mark", opener, position, depth, inside.expression)
    raise _fault(text, position, "this < begins no IRI: a character in it is not allowed, or its > is missing")


def _ends_operand(token: Token) -> bool:
    if token.kind == "word":
        return token.text in ("true", "false")
    return token.kind in _OPERANDS or token.text in (")", "}", ")>>")


def _follow(text: str, token: Token, stack: list[_Bracket]) -> None:
    """Keep the brackets, and what each of them holds, in step with a token just read."""
    inside = stack[-1]
    if token.kind == "word":
        word = token.text.upper()
        if word in _CLAUSES:
            inside.clause = True
        elif word in _PATTERNS:
            inside.clause = False
        elif word in ("FILTER", "BIND"):
            inside.pending = True
    elif token.kind == "mark":
        if token.text == "(":
            expression = inside.expression or inside.clause or inside.pending
            inside.pending = False
            stack.append(_Bracket("(", token.start, expression=expression))
        elif token.text in ("{", "[", "{|", "<<", "<<("):
            inside.pending = False
            stack.append(_Bracket(token.text, token.start))
        elif token.text in _CLOSES:
            if inside.opener != _CLOSES[token.text]:
                raise _fault(text, token.start, f"this {token.text} closes no {_CLOSES[token.text]}")
            stack.pop()


def _reason(text: str, position: int) -> str:
    rest = text[position : position + 2]
    if rest[0] == "\\":
        return "a backslash stands outside a string; \\u escapes are read inside strings and IRIs only"
    if rest[0] in "\"'":
        return f"the string that begins here is never closed by {rest[0]}, or has an escape that SPARQL does not know"
    if rest[0] == "\0":
        return "a null character stands here"
    if rest[0].isspace() or not rest[0].isprintable():
        return f"the character U+{ord(rest[0]):04X} stands here, which SPARQL does not take for a space"
    return f"{rest[0]} begins nothing that SPARQL knows"


def _excess(text: str, offset: int, limit: str, message: str) -> QueryComplexityError:
    line, column = place(text, offset)
    return QueryComplexityError(message, limit=limit, line=line, column=column)


def _fault(text: str, offset: int, message: str) -> QuerySyntaxError:
    line, column = place(text, offset)
    return QuerySyntaxError(message, line=line, column=column)
