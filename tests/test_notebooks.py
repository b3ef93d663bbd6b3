"""The notebooks run from top to bottom on the build, make a table and a chart, and fetch nothing."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def committed_outputs(notebook: nbformat.NotebookNode) -> list[str]:
    """The cells that were saved with what they printed."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.id for cell in cells if cell.outputs or cell.execution_count is not None]


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_a_table_and_a_chart(path: Path, real_build: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert committed_outputs(notebook) == []
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}}).execute()

    shown = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    types = {media_type for data in shown for media_type in data}
    assert any(re.match(r"application/vnd\.vegalite\.v\d+\+json", media_type) for media_type in types)
    tables = [data["text/html"] for data in shown if "<table" in data.get("text/html", "")]
    assert tables and all(html.count("<tr") > 1 for html in tables)
    assert [html for data in shown for html in [data.get("text/html", "")] if "<script" in html or "src=" in html] == []
    assert [
        output for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"
    ] == []


def test_committed_outputs_are_found() -> None:
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.outputs = [nbformat.v4.new_output("stream", text="4107")]
    assert committed_outputs(notebook) == [cell.id]
