"""When things held or happened, as their dates tell: in words, and as bounds that can be compared with a year.

The rules are those of the canned query that tells the facts of a day: what has no end held certainly
on its first day only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kg.namespaces import oxus
from server.service import Service
from server.wording import edtf, gettext, marked

OPEN_BEGIN, OPEN_END = "0001-01-01T23:59:59Z", "9999-12-31T00:00:00Z"
SINGLE = ("hasBestDate", "hasDate", "isDatedBy", "isValidFor")
"""Of what happened or is in force, the best date first."""
DATES = f"""
SELECT ?thing ?how ?edtf ?begin ?begun ?ending ?end ?planned WHERE {{{{
  VALUES ?thing {{{{ {{values}} }}}}
  VALUES ?how {{{{ {" ".join(str(oxus(name)) for name in ("beganIn", "endedIn", *SINGLE))} }}}}
  ?thing ?how ?span .
  ?span {oxus("edtf")} ?edtf ; {oxus("earliestBegin")} ?begin ; {oxus("latestBegin")} ?begun ;
        {oxus("earliestEnd")} ?ending ; {oxus("latestEnd")} ?end .
  BIND (EXISTS {{{{
    ?thing {oxus("hasStatus")} ?status . FILTER (?status NOT IN ({oxus("completed")}, {oxus("ongoing")}))
  }}}} AS ?planned)
}}}} ORDER BY ?thing ?how ?edtf"""
AT_ONCE = 400
SINCE, UNTIL, BETWEEN = marked("since %(date)s"), marked("until %(date)s"), marked("%(begin)s to %(end)s")


@dataclass(frozen=True)
class Period:
    """When something held: in words; from the first to the last day possible, and between which it did for certain."""

    words: str
    first: str
    last: str
    held_from: str
    held_to: str
    exact: bool


def periods(service: Service, iris: Iterable[str]) -> dict[str, Period]:
    """The period of each thing that has a date."""
    wanted = list(dict.fromkeys(iris))
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        values = " ".join(f"<{iri}>" for iri in wanted[start : start + AT_ONCE])
        for row in service.rows(DATES.format(values=values)):
            told = {name: term["value"] for name, term in row.items()}
            found.setdefault(told["thing"], {}).setdefault(told["how"].rpartition("#")[2], told)
    return {iri: _surely(_period(dates), dates.values()) for iri, dates in found.items()}


def _surely(period: Period, dates: Iterable[Mapping[str, str]]) -> Period:
    """The period; of what is only planned or promised nothing is certain."""
    return replace(period, exact=False) if any(each["planned"] == "true" for each in dates) else period


def _period(dates: Mapping[str, Mapping[str, str]]) -> Period:
    began, ended = dates.get("beganIn"), dates.get("endedIn")
    if began is None and ended is None:
        span = next(dates[name] for name in SINGLE if name in dates)
        return _bounded(edtf(span["edtf"]), span["begin"], span["end"], span["begun"], span["ending"], span["edtf"])
    texts = "".join(each["edtf"] for each in (began, ended) if each)
    first = began["begin"] if began else "0001-01-01T00:00:00Z"
    last = ended["end"] if ended else "9999-12-31T23:59:59Z"
    if began and ended:
        words = gettext(BETWEEN) % {"begin": edtf(began["edtf"]), "end": edtf(ended["edtf"])}
        return _bounded(words, first, last, began["end"], ended["begin"], texts)
    if began:
        return _bounded(gettext(SINCE) % {"date": edtf(began["edtf"])}, first, last, began["end"], first, texts)
    assert ended is not None
    return _bounded(gettext(UNTIL) % {"date": edtf(ended["edtf"])}, first, last, ended["begin"], ended["begin"], texts)


def _bounded(words: str, first: str, last: str, sure_from: str, sure_to: str, texts: str) -> Period:
    held_from = sure_from if sure_from > OPEN_BEGIN else last
    held_to = sure_to if sure_to < OPEN_END else first
    return Period(words, first, last, held_from, held_to, not re.search("[~?%]", texts))
