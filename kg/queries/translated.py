"""What canned queries say of themselves, in other languages: `queries/<language>.po`, msgid is the English text.

Titles, descriptions, labels of parameters and columns, tags and competency questions are translated; what a catalogue
does not have stays in English. Whether each entry translates something is for `kg.checks.translations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kg.files.catalogues import SUFFIX, read_catalogue, texts_of
from kg.project import Project
from kg.queries.declarations import CannedQuery
from kg.queries.questions import AskedQuestion

Texts = Mapping[str, str]
"""Translations by the English text."""


def read_translations(project: Project) -> dict[str, Texts]:
    """The translations by language.

    Raises: SourceError for a file that is no catalogue.
    """
    files = project.translation_files()
    return {path.name.removesuffix(SUFFIX): texts_of(read_catalogue(path, project.relative(path))) for path in files}


def translated(query: CannedQuery, texts: Texts) -> CannedQuery:
    """The query with its title, description and labels in another language, as far as there are texts for them."""
    return replace(
        query,
        title=texts.get(query.title, query.title),
        description=texts.get(query.description, query.description),
        params=tuple(replace(each, label=texts.get(each.label, each.label)) for each in query.params),
        columns=tuple(replace(each, label=texts.get(each.label, each.label)) for each in query.columns),
    )


def translated_question(question: AskedQuestion, texts: Texts) -> AskedQuestion:
    """The question in another language, if there is a text for it."""
    return replace(question, text=texts.get(question.text, question.text))


def tag_in_words(tag: str, texts: Texts) -> str:
    """A tag as people read it.

    >>> tag_in_words("single-source", {}), tag_in_words("single-source", {"single source": "один источник"})
    ('single source', 'один источник')
    """
    words = tag.replace("-", " ")
    return texts.get(words, words)


def translatable(queries: Iterable[CannedQuery], questions: Sequence[AskedQuestion]) -> Iterator[str]:
    """Every text that a catalogue may translate; some come several times."""
    for query in queries:
        yield query.title
        yield query.description
        yield from (parameter.label for parameter in query.params)
        yield from (column.label for column in query.columns)
        yield from (tag_in_words(tag, {}) for tag in query.tags)
    yield from (question.text for question in questions)
