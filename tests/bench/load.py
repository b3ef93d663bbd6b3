"""Load by wrk: many connections that ask in turn from a list of targets; how many answers a second, and how fast.

A generator in Python would be the bottleneck on a small machine. Where wrk is missing, `wrk` is None.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

wrk = shutil.which("wrk")

_SCRIPT = """
local targets = { %(targets)s }
local asked = 0
request = function()
  asked = asked + 1
  local target = targets[(asked - 1) %% #targets + 1]
  return wrk.format("GET", (target:gsub("NUMBER", tostring(%(first)d + asked))))
end
done = function(summary, latency, requests)
  local errors = summary.errors
  local form = '{"requests": %%d, "us": %%d, "refused": %%d, "lost": %%d, "p50_us": %%d, "p99_us": %%d}\\n'
  io.write(string.format(form, summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Measured:
    """What came of it; `refused` are answers that are not 2xx or 3xx, `lost` those that never came."""

    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int
    lost: int

    @property
    def circumstances(self) -> dict[str, float]:
        return {
            "p50_ms": round(self.p50_ms, 2),
            "p99_ms": round(self.p99_ms, 2),
            "refused": self.refused,
            "lost": self.lost,
        }


def load(
    port: int, targets: Sequence[str], clients: int, seconds: float, accept: str, first: int = 1_000_000
) -> Measured:
    """One run; `NUMBER` in a target is a number that no other request of the run has, counted from `first`."""
    assert wrk is not None
    listed = ", ".join(json.dumps(target) for target in targets)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % {"targets": listed, "first": first})
        script.flush()
        command = [wrk, "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", script.name]
        command += ["-H", f"Accept: {accept}", "-H", "X-Forwarded-For: 198.51.100.1", f"http://127.0.0.1:{port}/"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found = re.search(r"^\{.*\}$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    told = json.loads(found[0])
    return Measured(
        per_second=told["requests"] / (told["us"] / 1e6),
        p50_ms=told["p50_us"] / 1000,
        p99_ms=told["p99_us"] / 1000,
        refused=told["refused"],
        lost=told["lost"],
    )


def oxigraph_binary() -> Path | None:
    """The `oxigraph` of the Python package of this name, if it is installed beside this interpreter."""
    path = Path(sys.executable).parent / "oxigraph"
    return path if path.is_file() else None
