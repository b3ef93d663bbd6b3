"""How the house is laid out, one function a rule: a folder in, the faults in it as sentences out."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

MOST_LINES = 400
MOST_LINES_OF_TESTS = 600  # one test a rule makes long files that are still easy to read
FORBIDDEN_NAMES = {"common", "helpers", "misc", "models", "utils"}
ONLY_IN_SERVER = {"flask", "granian", "jinja2", "werkzeug"}
ONLY_FOR_CHECKS = {"pyshacl", "rdflib"}
MAY_IMPORT_RDFLIB = {
    "kg/tracing/algebra.py": "the algebra of a query, to trace an answer's rows",
    "kg/tracing/expressions.py": "the expressions in that algebra",
    "kg/tracing/naming.py": "the terms in that algebra",
    "kg/build/rule_grammar.py": "the patterns of an inference rule",
    "kg/checks/shapes.py": "SHACL",
}
ENVIRONMENT_READER = "server/settings.py"
TOP_FOLDERS = {".ci", "data", "kg", "notebooks", "ontology", "queries", "server", "tests"}
# What only one machine has: home folders, mounts, and package indexes that a mirror may stand for.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/-])/(?:home|Users|root|work|opt|mnt|srv)/[\w.-]+|[A-Z]:\\\w|(?:pypi|pythonhosted|npmjs)\.(?:org|com)"
)


def tracked_files(root: Path) -> list[Path]:
    """The files that are in git or would be added to it; without git, all but hidden folders' and builds'."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return sorted(root / name for name in listed.stdout.split("\0") if name and (root / name).is_file())
    skipped = {".git", ".venv", ".cache", "__pycache__"}
    below = ((path, path.relative_to(root).parts) for path in root.rglob("*") if path.is_file())
    return sorted(path for path, parts in below if parts[0] != "build" and not skipped & set(parts))


def modules(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Each module of `kg` and `server`: its path from the root, and its syntax tree."""
    for folder in ("kg", "server"):
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """The packages that a module imports anywhere in it, by their first name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def import_directions(root: Path) -> Iterator[str]:
    """`server` imports `kg`, never the other way; Flask stays in `server`, rdflib and pySHACL where they are needed."""
    for name, tree in modules(root):
        packages = imported(tree)
        if name.startswith("kg/"):
            if "server" in packages:
                yield f"{name} imports server"
            for package in sorted(packages & ONLY_IN_SERVER):
                yield f"{name} imports {package}, which belongs in server/"
        for package in sorted(packages & ONLY_FOR_CHECKS):
            if name not in MAY_IMPORT_RDFLIB:
                yield f"{name} imports {package}, which only {', '.join(MAY_IMPORT_RDFLIB)} may"


def environment(root: Path) -> Iterator[str]:
    """One module reads the environment."""
    for name, tree in modules(root):
        if name == ENVIRONMENT_READER:
            continue
        for node in ast.walk(tree):
            read = isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}
            if isinstance(node, ast.ImportFrom) and node.module == "os":
                read = any(alias.name in {"environ", "environb", "getenv"} for alias in node.names)
            if read:
                yield f"{name}:{getattr(node, 'lineno', 0)} reads the environment: {ENVIRONMENT_READER} does that"


def sizes(root: Path) -> Iterator[str]:
    """No module is longer than a reader's patience."""
    for path in tracked_files(root):
        if path.suffix == ".py":
            lines = len(path.read_text(encoding="utf-8").splitlines())
            most = MOST_LINES_OF_TESTS if path.name.startswith("test_") else MOST_LINES
            if lines > most:
                yield f"{path.relative_to(root).as_posix()} has {lines} lines and may have {most}: split it"


def module_names(root: Path) -> Iterator[str]:
    """A module is named after what it holds."""
    for path in tracked_files(root):
        names = {part.removesuffix(".py") for part in path.relative_to(root).parts}
        if path.suffix == ".py" and names & FORBIDDEN_NAMES:
            yield f"{path.relative_to(root).as_posix()}: name it after what is in it"


def folders(root: Path) -> Iterator[str]:
    """The house has the rooms that the README shows."""
    for folder in sorted({p.relative_to(root).parts[0] for p in tracked_files(root) if p.parent != root} - TOP_FOLDERS):
        yield f"{folder}/ is not a folder of the layout"


def lock_files(root: Path) -> Iterator[str]:
    """Lock files pin every package with hashes, and name no host."""
    for path in sorted(root.glob("requirements*.lock")):
        text = path.read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host| @ ", line):
                yield f"{path.name}:{number} names a host: {line.strip()}"
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            if not re.match(r"[\w.-]+==\S+", requirement) or "--hash=sha256:" not in requirement:
                yield f"{path.name}: {requirement.split()[0]} is not pinned with a hash"


def machine_paths(root: Path) -> Iterator[str]:
    """Nothing names a place that only one machine has."""
    for path in tracked_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                yield f"{path.relative_to(root).as_posix()}:{number} names {found[0]}"


def subject_names(root: Path, words: set[str]) -> Iterator[str]:
    """The code knows nothing of its subject: examples in docstrings aside, no string of it has the subject's words."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})", re.IGNORECASE)
    for name, tree in modules(root):
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docstrings = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
                if found := pattern.search(node.value):
                    yield f"{name}:{node.lineno} names {found[0]!r}, which is for ontology/, data/ and queries/"


RULES = (import_directions, environment, sizes, module_names, folders, lock_files, machine_paths)
