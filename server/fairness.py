"""Fair shares: what each client may use of the workers, so that one leaves room for the others. Reading requests is
left to `server.admission`.

A client has four accounts: seconds of work on queries of its own, seconds of work on ours, failed queries, and queries
under way. All but the last drain evenly, so that after a minute's silence they are empty. A query is charged when it
has ended, for what it took: whoever has room for one may begin one, and waits the longer for the next.

Not the library `limits`: it charges whole numbers before the fact, forgets what was spent beyond a limit, and keeps
every address for a window (100,000 of them: 33 MB; a timer that looks through all of them every 10 ms).
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kg.errors import QueryLimitError
from server.exchange import Exchange
from server.settings import Settings

Kind = Literal["own", "canned"]

MOST_CLIENTS = 50_000
"""Accounts kept, about 15 MB; those not used for longest are closed for new ones, which forgives them their debt."""
CANNED_SHARE = 2.0
"""How much more canned queries may take: they are cheap and mostly in the cache, and must go on when others may not."""
WINDOW_S = 60.0
LEAST = 1e-6
"""What rounding may leave of an account that has drained."""
BEARER = "token"
"""The client that bears the operator's token: no limit holds for it."""
NO_FAILURE = frozenset({"ok", "busy", "client-limit", "client-left", "http-500"})
"""Verdicts that are not charged as a failure: all went well, or what went wrong was not the query."""


class ClientLimitError(QueryLimitError):
    """A client has used up its share."""


def client_of(peer: str, forwarded_for: str | None, settings: Settings) -> str:
    """The address of whoever asks: the peer's, or the one that the outermost of the trusted proxies has seen.

    A client can write what it likes into X-Forwarded-For; only as many entries as there are proxies are theirs. What is
    no address there counts as absent.

    >>> client_of("10.0.0.1", "1.1.1.1, 2.2.2.2", Settings())
    '10.0.0.1'
    >>> client_of("10.0.0.1", "1.1.1.1, 2.2.2.2", Settings(trusted_proxies=1))
    '2.2.2.2'
    """
    if settings.trusted_proxies and forwarded_for:
        entries = forwarded_for.split(",")
        if len(entries) >= settings.trusted_proxies:
            found = _address(entries[-settings.trusted_proxies].strip())
            if found is not None:
                return str(found)
    found = _address(peer)
    return str(found) if found is not None else peer


def network_of(client: str, bits_of_4: int, bits_of_6: int) -> str:
    """The network that an address is in; what is no address stays as it is.

    >>> network_of("192.0.2.77", 24, 48), network_of("2001:db8:1:2::3", 24, 48), network_of("token", 24, 48)
    ('192.0.2.0/24', '2001:db8:1::/48', 'token')
    """
    address = _address(client)
    if address is None:
        return client
    bits = bits_of_4 if address.version == 4 else bits_of_6
    return str(ipaddress.ip_network((address, bits), strict=False))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


@dataclass(slots=True)
class _Account:
    """What a client has spent and when that was last reckoned: in seconds for both kinds of query, and in failures."""

    at: float
    own: float = 0.0
    canned: float = 0.0
    errors: float = 0.0


class Shares:
    """Every client's accounts. `admit` a query before it is worked on and `settle` it when that has ended."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._under_way: Counter[tuple[str, Kind]] = Counter()
        self._admitted: dict[Exchange, tuple[str, Kind]] = {}
        self._most = {
            "own": settings.client_seconds,
            "canned": settings.client_seconds * CANNED_SHARE,
            "errors": float(settings.client_errors),
        }

    def admit(self, exchange: Exchange, kind: Kind) -> None:
        """Nothing, if the client may begin a query of this kind.

        Raises: ClientLimitError with the seconds until it may.
        """
        if exchange.client == BEARER:
            return
        client = counted_as(exchange.client)
        with self._lock:
            if exchange in self._admitted:
                return
            exchange.kind = kind
            account = self._reckoned(client)
            for name in ("own", "errors") if kind == "own" else ("canned",):
                # A failure costs one, so there must be room for it; what a query will take nobody knows before.
                needed = 1.0 if name == "errors" else 0.0
                excess = getattr(account, name) + needed - self._most[name]
                if excess > LEAST:
                    raise self._refusal(name, math.ceil(excess * WINDOW_S / self._most[name]))
            if self._under_way[client, kind] >= self._settings.client_queries:
                raise self._refusal("queries", 1)
            self._under_way[client, kind] += 1
            self._admitted[exchange] = client, kind

    def settle(self, exchange: Exchange) -> None:
        """Charge an exchange that has ended, if it was admitted; a second time it does nothing."""
        with self._lock:
            client, kind = self._admitted.pop(exchange, ("", None))
            if kind is None:
                return
            self._under_way[client, kind] -= 1
            if not self._under_way[client, kind]:
                del self._under_way[client, kind]
            account = self._reckoned(client)
            if kind == "canned":
                account.canned += exchange.cost_s
                return
            account.own += exchange.cost_s
            account.errors += exchange.verdict not in NO_FAILURE

    def __len__(self) -> int:
        return len(self._accounts)

    def _reckoned(self, client: str) -> _Account:
        """The client's account as it stands now."""
        now = self._clock()
        account = self._accounts.get(client)
        if account is None:
            account = self._accounts[client] = _Account(now)
            if len(self._accounts) > MOST_CLIENTS:
                self._accounts.popitem(last=False)
            return account
        self._accounts.move_to_end(client)
        drained = (now - account.at) / WINDOW_S
        account.at = now
        for name, most in self._most.items():
            setattr(account, name, max(0.0, getattr(account, name) - drained * most))
        return account

    def _refusal(self, name: str, wait_s: int) -> ClientLimitError:
        most = self._most.get(name, 0)
        limit, reason = {
            "own": ("client_seconds", f"your queries have used their {most:g} worker seconds a minute"),
            "canned": ("client_seconds", f"your canned queries have used their {most:g} worker seconds a minute"),
            "errors": ("client_errors", f"as many of your queries have failed as may: {most:g} a minute"),
            "queries": ("client_queries", f"{self._settings.client_queries} queries of yours are under way, the most"),
        }[name]
        others = "" if name == "canned" else "; canned queries have a share of their own and still answer"
        return ClientLimitError(f"{reason}: try again in {wait_s} s{others}", limit=limit, retry_after_s=wait_s)


def counted_as(client: str) -> str:
    """Under which name a client has its accounts: whoever has one IPv6 address has the 2⁶⁴ of its network."""
    return network_of(client, 32, 64) if ":" in client else client
