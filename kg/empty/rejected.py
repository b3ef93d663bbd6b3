"""Whether readings that judgements reject would have matched, and which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyoxigraph as ox

from kg.empty.asking import Asker
from kg.linting.places import shown
from kg.linting.remarks import Remark
from kg.namespaces import ACCEPTED, JUDGEMENTS, oxus

MOST_READINGS = 50
Over = Callable[[Sequence[str]], Asker]
"""An asker whose default graph is made of these graphs."""


def rejected_readings(store: ox.Store, over: Over, where: str) -> Iterator[Remark]:
    """The rejected passages with which a group has a solution, each with its judgement.

    Raises: OutOfTime.
    """
    readings = {quad.object: quad.subject for quad in store.quads_for_pattern(None, oxus("rejects"), None, JUDGEMENTS)}
    passages = [each for each in readings if isinstance(each, ox.NamedNode)][:MOST_READINGS]
    if not passages or not over([ACCEPTED.value, *(each.value for each in passages)]).some(where):
        return
    for passage in passages:
        if over([ACCEPTED.value, passage.value]).some(where):
            judgement = readings[passage]
            assert isinstance(judgement, ox.NamedNode)
            gist = _text(store, passage, "gist")
            message = f"a reading that is rejected would match: {shown(passage)}{f' (“{gist}”)' if gist else ''}"
            reason = _text(store, judgement, "reason")
            fix = f"{shown(judgement)} rejects it{f': {reason}' if reason else ''} With rejected=true it counts."
            yield Remark("rejected-reading", message, fix, severity="note")


def _text(store: ox.Store, subject: ox.NamedNode, name: str) -> str:
    values = (quad.object for quad in store.quads_for_pattern(subject, oxus(name), None, None))
    return next((value.value for value in values if isinstance(value, ox.Literal)), "")
