"""`kg diff`: what changed between two versions, per thing, judgement, passage and canned query."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.build.dataset import DATASET_FILE
from kg.build.manifest import Manifest, file_entry, write_manifest
from kg.cli import kg
from kg.errors import BuildMissingError, NotFoundError, SourceError, TurtleError, VersionGoneError
from kg.namespaces import EXAMPLES, GRAPH, ID, INFERRED, ONTOLOGY, RDF, RDFS, SH, SOURCE
from kg.project import Project
from kg.versions.archive import Archive
from kg.versions.changes import Change, Changes, changes_between
from kg.versions.summary import in_words

QUERY = """#+ title: Ships
#+ description: One row a ship.
#+ column: ship | iri | the ship
#+ column: year | integer | when it was built
#+ expect: rows >= 0

SELECT ?ship ?year WHERE { ?ship <https://w3id.org/oxus/ontology#built> ?year } ORDER BY ?ship
"""
ARGO, FRAM = f"<{ID}argo>", f"<{ID}fram>"
BUILT, REJECTS = f"<{ONTOLOGY}built>", f"<{ONTOLOGY}rejects>"
PASSAGE = f"<{SOURCE}log/0-9>"
JUDGEMENT = f"<{ID}judgement-argo>"
YEAR = '"1892"^^<http://www.w3.org/2001/XMLSchema#integer>'


def literal(value: str) -> str:
    return json.dumps(value)


def accepted(*triples: str) -> list[str]:
    return [f"{triple} ." for triple in triples]


def within(graph: str, *triples: str) -> list[str]:
    """Statements of a graph that are accepted too."""
    return [*(f"{triple} {graph} ." for triple in triples), *accepted(*triples)]


BASE = [
    *within(PASSAGE, f"{ARGO} {BUILT} {YEAR}"),
    *within(
        f"<{GRAPH}sources>", f"{PASSAGE} <{RDF}type> <{ONTOLOGY}Passage>", f'{PASSAGE} <{ONTOLOGY}gist> "It sails."@en'
    ),
    *within(f"<{GRAPH}entities>", f"{ARGO} <{RDF}type> <{ONTOLOGY}Ship>", f'{ARGO} <{RDFS}label> "Argo"@en'),
    *within(
        f"<{GRAPH}ontology>", f'<{ONTOLOGY}Ship> <{RDFS}label> "ship"@en', f"_:one <{RDFS}member> <{ONTOLOGY}Ship>"
    ),
    *within(f"{EXAMPLES}", f"<{EXAMPLES.value}/ships> <{SH}select> {literal(QUERY)}"),
]
NAMED_FRAM = within(f"<{GRAPH}entities>", f"{FRAM} <{RDF}type> <{ONTOLOGY}Ship>", f'{FRAM} <{RDFS}label> "Fram"@en')
JUDGED = within(
    f"<{GRAPH}judgements>",
    f"{JUDGEMENT} <{RDF}type> <{ONTOLOGY}Judgement>",
    f'{JUDGEMENT} <{RDFS}label> "The year"@en',
    f"{JUDGEMENT} {REJECTS} {PASSAGE}",
)


def without(lines: list[str], *parts: str) -> list[str]:
    return [line for line in lines if not all(part in line for part in parts)]


def dump(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def changes(tmp_path: Path, old: list[str], new: list[str]) -> Changes:
    return changes_between(dump(tmp_path / "old.nq", old), dump(tmp_path / "new.nq", new))


def statements(change: Change) -> tuple[list[str], list[str]]:
    return tuple([str(each.triple) for each in found] for found in (change.removed, change.added))  # type: ignore[return-value]


# What changed


def test_nothing_changed_between_a_version_and_itself(tmp_path: Path):
    found = changes(tmp_path, BASE, list(reversed(BASE)))
    counts = {"things": 0, "judgements": 0, "passages": 0, "added": 0, "removed": 0}
    assert found.summary == {**counts, "unnamed": 2}  # blank nodes of files have no names that last
    assert not found.data


def test_a_thing_that_was_added_is_told_with_its_label_and_statements(tmp_path: Path):
    (fram,) = changes(tmp_path, BASE, BASE + NAMED_FRAM).things
    assert (fram.iri, fram.status, fram.label, fram.group) == (ID + "fram", "added", "Fram", "id")
    assert [each.graphs for each in fram.added] == [(f"{GRAPH}entities",)] * 2
    (gone,) = changes(tmp_path, BASE + NAMED_FRAM, BASE).things
    assert (gone.status, len(gone.removed)) == ("removed", 2)


def test_a_fact_that_was_corrected_is_told_of_the_thing_and_of_the_passage(tmp_path: Path):
    found = changes(tmp_path, BASE, [line.replace("1892", "1893") for line in BASE])
    (argo,), (passage,) = found.things, found.passages
    removed, added = statements(argo)
    assert (argo.status, "1892" in removed[0], "1893" in added[0]) == ("changed", True, True)
    assert argo.added[0].graphs == (f"{SOURCE}log/0-9",)
    assert (passage.status, passage.label, passage.verdict) == ("changed", "It sails.", "")
    assert found.data


def test_a_fact_that_a_judgement_rejects_is_gone_from_the_thing_and_stays_in_its_passage(tmp_path: Path):
    rejected = [line for line in BASE if not (YEAR in line and PASSAGE not in line)] + JUDGED
    found = changes(tmp_path, BASE, rejected)
    (argo,), (passage,), (judgement,) = found.things, found.passages, found.judgements
    assert (len(argo.removed), argo.removed[0].graphs) == (1, ())
    assert (passage.verdict, passage.removed, passage.added) == ("rejected", (), ())
    assert (judgement.status, judgement.label) == ("added", "The year")
    back = changes(tmp_path, rejected, BASE)
    assert (back.passages[0].verdict, back.judgements[0].status) == ("accepted again", "removed")


def test_what_is_inferred_names_its_rule(tmp_path: Path):
    (argo,) = changes(tmp_path, BASE, BASE + within(f"<{INFERRED}old>", f"{ARGO} <{RDF}type> <{ONTOLOGY}Old>")).things
    assert (argo.status, argo.added[0].graphs) == ("changed", (INFERRED + "old",))


def test_the_ontology_is_no_data_and_what_a_build_says_of_itself_no_change(tmp_path: Path):
    found = changes(tmp_path, BASE, [line.replace('"ship"', '"vessel"') for line in BASE])
    assert ([each.group for each in found.things], found.data) == (["ontology"], False)
    counted = within(f"<{GRAPH}catalogue>", f"<https://w3id.org/oxus/> <{RDFS}comment> 9".replace("9", '"9"'))
    assert changes(tmp_path, BASE, BASE + counted).things == ()


def test_nodes_without_a_name_are_counted_and_not_compared(tmp_path: Path):
    found = changes(tmp_path, BASE, [line.replace("_:one", "_:two") for line in BASE])
    assert (found.unnamed, found.things) == (2, ())


NAMED = without(BASE, "_:one")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (
            [line.replace("It sails", "It rows") for line in NAMED],
            "1 statement added, 1 removed; 0 things",
        ),
        # The passage states one fact more: it counts once, whether told of the thing or of the passage.
        ([*NAMED, *within(PASSAGE, f"{ARGO} {BUILT} {FRAM}")], "1 statement added, 0 removed; 1 thing"),
        # A reading that is not accepted adds nothing to what is accepted.
        ([*NAMED, f"{ARGO} {BUILT} {FRAM} {PASSAGE} ."], "0 statements added, 0 removed; 0 things"),
    ],
)
def test_statements_about_a_passage_count_and_those_in_it_count_once(tmp_path: Path, new: list[str], words: str):
    found = changes(tmp_path, NAMED, new)
    assert in_words(found.summary) == f"{words}, 0 judgements and 1 passage changed"


def test_a_change_of_nodes_without_a_name_alone_does_not_read_as_none(tmp_path: Path):
    found = changes(tmp_path, BASE, [line.replace("_:one", "_:two") for line in BASE])
    assert in_words(found.summary).endswith("; 2 statements of nodes without a name not compared")


# The command


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("ontology", "data"):
        (tmp_path / name).mkdir()
    return Project(tmp_path)


@pytest.fixture
def run(project: Project) -> Callable[..., Result]:
    def run(*arguments: object) -> Result:
        return CliRunner().invoke(kg, ["--project", str(project.root), "diff", *map(str, arguments)])

    return run


def built(project: Project, name: str, version: str, lines: list[str], changelog: str = "") -> Path:
    """A build of these statements, in a folder of its own with a changelog beside it."""
    folder = project.root / name / "build"
    folder.mkdir(parents=True)
    (folder / DATASET_FILE).write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    entry = file_entry(folder / DATASET_FILE, "application/gzip")
    write_manifest(Manifest("1", version, "2026-01-31", {}, {}, {DATASET_FILE: entry}, "0"), folder)
    if changelog:
        (folder.parent / "CHANGELOG.md").write_text(changelog)
    return folder


def test_two_builds_are_compared_down_to_the_rows_of_their_queries(run: Callable[..., Result], project: Project):
    old = built(project, "old", "1+a", BASE)
    new = built(project, "new", "1+b", [line.replace("1892", "1893") for line in BASE] + NAMED_FRAM)
    done = run(old, new)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "1+a → 1+b"
    for line in (
        "~ log:0-9  It sails. (changed)",
        "+ id:fram  Fram (added)",
        '    - oxus:built "1892"^^<http://www.w3.org/2001/XMLSchema#integer>',
        "  ships  Ships (1 changed)",
        "    ~ id:argo | 1892",
        "      → id:argo | 1893",
    ):
        assert line in done.output.splitlines(), done.output


def test_the_same_as_json(run: Callable[..., Result], project: Project):
    old = built(project, "old", "1+a", BASE)
    new = built(project, "new", "1+b", [line.replace("1892", "1893") for line in BASE])
    told = json.loads(run(old, new, "--format", "json", "--no-queries").output)
    assert (told["old"], told["new"], told["summary"]["things"], told["queries"]) == ("1+a", "1+b", 1, [])
    assert told["things"][0]["removed"][0]["triple"][2]["value"] == "1892"


def test_queries_that_came_went_changed_or_are_not_answered_are_told(run: Callable[..., Result], project: Project):
    def example(slug: str, text: str) -> str:
        return f"<{EXAMPLES.value}/{slug}> <{SH}select> {literal(text)} {EXAMPLES} ."

    other = QUERY.replace("ORDER BY ?ship", "ORDER BY ?ship ?year")
    product = " ".join(f"?s{number} ?p{number} ?o{number} ." for number in range(12))
    endless = QUERY.replace("WHERE {", f"WHERE {{ {product}")
    before = [*without(BASE, "/ships>"), example("ships", QUERY), example("gone", QUERY), example("slow", endless)]
    after = [*without(BASE, "/ships>"), example("ships", other), example("new", QUERY), example("slow", endless)]
    done = run(built(project, "old", "1+a", before), built(project, "new", "1+b", after), "--timeout", "0.5")
    told = [line for line in done.output.splitlines() if line[2:].startswith(("ships", "gone", "new", "slow"))]
    assert told[:3] == ["- gone  Ships (removed)", "+ new  Ships (added)", "~ ships  Ships (its text changed)"]
    assert told[3].startswith("  slow  Ships (not answered: ")


def test_versions_are_named_by_folder_file_or_the_end_of_their_name(run: Callable[..., Result], project: Project):
    archive = Archive(project.root / "archive")
    for version, lines in (("1+aaaa", BASE), ("1+bbbb", BASE + NAMED_FRAM)):
        archive.keep(built(project, version, version, lines), project, None, 9)
    assert run("1+aaaa", "bbbb", "--no-queries").output.startswith("1+aaaa → 1+bbbb\n2 statements added")
    dumped = dump(project.root / "dump.nq", BASE)
    assert run(dumped, "bbbb", "--summary", "--no-queries").output.startswith("dump.nq → 1+bbbb\n2 statements added")


def test_without_names_the_build_is_compared_with_the_version_before(run: Callable[..., Result], project: Project):
    build = built(project, ".", "1+bbbb", BASE + NAMED_FRAM)
    archive = Archive(project.root / "archive")
    with pytest.raises(SourceError, match="no other version is kept"):
        raise run().exception
    with pytest.raises(NotFoundError, match="none is kept in .*archive"):
        raise run("1+zz").exception
    archive.keep(built(project, "old", "1+aaaa", BASE), project, None, 9)
    archive.keep(build, project, None, 9)
    assert run("--summary", "--no-queries").output.startswith("1+aaaa → 1+bbbb\n2 statements added")


def test_what_cannot_be_compared_is_told(run: Callable[..., Result], project: Project):
    archive = Archive(project.root / "archive")
    for version in ("1+aa", "1+ba", "1+cc"):
        archive.keep(built(project, version, version, BASE), project, None, 1)
    (project.root / "empty").mkdir()
    good = dump(project.root / "good.nq", BASE)
    for name, error, words in (
        ("1+zz", NotFoundError, "no version '1\\+zz' here; kept are 1\\+cc, 1\\+ba$"),
        ("a", NotFoundError, "several versions: 1\\+aa, 1\\+ba"),
        ("1+aa", VersionGoneError, "no longer kept"),
        (project.root / "empty", SourceError, "without a build"),
        (dump(project.root / "bad.nq", ["<urn:a> <urn:b>"]), TurtleError, "bad.nq"),
    ):
        with pytest.raises(error, match=words):
            raise run(name, good, "--no-queries").exception
    (archive.find("1+cc").folder / DATASET_FILE).write_bytes(b"not gzip")
    with pytest.raises((BuildMissingError, VersionGoneError)):
        raise run(archive.folder / "1+cc", good, "--no-queries").exception


# The changelog

BEFORE = "# Changelog\n\n## 2\n\n### Data\n- A year corrected.\n\n### Server\n- Faster.\n"


@pytest.mark.parametrize(
    ("changelog", "fails"),
    [
        (BEFORE, True),
        (BEFORE.replace("- Faster.", "- Faster.\n- A line elsewhere."), True),
        (BEFORE.replace("A year corrected.", "A year\n  corrected."), True),
        (BEFORE.replace("- A year corrected.", "- A year corrected.\n- The ship Fram."), False),
        ("# Changelog\n\n## 3\n\n### Data\n- The ship Fram.\n\n" + BEFORE.partition("\n\n")[2], False),
    ],
)
def test_data_that_changed_without_a_line_in_the_changelog_fail(
    run: Callable[..., Result], project: Project, changelog: str, fails: bool
):
    old = built(project, "old", "1+a", BASE, BEFORE)
    new = built(project, "new", "1+b", BASE + NAMED_FRAM, changelog)
    done = run(old, new, "--changelog")
    assert (done.exit_code != 0) is fails
    if fails:
        assert "no line of CHANGELOG.md under Data is new (2 statements added" in str(done.exception)
    else:
        assert "told under Data: The ship Fram." in done.output


def test_without_a_change_in_the_data_the_changelog_need_say_nothing(run: Callable[..., Result], project: Project):
    old = built(project, "old", "1+a", BASE, BEFORE)
    new = built(project, "new", "1+b", [line.replace('"ship"', '"vessel"') for line in BASE], BEFORE)
    assert run(old, new, "--changelog").output == "the data are the same in 1+a and 1+b\n"


def test_a_version_without_a_changelog_cannot_be_held_against_it(run: Callable[..., Result], project: Project):
    old, new = built(project, "old", "1+a", BASE), built(project, "new", "1+b", BASE, BEFORE)
    with pytest.raises(SourceError, match=r"no CHANGELOG\.md"):
        raise run(old, new, "--changelog").exception
