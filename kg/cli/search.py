"""`kg search`: things found by their names in the terminal, and why. The index is made for this search, in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from kg.cli import current_project
from kg.errors import BuildMissingError
from kg.namespaces import compact
from kg.search import asking
from kg.search.asking import Hit, Wanted
from kg.search.index import write_index
from kg.search.matching import Reason
from kg.search.reading import KINDS, read_things

_SHORT = {
    "transliterated": "sound",
    "beginning": "beginning of",
    "nearly": "nearly",
    "folded": "folded",
    "stem": "stem",
}


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(KINDS), help="Only things of this kind")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="How many to print")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one thing a line")
@click.option(
    "--build", "folder", type=click.Path(path_type=Path), help="The build to search [default: build/ in the project]"
)
def search(words: Sequence[str], kind: str | None, limit: int, as_json: bool, folder: Path | None) -> None:
    """Find things by WORDS of their names, aliases or descriptions, in any script; prints why each was found."""
    project = current_project()
    build = folder if folder is not None else project.root / "build"
    if not build.is_dir():
        raise BuildMissingError("there is no build here; run kg build", build)
    index = write_index(read_things(build, project))
    found = asking.search(index, Wanted(" ".join(words), kind, most=limit))
    if as_json:
        for hit in found.hits:
            click.echo(json.dumps(asdict(hit), ensure_ascii=False))
        return
    for hit in found.hits:
        _print(hit)
    if found.partly:
        click.echo("Nothing answers all the words; these answer some of them.")
    if found.total > len(found.hits):
        click.echo(f"{found.total - len(found.hits):,} more")
    elif not found.total:
        click.echo("nothing found")


def _print(hit: Hit) -> None:
    kind = ", ".join(compact(each) for each in hit.classes) or hit.kind
    name = hit.label or hit.description or hit.iri
    click.echo(f"{click.style(compact(hit.iri).strip('<>'), bold=True)}  {name}  {click.style(kind, dim=True)}")
    for reason in hit.reasons:
        click.echo(f"    {_told(reason)}")


def _told(reason: Reason) -> str:
    name = reason.name
    text = name.text if len(name.text) <= 100 else name.text[:99] + "…"
    through = [
        f"{match.asked} → {match.found} ({_SHORT[match.way]})" for match in reason.matches if match.way in _SHORT
    ]
    places = [compact(graph).strip("<>") for graph in name.graphs]
    told = f"{name.source} “{text}”{' ' + name.language if name.language else ''}"
    told += f": {'; '.join(through)}" if through else ""
    told += f"  [{', '.join(places)}]" if places else ""
    return told if name.accepted else f"{told}  rejected"
