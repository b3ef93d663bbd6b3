"""The `#+ key: value` lines above a rule or a check. Canned queries have a richer header, in `queries.canned`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from kg.engine.guard import check_query
from kg.errors import QueryError, QueryHeaderError, QuerySyntaxError

_LINE = re.compile(r"#\+ ([a-z]+): (\S.*)")


def read_query_text(path: Path, shown_as: str) -> str:
    """The text of a rule or a check: like a visitor's query it calls nobody and is no deeper than the engine can take.

    Raises: QueryHeaderError if the file cannot be read, is not UTF-8, or asks what the guard refuses.
    """
    try:
        text = path.read_text(encoding="utf-8")
        check_query(text)
        return text
    except QuerySyntaxError:
        return text  # told with its line by whoever parses it; the engine cannot run it
    except QueryError as error:
        raise QueryHeaderError(error.message, shown_as, error.line) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise QueryHeaderError("not UTF-8: save the file as UTF-8", shown_as, line) from error
    except OSError as error:
        raise QueryHeaderError(f"cannot be read: {error.strerror}", shown_as) from error


def read_header(text: str, keys: Sequence[str], shown_as: str) -> Mapping[str, str]:
    """The header's values; every key is required, once, and in this order.

    Raises: QueryHeaderError with the line that breaks this.

    >>> dict(read_header("#+ title: Subclass\\n\\nASK {}", ["title"], "subclass.rq"))
    {'title': 'Subclass'}
    """
    found: dict[str, str] = {}
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.startswith("#+"):
            break
        match = _LINE.fullmatch(row.rstrip())
        if match is None:
            raise QueryHeaderError(f"'{row}' is not a header line '#+ key: value'", shown_as, number)
        key, value = match.groups()
        if key not in keys:
            raise QueryHeaderError(f"unknown header key '{key}': the keys are {', '.join(keys)}", shown_as, number)
        if key in found:
            raise QueryHeaderError(f"header key '{key}' stands twice", shown_as, number)
        found[key] = value
    missing = [key for key in keys if key not in found]
    if missing:
        raise QueryHeaderError(f"header key '{missing[0]}' is missing: the keys are {', '.join(keys)}", shown_as, 1)
    if list(found) != list(keys):
        raise QueryHeaderError(f"the header's keys come in the order {', '.join(keys)}", shown_as, 1)
    return found
