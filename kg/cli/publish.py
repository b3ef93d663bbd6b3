"""`kg publish`: what the command takes and prints. How a build is loaded elsewhere is in `backend.publishing`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from kg.backend.publishing import GraphStore, graphs_of
from kg.backend.publishing import publish as publish_graphs
from kg.backend.publishing import remove_others as remove_other_versions
from kg.build.dataset import open_build
from kg.build.manifest import read_manifest
from kg.cli import current_project
from kg.cli.build import shown_progress


@click.command()
@click.option("--to", required=True, metavar="URL", help="The store's Graph Store Protocol address, for ?graph=…")
@click.option("--build", type=click.Path(path_type=Path), help="Folder of the build [default: build/ in the project]")
@click.option(
    "--auth-file",
    type=click.File(),
    help="File with user:password or a token; - is standard input [default: the variable KG_BACKEND_AUTH]",
)
@click.option("--auth", envvar="KG_BACKEND_AUTH", default="", hidden=True)
@click.option(
    "--remove-others",
    is_flag=True,
    help="Remove the other versions from the store, once no server asks for them any more",
)
@click.pass_context
def publish(
    context: click.Context,
    to: str,
    build: Path | None,
    auth_file: IO[str] | None,
    auth: str,
    remove_others: bool,
) -> None:
    """Load the build into another store, beside the versions that are there; kg serve --backend serves it from there.

    Broken off, it goes on where it was when it is run again.
    """
    if context.get_parameter_source("auth") is ParameterSource.COMMANDLINE:
        raise click.UsageError("a password on the command line is seen by others: use KG_BACKEND_AUTH or --auth-file")
    if urlsplit(to).scheme not in ("http", "https") or not urlsplit(to).hostname or "@" in urlsplit(to).netloc:
        raise click.BadParameter(f"{to!r} is not an http or https address without a user", param_hint="--to")
    began = time.monotonic()
    folder = build if build is not None else current_project().root / "build"
    manifest = read_manifest(folder)
    store = GraphStore(to, auth_file.read().strip() if auth_file is not None else auth)
    with shown_progress() as progress:
        progress("reading the build")
        graphs = graphs_of(open_build(folder))
        done = publish_graphs(graphs, manifest.version, store, progress)
        removed = remove_other_versions(store, manifest.version, progress) if remove_others else []
    for version in removed:
        click.echo(f"removed version {version}")
    loaded = f"{done.loaded} loaded now" if done.loaded else "all there already"
    click.echo(f"version {manifest.version}: {done.graphs} graphs, {done.triples:,} triples, each counted; {loaded}")
    click.echo(f"published in {time.monotonic() - began:.1f} s; servers take it up with their next reload (SIGHUP)")
