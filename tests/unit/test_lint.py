"""What lint says of a query: each rule fires on what breaks it and is silent on what is like it and right.

The world is invented, so that nothing of our own data helps: ferries that cross rivers and call at towns.
"""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.errors import QuerySyntaxError
from kg.linting.lint import context_of, lint
from kg.linting.remarks import Edit, Remark, chosen, mended_by
from kg.namespaces import ONTOLOGY, PREFIXES
from kg.tracing.algebra import UntraceableError

PROLOGUE = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("id", "oxus", "rdfs", "span", "xsd"))
WORLD = """
oxus:Ferry rdfs:label "ferry"@en ; rdfs:subClassOf oxus:Vessel ; skos:definition "A vessel that carries vehicles."@en .
id:anna a oxus:Ferry, oxus:Vessel ; rdfs:label "Anna"@en ; oxus:crosses id:swift ; oxus:tonnage 40 ; oxus:code "A-1" .
id:berta a oxus:Ferry, oxus:Vessel ; rdfs:label "Berta"@en ; oxus:crosses id:swift ; oxus:hasDate span:1999 .
id:swift a oxus:River ; rdfs:label "Swift River"@en ; skos:altLabel "SR"@en .
id:upton a oxus:Town ; rdfs:label "Upton"@en ; oxus:isLocatedIn id:swift .
id:call-1 a oxus:Call ; oxus:isCallOf id:anna ; oxus:callsAt id:upton .
span:1999 a oxus:Span ; oxus:edtf "1999" ; oxus:earliestBegin "1999-01-01T00:00:00Z"^^xsd:dateTime ;
  oxus:latestEnd "1999-12-31T23:59:59Z"^^xsd:dateTime .
<https://w3id.org/oxus/source/log/1-2> a oxus:Passage ; oxus:isPassageOf <https://w3id.org/oxus/source/log> .
GRAPH <https://w3id.org/oxus/source/log/1-2> { id:anna oxus:crosses id:swift }
"""


@pytest.fixture(scope="module")
def world() -> ox.Store:
    store = ox.Store()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    store.load(prefixes + WORLD, format=ox.RdfFormat.TRIG)
    return store


def said(world: ox.Store, query: str) -> tuple[Remark, ...]:
    return lint(context_of(world, PROLOGUE + query))


def rules(world: ox.Store, query: str) -> list[str]:
    return [remark.rule for remark in said(world, query)]


