"""The checks on the tiny world; that every rule fires on its own fixture is in tests/quality/test_checks_fire.py."""

from collections.abc import Callable

import pytest

from kg.checks import asking
from kg.checks.run import check_project, findings_of
from kg.errors import QualityError, QueryHeaderError, SourceError, TurtleError
from kg.findings import Finding
from kg.project import Project

Amend = Callable[[str, str, str], int]
PASSAGES = "data/passages/report-1.trig"


def found(project: Project) -> list[Finding]:
    return check_project(project)[2]


def places(project: Project) -> list[tuple[str, int, str]]:
    return [(str(one.path), one.line, one.rule) for one in found(project)]


def test_a_project_without_faults_has_no_findings(tiny_project: Project) -> None:
    assert found(tiny_project) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        (PASSAGES, "oxus:height 9", "oxus:hight 9", "undeclared-property"),
        (PASSAGES, "oxus:height 9", "oxus:Keeper 9", "undeclared-property"),
        (PASSAGES, "oxus:height 9", "skos:prefLabel 9", "undeclared-property"),
        (PASSAGES, "topic:shipping", "topic:fishing", "undeclared-topic"),
        (PASSAGES, "oxus:reliesOn report-1:0-100", "oxus:reliesOn report-1:0-99", "unknown-passage"),
        ("data/entities.ttl", "a oxus:Keeper", "a oxus:Guard", "undeclared-class"),
        ("data/entities.ttl", "a oxus:Keeper", "a oxus:height", "undeclared-class"),
        ("data/judgements.ttl", "concerns id:north-light", "concerns id:norht-light", "undeclared-entity"),
        ("data/judgements.ttl", "report-1/20-60", "report-1/20-61", "unknown-passage"),
        ("ontology/shapes.ttl", "sh:class oxus:Keeper", "sh:class oxus:Kepeer", "undeclared-term"),
    ],
)
def test_a_name_that_nothing_declares_is_found_on_its_line(
    tiny_project: Project, amend: Amend, name: str, old: str, new: str, rule: str
) -> None:
    line = amend(name, old, new)
    assert (name, line, rule) in places(tiny_project)


def test_the_nearest_name_is_suggested(tiny_project: Project, amend: Amend) -> None:
    amend(PASSAGES, "oxus:height 9", "oxus:hieght 9")
    assert "did you mean oxus:height?" in found(tiny_project)[0].fix


def test_one_name_is_found_once_a_file(tiny_project: Project, amend: Amend) -> None:
    line = amend(PASSAGES, "oxus:height 9", "oxus:hight 9 ; oxus:hight 10")
    assert places(tiny_project) == [(PASSAGES, line, "undeclared-property")]


def test_a_name_shared_by_two_entities_needs_a_judgement_that_concerns_both(
    tiny_project: Project, amend: Amend
) -> None:
    line = amend(
        PASSAGES, "    id:south-light\n", '    id:south-light skos:altLabel "The Candle"@en .\n    id:south-light\n'
    )
    assert places(tiny_project) == [(PASSAGES, line, "shared-alias")]
    amend("data/judgements.ttl", "concerns id:north-light", "concerns id:north-light, id:south-light")
    assert found(tiny_project) == []


@pytest.mark.parametrize("name", ["the  CANDLE", "north light"])
def test_capitals_and_spaces_make_no_other_name_and_labels_are_names(
    tiny_project: Project, amend: Amend, name: str
) -> None:
    line = amend(
        PASSAGES, "    id:south-light\n", f'    id:south-light skos:altLabel "{name}"@en .\n    id:south-light\n'
    )
    assert places(tiny_project) == [(PASSAGES, line, "shared-alias")]


def test_a_name_in_a_rejected_passage_is_shared_with_nobody(tiny_project: Project, amend: Amend) -> None:
    amend(
        PASSAGES,
        "oxus:height 9",
        'oxus:height 9 . id:south-light skos:altLabel "The Candle"@en . id:north-light oxus:height 8',
    )
    assert found(tiny_project) == []


def test_a_type_in_a_passage_is_found(tiny_project: Project, amend: Amend) -> None:
    line = amend(PASSAGES, "oxus:height 9", "a oxus:Lighthouse ; oxus:height 9")
    assert places(tiny_project) == [(PASSAGES, line, "type-in-passage")]


