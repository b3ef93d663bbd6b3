from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kg.checks.nesting import nesting_findings, passage_findings
from kg.errors import SourceError
from kg.files.passages import Boilerplate, Passage, enclosing_passages, parse_place, read_passages
from kg.files.sources import read_documents
from kg.files.turtle import read_rdf
from kg.findings import Finding
from kg.namespaces import SOURCE
from kg.project import Project

Amend = Callable[[str, str, str], int]
FILE = "data/passages/report-1.trig"


def read(project: Project) -> tuple[list[Passage], list[Boilerplate]]:
    return read_passages(read_rdf(project.root / FILE, FILE))


def findings(project: Project) -> list[Finding]:
    passages, boilerplate = read(project)
    documents = read_documents(read_rdf(project.sources_file))
    return [*nesting_findings(documents, [*passages, *boilerplate]), *passage_findings(passages)]


def test_a_place_is_read_from_the_iri() -> None:
    assert tuple(parse_place(SOURCE + "report-1/0-16")) == (SOURCE + "report-1", 0, 16)


@pytest.mark.parametrize(
    "name", ["report-1/16-16", "report-1/20-3", "report-1/01-3", "report-1/a-b", "report-1", "a/b/1-2"]
)
def test_what_is_not_a_place_is_refused(name: str) -> None:
    with pytest.raises(SourceError):
        parse_place(SOURCE + name)


def test_a_passage_is_read_with_description_triples_and_lines(tiny_project: Project) -> None:
    passages, boilerplate = read(tiny_project)
    assert [(one.begin, one.end, len(one.triples)) for one in passages] == [(0, 100, 4), (20, 60, 2), (200, 300, 1)]
    last = passages[-1]
    assert last.gist == "Ada keeps South Light."
    assert last.kind == "https://w3id.org/oxus/ontology#stated"
    assert (last.first_words, last.last_words) == ("One two three four", "five six seven eight")
    assert last.relies_on == (SOURCE + "report-1/0-100",)
    rows = (tiny_project.root / FILE).read_text().splitlines()
    assert rows[last.line - 1] == "report-1:200-300"
    assert last.graph_line is not None and rows[last.graph_line - 1] == "report-1:200-300 {"
    assert [(one.begin, one.end, one.reason) for one in boilerplate] == [(300, 310, "The page's footer.")]


def test_a_passage_is_nested_in_the_innermost_around_it(tiny_project: Project) -> None:
    passage = read(tiny_project)[0][0]

    def at(begin: int, end: int) -> Passage:
        return replace(passage, iri=f"{SOURCE}report-1/{begin}-{end}", begin=begin, end=end)

    nested = enclosing_passages([at(50, 60), at(0, 100), at(40, 70), at(0, 10), at(100, 120), at(40, 50)])
    places = {(inner.begin, inner.end): (outer.begin, outer.end) for inner, outer in nested}
    assert places == {(0, 10): (0, 100), (40, 70): (0, 100), (40, 50): (40, 70), (50, 60): (40, 70)}


def test_the_described_place_must_be_a_place(tiny_project: Project, amend: Amend) -> None:
    line = amend(FILE, "report-1:200-300\n", "report-1:300-200\n")
    with pytest.raises(SourceError) as caught:
        read(tiny_project)
    assert (caught.value.path, caught.value.line) == (FILE, line)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("report-1:200-300\n", "report-1:50-300\n", "partial-overlap"),
        ("report-1:200-300\n", "report-1:200-1001\n", "out-of-range"),
        ("report-1:300-310\n", "report-1:290-310\n", "boilerplate-overlap"),
        ("report-1:300-310\n", "report-1:200-300\n    a oxus:Boilerplate .\nreport-1:300-310\n", "duplicate-passage"),
        ("report-1:200-300 {", "report-1:201-300 {", "passage-without-graph"),
        ("    id:south-light\n        oxus:isKeptBy id:ada .\n", "", "empty-passage"),
    ],
)
def test_a_wrong_place_is_found(tiny_project: Project, amend: Amend, old: str, new: str, rule: str) -> None:
    assert findings(tiny_project) == []
    amend(FILE, old, new)
    assert rule in [finding.rule for finding in findings(tiny_project)]


def test_nested_passages_may_share_an_edge_and_stretches_may_touch(tiny_project: Project) -> None:
    passages, _ = read(tiny_project)
    documents = read_documents(read_rdf(tiny_project.sources_file))
    outer = passages[0]
    first, second, beside = (
        replace(outer, iri=f"{SOURCE}report-1/{b}-{e}", begin=b, end=e) for b, e in [(0, 40), (40, 100), (100, 101)]
    )
    assert list(nesting_findings(documents, [outer, first, second, beside])) == []


def test_one_place_described_in_two_files_is_found(tiny_project: Project) -> None:
    passages, _ = read(tiny_project)
    documents = read_documents(read_rdf(tiny_project.sources_file))
    again = replace(passages[0], path="data/passages/other.trig", line=7)
    found = list(nesting_findings(documents, [*passages, again]))
    assert ("duplicate-passage", "data/passages/other.trig", 7) in [(one.rule, one.path, one.line) for one in found]


def test_an_empty_graph_is_allowed_around_a_nested_passage(tiny_project: Project) -> None:
    passages, _ = read(tiny_project)
    around = replace(passages[0], triples=())
    assert list(passage_findings([around, passages[1]])) == []
    assert [finding.rule for finding in passage_findings([around])] == ["empty-passage"]


def test_every_missing_part_of_a_description_is_found(tiny_project: Project) -> None:
    passage = replace(read(tiny_project)[0][0], gist="", sha256="abc", kind=None, first_words="", last_words="")
    assert [finding.rule for finding in passage_findings([passage])] == ["passage-description"] * 5


def test_a_passage_stands_in_the_file_of_its_document(tiny_project: Project) -> None:
    passage = replace(read(tiny_project)[0][0], path="data/passages/other.trig")
    assert "passage-file" in [finding.rule for finding in passage_findings([passage])]


def test_an_unregistered_document_is_found(tiny_project: Project, tmp_path: Path) -> None:
    passages, _ = read(tiny_project)
    assert {finding.rule for finding in nesting_findings({}, passages)} == {"unknown-document"}
