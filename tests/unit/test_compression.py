"""Content codings: what a header means, and that a body's bytes do not hang on how they came."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from server.compression import CODINGS, IDENTITY, WORTH_BYTES, Wish, encoded, simplified, wish_of

ALL = Wish((*CODINGS, IDENTITY))


def rows(count: int) -> bytes:
    random = Random(1)
    return b"".join(
        f"<https://example.org/{random.randrange(500)}>\t{random.random()}\n".encode() for _ in range(count)
    )


def pieces(data: bytes, sizes: Callable[[], int]) -> list[bytes]:
    found, begin = [], 0
    while begin < len(data):
        size = sizes()
        found.append(data[begin : begin + size])
        begin += size
    return found


@pytest.mark.parametrize("coding", CODINGS)
def test_the_same_bytes_are_coded_the_same_however_they_come(coding: str):
    """Else the tag, which is of the coded bytes, would not be the same for the same answer."""
    data, random = rows(20_000), Random(2)
    ways = [[data], pieces(data, lambda: 65_536), pieces(data, lambda: random.randrange(0, 40_000))]
    assert len({b"".join(encoded(way, Wish((coding,)))[1]) for way in ways}) == 1


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        (None, [IDENTITY]),
        ("", [IDENTITY]),
        ("identity", [IDENTITY]),
        ("gzip", ["gzip", IDENTITY]),
        ("gzip;q=0", [IDENTITY]),
        ("gzip, br, zstd", ["zstd", "br", "gzip", IDENTITY]),
        ("gzip;q=0.9, br;q=0.1", ["gzip", "br", IDENTITY]),
        ("gzip;q=0.1, identity;q=0.5", [IDENTITY, "gzip"]),
        ("*", ["gzip", IDENTITY]),
        ("br, *;q=0", ["br"]),
        ("br, *;q=0, identity", ["br", IDENTITY]),
        ("gzip, identity;q=0", ["gzip"]),
        ("identity;q=0", []),
        ("*;q=0", []),
        ("gzip;q=2, br", ["br", IDENTITY]),
    ],
)
def test_what_a_header_means(header: str | None, codings: list[str]):
    assert list(wish_of(header).codings) == codings
    assert wish_of(simplified(header)) == wish_of(header)


def test_headers_that_mean_the_same_are_one_to_the_cache():
    assert simplified("gzip, deflate, br") == simplified("br,gzip") == simplified("BR;q=1.0, gzip;q=1")
    assert simplified(None) == simplified("") == simplified("deflate")


def test_no_more_is_read_than_is_needed_to_choose():
    taken = 0

    def chunks():
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 600

    coding, body = encoded(chunks(), wish_of("gzip"))
    assert (coding, taken) == ("gzip", 2)
    assert sum(map(len, encoded(chunks(), wish_of(None))[1])) == 60_000
    assert len(b"".join(body)) < 1000


@pytest.mark.parametrize(
    ("size", "gains", "wish", "coding"),
    [
        (0, True, ALL, IDENTITY),
        (WORTH_BYTES - 1, True, ALL, IDENTITY),
        (WORTH_BYTES, True, ALL, "zstd"),
        (0, True, Wish(("br",)), "br"),
        (WORTH_BYTES, False, ALL, IDENTITY),
        (WORTH_BYTES, False, Wish(("gzip",)), "gzip"),
        (WORTH_BYTES, True, Wish(()), IDENTITY),
    ],
)
def test_which_bodies_are_coded(size: int, gains: bool, wish: Wish, coding: str):
    assert encoded([b"x" * size], wish, gains)[0] == coding
