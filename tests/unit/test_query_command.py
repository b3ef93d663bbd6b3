"""`kg query` from outside: names, files, standard input, formats, parameters, citations, and how a query ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg.cli import kg
from kg.errors import (
    BuildMissingError,
    NotFoundError,
    QueryParameterError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    SourceError,
    UnrepresentableError,
)

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
Ask = Callable[..., Result]


@pytest.fixture
def ask(mini_build: Path) -> Ask:
    """Runs `kg query` over the invented project's build, in this process."""

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        options = ["--project", str(mini_build.parent), "query", "--build", str(mini_build)]
        return CliRunner().invoke(kg, [*options, *arguments], input=stdin)

    return run


def test_a_canned_query_answers_by_name(ask: Ask) -> None:
    result = ask("accessions")
    assert result.exit_code == 0, result.exception
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["accession", "joined", "date"] and rows
    assert "id:" in rows[0] and "\x1b" not in result.stdout and "─" not in result.stdout


def test_csv_of_a_canned_query_has_labels_and_that_of_a_free_one_is_the_protocols_own(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("accessions", "--format", "csv").stdout)))
    assert list(rows[0]) == ["accession", "accession_label", "joined", "joined_label", "date", "date_label"]
    assert rows[0]["accession"].startswith("https://") and rows[0]["accession_label"]
    free = "SELECT ?x { ?x a <https://w3id.org/oxus/ontology#Accession> }"
    assert ask("-", "--format", "csv", stdin=free).stdout.splitlines()[0] == "x"


def test_tsv_json_and_xml_are_the_protocols_own(ask: Ask) -> None:
    rows = list(csv.reader(io.StringIO(ask("accessions", "--format", "csv").stdout)))
    assert ask("accessions", "--format", "tsv").stdout.startswith("?accession\t?joined\t?date\n<https://")
    document = json.loads(ask("accessions", "--format", "json").stdout)
    assert list(document) == ["head", "results"] and len(document["results"]["bindings"]) == len(rows) - 1
    assert ask("accessions", "--format", "xml").stdout.startswith("<?xml")


def test_a_parameter_narrows_the_answer(ask: Ask) -> None:
    everything = ask("accessions", "--format", "csv").stdout
    assert ask("accessions", "--param", "party=vellmark", "--format", "csv").stdout == everything
    assert ask("accessions", "-p", "party=id:vellmark", "--format", "csv").stdout == everything


def test_a_file_and_standard_input_are_queries_too(ask: Ask, tmp_path: Path, mini_build: Path) -> None:
    free = tmp_path / "free.rq"
    free.write_text("ASK { ?s ?p ?o }", "utf-8")
    assert ask(str(free)).stdout == "true\n"
    assert ask("-", stdin="ASK { <urn:a> ?p ?o }").stdout == "false\n"
    canned = mini_build.parent / "queries" / "accessions.rq"
    assert ask(str(canned), "-p", "party=vellmark").stdout == ask("accessions").stdout


def test_a_graph_comes_as_turtle_unless_asked_otherwise(ask: Ask) -> None:
    construct = "CONSTRUCT { <urn:a> <urn:p> 1 } WHERE { }"
    assert "<urn:a> <urn:p> 1" in ask("-", stdin=construct).stdout
    assert ask("-", "--format", "nt", stdin=construct).stdout.startswith('<urn:a> <urn:p> "1"^^')
    assert isinstance(ask("-", "--format", "csv", stdin=construct).exception, UnrepresentableError)
    assert ask("-", "--format", "table", stdin=construct).exit_code == 2


def test_cite_prints_the_passages_under_each_row(ask: Ask) -> None:
    result = ask("accessions", "--cite")
    assert result.exit_code == 0, result.exception
    assert " 1  accession" in result.stdout and "    [1] " in result.stdout
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())


def test_cite_in_json_is_results_with_one_more_member(ask: Ask) -> None:
    document = json.loads(ask("accessions", "--cite", "--format", "json").stdout)
    assert len(document["oxus"]["citations"]) == len(document["results"]["bindings"]) > 0
    assert document["oxus"]["version"] and document["oxus"]["untraced"] == []
    assert all(row and all(each["passages"] or each["rule"] for each in row) for row in document["oxus"]["citations"])
    assert ask("accessions", "--cite", "--format", "tsv").exit_code == 2


def test_cite_in_csv_is_columns_more(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("accessions", "--cite", "--format", "csv").stdout)))
    assert list(rows[0]) == [
        *("accession", "accession_label", "joined", "joined_label", "date", "date_label"),
        *("passages", "gists", "disputed_by", "not_traced"),
    ]
    assert all("/source/" in row["passages"] and row["gists"] for row in rows)
    free = "SELECT ?x { ?x a <https://w3id.org/oxus/ontology#Accession> } ORDER BY ?x"
    head = ask("-", "--cite", "--format", "csv", stdin=free).stdout.splitlines()[0]
    assert head == "x,passages,gists,disputed_by,not_traced"


def test_cite_in_rdf_derives_each_row_from_its_passages(ask: Ask) -> None:
    turtle = ask("accessions", "--cite", "--format", "ttl").stdout
    graph = ox.Store()
    graph.load(turtle.encode(), ox.RdfFormat.TURTLE)
    derived = graph.query(
        "PREFIX prov: <http://www.w3.org/ns/prov#> "
        "SELECT DISTINCT ?row { ?answer prov:hadMember ?row . ?row prov:wasDerivedFrom ?passage . "
        "?passage prov:wasQuotedFrom ?document }"
    )
    count = len(ask("accessions", "--format", "csv").stdout.splitlines()) - 1
    assert isinstance(derived, ox.QuerySolutions) and len(list(derived)) == count > 0
    assert ask("accessions", "--cite", "--format", "ttl").stdout == turtle


