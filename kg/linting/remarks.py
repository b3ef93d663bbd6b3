"""What is said of a query: one frozen record with its place and what to do. Finding it is left to the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kg.engine.tokens import place

Severity = Literal["error", "warning", "note"]
"""It can match nothing; it may not be what was meant; something worth knowing beside it."""
MOST = 30
"""Remarks on one query: who makes more mistakes begins with the first."""
AT_FAULT = "matches-nothing"
"""The rule of a remark that names the part which leaves nothing; how to mend it is said by others."""
_LONGEST = 300


@dataclass(frozen=True)
class Edit:
    """What stands from `begin` to `end` (in code points from 0) is to become `text`."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Remark:
    """One thing that is wrong or strange in a query: a sentence, what to do, and where that is plain, how to write it.

    >>> print(Remark("unknown-class", "there is no class ex:Rivr", "write ex:River", 2, 5))
    2:5: error: there is no class ex:Rivr [unknown-class] — write ex:River
    """

    rule: str
    message: str
    fix: str = ""
    line: int | None = None
    column: int | None = None
    edits: tuple[Edit, ...] = ()
    severity: Severity = "error"
    parameter: str = ""
    values: tuple[str, ...] = ()
    """The parameter of a canned query that it is about, and values of it that give rows."""

    def __str__(self) -> str:
        where = f"{self.line}:{self.column}: " if self.line is not None else ""
        fix = f" — {self.fix}" if self.fix else ""
        return f"{where}{self.severity}: {self.message} [{self.rule}]{fix}"

    def as_json(self) -> dict[str, Any]:
        """The remark as clients get it."""
        about = {"parameter": self.parameter, "values": list(self.values)} if self.parameter else {}
        return {
            **about,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "fix": self.fix,
            "line": self.line,
            "column": self.column,
            "edits": [{"begin": each.begin, "end": each.end, "text": each.text} for each in self.edits],
        }


def mended(text: str, edits: Sequence[Edit]) -> str:
    """The text with some edits made.

    >>> mended("ASK { ?x a ex:Rivr }", [Edit(11, 18, "ex:River")])
    'ASK { ?x a ex:River }'
    """
    for edit in sorted(edits, key=lambda each: each.begin, reverse=True):
        text = text[: edit.begin] + edit.text + text[edit.end :]
    return text


def mended_by(text: str, remarks: Sequence[Remark]) -> str | None:
    """The text with every error mended, else with the first other edit made; None if that cannot be.

    >>> errors = [Remark("a", "", edits=(Edit(0, 1, "A"),)), Remark("b", "", edits=(Edit(0, 2, "B"),))]
    >>> mended_by("abc", errors)
    'Abc'
    >>> mended_by("abc", [*errors, Remark("c", "what no edit mends")]) is None
    True
    """
    wanted = [each for each in remarks if each.severity == "error" and each.rule != AT_FAULT]
    if not all(each.edits for each in wanted):
        return None
    wanted = wanted or [each for each in remarks if each.edits][:1]
    made: list[Edit] = []
    for each in wanted:
        if not any(new.begin < old.end and old.begin < new.end for new in each.edits for old in made):
            made += each.edits
    return mended(text, made) if made else None


def remark(
    text: str,
    rule: str,
    at: tuple[int, int] | None,
    message: str,
    fix: str = "",
    edit: str | None = None,
    severity: Severity = "error",
) -> Remark:
    """A remark on what stands `at` a begin and end in the text; `edit` is what to write there instead."""
    line, column = place(text, at[0]) if at is not None else (None, None)
    edits = (Edit(*at, edit),) if at is not None and edit is not None else ()
    return Remark(rule, _short(message), _short(fix), line, column, edits, severity)


def note(
    text: str, rule: str, at: tuple[int, int] | None, message: str, fix: str = "", edit: str | None = None
) -> Remark:
    """A remark on something worth knowing."""
    return remark(text, rule, at, message, fix, edit, "note")


def chosen(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The remarks in the order of the text, errors before warnings at one place, each once, and no more than `MOST`."""
    once = dict.fromkeys(remarks)
    ordered = sorted(once, key=lambda each: (each.line or 0, each.column or 0, each.severity))
    return tuple(ordered[:MOST])


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 1] + "…"
