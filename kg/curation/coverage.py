"""What the curated passages leave out of the documents: stretches, and names, numbers and dates inside passages.

A stretch is covered by a passage or boilerplate; white space and lone punctuation need not be. Each name, number and
date (see `mentions`) of a passage's own text, which is what no nested passage holds, must be accounted for:
- by the labels of nodes that stand there, word for word or in a form of it (see `wording`): every word of a name
  must lie in such a label: "Keeper Ilse Varn" is accounted for by "keeper" and "Ilse Varn", but not by "Ilse";
- a date, by a span that begins, ends or is there, no less precisely than the words; a range by both its ends;
- a number, by a literal of that value; anything by a literal that holds the words as they stand;
- by `oxus:wordingSlip` for words recorded by another meaning, or by `oxus:omission "Words: reason"`.
Which nodes and literals count is decided in `vouchers`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.curation.accounting import Accounting, Unaccounted
from kg.curation.corpus import Corpus, excerpt
from kg.curation.curated import Curated, document_text
from kg.curation.vouchers import Vouching
from kg.curation.wording import WORD, plain_words
from kg.files.passages import Passage, Stretch
from kg.files.sources import Document
from kg.findings import Finding

PER = 100
"""Density is in triples per this many characters."""


@dataclass(frozen=True, order=True)
class Density:
    """How many triples a passage's own text has given: its nested passages are left out on both sides."""

    per_hundred: float
    passage: str
    triples: int
    characters: int
    opening: str


@dataclass(frozen=True)
class Coverage:
    """What came of looking for gaps; `densities` with the lowest first."""

    documents: int
    passages: int
    boilerplate: int
    findings: tuple[Finding, ...] = field(repr=False)
    densities: tuple[Density, ...] = field(repr=False)

    @property
    def summary(self) -> str:
        """One line of counts."""
        rules = Counter(finding.rule.partition("-")[0] for finding in self.findings)
        others = len(self.findings) - rules["uncovered"] - rules["unaccounted"]
        return (
            f"covered {self.documents} documents by {self.passages} passages and {self.boilerplate} boilerplate: "
            f"{rules['uncovered']} uncovered stretches, "
            f"{rules['unaccounted']} names, numbers and dates unaccounted for, {others} other failures"
        )


def cover(
    curated: Curated, corpus: Corpus, names: Vouching, documents: Sequence[Document], *, in_full: bool = False
) -> Coverage:
    """What passages leave out of these documents; `in_full` shows uncovered stretches whole."""
    findings: list[Finding] = []
    densities: list[Density] = []
    texts: dict[str, str] = {}
    for document in curated.documents.values():
        text = document_text(document, corpus)
        if isinstance(text, str):
            texts[document.iri] = text
        elif document in documents:
            findings.append(text)
    plain = plain_words([*texts.values(), *curated.prose])
    stretches: defaultdict[str, list[Stretch]] = defaultdict(list)
    for stretch in curated.stretches:
        stretches[stretch.document].append(stretch)
    chosen = [document for document in documents if document.iri in texts]
    for document in chosen:
        text = texts[document.iri]
        here = stretches[document.iri]
        passages = [one for one in here if isinstance(one, Passage) and one.end <= len(text)]
        findings += uncovered(document, text, here, width=len(text) if in_full else 160)
        accounting = Accounting(text, passages, plain)
        for passage in passages:
            slips = curated.wording_slips.get(passage.iri, ())
            faults = accounting.unaccounted(passage, slips, names.of(passage))
            findings += [_finding_of(passage, one) for one in faults]
            own = accounting.own_text(passage)
            if characters := len(" ".join(own.split())):
                count = len(passage.triples)
                density = round(PER * count / characters, 2)
                densities.append(Density(density, _name(passage), count, characters, excerpt(own, 60)))
    return Coverage(
        documents=len(chosen),
        passages=sum(len([one for one in stretches[d.iri] if isinstance(one, Passage)]) for d in chosen),
        boilerplate=sum(len([one for one in stretches[d.iri] if not isinstance(one, Passage)]) for d in chosen),
        findings=tuple(findings),
        densities=tuple(sorted(densities)),
    )


def uncovered(document: Document, text: str, stretches: Sequence[Stretch], *, width: int = 160) -> Iterator[Finding]:
    """Each paragraph, or part of one, with a letter or digit that neither a passage nor boilerplate covers."""
    file = f"data/passages/{document.slug}.trig"
    at, line = 0, 1
    for stretch in (*sorted(stretches, key=lambda one: (one.begin, one.end)), None):
        gap_end = stretch.begin if stretch is not None else len(text)
        for begin, end in _paragraphs(text, at, gap_end):
            message = f'nothing covers {document.slug}:{begin}-{end} "{excerpt(text[begin:end], width)}"'
            fix = "describe it as a passage (kg locate) or as oxus:Boilerplate with a reason"
            yield Finding(file, line, "uncovered", message, fix)
        if stretch is not None and stretch.end >= at:
            at, line = stretch.end, stretch.line


def _paragraphs(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    while begin < end:
        stop = text.find("\n", begin, end)
        stop = end if stop < 0 else stop
        paragraph = text[begin:stop]
        if WORD.search(paragraph):
            lead = len(paragraph) - len(paragraph.lstrip())
            yield begin + lead, begin + len(paragraph.rstrip())
        begin = stop + 1


def _finding_of(passage: Passage, found: Unaccounted) -> Finding:
    times = f" ({found.times} times)" if found.times > 1 else ""
    message = found.fault.message.replace("{words}", found.words)
    fix = found.fault.fix.replace("{words}", found.words)
    message = f"{_name(passage)} {message} at {found.begin}-{found.end}{times}"
    return Finding(passage.path, passage.line, found.fault.rule, message, fix)


def _name(passage: Passage) -> str:
    return f"{passage.document.rpartition('/')[2]}:{passage.begin}-{passage.end}"