def test_a_workbook_is_the_same_each_time(ask: Ask) -> None:
    first, again = (ask("accessions", "--format", "xlsx").stdout_bytes for _ in range(2))
    assert first == again and first.startswith(b"PK")
    assert ask("-", "--format", "xlsx", stdin="ASK { }").exit_code == 2


def test_the_list_names_queries_and_parameters(ask: Ask) -> None:
    text = ask("--list").stdout
    assert "accessions  Accessions" in text and "--param party=  iri: Who joined [id:vellmark]" in text


REFUSED: list[tuple[list[str], str | bytes | None, type[Exception], str]] = [
    (["acessions"], None, NotFoundError, "did you mean accessions"),
    (["no-such.rq"], None, SourceError, "no-such.rq"),
    (["accessions", "-p", "parti=x"], None, QueryParameterError, "did you mean party"),
    (["accessions", "-p", "party="], None, QueryParameterError, "party is empty"),
    (["accessions", "-p", "party=a b"], None, QueryParameterError, "is not a iri"),
    (["accessions", "-p", "party=velmark"], None, QueryParameterError, "did you mean id:vellmark"),
    (["-", "-p", "x=1"], "ASK { }", QueryParameterError, "only canned queries"),
    (["-"], "SELECT * {", QuerySyntaxError, "never closed"),
    (["-"], b"ASK { \xff }", QuerySyntaxError, "UTF-8"),
    (["-"], "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", QueryRefusedError, "SERVICE"),
    (["-"], "DROP ALL", QueryRefusedError, "update"),
    (["-", "--timeout", "0.3"], ENDLESS, QueryTimeoutError, "0.3 s"),
    (["accessions", "--build", "no-such-build"], None, BuildMissingError, "no-such-build"),
]


@pytest.mark.parametrize(("arguments", "stdin", "error", "message"), REFUSED, ids=[each[3] for each in REFUSED])
def test_what_cannot_be_answered_is_told(
    ask: Ask, arguments: list[str], stdin: str | bytes | None, error: type[Exception], message: str
) -> None:
    result = ask(*arguments, stdin=stdin)
    assert isinstance(result.exception, error) and message in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [[], ["accessions", "-p", "party"], ["accessions", "--format", "pdf"]])
def test_wrong_usage_is_told_as_usage(ask: Ask, arguments: list[str]) -> None:
    result = ask(*arguments)
    assert result.exit_code == click.UsageError.exit_code and "Usage: " in result.stderr


def test_sources_are_chosen_and_what_there_is_not_is_refused(ask: Ask) -> None:
    def rows(*options: str) -> int:
        return len(ask("accessions", "--format", "csv", *options).stdout.splitlines()) - 1

    assert rows("--rejected") == rows() + 1
    assert (rows("--source", "review"), rows("--source", "review", "--rejected"), rows("--reliability", "a")) == (
        0,
        1,
        0,
    )
    assert "1995" in ask("accessions", "--source", "review", "--rejected", "--cite").stdout
    assert isinstance(ask("accessions", "--source", "revue").exception, QueryParameterError)
    assert isinstance(ask("accessions", "--reliability", "z").exception, QueryParameterError)


def test_a_day_is_given_to_a_query_that_depends_on_one(ask: Ask) -> None:
    everything, some = ask("dated", "-f", "csv"), ask("dated", "-f", "csv", "--at", "1998-07-01")
    assert 1 < len(some.stdout.splitlines()) < len(everything.stdout.splitlines())
    assert isinstance(ask("dated", "--at", "1998").exception, QueryParameterError)
    assert isinstance(ask("accessions", "--at", "1998-07-01").exception, QueryParameterError)


@pytest.fixture
def heeded_interrupt() -> Iterator[None]:
    """SIGINT as in a terminal: what runs in the background ignores it, and hands that down."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("heeded_interrupt")
def test_ctrl_c_ends_a_query_and_its_workers(mini_build: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "--project", str(mini_build.parent), "query", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdin is not None and process.stderr is not None
    process.stdin.write(ENDLESS.encode())
    process.stdin.close()
    deadline = time.monotonic() + 20
    while not (children := _children(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(10) == 130
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    deadline = time.monotonic() + 5
    while (left := [child for child in children if Path(f"/proc/{child}").exists()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children and not left


def _children(pid: int) -> list[str]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return path.read_text("ascii").split() if path.exists() else []


# What is wrong with a query, and why an answer is empty

MISSPELT = "PREFIX oxus: <https://w3id.org/oxus/ontology#>\nSELECT ?x { ?x a oxus:Acession }"


def test_lint_tells_what_is_wrong_runs_nothing_and_fails(ask: Ask) -> None:
    result = ask("-", "--lint", stdin=MISSPELT)
    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert first.startswith("2:18: error: there is no class oxus:Acession here [unknown-class]")
    assert last == "SELECT ?x { ?x a oxus:Accession }"
    found = json.loads(ask("-", "--lint", "--format", "json", stdin=MISSPELT).stdout)
    assert [remark["rule"] for remark in found["remarks"]] == ["unknown-class"]
    assert ask("-", "--lint", "--format", "csv", stdin=MISSPELT).exit_code == 2


def test_why_there_is_nothing_is_told_on_standard_error(ask: Ask) -> None:
    empty = ask("-", "--format", "csv", stdin=MISSPELT)
    assert (empty.exit_code, empty.stdout) == (0, "x\r\n" if "\r" in empty.stdout else "x\n")
    assert "Nothing was found. Why:" in empty.stderr and "did you mean oxus:Accession?" in empty.stderr
    canned = ask("accessions", "--param", "party=id:sound-compact")
    assert canned.exit_code == 0 and "party=id:vellmark" in canned.stderr
