"""A document's entry in `data/sources.ttl`, and the file with the entry in place. What nobody told is left marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.adding.leftovers import marked
from kg.errors import SourceError
from kg.files.spans import read_span, span_iri
from kg.files.turtle import ParsedFile
from kg.namespaces import PREFIXES, SOURCE

GRADE = "reliability-"
"""What the ontology's grades are named with."""

_USED = ("dcterms", "id", "oxus", "rdfs", "source", "span", "xsd")
_SUBJECT = re.compile(rf"^(?:source:|<{re.escape(SOURCE)})(?P<slug>[a-z0-9-]+)", re.MULTILINE)
_FORMS = {
    "publisher": (r"id:[a-z0-9][a-z0-9-]*", "the name of an entity, such as id:asia-plus"),
    "address": (r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", "an address, such as https://example.org/a"),
    "language": (r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", "a language tag, such as en"),
    "reliability": (r"[a-z0-9]+", "the last part of a grade's name, such as c"),
}


@dataclass(frozen=True)
class Details:
    """What is told of a document when it is registered.

    Raises: SourceError for one that is not of its form.

    >>> Details(language="english language")
    Traceback (most recent call last):
    kg.errors.SourceError: --language 'english language' is not a language tag, such as en
    """

    title: str | None = None
    publisher: str | None = None
    address: str | None = None
    language: str | None = None
    date: str | None = None
    reliability: str | None = None

    def __post_init__(self) -> None:
        for name, (form, what) in _FORMS.items():
            value = getattr(self, name)
            if value is not None and not re.fullmatch(form, value):
                raise SourceError(f"--{name} '{value}' is not {what}")
        if self.title is not None and not self.title.strip():
            raise SourceError("--title is empty")
        if self.date is not None:
            read_span(self.date)


@dataclass(frozen=True)
class Registration:
    """One document to register; `title` is a guess for the curator, `is_dated` whether the text names its own date."""

    slug: str
    sha256: str
    length: int
    details: Details
    modified: str
    title: str = ""
    is_dated: bool = False

    def entry(self) -> str:
        """Its lines; what is not told stands there as a marked comment.

        >>> lines = Registration("leaflet", "46…", 277, Details(language="en"), "2026-01-31").entry().splitlines()
        >>> lines[4], lines[6]
        ('    # not yet curated: oxus:isPublishedBy id:… ;', '    dcterms:language "en" ;')
        """
        told = self.details
        title = _text(told.title, "en") if told.title else None
        guess = _text(self.title or "…", "en")
        date = f"span:{span_iri(told.date).rpartition('/')[2]}" if told.date else None
        values = [
            ("rdfs:label", title, guess),
            ("dcterms:title", title, guess),
            ("oxus:isPublishedBy", told.publisher, "id:…"),
            ("oxus:address", f"{_text(told.address)}^^xsd:anyURI" if told.address else None, '"…"^^xsd:anyURI'),
            ("dcterms:language", _text(told.language) if told.language else None, '"…"'),
            ("oxus:isDatedBy", date, "span:…"),
            ("oxus:hasReliability", f"oxus:{GRADE}{told.reliability}" if told.reliability else None, f"oxus:{GRADE}…"),
            ("dcterms:modified", _text(self.modified), ""),
        ]
        rows = [f"source:{self.slug}", "    a oxus:Document ;"]
        for term, value, untold in values:
            if value is not None:
                rows.append(f"    {term} {value} ;")
            elif term != "oxus:isDatedBy" or not self.is_dated:  # a date that the text names belongs in its passage
                rows.append(f"    {marked(f'{term} {untold} ;')}")
        rows += [f"    oxus:length {self.length} ;", f"    oxus:sha256 {_text(self.sha256)} ."]
        return "\n".join(rows) + "\n"

    def within(self, sources: ParsedFile) -> str:
        """The text of `data/sources.ttl` with the entry in it, before the first entry of a later name.

        Raises: SourceError if that would not add just the entry's own triples.
        """
        missing = [f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in _USED if name not in sources.prefixes]
        text = sources.text
        if missing:
            after = max((match.end() for match in re.finditer(r"^@prefix [^\n]*\n", text, re.MULTILINE)), default=0)
            text = f"{text[:after]}{''.join(missing)}{text[after:]}"
        later = next((match.start() for match in _SUBJECT.finditer(text) if match["slug"] > self.slug), None)
        if later is None:
            text = f"{text.rstrip()}\n\n{self.entry()}"
        else:
            comments = re.search(r"(?:^#[^\n]*\n)*\Z", text[:later], re.MULTILINE)
            at = comments.start() if comments else later
            text = f"{text[:at]}{self.entry()}\n{text[at:]}"
        self._prove(sources, text)
        return text

    def _prove(self, sources: ParsedFile, text: str) -> None:
        # The place is found by pattern; only reading the result again proves that nothing else has changed.
        prefixes = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in _USED)
        try:
            added = _lines(ox.parse(prefixes + self.entry(), format=ox.RdfFormat.TURTLE))
            found = _lines(ox.parse(text, format=ox.RdfFormat.TURTLE))
        except SyntaxError as error:
            message = f"cannot register {self.slug} here ({error.msg}): write its entry by hand"
            raise SourceError(message, sources.shown_as) from error
        if found != _lines(sources.quads) | added:
            message = f"cannot register {self.slug} here without changing other entries: write its entry by hand"
            raise SourceError(message, sources.shown_as)


def _lines(quads: Iterable[ox.Quad]) -> set[str]:
    return {str(q) for q in quads if not isinstance(q.subject, ox.BlankNode) and not isinstance(q.object, ox.BlankNode)}


def _text(value: str, language: str | None = None) -> str:
    return str(ox.Literal(value, language=language) if language else ox.Literal(value))