FIRES = {
    "unknown-class": "SELECT ?x { ?x a oxus:Fery }",
    "unknown-property": "SELECT ?x { ?x oxus:cross id:swift }",
    "unknown-thing": "SELECT ?x { ?x oxus:crosses id:swfit }",
    "wrong-direction": "SELECT ?x { id:swift oxus:crosses ?x }",
    "wrong-subject": "SELECT ?x { ?x a oxus:Town ; oxus:crosses ?river }",
    "wrong-object": "SELECT ?x { ?x oxus:crosses ?town . ?town a oxus:Town }",
    "wrong-datatype": 'SELECT ?x { ?x oxus:tonnage "40" }',
    "literal-for-thing": 'SELECT ?x { ?x oxus:crosses "Swift River" }',
    "thing-for-literal": "SELECT ?x { ?x oxus:hasDate ?d FILTER(YEAR(?d) = 1999) }",
    "one-passage": "SELECT ?g { GRAPH ?g { ?x oxus:crosses ?y . ?x oxus:tonnage ?n } }",
    "cross-product": "SELECT ?x ?y { ?x a oxus:Ferry . ?y a oxus:Town }",
    "unbound-variable": "SELECT ?x { ?x oxus:tonnage ?n FILTER(?N > 3) }",
    "no-rows": "SELECT ?x { ?x a oxus:Ferry } LIMIT 0",
    "no-graph": "SELECT ?x { GRAPH <https://w3id.org/oxus/source/log> { ?x oxus:crosses ?y } }",
}
SILENT = {
    "a property of one class over a path": "SELECT ?x { ?x oxus:crosses/rdfs:label ?l }",
    "a class above": "SELECT ?x { ?x a oxus:Vessel ; oxus:crosses ?r . ?r a oxus:River }",
    "turned by a path": "SELECT ?x { id:swift ^oxus:crosses ?x }",
    "what nothing is known of": "SELECT ?x { ?x ?p ?y . ?y ?q id:upton }",
    "a number in another notation": "SELECT ?x { ?x oxus:tonnage ?n FILTER(?n > 3.5) }",
    "the text of a label": 'SELECT ?x { ?x rdfs:label ?l FILTER(STR(?l) = "Anna") }',
    "an instant": 'SELECT ?x { ?s oxus:latestEnd ?e FILTER(?e > "1990-01-01T00:00:00Z"^^xsd:dateTime) BIND(?s AS ?x) }',
    "a graph for each": "SELECT ?x { GRAPH ?g { ?x oxus:crosses ?y } GRAPH ?h { ?x oxus:crosses ?z } }",
    "tied by a filter": "SELECT ?x ?y { ?x oxus:tonnage ?n . ?y oxus:code ?c FILTER(STR(?n) != ?c) }",
    "tied by an outer pattern": "SELECT ?x ?y { ?x oxus:crosses ?r OPTIONAL { ?y oxus:isLocatedIn ?r } }",
    "one row of VALUES": "SELECT ?x ?n { VALUES ?n { 1 } ?x a oxus:Ferry }",
    "a sum beside each": "SELECT ?x ?n { { SELECT (COUNT(?t) AS ?n) { ?t a oxus:Town } } ?x a oxus:Ferry }",
    "what a passage alone says": "SELECT ?g { GRAPH ?g { id:upton oxus:crosses ?x } }",
    "a property that some of a class may have": "SELECT ?x { ?x a oxus:Town OPTIONAL { ?x oxus:crosses ?r } }",
    "unbound on purpose": "SELECT ?x ?y { ?x a oxus:Ferry BIND(IF(true, 1, ?none) AS ?y) }",
    "bound by BIND and by VALUES": "SELECT ?x ?y { VALUES (?a ?b) { (1 2) } BIND(?a + ?b AS ?y) ?x oxus:tonnage ?y }",
    "bound by an aggregate": "SELECT (COUNT(?x) AS ?n) { ?x a oxus:Ferry } HAVING(?n > 0)",
    "words that a template makes up": "CONSTRUCT { ?x oxus:hasHull id:swfit ; a oxus:Bot } { ?x a oxus:Ferry }",
    "numbers of two types": "SELECT ?x { ?x oxus:tonnage ?n FILTER(?n > '3'^^xsd:short) }",
    "a service's own words": "SELECT ?x { ?x a oxus:Ferry FILTER NOT EXISTS { ?x oxus:hasDate ?d } }",
}


@pytest.mark.parametrize("rule", FIRES)
def test_a_rule_fires_on_what_breaks_it(world: ox.Store, rule: str) -> None:
    found = said(world, FIRES[rule])
    assert [remark.rule for remark in found] == [rule]
    assert found[0].line and found[0].column and found[0].message


@pytest.mark.parametrize("query", SILENT.values(), ids=SILENT)
def test_what_is_right_is_left_alone(world: ox.Store, query: str) -> None:
    assert rules(world, query) == []


def test_a_namespace_that_is_nearly_ours_is_told_once() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode(ONTOLOGY + "a"), ox.NamedNode(ONTOLOGY + "b"), ox.Literal("c")))
    query = "PREFIX o: <http://w3id.org/oxus/ontology#>\nASK { o:a o:b ?c }"
    (remark,) = lint(context_of(store, query))
    assert (remark.rule, remark.line, remark.column) == ("namespace", 1, 11)
    assert mended_by(query, [remark]) == query.replace("http:", "https:")


MENDED = {
    "?x a oxus:fery": "?x a oxus:Ferry",
    "?x oxus:cross id:swift": "?x oxus:crosses id:swift",
    "?x oxus:crosses id:sr": "?x oxus:crosses id:swift",
    "id:swift oxus:crosses ?x": "id:swift ^oxus:crosses ?x",
    "?x a oxus:Town ; oxus:isCallOf ?y": "?x a oxus:Town ; ^oxus:callsAt/oxus:isCallOf ?y",
    '?x rdfs:label "Anna"': '?x rdfs:label "Anna"@en',
    "?x oxus:code 1": '?x oxus:code "1"',
    '?x oxus:tonnage "40"': '?x oxus:tonnage "40"^^xsd:integer',
    '?x oxus:hasDate "1999"^^xsd:gYear': "?x oxus:hasDate span:1999",
    '?x oxus:crosses "Swift River"': "?x oxus:crosses id:swift",
    '?x oxus:latestEnd "1999-12-31T23:59:59"^^xsd:dateTime': '?x oxus:latestEnd "1999-12-31T23:59:59Z"^^xsd:dateTime',
    '?x oxus:latestEnd ?e FILTER(?e > "1999-12")': (
        '?x oxus:latestEnd ?e FILTER(?e > "1999-12-01T00:00:00Z"^^xsd:dateTime)'
    ),
    "?x oxus:hasDate ?d FILTER(YEAR(?d) > 0)": "?x oxus:hasDate/oxus:earliestBegin ?d FILTER(YEAR(?d) > 0)",
    "?x oxus:tonnage ?n FILTER(?N > 3)": "?x oxus:tonnage ?n FILTER(?n > 3)",
}


