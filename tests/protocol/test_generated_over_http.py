"""A generated graph, served: every canned query answers, and nearly every one has rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from live_server import LiveServer, running

from kg.generating.run import generate
from kg.project import Project

ENTITY = {"entity": "id:state-1"}
DOCUMENTS = {"first": "source:document-1", "second": "source:document-2"}
OURS = {
    "at-place": {"place": "id:settlement-1"},
    "chain": {"origin": "id:facility-1", "target": "id:intergovernmental-organisation-1"},
    "compare-sources": {**ENTITY, **DOCUMENTS},
    "entity-timeline": ENTITY,
    "facts": ENTITY,
    "find-passages": {"word": "a"},
    "names": ENTITY,
    "near-topics": {"thing": "id:cooperation-1", **DOCUMENTS},
    "neighbours": ENTITY,
    "organisation-parts": {"whole": "id:state-1"},
    "shared-statements": DOCUMENTS,
    "shared-topics": {"thing": "id:cooperation-1", **DOCUMENTS},
    "single-source": ENTITY,
    "source-alone": {"document": "source:document-1"},
    "who-says-so": ENTITY,
}
"""The queries whose defaults are nodes of our own data, with nodes of a generated graph instead."""

MAY_BE_EMPTY = {"near-topics", "shared-topics", "shared-statements"}
"""Whether two documents speak of one thing is left to chance."""


@pytest.fixture(scope="module")
def server(real_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("generated")
    generate(real_project, 20_000, 7, folder / "graph.nq.gz")
    with running(real_project.root, folder / "log", folder / "graph.nq.gz") as server:
        yield server


def test_every_canned_query_answers(server: LiveServer, real_project: Project) -> None:
    slugs = [path.stem for path in real_project.query_files()]
    assert OURS.keys() <= {*slugs}
    empty = set()
    for slug in slugs:
        reply = server.get(f"/queries/{slug}.json?{urlencode(OURS.get(slug, {}))}")
        assert reply.status == 200, (slug, reply.text)
        if not reply.json()["results"]["bindings"]:
            empty.add(slug)
    assert empty <= MAY_BE_EMPTY


def test_a_node_without_rows_is_no_error(server: LiveServer) -> None:
    reply = server.get("/queries/who-says-so.json?entity=id:nobody-1")
    assert reply.status == 200 and reply.json()["results"]["bindings"] == []


def test_an_answer_tells_its_passages(server: LiveServer, real_project: Project, tmp_path: Path) -> None:
    reply = server.get("/queries/accessions.json?cite=true")
    assert reply.status == 200
    cited = reply.json()["oxus"]["citations"]
    assert cited and all(
        any("/source/document-" in passage for entry in row for passage in entry["passages"]) for row in cited
    )
