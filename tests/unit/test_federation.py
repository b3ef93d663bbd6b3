"""SERVICE goes where the operator allows and nowhere else, takes what it may take, and fails plainly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from canary import DISGUISES, Canary
from fake_service import KINDS, FakeService, serving
from leaving_out import leave_out

from kg.engine.guard import check_query, judge
from kg.errors import QueryRefusedError, QueryTimeoutError, RemoteServiceError
from kg.federation import remote
from kg.federation.gate import Gate
from kg.federation.services import Services, read_services
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool

ROOT = Path(__file__).parents[2]
ALLOWED = {"http://e/sparql", "http://e/a?b=c"}
LIMITS = PoolLimits(timeout_s=4.0, memory_bytes=512 << 20)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as canary:
        yield canary


@pytest.fixture(scope="module")
def fake(canary: Canary) -> Iterator[FakeService]:
    with serving(canary.iri) as fake:
        yield fake


def loopbacks(port: int) -> list[str]:
    """The loopback address by many names."""
    hosts = ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]")
    return [f"http://{host}:{port}/" for host in (*hosts, socket.gethostname())]


@pytest.fixture(scope="module")
def pool(fake: FakeService, canary: Canary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """A pool of one federating worker; the fake service is private, the canary is allowed as if it were public."""
    data = tmp_path_factory.mktemp("federation") / "data.nt"
    data.write_text("<urn:a> <urn:p> <urn:b> .\n<urn:c> <urn:p> <urn:d> .\n")
    port = int(canary.iri.rstrip("/").rpartition(":")[2])
    services = Services(
        public=tuple(loopbacks(port)),
        private=tuple(fake.url + kind for kind in KINDS if kind != "refused"),
        timeout_s=1.0,
        max_bytes=1_000_000,
        max_calls=3,
    )
    with Pool.start([data], limits=LIMITS, services=services) as pool:
        yield pool


def answer(pool: Pool, query: str, operation: str = "query", format: str = "csv") -> str:
    with pool.client.query(Request(query, format, operation)) as found:
        return found.read().decode()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://e/sparql> { ?s ?p ?o } }",
        "SELECT * { service silent <http://e/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE # a comment\n <http://e/a?b=c> { } }",
        "PREFIX ex: <http://e/> SELECT * { SERVICE ex:sparql { ?s ?p ?o } }",
        "PREFIX ex: <http://e/sparql> SELECT * { OPTIONAL { SERVICE ex: { ?s ?p ?o } } SERVICE <http://e/sparql> { } }",
    ],
)
def test_an_allowed_call_passes_the_guard(query: str) -> None:
    assert judge(query, services=ALLOWED).calls
    with pytest.raises(QueryRefusedError):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://e/other> { } }",
        "SELECT * { SERVICE <HTTP://e/sparql> { } }",
        "SELECT * { SERVICE <http://e/x/../sparql> { } }",
        r"SELECT * { SERVICE <http://e/\u0073parql> { } }",
        "BASE <http://e/> SELECT * { SERVICE <sparql> { } }",
        "BASE <http://e/> PREFIX ex: <> SELECT * { SERVICE ex:sparql { } }",
        "PREFIX ex: <http://e/> PREFIX ex: <http://f/> SELECT * { SERVICE ex:sparql { } }",
        "SELECT * { SERVICE ?s { } }",
        "SELECT * { VALUES ?s { <http://e/sparql> } SERVICE SILENT ?s { } }",
        "SELECT * { SERVICE<http://e/sparql>{ SERVICE <http://e/sparql> { } } }",
        "SELECT * { SERVICE <http://e/sparql> { { OPTIONAL { SERVICE <http://e/sparql> { } } } } }",
        "PREFIX ex: <http://e/> SELECT * { SERVICEex:sparql { } }",
        "SELECT * { SERVICESILENT <http://e/sparql> { } }",
        "SELECT * { SERVICE <http://e/sparql> { } FILTER(?a<'b'&&?c>'d') }",
        "SELECT * { SERVICE <http://e/sparql> { } ?s ?p 1SERVICE <http://f/> { } }",
    ],
)
def test_any_other_call_is_refused(query: str) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        check_query(query, services=ALLOWED)
    assert caught.value.line and caught.value.column


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguised_call_to_elsewhere_is_refused_though_others_are_allowed(name: str) -> None:
    with pytest.raises(QueryRefusedError):
        check_query(DISGUISES[name].replace("CALL", "<http://f/>"), services=ALLOWED)


@pytest.mark.parametrize(
    "text", ["ftp://e/", "sparql", "http://u:p@e/", "http://e/#a", "http:///x", "http://e:x/", "<"]
)
def test_what_is_no_service_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError):
        read_services(f"https://example.org/sparql {text}")


def test_an_allowed_call_is_joined_with_our_own_rows(pool: Pool, fake: FakeService) -> None:
    fake.asked.clear()
    found = answer(pool, f"SELECT ?s ?label {{ ?s <urn:p> <urn:b> SERVICE <{fake.url}row> {{ ?x <urn:q> ?label }} }}")
    assert found.split() == ["s,label", "urn:a,far", "away"]
    ((_, query, headers),) = fake.asked
    assert b"127.0.0.1" not in query
    assert not {"cookie", "authorization"} & {name.lower() for name in headers}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("redirect", "redirects to another address"),
        ("rubbish", "no SPARQL results"),
        ("half", "no SPARQL results"),
        ("page", "text/html"),
        ("error", "status 500"),
        ("zipped", "compressed"),
        ("silent", "within 1 s"),
        ("drip", "within 1 s"),
        ("huge", "more than 1,000,000 bytes"),
    ],
)
def test_what_a_service_does_wrong_is_told(
    pool: Pool, fake: FakeService, canary: Canary, kind: str, message: str
) -> None:
    before, began = canary.heard, time.monotonic()
    call = f"<{fake.url}{kind}> {{ ?x <urn:q> ?label }}"
    with pytest.raises(RemoteServiceError, match=message):
        answer(pool, f"SELECT * {{ ?s <urn:p> <urn:b> SERVICE {call} }}")
    assert time.monotonic() - began < 3
    assert canary.heard == before
    assert answer(pool, f"SELECT ?s {{ ?s <urn:p> <urn:b> SERVICE SILENT {call} }}").split() == ["s", "urn:a"]
    assert canary.heard == before


def test_a_service_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text("")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        service = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(RemoteServiceError, match="cannot be asked: Connection refused"):
        remote.call(service, b"", Services(private=(service,)))


def test_an_address_that_is_not_public_is_not_called(pool: Pool, canary: Canary) -> None:
    port = int(canary.iri.rstrip("/").rpartition(":")[2])
    for service in loopbacks(port):
        with pytest.raises(RemoteServiceError, match="not public|cannot be asked"):
            answer(pool, f"SELECT * {{ SERVICE <{service}> {{ ?s ?p ?o }} }}")
    assert canary.heard == 0


def test_a_name_that_leads_to_a_private_address_besides_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look-up could give another address: all of the one look-up count, and one of them is connected to."""
    looked_up = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        addresses = ("93.184.215.14", "10.1.2.3")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(RemoteServiceError, match="not public"):
        remote.call("http://rebinds.example/", b"", Services(public=("http://rebinds.example/",)))
    assert looked_up == ["rebinds.example"]


