"""Whatever the guard accepts neither ends an engine nor makes it call, and whatever it reads it judges."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from grammar import Writer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.engine.complexity import Limits
from kg.engine.guard import check_query, decode_query
from kg.errors import QueryCrashError, QueryError, QueryLimitError
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool

FEW_VALUES = Limits(values=3)
"""So that it is planning which is tried, and not the product of the values."""
SEEDS = st.integers(0, 2**32)
PARTS = st.sampled_from(
    [
        "SERVICE",
        "SELECT",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "'",
        '"',
        "'''",
        "#",
        "\\u0022",
        ":",
        "ex:a",
        "_:b",
        "@en",
        "<<(",
    ]
    + ["?x", "VALUES", "FILTER", "PREFIX", "<urn:a>", "1e9", "\n", "\r", " ", ".", ";", "[", "]", "{|", "\ufeff", "\0"]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(PARTS, st.text(max_size=3)), max_size=200).map("".join))


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    empty = tmp_path_factory.mktemp("fuzz") / "empty.nt"
    empty.write_text("")
    with Pool.start([empty], limits=PoolLimits(timeout_s=30.0)) as pool:
        yield pool


def mutated(text: str, choices: random.Random) -> str:
    """The text with a few characters gone, doubled, swapped or new."""
    for _ in range(choices.randint(0, 3)):
        place = choices.randrange(len(text) + 1)
        more = choices.choice(
            ["", "{", "}", "(", ")", "'", "#", " ", "SERVICE <http://127.0.0.1:1/> {", text[place:][:20]]
        )
        text = text[:place] + more + text[place + choices.randint(0, 2) :]
    return text


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("<" * 60000)
@example("'" * 60000)
@example("SERVICE " * 8000)
@example("service:" * 8000)
@example("a" * 60000)
@example("#" * 30000 + "\\" * 30000)
@example("SELECT * { FILTER(" + "?a<'b'&&" * 7000 + "1) }")
def test_the_guard_only_ever_raises_errors_of_ours_and_soon(text: str) -> None:
    began = time.monotonic()
    try:
        check_query(text, services={"http://e/"})
    except QueryError:
        pass
    assert time.monotonic() - began < 5


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_an_error_of_ours(data: bytes) -> None:
    try:
        check_query(decode_query(data))
    except QueryError:
        pass


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_no_query_that_passes_ends_the_engine(pool: Pool, seed: int) -> None:
    choices = random.Random(seed)
    query = mutated(Writer(choices, FEW_VALUES).query(), choices)
    try:
        form = check_query(query)
    except QueryError:
        return
    try:
        with pool.client.query(Request(query, "json" if form.kind == "results" else "nt")) as answer:
            answer.read()
    except QueryCrashError:
        raise
    except QueryLimitError:
        pass  # a long answer to a query that passes is what the limits are for
    except QueryError:
        pass  # no SPARQL, which is the engine's to say
