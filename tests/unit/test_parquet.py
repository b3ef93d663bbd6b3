"""Tables as Parquet: which type a column has, what makes it text, what its metadata says; read by other libraries."""

from __future__ import annotations

import datetime
import io
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from click.testing import Result

from kg.namespaces import XSD
from kg.pool.client import Request
from kg.pool.limits import PoolLimits
from kg.pool.process import Pool
from kg.project import Project
from kg.queries.parquet import write_parquet
from kg.queries.spreadsheet import Value

NILE = ox.NamedNode("https://w3id.org/oxus/id/nile")


def typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("values", "declared", "type_name", "read"),
    [
        ([typed("3", "integer"), None], "integer", "int64", [3, None]),
        ([typed("3", "integer"), typed("2.5", "decimal")], "decimal", "double", [3.0, 2.5]),
        ([typed("true", "boolean"), typed("0", "boolean")], "boolean", "bool", [True, False]),
        ([NILE, None], "iri", "string", [NILE.value, None]),
        ([ox.Literal("12")], "string", "string", ["12"]),
        ([], "integer", "int64", []),
        ([None], "date", "timestamp[us, tz=UTC]", [None]),
        ([typed("1", "integer")], None, "int64", [1]),
        ([None], None, "string", [None]),
        ([("a", "b"), ()], None, "list<element: string>", [["a", "b"], []]),
        # What does not fit makes the whole column text, and loses nothing.
        ([typed("99999999999999999999", "integer")], "integer", "string", ["99999999999999999999"]),
        ([typed("1", "integer"), ox.Literal("many")], "integer", "string", ["1", "many"]),
        ([typed("2002-02-20T00:00:00", "dateTime")], "date", "string", ["2002-02-20T00:00:00"]),
        ([typed("1", "integer"), NILE], None, "string", ["1", NILE.value]),
    ],
)
def test_a_column_has_the_type_that_all_of_it_fits(
    values: list[Value], declared: str | None, type_name: str, read: list[object]
) -> None:
    table = pq.read_table(
        io.BytesIO(write_parquet(["x"], [[value] for value in values], {"x": declared} if declared else {}))
    )
    assert str(table.schema.field("x").type) == type_name
    assert table.to_pydict()["x"] == read


def test_every_instant_of_the_graph_fits_in_a_column() -> None:
    bounds = ["0001-01-01T00:00:00Z", "2002-02-20T00:00:00Z", "9999-12-31T23:59:59Z"]
    file = write_parquet(["x"], [[typed(text, "dateTime")] for text in bounds], {"x": "date"})
    found = pq.read_table(io.BytesIO(file)).to_pydict()["x"]
    assert found == [datetime.datetime.fromisoformat(text) for text in bounds]


def test_the_metadata_says_what_the_table_is() -> None:
    about = {"title": "Rivers", "version": "1+a", "licence": "https://example.org/by"}
    file = write_parquet(["x"], [[NILE]], {}, about)
    metadata = pq.read_schema(io.BytesIO(file)).metadata
    assert {key.decode(): value.decode() for key, value in metadata.items()} == about
    assert write_parquet(["x"], [[NILE]], {}, about) == file


@pytest.fixture
def places(real_build: Path, run_kg: object, tmp_path: Path) -> Path:
    result = run_kg(
        Project(Path(__file__).parents[2]), "query", "places", "--build", real_build, "--cite", "-f", "parquet"
    )  # type: ignore[operator]
    assert isinstance(result, Result) and result.exception is None, result.output
    (tmp_path / "places.parquet").write_bytes(result.stdout_bytes)
    return tmp_path / "places.parquet"


def test_pandas_and_duckdb_read_an_answer_with_citations(places: Path) -> None:
    frame = pd.read_parquet(places)
    assert frame["latitude"].dtype == "float64" and {"place", "place_label", "passages"} <= set(frame.columns)
    assert frame.loc[frame["latitude"].notna(), "place"].str.startswith("https://").all()
    found = duckdb.sql(f"SELECT place_label, unnest(passages) FROM '{places}' WHERE latitude IS NOT NULL").fetchall()
    assert ("Dushanbe", "https://w3id.org/oxus/graph/reference/geonames") in found
    metadata = pq.read_schema(places).metadata
    assert metadata[b"query"] == b"places" and b"creativecommons" in metadata[b"licence"]


def test_a_worker_writes_parquet_within_its_memory(real_build: Path) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 5000"
    with Pool.start(real_build, limits=PoolLimits(memory_bytes=512 << 20)) as pool:
        for _ in range(2):
            with pool.client.query(Request(query, "parquet", "export")) as answer:
                assert pq.read_table(io.BytesIO(answer.read())).num_rows == 5000


def test_pyarrow_is_imported_only_when_it_is_asked_for() -> None:
    code = "import sys, kg.queries.export, kg.tracing.answers, kg.cli.query; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
