"""The index: what stands in it, and how it is written. Asking it is left to `asking`, reading RDF to `reading`.

It is tantivy's, in a folder or in memory. Words come to it folded (`folding`), so its own tokenizers only split. It is
made anew wherever a version is loaded and never kept with a build: what is written and what is asked is folded by the
same code.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import tantivy

from kg.errors import SourceError
from kg.namespaces import compact
from kg.search.folding import FORMS, words_of
from kg.search.reading import SOURCES_OF_NAMES, Thing, compact_forms

MOST_CHARACTERS = 2000
"""Of a name or a description that are searched and shown."""
START = 4
"""The beginnings of names and of their words that are terms of their own have up to so many letters: many names have a
beginning as short as that, and to look through them all would take long."""
MOST_WEIGHT = 12
_START = "_start"
_HEAP_BYTES = 64 << 20


def field(source: str, form: str, whole: bool = False) -> str:
    """The field of a form of labels, aliases or descriptions; `whole` is all of a name as one term.

    >>> field("label", "sound"), field("alias", "plain", whole=True)
    ('label_sound', 'alias_plain_whole')
    """
    return f"{source}_{form}{'_whole' if whole else ''}"


def beginning(schema: tantivy.Schema, name: str, text: str) -> tantivy.Query:
    """Things with a term in a field that begins with a text."""
    if len(text) <= START:
        return tantivy.Query.term_query(schema, name + _START, text.replace(" ", "_"), "basic")
    # At a distance of 0, so no fuzzy query at all; it is made a thousand times as fast as one with a regex.
    return tantivy.Query.fuzzy_term_query(schema, name, text, 0, prefix=True)


@lru_cache(1 << 16)
def starts(text: str) -> str:
    """The short beginnings of a text as terms.

    >>> starts("an oxus")
    'a an an_ an_o'
    """
    start = text[:START].replace(" ", "_")
    return " ".join(start[:length] for length in range(1, len(start) + 1))


def write_index(things: Iterable[Thing], folder: Path | None = None) -> tantivy.Index:
    """An index of these things in a folder, which is made, or in memory.

    Raises: SourceError if the folder cannot be written.
    """
    try:
        if folder is not None:
            folder.mkdir(parents=True)
        index = tantivy.Index(_schema(), path=str(folder) if folder else None)
        writer = index.writer(_HEAP_BYTES, 1)
        for thing in things:
            writer.add_document(_document(thing))
        writer.commit()
        writer.wait_merging_threads()
    except (OSError, ValueError) as error:
        raise SourceError(f"the search index cannot be written: {error}", folder) from error
    index.reload()
    return index


def open_index(folder: Path) -> tantivy.Index:
    """The index in a folder.

    Raises: SourceError if there is none.
    """
    try:
        return tantivy.Index.open(str(folder))
    except ValueError as error:
        raise SourceError(f"there is no search index: {error}", folder.name) from error


def weight(thing: Thing) -> int:
    """How likely somebody means this thing by a name that several have, to `MOST_WEIGHT`.

    Short names are those of what others are named after, and many passages name what matters.
    """
    names = [name for name in thing.names if name.source != "description"]
    fewest = min((len(name.text.split()) for name in names), default=8)
    graphs = len({graph for name in names for graph in name.graphs})
    return min(max(8 - fewest, 0) + graphs.bit_length(), MOST_WEIGHT)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for source in SOURCES_OF_NAMES:
        for form in FORMS:
            builder.add_text_field(field(source, form), tokenizer_name="whitespace", index_option="basic")
            for whole in (True, False) if source != "description" else ():
                name = field(source, form, whole)
                builder.add_text_field(name + _START, tokenizer_name="whitespace", index_option="basic")
                if whole:
                    builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("weight", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("class", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_bytes_field("stored", stored=True)
    return builder.build()


def _document(thing: Thing) -> tantivy.Document:
    document = tantivy.Document()
    for key in compact_forms(thing.iri, compact(thing.iri)):
        document.add_text("key", key.casefold())
    document.add_text("kind", thing.kind)
    document.add_text("weight", str(weight(thing)))
    for each in thing.classes:
        document.add_text("class", each)
    names = []
    for name in thing.names:
        text = unicodedata.normalize("NFC", name.text[:MOST_CHARACTERS])
        names.append((text, name.language, name.source, name.graphs, name.accepted))
        words = list(words_of(text))
        for form in FORMS:
            folded = " ".join(word.form(form) for word in words)
            document.add_text(field(name.source, form), folded)
            if name.source != "description":
                whole = field(name.source, form, whole=True)
                document.add_text(whole, folded)
                if form != "base":
                    document.add_text(whole + _START, starts(folded))
                    document.add_text(
                        field(name.source, form) + _START, " ".join([starts(word.form(form)) for word in words])
                    )
    kept = {"iri": thing.iri, "kind": thing.kind, "classes": thing.declared, "names": names}
    document.add_bytes("stored", json.dumps(kept, ensure_ascii=False).encode())
    return document
