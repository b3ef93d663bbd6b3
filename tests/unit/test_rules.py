from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kg.build.accepted import accept
from kg.build.dataset import assemble
from kg.build.graphs import in_graph
from kg.build.rules import Rule, infer, premises, read_rule, read_rules
from kg.errors import QualityError, QueryHeaderError
from kg.namespaces import INFERRED
from kg.project import Project

Amend = Callable[[str, str, str], int]
HEADER = "#+ title: T\n#+ description: D.\n#+ kind: derived\n\nPREFIX : <http://e/>\n"


def rule(slug: str, head: str, where: str) -> Rule:
    return read_rule(slug, f"{HEADER}CONSTRUCT {{ {head} }} WHERE {{ {where} }}", f"ontology/rules/{slug}.rq")


def triple(text: str) -> ox.Triple:
    subject, predicate, value = (ox.NamedNode("http://e/" + name) for name in text.split())
    return ox.Triple(subject, predicate, value)


def store_of(asserted: list[ox.Triple], rules: list[Rule]) -> ox.Store:
    store = ox.Store()
    store.extend([in_graph(one) for one in asserted])
    for slug, triples in infer(asserted, rules).items():
        for one in triples:
            store.add(in_graph(one))
            store.add(in_graph(one, ox.NamedNode(INFERRED + slug)))
    return store


TRANSITIVE = rule("transitive", "?a :p ?c", "?a :p ?b . ?b :p ?c .")


def test_rules_run_until_nothing_is_new() -> None:
    chain = [triple(f"n{number} p n{number + 1}") for number in range(9)]
    assert len(infer(chain, [TRANSITIVE])["transitive"]) == 9 * 10 // 2 - 9


def test_what_is_asserted_is_not_inferred_again() -> None:
    asserted = [triple("a p b"), triple("b p c"), triple("a p c")]
    assert infer(asserted, [TRANSITIVE]) == {"transitive": frozenset()}


def test_a_triple_that_two_rules_infer_belongs_to_the_first_by_name() -> None:
    rules = [rule("b-rule", "?a :q ?b", "?a :p ?b"), rule("a-rule", "?a :q ?b", "?a :p ?b")]
    assert infer([triple("a p b")], rules) == {"a-rule": frozenset({triple("a q b")}), "b-rule": frozenset()}


def test_rules_feed_each_other() -> None:
    rules = [rule("one", "?a :r ?b", "?a :q ?b"), rule("two", "?a :q ?b", "?a :p ?b")]
    assert infer([triple("a p b")], rules)["one"] == {triple("a r b")}


def test_negation_looks_at_what_the_other_rules_have_inferred() -> None:
    only = rule("a-only", "?a :isOnly ?b", "?a :q ?b . FILTER NOT EXISTS { ?a :q ?c . FILTER (?c != ?b) }")
    feeds = rule("z-feeds", "?a :q ?b", "?a :p ?b")
    inferred = infer([triple("a q x"), triple("a p y"), triple("b q x")], [only, feeds])
    assert inferred["a-only"] == {triple("b isOnly x")}


def test_a_rule_that_undoes_its_own_ground_is_refused() -> None:
    with pytest.raises(QualityError, match="no longer follows") as caught:
        infer([triple("a p b")], [rule("never", "?a :q ?b", "?a :p ?b . FILTER NOT EXISTS { ?a :q ?c }")])
    assert caught.value.findings[0].path == "ontology/rules/never.rq"


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("?a :p+ ?b", "a property path"),
        ("?a :p/:q ?b", "a property path"),
        ("?a :p ?b OPTIONAL { ?a :q ?c }", "OPTIONAL"),
        ("{ ?a :p ?b } UNION { ?a :q ?b }", "UNION"),
        ("?a :p ?b MINUS { ?a :q ?b }", "MINUS"),
        ("?a :p ?c BIND (?c AS ?b)", "BIND"),
        ("?a :p ?b VALUES ?b { :x }", "nested group"),
        ("GRAPH ?g { ?a :p ?b }", "GRAPH"),
        ("?a :p ?b { SELECT ?a { ?a :q ?c } }", "sub-query"),
        ("?a :p [ :q ?b ]", "a blank node"),
        ("?a :p ?b FILTER EXISTS { ?a :q ?b }", "EXISTS"),
        ("?a :p ?b FILTER (?a != ?b && EXISTS { ?a :q ?b })", "EXISTS"),
    ],
)
def test_what_is_beyond_the_grammar_is_refused_by_name(where: str, named: str) -> None:
    with pytest.raises(QualityError, match=named) as caught:
        rule("wide", "?a :q ?b", where)
    assert caught.value.findings[0].line == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT * WHERE { ?a ?b ?c }", "CONSTRUCT"),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c } LIMIT 3", "CONSTRUCT"),
        ("CONSTRUCT { ?a ?b } WHERE { ?a ?b ?c }", "not SPARQL"),
        ("CONSTRUCT { _:x ?b ?c } WHERE { ?a ?b ?c }", "a blank node"),
    ],
)
def test_what_is_not_a_rule_is_refused(text: str, words: str) -> None:
    with pytest.raises(QualityError, match=words):
        read_rule("odd", HEADER + text, "odd.rq")