@pytest.mark.parametrize(("wrong", "right"), MENDED.items())
def test_what_is_plain_is_mended(world: ox.Store, wrong: str, right: str) -> None:
    query = f"{PROLOGUE}SELECT ?x {{ {wrong} }}"
    assert mended_by(query, said(world, f"SELECT ?x {{ {wrong} }}")) == f"{PROLOGUE}SELECT ?x {{ {right} }}"


def test_facts_of_one_passage_are_given_a_graph_each(world: ox.Store) -> None:
    query = f"{PROLOGUE}{FIRES['one-passage']}"
    mended = mended_by(query, said(world, FIRES["one-passage"]))
    assert mended and "GRAPH ?g { ?x oxus:crosses ?y }\n  GRAPH ?g2 { ?x oxus:tonnage ?n }" in mended
    assert world.query(mended)


def test_a_mistake_in_every_branch_is_found(world: ox.Store) -> None:
    wrong = "?x a oxus:Fery"
    for query in (
        f"SELECT ?x {{ {{ {wrong} }} UNION {{ ?x a oxus:Town }} }}",
        f"SELECT ?x {{ ?x a oxus:Town OPTIONAL {{ {wrong} }} }}",
        f"SELECT ?x {{ ?x a oxus:Town MINUS {{ {wrong} }} }}",
        f"SELECT ?x {{ ?x a oxus:Town FILTER NOT EXISTS {{ {wrong} }} }}",
        f"SELECT ?x {{ {{ SELECT ?x {{ {wrong} }} }} ?x rdfs:label ?l }}",
        f"ASK {{ {wrong} }}",
        f"CONSTRUCT {{ ?x a oxus:Boat }} WHERE {{ {wrong} }}",
        f"DESCRIBE ?x {{ {wrong} }}",
    ):
        assert "unknown-class" in rules(world, query), query


def test_things_are_looked_for_wherever_they_stand(world: ox.Store) -> None:
    for query in (
        "DESCRIBE id:swfit",
        "ASK { VALUES ?x { id:swfit } ?x rdfs:label ?l }",
        "ASK { ?x rdfs:label ?l FILTER(?x IN (id:swfit)) }",
    ):
        assert rules(world, query) == ["unknown-thing"], query


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?x a oxus:Ferry BIND(id:swfit AS ?y) }",
        "ASK { ?x a oxus:Ferry FILTER(?x NOT IN (id:swfit)) }",
        "ASK { ?x a oxus:Ferry FILTER NOT EXISTS { id:swfit rdfs:label ?l } }",
        "ASK { ?x a oxus:Ferry MINUS { ?x oxus:crosses id:swfit } }",
        "ASK { ?x a oxus:Ferry OPTIONAL { ?x oxus:crosses id:swfit } }",
        "ASK { ?x rdfs:label ?l FILTER(?l != 'Anna') }",
        "ASK { ?x rdfs:label ?l FILTER(?l NOT IN ('Anna')) }",
    ],
)
def test_what_leaves_rows_is_a_warning_and_no_error(world: ox.Store, query: str) -> None:
    assert world.query(PROLOGUE + query)
    assert [remark.severity for remark in said(world, query)] == ["warning"]


def test_a_word_in_what_must_match_is_an_error_wherever_else_it_stands(world: ox.Store) -> None:
    (remark,) = said(world, "ASK { ?x a oxus:Ferry OPTIONAL { ?x oxus:cross ?y } { ?x oxus:cross ?z } }")
    assert remark.severity == "error"


