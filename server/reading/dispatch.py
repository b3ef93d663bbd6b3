"""Which things have a page of their own kind: documents, passages and topics. The others are `server.things`'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from kg.errors import SourceError
from kg.files.passages import parse_place
from kg.namespaces import RDF, oxus
from server.reading import documents, passages, topics
from server.reading.stretches import read_document
from server.service import current_service


def page_of(iri: str, kind: str, found: Mapping[str, Any], formats: Mapping[str, str]) -> Response | None:
    """The page of a document, a passage or a topic; None for everything else."""
    classes = {each["triple"][2]["value"] for each in found["about"] if each["triple"][1]["value"] == RDF + "type"}
    if kind == "topic":
        return topics.page_of(iri, found, formats)
    if kind == "source" and oxus("Document").value in classes:
        document = read_document(current_service(), iri)
        return documents.page_of(document, found, formats) if document else None
    if kind == "source" and oxus("Passage").value in classes:
        return _passage(iri, found, formats)
    return None


def _passage(iri: str, found: Mapping[str, Any], formats: Mapping[str, str]) -> Response | None:
    try:
        document = read_document(current_service(), parse_place(iri).document)
    except SourceError:
        return None
    stretch = next((each for each in document.passages if each.iri == iri), None) if document else None
    return passages.page_of(document, stretch, found, formats) if document and stretch else None