@pytest.mark.parametrize(
    "address",
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.2.1 192.168.0.1 198.18.0.1 224.0.0.1 "
    "240.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 64:ff9b::a00:1 100::1 2001:db8::1 2002:a00:1:: fc00::1 "
    "fe80::1%eth0 ff02::1 ::7f00:1 64:ff9b:1::a00:1 fec0::1 4000::1 ::ffff:0:a00:1".split(),
)
def test_addresses_that_are_not_the_internets_are_known(address: str) -> None:
    assert not remote.is_public(address)


def test_a_query_calls_a_few_times_only(pool: Pool, fake: FakeService) -> None:
    fake.asked.clear()
    rows = " ".join(f"(<urn:a> {number})" for number in range(50))
    query = f"""SELECT * {{ VALUES (?s ?n) {{ {rows} }}
        OPTIONAL {{ BIND(?n AS ?m) SERVICE <{fake.url}row> {{ ?x <urn:q> ?label }} FILTER(?m > 0) }} }}"""
    try:
        answer(pool, query)
    except RemoteServiceError as error:
        assert "more than 3 times" in error.message
    assert len(fake.asked) <= 3


def test_the_deadline_of_the_query_ends_its_calls(pool: Pool, fake: FakeService) -> None:
    with pytest.raises(QueryTimeoutError):
        with pool.client.query(Request(f"ASK {{ SERVICE <{fake.url}silent> {{ }} }}", "json", timeout_s=0.3)) as found:
            found.read()


