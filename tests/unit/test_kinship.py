"""Two documents that share ancestry are one witness; references are witnesses, graphs of our own are none."""

from __future__ import annotations

import pyoxigraph as ox

from kg.namespaces import ENTITIES, REFERENCE, SOURCE, oxus
from kg.tracing.kinship import Kinship


def node(path: str) -> ox.NamedNode:
    return ox.NamedNode(SOURCE + path)


def kinship(*kin: tuple[str, str]) -> Kinship:
    store = ox.Store()
    for slug in "abcd":
        store.add(ox.Quad(node(f"{slug}/0-9"), oxus("isPassageOf"), node(slug)))
        store.add(ox.Quad(node(f"{slug}/9-12"), oxus("isPassageOf"), node(slug)))
    for one, other in kin:
        store.add(ox.Quad(node(one), oxus("sharesAncestryWith"), node(other)))
    return Kinship(store)


def test_passages_of_one_document_are_one_source() -> None:
    assert kinship().independent([node("a/0-9"), node("a/9-12")]) == 1
    assert kinship().independent([node("a/0-9"), node("b/0-9")]) == 2


def test_kin_count_once_through_a_third_too() -> None:
    assert kinship(("a", "b")).independent([node("a/0-9"), node("b/0-9")]) == 1
    assert kinship(("a", "b"), ("c", "b")).independent([node("a/0-9"), node("c/0-9")]) == 1
    assert kinship(("a", "b"), ("c", "d"), ("d", "a")).independent([node(f"{x}/0-9") for x in "abcd"]) == 1


def test_a_reference_is_a_source_and_our_own_graphs_are_none() -> None:
    assert kinship().independent([ox.NamedNode(REFERENCE + "atlas"), node("a/0-9")]) == 2
    assert kinship().independent([ENTITIES]) == 0
