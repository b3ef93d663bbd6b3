from collections.abc import Callable

import pyoxigraph as ox

from kg.build.accepted import accept, accepted_triples, rejected_graphs
from kg.build.dataset import assemble
from kg.build.rules import read_rules
from kg.namespaces import ACCEPTED, ID, INFERRED, SOURCE, oxus
from kg.project import Project

Amend = Callable[[str, str, str], int]
NORTH, SOUTH, ADA = (ox.NamedNode(ID + name) for name in ("north-light", "south-light", "ada"))
HEIGHT = ox.Triple(NORTH, oxus("height"), ox.Literal(9))


def test_a_rejected_passage_stays_out_of_the_accepted_graph_and_in_its_own(tiny_project: Project) -> None:
    assembled = assemble(tiny_project)
    rejected = ox.NamedNode(SOURCE + "report-1/20-60")
    assert rejected_graphs(assembled) == {rejected}
    assert HEIGHT not in accepted_triples(assembled)
    assert HEIGHT in accept(assembled, []).graphs[rejected]


def test_a_triple_that_another_passage_states_too_is_accepted(tiny_project: Project, amend: Amend) -> None:
    amend(
        "data/passages/report-1.trig",
        "    id:south-light\n",
        "    id:north-light oxus:height 9 .\n    id:south-light\n",
    )
    assert HEIGHT in accepted_triples(assemble(tiny_project))


def test_every_graph_that_is_not_rejected_is_accepted(tiny_project: Project) -> None:
    assembled = assemble(tiny_project)
    everything = {quad.triple for quad in assembled.quads()}
    left_out = everything - accepted_triples(assembled)
    assert {triple.predicate for triple in left_out} == {oxus("height"), oxus("when")}


def test_what_rules_infer_is_accepted_and_stands_in_the_rule_s_graph(tiny_project: Project) -> None:
    dataset = accept(assemble(tiny_project), read_rules(tiny_project))
    near = {ox.Triple(NORTH, oxus("isNear"), SOUTH), ox.Triple(SOUTH, oxus("isNear"), NORTH)}
    assert dataset.graphs[ox.NamedNode(INFERRED + "near")] == near
    assert near <= dataset.accepted
    assert ACCEPTED not in dataset.graphs
