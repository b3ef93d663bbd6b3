"""A canned query with some of its parameters left out, to see which of them excludes everything (`kg.empty`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.queries.declarations import CannedQuery
from kg.queries.parameters import bind


def variants(canned: CannedQuery, values: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """What explaining an empty answer needs: names of parameters, values given, the text without each of those.

    Raises: QueryParameterError.
    """
    without = {name: bind(canned, {each: values[each] for each in values if each != name}) for name in values}
    declared = [parameter.name for parameter in canned.params]
    return {"declared": declared, "given": {name: list(given) for name, given in values.items()}, "without": without}
