"""`kg query`: queries answered in the terminal, by the pool, so that one that does not end can be ended."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import click

from kg.build.manifest import read_manifest
from kg.build.views import View
from kg.cli import current_project
from kg.cli.pictures import chart_in, drawn, opened
from kg.cli.reasons import SHORT_BYTES, WITHIN_S, is_empty, print_lint, print_reasons
from kg.engine.formats import FORMATS
from kg.engine.guard import check_query, decode_query
from kg.errors import BuildMissingError, QueryError, QueryParameterError, SourceError
from kg.pictures.process import FORMATS as PICTURES
from kg.pool.client import Answer, PoolClient, Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from kg.project import Project
from kg.queries.canned import find_query, parse_query, read_queries, read_query
from kg.queries.declarations import CannedQuery
from kg.queries.export import FORMATS as EXPORTED
from kg.queries.header import AT
from kg.queries.parameters import bind, pick_list, read_value, refuse_unknown, write_value
from kg.queries.variants import variants

FILES = ("xlsx", "parquet")
"""Tables that are more than text."""
CITED = ("json", "csv", *FILES, *(each.name for each in FORMATS if each.kind == "graph"))
"""The formats that citations come in, besides the table."""
WIDTH = 100
"""How long lines of citations are where no terminal says."""


@dataclass(frozen=True)
class _Asker:
    """Puts queries to the pool, each with the same patience."""

    client: PoolClient
    timeout_s: float

    def ask(self, query: str, format_name: str, operation: str, extra: Mapping[str, object]) -> Answer:
        return self.client.query(Request(query, format_name, operation, timeout_s=self.timeout_s, extra=extra))

    def results(self, query: str, operation: str, extra: Mapping[str, object]) -> dict[str, Any]:
        with self.ask(query, "json", operation, extra) as answer:
            return cast("dict[str, Any]", json.loads(answer.read()))

    def rows(self, query: str) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self.results(query, "query", {})["results"]["bindings"])


@click.command()
@click.argument("name", metavar="NAME|FILE|-", required=False)
@click.option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of a canned query")
@click.option(
    "--format",
    "-f",
    "format_name",
    type=click.Choice(["table", *(each.name for each in FORMATS), *FILES, *PICTURES]),
    help="[default: table; ttl for CONSTRUCT and DESCRIBE]",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write to")
@click.option("--chart", metavar="KIND:COLUMN,…", help="What svg, png or vl draw, if not what the query declares")
@click.option("--cite", is_flag=True, help="With each row the passages that it rests on")
@click.option("--lint", is_flag=True, help="What is probably wrong with the query, which is not run")
@click.option("--at", metavar="DAY", help="The day of a query that depends on one (YYYY-MM-DD)")
@click.option("--source", metavar="DOCUMENT", help="As this document alone tells it")
@click.option("--reliability", metavar="GRADE", help="Without sources below this grade (a is the best)")
@click.option("--rejected", is_flag=True, help="With the readings that judgements reject")
@click.option("--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, metavar="S", help="In seconds")
@click.option(
    "--build", "folder", type=click.Path(path_type=Path), help="The build to ask [default: build/ in the project]"
)
@click.option("--list", "listing", is_flag=True, help="List the canned queries and their parameters")
def query(
    name: str | None,
    params: Sequence[str],
    format_name: str | None,
    out: Path | None,
    chart: str | None,
    cite: bool,
    lint: bool,
    at: str | None,
    source: str | None,
    reliability: str | None,
    rejected: bool,
    timeout: float,
    folder: Path | None,
    listing: bool,
) -> None:
    """Answer a query: a canned one by NAME, one in a FILE, or - for one on standard input."""
    if listing:
        _print_list(current_project())
        return
    if name is None:
        raise click.UsageError("which query? Give a NAME, a FILE or -, or see kg query --list")
    values = _values(params) | ({AT: [at]} if at is not None else {})
    view = View(source, reliability, rejected)
    canned, text = _read(name)
    if canned is not None:
        text = bind(canned, values)
    elif values:
        first = next(iter(values))
        raise QueryParameterError(f"unknown parameter {first!r}; only canned queries take any", parameter=first)
    form = check_query(text)
    if lint and format_name not in (None, "table", "json"):
        raise click.UsageError("--lint is told as a table or as json")
    shown = format_name or ("table" if form.kind == "results" else "ttl")
    if cite and (shown not in ("table", *CITED) or form.name != "SELECT"):
        raise click.UsageError(f"--cite is for a SELECT, in the formats table, {', '.join(CITED)}")
    if shown in FILES and not cite and (canned is None or form.name != "SELECT"):
        raise click.UsageError(f"{shown} is for a canned SELECT, or with --cite for any")
    if shown == "table" and form.kind != "results" and not lint:
        raise click.UsageError(f"a {form.name} answers with a graph: ask for ttl, nt, rdf or jsonld")
    picture = chart_in(canned, chart) if shown in PICTURES else None
    if chart is not None and picture is None:
        raise click.UsageError(f"--chart goes with --format {', '.join(PICTURES)}")
    if picture is not None and (cite or form.name != "SELECT"):
        raise click.UsageError("a picture is of a SELECT, without --cite")
    build = folder if folder is not None else current_project().root / "build"
    if not build.is_dir():
        raise BuildMissingError("there is no build here; run kg build", build)
    limits = PoolLimits(timeout_s=timeout, queue_s=timeout)
    # Tables of canned queries have labels, as over HTTP; those of free ones are the protocol's own.
    labelled = canned is not None and form.name == "SELECT" and shown in EXPORTED
    operation = "lint" if lint else "cite" if cite else "export" if labelled or shown in FILES else "query"
    with Pool.start(build, limits=limits, preload=[operation]) as pool:
        asker = _Asker(PoolClient(pool.path, patience_s=2 * timeout + 10), timeout)
        if canned is not None:
            _check_picks(asker, canned, values)
        extra: dict[str, object] = _cite_extra(build) if cite or view else {}
        if view:
            extra["view"] = asdict(view)
        if canned is not None:
            about = {"title": canned.title, "description": canned.description, "query": canned.slug}
            about["version"] = read_manifest(build).version
            extra |= {"labelled": canned.labelled, "types": canned.types, "about": about}
        if lint:
            if print_lint(asker.results(text, operation, extra), as_json=format_name == "json"):
                raise SystemExit(1)
            return
        if picture is not None:
            results = asker.results(text, operation, extra)
            with opened(out) as stream:
                stream.write(drawn(asker.rows, canned, picture, results, shown))
            empty = not results["results"]["bindings"]
        elif shown == "table":
            results = asker.results(text, operation, extra)
            _print(asker, canned, results)
            empty = not results.get("boolean", results.get("results", {}).get("bindings"))
        else:
            with asker.ask(text, shown, operation, extra) as answer:
                empty = _write(answer, shown, out)
        if empty:
            _explain(asker, text, extra | (variants(canned, values) if canned is not None else {}))


def _write(answer: Iterable[bytes], format_name: str, out: Path | None) -> bool:
    """Whether an answer is empty, which is written as it comes."""
    begun = b""
    with opened(out) as stream:
        for chunk in answer:
            begun += chunk if len(begun) <= SHORT_BYTES else b""
            stream.write(chunk)
        stream.flush()
    return is_empty(begun, format_name)


def _explain(asker: _Asker, text: str, extra: Mapping[str, object]) -> None:
    """Nothing; why an answer is empty is printed, if that can be said in time."""
    request = Request(text, "json", "explain-empty", timeout_s=min(asker.timeout_s, WITHIN_S), extra=extra)
    with suppress(QueryError), asker.client.query(request) as answer:
        print_reasons(json.loads(answer.read()))


def _values(params: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--param is written NAME=VALUE, not {param!r}")
        found.setdefault(name, []).append(value)
    return found


def _read(name: str) -> tuple[CannedQuery | None, str]:
    """The query of this name; a file with a `#+` header is a canned query too."""
    if name == "-":
        return None, decode_query(sys.stdin.buffer.read())
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        try:
            text = decode_query(path.read_bytes())
        except OSError as error:
            raise SourceError(error.strerror or "cannot be read", name) from None
        return (parse_query(text, path.stem, name), text) if text.startswith("#+") else (None, text)
    project = current_project()
    path = find_query({path.stem: path for path in project.query_files()}, name)
    canned = read_query(path, project.relative(path))
    return canned, canned.text


def _check_picks(asker: _Asker, canned: CannedQuery, values: Mapping[str, Sequence[str]]) -> None:
    """Refuses a value that its parameter's pick list does not hold, naming the nearest."""
    for parameter in canned.params:
        given = values.get(parameter.name, ())
        options = pick_list(parameter, _named(parameter.options))
        if not given or options is None:
            continue
        rows = [[term["value"] for term in row.values()] for row in asker.rows(options)]
        known = {row[0]: row[1] if len(row) > 1 else "" for row in rows if row}
        for value in given if known else ():
            refuse_unknown(parameter, read_value(parameter, value), known)


