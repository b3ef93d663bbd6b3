"""`kg add`: what the command is told and what it says. What it does is in `adding.run`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from kg.adding.leftovers import MARK
from kg.adding.registration import Details
from kg.adding.run import Added, add_document
from kg.cli import current_project
from kg.namespaces import ID
from kg.project import Project


@click.command()
@click.argument("document", type=click.Path(path_type=Path))
@click.option("--slug", help="Its name in IRIs and file names [default: from the file's name]")
@click.option("--title", help="Its title; one of ours, in English, if it bears none.")
@click.option("--publisher", metavar="id:…", help="The entity that published it.")
@click.option("--address", metavar="URL", help="Where it is published.")
@click.option("--language", metavar="en", help="The language of its text, as a tag.")
@click.option("--date", "edtf", metavar="EDTF", help="Its own date: what “yesterday” is told by.")
@click.option("--reliability", metavar="c", help="The grade of how far it is trusted.")
def add(
    document: Path,
    slug: str | None,
    title: str | None,
    publisher: str | None,
    address: str | None,
    language: str | None,
    edtf: str | None,
    reliability: str | None,
) -> None:
    """Register DOCUMENT, a text in UTF-8, and propose its passages, and the names, dates and numbers in them.

    Nothing that is there is overwritten. What is not told, and all that is proposed, is marked as not yet curated,
    which kg check refuses.
    """
    project = current_project()
    details = Details(title, publisher, address, language, edtf, reliability)
    added = add_document(project, document, slug, details, date.today())
    click.echo(account(project, added, document))


def account(project: Project, added: Added, document: Path) -> str:
    """What was proposed, where it stands and what to do with it."""
    passages = added.proposals.passages
    mentions = [mention for passage in passages for mention in passage.mentions]
    nodes = {mention.node for mention in mentions}
    entities = {node for node in nodes if node.startswith(ID)}
    near = sum(bool(mention.how) for mention in mentions)
    rows = {
        "passages": len(passages),
        "stretches that seem to state nothing": len(added.proposals.stretches) - len(passages),
        f"mentions, of {len(entities)} entities and {len(nodes - entities)} topics; {near} are near ones": len(
            mentions
        ),
        "dates": sum(len(passage.dates) for passage in passages),
        "numbers": sum(len(passage.numbers) for passage in passages),
    }
    proposed = "\n".join(f"{number:6}  {what}" for what, number in rows.items())
    shown, sources = project.relative(added.path), project.relative(project.sources_file)
    declare = f"\n  declare {added.undeclared} in data/entities.ttl, which does not know it" if added.undeclared else ""
    return f"""\
{added.slug} is registered in {sources}; proposed in {shown}:
{proposed}
next:
  edit {shown} and the entry in {sources}: write what each passage states, and
  remove every “# {MARK}” comment as you go{declare}
  kg verify --corpus {document.parent}
  kg coverage --corpus {document.parent} --document {added.slug}
  kg check"""
