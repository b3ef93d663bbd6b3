"""The gateway and its parts where a running server cannot show them: versions, accounts, a full disk."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, request

from kg.errors import ServiceBusyError
from kg.pool.client import Withdrawal
from server import outlet
from server.cache import LONG, OVERHEAD_BYTES, Cache, _key, key_of_address, key_of_post
from server.exchange import Exchange, current_exchange
from server.fairness import BEARER, ClientLimitError
from server.gateway import LEFT, Gateway
from server.outlet import AT_ONCE_BYTES
from server.service import EXTENSION
from server.settings import Settings
from server.spool import EXTENSION as SPOOL
from server.spool import IN_MEMORY_BYTES, Spool, SpoolFile, gathered
from server.uses import Uses
from server.wsgi import Answer

FORM = "application/x-www-form-urlencoded"


class Client:
    """One request as granian hands it over, and what it was answered."""

    def __init__(self, path: str, method: str = "GET", **headers: str) -> None:
        self.method, self.query_string, self.client = method, "", "192.0.2.1:1234"
        self.path = path
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.status, self.body = 0, b""
        self.leaves_after_s = 60.0
        self.got: dict[str, str] = {}

    async def __aiter__(self) -> Any:
        if False:
            yield b""

    async def client_disconnect(self) -> None:
        await asyncio.sleep(self.leaves_after_s)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.got, self.body = status, dict(headers), body


class SlowBody(Client):
    """One whose body takes a while, and then breaks off."""

    read = False

    async def __aiter__(self) -> Any:
        self.read = True
        await asyncio.sleep(0.3)
        yield b"x"


class House:
    """A gateway before an application whose views are given; `version` is what is served."""

    def __init__(self, view: Callable[[], Response], settings: Settings | None = None) -> None:
        self.calls = 0
        self.done: list[Exchange] = []
        self.manifest = SimpleNamespace(version="1")
        app = Flask(__name__)
        app.extensions[EXTENSION] = SimpleNamespace(served=SimpleNamespace(manifest=self.manifest), uses=Uses())
        app.extensions[SPOOL] = Spool(10_000_000)

        @app.route("/<path:name>", methods=["GET", "POST"])
        def answer(name: str) -> Response:
            self.calls += 1
            response = view()
            response.headers["Oxus-Version"] = self.manifest.version
            return response

        self.gateway = Gateway(app, settings or Settings(), self.done.append)

    def ask(self, *clients: Client) -> Client:
        """The first of the clients, when all have been answered."""

        async def together() -> None:
            await asyncio.gather(*(self.gateway.__rsgi__(client, client) for client in clients))  # type: ignore[arg-type]

        asyncio.run(together())
        return clients[0]


def lasting(text: str = "x") -> Response:
    current_exchange().lasting = True
    response = Response(text)
    response.set_etag("tag")
    return response


def test_an_answer_of_one_version_is_never_given_for_another():
    house = House(lambda: lasting(f"version {house.manifest.version}"))
    assert [house.ask(Client("/a")).body for _ in range(2)] == [b"version 1"] * 2
    house.manifest.version = "2"
    assert house.ask(Client("/a")).body == b"version 2"
    house.manifest.version = "1"
    assert house.ask(Client("/a")).body == b"version 1"
    assert house.calls == 3


def test_an_answer_that_was_begun_on_one_version_and_ended_on_the_next_is_not_kept():
    def swapped() -> Response:
        house.manifest.version = "2"
        return lasting()

    house = House(swapped)
    house.ask(Client("/a"))
    house.ask(Client("/a"))
    assert house.calls == 2


@pytest.mark.parametrize("status", [404, 429, 503])
def test_errors_are_not_kept(status: int):
    def failing() -> Response:
        response = lasting()
        response.status_code = status
        return response

    house = House(failing)
    assert [house.ask(Client("/a")).status for _ in range(2)] == [status] * 2
    assert house.calls == 2


def test_what_is_not_marked_or_momentary_is_not_kept():
    def momentary() -> Response:
        current_exchange().momentary = True
        return lasting()

    for view in (momentary, lambda: Response("x")):
        house = House(view)
        house.ask(Client("/a"))
        house.ask(Client("/a"))
        assert house.calls == 2


def test_a_refusal_of_one_client_is_not_shared_with_another():
    def refusing() -> Response:
        if request.remote_addr == "192.0.2.1":
            return Response(status=429)
        return lasting()

    house = House(refusing)
    other = Client("/a")
    other.client = "192.0.2.2:1"
    assert house.ask(Client("/a"), other).status == 429
    assert other.status == 200


@pytest.mark.parametrize("name", ["authorization", "range", "if_modified_since"])
def test_what_is_asked_for_one_client_is_answered_by_the_application(name: str):
    house = House(lasting)
    house.ask(Client("/a"))
    house.ask(Client("/a", **{name: "x"}), Client("/a", **{name: "x"}))
    assert [each.cache for each in house.done] == ["miss", "none", "none"]
    assert house.calls == 3


def test_posts_elsewhere_are_neither_shared_nor_kept():
    house = House(lasting)
    house.ask(*(Client("/admin", "POST", content_type=FORM) for _ in range(3)))
    assert house.calls == 3
    house.ask(*(Client("/sparql", "POST", content_type=FORM) for _ in range(3)))
    assert house.calls == 4


def test_each_exchange_is_told_of_with_what_became_of_it():
    house = House(lasting)
    house.ask(Client("/a", x_request_id="mine"))
    house.ask(Client("/a", "HEAD"))
    house.ask(Client("/a", if_none_match='W/"tag"'))
    told = [
        (each.id == "mine", each.client, each.method, each.path, each.status, each.bytes, each.cache)
        for each in house.done
    ]
    assert told == [
        (True, "192.0.2.1", "GET", "/a", 200, 1, "miss"),
        (False, "192.0.2.1", "HEAD", "/a", 200, 0, "hit"),
        (False, "192.0.2.1", "GET", "/a", 304, 0, "hit"),
    ]
    house.ask(Client("/b"), Client("/b"))
    assert [each.cache for each in house.done[3:]] == ["miss", "joined"]


def test_a_client_with_too_many_requests_under_way_is_refused_before_its_body_is_read():
    house = House(lasting, Settings(client_requests=2))
    slow = [SlowBody("/sparql", "POST", content_length="9", transfer_encoding="chunked") for _ in range(3)]
    other = SlowBody("/sparql", "POST", content_length="9", transfer_encoding="chunked")
    other.client = "192.0.2.2:1"
    house.ask(*slow, other)
    assert [client.read for client in (*slow, other)] == [True, True, False, True]
    assert (house.done[0].status, house.done[0].client) == (slow[2].status, "192.0.2.1")
    assert slow[2].got["connection"] == "close"
    assert house.ask(Client("/a")).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/graph/readyz"])
def test_what_asks_no_worker_is_answered_while_all_threads_wait(path: str):
    answered = threading.Event()

    def view() -> Response:
        if request.path == path:
            answered.set()
            return lasting("quick")
        return lasting(str(answered.wait(5)))

    house = House(view, Settings(threads=1, public_url="https://example.org/graph/"))
    quick = Client(path)
    assert house.ask(Client("/a"), quick).body == b"True"
    assert quick.body == b"quick"


def test_who_asks_whether_the_pool_is_ready_keeps_nobody_from_hearing_that_the_front_is_alive():
    alive = threading.Event()

    def view() -> Response:
        if request.path == "/healthz":
            alive.set()
            return lasting()
        return lasting(str(alive.wait(5)))

    waiting = [Client("/readyz", authorization=str(number)) for number in range(5)]
    House(view).ask(*waiting, Client("/healthz"))
    assert [client.body for client in waiting] == [b"True"] * 5


def test_a_client_that_left_is_told_of_and_its_work_is_stopped():
    def waits() -> Response:
        deadline = time.monotonic() + 5
        while not current_exchange().gone:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return lasting()

    house = House(waits)
    client = Client("/a")
    client.leaves_after_s = 0.05
    house.ask(client)
    assert (client.status, house.done[0].status, house.done[0].verdict) == (0, LEFT, "client-left")


def test_what_the_application_does_not_answer_is_a_500_that_says_nothing():
    house = House(lambda: lasting())
    del house.manifest.version
    client = house.ask(Client("/a"))
    assert (client.status, client.body) == (500, b"")


class Repeated(dict[str, str]):
    """Headers of which one stands twice, as granian gives them: `get` knows its first value only."""

    def __init__(self, name: str, *values: str) -> None:
        super().__init__({name: values[0]})
        self.pairs = [(name, value) for value in values]

    def items(self) -> Any:
        return self.pairs


def accepted() -> Response:
    response = lasting(request.headers.get("Accept"))
    response.vary.add("Accept")
    return response


def test_an_answer_to_a_repeated_header_is_not_given_to_who_sends_its_first_value_alone():
    house = House(accepted)
    odd = Client("/a")
    odd.headers = Repeated("accept", "*/*", "text/html")
    assert house.ask(odd).body == b"*/*, text/html"
    assert house.ask(Client("/a", accept="*/*")).body == b"*/*"
    assert house.ask(odd).body == b"*/*, text/html"


def test_nor_do_the_two_share_an_evaluation():
    house = House(accepted)
    odd, plain = Client("/a"), Client("/a", accept="*/*")
    odd.headers = Repeated("accept", "*/*", "text/html")
    house.ask(odd, plain)
    assert (odd.body, plain.body) == (b"*/*, text/html", b"*/*")


def test_of_a_repeated_x_forwarded_for_the_last_line_is_the_proxys():
    house = House(lasting, Settings(trusted_proxies=1))
    client = Client("/a")
    client.headers = Repeated("x-forwarded-for", "192.0.2.66", "192.0.2.7")
    house.ask(client)
    assert house.done[0].client == "192.0.2.7"


def answer(body: bytes, version: str = "1", vary: str = "Accept") -> Answer:
    return Answer(200, [("oxus-version", version), ("vary", vary), ("etag", '"x"')], body)


def test_fifty_accept_headers_hold_one_body():
    cache = Cache(1_000_000)
    cache.find("1", "key", {})
    for number in range(50):
        cache.keep("key", {"accept": f"text/csv;q=0.{number}"}, answer(b"x" * 500_000), "", None)
    kept = [cache.find("1", "key", {"accept": f"text/csv;q=0.{number}"}) for number in range(50)]
    assert len({id(each.body) for each in kept if each}) == 1
    assert all(kept)


def test_the_cache_holds_no_more_than_it_may():
    cache = Cache(10 * (100_000 + OVERHEAD_BYTES + 10))  # 10: of the headers' values
    cache.find("1", "0", {})
    for number in range(30):
        cache.keep(str(number), {}, answer(b"%d" % number + b"x" * 99_990), "", None)
    assert [number for number in range(30) if cache.find("1", str(number), {})] == list(range(20, 30))
    cache.keep("long", {}, answer(b"x" * 1_000_001), "", None)
    assert cache.find("1", "long", {}) is None


def test_long_headers_and_addresses_count_too():
    cache = Cache(1_000_000)
    cache.find("1", "0", {})
    for number in range(100):
        cache.keep(str(number), {"accept": "x" * 100_000}, answer(b""), "", None)
    assert sum(bool(cache.find("1", str(number), {"accept": "x" * 100_000})) for number in range(100)) == 9
    held = _key.cache_info().currsize
    key_of_address("/" + "x" * LONG, "")
    assert _key.cache_info().currsize == held


def test_an_answer_is_found_by_the_headers_that_any_answer_there_varies_by():
    cache = Cache(1_000_000)
    cache.find("1", "key", {})
    cache.keep("key", {"accept": "json"}, answer(b"json"), "", None)
    cache.keep(
        "key", {"accept": "csv", "accept-language": "tg"}, answer(b"tg", vary="Accept, Accept-Language"), "", None
    )
    assert cache.find("1", "key", {"accept": "csv", "accept-language": "ru"}) is None
    cache.keep("key", {"accept": "json"}, answer(b"json"), "", None)
    found = cache.find("1", "key", {"accept": "json"})
    assert found and found.body == b"json"


def test_a_posted_query_is_told_from_others_by_type_and_body():
    keys = {
        key_of_post("/sparql", "", FORM, b"query=a&x=1"),
        key_of_post("/sparql", "", FORM, b"query=b&x=1"),
        key_of_post("/sparql", "", "application/sparql-query", b"query=a&x=1"),
        key_of_post("/sparql", "x=1", FORM, b"query=a"),
        key_of_post("/sparql", "", FORM, b"query=%ff"),
        key_of_post("/sparql", "", FORM, b"query=\xff"),
        key_of_address("/sparql", "query=a&x=1"),
    }
    assert len(keys) == 7
    assert key_of_post("/sparql", "", FORM, b"x=1&query=a") in keys


def test_a_long_body_is_not_taken_apart_for_its_key(monkeypatch: pytest.MonkeyPatch):
    body = b"query=" + b"%41" * 80_000
    assert key_of_post("/sparql", "", FORM, body) == key_of_post("/sparql", "", FORM, body)
    assert key_of_post("/sparql", "", FORM, body) != key_of_post("/sparql", "", FORM, body + b"&x=1")
    read = []
    monkeypatch.setattr("server.cache.parse_qsl", lambda text, **_: read.append(len(text)) or [])
    key_of_post("/sparql", "", FORM, body)
    assert read == [0]  # the address's own parameters


@pytest.mark.parametrize("long", [("/" + "a" * 1100, {}), ("/a", {"accept": " " * 17_000})])
def test_of_what_is_too_long_no_key_is_made_and_nobody_gets_the_header(long: tuple[str, dict[str, str]]):
    seen = []

    def view() -> Response:
        seen.append(request.headers.get("Accept"))
        return lasting()

    house = House(view, Settings(max_url_kb=1))
    path, headers = long
    house.ask(Client(path, **headers))
    house.ask(Client(path, **headers))
    assert [each.cache for each in house.done] == ["none", "none"]
    assert seen == [None, None]


class FullDisk(io.RawIOBase):
    """A file for which there is no room."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_a_limit_that_was_met_and_the_room_is_free_again():
    spool = Spool(100)
    with pytest.raises(ServiceBusyError, match="full") as met:
        SpoolFile(spool, BEARER, FullDisk()).write(b"x" * 60)  # type: ignore[arg-type]
    assert met.value.limit == "disk"


