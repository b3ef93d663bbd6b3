"""A client's queries take turns; other clients, our own queries, probes and the operator do not wait for them."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.exchange import Exchange
from server.fairness import BEARER, ClientLimitError
from server.service import Service
from server.settings import Settings
from server.turns import Turns


def exchange(client: str = "192.0.2.1", kind: str = "own") -> Exchange:
    return Exchange(client=client, kind=kind)


@pytest.mark.parametrize(
    "other", [exchange("192.0.2.2"), exchange(kind="canned"), exchange(kind=""), exchange(BEARER)], ids=range(4)
)
def test_others_do_not_wait(other: Exchange) -> None:
    turns = Turns(1, within_s=0)
    with turns.turn(exchange()), turns.turn(other):
        pass


def test_who_waits_too_long_is_told() -> None:
    turns = Turns(2, within_s=0.1)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(turns.turn(exchange("2001:db8::1")))
        with pytest.raises(ClientLimitError, match="2 of your queries are running") as caught:
            stack.enter_context(turns.turn(exchange("2001:db8::2")))
    assert (caught.value.limit, caught.value.retry_after_s > 0) == ("client_workers", True)


def test_a_turn_comes_when_the_one_before_has_ended_however_it_ended() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError), turns.turn(exchange()):
        raise ValueError
    came = threading.Event()

    def take() -> None:
        with turns.turn(exchange()):
            came.set()

    with turns.turn(exchange()):
        waiting = threading.Thread(target=take)
        waiting.start()
        assert not came.wait(0.1)
    assert came.wait(2)
    waiting.join()


def test_no_more_wait_than_may_and_whoever_comes_then_is_told_at_once() -> None:
    turns = Turns(1, within_s=60, most_waiting=1)
    first, second, left = exchange("192.0.2.1"), exchange("192.0.2.2"), exchange("192.0.2.1")

    def wait() -> None:
        with pytest.raises(ClientLimitError), turns.turn(left):
            pass

    with turns.turn(first), turns.turn(second):
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not turns.waiting:
            assert waiting.is_alive()
        with pytest.raises(ClientLimitError), turns.turn(exchange("192.0.2.2")):
            pass
        with turns.turn(exchange("192.0.2.3")):  # who need not wait is let through
            pass
        assert waiting.is_alive()
        left.gone = True
        waiting.join(5)
    assert not turns.waiting


def test_a_client_has_one_turn_in_all_versions_together() -> None:
    nobody: Any = None
    served = Service(Settings(), nobody, nobody)
    earlier = replace(served, folder=Path("earlier"))
    served.turns._within_s = 0
    with served.turns.turn(exchange()), pytest.raises(ClientLimitError), earlier.turns.turn(exchange()):
        pass


def test_whoever_has_left_does_not_wait() -> None:
    turns, gone = Turns(1, within_s=60), exchange()
    gone.gone = True
    with turns.turn(exchange()), pytest.raises(ClientLimitError), turns.turn(gone):
        pass


def test_an_exchange_has_one_turn_for_all_its_queries() -> None:
    turns, one = Turns(1, within_s=0), exchange()
    with turns.turn(one), turns.turn(one):
        pass
    with turns.turn(one):
        pass
