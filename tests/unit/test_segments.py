"""A text cut into stretches: sentences, and what looks as if it states nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.adding.segments import segments

WRAPPED = "Vellmark joined the Sound Compact on 14 June 1994, when the minister of the Republic of\nVellmark signed it."


def cut(text: str) -> list[tuple[str, str]]:
    return [(text[one.begin : one.end], one.guess) for one in segments(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! “Three?” Four.", ["One.", "Two!", "“Three?”", "Four."]),
        ("Dr. Holm met J. Merrow at St. Ostry, i.e. North of it.", None),
        ("They came from Norway. [ref. 983945]. More came.", ["They came from Norway. [ref. 983945].", "More came."]),
        ("He said so (see No. 3 and p. 83). Then he went.", ["He said so (see No. 3 and p. 83).", "Then he went."]),
        ("It cost 3.5 crowns. 12 came.", ["It cost 3.5 crowns.", "12 came."]),
        ("Ships, boats, etc. were there.", None),
        (WRAPPED, None),
        ("One line.\nAnother line.", ["One line.", "Another line."]),
        ("1. To pay more. In this case, less.\n2. To wait.", ["1. To pay more.", "In this case, less.", "2. To wait."]),
        ("The aims are:\n\n- Peace;\n- Fish.\n\nThey last.", ["The aims are:\n\n- Peace;\n- Fish.", "They last."]),
        ("Кеме келди. Ол жүзді.", ["Кеме келди.", "Ол жүзді."]),
        ("\ufeffOne.\r\nTwo.\r\n", ["One.", "Two."]),
    ],
)
def test_sentences_are_stretches(text: str, expected: list[str] | None) -> None:
    assert cut(text) == [(words, "") for words in expected or [text]]


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("The Compact and Its Neighbours", "heading"),
        ("• banner_small.png", "image"),
        ("After the coup there were fundamental changes: the powers of parliament were...", "teaser"),
        ("URL of this article:", "label"),
        ("Ships collide in the Sound\nWhere does Vellmark stand?\nAll news", "headlines"),
    ],
)
def test_what_seems_to_state_nothing_is_guessed(text: str, guess: str) -> None:
    assert cut(text) == [(text, guess)]


def test_a_label_with_something_below_it_is_none() -> None:
    assert cut("The aims are as follows:\nPeace is first.") == [
        ("The aims are as follows:", ""),
        ("Peace is first.", ""),
    ]


@given(st.text(alphabet="aB1 .!?…:;-•[]()“”\n\r\t\u00a0", max_size=80))
def test_stretches_are_in_order_and_leave_out_only_white_space(text: str) -> None:
    end, left = 0, ""
    for one in segments(text):
        assert end <= one.begin < one.end
        assert text[one.begin : one.end] == text[one.begin : one.end].strip()
        left += text[end : one.begin]
        end = one.end
    assert not (left + text[end:]).strip()
