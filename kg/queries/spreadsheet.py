"""Tables for spreadsheets: CSV and Excel workbooks from rows of terms. What stands in the rows is left to `export`.

A spreadsheet takes a text that begins with = + - @ for a formula. In CSV such a text gets an apostrophe in front, which
spreadsheets take for "this is text"; numbers stay as they are, whatever their sign. In a workbook a text is a text.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox
import xlsxwriter  # type: ignore[import-untyped]

from kg.errors import UnrepresentableError
from kg.namespaces import XSD

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Value = Term | str | tuple[str, ...] | None
"""What a cell holds: a term of the answer, a text of ours, several, nothing."""
BETWEEN = " | "
"""What separates several texts where a cell can hold only one."""

_NUMERIC = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "short", "nonNegativeInteger")
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_DIGITS = 15  # what a double keeps
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_MADE = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
_WIDEST, _NARROWEST = 60, 8


def text_of(value: Value) -> str:
    """A value as the SPARQL 1.1 CSV format writes it."""
    match value:
        case None:
            return ""
        case ox.NamedNode() | ox.Literal():
            return value.value
        case tuple():
            return BETWEEN.join(value)
    return str(value)


def guarded(value: Value) -> str:
    """The text of a value, held back from being a formula.

    >>> guarded("=1+1"), guarded("-3.5"), guarded(ox.Literal(-3)), guarded(ox.Literal("+992 37"))
    ("'=1+1", '-3.5', '-3', "'+992 37")
    """
    text = text_of(value)
    if not text.startswith(_FORMULA) or _is_number(value) or _NUMBER.fullmatch(text):
        return text
    return "'" + text


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Value]], *, guard: bool = True) -> bytes:
    """The table as CSV (RFC 4180), UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(names)
    writer.writerows([guarded(value) if guard else text_of(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8")


def write_workbook(
    names: Sequence[str], rows: Sequence[Sequence[Value]], about: Mapping[str, str] | None = None
) -> bytes:
    """The table as an Excel workbook with a second sheet that says what it is; the same input gives the same bytes.

    Raises: UnrepresentableError for more rows or longer texts than a sheet holds.
    """
    if len(rows) >= _MOST_ROWS:
        raise UnrepresentableError(f"a sheet holds {_MOST_ROWS - 1:,} rows, and the answer has {len(rows):,}: take CSV")
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as workbook:
        workbook.set_properties({"created": _MADE})
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet("answer")
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
            widest = max([len(name), *(len(text_of(row[column])) for row in rows)])
            sheet.set_column(column, column, min(max(widest + 1, _NARROWEST), _WIDEST))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(names) - 1)
        if about:
            told = workbook.add_worksheet("about")
            for number, (name, text) in enumerate(about.items()):
                told.write_string(number, 0, name, bold)
                _write_cell(told, number, 1, text)
            told.set_column(0, 0, 14)
            told.set_column(1, 1, 100)
    return written.getvalue()


def _write_cell(sheet: xlsxwriter.workbook.Worksheet, row: int, column: int, value: Value) -> None:
    text = text_of(value)
    if len(text) > _MOST_CHARACTERS:
        raise UnrepresentableError(f"a cell holds {_MOST_CHARACTERS:,} characters, and one has {len(text):,}: take CSV")
    if _is_number(value) and _NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) <= _MOST_DIGITS:
        sheet.write_number(row, column, float(text))
    elif isinstance(value, ox.Literal) and value.datatype.value == XSD + "boolean" and text in ("true", "false"):
        sheet.write_boolean(row, column, text == "true")
    elif text:
        sheet.write_string(row, column, text)


def _is_number(value: Value) -> bool:
    return isinstance(value, ox.Literal) and value.datatype.value in _NUMERIC