def test_a_call_is_named_as_untraced(pool: Pool, fake: FakeService) -> None:
    query = f"SELECT ?s ?label {{ ?s <urn:p> <urn:b> SERVICE <{fake.url}row> {{ ?x <urn:q> ?label }} }}"
    found = json.loads(answer(pool, query, "cite", "json"))
    assert found["oxus"]["untraced"] == ["s", "label"]
    assert "SERVICE" in found["oxus"]["reasons"]["label"]
    # What is written down of the query is the visitor's, without the gate's address.
    assert f"{fake.url}row" in answer(pool, query, "cite", "ttl")


def test_the_gate_answers_nobody_else(fake: FakeService) -> None:
    service = fake.url + "row"
    gate = Gate(Services(private=(service,)))
    gate.begin()
    led = gate.lead(f"ASK {{ SERVICE <{service}> {{ }} }}")
    path = led.partition(f":{gate.port}")[2].partition(">")[0]
    fake.asked.clear()
    for wrong in ("/", "/x/0", path[:-1] + "1", path + "1", path.upper() + "é", f"http://127.0.0.1{path}"):
        assert gate.answer(wrong, b"ASK {}") is None
    assert not fake.asked
    assert gate.answer(path, b"ASK {}") is not None
    gate.begin()
    assert gate.answer(path, b"ASK {}") is None, "the address of a query before leads nowhere"


# Argument 1 is the port that is left, 2 the canary's IRI.
GAPPED = """
import socket, sys
import pyoxigraph as ox
from kg.pool import confinement

port, iri = int(sys.argv[1]), sys.argv[2]
elsewhere = int(iri.rstrip("/").rpartition(":")[2])
if not confinement.leave_gap(port):
    sys.exit(77)
attempts = {
    "elsewhere": lambda: socket.create_connection(("127.0.0.1", elsewhere)),
    "IPv6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM),
    "Unix": lambda: socket.socket(socket.AF_UNIX),
    "UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "MPTCP": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "pair": lambda: socket.socketpair(),
    "query": lambda: list(ox.Store().query(f"SELECT * {{ SERVICE <{iri}> {{ ?s ?p ?o }} }}")),
    "load": lambda: ox.Store().update(f"LOAD <{iri}>"),
    "name": lambda: socket.getaddrinfo("example.org", 80),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("reached", name)
    except OSError:
        pass
gate = socket.socket()
gate.connect(("127.0.0.1", port))
print("gate")
"""


def test_a_federating_worker_reaches_its_gate_only(canary: Canary, fake: FakeService) -> None:
    port = fake.server_address[1]
    command = [sys.executable, "-c", GAPPED, str(port), canary.iri]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=20)
    if done.returncode == 77:
        leave_out("Landlock with ports (Linux 6.7) is not here; the gate's addresses alone hold")
    assert (done.stdout.split(), done.returncode) == (["gate"], 0), done.stderr
    assert canary.heard == 0


def test_ordinary_workers_call_nobody_still(fake: FakeService, tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_text("")
    fake.asked.clear()
    with Pool.start([tmp_path / "data.nt"], limits=LIMITS) as pool, pytest.raises(QueryRefusedError):
        answer(pool, f"SELECT * {{ SERVICE <{fake.url}row> {{ ?s ?p ?o }} }}")
    assert not fake.asked
