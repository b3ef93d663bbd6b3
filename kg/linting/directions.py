"""Properties asked of what never has them: the wrong way round, of a class beside, or of one a node further."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.linting.context import Context, Level, Step, Triple
from kg.linting.places import TYPE, shown
from kg.linting.remarks import Remark, remark
from kg.linting.summary import NONE, Iris
from kg.namespaces import BASE


def misdirected(context: Context) -> Iterator[Remark]:
    """Triple patterns whose property the subject's class never has, or whose object it never leads to."""
    for level in context.levels():
        # What a passage says may be rejected, and is then not summed up.
        for triple in (part.triple for part in level.parts if part.triple is not None and part.graph is None):
            subject, predicate, value = triple
            if not isinstance(predicate, ox.NamedNode) or predicate == TYPE or not context.has(None, predicate, None):
                continue
            if context.has(subject, predicate, value) and not _variable_types(context, level, triple):
                continue
            found = _wrong_subject(context, level, triple) or _wrong_object(context, level, triple)
            if found is not None and (level.needed or found.rule == "wrong-direction"):
                yield found


def _variable_types(context: Context, level: Level, triple: Triple) -> bool:
    """Whether the query says what a variable of the pattern is: then a triple found need not be one that matches."""
    ends = (triple[0], triple[2])
    return any(isinstance(end, ox.Variable) and context.classes(end, level) for end in ends)


def _wrong_subject(context: Context, level: Level, triple: Triple) -> Remark | None:
    subject, predicate, value = triple
    assert isinstance(predicate, ox.NamedNode)
    summary, classes = context.summary, context.classes(subject, level)
    own = context.own(subject, level)
    users = summary.users.get(predicate.value, NONE)
    if not own or not users or not own <= set(summary.uses) or own & users:
        return None
    told = context.listed(summary.narrowest(own, predicate.value)[:2], " and ")
    message = (
        f"no {told} has {shown(predicate)}: it is said of {context.listed(summary.told_of(predicate.value), most=3)}"
    )
    if classes & summary.values(predicate.value).classes and _matches_turned(context, level, triple):
        return _turned(context, triple, f"the wrong direction: {message}")
    # A property of one class says what is meant, and is reached over a node; one of many stands for another.
    for way in (_over_a_node, _beside) if len(summary.told_of(predicate.value)) == 1 else (_beside,):
        if found := way(context, level, triple, own):
            path, fix = found
            return remark(context.text, "wrong-subject", context.at(triple), message, fix, path)
    return remark(context.text, "wrong-subject", context.at(triple), message)


def _wrong_object(context: Context, level: Level, triple: Triple) -> Remark | None:
    subject, predicate, value = triple
    assert isinstance(predicate, ox.NamedNode)
    summary, use = context.summary, context.summary.values(predicate.value)
    own = context.own(value, level)
    if not own or not (use.classes or use.datatypes) or own & use.classes or not own <= set(summary.uses):
        return None
    leads = context.listed(_told_range(context, predicate.value), most=3) or "a literal"
    message = f"{shown(predicate)} never leads to {context.listed(summary.narrowest(own, '')[:2])}, but to {leads}"
    if own & summary.users.get(predicate.value, NONE) and _matches_turned(context, level, triple):
        return _turned(context, triple, f"the wrong direction: {message}")
    return remark(context.text, "wrong-object", context.at(triple), message)


def _matches_turned(context: Context, level: Level, triple: Triple) -> bool:
    """Whether the pattern can match the other way round, as far as its terms are known."""
    subject, predicate, value = triple
    assert isinstance(predicate, ox.NamedNode)
    if isinstance(subject, ox.NamedNode) or isinstance(value, ox.NamedNode):
        return context.has(value, predicate, subject)
    known = context.classes(value, level)
    return not known or not known.isdisjoint(context.summary.told_of(predicate.value))


def _turned(context: Context, triple: Triple, message: str) -> Remark:
    path = f"^{context.write(triple[1])}"
    fix = f"turn the pattern round, or write {path}"
    return remark(context.text, "wrong-direction", context.at(triple), message, fix, path)


def _over_a_node(context: Context, level: Level, triple: Triple, own: Iris) -> tuple[str, str] | None:
    """A path to the property by way of a node that has it, and how that is told."""
    summary, predicate = context.summary, triple[1]
    assert isinstance(predicate, ox.NamedNode)
    start, end = (triple[0], own), (triple[2], context.own(triple[2], level))
    for middle in summary.narrowest(summary.users.get(predicate.value, NONE), predicate.value)[:4]:
        node, last = context.listed([middle]), (predicate.value, False)
        for each, reached in _most_used(context, middle):
            if reached & own and each != predicate.value and context.leads([(each, True), last], start, end):
                path = f"^{context.write(each)}/{context.write(predicate)}"
                return path, f"ask it of the {node} whose {context.listed([each])} it is: write {path}"
        for name in sorted(own):
            for each, reached in _most_used(context, name):
                if each == predicate.value or middle not in reached:
                    continue
                if end[1] and context.leads([(each, False)], start, end):
                    return context.write(each), f"what ties the two is {shown(ox.NamedNode(each))}"
                if context.leads([(each, False), last], start, end):
                    path = f"{context.write(each)}/{context.write(predicate)}"
                    return path, f"ask it of the {node} that {context.listed([each])} leads to: write {path}"
    return None


def _beside(context: Context, level: Level, triple: Triple, own: Iris) -> tuple[str, str] | None:
    """Another property between such a subject and what the property leads to, as a path, and how that is told."""
    summary, predicate = context.summary, triple[1]
    assert isinstance(predicate, ox.NamedNode)
    wanted = context.own(triple[2], level)
    if isinstance(triple[2], ox.Variable) and not wanted:
        wanted = frozenset(summary.narrowest(summary.values(predicate.value).classes, predicate.value))
    if not wanted:
        return None
    ways: dict[Step, int] = {}
    for classes, others, backwards in ((own, wanted, False), (wanted, own, True)):
        for name in classes & set(summary.uses):
            for each, use in summary.uses[name].items():
                if each.startswith(BASE) and summary.upwards(use.classes) & others:
                    ways[each, backwards] = max(use.count, ways.get((each, backwards), 0))
    for each, backwards in sorted(ways, key=lambda way: (-ways[way], way)):
        if context.leads([(each, backwards)], (triple[0], own), (triple[2], wanted)):
            path = f"{'^' if backwards else ''}{context.write(each)}"
            return path, f"what ties the two is {path}"
    return None


def _most_used(context: Context, name: str) -> list[tuple[str, Iris]]:
    """Our properties of a class, the most used first, with the classes that each leads to."""
    uses = context.summary.uses.get(name, {})
    ordered = sorted(uses, key=lambda each: (-uses[each].count, each))
    return [(each, context.summary.upwards(uses[each].classes)) for each in ordered if each.startswith(BASE)]


def _told_range(context: Context, predicate: str) -> list[str]:
    declared = [name for name in context.summary.ranges.get(predicate, ()) if name in context.summary.classes]
    classes = context.summary.values(predicate).classes
    ours = frozenset(each for each in classes if each.startswith(BASE))
    return declared or context.summary.narrowest(ours, predicate)
