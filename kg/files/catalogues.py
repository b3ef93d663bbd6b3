"""Catalogues of translations (gettext): `<language>.po`, read as text, so that nothing compiled lies beside it.

What is translated, and whether all of it is, is for those who use them.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from kg.errors import SourceError

SUFFIX = ".po"


def read_catalogue(path: Path, shown_as: str) -> Catalog:
    """What a file translates, into the language that is its name.

    Raises: SourceError if it is no such file, or no language is called so.
    """
    language = path.name.removesuffix(SUFFIX)
    try:
        known = str(Locale.parse(language)) == language
    except (UnknownLocaleError, ValueError):
        known = False
    if not known:
        raise SourceError(f"there is no language {language!r}: a catalogue is called like ru{SUFFIX}", shown_as, 1)
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, charset="utf-8", abort_invalid=True)
    except PoFileError as error:
        raise SourceError(f"is no gettext catalogue: {error.args[0]}", shown_as, error.lineno + 1) from error
    except UnicodeDecodeError as error:
        raise SourceError(f"is not UTF-8 at byte {error.start}", shown_as) from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", shown_as) from error


def texts_of(catalogue: Catalog) -> dict[str, str]:
    """The translations that can be relied on, by what they translate; plurals are left out.

    >>> catalogue = Catalog("ru")
    >>> _ = catalogue.add("Yes", "Да"), catalogue.add("No"), catalogue.add("Row", "Ряд", flags=["fuzzy"])
    >>> texts_of(catalogue)
    {'Yes': 'Да'}
    """
    return {str(each.id): str(each.string) for each in catalogue if each.id and each.string and _is_single(each)}


def _is_single(message: Message) -> bool:
    return isinstance(message.id, str) and not message.fuzzy
