"""Dates of a text as EDTF: parts, ranges, and dates told by others."""

from __future__ import annotations

import pytest

from kg.adding.dating import Dated, dated_words, own_date_of

OWN = Dated(0, 0, "2015-06-24")
"""A Wednesday."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 17-18 May 2012", {"17-18 May 2012": "2012-05-17/2012-05-18"}),
        ("for 2014-2016", {"2014-2016": "2014/2016"}),
        ("from May to June 2013", {"May to June 2013": "2013-05/2013-06"}),
        ("from May 2012 until 3 June 2013", {"May 2012 until 3 June 2013": "2012-05/2013-06-03"}),
        ("May 2012 – June 2013", {"May 2012 – June 2013": "2012-05/2013-06"}),
        ("between 2002 and 2005", {"2002 and 2005": "2002/2005"}),
        ("in 2002 and 2005", {"2002": "2002", "2005": "2005"}),
        ("to 2005 from 2002 to 1999", {"2005": "2005", "2002": "2002", "1999": "1999"}),
        ("the end of 2013", {"the end of 2013": "2013-12~"}),
        ("since mid- 2010", {"mid- 2010": "2010-07~"}),
        ("at the beginning of the year 2010", {"the beginning of the year 2010": "2010-01~"}),
        ("end of February 2012", {"end of February 2012": "2012-02-29~"}),
        ("end of 5 May 2012", {"5 May 2012": "2012-05-05"}),
        ("around 1998", {"around 1998": "1998~"}),
        ("in the summer of 2006", {"the summer of 2006": "2006-22"}),
        ("the second half of 2010", {"the second half of 2010": "2010-07/2010-12"}),
        ("the 1990s", {"1990s": "199X"}),
        ("in July of 2006 and 2007", {"July of 2006": "2006-07", "2007": "2007-07"}),
        ("on 31 February 2011", {}),
        ("on 5 May and 6 June 2012", {"5 May": "2012-05-05", "6 June 2012": "2012-06-06"}),
    ],
)
def test_words_become_edtf(text: str, expected: dict[str, str]) -> None:
    assert {text[one.begin : one.end]: one.edtf for one in dated_words(text)} == expected


@pytest.mark.parametrize(
    ("text", "words", "edtf", "basis"),
    [
        ("In February 2009 and in April of the same year", "April of the same year", "2009-04", "February 2009"),
        ("On 3 May 2009 they met. Later that day", "that day", "2009-05-03", "3 May 2009"),
        ("In 2009 and the following year", "the following year", "2010", "2009"),
        ("In December 2009 and the next month", "the next month", "2010-01", "December 2009"),
        ("In 2009; two years later", "two years later", "2011", "2009"),
        ("Flyer 2022. August", "August", "2022-08", "2022"),
        ("On 17 May 2009 and on 3 June", "3 June", "2009-06-03", "17 May 2009"),
    ],
)
def test_a_date_is_told_by_the_date_before(text: str, words: str, edtf: str, basis: str) -> None:
    [found] = [one for one in dated_words(text, OWN) if text[one.begin : one.end] == words]
    assert found.edtf == edtf
    assert found.rests_on is not None
    assert text[slice(*found.rests_on)] == basis


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("yesterday", "2015-06-23"),
        ("Today", "2015-06-24"),
        ("the day before yesterday", "2015-06-22"),
        ("last year", "2014"),
        ("next month", "2015-07"),
        ("April this year", "2015-04"),
        ("three days ago", "2015-06-21"),
        ("18 months ago", "2013-12"),
        ("on Monday", "2015-06-22"),
        ("on Wednesday", "2015-06-24"),
    ],
)
def test_a_date_is_told_by_the_document(words: str, edtf: str) -> None:
    [found] = dated_words(f"They met in town {words}.", OWN)
    assert found.edtf == edtf
    assert found.is_by_given_date
    assert dated_words(f"They met in town {words}.") == [], "without a date of its own there is nothing to tell it by"


@pytest.mark.parametrize(
    "text", ["the same year", "yesterday, in the last years", "on Monday, 3 things", "It may this once"]
)
def test_what_nothing_tells_is_not_proposed(text: str) -> None:
    assert dated_words(text) == []


def test_a_day_needs_a_day_to_tell_it() -> None:
    assert dated_words("yesterday", Dated(0, 0, "2015-06")) == []
    assert [one.edtf for one in dated_words("last month", Dated(0, 0, "2015-06"))] == ["2015-05"]


def test_a_day_that_could_be_a_month_says_so() -> None:
    assert dated_words("04.05.2021")[0].note == "if the day stands before the month"
    assert dated_words("24.05.2021")[0].note == ""


def test_the_own_date_is_a_day_of_the_first_lines() -> None:
    text = "Flyer 2022\nPort Ostry, 3 May 2005\nOn 4 May 2005"
    own = own_date_of(text, [(0, 10), (11, 33)])
    assert own is not None
    assert (own.edtf, text[own.begin : own.end]) == ("2005-05-03", "3 May 2005")
    assert own_date_of(text, [(0, 10)]) is None


def test_stretches_are_skipped() -> None:
    assert [one.edtf for one in dated_words("In 2002. In 2003.", None, [(0, 8)])] == ["2003"]
