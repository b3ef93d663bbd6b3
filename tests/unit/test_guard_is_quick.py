"""The guard runs in the front, where no deadline is: its time grows with a query's length and no faster.

Each of these took from ten seconds to minutes when the places where a name or a call may begin were all looked at.
"""

from __future__ import annotations

import time

import pytest

from kg.engine.guard import check_query
from kg.errors import QueryError

SLOW_ONCE = {
    "one prefix of many": "service:" * 8000,
    "a run of names": "ASK { " + "a." * 30000 + " }",
    "runs of names": "ASK { " + ("a." * 495 + " ") * 60 + " }",
    "long runs and few tokens": "ASK { " + ("a" + "." * 9 + "-" * 990 + " ") * 60 + " }",
    "a run in a comment": "ASK { # " + "service" * 9000 + "\n}",
    "comments in a comment": "ASK { # " + "SERVICE # " * 6000 + "\n}",
    "calls in strings": "PREFIX service: <urn:> ASK { ?s ?p " + "'SERVICE <a#b> {' ," * 3300 + " 1 }",
    "long names": "ASK { " + "?s ?p service:" + "service:" * 7000 + " }",
}


@pytest.mark.parametrize("name", SLOW_ONCE)
def test_a_query_that_tempts_one_to_look_again_and_again_is_judged_soon(name: str) -> None:
    began = time.monotonic()
    try:
        check_query(SLOW_ONCE[name])
    except QueryError:
        pass
    assert time.monotonic() - began < 5
