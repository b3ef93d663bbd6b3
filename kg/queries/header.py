"""Reads a canned query's header line by line, against the grammar in `canned` and the query below it."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

import pyoxigraph as ox

from kg.engine.guard import check_query
from kg.errors import QueryError, QueryHeaderError, QuerySyntaxError
from kg.namespaces import ONTOLOGY, PREFIXES
from kg.queries.declarations import (
    CHARTS,
    COLUMN_TYPES,
    PARAMETER_TYPES,
    CannedQuery,
    Chart,
    Column,
    Expectation,
    Parameter,
    QueryKind,
)
from kg.queries.parameters import read_default
from kg.queries.text import form_of, mask, outermost, prologue, values_blocks

KEYS = ("title", "description", "question", "tags", "param", "at", "column", "chart", "expect")
AT = "at"
"""The reserved parameter that a query takes only if its header declares it."""
REPEATED = ("param", "column")
REQUIRED = ("title", "description", "expect")
RESERVED = frozenset(
    {
        "format",
        "cite",
        "at",
        "timeout",
        "version",
        "page",
        "row",
        "lang",
        "source",
        "reliability",
        "rejected",
        "explain-empty",
        "against",
    }
)

_LINE = re.compile(r"#\+ ([a-z]+): (\S.*)")
_OPTIONS = re.compile(r"options: ([a-z0-9-]+)((?: [a-z][a-z0-9_]*=\S+)*)")
_WITH = re.compile(r" ([a-z][a-z0-9_]*)=(\S+)")
_TYPE = re.compile(r"([a-z]+)(?:\(([\w-]+(?::[\w-]+)?)\))?( …)?")


def read_header(text: str, slug: str, shown_as: str) -> CannedQuery:
    """The canned query of a file's text, every line of its header checked.

    Raises: QueryHeaderError, which names the file as `shown_as`.
    """
    return _Reader(text, slug, shown_as).query()


class _Reader:
    """One file being read; `fail` knows the path, so that every complaint names file and line."""

    def __init__(self, text: str, slug: str, shown_as: str) -> None:
        self.text, self.slug, self.shown_as = text, slug, shown_as
        self.masked = mask(text)
        self.lines: dict[str, list[tuple[int, str]]] = {key: [] for key in KEYS}

    def _fail(self, message: str, line: int | None = None) -> QueryHeaderError:
        return QueryHeaderError(message, self.shown_as, line)

    def query(self) -> CannedQuery:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.slug):
            raise self._fail("the file's name must be lower-case words joined by hyphens")
        self._read_lines()
        form, projection = self._parse()
        columns = tuple(self._column(line, value) for line, value in self.lines["column"])
        self._check_columns(columns, projection)
        return CannedQuery(
            slug=self.slug,
            title=self._one("title"),
            description=self._one("description"),
            question=self._names("question", r"CQ-[0-9]+", "ids such as CQ-03"),
            tags=self._names("tags", r"[a-z0-9]+(-[a-z0-9]+)*", "lower-case words joined by hyphens"),
            params=self._params(),
            columns=columns,
            chart=self._chart([column.name for column in columns]),
            expect=self._expect(form),
            form=form,
            text=self.text,
        )

    def _read_lines(self) -> None:
        last, inside = 0, True
        for number, line in enumerate(self.text.split("\n"), 1):
            if not line.startswith("#+"):
                inside = False
                continue
            if not inside:
                raise self._fail("a `#+` line outside the header, which is the first unbroken run of them", number)
            match = _LINE.fullmatch(line.rstrip())
            if not match:
                raise self._fail("a header line is written `#+ key: value`", number)
            key, value = match.groups()
            if key not in KEYS:
                near = difflib.get_close_matches(key, KEYS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"keys are {', '.join(KEYS)}"
                raise self._fail(f"unknown key {key!r}; {hint}", number)
            if KEYS.index(key) < last:
                raise self._fail(f"{key} comes too late; keys come in the order " + ", ".join(KEYS), number)
            if self.lines[key] and key not in REPEATED:
                raise self._fail(f"{key} is given twice", number)
            last = KEYS.index(key)
            self.lines[key].append((number, value.strip()))
        for key in REQUIRED:
            if not self.lines[key]:
                raise self._fail(f"the header has no {key}", 1)

    def _parse(self) -> tuple[QueryKind, list[str]]:
        try:
            check_query(self.text)
        except QuerySyntaxError as error:
            raise self._fail(f"not SPARQL at column {error.column}: {error.message}", error.line) from None
        except QueryError as error:
            raise self._fail(error.message, error.line) from None
        try:
            answer = ox.Store().query(self.text)
        except SyntaxError as error:
            place = re.match(r"error at (\d+):(\d+)", str(error))
            message = f"not SPARQL at column {place[2]}" if place else f"not SPARQL: {error}"
            raise self._fail(message, int(place[1]) if place else None) from None
        if isinstance(answer, ox.QueryBoolean):
            return QueryKind.ASK, []
        if isinstance(answer, ox.QueryTriples):
            if form_of(self.text) != "CONSTRUCT":
                raise self._fail("a canned query is a SELECT, an ASK or a CONSTRUCT")
            return QueryKind.CONSTRUCT, []
        if not re.search(r"\bORDER\s+BY\b", outermost(self.masked), re.IGNORECASE):
            raise self._fail("a SELECT needs an ORDER BY, so that its answer is the same each time")
        return QueryKind.SELECT, [variable.value for variable in answer.variables]

    def _one(self, key: str) -> str:
        return self.lines[key][0][1]

    def _names(self, key: str, pattern: str, meaning: str) -> tuple[str, ...]:
        if not self.lines[key]:
            return ()
        line, value = self.lines[key][0]
        found = tuple(part.strip() for part in value.split(","))
        if wrong := [part for part in found if not re.fullmatch(pattern, part)]:
            raise self._fail(f"{key} takes {meaning}, comma-separated, not {wrong[0]!r}", line)
        return found

    def _parts(self, key: str, line: int, value: str, most: int) -> list[str]:
        found = [part.strip() for part in value.split("|")]
        if not 3 <= len(found) <= most or not all(found):
            form = "name | type […] | label [| options: query]" if key == "param" else "name | type | label"
            raise self._fail(f"{key} is written `{form}`", line)
        if [name for _, name in self.lines[key] if name.split("|")[0].strip() == found[0]][1:]:
            raise self._fail(f"{key} {found[0]} is given twice", line)
        return found

    def _column(self, line: int, value: str) -> Column:
        name, kind, label = self._parts("column", line, value, 3)
        if kind not in COLUMN_TYPES:
            raise self._fail(f"column {name}: unknown type {kind!r}; types are {', '.join(COLUMN_TYPES)}", line)
        return Column(name, kind, label)

    def _check_columns(self, columns: tuple[Column, ...], projection: list[str]) -> None:
        names = [column.name for column in columns]
        for (line, _), name, projected in zip(self.lines["column"], names, projection, strict=False):
            if name != projected:
                raise self._fail(f"column {name} stands where the query projects ?{projected}", line)
        if len(names) < len(projection):
            raise self._fail(f"?{projection[len(names)]} is projected and has no column line", 1)
        if len(names) > len(projection):
            line = self.lines["column"][len(projection)][0]
            raise self._fail(f"column {names[len(projection)]} is not projected", line)

    def _params(self) -> tuple[Parameter, ...]:
        found = []
        for line, value in self.lines[AT]:
            # Read as a parameter like the others: its name and type are what the header leaves out.
            self.lines["param"].append((line, f"{AT} | date | {value}"))
        if not self.lines[AT] and values_blocks(self.masked, AT):
            raise self._fail(f"the text has `VALUES ?{AT}` and the header no `{AT}: label`", 1)
        for line, value in self.lines["param"]:
            name, kind, label, *rest = self._parts("param", line, value, 4)
            if name in RESERVED and not (name == AT and self.lines[AT] and line == self.lines[AT][0][0]):
                raise self._fail(f"param {name}: the name is reserved", line)
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise self._fail(f"param {name}: a name is lower-case letters, digits and _", line)
            match = _TYPE.fullmatch(kind)
            if not match or match[1] not in PARAMETER_TYPES or (match[2] and match[1] != "iri"):
                types = ", ".join(PARAMETER_TYPES)
                raise self._fail(
                    f"param {name}: unknown type {kind!r}; types: {types}, iri(Class), each with ` …`", line
                )
            options = _OPTIONS.fullmatch(rest[0]) if rest else None
            if rest and not options:
                raise self._fail(f"param {name}: a pick list is written `options: name-of-a-query name=value …`", line)
            blocks = values_blocks(self.masked, name)
            if len(blocks) != 1:
                count = f"{len(blocks)} times" if blocks else "no"
                raise self._fail(f"param {name}: the text has {count} `VALUES ?{name} {{ … }}`; it takes one", line)
            parameter = Parameter(
                name=name,
                type=match[1],
                label=label,
                default=None,
                many=bool(match[3]),
                iri_class=self._class_iri(match[2], line),
                options=options[1] if options else None,
                options_with=tuple(_WITH.findall(options[2])) if options else (),
            )
            try:
                default = read_default(parameter, prologue(self.text), self.text[slice(*blocks[0])])
            except ValueError as error:
                raise self._fail(f"param {name}: {error}", line) from None
            found.append(replace(parameter, default=default))
        return tuple(found)

    def _class_iri(self, name: str | None, line: int) -> str | None:
        if name is None or ":" not in name:
            return name and ONTOLOGY + name
        prefix, _, local = name.partition(":")
        if prefix not in PREFIXES:
            raise self._fail(f"iri({name}): unknown prefix {prefix}", line)
        return PREFIXES[prefix] + local

    def _chart(self, columns: list[str]) -> Chart | None:
        if not self.lines["chart"]:
            return None
        line, value = self.lines["chart"][0]
        kind, _, rest = (part.strip() for part in value.partition("|"))
        names = tuple(part.strip() for part in rest.split(","))
        if kind not in CHARTS:
            message = f"unknown chart {kind!r}; it is written `kind | column, column` with kind {', '.join(CHARTS)}"
            raise self._fail(message, line)
        chart = Chart(kind, names)
        if fault := chart.fault(columns):
            raise self._fail(fault, line)
        return chart

    def _expect(self, form: QueryKind) -> Expectation:
        line, value = self.lines["expect"][0]
        if form is QueryKind.ASK and value in ("true", "false"):
            return Expectation(answer=value == "true")
        match = re.fullmatch(r"rows (>=|=) ([0-9]+)", value)
        if not match or form is QueryKind.ASK:
            right = "`true` or `false`" if form is QueryKind.ASK else "`rows >= n` or `rows = n`"
            raise self._fail(f"expect is written {right}", line)
        number = int(match[2])
        return Expectation(exactly=number) if match[1] == "=" else Expectation(minimum=number)
