"""`kg build`: what the command prints. What a build is, is in `build.run`."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kg.build.manifest import Manifest
from kg.build.run import build as build_project
from kg.build.run import current_build
from kg.checks.run import Progress, findings_of
from kg.cli import current_project
from kg.errors import SourceError
from kg.findings import Finding
from kg.versions.summary import counted

PATIENCE_S = 2.0
"""How long work runs before it shows progress."""


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder to build into [default: build/ in the project]")
@click.option("--force", is_flag=True, help="Build even if nothing has changed")
def build(out: Path | None, force: bool) -> None:
    """Build the dataset: files → checked, inferred, versioned dumps."""
    began = time.monotonic()
    project = current_project()
    folder = out if out is not None else project.root / "build"
    try:
        manifest = None if force else current_build(project, folder)
        if manifest is not None:
            click.echo(f"nothing has changed since version {manifest.version}: {folder} is up to date (--force)")
            return
        with shown_progress() as progress:
            manifest = build_project(project, folder, progress, lambda finding: click.echo(str(finding), err=True))
    except SourceError as error:
        print_findings(findings_of(error), err=True)
        click.echo("nothing was built", err=True)
        raise SystemExit(1) from None
    click.echo(account(manifest))
    click.echo(f"built in {folder} in {time.monotonic() - began:.1f} s")


def account(manifest: Manifest) -> str:
    """A build in a few lines: version, triples by family of graphs, sizes of the dumps."""
    counts = ", ".join(
        f"{number:,} {name}" for name, number in manifest.counts.items() if name not in ("accepted", "statements")
    )
    rows = [f"version {manifest.version}, data of {manifest.built}", counts]
    rows += [f"{number:>10,}  triples in {family}" for family, number in manifest.families.items()]
    rows.append(f"{manifest.counts['accepted']:>10,}  triples in the accepted graph")
    rows += [f"{entry.bytes:>10,}  bytes in {name}" for name, entry in manifest.files.items()]
    return "\n".join(rows)


def print_findings(findings: list[Finding], *, err: bool = False) -> bool:
    """Print findings and one line of counts; whether one of them is an error."""
    for finding in findings:
        click.echo(str(finding), err=err)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    click.echo(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}", err=err)
    return errors > 0


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A step's name, shown on a terminal while it runs once the whole has taken `PATIENCE_S`."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    status = Console(stderr=True).status("starting")
    timer = threading.Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield status.update
    finally:
        timer.cancel()
        timer.join()
        status.stop()
