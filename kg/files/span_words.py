"""Dates in words, in the languages that we can say them in. What an EDTF text means is for `spans`."""

from __future__ import annotations

import re

DATE = re.compile(
    r"(?P<year>[0-9]{4}|(?:[0-9]{3}X|[0-9]{2}XX)(?!-))"
    r"(?:-(?P<month>0[1-9]|1[0-2]|2[1-4](?!-)|XX(?!-[0-9]))(?:-(?P<day>[0-2][0-9]|3[01]|XX))?)?"
    r"(?P<qualifier>[~?%]?)"
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SEASONS = ("spring", "summer", "autumn", "winter")
_RUSSIAN_MONTHS = (
    *(("январь", "января"), ("февраль", "февраля"), ("март", "марта"), ("апрель", "апреля"), ("май", "мая")),
    *(("июнь", "июня"), ("июль", "июля"), ("август", "августа"), ("сентябрь", "сентября")),
    *(("октябрь", "октября"), ("ноябрь", "ноября"), ("декабрь", "декабря")),
)
"""Nominative and genitive."""
_RUSSIAN_SEASONS = (("весна", "весны"), ("лето", "лета"), ("осень", "осени"), ("зима", "зимы"))
_RUSSIAN_PREPOSITIONAL = (
    *("январе", "феврале", "марте", "апреле", "мае", "июне"),
    *("июле", "августе", "сентябре", "октябре", "ноябре", "декабре"),
)


def in_words(edtf: str, language: str = "en") -> str:
    """An EDTF text that `spans.read_span` takes, in words; in English where we have no words in the language.

    >>> in_words("2002-02~/2004"), in_words("2002-02~/2004", "ru")
    ('about February 2002 to 2004', 'примерно февраль 2002 – 2004')
    >>> in_words("../2004", "ru"), in_words("2002-02-20/..", "ru"), in_words("2002-02~/..", "ru")
    ('до 2004 года', 'с 20 февраля 2002', 'примерно с февраля 2002')
    """
    begin, slash, end = edtf.partition("/")
    if language == "ru":
        return _russian(begin, end) if slash else _in_russian(begin)
    if not slash:
        return _in_english(begin)
    if begin == "..":
        return f"until {_in_english(end)}"
    return f"from {_in_english(begin)}" if end == ".." else f"{_in_english(begin)} to {_in_english(end)}"


def _in_english(date: str) -> str:
    year, month, day, qualifier = _read(date)
    if year.endswith("XX"):
        text = f"{year[:2]}00 to {year[:2]}99"
    else:
        text = year.lstrip("0") if "X" not in year else f"{year[:3]}0s"
    if month == "XX":
        text = f"a {'day' if day else 'month'} of {text}"
    elif month is not None and int(month) > 12:
        text = f"{_SEASONS[int(month) - 21]} {text}"
    elif month is not None:
        text = f"{_MONTHS[int(month) - 1]} {text}"
        text = f"a day of {text}" if day == "XX" else f"{int(day)} {text}" if day else text
    text = f"about {text}" if qualifier in {"~", "%"} else text
    return f"{text} (uncertain)" if qualifier in {"?", "%"} else text


def _russian(begin: str, end: str) -> str:
    if begin == "..":
        return _in_russian(end, "до")
    return _in_russian(begin, "с") if end == ".." else f"{_in_russian(begin)} – {_in_russian(end)}"


def _in_russian(date: str, preposition: str = "") -> str:
    """A date in the nominative, or behind a preposition in the genitive."""
    year, month, day, qualifier = _read(date)
    case = 1 if preposition else 0
    if year.endswith("XX"):
        text = f"{year[:2]}00–{year[:2]}99" + (" годов" if case else " годы")
    elif "X" in year:
        text = f"{year[:3]}0-{'х годов' if case else 'е годы'}"
    else:
        text = year.lstrip("0") + (" года" if case and month is None else "")
    if month == "XX":
        word = ("день", "дня") if day else ("месяц", "месяца")
        text = f"{word[case]} {text} года"
    elif month is not None and int(month) > 12:
        text = f"{_RUSSIAN_SEASONS[int(month) - 21][case]} {text}"
    elif day == "XX":
        text = f"{('день', 'дня')[case]} в {_RUSSIAN_PREPOSITIONAL[int(month or 1) - 1]} {text}"
    elif month is not None:
        text = f"{_RUSSIAN_MONTHS[int(month) - 1][1 if day else case]} {text}"
        text = f"{int(day)} {text}" if day else text
    text = f"{preposition} {text}" if preposition else text
    text = f"примерно {text}" if qualifier in {"~", "%"} else text
    return f"{text} (под вопросом)" if qualifier in {"?", "%"} else text


def _read(date: str) -> tuple[str, str | None, str | None, str]:
    match = DATE.fullmatch(date)
    assert match is not None, date
    return match["year"], match["month"], match["day"], match["qualifier"]
