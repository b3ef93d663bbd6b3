"""Citations in the terminal: under each row the passages that it rests on, and what each of them states.

What is cited is `trace`'s business; here passages, judgements and rules get the words that a reader needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kg.namespaces import DCTERMS, GRAPH, INFERRED, RDF, RDFS, REFERENCE, SKOS, compact, oxus
from kg.queries.tables import Ask, Results, Term, cell, in_lots, iris_in, one_line, print_block, read_labels

Citation = Mapping[str, Any]

MOST_FACTS = 12
"""How many statements are printed under a row; every passage is."""
_SAID = {
    RDF + "type": "is a",
    RDFS + "subClassOf": "is a kind of",
    RDFS + "label": "is called",
    SKOS + "prefLabel": "is called",
    SKOS + "altLabel": "is also called",
}
_STYLES = {"accepted": "yellow", "rejected": "red", "left open": "yellow"}
_VERDICTS = {"accepts": "accepted", "rejects": "rejected", "leavesOpen": "left open"}


@dataclass(frozen=True)
class Notes:
    """What is known of the graphs and judgements that an answer cites, and the labels of all that it names."""

    passages: Mapping[str, Mapping[str, str]]
    judgements: Mapping[str, Mapping[str, str]]
    verdicts: Mapping[tuple[str, str], str]
    labels: Mapping[str, str]


def read_notes(ask: Ask, results: Results) -> Notes:
    """Everything that `print_cited` says of an answer with citations."""
    citations = list(_all(citation for row in results["oxus"]["citations"] for citation in row))
    graphs = list(dict.fromkeys(graph for citation in citations for graph in citation["passages"]))
    judgements = list(dict.fromkeys(citation["disputed"] for citation in citations if "disputed" in citation))
    terms = [term for row in results["results"]["bindings"] for term in row.values()]
    terms += [term for citation in citations for term in citation["triple"]]
    verdicts = _read_verdicts(ask, judgements)
    judged = [passage for _, passage in verdicts]
    return Notes(
        passages=_described(ask, _PASSAGES, list(dict.fromkeys(graphs + judged))),
        judgements=_described(ask, _JUDGEMENTS, judgements),
        verdicts=verdicts,
        labels=read_labels(ask, iris_in(terms) + graphs),
    )


def print_cited(console: Console, results: Results, notes: Notes) -> None:
    """Each row as a block, with its passages and statements under it."""
    names: list[str] = results["head"]["vars"]
    extra = results["oxus"]
    for number, row in enumerate(results["results"]["bindings"], 1):
        print_block(console, number, names, [cell(row.get(name), notes.labels) for name in names])
        console.print()
        _print_citations(console, extra["citations"][number - 1], notes)
        console.print()
    for column in extra["untraced"]:
        reason = extra.get("reasons", {}).get(column, "")
        console.print(Text(f"{column} is not traced in full: {reason}", style="yellow"))


def _print_citations(console: Console, citations: Sequence[Citation], notes: Notes) -> None:
    graphs = dict.fromkeys(graph for citation in _all(citations) for graph in citation["passages"])
    numbered = {graph: n for n, graph in enumerate((each for each in graphs if _is_told(each)), 1)}
    told = Table.grid(padding=(0, 1, 0, 0))
    told.add_column(style="bold green", no_wrap=True)
    told.add_column(overflow="fold")
    for graph, number in numbered.items():
        judgement = next((c["disputed"] for c in _all(citations) if graph in c["passages"] and "disputed" in c), None)
        told.add_row(f"[{number}]", _passage(graph, judgement, notes))
    facts = Table.grid(padding=(0, 1, 0, 0))
    facts.add_column(overflow="fold", style="dim")
    facts.add_column(no_wrap=True, style="green")
    lines = list(_statements(citations, numbered, notes))
    for depth, text, where in lines[:MOST_FACTS]:
        facts.add_row(Padding(Text(text), (0, 0, 0, 2 * depth)), where)
    for block in (told, facts):
        if block.row_count:
            console.print(Padding(block, (0, 0, 0, 4)))
    if len(lines) > MOST_FACTS:
        console.print(Text(f"    … and {len(lines) - MOST_FACTS} more statements (all: --format json)", style="dim"))
    if alone := sum(citation.get("sources") == 1 for citation in citations):
        text = (
            f"    one source only: {alone} of {len(citations)} statements (documents that share ancestry count as one)"
        )
        console.print(Text(text, style="yellow"))
    if not lines:
        console.print(Text("    nothing in the graph states this row", style="yellow"))


def _passage(graph: str, judgement: str | None, notes: Notes) -> Text:
    """Gist, kind, document and place of a passage, or the title of a reference; then the judgement on it."""
    known = notes.passages.get(graph, {})
    text = Text(one_line(known.get("gist", "")) or notes.labels.get(graph, compact(graph)))
    if "begin" in known:
        kind = compact(known["kind"]).partition(":")[2] if "kind" in known else "passage"
        text.append(f"\n{compact(graph)} · {kind} · {known.get('document', '')}", style="dim")
    elif graph.startswith(REFERENCE):
        text.append(f"\n{compact(graph)} · reference", style="dim")
    if judgement and (verdict := notes.verdicts.get((judgement, graph))):
        known = notes.judgements.get(judgement, {})
        certainty = compact(known["certainty"]).partition(":")[2] if "certainty" in known else ""
        text.append(f"\n{verdict}{f' ({certainty})' if certainty else ''}: ", style=f"bold {_STYLES[verdict]}")
        text.append(f"{one_line(known.get('question', ''))} {compact(judgement)}", style=_STYLES[verdict])
        for (deciding, other), its_verdict in notes.verdicts.items():
            if deciding == judgement and other != graph and its_verdict != "accepted":
                gist = one_line(notes.passages.get(other, {}).get("gist", ""))
                text.append(f"\n  {its_verdict}: {gist} {compact(other)}", style=_STYLES[its_verdict])
    return text


def _statements(
    citations: Iterable[Citation], numbered: Mapping[str, int], notes: Notes, depth: int = 0
) -> Iterator[tuple[int, str, str]]:
    """Each statement: how deep, its text, passages and number of sources; the premises of an inferred one follow."""
    for citation in citations:
        parts = [_name(term, notes) for term in citation["triple"]]
        where = [f"[{numbered[graph]}]" for graph in citation["passages"] if graph in numbered]
        ours = [compact(graph).partition(":")[2] for graph in citation["passages"] if graph not in numbered]
        rule = [f"inferred: {citation['rule'].removeprefix(INFERRED)}"] if "rule" in citation else []
        count = citation.get("sources", 0)
        sources = [f"· {count} {'source' if count == 1 else 'sources'}"] if count else []
        yield depth, ("← " if depth else "") + " ".join(parts), " ".join(where + ours + rule + sources) or "nowhere"
        yield from _statements(citation.get("premises", ()), numbered, notes, depth + 1)


def _name(term: Term, notes: Notes) -> str:
    text = _SAID.get(term["value"]) or one_line(cell(term, notes.labels).text)
    return f"“{text}”" if term["type"] == "literal" and "datatype" not in term else text


def _all(citations: Iterable[Citation]) -> Iterator[Citation]:
    for citation in citations:
        yield citation
        yield from _all(citation.get("premises", ()))


def _is_told(graph: str) -> bool:
    """Whether a graph is told of by number: what our own files say (entities, ontology …) is named in a word."""
    return not graph.startswith(GRAPH) or graph.startswith(REFERENCE)


_PASSAGES = f"""SELECT ?iri ?gist ?kind ?document ?begin ?end WHERE {{
  VALUES ?iri {{ %s }}
  OPTIONAL {{ ?iri {oxus("gist")} ?gist }}
  OPTIONAL {{ ?iri {oxus("hasKind")} ?kind }}
  OPTIONAL {{ ?iri {oxus("isPassageOf")} ?source ; {oxus("begin")} ?begin ; {oxus("end")} ?end .
    OPTIONAL {{ ?source <{DCTERMS}title> ?document }} }}
}} ORDER BY ?iri ?document"""

_JUDGEMENTS = f"""SELECT ?iri ?question ?certainty WHERE {{
  VALUES ?iri {{ %s }}
  OPTIONAL {{ ?iri {oxus("question")} ?question }}
  OPTIONAL {{ ?iri {oxus("hasCertainty")} ?certainty }}
}} ORDER BY ?iri ?question"""


def _described(ask: Ask, query: str, iris: Sequence[str]) -> dict[str, dict[str, str]]:
    rows = (row for lot in in_lots(iris) for row in ask(query % lot))
    return {row["iri"]["value"]: {name: term["value"] for name, term in row.items()} for row in rows}


def _read_verdicts(ask: Ask, judgements: Sequence[str]) -> dict[tuple[str, str], str]:
    verdicts = " ".join(str(oxus(name)) for name in _VERDICTS)
    found: dict[tuple[str, str], str] = {}
    for lot in in_lots(judgements):
        query = (
            f"SELECT ?j ?v ?p WHERE {{ VALUES ?j {{ {lot} }} VALUES ?v {{ {verdicts} }} ?j ?v ?p }} ORDER BY ?j ?v ?p"
        )
        for row in ask(query):
            name = row["v"]["value"].rpartition("#")[2]
            found[row["j"]["value"], row["p"]["value"]] = _VERDICTS[name]
    return found
