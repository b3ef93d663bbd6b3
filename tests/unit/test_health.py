"""`/readyz` of a server whose queries another store answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_store import serving_store
from flask import Flask

from kg.build.manifest import Manifest
from server import health
from server.app import create_app
from server.served import Served
from server.settings import Settings


def server_over(url: str) -> Flask:
    pool: Any = SimpleNamespace(status=lambda: SimpleNamespace(idle=1, busy=0))
    served = Served((), Manifest("1", "1+a", "2020-01-01", {}, {}, {}, "a"), {}, {}, {})
    return create_app(Settings(backend=url), served, pool)


def test_it_is_ready_as_long_as_the_store_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ASKED_EVERY_S", 1e-9)
    with serving_store() as store:
        client = server_over(store.url).test_client()
        assert client.get("/readyz").status_code == 200
        assert store.asked
    away = client.get("/readyz")
    assert (away.status_code, away.json["type"].partition("#")[2]) == (503, "backend-away")
    assert int(away.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


def test_it_asks_the_store_no_more_than_once_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ASKED_EVERY_S", 1e6)
    with serving_store() as store:
        client = server_over(store.url).test_client()
        assert [client.get("/readyz").status_code for _ in range(5)] == [200] * 5
        assert len(store.asked) == 1
