"""The command line: the commands of `kg.cli` and `kg serve`. Running the server is left to `server.front`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kg.cli import current_project, kg
from kg.errors import KGError, QueryError, SourceError
from kg.project import Project
from server.settings import SETTINGS, Setting, read_settings


def main() -> None:
    """Runs `kg`: 0 when all is well, 1 for an error of ours, 2 for wrong usage, 130 when interrupted."""
    try:
        code = kg.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except QueryError as error:
        place = f"line {error.line}, column {error.column}: " if error.line else ""
        click.echo(f"error: {place}{error}", err=True)
        sys.exit(1)
    except KGError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has what it wanted (`kg query … | head`); nothing more can be written, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(code if isinstance(code, int) else 0)


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option a setting that is no secret; what is not given is left to the environment and the table."""
    for setting in (each for each in reversed(SETTINGS) if not each.secret):
        shown = f"{setting.help} [{setting.variable}; default: {'none' if setting.default == '' else setting.default}]"
        command = click.option(setting.option, setting.name, type=_type(setting), default=None, help=shown)(command)
    return command


def _type(setting: Setting) -> Any:
    if isinstance(setting.default, Path):
        return click.Path(path_type=Path, resolve_path=True)
    return type(setting.default)


@kg.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_options
def serve(files: tuple[Path, ...], **given: Any) -> None:
    """Serve the build over HTTP; or the RDF FILEs (any format, quads and .gz too) instead.

    The queries run in a process of their own. If it ends, requests get 503 and it is started again. SIGHUP loads the
    build anew, without a pause.
    """
    settings = read_settings(**given)
    if files and settings.backend:
        raise click.UsageError("--backend goes with a build, which kg publish has loaded there, and not with files")
    from kg.build.manifest import inputs_hash, read_manifest
    from server.front import run
    from server.pinning import Origin

    project = _project()
    root = project.root if project else Path.cwd()
    build, settings = root / settings.build, replace(settings, archive=root / settings.archive)
    if not files and project and read_manifest(build).inputs != inputs_hash(project):
        click.echo("note: the build is older than the files or the code: run kg build", err=True)
    run(settings, Origin(build, files, project))


def _project() -> Project | None:
    try:
        return current_project()
    except SourceError:
        return None


if __name__ == "__main__":
    main()
