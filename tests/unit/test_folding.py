"""Names spelt in several scripts and by several romanisations fall together, whichever name it is; others do not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.search.folding import LONGEST_WORD, forms, words_of

SAME_SOUND = [
    "Рахмон Раҳмон Rahmon Rakhmon Rahmōn",
    "Хуҷанд Khujand Khudzhand Khudjand",
    "Жумабоев Jumaboev Žumaboev Zhumaboyev",
    "Щербаков Shcherbakov Ŝerbakov Schtscherbakow Chtcherbakov",
    "Ельцин Yeltsin El'cin Eltsin",
    "Юрий Yuriy Yuri Iouri",
    "Зеленский Zelenskiy Zelensky Zelenskyy",
    "Алексей Aleksey Alexei Aleksej",
    "Ғафуров Gafurov Ghafurov Gafurow",
    "Қурғонтеппа Qurghonteppa Kurgonteppa",
    "Ўзбекистон Ӯзбекистон Uzbekiston",
    "Таджикистан Tadzhikistan Tadjikistan Tajikistan Tadschikistan",
    "Шоҳмансур Shohmansur Šohmansur Schohmansur",
    "Чехов Chekhov Čehov Tchekhov",
]
SAME_BASE = [
    "Рахмон Рахмонов Rakhmonova Раҳмонзода Rahmonzoda Rahmonoff",
    "Таджикистан Таджикистана Таджикистане",
    "Назаров Nazarova Nazarow Nazar Назаровой",
    "meeting meetings",
    "country countries country's",
]
SAME_PLAIN = ["Тоҷикистон точикистон ТОҶИКИСТОН", "Türkiye turkiye", "партнёрство партнерство", "Эмомалӣ эмомали"]


def folded(names: str, number: int) -> set[str]:
    return {forms(unicodedata.normalize("NFC", name))[number] for name in names.split()}


@pytest.mark.parametrize("names", SAME_SOUND)
def test_one_name_in_several_scripts_and_romanisations_has_one_sound(names: str) -> None:
    assert len(folded(names, 1)) == 1, folded(names, 1)


@pytest.mark.parametrize("names", SAME_BASE)
def test_endings_of_families_cases_and_plurals_are_left_off_the_base(names: str) -> None:
    assert len(folded(names, 2)) == 1, folded(names, 2)


@pytest.mark.parametrize("names", SAME_PLAIN)
def test_capitals_accents_and_letters_that_a_keyboard_lacks_are_folded(names: str) -> None:
    assert len(folded(names, 0)) == 1, folded(names, 0)


@pytest.mark.parametrize(
    ("one", "other"), [("Рахмон", "Ramon"), ("Панҷ", "Pan"), ("Назаров", "Nazarbek"), ("Osh", "O")]
)
def test_other_names_do_not_fall_together(one: str, other: str) -> None:
    assert not set(forms(one)) & set(forms(other))


def test_words_know_where_they_stand() -> None:
    text = "Хуҷанд—NATO's «O‘zbekiston», 201st\tдивизия… سلام 塔吉克"
    assert [text[word.begin : word.end] for word in words_of(text)] == [
        *("Хуҷанд", "NATO's", "O‘zbekiston", "201st", "дивизия", "سلام", "塔吉克"),
    ]


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=1000)
def test_any_text_is_words_of_letters_and_digits(text: str) -> None:
    for word in words_of(text):
        assert text[word.begin : word.end] == word.written
        assert all((form or "x").isalnum() for form in forms(word.written[:LONGEST_WORD]))
