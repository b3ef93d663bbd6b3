"""Virtuoso 7 as Debian has it: a server as a subprocess on free ports, with a database of its own in a folder."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from leaving_out import leave_out
from live_server import free_port, stop

START_WITHIN_S = 60.0
SETTINGS = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 100000
"""
RIGHTS = (
    'grant select on "DB.DBA.SPARQL_SINV_2" to "SPARQL";',
    'grant execute on "DB.DBA.SPARQL_SINV_IMP" to "SPARQL";',
)
"""What its public endpoint needs to call other services."""


@dataclass(frozen=True)
class Virtuoso:
    """A running one; `dba` may do everything in it, its endpoint only read."""

    folder: Path
    port: int
    sql_port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/sparql"

    def run(self, statements: Sequence[str]) -> str:
        """What its command line says to some statements of SQL, or of SPARQL with that word before it."""
        program = which("isql-vt") or "isql"
        command = [program, f"127.0.0.1:{self.sql_port}", "dba", "dba", "ERRORS=STDOUT", "VERBOSE=OFF", "PROMPT=OFF"]
        done = subprocess.run(
            command, input="\n".join(statements), capture_output=True, text=True, timeout=START_WITHIN_S, check=True
        )
        assert "*** Error" not in done.stdout, done.stdout
        return done.stdout


@contextmanager
def running_virtuoso(folder: Path) -> Iterator[Virtuoso]:
    """One with an empty database in this folder, ready to answer."""
    program = which("virtuoso-t")
    if program is None:
        leave_out("Virtuoso is not here (Debian: virtuoso-opensource-7)")
    virtuoso = Virtuoso(folder, free_port(), free_port())
    settings = folder / "virtuoso.ini"
    settings.write_text(SETTINGS.format(folder=folder, port=virtuoso.port, sql_port=virtuoso.sql_port))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [program, "+foreground", "+configfile", str(settings)], cwd=folder, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(virtuoso, process)
        virtuoso.run(RIGHTS)
        yield virtuoso
    finally:
        stop(process)


def _wait_until_ready(virtuoso: Virtuoso, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(virtuoso.endpoint, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"Virtuoso did not start:\n{(virtuoso.folder / 'output').read_text()}")
