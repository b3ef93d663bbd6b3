"""Where things stand in a query's text: what is code, where a VALUES block is. What it means is left to others."""

from __future__ import annotations

import re

_HIDDEN = re.compile(
    r"'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|<[^<>\"{}|^`\\\x00-\x20]*>"
    r"|#[^\n\r]*",
    re.DOTALL,
)
_FORM = re.compile(r"(?<![\w:?$@-])(SELECT|ASK|CONSTRUCT|DESCRIBE)(?![\w:-])", re.IGNORECASE)


def mask(text: str) -> str:
    """The text with strings, IRIs and comments blanked out, every offset kept.

    >>> mask('ASK { ?a <urn:p> "x" } # end')
    'ASK { ?a             }      '
    """
    return _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def without_comments(text: str) -> str:
    """The text with its comments left out.

    >>> without_comments('ASK { ?a <urn:p#q> "#x" } # end')
    'ASK { ?a <urn:p#q> "#x" } '
    """
    return _HIDDEN.sub(lambda found: "" if found.group().startswith("#") else found.group(), text)


def outermost(masked: str) -> str:
    """What stands outside all braces of a masked text.

    >>> outermost("SELECT * WHERE { { SELECT * { } ORDER BY ?x } } LIMIT 3")
    'SELECT * WHERE  LIMIT 3'
    """
    while (shorter := re.sub(r"\{[^{}]*\}", "", masked)) != masked:
        masked = shorter
    return masked


def prologue(text: str) -> str:
    """Everything before the query's own SELECT, ASK, CONSTRUCT or DESCRIBE: prefixes, base, comments.

    >>> prologue("PREFIX ask: <urn:a#>\\nASK { ask:a ?p ?o }")
    'PREFIX ask: <urn:a#>\\n'
    """
    found = _FORM.search(mask(text))
    return text[: found.start()] if found else text


def form_of(text: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; empty if the text has none of them.

    >>> form_of("prefix : <urn:a#> select * {}")
    'SELECT'
    """
    found = _FORM.search(mask(text))
    return found.group().upper() if found else ""


def values_blocks(masked: str, name: str) -> list[tuple[int, int]]:
    """Where the braces' content of each `VALUES ?name { … }` begins and ends in a masked text.

    >>> values_blocks("ASK { VALUES ?x { 1 } }", "x")
    [(17, 20)]
    """
    pattern = re.compile(rf"\bVALUES\s+[?$]{re.escape(name)}\s*\{{([^{{}}]*)\}}", re.IGNORECASE)
    return [found.span(1) for found in pattern.finditer(masked)]
