"""The README tells the truth: settings, commands, URLs, layout and examples are compared with the code.

The comparisons are also shown to find a row that is missing, invented or out of date.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from layout_rules import TOP_FOLDERS, tracked_files

import kg
from kg.pool.client import PoolClient
from server.app import create_app
from server.cli import kg as commands
from server.pinning import Origin, pin
from server.settings import SETTINGS, Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
KINDS_OF_CHANGE = ["Ontology", "Data", "Queries", "Server"]


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The rows of a Markdown table, the head left out."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def first_cells(text: str) -> set[str]:
    """The first column of a table, without the marks of code."""
    return {row[0].strip("`") for row in table(text)}


def layout(text: str) -> set[str]:
    """The names in a layout block, folders with a slash."""
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert block, "the section Layout has no block"
    return {line.split()[0] for line in block[1].splitlines() if not line.startswith(" ")}


def shell_examples(text: str) -> list[str]:
    """The commands in the shell blocks of a text, those that read lines up to END with their lines."""
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    return [found[0] for found in re.finditer(r"^[^\n]*<<'END'\n.*?^END$|^[^\n]+$", lines, re.MULTILINE | re.DOTALL)]


# The tables


def test_the_settings_are_those_of_the_code() -> None:
    rows = [
        [f"`{setting.variable}`", f"`{setting.default}`" if str(setting.default) else "none", setting.help]
        for setting in SETTINGS
    ]
    expected = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    assert table(section(README, "Settings")) == rows, f"the rows should be\n{expected}"


def test_the_commands_are_those_of_the_code() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    ours = {f"kg {name}" for name in commands.list_commands(click.Context(commands))}
    assert first_cells(section(README, "Commands")) == ours | {f"make {name}" for name in targets[1].split()}


def test_the_urls_are_those_of_the_code(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<urn:a> <urn:b> <urn:c> .")
    app = create_app(Settings(), pin(Origin(tmp_path, (file,)), tmp_path / "pin"), PoolClient(tmp_path / "socket"))
    assert first_cells(section(README, "URLs")) == {rule.rule for rule in app.url_map.iter_rules()}


def test_the_layout_is_that_of_the_checkout() -> None:
    named = layout(section(README, "Layout"))
    assert {name.rstrip("/") for name in named if name.endswith("/")} == TOP_FOLDERS
    assert {name for name in named if not (ROOT / name).exists()} == set()
    files = {path.name for path in tracked_files(ROOT) if path.parent == ROOT and not path.name.startswith(".")}
    assert {name for name in files - named if name not in section(README, "Layout")} == set()


def test_a_table_that_lies_is_found() -> None:
    rows = "| variable | default |\n|---|---|\n| `KG_A` | 1 |\n| `KG_B` | none |\n"
    text = f"## Settings\n\n{rows}\n## Layout\n```\nkg/  x\n  y\n```\n"
    assert table(section(text, "Settings")) == [["`KG_A`", "1"], ["`KG_B`", "none"]]
    assert first_cells(section(text, "Settings")) == {"KG_A", "KG_B"}
    assert layout(section(text, "Layout")) == {"kg/"}
    with pytest.raises(AssertionError, match="no section URLs"):
        section(text, "URLs")


# The examples


def test_shell_examples_are_read_with_their_input() -> None:
    text = "```sh\nmake serve\nkg query - <<'END'\nASK {}\nEND\nkg check\n```\n"
    assert shell_examples(text) == ["make serve", "kg query - <<'END'\nASK {}\nEND", "kg check"]


@pytest.mark.parametrize("command", [line for line in shell_examples(README) if line.startswith("kg query")])
def test_an_example_of_the_readme_runs(command: str, real_build: Path) -> None:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=ROOT,
        env={"PATH": path, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command
    assert len(done.stdout.splitlines()) > 1, command


def test_the_query_of_the_readme_has_an_answer(real_build: Path) -> None:
    query = re.search(r"```sparql\n(.*?)```", README, re.DOTALL)
    assert query
    assert list(kg.open_build(real_build).query(query[1]))


def test_the_files_that_the_readme_links_to_are_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links and [link for link in links if not (ROOT / link).exists()] == []


# The other documents


def changelog_faults(text: str) -> list[str]:
    """The versions whose sections are not the four kinds of change, in their order (those without news left out)."""
    faults = []
    for version, body in re.findall(r"^## (\S+).*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
        kinds = re.findall(r"^### (.*)$", body, re.MULTILINE)
        if not kinds or kinds != [kind for kind in KINDS_OF_CHANGE if kind in kinds]:
            faults.append(f"{version}: {', '.join(kinds)}")
    return faults


def test_the_changelog_speaks_to_its_four_readers() -> None:
    assert changelog_faults((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")) == []
    assert changelog_faults("## 1.0.0\n### Data\n### Ontology\n\n## 0.9.0\n### Server\n\n## 0.8.0\n### Fixed\n") == [
        "1.0.0: Data, Ontology",
        "0.8.0: Fixed",
    ]


def test_the_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert citation and newest and citation[1] == newest[1] == project["version"]
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "SPDX-License-Identifier: CC-BY-4.0" in (ROOT / "LICENSE-DATA").read_text(encoding="utf-8")


# The library


def test_the_exports_of_kg_are_complete_and_sorted() -> None:
    tree = ast.parse((ROOT / "kg" / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(kg.__all__) == {name for name in imported if not name.startswith("_")}
    assert list(kg.__all__) == sorted(kg.__all__)
    assert [name for name in kg.__all__ if not getattr(kg, name).__doc__] == []


def test_the_examples_in_docstrings_are_run() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    assert {"kg", "server"} <= set(settings["testpaths"])
    assert "--doctest-modules" in settings["addopts"]


def test_every_module_opens_with_what_it_is_for() -> None:
    for path in [*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")]:
        opening = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0]
        assert re.search(r"[.!?)]$", opening), f"{path.name} opens with no sentence: {opening!r}"
