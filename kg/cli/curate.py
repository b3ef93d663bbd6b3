"""The curator's commands: `locate`, `verify`, `coverage`. What they find is decided in the modules of those names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from kg.cli import current_project
from kg.curation.corpus import Corpus
from kg.curation.coverage import Density, cover
from kg.curation.curated import Curated, read_curated
from kg.curation.locate import (
    boilerplate_block,
    ends_after,
    find_stretches,
    find_words,
    in_context,
    nearest_words,
    passage_block,
)
from kg.curation.mending import mend
from kg.curation.verify import verify as verify_passages
from kg.curation.vouchers import Vouching
from kg.errors import CorpusError, NotFoundError
from kg.files.passages import Passage
from kg.files.sources import Document
from kg.findings import Finding

_LOWEST = 10

corpus_option = click.option(
    "--corpus",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder with the documents' texts; each is found by its SHA-256.",
)


@click.command()
@click.argument("source")
@click.argument("first_words")
@click.argument("last_words", default="")
@corpus_option
@click.option("--nth", type=click.IntRange(min=1), help="Which one, where the first words stand in several places.")
@click.option("--boilerplate", is_flag=True, help="Print the block of a stretch that states nothing.")
def locate(source: str, first_words: str, last_words: str, folder: Path, nth: int | None, boilerplate: bool) -> None:
    """Print the block that describes a passage of SOURCE, from FIRST_WORDS to LAST_WORDS, to paste into its file.

    White space and the form of quotation marks need not agree. Without LAST_WORDS the passage is FIRST_WORDS alone;
    with them, it ends at the nearest place where they end.
    """
    curated = read_curated(current_project())
    document = _document(curated, source)
    text = Corpus(folder).text(document)
    stretches = find_stretches(text, first_words, last_words)
    if not stretches:
        raise CorpusError(_nothing_found(document, text, first_words, last_words))
    if nth is not None and nth > len(stretches):
        raise CorpusError(f"{document.slug} has {len(stretches)} such stretches, so there is no --nth {nth}")
    if len(stretches) > 1 and nth is None:
        places = [f"  --nth {at}  {in_context(text, *place)}" for at, place in enumerate(stretches, 1)]
        message = f"{document.slug} has {len(stretches)} such stretches: give more words, or choose one of\n"
        raise CorpusError(message + "\n".join(places))
    begin, end = stretches[nth - 1 if nth else 0]
    block = boilerplate_block if boilerplate else passage_block
    click.echo(block(document.slug, text, begin, end), nl=False)
    later = ends_after(find_words(text, last_words), begin, end + 1) if last_words else []
    if later:
        shown = ", ".join(map(str, later[:5]))
        click.echo(f"note: the last words also end at {shown}; give more of them for a longer stretch", err=True)
    for note in _neighbours(curated, document, begin, end):
        click.echo(f"note: {note}", err=True)


@click.command()
@corpus_option
@click.option("--fix", is_flag=True, help="Rewrite wrong hashes and words in the passage files, nothing else.")
def verify(folder: Path, fix: bool) -> None:
    """Prove every passage against the documents' texts: range, hash, first and last words."""
    project = current_project()
    corpus = Corpus(folder)
    curated = read_curated(project)
    result = verify_passages(curated, corpus)
    mended = 0
    if fix and result.corrections:
        mended = mend(curated.files, result.corrections)
        for one in result.corrections:
            click.echo(f"{one.passage.path}:{one.passage.line}: mended oxus:{one.property}: {one.old} → {one.new}")
        result = verify_passages(read_curated(project), corpus)
    _end(result.findings, f"{result.summary}{f', {mended} values mended' if fix else ''}")


@click.command()
@corpus_option
@click.option("--document", "slugs", multiple=True, metavar="SLUG", help="Only this document; may be given again.")
@click.option("--all", "in_full", is_flag=True, help="Every passage's density, and uncovered stretches in full.")
def coverage(folder: Path, slugs: Sequence[str], in_full: bool) -> None:
    """Show what no passage covers, which passages say least, and which names, numbers and dates nothing stands for."""
    curated = read_curated(current_project())
    documents = [_document(curated, slug) for slug in slugs] or list(curated.documents.values())
    vouching = Vouching(curated.passages, curated.enclosing, curated.labels)
    result = cover(curated, Corpus(folder), vouching, documents, in_full=in_full)
    shown = result.densities if in_full else result.densities[:_LOWEST]
    if shown:
        click.echo(_density_table(shown, len(result.densities)))
    _end(result.findings, result.summary)


def _end(findings: Sequence[Finding], summary: str) -> None:
    for finding in findings:
        click.echo(str(finding))
    click.echo(summary)
    if findings:
        sys.exit(1)


def _density_table(rows: Sequence[Density], of: int) -> str:
    title = f"Triples per 100 characters of own text, the lowest {len(rows)} of {of} passages:"
    width = max(len(row.passage) for row in rows)
    lines = [
        f"  {row.per_hundred:6.2f}  {row.triples:3} in {row.characters:4}  {row.passage:{width}}  {row.opening}"
        for row in rows
    ]
    return "\n".join([title, *lines, ""])


def _document(curated: Curated, slug: str) -> Document:
    known = {document.slug: document for document in curated.documents.values()}
    if slug not in known:
        message = f"no document {slug} in data/sources.ttl; there are {', '.join(known) or 'none'}"
        raise NotFoundError(message, suggestions=tuple(known))
    return known[slug]


def _nothing_found(document: Document, text: str, first_words: str, last_words: str) -> str:
    missing = first_words
    if find_words(text, first_words):
        if find_words(text, last_words):
            return f'in {document.slug} "{last_words}" stands only before "{first_words}"'
        missing = last_words
    message = f'{document.slug} has no "{missing}"'
    nearest = nearest_words(text, missing)
    return f"{message}; nearest is {in_context(text, *nearest)}" if nearest else message


def _neighbours(curated: Curated, document: Document, begin: int, end: int) -> list[str]:
    notes = []
    for one in curated.stretches:
        if one.document != document.iri or one.end <= begin or end <= one.begin:
            continue
        name = f"{document.slug}:{one.begin}-{one.end}"
        if (one.begin, one.end) == (begin, end):
            notes.append(f"{name} is described already, at {one.path}:{one.line}")
        elif not isinstance(one, Passage):
            notes.append(f"it overlaps the boilerplate {name} ({one.path}:{one.line})")
        elif one.begin <= begin and end <= one.end:
            notes.append(f"it will be nested in {name}")
        elif not (begin <= one.begin and one.end <= end):
            notes.append(f"it partly overlaps {name} ({one.path}:{one.line}); let one lie inside the other")
    return notes
