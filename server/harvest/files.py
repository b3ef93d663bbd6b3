"""Checks of what can be taken away: the dumps, the canned queries, the documents that describe the interface."""

from __future__ import annotations

import hashlib
import re

import pyoxigraph as ox

from kg.engine.guard import check_query
from kg.errors import QueryError
from kg.namespaces import DCAT, RDF, RDFS, SH, VOID
from server.distributions import SPDX
from server.harvest.site import MetadataError, Site, values_of

MOST_HASHED = 16_000_000
"""Bytes of a file that is read whole; of a longer one only the size is compared."""
LINK = re.compile(r"^- \[[^\]]+\]\(([^)]+)\)", re.MULTILINE)


def dumps(site: Site) -> str:
    """Every file that VoID names is there."""
    addresses = values_of(site.description.values(site.dataset, VOID + "dataDump"))
    if not addresses:
        raise MetadataError("the description names no void:dataDump")
    for address in addresses:
        path = site.path_of(address)
        reply = site.get(path, {"range": "bytes=0-0"})
        if reply.status not in (200, 206):
            raise MetadataError(f"{path} answers {reply.status}")
    return f"{len(addresses)} files named and there"


def sizes_and_checksums(site: Site) -> str:
    """Each distribution has the size and the hash that the description gives."""
    told = site.description
    hashed = 0
    distributions = told.values(site.dataset, DCAT + "distribution")
    for each in distributions:
        path = site.path_of(told.one(each, DCAT + "downloadURL").value)
        size = int(told.one(each, DCAT + "byteSize").value)
        checksum = told.one(told.one(each, SPDX + "checksum"), SPDX + "checksumValue").value
        is_short = size <= MOST_HASHED
        reply = site.get(path, {} if is_short else {"range": "bytes=0-0"})
        if reply.status not in (200, 206):
            raise MetadataError(f"{path} answers {reply.status}")
        whole = str(len(reply.body)) if is_short else reply.headers.get("content-range", "").rpartition("/")[2]
        if whole != str(size):
            raise MetadataError(f"{path} has {whole or 'an unknown number of'} bytes, and dcat:byteSize is {size}")
        if is_short and hashlib.sha256(reply.body).hexdigest() != checksum:
            raise MetadataError(f"{path} has another SHA-256 than its spdx:checksum")
        hashed += is_short
    rest = len(distributions) - hashed
    return f"{hashed} files read and hashed" + (f", of {rest} longer ones the size" if rest else "")


def examples(site: Site) -> str:
    """Each canned query is an example with a comment, and is SPARQL."""
    told = site.told("/.well-known/sparql-examples")
    found = told.members(SH + "SPARQLExecutable")
    listed = {query["slug"] for query in site.json("/queries?format=json")["queries"]}
    slugs = {each.value.rpartition("/")[2] for each in found}
    if slugs != listed:
        raise MetadataError(f"not both an example and in /queries: {', '.join(sorted(slugs ^ listed))}")
    for each in found:
        texts = [text for kind in ("select", "ask", "construct") for text in values_of(told.values(each, SH + kind))]
        if len(texts) != 1 or not told.values(each, RDFS + "comment"):
            raise MetadataError(f"{each} has {len(texts)} queries and should have one, and a comment")
        try:
            check_query(texts[0])
            ox.Store().query(texts[0])
        except (QueryError, SyntaxError) as error:
            raise MetadataError(f"{each} does not parse: {error}") from None
    return f"{len(found)} examples, the canned queries, and each parses"


def openapi(site: Site) -> str:
    """The interface is described, each canned query in it."""
    document = site.json("/openapi.json")
    if not str(document.get("openapi", "")).startswith("3.1"):
        raise MetadataError(f"openapi is {document.get('openapi')!r}, and should be 3.1")
    paths = document.get("paths", {})
    wanted = {f"/queries/{query['slug']}" for query in site.json("/queries?format=json")["queries"]}
    if missing := (wanted | {"/sparql"}) - paths.keys():
        raise MetadataError(f"no operation for {', '.join(sorted(missing))}")
    return f"{len(paths)} paths, {len(wanted)} of them canned queries"


def language_models(site: Site) -> str:
    """What /llms.txt leads to is there."""
    addresses = LINK.findall(site.found("/llms.txt", "text/plain").body.decode())
    if not addresses:
        raise MetadataError("/llms.txt has no links")
    paths = [site.path_of(address) for address in addresses]
    for path in [path for path in paths if path.count("/") == 1]:  # what is deeper other checks fetch
        reply = site.get(path)
        if reply.status not in (200, 303):
            raise MetadataError(f"{path} answers {reply.status}")
    return f"{len(paths)} links"


def ontology(site: Site) -> str:
    """The ontology's address leads to its document, which declares it."""
    first = site.get("/ontology", {"accept": "text/turtle"})
    if first.status != 303:
        raise MetadataError(f"/ontology answers {first.status}, and should lead to a document by 303")
    told = site.told(site.path_from(first.headers.get("location", "")))
    if not told.store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None):
        raise MetadataError("the ontology's document declares nothing")
    return f"{len(told.store):,} statements"
