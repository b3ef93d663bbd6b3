"""What may be asked: queries of a size that the engine can plan, which change nothing and call nobody.

How tokens are split is `tokens`' business. A query that passes can still run too long or need too much: that is left
to the worker's limits.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from kg.engine.calls import allowed_calls
from kg.engine.complexity import Limits as Limits
from kg.engine.complexity import check_complexity
from kg.engine.formats import Kind
from kg.engine.keywords import FORMS, KEYWORDS, UPDATES
from kg.engine.momentary import holds_for_the_moment
from kg.engine.prefixes import read_prologue, undeclared_prefix
from kg.engine.tokens import IRI, SERVICE_CALL, SERVICE_REACH, Token, place, token_at, tokenise
from kg.errors import QueryComplexityError, QueryRefusedError, QuerySyntaxError

_SERVICE = re.compile("service", re.IGNORECASE | re.ASCII)
_PERHAPS = "this could be read as a SERVICE call, which is not made here; if it is none, write a . before the {"
_UNSURE = "whether this SERVICE call stands in a string is unclear: write a space after each < that means less than"
_MOST_LOOKED_AT = 1_000_000
"""How many characters are looked at for SERVICE, some many times: this takes a tenth of a second."""
_HAS_SCHEME_AND_HOST = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")


class QueryForm(StrEnum):
    """The four forms of a query."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def kind(self) -> Kind:
        """The kind of answer that it has: a table or boolean, or a graph."""
        return "results" if self in (QueryForm.SELECT, QueryForm.ASK) else "graph"


def decode_query(data: bytes) -> str:
    """A query's text from the bytes of a request, which are UTF-8; a byte order mark at the begin is dropped.

    Raises: QuerySyntaxError at the first byte that is not UTF-8.

    >>> decode_query(b"ASK { }")
    'ASK { }'
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = place(before, len(before))
        message = f"the query is not UTF-8: byte {error.start} is 0x{data[error.start]:02X}"
        raise QuerySyntaxError(message, line=line, column=column) from error


@dataclass(frozen=True)
class Judged:
    """A query that may be put to the engine; one that `calls` services, to a federating worker.

    The answer of a `momentary` one holds for this moment only.
    """

    form: QueryForm
    calls: bool
    momentary: bool


def check_query(
    text: str,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    services: Collection[str] = (),
) -> QueryForm:
    """The form of a query that may be put to the engine.

    Raises: as `judge` does.

    >>> check_query("SELECT * { ?s ?p 'SERVICE <http://example.org/> {' }").kind
    'results'
    """
    return judge(text, limits, services).form


def judge(
    text: str,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    services: Collection[str] = (),
) -> Judged:
    """What a query is that may be put to the engine, from one look at its tokens.

    Raises: QuerySyntaxError for what has no tokens of SPARQL; QueryRefusedError for updates and any other SERVICE;
            QueryComplexityError for what is larger or deeper than `limits` allow.

    >>> judge("SELECT (NOW() AS ?now) {}")
    Judged(form=<QueryForm.SELECT: 'SELECT'>, calls=False, momentary=True)
    >>> judge("DROP ALL")
    Traceback (most recent call last):
        ...
    kg.errors.QueryRefusedError: DROP is an update; this service only answers queries
    """
    _check_size(text, limits)
    tokens = tokenise(text, limits.tokens)
    calls = allowed_calls(text, tokens, services)
    _check_words(text, tokens)
    _check_hidden_service(text, tokens, frozenset(call.start for call in calls))
    if fault := undeclared_prefix(text, tokens):
        raise fault
    check_complexity(text, tokens, limits)
    _, length = read_prologue(tokens)
    if length >= len(tokens):
        line, column = place(text, len(text))
        raise QuerySyntaxError("the query ends before it has asked anything", line=line, column=column)
    first = tokens[length]
    if first.kind != "word" or first.text.upper() not in FORMS:
        line, column = place(text, first.start)
        raise QuerySyntaxError("a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE", line=line, column=column)
    return Judged(QueryForm(first.text.upper()), bool(calls), holds_for_the_moment(tokens))


def _check_size(text: str, limits: Limits) -> None:
    if len(text) > limits.bytes or len(text.encode("utf-8", "surrogatepass")) > limits.bytes:
        message = f"the query is longer than {limits.bytes:,} bytes"
        raise QueryComplexityError(message, limit="bytes")
    if found := re.search("[\x00\ud800-\udfff]", text):
        line, column = place(text, found.start())
        message = f"the character U+{ord(found[0]):04X} stands here, which no text has"
        raise QuerySyntaxError(message, line=line, column=column)


def _check_words(text: str, tokens: list[Token]) -> None:
    for token in tokens:
        if token.kind != "word":
            continue
        word = token.text.upper()
        if word in UPDATES:
            _refuse(text, token.start, f"{word} is an update; this service only answers queries")
        if word not in KEYWORDS:
            line, column = place(text, token.start)
            near = difflib.get_close_matches(word, KEYWORDS, 1)
            message = f"SPARQL has no word {token.text[:40]}" + (f"; perhaps {near[0]}?" if near else "")
            raise QuerySyntaxError(message, line=line, column=column)


def _check_hidden_service(text: str, tokens: list[Token], allowed: Collection[int]) -> None:
    """Refuse what the engine could read as a SERVICE call though it is no word of its own.

    The engine's keywords need no space after them: with `ex:` declared it reads `SERVICEex:a {` as a call to `ex:a`,
    even if `SERVICEex:` is declared too. So each place is looked at where "service", be it in a name, string or
    comment, is followed by a name or IRI and `{`. Elsewhere there can be no call, however tokens are split.
    """
    if allowed and any(_is_ambiguous(text, each) for each in tokens):
        _refuse(text, min(allowed), _UNSURE)
    unsure: bool | None = None
    looked_at = 0
    for found in _SERVICE.finditer(text):
        reach = SERVICE_REACH.match(text, found.start())
        looked_at += reach.end() - reach.start() if reach else 0
        if looked_at > _MOST_LOOKED_AT:
            _refuse(text, found.start(), "the word service stands here in too many places, or in too long a name")
        if found.start() in allowed or not SERVICE_CALL.match(text, found.start()):
            continue
        index = token_at(tokens, found.start())
        token = None if index is None else tokens[index]
        if token is None or token.kind in ("string", "iri"):
            # In a comment, string or IRI: harmless if it is certain that the engine splits tokens as we do up to there.
            unsure = any(_is_ambiguous(text, each) for each in tokens) if unsure is None else unsure
            if unsure:
                _refuse(text, found.start(), _PERHAPS)
        elif token.kind == "name":
            # GRAPH service:x { … } and FROM service:x { … } are no calls: a call stands in a group, as a pattern.
            after_graph = index and tokens[index - 1].text.upper() == "GRAPH"
            if token.depth > 0 and not after_graph:
                _refuse(text, found.start(), _PERHAPS)
        elif token.kind not in ("variable", "blank", "language"):  # which the engine never splits
            _refuse(text, found.start(), _PERHAPS)


def _is_ambiguous(text: str, token: Token) -> bool:
    """Whether a `<` could be read as an IRI and as "less than" so that strings or comments would begin elsewhere."""
    if not token.text.startswith("<") or (found := IRI.match(text, token.start)) is None:
        return False
    return ("'" in found[0] or "#" in found[0]) and not _HAS_SCHEME_AND_HOST.match(found[0])


def _refuse(text: str, offset: int, message: str) -> NoReturn:
    line, column = place(text, offset)
    raise QueryRefusedError(message, line=line, column=column)
