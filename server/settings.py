"""What may be set: one table behind the KG_* environment, the options of `kg serve` and the README.

Nothing else reads os.environ.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from kg.backend.connection import Backend
from kg.engine.complexity import Limits
from kg.errors import KGError
from kg.federation.services import Services, read_services

LIMITS = Limits()
CALLS = Services()

STORES = ("auto", "memory", "disk")

CHARS = "A-Z a-z 0-9 - . _ ~ + / ="
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")
"""What a token may look like: RFC 6750 §2.1, and too long to be guessed."""


MOST = {"s": 86_400, "bytes": 1_000_000_000}
"""What a setting may be at most by the end of its name: a day, a gigabyte; so that a slip is told at the start."""
MOST_OTHERS = 1_000_000
"""The same for counts, kilobytes and megabytes."""


class SettingError(KGError):
    """A setting's value is not of its type; the message names the variable."""


@dataclass(frozen=True)
class Setting:
    """One row of the table: `name` in Python, `variable` in the environment, `option` on the command line."""

    name: str
    default: str | int | float | Path
    help: str
    choices: tuple[str | int, ...] = ()
    """The only values that it takes, if they are few."""
    from_zero: bool = False
    """Whether 0 is a number that it takes."""
    secret: bool = False
    """Whether it comes from the environment alone: a command line can be read by everybody on the machine."""

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return "KG_" + self.name.upper()

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def bounds(self) -> tuple[float, int]:
        """The least and the most that a number may be: beyond, something that counts with it would overflow."""
        least = 0 if self.from_zero else 0.001 if isinstance(self.default, float) else 1
        return least, 65535 if self.name == "port" else MOST.get(self.name.rpartition("_")[2], MOST_OTHERS)

    def read(self, text: str) -> str | int | float | Path:
        """The value that a text stands for, of the default's type.

        Raises: SettingError naming the variable.

        >>> Setting("port", 8000, "").read("8100")
        8100
        """
        kind = type(self.default)
        if isinstance(self.default, Path):
            return Path(text)
        try:
            return kind(text)
        except ValueError:
            wanted = {int: "a whole number", float: "a number"}[kind]
            raise SettingError(f"{self.variable} is {text!r}, which is not {wanted}") from None

    def check(self, value: object) -> None:
        """Nothing, if the value is one that a server can run with.

        Raises: SettingError naming the variable and what would do.
        """
        if self.choices and value not in self.choices:
            raise SettingError(f"{self.variable} is {value!r}; it takes {' or '.join(map(str, self.choices))}")
        if isinstance(value, int | float) and not self.choices:
            least, most = self.bounds
            if not least <= value <= most:
                raise SettingError(f"{self.variable} is {value}, which is not a number from {least:g} to {most:,}")
        if self.name == "token" and value and not TOKEN.fullmatch(str(value)):
            # Its value is not told: errors are shown and logged.
            raise SettingError(f"{self.variable} is too short or has other characters: it takes 16 or more of {CHARS}")
        if self.name == "backend_auth" and not str(value).isprintable():
            raise SettingError(f"{self.variable} has characters that cannot be sent")
        if self.name == "backend" and value and (fault := _fault_of_address(str(value).partition("?")[0])):
            raise SettingError(f"{self.variable} is {value!r}, which {fault}")
        if (
            self.name == "public_url"
            and value
            and (fault := _fault_of_address(str(value)) or _fault_of_path(str(value)))
        ):
            raise SettingError(f"{self.variable} is {value!r}, which {fault}")
        if self.name in ("services", "private_services"):
            try:
                read_services(str(value))
            except ValueError as error:
                raise SettingError(f"{self.variable}: {error}") from None
        if self.name == "report" and value and (fault := _fault_of_target(str(value))):
            raise SettingError(f"{self.variable} is {value!r}, which {fault}")
        if self.name == "corpus" and value and not Path(str(value)).is_dir():
            raise SettingError(f"{self.variable} is {value!r}, which is no folder: it takes the one with the texts")
        if self.name == "store" and value not in STORES:
            raise SettingError(f"{self.variable} is {value!r}, which is not one of {', '.join(STORES)}")