def test_the_room_for_answers_on_the_disk_is_given_back():
    spool = Spool(3 * IN_MEMORY_BYTES)
    chunks = [b"x" * IN_MEMORY_BYTES, b"yy"]
    first, second = gathered(chunks, spool, BEARER), gathered(chunks, spool, BEARER)
    with pytest.raises(ServiceBusyError) as met:
        gathered(chunks, spool, BEARER)
    assert met.value.limit == "max_spool_mb"
    assert isinstance(first, SpoolFile) and isinstance(second, SpoolFile)
    assert b"".join(first) == b"".join(chunks)
    first.close()
    third = gathered(chunks, spool, BEARER)
    assert isinstance(third, SpoolFile) and len(third) == IN_MEMORY_BYTES + 2
    second.close()
    third.close()


def test_one_client_has_a_quarter_of_that_room_and_others_the_rest():
    spool = Spool(1000)
    spool.take(200, "192.0.2.1")
    spool.take(200, "2001:db8::1")
    for client in ("192.0.2.1", "2001:db8::2"):
        with pytest.raises(ClientLimitError, match="one client") as met:
            spool.take(51, client)
        assert met.value.limit == "max_spool_mb"
    spool.take(250, "192.0.2.2")
    with pytest.raises(ServiceBusyError):
        spool.take(351, BEARER)


