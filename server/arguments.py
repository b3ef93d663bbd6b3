"""The parameters of a request, strictly: UTF-8 or nothing, every value kept. What they mean is left to the views.

Flask's own `request.args` replaces bytes that are not UTF-8, and so would run a query that nobody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
QUERY_TYPES = f"{FORM}, {QUERY}"
"""The bodies that a query may come in, as Accept-Post and Accept-Query list them."""
MAX_FIELDS = 1000
MAX_HEADER_BYTES = 16_000
"""What one header may have: reading an Accept of 400 kB holds everybody up for seconds."""


@dataclass(frozen=True)
class Arguments:
    """Names with their values, in the order sent."""

    values: dict[str, list[str]]

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return self.values.get(name, [])

    def first(self, name: str) -> str | None:
        """The first value of a name, or None; where a client may repeat itself without harm."""
        return next(iter(self.all(name)), None)

    def one(self, name: str) -> str | None:
        """The only value of a name, or None.

        Raises: BadRequest if there are several.
        """
        values = self.all(name)
        if len(values) > 1:
            raise BadRequest(f"the parameter {name!r} is given {len(values)} times: give it once")
        return values[0] if values else None

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def without(self, *names: str) -> dict[str, list[str]]:
        """The other names with their values."""
        return {name: values for name, values in self.values.items() if name not in names}


def parse(encoded: bytes) -> Arguments:
    """The names and values of a query string or a form's body.

    Raises: BadRequest if it is not UTF-8, or has too many fields.

    >>> parse(b"query=ASK+%7B%7D&a=1&a=100%2525").values
    {'query': ['ASK {}'], 'a': ['1', '100%25']}
    """
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise BadRequest("the parameters are not UTF-8") from error
    except ValueError as error:
        raise BadRequest(f"there are more than {MAX_FIELDS} parameters") from error
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return Arguments(values)


def in_url(request: Request) -> Arguments:
    """The parameters in the address."""
    return parse(request.query_string)


def in_body(request: Request) -> Arguments:
    """The parameters in a form's body."""
    return parse(request.get_data())


def check_charset(request: Request) -> None:
    """Nothing, if the body's declared charset is UTF-8 or none is declared.

    Raises: UnsupportedMediaType.
    """
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(f"the body is declared as {charset}: send UTF-8")