@pytest.mark.parametrize("value", ['"01/01/2000"', '"abc"', "3.5"])
def test_a_value_that_no_instant_compares_with_is_told_though_nobody_knows_what_was_meant(
    world: ox.Store, value: str
) -> None:
    (remark,) = said(world, f"ASK {{ ?s oxus:latestEnd ?e FILTER(?e < {value}) }}")
    assert (remark.rule, remark.severity, remark.edits) == ("wrong-datatype", "error", ())
    assert "never compare" in remark.message and "xsd:dateTime" in remark.fix


def test_what_ties_two_things_does_tie_them(world: ox.Store) -> None:
    """A ferry crosses a river; a river and a town are tied, but not a barge, of which nothing is said."""
    (remark,) = said(world, "SELECT ?x ?y { ?x a oxus:Ferry . ?y a oxus:River }")
    assert remark.fix == "such as ?x oxus:crosses ?y"
    (remark,) = said(world, "SELECT ?x ?y { ?x a oxus:Ferry . ?y a oxus:Town }")
    assert "such as" not in remark.fix, "vessels cross, but no ferry leads to a town"
    (remark,) = said(world, "ASK { ?x a oxus:Town ; oxus:tonnage ?n }")
    assert remark.edits == (), "no town leads to a number"
    ties = {
        "?x a oxus:Town ; oxus:crosses ?river": ["oxus:isLocatedIn"],
        "?x a oxus:Town ; oxus:crosses ?river . ?river a oxus:Ferry": [],
    }
    for pattern, paths in ties.items():
        (remark, *_) = said(world, f"ASK {{ {pattern} }}")
        assert [edit.text for edit in remark.edits] == paths, pattern
    nowhere = said(world, "ASK { ?x a oxus:Town ; oxus:crosses id:nowhere }")
    assert [remark.edits for remark in nowhere] == [(), ()]


def test_more_classes_than_are_named_are_counted() -> None:
    store = ox.Store()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    boats = " ".join(f"id:{each} a oxus:{each} ; oxus:crosses id:r ." for each in ("Ark", "Boat", "Canoe", "Dinghy"))
    store.load(f"{prefixes}{boats} id:x a oxus:Town ; oxus:code 1 .", format=ox.RdfFormat.TURTLE)
    (remark,) = lint(context_of(store, f"{PROLOGUE}ASK {{ ?x a oxus:Town ; oxus:crosses ?y }}"))
    assert remark.message.endswith("it is said of oxus:Ark or oxus:Boat or oxus:Canoe and 1 more")


def test_a_correction_that_leaves_an_error_is_none(world: ox.Store) -> None:
    query = "ASK { ?x oxus:cross id:swift ; oxus:nonsense ?y }"
    remarks = said(world, query)
    assert [len(remark.edits) for remark in remarks] == [1, 0]
    assert mended_by(PROLOGUE + query, remarks) is None


def test_a_thing_of_another_namespace_or_number_is_not_written_in_its_place(world: ox.Store) -> None:
    store = ox.Store()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    data = """id:project-12 rdfs:label "Project 12"@en . topic:river rdfs:label "River"@en .
      topic:swifter rdfs:label "Swifter"@en .
      GRAPH graph:catalogue { <https://w3id.org/oxus/id/swift> rdfs:label "Swift"@en }
      <https://w3id.org/oxus/id/swift> rdfs:label "Swift"@en . id:a oxus:b id:c ."""
    store.load(prefixes + data, format=ox.RdfFormat.TRIG)
    fixes = {}
    for slug in ("project-13", "river", "swif"):
        (remark,) = lint(context_of(store, f"{PROLOGUE}ASK {{ ?x oxus:b id:{slug} }}"))
        fixes[slug] = (remark.fix, remark.edits)
    assert fixes["project-13"] == ("did you mean id:project-12?", ())
    assert fixes["river"] == ("did you mean topic:river?", ())
    assert fixes["swif"][0].startswith("look for its name"), "what the dataset says of itself is nobody's name"


def test_a_property_that_the_class_has_is_proposed_and_no_other(world: ox.Store) -> None:
    (remark,) = said(world, "ASK { ?x a oxus:Call ; oxus:isCalled ?y }")
    assert "oxus:isCallOf" in remark.fix
    (remark,) = said(world, "ASK { ?x a oxus:Town ; oxus:cross ?y }")
    assert "oxus:crosses" not in remark.fix and remark.edits == ()
    assert "What it has there: " in remark.fix and "oxus:isLocatedIn" in remark.fix
    (remark,) = said(world, "ASK { GRAPH ?g { ?x oxus:crosses ?y } ?g oxus:partOf ?d }")
    assert "oxus:isPassageOf" in remark.fix


