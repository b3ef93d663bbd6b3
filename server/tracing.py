"""What a request says of citations and names: `cite`, `row`, `lang`. Finding citations is left to `kg.tracing`."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import BadRequest

from kg.engine.guard import QueryForm
from kg.errors import QueryParameterError
from server.arguments import Arguments
from server.languages import TAG, chosen_language, tags


def wants_citations(given: Arguments, form: QueryForm) -> bool:
    """Whether `cite` asks for citations.

    Raises: QueryParameterError if it is neither true nor false; BadRequest if the query has no rows to cite.
    """
    value = given.one("cite")
    if value not in (None, "true", "false"):
        message = f"cite is {value[:80]!r} and not true or false"
        raise QueryParameterError(message, parameter="cite", suggestions=["true", "false"])
    if value == "true":
        check_rows(form)
    return value == "true"


def check_rows(form: QueryForm) -> None:
    """Nothing, if a query of this form has rows.

    Raises: BadRequest.
    """
    if form is not QueryForm.SELECT:
        raise BadRequest(f"citations are for the rows of a SELECT; this is {form.name}")


def row_of(given: Arguments) -> int | None:
    """The number of the only row wanted; the first is 1.

    Raises: QueryParameterError.
    """
    value = given.one("row")
    if value is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        message = f"row is {value[:80]!r}, and takes the number of a row: 1 is the first"
        raise QueryParameterError(message, parameter="row", suggestions=["1"])
    return int(value)


def languages(given: Arguments) -> list[str]:
    """The languages that a reader wants names in, the dearest first: `lang`, else the address's, else Accept-Language.

    Raises: QueryParameterError if `lang` is no language tag.
    """
    value = given.one("lang")
    if value is None:
        chosen = chosen_language()
        return [chosen] if chosen else [tag for tag in tags(request.headers.get("Accept-Language"))]
    if not TAG.fullmatch(value):
        message = f"lang is {value[:80]!r}, and takes the tag of a language, such as en or tg"
        raise QueryParameterError(message, parameter="lang", suggestions=["en"])
    return [value]
