"""The SERVICE calls of a query, and which of them may be made. Making them is left to `kg.federation`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from kg.engine.tokens import Token, place
from kg.errors import QueryRefusedError

NONE_MADE = "SERVICE calls to other servers are not made here"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\\]*")


class Call(NamedTuple):
    """One call: where its keyword begins, the token that names the service, and the service's IRI."""

    start: int
    target: Token
    iri: str


def allowed_calls(text: str, tokens: Sequence[Token], services: Collection[str]) -> list[Call]:
    """The calls of a query, each to one of `services`; words that hold SERVICE in another way are refused.

    A call is the word SERVICE, perhaps SILENT, an absolute IRI or a prefixed name, and `{`, each a token of its own.

    Raises: QueryRefusedError for another service or a variable, and for a call inside another's pattern, which the
            other server would make.

    >>> from kg.engine.tokens import tokenise
    >>> query = "PREFIX ex: <http://e/> SELECT * { SERVICE SILENT ex:sparql { ?s ?p ?o } }"
    >>> [call.iri for call in allowed_calls(query, tokenise(query), {"http://e/sparql"})]
    ['http://e/sparql']
    """
    prefixes = _absolute_prefixes(tokens)
    calls: list[Call] = []
    begin, outside = 0, 0  # the innermost call's pattern: its first token, and the depth of what it stands in
    for index, token in enumerate(tokens):
        if token.kind != "word" or "SERVICE" not in token.text.upper():
            continue
        if not services:
            raise _refused(text, token, NONE_MADE)
        target = _target(tokens, index)
        if target is None:
            message = "a SERVICE call is written SERVICE <…> { … } here, with spaces between and no variable"
            raise _refused(text, token, message)
        if calls and all(each.depth > outside for each in tokens[begin : index + 1]):
            raise _refused(text, token, "a SERVICE call inside another would be made by another server")
        iri = _expanded(target, prefixes)
        if iri is None or iri not in services:
            names = ", ".join(f"<{service}>" for service in sorted(services))
            raise _refused(text, target, f"SERVICE calls are made to {names} only, which this is not to the letter")
        begin, outside = tokens.index(target, index) + 2, token.depth
        calls.append(Call(token.start, target, iri))
    return calls


def with_targets(text: str, calls: Sequence[Call], targets: Sequence[str]) -> str:
    """The query with each call going to another address."""
    for call, target in sorted(zip(calls, targets, strict=True), reverse=True):
        end = call.target.start + len(call.target.text)
        text = f"{text[: call.target.start]}<{target}>{text[end:]}"
    return text


def _target(tokens: Sequence[Token], index: int) -> Token | None:
    """The token that names the service; none if what stands here is not a call written out."""
    if tokens[index].text.upper() != "SERVICE" or tokens[index].depth == 0:
        return None
    after = list(tokens[index + 1 : index + 4])
    if after and after[0].text.upper() == "SILENT":
        after.pop(0)
    if len(after) < 2 or after[0].kind not in ("iri", "name") or after[1].text != "{":
        return None
    return after[0]


def _expanded(target: Token, prefixes: Mapping[str, str]) -> str | None:
    if target.kind == "iri":
        return target.text[1:-1]
    prefix, _, local = target.text.partition(":")
    return prefixes[prefix] + local if prefix in prefixes and "\\" not in local else None


def _absolute_prefixes(tokens: Sequence[Token]) -> dict[str, str]:
    """The prefixes declared once, as an absolute IRI without escapes: what others mean is left to the engine."""
    found: dict[str, str] = {}
    twice = set()
    for index, token in enumerate(tokens[:-2]):
        if token.kind == "word" and token.text.upper() == "PREFIX":
            prefix, iri = tokens[index + 1].text.removesuffix(":"), tokens[index + 2].text[1:-1]
            if prefix in found:
                twice.add(prefix)
            if _ABSOLUTE.fullmatch(iri):
                found[prefix] = iri
            else:
                twice.add(prefix)
    return {prefix: iri for prefix, iri in found.items() if prefix not in twice}


def _refused(text: str, token: Token, message: str) -> QueryRefusedError:
    line, column = place(text, token.start)
    return QueryRefusedError(message, line=line, column=column)
