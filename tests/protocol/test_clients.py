"""Clients that no one here wrote, against a running server: what they send and what they make of the answers."""

from __future__ import annotations

import os
import re
import subprocess
from html import unescape
from pathlib import Path
from shutil import which
from urllib.parse import urlencode

import pandas
import pytest
from leaving_out import leave_out
from live_server import LiveServer
from rdflib import VOID, Graph, URIRef
from rdflib.plugins.stores.sparqlconnector import SPARQLConnectorException
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

DATASET = URIRef("https://w3id.org/oxus/")
VERSION = URIRef("http://www.w3.org/ns/dcat#version")
OXUS = "https://w3id.org/oxus/ontology#"
SELECT = f"SELECT ?s WHERE {{ ?s a <{OXUS}Accession> }} ORDER BY ?s"
CONSTRUCT = f"CONSTRUCT {{ ?s a <{OXUS}Accession> }} WHERE {{ ?s a <{OXUS}Accession> }}"


@pytest.fixture
def wrapper(live_server: LiveServer) -> SPARQLWrapper:
    return SPARQLWrapper(live_server.url + "/sparql")


@pytest.mark.parametrize(("method", "way"), [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)])
def test_sparqlwrapper_asks_in_every_way(wrapper: SPARQLWrapper, method: str, way: str):
    wrapper.setQuery(SELECT)
    wrapper.setMethod(method)
    wrapper.setRequestMethod(way)
    wrapper.setReturnFormat(JSON)
    assert len(wrapper.queryAndConvert()["results"]["bindings"]) >= 1


@pytest.mark.parametrize("kind", [XML, JSON, CSV, TSV])
def test_sparqlwrapper_reads_tables_in_every_format(wrapper: SPARQLWrapper, kind: str):
    wrapper.setQuery(SELECT)
    wrapper.setReturnFormat(kind)
    result = wrapper.queryAndConvert()
    assert "accession" in (result.toxml() if kind == XML else str(result))


# SPARQLWrapper 2 reads JSON-LD into a class that rdflib 7 deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("kind", [XML, RDFXML, TURTLE, N3, JSONLD])
def test_sparqlwrapper_reads_graphs_in_every_format(wrapper: SPARQLWrapper, kind: str):
    wrapper.setQuery(CONSTRUCT)
    wrapper.setReturnFormat(kind)
    result = wrapper.queryAndConvert()
    graph = result if isinstance(result, Graph) else Graph().parse(data=result, format="turtle")
    assert len(graph) >= 1


def test_sparqlwrapper_gets_an_ask(wrapper: SPARQLWrapper):
    wrapper.setQuery("ASK { ?s ?p ?o }")
    wrapper.setReturnFormat(JSON)
    assert wrapper.queryAndConvert()["boolean"] is True


def test_sparqlwrapper_understands_a_syntax_error(wrapper: SPARQLWrapper):
    wrapper.setQuery("SELECT * WHERE { ?s ?p }")
    with pytest.raises(QueryBadFormed, match="query-syntax"):
        wrapper.query()


def test_sparqlwrapper_sends_a_dataset(wrapper: SPARQLWrapper):
    wrapper.setQuery("ASK { ?s ?p ?o }")
    wrapper.addDefaultGraph("https://w3id.org/oxus/graph/nothing")
    wrapper.setReturnFormat(JSON)
    assert wrapper.queryAndConvert()["boolean"] is False


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("kind", ["json", "xml", "csv", "tsv"])
def test_rdflib_store_asks_in_every_way(live_server: LiveServer, method: str, kind: str):
    store = SPARQLStore(live_server.url + "/sparql", method=method, returnFormat=kind)
    rows = list(Graph(store).query(SELECT))
    assert len(rows) >= 1
    assert isinstance(rows[0].s, URIRef)


