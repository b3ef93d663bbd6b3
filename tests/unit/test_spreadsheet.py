"""Tables for spreadsheets: what is held back from being a formula, what stays a number, labels beside IRIs."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pyoxigraph as ox
import pytest

from kg.errors import UnrepresentableError
from kg.namespaces import RDFS, XSD
from kg.queries.export import Sheet
from kg.queries.labels import Labels
from kg.queries.spreadsheet import Value, guarded, write_csv, write_workbook

NILE = ox.NamedNode("https://w3id.org/oxus/id/nile")
LABEL = ox.NamedNode(RDFS + "label")


def number(text: str, datatype: str = "integer") -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


@pytest.mark.parametrize("text", ["=1+1", "+992 37 221", "-x", "@SUM(A1)", "\t=1", "\r=1", "-1-1", "+", "=-3"])
def test_what_a_spreadsheet_takes_for_a_formula_is_held_back(text: str) -> None:
    assert guarded(ox.Literal(text)) == guarded(text) == "'" + text


@pytest.mark.parametrize(
    "value",
    [number("-3"), number("+3"), number("-1.50", "decimal"), number("-1.0E3", "double"), number("-INF", "double")]
    + [ox.Literal("-3"), ox.Literal("+4.5"), ox.Literal("1 = 1"), ox.Literal("a@b"), NILE, ox.Literal("'=1"), None],
)
def test_numbers_and_other_texts_stay_as_they_are(value: Value) -> None:
    assert guarded(value) == (value.value if isinstance(value, ox.Literal | ox.NamedNode) else "")


def test_csv_can_be_read_back() -> None:
    rows: list[list[Value]] = [[ox.Literal('a "b", c\nd'), None], [number("-3"), "=x"]]
    text = write_csv(["x", "y"], rows).decode()
    assert text.startswith("x,y\r\n")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["x", "y"], ['a "b", c\nd', ""], ["-3", "'=x"]]
    assert "'=x" not in write_csv(["x", "y"], rows, guard=False).decode()


def _cells(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        assert not any("externalLink" in name for name in parts.namelist())
        return parts.read("xl/worksheets/sheet1.xml").decode()


def test_a_workbook_has_numbers_as_numbers_and_no_formulas() -> None:
    rows: list[list[Value]] = [
        [ox.Literal("=1+1"), number("-3")],
        [number("12345678901234567890"), number("true", "boolean")],
        [ox.Literal("https://example.org/"), None],
    ]
    cells = _cells(write_workbook(["x", "y"], rows))
    assert "<f>" not in cells and "hyperlink" not in cells
    assert re.search(r'<c r="B2"><v>-3</v>', cells) and re.search(r'<c r="A3" t="s">', cells), "20 digits stay text"
    assert re.search(r'<c r="B3" t="b"><v>1</v>', cells)
    assert write_workbook(["x", "y"], rows) == write_workbook(["x", "y"], rows)


def test_what_a_sheet_cannot_hold_is_told() -> None:
    with pytest.raises(UnrepresentableError, match="32,767 characters"):
        write_workbook(["x"], [[ox.Literal("a" * 40_000)]])
    with pytest.raises(UnrepresentableError, match="take CSV"):
        write_workbook(["x"], [[None]] * 1_048_576)


def test_labels_come_in_the_language_asked_for_then_english_then_any() -> None:
    store = ox.Store()
    for text, language in (("Nile", "en"), ("Нил", "ru"), ("Нил (таҷ.)", "tg-Cyrl")):
        store.add(ox.Quad(NILE, LABEL, ox.Literal(text, language=language)))
    other = ox.NamedNode("urn:other")
    store.add(ox.Quad(other, LABEL, ox.Literal("Нил", language="ru")))
    assert [Labels(store, tags).of(NILE.value) for tags in ([], ["de"], ["de", "ru"], ["TG"])] == [
        *("Nile", "Nile", "Нил", "Нил (таҷ.)")
    ]
    assert Labels(store, ["tg"]).of("urn:other") == "Нил" and Labels(store).of("urn:none") == ""


def test_a_label_stands_beside_its_iri_unless_the_query_has_one() -> None:
    store = ox.Store()
    store.add(ox.Quad(NILE, LABEL, ox.Literal("Nile", language="en")))
    sheet = Sheet(("x", "x_label", "y", "n"), ((NILE, "own", NILE, number("1")), (None, None, ox.Literal("t"), None)))
    found = sheet.labelled(["x", "y"], Labels(store)).beside(["n", "z"], [["a", "b"], ["c", "d"]])
    assert found.names == ("x", "x_label", "y", "y_label", "n", "n_", "z")
    assert found.rows[0][3] == "Nile" and found.rows[1][3] is None and found.rows[1][-1] == "d"