def test_properties_that_lead_to_a_thing_are_proposed_too(world: ox.Store) -> None:
    (remark,) = said(world, "ASK { id:upton oxus:holds ?y }")
    assert "^oxus:callsAt" in remark.fix and "oxus:isLocatedIn" in remark.fix


def test_a_slug_is_looked_for_in_names_however_they_are_spelt(world: ox.Store) -> None:
    (remark,) = said(world, "ASK { ?x oxus:crosses id:свифт }")
    assert (remark.fix, remark.edits) == ("did you mean id:swift?", ()), "it is not plain that it was meant"


def test_a_wrong_word_is_told_once_and_mended_everywhere(world: ox.Store) -> None:
    query = "ASK { ?x oxus:crosses id:swfit . ?y oxus:isLocatedIn id:swfit . ?x a oxus:Fery . ?z a oxus:Fery }"
    mended = mended_by(PROLOGUE + query, found := said(world, query))
    assert len([remark for remark in found if remark.severity == "error"]) == 2
    assert mended == PROLOGUE + query.replace("swfit", "swift").replace("Fery", "Ferry")


def test_of_a_view_nothing_is_told_of_all_that_there_is(world: ox.Store) -> None:
    store = ox.Store()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    data = "oxus:joins a owl:ObjectProperty . oxus:Boat a owl:Class . id:a oxus:b id:c ."
    store.load(prefixes + data, format=ox.RdfFormat.TURTLE)
    found = lint(context_of(store, f"{PROLOGUE}ASK {{ ?x oxus:joins id:d ; a oxus:Boat }}", viewed=True))
    assert len(found) == 3 and all("in this view" in remark.message for remark in found)


def test_the_place_is_that_of_the_word(world: ox.Store) -> None:
    (remark,) = said(world, "SELECT ?x {\n  ?x a oxus:Vessel ;\n    oxus:cross id:swift\n}")
    assert (remark.line, remark.column) == (PROLOGUE.count("\n") + 3, 5)
    assert str(remark).startswith(f"{remark.line}:5: error: there is no property oxus:cross here [unknown-property]")


def test_a_class_of_another_name_is_found_by_what_it_means(world: ox.Store) -> None:
    (remark,) = said(world, "SELECT ?x { ?x a oxus:Vehicle }")
    assert "oxus:Ferry" in remark.fix


def test_remarks_come_in_the_order_of_the_text_and_are_not_endless(world: ox.Store) -> None:
    many = " . ".join(f"?x a oxus:Nonsense{number}" for number in range(40))
    found = said(world, f"SELECT ?x {{ {many} }}")
    assert len(found) == 30
    assert [remark.column for remark in found] == sorted(remark.column or 0 for remark in found)
    assert chosen([found[1], found[0], found[0]]) == found[:2]


def test_corrections_that_overlap_are_not_both_made() -> None:
    one, other = Remark("a", "", edits=(Edit(0, 3, "x"),)), Remark("b", "", edits=(Edit(2, 4, "y"),))
    assert mended_by("abcde", [one, other]) == "xde"
    assert mended_by("abcde", []) is None


def test_what_is_no_sparql_and_what_is_not_read_is_told(world: ox.Store) -> None:
    with pytest.raises(QuerySyntaxError):
        context_of(world, "SELECT ?x { ?x }")
    with pytest.raises(UntraceableError):
        context_of(world, "SELECT ?x { ?x ?p <<( ?s ?q ?o )>> }")


def test_what_rdflib_does_not_read_is_told_too(world: ox.Store) -> None:
    patterns = " . ".join(f"?x{number} oxus:tonnage ?y{number}" for number in range(95))
    with pytest.raises(UntraceableError, match="nested too deeply"):
        context_of(world, f"{PROLOGUE}ASK {{ {patterns} }}")


def test_rdf_files_without_a_catalogue_are_summed_up_themselves(world: ox.Store) -> None:
    assert not list(world.quads_for_pattern(None, None, None, ox.NamedNode(PREFIXES["graph"] + "catalogue")))
    assert context_of(world, "ASK {}").summary.classes[ONTOLOGY + "Ferry"] == 2