@pytest.mark.parametrize(
    ("name", "before", "new"),
    [
        (PASSAGES, "report-1:20-60\n", "id:ada oxus:isNear id:north-light .\n"),
        (PASSAGES, "report-1:300-310\n", "[] oxus:isKeptBy id:ada .\n"),
        (PASSAGES, "oxus:reason", 'oxus:omission "name: x" ;\n'),
        ("data/reference/register.trig", "reference:register\n", 'id:north-light skos:notation "N2" .\n'),
        ("data/reference/register.trig", "dcterms:title", "oxus:height 9 ;\n"),
        ("data/reference/register.trig", "dcterms:title", "a oxus:Keeper ;\n"),
        ("data/sources.ttl", "source:report-1\n", "id:ada oxus:isNear id:north-light .\n"),
        ("data/sources.ttl", "dcterms:title", "oxus:height 9 ;\n"),
        ("data/judgements.ttl", "id:judgement-height\n", "id:ada oxus:isNear id:north-light .\n"),
        ("data/judgements.ttl", "dcterms:modified", "oxus:isNear id:ada ;\n"),
        ("data/entities.ttl", 'rdfs:label "Ada"', "oxus:isNear id:north-light ;\n"),
        ("data/entities.ttl", "id:ada\n", "topic:shipping a oxus:Thing .\n"),
    ],
)
def test_what_is_stated_outside_a_graph_is_found_on_its_line(
    tiny_project: Project, amend: Amend, name: str, before: str, new: str
) -> None:
    line = amend(name, before, new + before)
    (finding,) = found(tiny_project)
    assert (finding.path, finding.line, finding.rule) == (name, line, "statement-without-passage")
    assert finding.fix.startswith("state it in the graph of the passage that says it")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("oxus:isKeptBy id:ada ;", 'oxus:isKeptBy "Ada"@en ;'),
        ("oxus:height 9 ;", "oxus:height id:ada ;"),
        ("oxus:hasTopic topic:shipping ;", "oxus:hasTopic id:ada ;"),
        ("oxus:hasTopic topic:shipping ;", "oxus:hasTopic span:2002-02 ;"),
    ],
)
def test_a_value_of_the_wrong_kind_or_class_is_found_on_its_line(
    tiny_project: Project, amend: Amend, old: str, new: str
) -> None:
    amend(
        "ontology/oxus.ttl",
        "oxus:hasTopic a owl:ObjectProperty .",
        "oxus:hasTopic a owl:ObjectProperty ; rdfs:range oxus:Topic .\n"
        "[] a owl:AllDisjointClasses ; owl:members ( oxus:Span oxus:Thing oxus:Topic ) .",
    )
    line = amend(PASSAGES, old, new)
    assert (PASSAGES, line, "wrong-range") in places(tiny_project)


def test_a_name_without_its_language_is_found(tiny_project: Project, amend: Amend) -> None:
    line = amend(PASSAGES, '"The Candle"@en', '"The Candle"')
    assert places(tiny_project) == [(PASSAGES, line, "name-without-language")]


def test_a_shape_s_finding_has_its_message_its_fix_and_its_triple_s_line(tiny_project: Project, amend: Amend) -> None:
    line = amend(
        PASSAGES,
        "    id:south-light\n        oxus:isKeptBy id:ada",
        "    id:south-light\n        oxus:isKeptBy id:north-light",
    )
    assert found(tiny_project) == [
        Finding(
            path=PASSAGES,
            line=line + 1,
            rule="LighthouseShape",
            message="id:south-light: a lighthouse is kept by a keeper",
            fix="correct oxus:isKeptBy",
        )
    ]


def test_shapes_see_what_the_rules_infer_and_nothing_rejected(tiny_project: Project, amend: Amend) -> None:
    amend("ontology/shapes.ttl", "sh:targetClass oxus:Lighthouse", "sh:targetClass oxus:Building")
    amend("data/entities.ttl", '    a oxus:Lighthouse ;\n    rdfs:label "South Light"@en .', "    a oxus:Lighthouse .")
    amend(PASSAGES, "oxus:height 9", "oxus:isKeptBy id:south-light")
    assert [one.message for one in found(tiny_project)] == ["id:south-light: a lighthouse needs a label"]


