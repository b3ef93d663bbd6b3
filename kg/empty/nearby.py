"""What would match in place of a triple pattern that does not: turned round, apart, or with another term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox

from kg.empty.asking import Asker
from kg.empty.blame import Culprit
from kg.empty.telling import fitting, listed, place_of, ranked, told
from kg.linting.context import Context, Triple
from kg.linting.near import NEAR
from kg.linting.parts import Part, where
from kg.linting.places import TYPE, shown
from kg.linting.remarks import Remark, note
from kg.namespaces import ACCEPTED, INFERRED
from kg.tracing.patterns import Slot, Triples, Values

_FREE = ox.Variable("near__0")
_PLACES = (2, 0, 1)
"""Object, subject, property: in this order they are left open."""


def near_matches(context: Context, asker: Asker, culprit: Culprit, known: bool = True) -> Iterator[Remark]:
    """What a triple pattern would match if it were a little different; nothing if it is no triple pattern.

    If its property is not `known`, others are not looked for: which there are has been said, or why it fails.

    Raises: OutOfTime.
    """
    if culprit.part.triple is None:
        return
    found = False
    for each in _near_with(context, asker, culprit.part, _rest(asker, culprit), known):
        found = True
        yield each
    if not found and (culprit.alone or culprit.partner is not None):
        # Nothing goes with the rest: then alone, or with what it cannot match, which would not leave a row either.
        partner = () if culprit.partner is None else (culprit.partner,)
        for each in _near_with(context, asker, culprit.part, partner, known):
            yield replace(each, fix="", edits=())


def _near_with(context: Context, asker: Asker, part: Part, rest: Sequence[Part], known: bool) -> Iterator[Remark]:
    """What a triple pattern would match together with some others."""
    assert part.triple is not None
    if found := _turned(context, asker, part, rest) or _apart(context, asker, part, rest):
        yield found
        return
    if isinstance(part.graph, ox.Variable) and (where_else := _elsewhere(context, asker, part)):
        yield where_else
    given = [each for each in rest if isinstance(each.pattern, Values) and each.variables & part.variables]
    for each in given:
        yield from _other_values(context, asker, each, [other for other in (*rest, part) if other is not each])
    for at in _PLACES:
        if isinstance(part.triple[at], ox.Variable) or (at == 1 and (part.triple[1] == TYPE or not known)):
            continue
        if other := _other_terms(context, asker, part, at, rest):
            yield other


def _rest(asker: Asker, culprit: Culprit) -> tuple[Part, ...]:
    """The other parts if they have a solution together; else those before, of which this is known, or none."""
    if not culprit.alone and asker.some(where(culprit.others)):
        return culprit.others
    if culprit.alone:
        return culprit.others if culprit.others and asker.some(where(culprit.others)) else ()
    return culprit.before


def _turned(context: Context, asker: Asker, part: Part, rest: Sequence[Part]) -> Remark | None:
    assert part.triple is not None
    subject, predicate, value = part.triple
    if isinstance(value, ox.Literal) or isinstance(predicate, ox.Variable) or predicate == TYPE:
        return None
    other = replace(part, pattern=Triples(((value, predicate, subject),)))
    if not asker.some(where((*rest, other))):
        return None
    path = f"^{context.write(predicate)}"
    message = f"the wrong direction: {told(other)} matches"
    return note(context.text, "near-direction", context.at(part.triple), message, f"write {path}", path)


def _apart(context: Context, asker: Asker, part: Part, rest: Sequence[Part]) -> Remark | None:
    """Whether it would match in a passage of its own."""
    shared = any(each.graph == part.graph for each in rest)
    if not (isinstance(part.graph, ox.Variable) and shared and asker.some(where((*rest, replace(part, graph=_FREE))))):
        return None
    message = f"no one passage states this and the rest that is asked of {part.graph}; it stands in another"
    return note(context.text, "one-passage", place_of(context, part), message, "give it a GRAPH of its own")


def _elsewhere(context: Context, asker: Asker, part: Part) -> Remark | None:
    """In which graphs it stands, whatever the rest says of the graph."""
    graphs = asker.values(replace(part, graph=_FREE).text, str(_FREE))
    found = [(0.0, each) for each in graphs if isinstance(each, ox.NamedNode) and each != ACCEPTED]
    if not found:
        return None
    inferred = any(graph.value.startswith(INFERRED) for _, graph in found)
    fix = "a rule infers it: with citations an answer names the passages that it follows from" if inferred else ""
    message = f"it stands in {listed(found)}"
    return note(context.text, "near-graph", place_of(context, part), message, fix)


def _other_terms(context: Context, asker: Asker, part: Part, at: int, rest: Sequence[Part]) -> Remark | None:
    """What stands in the graph where the pattern has this term."""
    assert part.triple is not None
    term = part.triple[at]
    opened = replace(part, pattern=Triples((_with(part.triple, at, _FREE),)))
    found = ranked(asker.values(where((*rest, opened)), str(_FREE)), term)
    if at == 1:
        found = [(score, each) for score, each in found if isinstance(each, ox.NamedNode) and each != TYPE]
    free = sum(isinstance(slot, ox.Variable) for slot in part.triple)
    if not found or (free == 2 and not rest and found[0][0] < NEAR):
        return None  # whatever there is
    right = fitting(context, term, found)
    edit = context.write(right) if right is not None else None
    fix = f"write {shown(right)}" if right is not None else ""
    return note(context.text, "near-term", context.at(part.triple, at), _sentence(part, at, found, rest), fix, edit)


def _sentence(part: Part, at: int, found: list[tuple[float, Slot]], rest: Sequence[Part]) -> str:
    assert part.triple is not None
    subject, predicate, value = part.triple
    with_rest = "with the rest of the query " if rest else ""
    if at == 2:
        what = "the class is" if predicate == TYPE else f"{shown(predicate)} leads to"
        return f"not {shown(value)}: {with_rest}{what} {listed(found)}"
    if at == 0:
        return f"not {shown(subject)}: {with_rest}what has such a {shown(predicate)} is {listed(found)}"
    return f"not {shown(predicate)}: {with_rest}the two are tied by {listed(found)}"


def _other_values(context: Context, asker: Asker, given: Part, rest: Sequence[Part]) -> Iterator[Remark]:
    """What a variable that VALUES restricts would be without that."""
    assert isinstance(given.pattern, Values)
    if len(given.pattern.names) != 1:
        return
    (name,) = given.pattern.names
    wanted = [row[0] for row in given.pattern.rows if isinstance(row[0], ox.NamedNode | ox.Literal)]
    if not wanted:
        return
    found = ranked(asker.values(where(rest), str(name)), wanted[0])
    if found:
        only = " or ".join(map(shown, wanted[:3]))
        message = f"{name} is given as {only}: with the rest of the query it is {listed(found)}"
        right = fitting(context, wanted[0], found) if len(wanted) == 1 else None
        edit = context.write(right) if right is not None else None
        at = context.places.find(wanted[0]) or place_of(context, given)
        yield note(context.text, "near-value", at, message, f"write {shown(right)}" if right else "", edit)


def _with(triple: Triple, at: int, slot: Slot) -> Triple:
    subject, predicate, value = (slot if number == at else each for number, each in enumerate(triple))
    return subject, predicate, value