def test_one_answer_of_the_longest_that_there_may_be_has_room_at_any_rate():
    Spool(1000, longest=900).take(900, "192.0.2.1")


def test_a_reader_who_takes_little_for_long_is_left(monkeypatch: pytest.MonkeyPatch):
    class Slow(Client):
        def response_file(self, status: int, headers: object, file: str) -> None:
            descriptor = os.open(file, os.O_RDONLY)
            self.task = asyncio.create_task(self.read(descriptor))

        async def read(self, descriptor: int) -> None:
            taken = 65536
            while taken and self.taken < 500_000:
                taken = len(os.read(descriptor, 65536))
                self.taken += taken
                await asyncio.sleep(0.05)
            os.close(descriptor)

        taken = 0

    monkeypatch.setattr(outlet, "LEAST_BYTES_S", 50_000_000)
    body = b"x" * 2_000_000

    async def sent(stall_s: float) -> int:
        client = Slow("/a")
        return await outlet.send(client, 200, [], body, stall_s)  # type: ignore[arg-type]

    assert AT_ONCE_BYTES < asyncio.run(sent(0.1)) < 500_000


def test_after_a_withdrawal_nothing_is_asked_any_more():
    withdrawal = Withdrawal()
    withdrawal.make()
    with pytest.raises(ServiceBusyError):
        withdrawal.watch(None)  # type: ignore[arg-type]
