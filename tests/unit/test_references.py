"""References to cited answers: whatever a visitor put into the question, their formats stay whole."""

from __future__ import annotations

import json

import pytest

from server.references import Reference, title_of


def reference(title: str) -> Reference:
    return Reference(title, "Fleet & Co", "1+a", "2026-01-31", "https://example.org/cite?a=%7B&b=_", "00ff" * 16)


@pytest.mark.parametrize("title", ["Ships", "{", "} }", "\\", "50 % of #1_a & $b ~ ^c", 'a "b" @misc{x,', "Ҷаҳон"])
def test_an_entry_of_bibtex_is_one_whatever_the_title(title: str):
    entry = reference(title).bibtex()
    depth = 0
    for number, char in enumerate(entry.rstrip("\n")):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth > 0 or number < entry.index("{") or number == len(entry) - 2
    assert depth == 0
    assert entry.count("\n  title = {{") == 1 and "https://example.org/cite?a=%7B&b=_" in entry
    assert entry.startswith("@misc{") and entry[6 : entry.index(",")].replace("-", "").isalnum()


def test_the_key_is_the_same_for_the_same_answer_only():
    assert reference("Ships at sea").key == reference("Ships at sea").key == "ships-at-sea-00ff00ff"


def test_csl_has_what_a_style_needs():
    (item,) = json.loads(json.dumps(reference("Ships").csl()))
    assert {"id", "type", "title", "container-title", "version", "issued", "URL", "note"} == set(item)
    assert item["issued"] == {"date-parts": [[2026, 1, 31]]}


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("\n## ---\n#  Ships   at sea\nASK {}", "Ships at sea"),
        ("#+ description: all\n#+ title: Ships\nASK {}", "Ships"),
        ("ASK { ?a ?b ?c } # Ships", "SPARQL query: ASK { ?a ?b ?c }"),
        ("PREFIX a: <urn:a#b>\nSELECT * {\n # Ships\n ?a a:c '#' }", "SPARQL query: SELECT * { ?a a:c '#' }"),
        ("# " + "x" * 200 + "\nASK {}", "x" * 100 + "…"),
    ],
)
def test_a_query_is_called_by_the_comment_before_it_or_by_itself(query: str, title: str):
    assert title_of(query) == title
