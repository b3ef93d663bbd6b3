"""Tables as Parquet: columns with types, for programs that compute. What stands in the rows is left to `export`.

pyarrow takes a quarter of a second and 50 MB to import, so this module is imported when a Parquet file is asked for.
"""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from kg.namespaces import XSD
from kg.queries.spreadsheet import Value, text_of

# Arrow's own allocator reserves a gigabyte of addresses at once, which is all that a worker may have. Its writer takes
# the default one whatever pool is set, and which that is is decided when Arrow is loaded.
os.putenv("ARROW_DEFAULT_MEMORY_POOL", "system")
import pyarrow as pa  # type: ignore[import-untyped]  # noqa: E402
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: E402

pa.set_cpu_count(1)
pa.set_io_thread_count(1)

Scalar = int | float | bool | datetime.datetime

_INTEGERS = frozenset(XSD + name for name in ("integer", "int", "long", "short", "nonNegativeInteger"))
_DECIMALS = _INTEGERS | {XSD + name for name in ("decimal", "double", "float")}
_TYPES = {
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.timestamp("us", tz="UTC"),
    "list": pa.list_(pa.string()),
}
"""What columns other than text are; a decimal is a double, since pandas makes an object of every decimal number."""
_TRIED = ("integer", "decimal", "boolean", "date")


def write_parquet(
    names: Sequence[str],
    rows: Sequence[Sequence[Value]],
    declared: Mapping[str, str] | None = None,
    about: Mapping[str, str] | None = None,
) -> bytes:
    """The table as a Parquet file; the same input gives the same bytes.

    A column is of the type that the query declares for it, of the values' own if it declares none, and text wherever a
    value is of another: IRIs, names, numbers too large. `about` goes into the schema's metadata.

    >>> import pyarrow.parquet
    >>> file = write_parquet(["n"], [[ox.Literal(3)], [None]])
    >>> pyarrow.parquet.read_table(io.BytesIO(file)).to_pydict()
    {'n': [3, None]}
    """
    columns = [[row[at] for row in rows] for at in range(len(names))]
    arrays = [_array(column, (declared or {}).get(name)) for name, column in zip(names, columns, strict=True)]
    fields = [pa.field(name, array.type) for name, array in zip(names, arrays, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(about or {})))
    written = io.BytesIO()
    pq.write_table(table, written, compression="zstd")
    return written.getvalue()


def _array(column: Sequence[Value], declared: str | None) -> pa.Array:
    if any(isinstance(value, tuple) for value in column):
        return pa.array([list(value) if isinstance(value, tuple) else value for value in column], _TYPES["list"])
    empty = all(value is None for value in column)
    tried = (declared,) if declared is not None else () if empty else _TRIED
    for name in tried:
        if name in _TYPES:
            try:
                return pa.array([None if value is None else _scalar(value, name) for value in column], _TYPES[name])
            except (ValueError, OverflowError):
                continue
    return pa.array([None if value is None else text_of(value) for value in column], pa.string())


def _scalar(value: Value, name: str) -> Scalar:
    """A value as a Python object of a column's type.

    Raises: ValueError if it is of another.
    """
    if not isinstance(value, ox.Literal):
        raise ValueError(value)
    datatype, text = value.datatype.value, value.value
    if name == "integer" and datatype in _INTEGERS:
        return int(text)
    if name == "decimal" and datatype in _DECIMALS:
        return float(text)
    if name == "boolean" and datatype == XSD + "boolean":
        return text in ("true", "1")
    if name == "date" and datatype == XSD + "dateTime" and text.endswith("Z"):
        return datetime.datetime.fromisoformat(text)
    raise ValueError(value)
