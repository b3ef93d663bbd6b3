"""The log: JSON, one line an event, on standard error. What an exchange was is noted by `server.exchange`.

No query text is in it unless a setting says so, no query string ever, and of an address only the network unless another
does: both may be about a person. JSON escapes control characters, so nothing that a client sends begins a line.
"""

from __future__ import annotations

import datetime
import json
import logging
import logging.config
from typing import Any

from server.exchange import Exchange
from server.fairness import network_of
from server.settings import Settings

REQUESTS = "oxus.requests"
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""What machines ask every few seconds: logged only if it fails."""


class JSONFormatter(logging.Formatter):
    """A record as one line of JSON: when, how grave, who says it, what; its attribute `event` has further members."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        told |= getattr(record, "event", None) or {"message": record.getMessage()}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=True)


CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JSONFormatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        REQUESTS: {"level": "INFO"},
        # granian's own, which would otherwise write lines of another form.
        "_granian": {"level": "WARNING", "propagate": True},
        "granian.access": {"level": "WARNING", "propagate": True},
    },
}
"""For `logging.config.dictConfig`, and for granian, which configures the process that it starts."""


class RequestLog:
    """Writes a line for each exchange that has ended, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logger = logging.getLogger(REQUESTS)

    def log_exchange(self, exchange: Exchange) -> None:
        """One line, unless none is wanted."""
        if self._settings.log == "off" or (exchange.route in PROBES and exchange.status < 400):
            return
        whole = self._settings.log_addresses
        event: dict[str, object] = {
            "request": exchange.id,
            "client": exchange.client if whole else network_of(exchange.client, 24, 48),
            "method": exchange.method,
            "path": exchange.path,
            "route": exchange.route or None,
            "status": exchange.status,
            "duration_ms": round(exchange.seconds * 1000, 3),
            "worker_ms": round(exchange.worker_s * 1000, 3),
            "rows": exchange.rows,
            "bytes": exchange.bytes,
            "cache": exchange.cache,
            "verdict": exchange.verdict,
            "version": exchange.version or None,
        }
        if self._settings.log_queries and exchange.query:
            event["query"] = exchange.query
        self._logger.info("", extra={"event": event})
