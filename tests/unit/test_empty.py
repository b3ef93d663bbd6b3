"""Why an answer is empty: the part at fault is named, what is near is told, and time is kept."""

from __future__ import annotations

import time

import pyoxigraph as ox
import pytest

from kg.empty.asking import Asker, OutOfTime
from kg.empty.explaining import Asked, explained
from kg.linting.remarks import Remark, mended_by
from kg.namespaces import PREFIXES

PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("graph", "id", "oxus", "rdfs", "xsd"))
WORLD = """
GRAPH graph:accepted { id:anna oxus:crosses id:swift }
GRAPH graph:judgements {
  id:judgement oxus:rejects <https://w3id.org/oxus/source/log/5-9> ; oxus:reason "The Slow has no ferry."@en .
}
GRAPH <https://w3id.org/oxus/source/log/5-9> { id:berta oxus:crosses id:slow }
GRAPH <https://w3id.org/oxus/source/log/1-2> { id:anna oxus:crosses id:swift }
GRAPH <https://w3id.org/oxus/source/log/3-4> { id:anna oxus:tonnage 40 }
<https://w3id.org/oxus/source/log/1-2> oxus:isPassageOf id:log .
id:anna a oxus:Ferry ; rdfs:label "Anna"@en ; oxus:crosses id:swift ; oxus:tonnage 40 ; oxus:hasStatus oxus:planned .
id:berta a oxus:Ferry ; rdfs:label "Berta"@en ; oxus:tonnage 60 ; oxus:hasStatus oxus:planned .
id:carla a oxus:Barge ; rdfs:label "Carla"@en ; oxus:tonnage 90 .
id:swift a oxus:River ; rdfs:label "Swift"@en .
id:slow a oxus:River ; rdfs:label "Slow"@en .
"""


@pytest.fixture(scope="module")
def world() -> ox.Store:
    store = ox.Store()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    store.load(prefixes + WORLD, format=ox.RdfFormat.TRIG)
    return store


def said(world: ox.Store, query: str, **canned: object) -> list[Remark]:
    remarks, complete = explained(world, Asked(PROLOGUE + query, **canned), within_s=30)  # type: ignore[arg-type]
    assert complete
    return remarks


def rules(remarks: list[Remark]) -> list[str]:
    return [remark.rule for remark in remarks]


def found(remarks: list[Remark], rule: str) -> Remark:
    (remark,) = [each for each in remarks if each.rule == rule]
    return remark


FAULTS = {
    "SELECT * { ?x a oxus:Ferry . ?x oxus:crosses id:slow }": "nothing matches ?x oxus:crosses id:slow",
    "ASK { id:carla oxus:crosses ?r }": "nothing matches id:carla oxus:crosses ?r",
    "SELECT * { ?x a oxus:Barge . ?x oxus:crosses ?r }": (
        "nothing matches both ?x a oxus:Barge and ?x oxus:crosses ?r, though each has matches"
    ),
    "SELECT * { ?x oxus:tonnage ?n FILTER(?n > 500) }": (
        'FILTER (?n > "500"^^xsd:integer) leaves none of the 3 solutions before it'
    ),
    "SELECT * { ?x oxus:tonnage ?n MINUS { ?x rdfs:label ?l } }": (
        "MINUS { ?x rdfs:label ?l } leaves none of the 3 solutions before it"
    ),
    "SELECT * { { ?x a oxus:Ferry ; oxus:crosses id:slow } UNION { ?x a oxus:Barge ; oxus:crosses ?r } }": (
        "nothing matches the UNION"
    ),
    "SELECT * { ?x a oxus:Barge . ?x oxus:crosses* id:swift }": (
        "nothing matches both ?x a oxus:Barge and ?x (oxus:crosses*) id:swift, though each has matches"
    ),
    "SELECT * { { SELECT ?x { ?x a oxus:Barge ; oxus:crosses ?r } } ?x rdfs:label ?l }": (
        "nothing matches both ?x a oxus:Barge and ?x oxus:crosses ?r, though each has matches"
    ),
}