def test_an_unknown_kind_and_an_unknown_key_are_refused() -> None:
    text = HEADER + "CONSTRUCT { ?a ?b ?c } WHERE { ?a ?b ?c }"
    with pytest.raises(QualityError, match="kind 'odd' is unknown"):
        read_rule("odd", text.replace("derived", "odd"), "odd.rq")
    with pytest.raises(QueryHeaderError, match="odd.rq:2: unknown header key 'about'"):
        read_rule("odd", text.replace("description", "about"), "odd.rq")


def test_all_broken_rules_are_told_at_once(tiny_project: Project, amend: Amend) -> None:
    amend("ontology/rules/near.rq", "?one oxus:isKeptBy ?keeper", "?one oxus:isKeptBy+ ?keeper")
    amend("ontology/rules/subclass.rq", "kind: axiom", "kind: odd")
    with pytest.raises(QualityError) as caught:
        read_rules(tiny_project)
    assert [finding.path for finding in caught.value.findings] == [
        "ontology/rules/near.rq",
        "ontology/rules/subclass.rq",
    ]


def test_premises_are_the_ground_triples_of_the_where() -> None:
    asserted = [triple("a p b"), triple("b p c")]
    store = store_of(asserted, [TRANSITIVE])
    assert premises(store, TRANSITIVE, triple("a p c")) == asserted


def test_premises_prefer_what_is_asserted() -> None:
    asserted = [triple("a p b"), triple("b p c"), triple("c p d"), triple("a p c")]
    store = store_of(asserted, [TRANSITIVE])
    assert premises(store, TRANSITIVE, triple("a p d")) == [triple("a p c"), triple("c p d")]


def test_premises_never_hold_the_triple_itself_nor_what_is_to_be_avoided() -> None:
    asserted = [triple("a p a"), triple("a p b"), triple("b p a")]
    store = store_of(asserted, [TRANSITIVE])
    assert premises(store, TRANSITIVE, triple("b p b")) == [triple("b p a"), triple("a p b")]
    assert premises(store, TRANSITIVE, triple("b p b"), avoiding={triple("a p b")}) == []


def test_premises_of_a_rule_with_two_heads_and_filters(tiny_project: Project) -> None:
    near = next(rule for rule in read_rules(tiny_project) if rule.slug == "near")
    store = accept(assemble(tiny_project), [near]).store()
    north, south, ada = (
        ox.NamedNode("https://w3id.org/oxus/id/" + name) for name in ("north-light", "south-light", "ada")
    )
    is_near, kept = (ox.NamedNode("https://w3id.org/oxus/ontology#" + name) for name in ("isNear", "isKeptBy"))
    ground = [ox.Triple(north, kept, ada), ox.Triple(south, kept, ada)]
    for one in (ox.Triple(north, is_near, south), ox.Triple(south, is_near, north)):
        assert sorted(premises(store, near, one), key=str) == ground


def test_a_triple_that_the_rule_does_not_infer_has_no_premises() -> None:
    store = store_of([triple("a p b")], [TRANSITIVE])
    assert premises(store, TRANSITIVE, triple("a p z")) == []
    assert premises(store, TRANSITIVE, triple("a q b")) == []
