"""The command line of `kg`: the group, its one option, where each command lives. What commands do is left to them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from kg.project import Project, find_project

_COMMANDS = {
    "add": "kg.cli.add",
    "build": "kg.cli.build",
    "check": "kg.cli.check",
    "coverage": "kg.cli.curate",
    "diff": "kg.cli.diff",
    "generate": "kg.cli.generate",
    "locate": "kg.cli.curate",
    "publish": "kg.cli.publish",
    "query": "kg.cli.query",
    "search": "kg.cli.search",
    "verify": "kg.cli.curate",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for: `kg query` must not wait for pySHACL."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, those added at run time included."""
        return sorted({*_COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=LazyGroup)
@click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with ontology/, data/ and queries/ [default: the nearest at or above this one]",
)
def kg(project: Path | None) -> None:
    """A citation-first knowledge graph: build it, check it, curate it, ask it."""


def current_project() -> Project:
    """The project that the running command is about: --project, else the nearest at or above the working folder.

    Raises: SourceError if there is none.
    """
    given: Path | None = click.get_current_context().find_root().params.get("project")
    return Project(given.resolve()) if given is not None else find_project(Path.cwd())
