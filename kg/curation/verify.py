"""Proves every passage against the documents' texts, and mends descriptions. Finding words is left to `locate`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.curation.corpus import Corpus, excerpt, first_words, last_words, sha256_of
from kg.curation.curated import Curated, document_text
from kg.curation.locate import Range, ends_after, find_words
from kg.files.passages import Passage, Stretch
from kg.findings import Finding

Property = Literal["sha256", "firstWords", "lastWords"]


@dataclass(frozen=True)
class Correction:
    """A value of a passage's description that ought to be another one."""

    passage: Passage
    property: Property
    old: str
    new: str


@dataclass(frozen=True)
class Verification:
    """What came of verifying: `corrections` are those findings that `mending` can mend."""

    documents: int
    passages: int
    boilerplate: int
    findings: tuple[Finding, ...]
    corrections: tuple[Correction, ...]

    @property
    def summary(self) -> str:
        """One line of counts."""
        return (
            f"verified {self.documents} documents, {self.passages} passages, {self.boilerplate} boilerplate: "
            f"{len(self.findings)} failures"
        )


def verify(curated: Curated, corpus: Corpus) -> Verification:
    """Every document and passage against the texts: hash, length, range, first and last words."""
    findings: list[Finding] = []
    corrections: list[Correction] = []
    stretches: defaultdict[str, list[Stretch]] = defaultdict(list)
    for stretch in curated.stretches:
        stretches[stretch.document].append(stretch)
        if stretch.document not in curated.documents:
            message = f"{_name(stretch)} is of a document that data/sources.ttl does not register"
            findings.append(Finding(stretch.path, stretch.line, "unknown-document", message, "register the document"))
    for document in curated.documents.values():
        text = document_text(document, corpus)
        if isinstance(text, Finding):
            findings.append(text)
            if text.rule == "document-text":
                continue
            text = corpus.text(document)
        for stretch in stretches[document.iri]:
            if isinstance(stretch, Passage):
                for fault in _faults(stretch, text):
                    findings.append(fault.finding)
                    corrections += fault.corrections
            elif stretch.end > len(text):
                findings.append(_out_of_range(stretch, text))
    counts = (len(curated.documents), len(curated.passages), len(curated.boilerplate))
    return Verification(*counts, tuple(sorted(findings)), tuple(corrections))


@dataclass(frozen=True)
class _Fault:
    finding: Finding
    corrections: Sequence[Correction] = ()


def _faults(passage: Passage, text: str) -> Iterator[_Fault]:
    stretch = text[passage.begin : passage.end]
    in_range = passage.end <= len(text)
    says: dict[Property, str] = {
        "sha256": passage.sha256,
        "firstWords": passage.first_words,
        "lastWords": passage.last_words,
    }
    holds: dict[Property, str] = {
        "sha256": sha256_of(stretch),
        "firstWords": first_words(stretch),
        "lastWords": last_words(stretch),
    }
    wrong = [name for name in says if says[name] != holds[name]]
    if in_range and not wrong:
        return
    elsewhere = _elsewhere(passage, text) if "sha256" in wrong or not in_range else []
    if elsewhere:
        places = " or ".join(f"{_slug(passage)}:{begin}-{end}" for begin, end in elsewhere[:4])
        message = f"{_name(passage)} is not where its words are: they stand at {places}"
        fix = "rename the passage and its graph, or run kg locate for the stretch that you mean"
        yield _Fault(_finding(passage, "moved-passage", message, fix))
    elif not in_range:
        yield _Fault(_out_of_range(passage, text))
    else:
        for name in wrong:
            if says[name]:
                message = f'{_name(passage)} has oxus:{name} "{excerpt(says[name])}", its text "{excerpt(holds[name])}"'
                correction = Correction(passage, name, says[name], holds[name])
                fix = "run kg verify --fix if the place is right"
                yield _Fault(_finding(passage, name, message, fix), [correction])
            else:
                fix = f'add oxus:{name} "{holds[name]}"'
                yield _Fault(_finding(passage, name, f"{_name(passage)} has no oxus:{name}", fix))


def _elsewhere(passage: Passage, text: str) -> list[Range]:
    """Where else the described words begin and end: with the described hash, or else at the nearest end."""
    if not passage.first_words or not passage.last_words:
        return []
    ends = find_words(text, passage.last_words)
    exact: list[Range] = []
    nearest: list[Range] = []
    for begin, first_end in find_words(text, passage.first_words):
        after = ends_after(ends, begin, first_end)
        if begin == passage.begin and passage.end in after:
            return []  # the words are right here: only the hash is wrong
        exact += [(begin, end) for end in after if sha256_of(text[begin:end]) == passage.sha256]
        nearest += [(begin, end) for end in after[:1]]
    return exact or nearest


def _name(stretch: Stretch) -> str:
    return f"{_slug(stretch)}:{stretch.begin}-{stretch.end}"


def _slug(stretch: Stretch) -> str:
    return stretch.document.rpartition("/")[2]


def _out_of_range(stretch: Stretch, text: str) -> Finding:
    message = f"{_name(stretch)} ends after the document's last code point, {len(text)}"
    return _finding(stretch, "out-of-range", message, "find the place again with kg locate")


def _finding(stretch: Stretch, rule: str, message: str, fix: str) -> Finding:
    return Finding(stretch.path, stretch.line, rule, message, fix)
