"""The house keeps its shape: import directions, sizes, names, folders, and nothing that only one machine has.

Each rule is also shown to fire, on a small tree with one thing wrong.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from layout_rules import MAY_IMPORT_RDFLIB, RULES, TOP_FOLDERS, imported, modules, subject_names

ROOT = Path(__file__).parents[2]
SUBJECT = {"tajik", "nato", "pfp", "partnership for peace", "dushanbe"}

Rule = Callable[[Path], Iterator[str]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_checkout_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(ROOT)) == []


def test_the_code_knows_nothing_of_its_subject() -> None:
    assert list(subject_names(ROOT, SUBJECT)) == []


def test_the_exceptions_are_still_needed() -> None:
    users = {name for name, tree in modules(ROOT) if {"rdflib", "pyshacl"} & imported(tree)}
    assert set(MAY_IMPORT_RDFLIB) == users
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} >= TOP_FOLDERS


def test_serving_waits_for_neither_rdflib_nor_pyshacl() -> None:
    modules = "server.cli, server.front, kg.pool.process, kg.pool.worker"
    code = f"import sys, {modules}; print(*{{'rdflib', 'pyshacl'}} & {{*sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""


WRONG = {
    "kg imports server": ("import_directions", "kg/build/run.py", "from server.app import create_app\n"),
    "kg imports flask": ("import_directions", "kg/build/run.py", "def run():\n    import flask\n"),
    "rdflib anywhere": ("import_directions", "kg/files/spans.py", "from rdflib.term import Literal\n"),
    "rdflib in server": ("import_directions", "server/home.py", "import rdflib.graph\n"),
    "os.environ": ("environment", "kg/build/run.py", "import os\nHOME = os.environ['HOME']\n"),
    "os.getenv": ("environment", "server/app.py", "import os\nHOME = os.getenv('HOME')\n"),
    "from os import environ": ("environment", "kg/build/run.py", "from os import environ\n"),
    "a long module": ("sizes", "kg/build/run.py", "x = 1\n" * 401),
    "a long test": ("sizes", "tests/unit/test_build.py", "x = 1\n" * 601),
    "a long help of tests": ("sizes", "tests/unit/rules.py", "x = 1\n" * 401),
    "a drawer": ("module_names", "kg/utils.py", ""),
    "a drawer with parts": ("module_names", "server/common/things.py", ""),
    "a new folder": ("folders", "scripts/run.sh", ""),
    "a host in a lock file": ("lock_files", "requirements.lock", "-i https://example.org/\na==1 --hash=sha256:0\n"),
    "a link in a lock file": ("lock_files", "requirements.lock", "a @ file:///a.whl --hash=sha256:0\n"),
    "no hash": ("lock_files", "requirements-dev.lock", "a==1 \\\n    --hash=sha256:0\nb==2\n"),
    "no version": ("lock_files", "requirements-dev.lock", "a>=1 --hash=sha256:0\n"),
    "a home folder": ("machine_paths", "README.md", "run " + "/home" + "/ada/oxus/run\n"),
    "a registry": ("machine_paths", "Makefile", "INDEX = https://" + "pypi" + ".org/simple\n"),
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small tree that keeps every rule."""
    write(tmp_path, "kg/build/run.py", "import pyoxigraph\n\nFORM = 'a/home/b'\n")
    write(tmp_path, "kg/checks/shapes.py", "import rdflib\n")
    write(tmp_path, "server/app.py", "import flask\nimport kg\n\n\ndef serve(request):\n    return request.environ\n")
    write(tmp_path, "server/settings.py", "import os\n\nHOME = os.environ\n")
    write(
        tmp_path, "requirements.lock", "a==1 \\\n    --hash=sha256:0\nb==2 ; python_version < '3.12' --hash=sha256:0\n"
    )
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


def fired(root: Path) -> set[str]:
    return {rule.__name__ for rule in RULES if list(rule(root))}


def test_a_good_house_has_no_fault(house: Path) -> None:
    assert fired(house) == set()


@pytest.mark.parametrize(("rule", "name", "text"), WRONG.values(), ids=WRONG)
def test_a_rule_fires_on_what_breaks_it(house: Path, rule: str, name: str, text: str) -> None:
    write(house, name, text)
    assert fired(house) == {rule}


def test_every_rule_is_shown_to_fire() -> None:
    assert {rule for rule, _, _ in WRONG.values()} == {rule.__name__ for rule in RULES}


def test_the_subject_is_found_in_code_and_not_in_examples(house: Path) -> None:
    write(
        house,
        "kg/a.py",
        '"""Like id:tajikistan."""\n\n\ndef f():\n    """Natolin is not it: nato.\n\n    >>> f("NATO")\n    """\n',
    )
    assert list(subject_names(house, SUBJECT)) == []
    write(house, "kg/b.py", 'STATES = ["Tajikistan"]\n')
    write(house, "server/c.py", "def f(x):\n    return f'{x} of NATO'\n")
    assert [fault.partition(" ")[0] for fault in subject_names(house, SUBJECT)] == ["kg/b.py:1", "server/c.py:2"]