def test_a_broken_shape_is_an_error_of_the_shapes(tiny_project: Project, amend: Amend) -> None:
    amend("ontology/shapes.ttl", "sh:path oxus:isKeptBy ;", "")
    with pytest.raises(QualityError) as caught:
        found(tiny_project)
    assert [(one.path, one.rule) for one in caught.value.findings] == [("ontology/shapes.ttl", "shape")]


def test_a_row_of_a_check_is_a_finding_where_its_focus_is_described(tiny_project: Project, amend: Amend) -> None:
    line = amend(
        "data/entities.ttl",
        'id:ada\n    a oxus:Keeper ;\n    rdfs:label "Ada"',
        'id:ada\n    a oxus:Keeper ;\n    rdfs:label "Tower"',
    )
    assert found(tiny_project) == [
        Finding(
            "data/entities.ttl",
            line,
            "no-tower",
            "id:ada: 'Tower' is called a tower",
            "call it a lighthouse",
            "warning",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("SELECT ?focus ?message", "SELECT ?message ?focus", QualityError, "columns"),
        ("SELECT ?focus ?message WHERE", "SELECT WHERE", QualityError, "not SPARQL"),
        ("#+ severity: warning", "#+ severity: mild", QueryHeaderError, "no-tower.rq:2: severity 'mild'"),
        ("#+ severity: warning\n", "", QueryHeaderError, "header key 'severity' is missing"),
        ("#+ fix:", "#+ cure:", QueryHeaderError, "no-tower.rq:3: unknown header key 'cure'"),
        ("#+ fix: call", "#+fix: call", QueryHeaderError, "no-tower.rq:3"),
        (
            "#+ title: No towers\n#+ severity: warning",
            "#+ severity: warning\n#+ title: No towers",
            QueryHeaderError,
            "order",
        ),
        ("#+ fix:", "#+ title:", QueryHeaderError, "stands twice"),
    ],
)
def test_a_check_that_cannot_run_is_an_error(
    tiny_project: Project, amend: Amend, old: str, new: str, error: type[SourceError], words: str
) -> None:
    amend("queries/checks/no-tower.rq", old, new)
    with pytest.raises(error, match=words):
        found(tiny_project)


ENDLESS = (
    "SELECT ?focus ?message { ?focus ?b ?message . ?a ?c ?d . ?e ?f ?g . ?h ?i ?j . ?k ?l ?m "
    "FILTER(?a = ?m && ?d = ?h) }"
)


def test_a_check_that_does_not_end_is_ended_and_told(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WITHIN_S", 0.3)
    for name, text in (("endless", ENDLESS), ("never", "ASK {}")):
        header = "#+ title: No end\n#+ severity: error\n#+ fix: none\n"
        (tiny_project.queries / "checks" / f"{name}.rq").write_text(header + text)
    with pytest.raises(QualityError, match=r"endless.rq:1: .*did not finish within 0.3 s"):
        found(tiny_project)


@pytest.mark.parametrize("name", ["queries/checks/no-tower.rq", "ontology/rules/near.rq"])
def test_a_query_that_is_not_utf_8_is_an_error_with_its_line(tiny_project: Project, name: str) -> None:
    path = tiny_project.root / name
    path.write_bytes(path.read_bytes().replace(b"\n\nPREFIX", b"\n# caf\xe9\nPREFIX"))
    with pytest.raises(QueryHeaderError, match=f"{name}:4: not UTF-8"):
        found(tiny_project)


def test_findings_come_in_the_order_of_files_and_lines(tiny_project: Project, amend: Amend) -> None:
    amend(PASSAGES, "oxus:height 9", "oxus:hight 9")
    amend(PASSAGES, "topic:shipping", "topic:fishing")
    amend("data/entities.ttl", "a oxus:Keeper", "a oxus:Guard")
    told = places(tiny_project)
    assert told == sorted(told) and len(told) >= 3


def test_an_error_in_reading_is_a_finding_too() -> None:
    (finding,) = findings_of(TurtleError("a dot is expected", "data/a.ttl", 3))
    assert str(finding).startswith("data/a.ttl:3: error: a dot is expected [syntax] — ")
    (finding,) = findings_of(QueryHeaderError("unknown key", "queries/a.rq", 2))
    assert (finding.rule, finding.line) == ("header", 2)
    assert findings_of(QualityError([finding])) == [finding]
