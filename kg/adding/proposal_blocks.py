"""Proposals as a passage file has them: descriptions like those of `kg locate`, graphs of marked comments.

A marked line in a graph has what to write, where its words stand, and why:
`# not yet curated: id:jon-merrow | 31-40 “Jon Merow” | 95 % like “Jon Merrow”: spelt alike`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.adding.dating import Dated
from kg.adding.known_names import EXACT, Mention
from kg.adding.leftovers import marked
from kg.adding.proposals import NumberWords, Proposal, Proposals
from kg.adding.segments import GUESSES
from kg.curation.corpus import excerpt, first_words, last_words, sha256_of
from kg.files.spans import span_iri
from kg.namespaces import PREFIXES, SOURCE, compact

_USED = ("dcterms", "graph", "id", "oxus", "rdfs", "skos", "source", "span", "topic", "xsd")


def passage_file(proposals: Proposals, slug: str, slugs: Iterable[str], name: str) -> str:
    """A passage file's text: prefixes of ours and of every document, then each stretch; `name` is the text's file's."""
    prefixes = {prefix: PREFIXES[prefix] for prefix in _USED}
    prefixes |= {one: f"{SOURCE}{one}/" for one in sorted({slug, *slugs})}
    head = [f"# Proposed by kg add from {' '.join(name.split())}.", "# One graph a passage, in reading order.", ""]
    head += [f"@prefix {prefix}: <{iri}> ." for prefix, iri in prefixes.items()]
    return "\n".join([*head, "", *(_block(slug, proposals, one) for one in proposals.stretches)])


def _block(slug: str, of: Proposals, one: Proposal) -> str:
    place, words = one.segment, of.text[one.segment.begin : one.segment.end]
    name = f"{slug}:{place.begin}-{place.end}"
    comment = f"# {place.begin}-{place.end}: “{excerpt(words)}”"
    if not one.kind:
        return f"""\
{comment}
{name}
    a oxus:Boilerplate ;
    {marked("a guess from its form; if it states something, make it a passage")}
    oxus:reason {_quoted(GUESSES[place.guess])}@en .
"""
    lines = [*_names(of.text, one.mentions), *_dates(slug, of, one), *_numbers(of.text, one.numbers)]
    graph = "".join(f"    {marked(line)}\n" for line in lines)
    return f"""\
{comment}
{name}
    a oxus:Passage ;
    {marked("the kind is a guess, the gist is missing")}
    oxus:hasKind oxus:{one.kind} ;
    oxus:gist ""@en ;
    oxus:sha256 {_quoted(sha256_of(words))} ;
    oxus:firstWords {_quoted(first_words(words))} ;
    oxus:lastWords {_quoted(last_words(words))} .
{name} {{
{graph}}}
"""


def _names(text: str, mentions: Iterable[Mention]) -> Iterator[str]:
    # Exact ones first; a node that is named again stands on one line with all its places.
    alike: defaultdict[tuple[str, str, str], list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda one: (one.likeness < EXACT, one)):
        alike[mention.node, mention.how, _said(text, mention.begin, mention.end).casefold()].append(mention)
    for (node, how, _), (first, *others) in alike.items():
        places = ", ".join(f"{here.begin}-{here.end}" for here in (first, *others))
        said = _said(text, first.begin, first.end)
        if how:
            why = f"{first.likeness} % like “{first.name}”: {how}"
        else:
            why = "exact" if said.casefold() == first.name.casefold() else f"a form of “{first.name}”"
        yield f"{compact(node)} | {places} “{said}” | {why}"


def _dates(slug: str, of: Proposals, one: Proposal) -> Iterator[str]:
    own = of.own_date
    for date in one.dates:
        note = f"{date.note}{_basis(slug, of, one, date)}"
        if own is not None and (date.begin, date.end) == (own.begin, own.end):
            note = f"perhaps the document's own: source:{slug} oxus:isDatedBy{f', {note}' if note else ''}"
        span = f"span:{span_iri(date.edtf).rpartition('/')[2]}"
        said = _said(of.text, date.begin, date.end)
        yield f"{span} | {date.begin}-{date.end} “{said}”{f' | {note}' if note else ''}"


def _basis(slug: str, of: Proposals, one: Proposal, date: Dated) -> str:
    if date.is_by_given_date and of.own_date is not None:
        return f" the document's date, {of.own_date.edtf}"
    if date.rests_on is None:
        return ""
    said = f" “{_said(of.text, *date.rests_on)}”"
    for other in of.passages:
        if other.segment.begin <= date.rests_on[0] < other.segment.end and other != one:
            return f"{said}: oxus:reliesOn {slug}:{other.segment.begin}-{other.segment.end}"
    return said


def _numbers(text: str, numbers: Iterable[NumberWords]) -> Iterator[str]:
    for number in numbers:
        said = _said(text, number.begin, number.end)
        bearers = f" of {', '.join(map(compact, number.bearers))}" if number.bearers else ""
        what = f"a reference number{bearers}" if number.is_reference else "a number"
        yield f"{_quoted(said)} | {number.begin}-{number.end} “{said}” | {what}"


def _said(text: str, begin: int, end: int) -> str:
    return " ".join(text[begin:end].split())


def _quoted(value: str) -> str:
    return str(ox.Literal(value))
