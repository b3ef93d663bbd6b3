"""What pages say in the reader's language: texts from the catalogues, numbers, sizes and days.

Texts are in English where they are used; a translation is looked up when a page is made. A text that stands in a table
of a module is only marked there (`marked`), and looked up where it is shown.
"""

from __future__ import annotations

import datetime
import io
from functools import lru_cache
from typing import Any

import jinja2
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from kg.files.catalogues import read_catalogue
from kg.files.spans import label_of
from server.languages import CATALOGUES, ENGLISH, current_language

DAY = "d MMMM y"


def register(environment: jinja2.Environment) -> None:
    """Texts, numbers and days for templates."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    callables: dict[str, Any] = {"gettext": gettext, "ngettext": ngettext, "newstyle": True}
    environment.install_gettext_callables(**callables)  # type: ignore[attr-defined]  # the extension's own
    environment.filters |= {"thousands": thousands, "size": size, "day": day, "edtf": edtf}


def marked(text: str) -> str:
    """The text itself: it is to be translated where it is shown.

    >>> marked("Yes")
    'Yes'
    """
    return text


def gettext(text: str, language: str = "") -> str:
    """The text in a language, else in the reader's."""
    return str(_translations(language or current_language()).gettext(text))


def ngettext(one: str, many: str, number: int) -> str:
    """Of the texts the one that goes with a number, in the reader's language."""
    return str(_translations(current_language()).ngettext(one, many, number))


def thousands(number: float, language: str = "") -> str:
    """A number as people read it, in a language, else in the reader's.

    >>> thousands(1234567)
    '1,234,567'
    """
    return str(format_decimal(number, locale=language or current_language()))


def size(count: int, language: str = "") -> str:
    """A number of bytes as people read it, in a language, else in the reader's.

    >>> [size(count) for count in (512, 20_480, 3_500_000)]
    ['512 B', '20 kB', '3.5 MB']
    """
    language = language or current_language()
    if count < 1000:
        return gettext("%(number)s B", language) % {"number": count}
    if count < 1_000_000:
        return gettext("%(number)s kB", language) % {"number": thousands(round(count / 1000), language)}
    return gettext("%(number)s MB", language) % {"number": format_decimal(count / 1e6, "#,##0.0", locale=language)}


def day(text: str) -> str:
    """A day (YYYY-MM-DD, a time after it does not count) as people read it; what is none stays as it is.

    >>> day("2002-02-20"), day("2002-02-20T10:00:00Z"), day("soon")
    ('20 February 2002', '20 February 2002', 'soon')
    """
    try:
        found = datetime.date.fromisoformat(text[:10])
    except ValueError:
        return text
    return str(format_date(found, DAY, locale=current_language()))


def edtf(text: str) -> str:
    """A date in words, from EDTF; what is none stays as it is.

    >>> edtf("2013-12~"), edtf("soon")
    ('about December 2013', 'soon')
    """
    return label_of(text, current_language()) or text


@lru_cache
def _translations(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    path = CATALOGUES / f"{language}.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(path, f"server/translations/{path.name}"))
    compiled.seek(0)
    return Translations(compiled)
