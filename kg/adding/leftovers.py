"""The mark that `kg add` leaves on what nobody has looked at yet, and where it still stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.files.turtle import LEXEME, ParsedFile
from kg.findings import Finding

MARK = "not yet curated"
_MARKED = re.compile(rf"#+\s*{MARK}\b:?\s*(?P<proposal>.*)", re.IGNORECASE)
_SHOWN = 100


def marked(proposal: str) -> str:
    """A proposal as a comment of its own.

    >>> marked("span:2002")
    '# not yet curated: span:2002'
    """
    return f"# {MARK}: {' '.join(proposal.split())}"


def leftover_findings(files: Iterable[ParsedFile]) -> Iterator[Finding]:
    """A finding for each comment that still bears the mark; strings may say what they like."""
    for file in files:
        if MARK not in file.text.casefold():
            continue
        line = 1
        for match in LEXEME.finditer(file.text):
            lexeme = match.group()
            if lexeme.startswith("#") and (found := _MARKED.match(lexeme)):
                proposal = found["proposal"]
                shown = proposal if len(proposal) <= _SHOWN else f"{proposal[:_SHOWN]}…"
                message = f"{MARK}: {shown}" if shown else f"a line is marked as {MARK}"
                fix = "write what the text states, or drop the proposal, and remove the comment"
                yield Finding(file.shown_as, line, "not-yet-curated", message, fix)
            line += lexeme.count("\n")
