import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.build import folders
from kg.build.dataset import open_build
from kg.build.manifest import is_whole, read_manifest
from kg.build.run import build, current_build
from kg.cli import kg
from kg.errors import BuildMissingError, QualityError, SourceError
from kg.findings import Finding
from kg.project import Project

Amend = Callable[[str, str, str], int]
PASSAGES = "data/passages/report-1.trig"

KILLED = """
import os, signal, sys
from pathlib import Path
import kg.build.run
from kg.project import Project

def kill(*args):
    os.kill(os.getpid(), signal.SIGKILL)

kg.build.run.write_manifest = kill
kg.build.run.build(Project(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.fixture
def out(tiny_project: Project) -> Path:
    return tiny_project.root / "build"


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def siblings(out: Path) -> set[str]:
    return {path.name for path in out.parent.iterdir()} - {"ontology", "data", "queries"}


def run(project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(kg, ["--project", str(project.root), *arguments])


def test_two_builds_are_byte_for_byte_the_same(tiny_project: Project, out: Path) -> None:
    build(tiny_project, out)
    first = contents(out)
    build(tiny_project, out)
    assert contents(out) == first
    assert siblings(out) == {"build"}


def test_a_build_in_another_process_is_the_same(tiny_project: Project, out: Path, tmp_path: Path) -> None:
    build(tiny_project, out)
    # A different hash seed gives sets another order.
    command = [sys.executable, "-c", KILLED.replace("kg.build.run.write_manifest = kill", ""), str(tiny_project.root)]
    subprocess.run([*command, str(tmp_path / "other")], check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert contents(tmp_path / "other") == contents(out)


def test_a_fault_leaves_the_earlier_build_untouched(tiny_project: Project, out: Path, amend: Amend) -> None:
    build(tiny_project, out)
    before = contents(out)
    line = amend(PASSAGES, "topic:shipping", "topic:shiping")
    with pytest.raises(QualityError) as caught:
        build(tiny_project, out)
    assert [(one.path, one.line, one.rule) for one in caught.value.findings] == [(PASSAGES, line, "undeclared-topic")]
    assert contents(out) == before
    assert siblings(out) == {"build"}


def test_a_build_that_is_killed_leaves_the_earlier_one_usable(tiny_project: Project, out: Path, amend: Amend) -> None:
    build(tiny_project, out)
    before = contents(out)
    amend(PASSAGES, "oxus:height 9", "oxus:height 10")
    command = [sys.executable, "-c", KILLED, str(tiny_project.root), str(out)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert contents(out) == before
    assert len(open_build(out)) > 0
    assert len(siblings(out)) == 2  # what the killed build had written
    build(tiny_project, out)
    assert siblings(out) == {"build"}
    assert contents(out) != before


def test_a_swap_cut_short_is_put_back(tiny_project: Project, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = build(tiny_project, out)
    out.rename(out.with_name(".build.previous"))
    assert read_manifest(out) == manifest
    out.rename(out.with_name(".build.previous"))
    assert len(open_build(out)) > 0


def test_a_system_that_cannot_exchange_folders_still_replaces_them(
    tiny_project: Project, out: Path, amend: Amend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    before = build(tiny_project, out)
    amend(PASSAGES, "oxus:height 9", "oxus:height 10")
    after = build(tiny_project, out)
    assert read_manifest(out) == after != before
    assert is_whole(after, out)
    assert siblings(out) == {"build"}


def test_a_folder_with_what_no_build_wrote_is_refused(tiny_project: Project, out: Path) -> None:
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(SourceError, match=r"thesis\.txt"):
        build(tiny_project, out)
    with pytest.raises(SourceError, match="no build wrote"):
        build(tiny_project, tiny_project.root)
    (out / "thesis.txt").rename(tiny_project.root / "thesis.txt")
    build(tiny_project, out)
    (out / "notes.txt").write_text("")
    with pytest.raises(SourceError, match=r"notes\.txt"):
        build(tiny_project, out)


def test_a_place_that_cannot_be_written_is_an_error(tiny_project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="file/build:1: error: .* cannot be written: "):
        build(tiny_project, tmp_path / "file" / "build")
    with pytest.raises(SourceError, match="is a file"):
        build(tiny_project, tmp_path / "file")


def test_a_warning_is_told_and_stops_nothing(tiny_project: Project, out: Path, amend: Amend) -> None:
    line = amend("data/entities.ttl", 'rdfs:label "Ada"', 'rdfs:label "Tower"')
    told: list[Finding] = []
    build(tiny_project, out, warn=told.append)
    assert [(one.rule, one.severity, one.line) for one in told] == [("no-tower", "warning", line - 2)]


def test_steps_are_told_as_they_begin(tiny_project: Project, out: Path) -> None:
    steps: list[str] = []
    build(tiny_project, out, progress=steps.append)
    assert steps == ["reading files", "inferring", "checking", "describing", "writing dumps"]


def test_a_build_is_current_until_something_changes(tiny_project: Project, out: Path, amend: Amend) -> None:
    assert current_build(tiny_project, out) is None
    manifest = build(tiny_project, out)
    assert current_build(tiny_project, out) == manifest
    (out / "oxus.ttl").write_text("")
    assert current_build(tiny_project, out) is None
    build(tiny_project, out)
    amend("queries/checks/no-tower.rq", "call it a lighthouse", "call it a light")
    assert current_build(tiny_project, out) is None


def test_the_command_says_what_it_built_and_skips_what_has_not_changed(tiny_project: Project, out: Path) -> None:
    first = run(tiny_project, "build")
    assert first.exit_code == 0
    assert "triples in passages" in first.output and "bytes in oxus.nq.gz" in first.output
    assert "nothing has changed" in run(tiny_project, "build").output
    assert "triples in passages" in run(tiny_project, "build", "--force").output


def test_the_command_prints_findings_and_fails(tiny_project: Project, out: Path, amend: Amend) -> None:
    line = amend(PASSAGES, "oxus:height 9", "oxus:hight 9")
    result = run(tiny_project, "build")
    assert result.exit_code == 1
    expected = (
        f"{PASSAGES}:{line}: error: oxus:hight is not a declared property [undeclared-property] — "
        "did you mean oxus:height? Else declare it in ontology/oxus.ttl"
    )
    assert result.stderr.splitlines()[0] == expected
    assert result.stdout == ""
    assert not out.exists()


def test_a_file_that_does_not_parse_is_one_finding(tiny_project: Project, amend: Amend) -> None:
    line = amend("data/entities.ttl", "a oxus:Keeper ;", "a oxus:Keeper ;;; ]")
    for command in ("build", "check"):
        result = run(tiny_project, command)
        assert result.exit_code == 1
        assert f"data/entities.ttl:{line}: error: " in result.output
        assert "Traceback" not in result.output


def test_check_prints_findings_then_counts_and_writes_nothing(tiny_project: Project, out: Path, amend: Amend) -> None:
    clean = run(tiny_project, "check")
    assert (clean.exit_code, clean.stdout) == (0, "0 errors, 0 warnings\n")
    amend("data/entities.ttl", 'rdfs:label "Ada"', 'rdfs:label "Tower"')
    warned = run(tiny_project, "check")
    assert (warned.exit_code, warned.stdout.splitlines()[-1]) == (0, "0 errors, 1 warning")
    amend(PASSAGES, "topic:shipping", "topic:shiping")
    failed = run(tiny_project, "check")
    assert (failed.exit_code, failed.stdout.splitlines()[-1]) == (1, "1 error, 1 warning")
    assert not out.exists()


def test_a_project_is_found_from_within(tiny_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_project.data / "passages")
    assert CliRunner().invoke(kg, ["check"]).stdout == "0 errors, 0 warnings\n"


def test_the_command_line_imports_only_what_the_command_needs() -> None:
    slow = ("pyshacl", "rdflib", "edtf")
    code = f"import sys, kg.cli; from kg import open_build; print([name for name in {slow} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout == "[]\n"


def test_leftovers_of_a_living_process_are_left_alone(tiny_project: Project, out: Path) -> None:
    living = out.with_name(f".build.{os.getppid()}.new")
    living.mkdir()
    build(tiny_project, out)
    assert living.is_dir()
    shutil.rmtree(living)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [make_folder, make_dangling, os.mkfifo])
@pytest.mark.parametrize(
    "name", ["data/stray.ttl", "data/passages/stray.trig", "queries/stray.rq", "ontology/rules/stray.rq"]
)
def test_what_is_no_file_is_one_finding(tiny_project: Project, make: Callable[[Path], None], name: str) -> None:
    make(tiny_project.root / name)
    for command in ("build", "check"):
        result = run(tiny_project, command)
        assert result.exit_code == 1
        assert f"{name}:1: error: is " in result.output and "1 error, 0 warnings" in result.output


def test_a_link_to_a_file_is_a_file(tiny_project: Project, out: Path) -> None:
    (tiny_project.data / "entities.ttl").rename(tiny_project.root / "elsewhere.ttl")
    (tiny_project.data / "entities.ttl").symlink_to(tiny_project.root / "elsewhere.ttl")
    assert run(tiny_project, "build").exit_code == 0


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "[" * 100_000, '"x"', '{"files": {}}', None, '{"release": 1', "\udcff"]
)
@pytest.mark.parametrize("arguments", [["build"], ["build", "--force"]])
def test_a_damaged_manifest_is_built_again(
    tiny_project: Project, out: Path, content: str | None, arguments: list[str]
) -> None:
    manifest = build(tiny_project, out)
    path = out / "manifest.json"
    if content is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_text(content, errors="surrogateescape")
    with pytest.raises(BuildMissingError, match="run kg build"):
        read_manifest(out)
    (tiny_project.root / "all.rq").write_text("SELECT * { ?s ?p ?o } LIMIT 1")
    asked = run(tiny_project, "query", "--cite", str(tiny_project.root / "all.rq"))
    assert isinstance(asked.exception, BuildMissingError) and "run kg build" in str(asked.exception)
    assert run(tiny_project, *arguments).exit_code == 0
    assert read_manifest(out) == manifest


@pytest.mark.parametrize(
    ("name", "value"),
    [("release", 9), ("counts", {"accepted": "many"}), ("files", {"../x": {"bytes": 1, "sha256": "", "type": ""}})],
)
def test_a_manifest_with_values_of_other_types_is_damaged(
    tiny_project: Project, out: Path, name: str, value: object
) -> None:
    build(tiny_project, out)
    content = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps(content | {name: value}))
    with pytest.raises(BuildMissingError, match=r"damaged .*run kg build"):
        read_manifest(out)
    assert run(tiny_project, "build").exit_code == 0


LIMITED = """
import resource, sys
from server.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:] = sys.argv[2:]
main()
"""


@pytest.mark.parametrize("most_bytes", [0, 100, 3000])
def test_a_disk_that_is_full_is_told_and_leaves_the_earlier_build(
    tiny_project: Project, out: Path, amend: Amend, most_bytes: int
) -> None:
    build(tiny_project, out)
    before = contents(out)
    amend(PASSAGES, "oxus:height 9", "oxus:height 10")
    command = [sys.executable, "-c", LIMITED, str(most_bytes), "--project", str(tiny_project.root), "build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written: File too large" in done.stderr and "Traceback" not in done.stderr
    assert contents(out) == before and siblings(out) == {"build"}
    assert len(open_build(out)) > 0


def test_a_build_with_flipped_bytes_is_damaged(tiny_project: Project, out: Path) -> None:
    build(tiny_project, out)
    whole = (out / "oxus.nq.gz").read_bytes()
    for place in range(10, len(whole), len(whole) // 7):
        (out / "oxus.nq.gz").write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(BuildMissingError, match="run kg build"):
            open_build(out)
