"""Every check fires: each has an input in tests/fixtures/invalid/ that breaks it.

A fixture's first line names its rule (`# rule: undeclared-class`), each `# append to: <file>` line the file of the
invented project that the lines below it are added to.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.namespace import SH

from kg.build.accepted import rejected_graphs
from kg.build.dataset import assemble
from kg.checks.run import RULES, check_project, file_findings
from kg.checks.translations import translation_findings
from kg.checks.vocabulary import entity_findings
from kg.findings import Finding
from kg.project import Project

FIXTURES = Path(__file__).parent.parent / "fixtures" / "invalid"
ROOT = Path(__file__).parent.parent.parent


def fixtures() -> dict[str, Path]:
    """Each fixture by the rule that it breaks."""
    return {path.read_text().splitlines()[0].removeprefix("# rule: "): path for path in sorted(FIXTURES.iterdir())}


def checks() -> set[str]:
    """The rules that are queries."""
    return {path.stem for path in (ROOT / "queries" / "checks").glob("*.rq")}


@cache
def shape_messages() -> dict[str, list[str]]:
    """The messages of each shape."""
    graph = Graph().parse(ROOT / "ontology" / "shapes.ttl")
    return {
        str(shape).rpartition("#")[2]: [
            str(graph.value(part, SH.message)) for part in graph.objects(shape, SH.property)
        ]
        for shape in graph.subjects(SH.property)
    }


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Each file that a fixture adds to, with what it adds."""
    parts = re.split(r"^# append to: (\S+)\n", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def add(fixture: Path, project: Project) -> dict[str, int]:
    """Add a fixture to a project; gives the first added line of each file."""
    first_lines = {}
    for name, added in sections(fixture.read_text(encoding="utf-8")):
        path = project.root / name
        text = path.read_text(encoding="utf-8")
        first_lines[name] = text.count("\n") + 1
        path.write_text(text + added, encoding="utf-8")
    return first_lines


def findings_by_code(project: Project) -> list[Finding]:
    """What the rules in code find, without the second that inference and pySHACL take."""
    assembled = assemble(project)
    found = [*assembled.findings, *file_findings(assembled), *translation_findings(project)]
    return [*found, *entity_findings(assembled, rejected_graphs(assembled))]


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert set(fixtures()) == set(RULES) | checks() | set(shape_messages())


def test_nothing_is_found_before_a_fixture_is_added(mini_project: Project) -> None:
    assert check_project(mini_project)[2] == []


@pytest.mark.parametrize("rule", fixtures())
def test_the_rule_fires_on_its_fixture_in_the_lines_it_adds(mini_project: Project, rule: str) -> None:
    first_lines = add(fixtures()[rule], mini_project)
    findings = findings_by_code(mini_project) if rule in RULES else check_project(mini_project)[2]
    fired = [finding for finding in findings if finding.rule == rule]
    assert fired, f"found only {[str(finding) for finding in findings]}"
    placed = [finding for finding in fired if finding.line >= first_lines.get(str(finding.path), 10**9)]
    # A check of a judgement or passage that stood there before points to where that is described.
    described = rule in ("overdated", "wording-slip-judged")
    assert placed or described, [str(finding) for finding in fired]
    assert all(finding.fix for finding in fired)
    # What a shape or a query is for, nothing else catches: without it the fixture would pass. (From what a rule in code
    # catches, others may follow: an unknown document has no language either.)
    assert rule in RULES or {finding.rule for finding in findings} == {rule}, "it alone catches its fixture"
    # A shape's fixture breaks each of its constraints.
    told = "\n".join(f"{finding.message}: {finding.fix}" for finding in fired)
    assert [message for message in shape_messages().get(rule, []) if message not in told] == []