@pytest.mark.parametrize(("query", "fault"), FAULTS.items())
def test_the_part_at_fault_is_named(world: ox.Store, query: str, fault: str) -> None:
    assert said(world, query)[0].message == fault


def test_inside_a_union_each_way_is_told(world: ox.Store) -> None:
    query = "SELECT * { { ?x a oxus:Ferry ; oxus:crosses id:slow } UNION { ?x a oxus:Barge ; oxus:crosses ?r } }"
    faults = [remark.message for remark in said(world, query) if remark.rule == "matches-nothing"]
    assert len(faults) == 3 and "id:slow" in faults[1] and "oxus:Barge" in faults[2]


NEAR = {
    'SELECT * { ?x a oxus:Ferry ; rdfs:label "Ana"@en }': ("near-term", '"Anna"@en'),
    "SELECT * { ?x a oxus:Barge ; rdfs:label ?l FILTER(STR(?l) = 'carla') }": ("near-value", '"Carla"'),
    "SELECT * { VALUES ?r { id:swiift } id:anna oxus:crosses ?r }": ("near-value", "id:swift"),
    "SELECT * { ?x oxus:tonnage ?n } OFFSET 3": ("beyond-the-end", ""),
}


@pytest.mark.parametrize(("query", "right"), NEAR.items())
def test_what_is_near_is_told_and_leads_to_rows(world: ox.Store, query: str, right: tuple[str, str]) -> None:
    rule, text = right
    remark = found(said(world, query), rule)
    assert [edit.text for edit in remark.edits] == [text]
    mended = mended_by(PROLOGUE + query, [remark])
    assert mended and list(world.query(mended))  # type: ignore[arg-type]


OTHERS = {
    "SELECT * { ?x oxus:tonnage ?n FILTER(?n >= 500) }": ("out-of-range", '"90"^^xsd:integer'),
    "SELECT * { ?x oxus:tonnage ?n FILTER(10 >= ?n) }": ("out-of-range", '"40"^^xsd:integer'),
    "SELECT * { ?x oxus:tonnage ?n FILTER(?n = 41) }": ("near-value", '"40"^^xsd:integer'),
    "SELECT * { VALUES ?r { id:slow } id:anna oxus:crosses ?r }": ("near-value", "id:swift"),
    "SELECT * { ?x oxus:crosses ?r . ?x oxus:hasStatus oxus:crosses }": ("near-term", "oxus:planned"),
    "SELECT * { id:anna oxus:crosses id:japan }": ("near-term", "id:swift"),
}


@pytest.mark.parametrize(("query", "other"), OTHERS.items())
def test_what_answers_another_question_is_told_and_not_written(
    world: ox.Store, query: str, other: tuple[str, str]
) -> None:
    rule, text = other
    remark = next(each for each in said(world, query) if each.rule == rule)
    assert text in f"{remark.message} {remark.fix}" and remark.edits == ()
    assert mended_by(PROLOGUE + query, said(world, query)) is None


def test_what_a_view_leaves_out_is_not_missing(world: ox.Store) -> None:
    view = ox.Store()
    view.extend(quad for quad in world if "carla" not in str(quad))
    query = "SELECT * { ?x a oxus:Barge ; oxus:tonnage ?n }"
    asked = Asked(PROLOGUE + query, view={"source": "log", "reliability": None, "rejected": False}, unviewed=world)
    (first, *rest), _ = explained(view, asked, within_s=30)
    assert first.message == "source=log leaves nothing; without it there is 1 solution"
    assert (first.parameter, first.values) == ("source", ())
    assert any("in this view" in each.message or "there is no class" in each.message for each in rest)
    nowhere = Asked(f"{PROLOGUE}ASK {{ ?x a oxus:Submarine }}", view={"source": "log"}, unviewed=world)
    assert "parameter" not in rules(explained(view, nowhere, within_s=30)[0])


