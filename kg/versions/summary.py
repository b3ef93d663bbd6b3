"""How much changed between two versions, in words: the feed and the command line say the same of it."""

from __future__ import annotations

from collections.abc import Mapping

NOUNS = {"things": "thing", "judgements": "judgement", "passages": "passage"}


def counted(number: int, noun: str) -> str:
    """A number of things; the noun with an s behind it unless it is one.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def in_words(summary: Mapping[str, int]) -> str:
    """The counts of `Changes.summary`.

    >>> print(in_words({"added": 1, "removed": 2, "things": 0, "judgements": 1, "passages": 3, "unnamed": 0}))
    1 statement added, 2 removed; 0 things, 1 judgement and 3 passages changed
    """
    things, judgements, passages = (counted(summary[name], noun) for name, noun in NOUNS.items())
    told = f"{counted(summary['added'], 'statement')} added, {summary['removed']:,} removed"
    told += f"; {things}, {judgements} and {passages} changed"
    if summary["unnamed"]:
        told += f"; {counted(summary['unnamed'], 'statement')} of nodes without a name not compared"
    return told