def test_rdflib_store_matches_patterns_and_counts(live_server: LiveServer):
    graph = Graph(SPARQLStore(live_server.url + "/sparql"))
    accessions = list(graph.subjects(None, URIRef(OXUS + "Accession")))
    assert len(accessions) >= 1
    assert len(graph) > 100
    assert "http" in str(next(graph.query(f"DESCRIBE <{accessions[0]}>").graph.predicates()))


def test_rdflib_store_is_told_that_a_query_is_wrong(live_server: LiveServer):
    with pytest.raises((ValueError, SPARQLConnectorException)):
        list(Graph(SPARQLStore(live_server.url + "/sparql")).query("SELECT * WHERE { ?s ?p ?o } ORDER BYE ?s"))


def test_rdflib_parses_the_dump_where_it_stands(live_server: LiveServer):
    graph = Graph().parse(live_server.url + "/dump/latest/oxus.ttl")
    # What the dataset says of itself as a whole is not counted there.
    told = Graph().parse(f"{live_server.url}/store?graph=https://w3id.org/oxus/graph/catalogue")
    assert graph.value(DATASET, VERSION) == told.value(DATASET, VERSION) is not None
    assert len(graph - told) == told.value(DATASET, VOID.triples).toPython()
    assert set((graph & told).subjects()) == {DATASET}


def test_rdflib_loads_what_the_home_page_says(live_server: LiveServer):
    page = live_server.get("/", accept="text/html").text
    (address,) = re.findall(r'Graph\(\).parse\("([^"]*)"\)', unescape(page))
    assert address.endswith("/oxus.ttl")
    assert len(Graph().parse(address)) > 100


def test_rdflib_gets_the_service_description_from_the_address_alone(live_server: LiveServer):
    graph = Graph().parse(live_server.url + "/sparql")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    endpoint = URIRef(live_server.url + "/sparql")
    assert graph.value(endpoint, URIRef(sd + "endpoint")) == endpoint


def test_pandas_reads_a_canned_query(live_server: LiveServer):
    frame = pandas.read_csv(live_server.url + "/queries/accessions.csv")
    assert list(frame.columns) == ["accession", "accession_label", "joined", "joined_label", "date", "date_label"]
    assert len(frame) >= 1


def test_pandas_reads_a_query_of_its_own(live_server: LiveServer):
    frame = pandas.read_csv(f"{live_server.url}/sparql?{urlencode({'query': SELECT, 'format': 'csv'})}")
    rows = live_server.query(SELECT).json()["results"]["bindings"]
    assert list(frame["s"]) == [row["s"]["value"] for row in rows]


# RCurl finds a charset only in a header that is written `Content-Type`, and ours has no capitals: so it is told.
IN_R = """
suppressMessages(library(SPARQL))
told <- SPARQL(commandArgs(TRUE)[1], commandArgs(TRUE)[2], curl_args = list(.encoding = "UTF-8"))$results
write.table(told, row.names = FALSE, quote = FALSE, sep = "\t")
"""


def test_r_gets_rows_and_reads_tajik(live_server: LiveServer, tmp_path: Path):
    program = which("Rscript")
    if program is None:
        leave_out("R is not here (Debian: r-cran-sparql)")
    query = f'SELECT ?s ?name WHERE {{ ?s a <{OXUS}Accession> BIND("Тоҷикистон" AS ?name) }} ORDER BY ?s'
    script = tmp_path / "ask.R"
    script.write_text(IN_R)
    done = subprocess.run(
        [program, "--vanilla", script, live_server.url + "/sparql", query],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        timeout=30,
    )
    if "there is no package" in done.stderr:
        leave_out("R's SPARQL package is not here (Debian: r-cran-sparql)")
    assert done.returncode == 0, done.stderr
    names, *found = [line.split("\t") for line in done.stdout.splitlines()]
    assert names == ["s", "name"]
    rows = live_server.query(query).json()["results"]["bindings"]
    assert found == [[f"<{row['s']['value']}>", "Тоҷикистон"] for row in rows]