def _fault_of_address(url: str) -> str:
    """What is wrong with a public address; empty if nothing is."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        return f"is not an address: {error}"
    if not fits or parts.username is not None or not url.isascii() or re.search(r"[\s\x00-\x20\"<>\\^`{|}]", url):
        return "is not an http or https address with a host, in ASCII"
    if "?" in url or "#" in url:
        return "has a ? or # in it: other addresses begin with it"
    return ""


def _fault_of_target(target: str) -> str:
    """What is wrong with the address that reports are sent to; empty if nothing is."""
    bare = target.replace("{title}", "").replace("{text}", "")
    if not target.isascii() or re.search(r"[\s\x00-\x20\"<>\\^`{|}#]", bare):
        return "has a blank, a # or another character that no address has: of braces it takes {title} and {text}"
    if target.startswith("mailto:"):
        return "" if re.fullmatch(r"mailto:[^@?,]+@[^@?,]+(\?.*)?", target) else "names no mailbox: mailto:name@host"
    if ("{title}" in target) > ("{text}" in target):
        return "has {title} and no {text}"
    return _fault_of_address(bare.partition("?")[0])


def _fault_of_path(url: str) -> str:
    """What is wrong with the path that all addresses begin with: clients take dots and empty segments out of it."""
    segments = unquote(urlsplit(url).path).rstrip("/").split("/")[1:]
    if {"", ".", ".."} & set(segments):
        return "has an empty segment in its path, or one of dots: give the path as clients ask for it"
    return ""


def _setting(default: Any, explanation: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": explanation, **more}, repr=not more.get("secret", False))


@dataclass(frozen=True)
class Settings:
    """Every setting with its value; make one with `read_settings`, or directly in a test.

    >>> Settings(port=8100).url
    'http://127.0.0.1:8100/'
    >>> Settings(public_url="https://example.org/graph").url
    'https://example.org/graph/'
    """

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    public_url: str = _setting("", "address that visitors use, if not http://HOST:PORT/; queries' base IRI is under it")
    build: Path = _setting(Path("build"), "folder of the build to serve, from the project's root")
    archive: Path = _setting(
        Path("archive"), "folder in which versions that were served are kept, from the project's root"
    )
    keep_versions: int = _setting(
        10, "old versions kept there, whose answers stay citable; 0: none, and nothing is written there", from_zero=True
    )
    corpus: str = _setting(
        "", "folder with the documents' texts, known by their SHA-256: pages then show the words of passages"
    )
    report: str = _setting(
        "",
        "where errors are reported: mailto:…, or https://… of an issue tracker, perhaps with {title} and {text}",
    )
    workers: int = _setting(2, "queries answered at the same time; in time each holds a copy of the graph")
    queue: int = _setting(32, "queries that may wait for a worker")
    threads: int = _setting(128, "requests worked on at the same time; slow clients do not count")
    timeout_s: float = _setting(10.0, "seconds that a query may take; a request's timeout parameter may lower it")
    max_timeout_s: float = _setting(
        60.0, "seconds to which the timeout parameter may raise that for who bears the token"
    )
    max_memory_mb: int = _setting(1024, "megabytes that a query may use on top of the graph")
    max_result_mb: int = _setting(256, "megabytes that an answer may have")
    max_body_kb: int = _setting(256, "kilobytes that a request's body may have")
    max_body_s: float = _setting(10.0, "seconds that a request's body may take to arrive")
    max_url_kb: int = _setting(32, "kilobytes that a request's address may have")
    max_query_bytes: int = _setting(LIMITS.bytes, "bytes that a query may have")
    max_query_tokens: int = _setting(LIMITS.tokens, "words, terms and marks that a query may have")
    max_query_depth: int = _setting(LIMITS.depth, "brackets that a query may have inside each other")
    max_query_operators: int = _setting(LIMITS.operators, "operators, calls and clauses that a query may have")
    max_query_patterns: int = _setting(LIMITS.patterns, "triple patterns and other joins that a query may have")
    max_query_path_steps: int = _setting(LIMITS.path_steps, "steps that one property path may have")
    max_query_values: int = _setting(LIMITS.values, "rows that the VALUES of a query may have together")
    max_query_columns: int = _setting(LIMITS.columns, "columns that SELECT and VALUES of a query may name together")
    services: str = _setting("", "SPARQL services that SERVICE may call: addresses with spaces or commas between")
    private_services: str = _setting("", "the same for services of your own network: their addresses may be private")
    service_workers: int = _setting(1, "queries with SERVICE answered at the same time, by workers of their own")
    service_timeout_s: float = _setting(CALLS.timeout_s, "seconds that a call to a service may take")
    max_service_mb: int = _setting(CALLS.max_bytes >> 20, "megabytes that a service may answer with")
    backend: str = _setting(
        "", "address of a SPARQL store that answers queries instead; kg publish has loaded the build there"
    )
    backend_auth: str = _setting("", "user:password, or a token, for that store; no option", secret=True)
    store: str = _setting("auto", "where queries find the graph: memory, disk, or auto: memory if there is enough")
    max_stall_s: float = _setting(30.0, "seconds that a reader may take for the next 64 kB of an answer")
    max_spool_mb: int = _setting(2048, "megabytes of temporary files that answers wait in for their readers")
    cache_mb: int = _setting(64, "megabytes of answers kept for those who ask the same")
    page_rows: int = _setting(500, "rows that a page shows; files have them all")
    client_seconds: float = _setting(
        60.0,
        "worker seconds a minute for a client's own queries: half of what two workers have; canned ones twice that",
    )
    client_errors: int = _setting(
        60, "failed queries a minute for a client: one a second is a script that nobody reads"
    )
    client_queries: int = _setting(8, "queries of one client at the same time: a quarter of the queue")
    client_workers: int = _setting(
        1, "queries of one client run at the same time; its others wait, and so another client finds a worker"
    )
    client_requests: int = _setting(
        100, "requests of one client under way at the same time, slow bodies and readers included"
    )
    client_connections: int = _setting(
        200, "connections of one client open at the same time: those above that ask nothing are closed"
    )
    trusted_proxies: int = _setting(
        0,
        "reverse proxies in front, whose X-Forwarded-For says who asks; 0 means that the header is not read",
        from_zero=True,
    )
    token: str = _setting(
        "",
        "who sends it (Authorization: Bearer …) is not throttled and may reload; /metrics then asks for it; no option",
        secret=True,
    )
    log: str = _setting("json", "json: a line for each request, on standard error; off: none", choices=("json", "off"))
    log_queries: int = _setting(0, "1: the log tells the text of queries", choices=(0, 1))
    log_addresses: int = _setting(0, "1: the log tells whole addresses, else networks (/24, /48)", choices=(0, 1))

    def backend_of(self, version: str) -> Backend | None:
        """The other store, to be asked for a version; None if the graph is held here."""
        if not self.backend:
            return None
        return Backend(
            self.backend,
            version,
            self.backend_auth,
            # Before the query's own deadline, so that the store is blamed and not the query.
            connect_s=min(Backend.connect_s, self.timeout_s / 2),
            read_s=self.longest_s + 1.0,
            max_bytes=4 * self.max_result_mb << 20,
        )

    @property
    def query_limits(self) -> Limits:
        """The caps on a query of a visitor's own; `Limits` says what each is good for."""
        return Limits(**{cap.name: getattr(self, f"max_query_{cap.name}") for cap in fields(Limits)})

    @property
    def callable_services(self) -> Services | None:
        """What SERVICE may call, and how; None if nothing."""
        public, private = read_services(self.services), read_services(self.private_services)
        if not public and not private:
            return None
        return Services(public, private, self.service_timeout_s, self.max_service_mb << 20)

    @property
    def url(self) -> str:
        """The address of the home page, with a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/") + "/"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    @property
    def longest_s(self) -> float:
        """Seconds that a query may take whoever asks: what the pool allows. Without a token nobody may ask for more."""
        return max(self.timeout_s, self.max_timeout_s) if self.token else self.timeout_s

    @property
    def endpoint(self) -> str:
        """The SPARQL endpoint's address, which is the base IRI of every query: the Host header never is."""
        return self.url + "sparql"


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(row.name, cast("str | int | float | Path", row.default), **row.metadata) for row in fields(Settings)
)
"""The table itself, in the order of the README."""


def read_settings(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings: what is given (unless None), else the environment's, else the default.

    Raises: SettingError naming the variable.

    >>> read_settings({"KG_PORT": "8100", "KG_HOST": "::1"}, host="localhost", workers=None).url
    'http://localhost:8100/'
    """
    environ = os.environ if environ is None else environ
    values = {row.name: row.read(environ[row.variable]) for row in SETTINGS if environ.get(row.variable)}
    values |= {name: value for name, value in given.items() if value is not None}
    for row in SETTINGS:
        row.check(values.get(row.name, row.default))
    if values.get("backend") and (values.get("services") or values.get("private_services")):
        raise SettingError("KG_BACKEND and KG_SERVICES do not go together: the other store would make the calls")
    return Settings(**values)  # type: ignore[arg-type]  # each value was read as its default's type
