"""The accounts behind fair shares: they drain, they are settled once, and their number has an end."""

from __future__ import annotations

import pytest

from server import fairness
from server.exchange import Exchange
from server.fairness import BEARER, ClientLimitError, Shares, client_of
from server.settings import Settings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def spend(shares: Shares, client: str, kind: fairness.Kind = "own", worker_s: float = 0, verdict: str = "ok") -> None:
    exchange = Exchange(client=client)
    shares.admit(exchange, kind)
    exchange.worker_s, exchange.verdict = worker_s, verdict
    shares.settle(exchange)
    shares.settle(exchange)


def refused(shares: Shares, client: str, kind: fairness.Kind = "own") -> int:
    with pytest.raises(ClientLimitError) as refusal:
        shares.admit(Exchange(client=client), kind)
    return refusal.value.retry_after_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shares(clock: Clock) -> Shares:
    return Shares(Settings(client_seconds=60, client_errors=6, client_queries=2), clock)


def test_the_wait_that_is_told_is_the_one_that_is_needed(shares: Shares, clock: Clock) -> None:
    spend(shares, "192.0.2.1", worker_s=75.5)
    wait_s = refused(shares, "192.0.2.1")
    clock.now += wait_s - 1
    assert refused(shares, "192.0.2.1") == 1
    clock.now += 1
    spend(shares, "192.0.2.1")


def test_an_idle_minute_empties_the_account(shares: Shares, clock: Clock) -> None:
    spend(shares, "192.0.2.1", worker_s=59)
    clock.now += 60
    spend(shares, "192.0.2.1", worker_s=59)
    spend(shares, "192.0.2.1")


def test_canned_queries_have_an_account_of_their_own(shares: Shares) -> None:
    spend(shares, "192.0.2.1", worker_s=100)
    spend(shares, "192.0.2.1", "canned", worker_s=119, verdict="query-parameter")
    spend(shares, "192.0.2.1", "canned", worker_s=2)
    assert refused(shares, "192.0.2.1", "canned") == 1
    refused(shares, "192.0.2.1")


@pytest.mark.parametrize(("status", "verdict", "counted"), [(400, "query-syntax", 1), (503, "query-timeout", 1)])
def test_a_failure_counts(shares: Shares, status: int, verdict: str, counted: int) -> None:
    for _ in range(6):
        spend(shares, "192.0.2.1", verdict=verdict)
    refused(shares, "192.0.2.1")


@pytest.mark.parametrize("verdict", ["ok", "http-500", "busy", "client-left"])
def test_what_is_no_failure_of_the_client_does_not_count(shares: Shares, verdict: str) -> None:
    for _ in range(20):
        spend(shares, "192.0.2.1", verdict=verdict)


def test_a_refusal_is_no_failure_and_holds_no_place(shares: Shares, clock: Clock) -> None:
    spend(shares, "192.0.2.1", worker_s=61)
    for _ in range(50):
        exchange = Exchange(client="192.0.2.1")
        with pytest.raises(ClientLimitError):
            shares.admit(exchange, "own")
        exchange.verdict = "client-limit"
        shares.settle(exchange)
    clock.now += 2
    spend(shares, "192.0.2.1")


def test_places_are_given_back(shares: Shares) -> None:
    # Two requests may bear the same id, if a client sends it.
    one, two = Exchange("an-id", client="192.0.2.1"), Exchange("an-id", client="192.0.2.1")
    shares.admit(one, "own")
    shares.admit(one, "own")  # the same request asking twice holds one place
    shares.admit(two, "own")
    assert refused(shares, "192.0.2.1") == 1
    shares.admit(Exchange(client="192.0.2.2"), "own")
    shares.settle(one)
    shares.admit(Exchange(client="192.0.2.1"), "own")


def test_the_token_has_no_account(shares: Shares) -> None:
    for _ in range(10):
        spend(shares, BEARER, worker_s=1000, verdict="query-syntax")
    assert len(shares) == 0


def test_a_million_addresses_take_no_more_room_than_the_most(shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "MOST_CLIENTS", 100)
    spend(shares, "the-first", worker_s=100)
    for number in range(10_000):
        spend(shares, f"10.0.{number >> 8}.{number & 255}")
        if number == 50:
            refused(shares, "the-first")
    assert len(shares) == 100
    assert not shares._under_way and not shares._admitted


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded_for", "expected"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (0, "::ffff:192.0.2.1", None, "192.0.2.1"),
        (0, "fe80::1%eth0", None, "fe80::1"),
        (0, "", None, ""),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "1.1.1.1,203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        (1, "10.0.0.1", "unknown", "10.0.0.1"),
        (1, "10.0.0.1", "1.1.1.1, \n", "10.0.0.1"),
        (1, "10.0.0.1", "token", "10.0.0.1"),
        (1, "10.0.0.1", "2001:DB8::0:1", "2001:db8::1"),
    ],
)
def test_whose_word_counts_for_an_address(proxies: int, peer: str, forwarded_for: str | None, expected: str) -> None:
    assert client_of(peer, forwarded_for, Settings(trusted_proxies=proxies)) == expected


def test_an_ipv6_network_is_one_client(shares: Shares) -> None:
    spend(shares, "2001:db8:1:2::1", worker_s=100)
    refused(shares, "2001:db8:1:2:ffff::9")
    spend(shares, "2001:db8:1:3::1")