def _named(slug: str | None) -> dict[str, CannedQuery]:
    """The canned query of this name by its name; none if there is no name."""
    canned = _read(slug)[0] if slug else None
    return {canned.slug: canned} if canned else {}


def _cite_extra(build: Path) -> dict[str, object]:
    """What tracing and views need besides the query: the version, and the rules by which something is inferred."""
    rules = {path.stem: path.read_text(encoding="utf-8") for path in current_project().rule_files()}
    return {"version": read_manifest(build).version, "rules": rules}


def _print(asker: _Asker, canned: CannedQuery | None, results: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.text import Text

    from kg.queries.tables import iris_in, print_table, read_labels
    from kg.tracing.cited import print_cited, read_notes

    if "boolean" in results:
        click.echo("true" if results["boolean"] else "false")
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    if canned is not None and console.is_terminal:
        console.print(Text(canned.title, style="bold"))
        console.print(Text(canned.description, style="dim"), end="\n\n")
    if "oxus" in results:
        notes = read_notes(asker.rows, results)
        with console.capture() as shown:
            print_cited(console, results, notes)
        click.echo("\n".join(line.rstrip() for line in shown.get().split("\n")).rstrip())
        return
    terms = [term for row in results["results"]["bindings"] for term in row.values()]
    print_table(console, results, read_labels(asker.rows, iris_in(terms)))


def _print_list(project: Project) -> None:
    """The canned queries: name, title, and each parameter with its type and default."""
    for canned in read_queries(project).values():
        click.echo(f"{click.style(canned.slug, bold=True)}  {canned.title}")
        for each in canned.params:
            default = " ".join(map(write_value, each.default)) if each.default is not None else "left out"
            kind = f"{each.type}{' …' if each.many else ''}"
            click.echo(click.style(f"    --param {each.name}=  {kind}: {each.label} [{default}]", dim=True))
