"""Answers in the terminal: which layout fits which width, and that a pipe gets neither colour nor box."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from kg.namespaces import ID, XSD
from kg.queries.tables import AT_ONCE, cell, in_lots, iris_in, print_table, read_labels

Results = dict[str, Any]

LABELS = {ID + "nile": "The River Nile", ID + "north-atlantic": "The North Atlantic Ocean"}


def uri(slug: str) -> dict[str, str]:
    return {"type": "uri", "value": ID + slug}


def results(columns: int = 2) -> Results:
    names = [f"water{n}" for n in range(columns - 1)] + ["length"]
    row: dict[str, Any] = {name: uri("north-atlantic") for name in names}
    row["length"] = {"type": "literal", "value": "6650", "datatype": XSD + "integer"}
    return {"head": {"vars": names}, "results": {"bindings": [row, {names[0]: uri("nile")}]}}


def printed(answer: Results, width: int, *, terminal: bool = True) -> str:
    output = io.StringIO()
    console = Console(file=output, width=width, force_terminal=terminal, highlight=False, color_system=None)
    print_table(console, answer, LABELS)
    return output.getvalue()


def test_a_wide_terminal_has_names_beside_labels() -> None:
    lines = printed(results(), 100).splitlines()
    assert any("The North Atlantic Ocean id:north-atlantic" in line for line in lines)
    assert any(line.rstrip().endswith("6650") for line in lines)
    assert lines[-1] == "2 rows"


def test_a_narrower_one_has_names_below_labels() -> None:
    lines = printed(results(), 36).splitlines()
    row = next(n for n, line in enumerate(lines) if "The North Atlantic Ocean" in line)
    assert lines[row + 1].startswith("id:north-atlantic")


def test_too_many_columns_become_blocks_that_leave_out_empty_cells() -> None:
    text = printed(results(8), 80)
    assert " 1  water0" in text and " 2  water0" in text
    assert text.count("length") == 1
    assert max(map(len, text.splitlines())) <= 80


def test_a_pipe_gets_one_line_a_row_and_nothing_else() -> None:
    text = printed(results(8), 20, terminal=False)
    head, first, second = text.splitlines()
    assert head.split() == results(8)["head"]["vars"]
    assert first.count("The North Atlantic Ocean (id:north-atlantic)") == 7 and first.endswith("6650")
    assert second == "The River Nile (id:nile)"
    assert text.isascii() and "\x1b" not in text


def test_line_ends_in_a_value_do_not_break_a_row() -> None:
    answer = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "a\nb\tc"}}]}}
    assert printed(answer, 80, terminal=False).splitlines() == ["x", "a b c"]


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    answer = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "[red]a[/red]"}}]}}
    assert "[red]a[/red]" in printed(answer, 80)
    assert "[red]a[/red]" in printed(answer, 80, terminal=False)


def test_answers_without_rows_or_columns_are_shown() -> None:
    assert "0 rows" in printed({"head": {"vars": ["x"]}, "results": {"bindings": []}}, 80)
    assert "1 row" in printed({"head": {"vars": []}, "results": {"bindings": [{}]}}, 80)
    assert printed({"head": {"vars": []}, "results": {"bindings": [{}]}}, 80, terminal=False) == "\n\n"


def test_each_kind_of_term_has_its_own_form() -> None:
    def shown(**term: Any) -> str:
        return str(cell(term, LABELS))

    assert shown(type="literal", value="a") == "a"
    assert shown(type="literal", value="a", **{"xml:lang": "en"}) == "a"
    assert shown(type="literal", value="a", **{"xml:lang": "tg"}) == "a (@tg)"
    assert shown(type="literal", value="2002-02-20T00:00:00Z", datatype=XSD + "dateTime") == "2002-02-20"
    assert shown(type="literal", value="2002-02-20T23:59:59Z", datatype=XSD + "dateTime") == "2002-02-20T23:59:59Z"
    assert shown(type="literal", value="x", datatype=XSD + "anyURI") == "x (xsd:anyURI)"
    assert shown(type="bnode", value="b") == "_:b"
    assert shown(type="uri", value="http://example.org/a b") == "<http://example.org/a b>"
    assert str(cell(None, LABELS)) == ""
    triple = {"subject": uri("nile"), "predicate": uri("p"), "object": uri("nile")}
    assert shown(type="triple", value=triple) == "<<( The River Nile id:p The River Nile )>>"
    assert iris_in([{"type": "triple", "value": triple}]) == [ID + "nile", ID + "p"]


def test_labels_are_asked_for_in_lots_and_the_last_wins() -> None:
    asked: list[str] = []

    def ask(query: str) -> list[dict[str, Any]]:
        asked.append(query)
        label = {"type": "literal", "value": "first"}
        return [{"iri": uri("nile"), "label": label}, {"iri": uri("nile"), "label": label | {"value": "best"}}]

    assert read_labels(ask, [ID + "nile"]) == {ID + "nile": "best"}
    assert len(list(in_lots([f"urn:{n}" for n in range(AT_ONCE + 1)]))) == 2
    assert read_labels(ask, []) == {} and len(asked) == 1
