"""What is said of mistaken queries: those of mistakes.toml, made before there was anything to explain them, and those
of mistakes-unseen.toml, made when it worked for the others. `pytest -s` prints what becomes of each.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

import kg
from kg.empty.explaining import Asked, explained
from kg.linting.lint import context_of, lint
from kg.linting.remarks import Remark, mended_by
from kg.project import Project
from kg.queries.canned import read_queries
from kg.queries.declarations import CannedQuery
from kg.queries.parameters import bind
from kg.queries.variants import variants

HERE = Path(__file__).parent
UNEXPLAINED = {"gist-instead-of-graph", "subtopics", "wikidata-habit"}
"""Of the unseen ones: what is told lacks the word that a visitor would need."""
SECONDS = 30.0
"""Far more than any takes: the test is of what is said, not of how fast."""


@dataclass(frozen=True)
class Told:
    """One mistake, what is said of it, and the rows of the query as it was, as it is corrected, as it should be."""

    name: str
    words: tuple[str, ...]
    fails: str
    remarks: tuple[Remark, ...]
    given: frozenset[Any]
    mended: frozenset[Any] | None
    right: frozenset[Any]

    @property
    def missing(self) -> list[str]:
        text = " ".join(f"{remark.message} {remark.fix}" for remark in self.remarks)
        return [word for word in self.words if word not in text]

    @property
    def leads_right(self) -> bool:
        """Whether the correction answers what the right query answers."""
        return self.mended == self.right


@pytest.fixture(scope="module")
def store(real_build: Path) -> ox.Store:
    return kg.open_build(real_build)


@pytest.fixture(scope="module")
def queries(real_project: Project) -> dict[str, CannedQuery]:
    return dict(read_queries(real_project))


@pytest.fixture(scope="module")
def seen(store: ox.Store, queries: dict[str, CannedQuery]) -> list[Told]:
    return read(store, queries, "mistakes.toml")


@pytest.fixture(scope="module")
def unseen(store: ox.Store, queries: dict[str, CannedQuery]) -> list[Told]:
    return read(store, queries, "mistakes-unseen.toml")


def read(store: ox.Store, queries: dict[str, CannedQuery], name: str) -> list[Told]:
    mistakes = tomllib.loads((HERE / name).read_text(encoding="utf-8"))["mistake"]
    return [told(store, queries, each) for each in mistakes]


def told(store: ox.Store, queries: dict[str, CannedQuery], mistake: dict[str, Any]) -> Told:
    canned = "canned" in mistake
    asked = of_canned(queries, mistake["canned"]) if canned else Asked(mistake["query"])
    right = of_canned(queries, mistake["right"]).query if canned else mistake["right"]
    remarks = tuple(explained(store, asked, SECONDS)[0])
    corrected = corrected_canned(queries, mistake["canned"], remarks) if canned else mended_by(asked.query, remarks)
    return Told(
        mistake["name"],
        tuple(mistake["words"]),
        mistake["fails"],
        remarks,
        rows(store, asked.query),
        rows(store, corrected) if corrected is not None else None,
        rows(store, right),
    )


def of_canned(queries: dict[str, CannedQuery], address: str) -> Asked:
    slug, _, arguments = address.partition("?")
    values = parse_qs(arguments)
    return Asked(bind(queries[slug], values), **variants(queries[slug], values))  # type: ignore[arg-type]


def corrected_canned(queries: dict[str, CannedQuery], address: str, remarks: tuple[Remark, ...]) -> str | None:
    """The canned query with the last parameter that a remark gives a value for, as the page's link has it."""
    slug, _, arguments = address.partition("?")
    offered = [remark for remark in remarks if remark.values]
    return (
        bind(queries[slug], parse_qs(arguments) | {offered[-1].parameter: [offered[-1].values[0]]}) if offered else None
    )


def rows(store: ox.Store, query: str) -> frozenset[Any]:
    """The rows, each as the set of its values: what the columns are called does not matter."""
    answer = store.query(query)
    if isinstance(answer, ox.QueryBoolean):
        return frozenset({True} if answer else ())
    assert isinstance(answer, ox.QuerySolutions)
    return frozenset(frozenset(map(str, solution)) for solution in answer)


def test_the_mistakes_are_mistakes(seen: list[Told], unseen: list[Told]) -> None:
    assert len(seen) >= 30
    for each in (*seen, *unseen):
        assert each.right, each.name
        assert bool(each.given) is (each.fails == "wrong"), each.name
        assert each.given != each.right, each.name


def test_each_is_explained_with_the_words_that_matter(seen: list[Told]) -> None:
    assert {each.name: each.missing for each in seen if each.missing} == {}


def test_those_that_it_was_not_made_for_are_too_but_for_known_gaps(unseen: list[Told]) -> None:
    assert {each.name for each in unseen if each.missing} == UNEXPLAINED


def test_each_correction_has_rows(seen: list[Told], unseen: list[Told]) -> None:
    assert [each.name for each in (*seen, *unseen) if each.mended is not None and not each.mended] == []


def test_how_many_lead_to_the_right_query(seen: list[Told], unseen: list[Told]) -> None:
    """What a visitor gets who knows nothing and takes the correction that is offered."""
    for title, each in (("made before", seen), ("not seen before", unseen)):
        corrected = [one for one in each if one.mended is not None]
        right = [one for one in corrected if one.leads_right]
        print(f"\n{title}: {len(each)} mistakes", end="")
        print(f", {sum(not one.missing for one in each)} explained", end="")
        print(f", {len(corrected)} with a correction, {len(right)} of them right")
        for one in each:
            state = "right" if one.leads_right else "other rows" if one.mended else "told only"
            print(
                f"  {one.name:44} {'explained' if not one.missing else 'MISSING ' + ', '.join(one.missing):12} {state}"
            )
    # Fewer than once: another number, day or thing than was asked for is told, and no longer written in its place.
    assert sum(each.leads_right for each in seen) >= 27
    assert sum(each.leads_right for each in unseen) >= 7


def test_the_canned_queries_have_nothing_amiss(store: ox.Store, queries: dict[str, CannedQuery]) -> None:
    """They use every pattern of the ontology, and are right: whatever is said of them is a false alarm."""
    said = {slug: list(map(str, lint(context_of(store, query.text)))) for slug, query in queries.items()}
    assert {slug: found for slug, found in said.items() if found} == {}
