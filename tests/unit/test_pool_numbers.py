"""What `/metrics` tells of the pool: its numbers while it runs, and that it is away."""

from __future__ import annotations

from types import SimpleNamespace

from prometheus_client import CollectorRegistry

from kg.errors import ServiceBusyError
from server.metrics import PoolCollector


def test_the_numbers_of_a_pool_are_told() -> None:
    registry = CollectorRegistry()
    status = SimpleNamespace(queued=3, idle=0, busy=2, refused=5, deaths={"timeout": 7, "memory": 0})
    registry.register(PoolCollector(lambda: "1+a", lambda: status))
    assert registry.get_sample_value("oxus_dataset_info", {"version": "1+a"}) == 1
    assert registry.get_sample_value("oxus_pool_up") == 1
    assert registry.get_sample_value("oxus_queue") == 3
    assert registry.get_sample_value("oxus_queue_refused_total") == 5
    assert registry.get_sample_value("oxus_workers", {"state": "busy"}) == 2
    assert registry.get_sample_value("oxus_worker_deaths_total", {"cause": "timeout"}) == 7


def test_a_pool_that_is_away_is_told_too() -> None:
    def away() -> SimpleNamespace:
        raise ServiceBusyError("gone", limit="pool")

    registry = CollectorRegistry()
    registry.register(PoolCollector(lambda: "1+a", away))
    assert registry.get_sample_value("oxus_pool_up") == 0
    assert registry.get_sample_value("oxus_queue") is None
