"""The dataset, the tables of canned queries and the ontology in the words that search engines read, for pages.

Spec: https://schema.org/Dataset, https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.namespaces import ALIASES, BASE, DESCRIPTIONS, NAMES, ONTOLOGY, PREFIXES, RDF, SKOS, compact
from kg.queries.declarations import CannedQuery
from server.distributions import address_of, described_as
from server.negotiation import Offer
from server.pages import address
from server.service import Service

CONTEXT = "https://schema.org/"


def of_dataset(service: Service) -> dict[str, Any]:
    """The dataset with its files."""
    site = service.overview()
    return _told(
        service,
        {
            "@type": "Dataset",
            "@id": service.dataset.value,
            "name": site.title,
            "description": site.description,
            "url": address(),
            "identifier": service.dataset.value,
            "citation": site.citation,
            "distribution": [
                _without_blanks(
                    {
                        "@type": "DataDownload",
                        "name": name,
                        "description": described_as(service, name),
                        "contentUrl": address_of(service, name),
                        "encodingFormat": dump.entry.type.partition(";")[0],
                        "contentSize": f"{dump.entry.bytes} B",
                        "sha256": dump.entry.sha256,
                    }
                )
                for name, dump in service.served.dumps.items()
            ],
        },
    )


def of_query(service: Service, query: CannedQuery, offers: Iterable[Offer]) -> dict[str, Any]:
    """The answer to a canned query: a dataset that is made of the whole."""
    here = f"queries/{query.slug}"
    return _told(
        service,
        {
            "@type": "Dataset",
            "@id": address(here),
            "name": query.title,
            "description": query.description,
            "url": address(here),
            "isPartOf": _whole(service),
            "keywords": list(query.tags),
            "variableMeasured": [column.label for column in query.columns],
            "distribution": [
                {
                    "@type": "DataDownload",
                    "contentUrl": address(f"{here}.{offer.name}"),
                    "encodingFormat": offer.media_type,
                }
                for offer in offers
            ],
        },
    )


def of_ontology(service: Service, formats: Mapping[str, str]) -> dict[str, Any]:
    """The ontology as a set of terms."""
    return _told(
        service,
        {
            "@type": "DefinedTermSet",
            "@id": ONTOLOGY.rstrip("#"),
            "name": f"{service.overview().title}: the ontology",
            "url": address("page/ontology"),
            "isPartOf": _whole(service),
            "encoding": [{"@type": "MediaObject", "contentUrl": address(f"data/ontology.{name}")} for name in formats],
        },
    )


def of_term(service: Service, iri: str, name: str) -> dict[str, Any]:
    """A term of the ontology."""
    told = {
        "@type": "DefinedTerm",
        "@id": iri,
        "name": name,
        "termCode": iri.removeprefix(ONTOLOGY),
        "url": address(f"page/ontology/{iri.removeprefix(ONTOLOGY)}"),
        "inDefinedTermSet": {"@type": "DefinedTermSet", "@id": ONTOLOGY.rstrip("#")},
    }
    return _told(service, told)


def of_thing(service: Service, iri: str, kind: str, about: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A thing, from the citations of what is said of it; of its classes those that schema.org has."""
    schema = PREFIXES["schema"]
    names = [*_values(about, NAMES), *_values(about, ALIASES)]
    classes = _values(about, [RDF + "type"])
    told = {
        "@id": iri,
        "@type": sorted(each.removeprefix(schema) for each in classes if each.startswith(schema)) or "Thing",
        "name": names[0] if names else compact(iri).strip("<>"),
        "alternateName": list(dict.fromkeys(names[1:])),
        "description": " ".join(_values(about, DESCRIPTIONS)[:1]),
        "sameAs": _values(about, [SKOS + "exactMatch"]),
    }
    return {
        "@context": CONTEXT,
        "@type": "WebPage",
        "url": address(f"page/{kind}/{iri.removeprefix(f'{BASE}{kind}/')}"),
        "isPartOf": _whole(service),
        "mainEntity": _without_blanks(told),
    }


def _values(about: Sequence[Mapping[str, Any]], predicates: Sequence[str]) -> list[str]:
    """The values of some properties, what is stated before what is inferred, English first."""
    found = [each for each in about if each["triple"][1]["value"] in predicates]
    terms = sorted(
        ((bool(each.get("rule")), each["triple"][2]) for each in found),
        key=lambda one: (one[0], one[1].get("xml:lang") != "en", one[1]["value"]),
    )
    return [term["value"] for _, term in terms]


def _whole(service: Service) -> dict[str, str]:
    return {"@type": "Dataset", "@id": service.dataset.value}


def _told(service: Service, about: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of something, and what holds of all that the server gives: licence, version, free of charge."""
    manifest = service.served.manifest
    everywhere = {
        "license": service.overview().licence,
        "version": manifest.version,
        "dateModified": manifest.built,
        "isAccessibleForFree": True,
    }
    return {"@context": CONTEXT, **_without_blanks({**about, **everywhere})}


def _without_blanks(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in ("", [])}
