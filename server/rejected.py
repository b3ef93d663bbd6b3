"""What rejected readings state of a thing: not accepted, and yet what somebody says who is cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from server.cells import Term
from server.judgements import all_judgements
from server.service import Service


def rejected_statements(service: Service, iri: str, accepted: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The statements about a thing, or naming it, that only rejected readings make, shaped as citations are.

    `accepted` are the citations of those that hold: what another passage states as well is no rejected reading.
    """
    known = {_key(citation["triple"]) for citation in accepted}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for judgement in all_judgements(service):
        for reading in judgement.readings:
            for triple in reading.triples if reading.standing == "rejected" else ():
                key = _key(triple)
                if key not in known and any(term["type"] == "uri" and term["value"] == iri for term in triple[::2]):
                    new = {"triple": triple, "passages": [], "disputed": judgement.iri}
                    found.setdefault(key, new)["passages"].append(reading.passage)
    return list(found.values())


def _key(triple: Iterable[Term]) -> tuple[str, ...]:
    return tuple(text for term in triple for text in (term["type"], term["value"], term.get("xml:lang", "")))
