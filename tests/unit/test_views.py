"""Views: what is left of the dataset, what is inferred from that, and what is not among the things to choose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build.dataset import open_build
from kg.build.views import View, view_of, view_store
from kg.errors import QueryParameterError
from kg.namespaces import (
    ACCEPTED,
    ENTITIES,
    ID,
    INFERRED,
    ONTOLOGY_GRAPH,
    REFERENCE,
    SELF_DESCRIPTION,
    SOURCE,
    TIME,
    oxus,
)
from kg.project import Project

ACCESSION = ox.NamedNode(ID + "sound-compact-accession-vellmark")
ENVOY = ox.NamedNode(ID + "envoy-of-the-sound-compact-secretary")


@pytest.fixture(scope="module")
def store(mini_build: Path) -> ox.Store:
    return open_build(mini_build)


@pytest.fixture(scope="module")
def rules(real_project: Project) -> Mapping[str, str]:
    return {path.stem: path.read_text("utf-8") for path in real_project.rule_files()}


def graph(store: ox.Store, name: ox.NamedNode) -> set[ox.Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}


def names(store: ox.Store) -> set[str]:
    return {name.value for name in store.named_graphs() if isinstance(name, ox.NamedNode)}


def dates(store: ox.Store, name: str = "hasDate") -> set[str]:
    found = store.quads_for_pattern(ACCESSION, oxus(name), None, ox.DefaultGraph())
    return {str(getattr(quad.object, "value", "")).removeprefix(TIME) for quad in found}


def test_forming_the_accepted_graph_again_from_everything_gives_the_build_s_own(
    store: ox.Store, rules: Mapping[str, str]
) -> None:
    again = view_store(store, View(), rules)
    described = {triple for name in SELF_DESCRIPTION for triple in graph(store, name)}
    assert set(again) == {quad for quad in store if quad.triple not in described}
    assert described


def test_a_document_alone_has_its_passages_and_no_other_s_nor_references(
    store: ox.Store, rules: Mapping[str, str]
) -> None:
    alone = view_store(store, View(source="review"), rules)
    passages = {name for name in names(alone) if name.startswith(SOURCE)}
    assert passages and all(name.startswith(SOURCE + "review/") for name in passages)
    assert not any(name.startswith(REFERENCE) for name in names(alone))
    assert ONTOLOGY_GRAPH.value in names(alone)
    assert graph(alone, ENTITIES) < graph(store, ENTITIES)


def test_what_is_inferred_rests_on_what_is_left(store: ox.Store, rules: Mapping[str, str]) -> None:
    assert dates(store, "hasBestDate") and not dates(view_store(store, View(source="review"), rules), "hasBestDate")
    with_rejected = view_store(store, View(source="review", rejected=True), rules)
    assert dates(with_rejected) == dates(with_rejected, "hasBestDate") == {"1995"}
    for view in (View(source="flyer"), View(reliability="a"), View(rejected=True)):
        formed = view_store(store, view, rules)
        stated = set().union(*(graph(formed, ox.NamedNode(name)) for name in names(formed) if name != ACCEPTED.value))
        assert graph(formed, ACCEPTED) <= stated


def test_rejected_readings_are_let_in_only_if_asked(store: ox.Store, rules: Mapping[str, str]) -> None:
    assert "1995" not in dates(store)
    assert "1995" in dates(view_store(store, View(rejected=True), rules))
    assert "1995" not in dates(view_store(store, View(source="review"), rules))


def test_a_grade_leaves_out_documents_below_it(store: ox.Store, rules: Mapping[str, str]) -> None:
    def documents(view: View) -> set[str]:
        found = names(view_store(store, view, rules))
        return {name[len(SOURCE) :].partition("/")[0] for name in found if name.startswith(SOURCE)}

    assert documents(View(reliability="a")) == {"flyer"}
    assert documents(View(reliability="B")) == {"flyer", "gazette"}
    assert documents(View(reliability="oxus:reliability-c")) == {"flyer", "gazette", "review"}
    assert any(name.startswith(INFERRED) for name in names(view_store(store, View(reliability="a"), rules)))


@pytest.mark.parametrize(
    ("view", "parameter", "right"),
    [
        (View(source="revue"), "source", ["review"]),
        (View(source="nothing-like-it"), "source", ["flyer", "gazette", "review"]),
        (View(reliability="z"), "reliability", list("abcdef")),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    store: ox.Store, rules: Mapping[str, str], view: View, parameter: str, right: list[str]
) -> None:
    with pytest.raises(QueryParameterError) as caught:
        view_store(store, view, rules)
    assert (caught.value.parameter, list(caught.value.suggestions)) == (parameter, right)


def test_parameters_are_read_strictly() -> None:
    assert view_of({"source": ["review"], "rejected": ["true"], "other": ["x"]}) == View("review", None, True)
    assert not view_of({"rejected": ["false"]})
    for wrong in ({"source": ["a", "b"]}, {"reliability": [" "]}, {"rejected": ["yes"]}):
        with pytest.raises(QueryParameterError):
            view_of(wrong)
