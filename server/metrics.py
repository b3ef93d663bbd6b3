"""`/metrics`: numbers for Prometheus. Labels are routes, methods, names of problems: few, whatever clients send.

If a token is set it is asked for here: how a service is used is its operator's business. Without one all may read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from kg.errors import QueryError
from kg.pool.status import PoolStatus
from server.exchange import Exchange

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "QUERY"})
UNKNOWN = "unknown"
"""The route of every address that is none of ours, and of a method that is none of ours."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""From a cached answer to the longest query that a token allows."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began is of no use here, and doubles them


class Metrics:
    """The numbers of one server process, a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry, "namespace": "oxus"}
        self._requests = Counter("requests", "Requests answered.", ("route", "method", "status"), **own)
        self._seconds = Histogram(
            "request_duration_seconds", "From request to the answer's last byte.", ("route",), buckets=SECONDS, **own
        )
        self._worker = Counter("worker_seconds", "Time that query workers spent.", ("route",), **own)
        self._bytes = Counter("response_bytes", "Bytes of answers' bodies.", ("route",), **own)
        self._cache = Counter("cache", "Answers by what the cache did.", ("outcome",), **own)
        self._problems = Counter("problems", "Answers that were problems, by name.", ("problem",), **own)
        self._throttled = Counter("throttled", "Requests refused because the client had used up its share.", **own)
        # Not the platform's collector: which Python runs here is nobody's business.
        ProcessCollector(registry=self.registry)

    def count_exchange(self, exchange: Exchange) -> None:
        """Note an exchange that has ended."""
        route = exchange.route or UNKNOWN
        method = exchange.method if exchange.method in METHODS else UNKNOWN
        self._requests.labels(route, method, f"{exchange.status // 100}xx").inc()
        self._seconds.labels(route).observe(exchange.seconds)
        self._worker.labels(route).inc(exchange.worker_s)
        self._bytes.labels(route).inc(exchange.bytes)
        self._cache.labels(exchange.cache).inc()
        if exchange.verdict != "ok":
            self._problems.labels(exchange.verdict).inc()
        if exchange.status == 429:
            self._throttled.inc()

    def answer(self) -> Response:
        """All numbers, in the form that the client takes."""
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(self.registry), content_type=content_type, headers={"Cache-Control": "no-store"})


class PoolCollector(Collector):
    """What the pool and the dataset are at the moment that somebody asks."""

    def __init__(self, version: Callable[[], str], status: Callable[[], PoolStatus]) -> None:
        self._version = version
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """The version served; how long the queue is, how many workers are busy, what workers died of."""
        yield InfoMetricFamily("oxus_dataset", "The dataset served.", {"version": self._version()})
        up = GaugeMetricFamily("oxus_pool_up", "1 if the query pool answers.")
        try:
            status = self._status()
        except QueryError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        yield GaugeMetricFamily("oxus_queue", "Queries that wait for a worker.", status.queued)
        workers = GaugeMetricFamily("oxus_workers", "Query workers, by what they do.", labels=("state",))
        workers.add_metric(("idle",), status.idle)
        workers.add_metric(("busy",), status.busy)
        yield workers
        yield CounterMetricFamily(
            "oxus_queue_refused", "Queries that found no place, or waited too long.", status.refused
        )
        deaths = CounterMetricFamily("oxus_worker_deaths", "Workers that ended, by cause.", labels=("cause",))
        for cause, count in status.deaths.items():
            deaths.add_metric((cause,), count)
        yield deaths

    def describe(self) -> Iterator[Metric]:
        """Nothing: the pool need not run when this is registered."""
        return iter(())
