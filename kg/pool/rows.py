"""How many rows an answer has, seen from its bytes as they pass: the engine writes them and does not tell.

What ends a row is counted, which costs 3 % of writing it. In CSV and JSON a literal may hold those very characters, and
then counts as one more; in JSON a row without any value counts only behind one that has some. It is a number for a log.
"""

from __future__ import annotations

from collections.abc import Mapping

from kg.engine.evaluation import Output

MARKS: Mapping[str, bytes] = {
    "csv": b"\r\n",
    "tsv": b"\n",
    "xml": b"<result>",
    "json": b"}},{",
    "nt": b" .\n",
}
"""What stands once for each row, by the names of formats; in JSON between two."""
_HEADINGS = frozenset({"csv", "tsv"})
_NO_ROWS = b'"bindings":[]}}'
_NO_TABLE = (b'"boolean":true}', b'"boolean":false}')


_TAIL = 16
"""As long as any of these."""


class RowCounter:
    """Passes an answer in a format on, and counts.

    >>> from io import BytesIO
    >>> counter = RowCounter(BytesIO(), "tsv")
    >>> for piece in (b"?a\\t?b\\n", b"1\\t2\\n", b"3\\t4\\n"):
    ...     _ = counter.write(piece)
    >>> counter.rows
    2
    """

    def __init__(self, output: Output, format_name: str) -> None:
        self._output = output
        self._format = format_name
        self._mark = MARKS.get(format_name, b"")
        self._marks = 0
        self._tail = b""

    @property
    def rows(self) -> int | None:
        """The rows written so far; None for a format or an answer that has none to count."""
        if not self._mark:
            return None
        if self._format == "json":
            return None if self._tail.endswith(_NO_TABLE) else self._marks + (not self._tail.endswith(_NO_ROWS))
        return max(0, self._marks - (self._format in _HEADINGS))

    def write(self, data: bytes, /) -> int:
        """Take a piece."""
        if self._mark:
            # A mark may be split between two pieces: what could be its begin is looked at again.
            begin = self._tail[len(self._tail) - len(self._mark) + 1 :]
            self._marks += (begin + data).count(self._mark)
            self._tail = (self._tail + data[-_TAIL:])[-_TAIL:]
        return self._output.write(data)

    def flush(self) -> None:
        """Hand on what was taken."""
        self._output.flush()
