"""The project's own data: nothing is found wrong with it, and every accepted triple is accounted for."""

from collections.abc import Collection

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from kg.build.accepted import Dataset
from kg.build.dataset import Assembled
from kg.build.rules import infer, read_rules
from kg.checks.run import check_project
from kg.files.pretty import turtle
from kg.findings import Finding
from kg.namespaces import ENTITIES, ID, INFERRED, ONTOLOGY, RDF, REFERENCE
from kg.project import Project

TYPE = ox.NamedNode(RDF + "type")

Checked = tuple[Assembled, Dataset, list[Finding]]


@pytest.fixture(scope="module")
def checked(real_project: Project) -> Checked:
    """Our data, checked once."""
    return check_project(real_project)


@pytest.fixture
def checked_mini(mini_project: Project) -> Checked:
    """The invented project, checked."""
    return check_project(mini_project)


def unaccounted(project: Project, assembled: Assembled, dataset: Dataset) -> list[ox.Triple]:
    """The accepted triples about an `id:` node that no graph of theirs accounts for.

    Such a triple stands in a passage that is not rejected, in a reference graph or in the entities; or the rule that
    has it in its graph infers it again, from a store in which the other statements about `id:` nodes are those alone.
    """
    stating = (assembled.passage_graphs - dataset.rejected) | {
        graph for graph in assembled.graphs if graph == ENTITIES or graph.value.startswith(REFERENCE)
    }
    stated = frozenset().union(*(assembled.graphs[graph] for graph in stating))
    about_others = {triple for graph in assembled.graphs.values() for triple in graph if not is_about_entity(triple)}
    inferred = infer(stated | about_others, read_rules(project))
    rules = {graph: slug for slug in inferred for graph in [ox.NamedNode(INFERRED + slug)]}
    inferred_again = {
        triple
        for graph, triples in dataset.graphs.items()
        if graph in rules
        for triple in triples & inferred[rules[graph]]
    }
    return [one for one in dataset.accepted if is_about_entity(one) and one not in stated and one not in inferred_again]


def is_about_entity(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(ID)


def judgements_of(dataset: Dataset) -> Collection[object]:
    """What describes a judgement is the editors' word, cited as such: it is no statement about an entity."""
    judgement = ox.NamedNode(ONTOLOGY + "Judgement")
    return {triple.subject for triple in dataset.accepted if triple.predicate == TYPE and triple.object == judgement}


def test_nothing_is_wrong_with_our_data(checked: Checked) -> None:
    assert [str(finding) for finding in checked[2]] == []


def test_every_accepted_triple_about_an_entity_is_accounted_for(
    real_project: Project, checked: Checked, capsys: pytest.CaptureFixture[str]
) -> None:
    assembled, dataset, _ = checked
    judgements = judgements_of(dataset)
    exceptions = [one for one in unaccounted(real_project, assembled, dataset) if one.subject not in judgements]
    with capsys.disabled():
        about = sum(is_about_entity(one) for one in dataset.accepted)
        print(f"\naccounting: {about} accepted triples about entities, exceptions: {len(exceptions)}")
    assert [str(one) for one in exceptions] == []


def test_a_triple_that_nothing_accounts_for_is_noticed(mini_project: Project, checked_mini: Checked) -> None:
    assembled, dataset, _ = checked_mini
    judgements = judgements_of(dataset)
    assert [one for one in unaccounted(mini_project, assembled, dataset) if one.subject not in judgements] == []
    rejected = next(one for graph in dataset.rejected for one in dataset.graphs[graph] if one not in dataset.accepted)
    invented = ox.Triple(ox.NamedNode(ID + "vellmark"), ox.NamedNode(ONTOLOGY + "isNear"), ox.NamedNode(ID + "ostrany"))
    tainted = Dataset(dataset.graphs, dataset.accepted | {rejected, invented}, dataset.rejected)
    assert set(unaccounted(mini_project, assembled, tainted)) - set(unaccounted(mini_project, assembled, dataset)) == {
        rejected,
        invented,
    }


def test_every_term_of_ours_that_the_build_writes_is_declared(checked: Checked) -> None:
    dataset = checked[1]
    declared = {
        one.subject.value for one in dataset.accepted if one.predicate == TYPE and isinstance(one.subject, ox.NamedNode)
    }
    used = {
        term.value for one in dataset.accepted for term in (one.predicate, one.object) if isinstance(term, ox.NamedNode)
    }
    assert sorted(term for term in used if term.startswith(ONTOLOGY) and term not in declared) == []


def test_the_turtle_dump_is_isomorphic_to_the_default_graph_in_rdflib(checked: Checked) -> None:
    assembled, dataset, _ = checked
    dump = turtle(dataset.accepted, [document.slug for document in assembled.documents.values()])
    default = ox.serialize(dataset.accepted, format=ox.RdfFormat.N_TRIPLES)
    assert isomorphic(Graph().parse(data=dump, format="turtle"), Graph().parse(data=default, format="nt"))