def test_what_never_compares_is_not_told_as_out_of_range(world: ox.Store) -> None:
    remarks = said(world, "SELECT * { ?x oxus:tonnage ?n BIND(?n + 1 AS ?m) FILTER(?m > 'many') }")
    assert "never compare" in found(remarks, "wrong-datatype").message and "out-of-range" not in rules(remarks)


@pytest.mark.parametrize("call", ["CONTAINS(?l, 'ANN')", "STRSTARTS(?l, 'ANN')", "REGEX(?l, 'ANN')"])
def test_a_text_that_differs_in_capitals_only_is_told_as_such(world: ox.Store, call: str) -> None:
    remark = found(said(world, f"SELECT * {{ ?x rdfs:label ?l FILTER({call}) }}"), "near-value")
    assert "tells capitals from small letters" in remark.message and '"Anna"@en' in remark.message
    assert list(world.query(f"{PROLOGUE}SELECT * {{ ?x rdfs:label ?l FILTER({remark.fix.removeprefix('write ')}) }}"))  # type: ignore[arg-type]


@pytest.mark.parametrize("pattern", ["?x rdfs:label 'Анна'@ru", "?x rdfs:label ?l FILTER(REGEX(STR(?l), 'Анна'))"])
def test_what_is_called_so_in_another_spelling_is_told(world: ox.Store, pattern: str) -> None:
    remark = found(said(world, f"ASK {{ {pattern} }}"), "near-name")
    assert "id:anna is called “Anna”" in remark.message and remark.edits == ()


def test_what_a_canned_query_is_given_is_looked_for_in_names(world: ox.Store) -> None:
    query = "SELECT * {{ VALUES ?name {{ {} }} ?x rdfs:label ?l FILTER(CONTAINS(STR(?l), ?name)) }}"
    canned = {"declared": ["name"], "given": {"name": ["Анна"]}, "without": {}}
    remark = found(said(world, query.format("'Анна'"), **canned), "near-name")
    assert remark.message == "name=Анна: in a name, however it is spelt, id:anna is called “Anna”"


def test_where_nothing_goes_with_the_rest_the_part_is_asked_alone(world: ox.Store) -> None:
    remarks = said(world, "SELECT * { ?x a oxus:Barge . ?x oxus:hasStatus ?y . ?z oxus:crosses id:slow }")
    assert "rejected-reading" in rules(remarks)
    remark = found(said(world, "SELECT * { id:carla oxus:tonnage ?n . ?n rdfs:label 'Slwo'@en }"), "near-term")
    assert '"Slow"@en' in remark.message
    assert (remark.fix, remark.edits) == ("", ()), "with the rest of the query that has no row either"


def test_beside_a_rejected_reading_no_other_property_is_proposed(world: ox.Store) -> None:
    remarks = said(world, "ASK { id:berta oxus:crosses id:slow }")
    assert not [each for each in remarks if each.message.startswith("not oxus:crosses")]


def test_what_not_exists_takes_away_is_told_with_its_values(world: ox.Store) -> None:
    query = "SELECT * { ?x a oxus:Ferry FILTER NOT EXISTS { ?x oxus:hasStatus ?status } }"
    remark = found(said(world, query), "taken-away")
    assert "the 2 solutions before it" in remark.message
    assert "?status is oxus:planned" in remark.fix and "planned, promised or possible" in remark.fix


def test_a_group_that_having_excludes_is_told(world: ox.Store) -> None:
    query = "SELECT ?k (COUNT(?x) AS ?n) { ?x a ?k } GROUP BY ?k HAVING(COUNT(?x) > 9)"
    message = found(said(world, query), "having").message
    assert message == 'there are 5 solutions in groups, and HAVING (COUNT(?x) > "9"^^xsd:integer) leaves no group'


def test_a_rejected_reading_is_told_with_its_judgement(world: ox.Store) -> None:
    remark = found(said(world, "ASK { id:berta oxus:crosses id:slow }"), "rejected-reading")
    assert "log:5-9" in remark.message
    assert "id:judgement rejects it: The Slow has no ferry." in remark.fix
    assert "rejected-reading" not in rules(said(world, "ASK { id:berta oxus:crosses id:upton }"))
    # Whoever names the graphs has left out the reading on purpose.
    chosen = said(world, "ASK { id:berta oxus:crosses id:slow }", default_graphs=[PREFIXES["graph"] + "accepted"])
    assert "rejected-reading" not in rules(chosen)


