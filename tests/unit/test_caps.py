"""At each cap's default the engine plans within the deadline and does not crash; one more is refused, the cap named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kg.engine.complexity import Limits
from kg.engine.guard import check_query
from kg.errors import QueryComplexityError
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from server.settings import Settings, read_settings

LIMITS = Limits()
PATIENCE_S = 60.0
"""`Limits` has an idle machine's figures; this one may be busy."""

# A query of a size, and the size at which it meets the cap.
SHAPES: dict[str, tuple[str, int, Callable[[int], str]]] = {
    "bytes": ("bytes", LIMITS.bytes, lambda n: "ASK { FILTER('" + "a" * (n - 18) + "') }"),
    "keys": ("tokens", LIMITS.tokens, lambda n: "SELECT * { ?s ?p ?o } ORDER BY " + "?s " * (n - 9)),
    "braces": ("depth", LIMITS.depth, lambda n: "ASK " + "{" * n + "}" * n),
    "optionals in each other": (
        "depth",
        LIMITS.depth,
        lambda n: "ASK { " + "".join(f"?s{i} ?p{i} ?s{i + 1} OPTIONAL {{ " for i in range(n - 1)) + "}" * n,
    ),
    "graphs in each other": (
        "depth",
        LIMITS.depth,
        lambda n: "ASK { " + "".join(f"GRAPH ?g{i} {{ ?s{i} ?p ?o " for i in range(n - 1)) + "}" * n,
    ),
    "calls in each other": (
        "depth",
        LIMITS.depth,
        lambda n: "ASK { FILTER(" + "STR(" * (n - 2) + "1" + ")" * (n - 1) + "}",
    ),
    "or": (
        "operators",
        LIMITS.operators,
        lambda n: "ASK { FILTER(" + "||".join(f"?a{i}" for i in range(n - 1)) + ") }",
    ),
    "comparisons": (
        "operators",
        LIMITS.operators,
        lambda n: (
            "ASK { ?s ?p ?a FILTER(" + "||".join(f"?a={i}" for i in range((n - 1) // 2)) + "+1" * ((n + 1) % 2) + ") }"
        ),
    ),
    "unions": ("operators", LIMITS.operators, lambda n: "ASK { " + " UNION ".join(["{ }"] * (n + 1)) + " }"),
    "minus": ("operators", LIMITS.operators, lambda n: "ASK { " + "MINUS { } " * n + "}"),
    "described": ("operators", LIMITS.operators, lambda n: "DESCRIBE " + "<urn:a> " * n),
    "star": (
        "patterns",
        LIMITS.patterns,
        lambda n: "ASK { " + "".join(f"?s <urn:p{i}> ?o{i} . " for i in range(n)) + "}",
    ),
    "the same variables": (
        "patterns",
        LIMITS.patterns,
        lambda n: "ASK { " + "".join(f"?s{i % 7} ?p{i % 5} ?s{i * 3 % 7} . " for i in range(n)) + "}",
    ),
    "VALUES joined": ("patterns", LIMITS.patterns, lambda n: "ASK { " + "VALUES ?x { 1 2 } " * n + "}"),
    "sub-selects": ("patterns", LIMITS.patterns, lambda n: "ASK { " + "{ SELECT * { } } " * n + "}"),
    "path of a path": (
        "patterns",
        LIMITS.patterns,
        lambda n: "ASK { " + "?s (<urn:p>|<urn:q>)/<urn:r> ?s . " * (n // 2) + "?s ?p ?o " * (n % 2) + "}",
    ),
    "path": ("path_steps", LIMITS.path_steps, lambda n: "ASK { ?s " + "/".join(["<urn:p>"] * (n + 1)) + " ?o }"),
    "ways": ("path_steps", LIMITS.path_steps, lambda n: "ASK { ?s (" + "|".join(["<urn:p>"] * (n + 1)) + ")* ?o }"),
    "values": ("values", LIMITS.values, lambda n: "ASK { VALUES ?x { " + "1 " * n + "} }"),
    "columns": ("columns", LIMITS.columns, lambda n: "SELECT " + "".join(f"?c{i} " for i in range(n)) + "{ }"),
    "columns of VALUES": (
        "columns",
        LIMITS.columns,
        lambda n: "SELECT ?c0 { VALUES (" + "".join(f"?c{i} " for i in range(n - 1)) + ") { } }",
    ),
}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    empty = tmp_path_factory.mktemp("caps") / "empty.nt"
    empty.write_text("")
    with Pool.start([empty], limits=PoolLimits(timeout_s=PATIENCE_S)) as pool:
        yield pool


@pytest.mark.parametrize("name", SHAPES)
def test_the_engine_bears_a_query_at_the_cap_and_one_more_is_refused(name: str, pool: Pool) -> None:
    cap, most, shape = SHAPES[name]
    form = check_query(shape(most))
    with pool.client.query(Request(shape(most), "json" if form.kind == "results" else "nt")) as answer:
        answer.read()
    with pytest.raises(QueryComplexityError, match=f"{most:,}") as caught:
        check_query(shape(most + 1))
    assert caught.value.limit == cap


def test_every_cap_is_tried_and_is_a_setting_with_the_same_default() -> None:
    names = set(Limits.__dataclass_fields__)
    assert {cap for cap, _, _ in SHAPES.values()} == names
    assert Settings().query_limits == Limits()
    for number, name in enumerate(sorted(names), 7):
        assert getattr(read_settings({f"KG_MAX_QUERY_{name.upper()}": str(number)}).query_limits, name) == number
