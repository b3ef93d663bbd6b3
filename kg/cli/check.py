"""`kg check`: every check, nothing written. What is checked is in `checks.run`."""

from __future__ import annotations

import click

from kg.checks.run import check_project, findings_of
from kg.cli import current_project
from kg.cli.build import print_findings, shown_progress
from kg.errors import SourceError


@click.command()
def check() -> None:
    """Check ontology, data and queries; findings with file and line, exit code 1 for an error."""
    project = current_project()
    try:
        with shown_progress() as progress:
            _, _, findings = check_project(project, progress)
    except SourceError as error:
        findings = findings_of(error)
    if print_findings(findings):
        raise SystemExit(1)