def test_facts_of_two_passages_are_told_apart(world: ox.Store) -> None:
    query = "SELECT * { GRAPH ?g { id:anna oxus:crosses ?r . id:anna oxus:tonnage ?n } }"
    assert rules(said(world, query)).count("one-passage") == 2


def test_what_stands_in_another_graph_is_told(world: ox.Store) -> None:
    query = "SELECT * { ?g oxus:isPassageOf ?d . GRAPH ?g { id:anna oxus:tonnage 40 } }"
    assert "log:3-4" in found(said(world, query), "near-graph").message


def test_the_dataset_of_the_query_is_kept(world: ox.Store) -> None:
    passage = "https://w3id.org/oxus/source/log/3-4"
    said_here = said(world, f"SELECT * FROM <{passage}> {{ ?x oxus:crosses ?r }}")
    assert said_here[0].message == "nothing matches ?x oxus:crosses ?r"


CANNED = (
    "SELECT * {{ VALUES ?boat {{ {boat} }} VALUES ?least {{ {least} }} ?boat oxus:tonnage ?n FILTER(?n >= ?least) }}"
)


def test_the_parameter_that_excludes_everything_is_named_with_values_that_do_not(world: ox.Store) -> None:
    query = CANNED.format(boat="id:anna", least="50")
    without = {
        "boat": PROLOGUE + CANNED.format(boat="UNDEF", least="50"),
        "least": PROLOGUE + CANNED.format(boat="id:anna", least="0"),
    }
    given = {"boat": ["id:anna"], "least": ["50"]}
    remarks = said(world, query, declared=["boat", "least"], given=given, without=without)
    told = {remark.parameter: remark.values for remark in remarks if remark.parameter}
    assert told == {"boat": ("id:carla", "id:berta"), "least": ("40",)}, "the nearest first"
    assert all(remark.line is None for remark in remarks), "the text is not the visitor's to mend"
    fixes = {remark.parameter: remark.fix for remark in remarks if remark.parameter}
    assert "matches-nothing" not in rules(remarks), "nor are its patterns the visitor's"
    assert fixes == {"boat": "", "least": "least=40"}, "of several values none is better than the others"


def test_what_a_parameter_would_let_in_is_told(world: ox.Store) -> None:
    query = """SELECT * { ?x a oxus:Ferry
      FILTER NOT EXISTS { ?x oxus:hasStatus ?status MINUS { VALUES ?status { oxus:completed } } } }"""
    (remark,) = [each for each in said(world, query, declared=["status"]) if each.parameter]
    assert (remark.parameter, remark.values) == ("status", ("oxus:planned",))


def test_what_has_an_answer_is_not_blamed(world: ox.Store) -> None:
    assert said(world, "SELECT * { ?x a oxus:Ferry OPTIONAL { ?x oxus:crosses ?r } }") == []


def test_when_time_is_up_what_was_found_is_told(world: ox.Store) -> None:
    query = f"{PROLOGUE}SELECT * {{ ?x a oxus:Ferry . ?x oxus:crosses id:slow }}"
    remarks, complete = explained(world, Asked(query), within_s=-1)
    assert (remarks, complete) == ([], False)


def test_no_question_is_begun_after_the_end(world: ox.Store) -> None:
    asked: list[str] = []

    def ask(query: str) -> ox.QuerySolutions:
        asked.append(query)
        answer = world.query(query)
        assert isinstance(answer, ox.QuerySolutions)
        return answer

    assert Asker(ask, time.monotonic() + 30).some("?s ?p ?o")
    with pytest.raises(OutOfTime):
        Asker(ask, time.monotonic() - 1).some("?s ?p ?o")
    assert len(asked) == 1
