"""`kg generate`: what the command takes and prints. What a generated graph is, is in `generating`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from kg.cli import current_project
from kg.cli.build import shown_progress
from kg.generating.run import generate as generate_graph


@click.command()
@click.option("--triples", required=True, type=click.IntRange(min=1), help="How many statements")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes")
@click.option(
    "--out",
    required=True,
    type=click.Path(allow_dash=True, path_type=Path),
    help="File (.gz: packed); - is standard output",
)
def generate(triples: int, seed: int, out: Path) -> None:
    """Write an invented graph of any size, in N-Quads, to test and measure with."""
    began = time.monotonic()
    with shown_progress() as progress:
        target = sys.stdout.buffer if str(out) == "-" else out
        count = generate_graph(current_project(), triples, seed, target, progress)
    click.echo(f"{count:,} statements in {out} in {time.monotonic() - began:.1f} s", err=True)
