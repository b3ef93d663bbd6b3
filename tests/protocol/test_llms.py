"""Text for programs that read: /llms.txt after its convention, and the schema that it leads to."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
from live_server import LiveServer, running

from kg.namespaces import PREFIXES

LINK = re.compile(r"^- \[([^\]]+)\]\(([^)]+)\): (.+)$")


def test_the_guide_has_the_form_of_the_convention_and_its_links_lead_somewhere(live_server: LiveServer):
    reply = live_server.get("/llms.txt")
    assert (reply.status, reply.type) == (200, "text/plain")
    lines = reply.text.splitlines()
    assert lines[0].startswith("# ") and not any(line.startswith("# ") for line in lines[1:])
    assert next(line for line in lines[1:] if line).startswith("> ")
    sections = [line for line in lines if line.startswith("## ")]
    assert sections == ["## How to ask", "## Canned queries", "## Files", "## Optional"]
    links = [match for line in lines[lines.index(sections[0]) :] if (match := LINK.match(line))]
    listed = [line for line in lines if line.startswith("- ")]
    assert len(links) == len(listed) > 15
    for _, address, _ in (match.groups() for match in links):
        assert address.startswith(live_server.url + "/"), address
        path = address.removeprefix(live_server.url)
        assert live_server.get(path).status in (200, 303), path
    assert live_server.get("/readyz").json()["version"] in reply.text


def test_every_canned_query_is_in_the_guide_and_in_the_schema(live_server: LiveServer):
    guide, schema = (live_server.get(path).text for path in ("/llms.txt", "/schema.txt"))
    for query in live_server.get("/queries?format=json").json()["queries"]:
        assert f"/queries/{query['slug']}): {query['description']}" in guide
        (line,) = re.findall(rf"^- {query['slug']}\((.*)\) → (.*): {re.escape(query['title'])}", schema, re.MULTILINE)
        assert re.findall(r"(\w+): \w", line[0]) == [parameter["name"] for parameter in query["params"]]
        assert line[1] == ", ".join(column["name"] for column in query["columns"])


def test_the_schema_has_every_class_and_property_of_the_ontology(live_server: LiveServer):
    schema = live_server.get("/schema.txt").text
    prefixes = dict(re.findall(r"^PREFIX (\w+): <(.*)>$", schema, re.MULTILINE))
    assert prefixes == PREFIXES
    ontology = ox.Store()
    ontology.load(live_server.get("/data/ontology.ttl").body, format=ox.RdfFormat.TURTLE)
    for kind in ("Class", "ObjectProperty", "DatatypeProperty"):
        declared = {
            quad.subject.value
            for quad in ontology.quads_for_pattern(None, None, ox.NamedNode(f"{PREFIXES['owl']}{kind}"))
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(PREFIXES["oxus"])
        }
        assert len(declared) > 30
        for iri in declared:
            assert re.search(rf"^- oxus:{iri.removeprefix(PREFIXES['oxus'])}\b", schema, re.MULTILINE), iri


def test_what_a_property_ties_is_what_the_ontology_declares_or_else_what_the_data_have(live_server: LiveServer):
    lines = live_server.get("/schema.txt").text.splitlines()
    declared = next(line for line in lines if line.startswith("- oxus:joins:"))
    assert declared.startswith("- oxus:joins: oxus:Accession → ") and "E.g. id:" in declared
    assert re.match(
        r"- oxus:hasParty: oxus:Accession \| oxus:\w+.* → oxus:Actor \(\d+\): ",
        "\n".join(line for line in lines if line.startswith("- oxus:hasParty:")),
    )
    accession = next(line for line in lines if line.startswith("- oxus:Accession"))
    assert re.match(r"- oxus:Accession < oxus:Event \(\d+\): An event by which .* E\.g\. id:\S+", accession)


def test_the_schema_says_what_names_things_and_which_values_a_list_has(live_server: LiveServer):
    schema = live_server.get("/schema.txt").text
    for name in ("rdfs:label", "skos:altLabel"):
        assert re.search(rf"^- {name}: .+ → text with a language: ", schema, re.MULTILINE), name
    query = "PREFIX oxus: <https://w3id.org/oxus/ontology#> SELECT ?code { ?code a oxus:Code }"
    codes = [row["code"]["value"].rpartition("#")[2] for row in live_server.query(query).json()["results"]["bindings"]]
    lists = schema.partition("## Closed lists")[2].partition("\n## ")[0]
    assert len(codes) > 30 and all(re.search(rf"[:,] oxus:{code}(,|$)", lists, re.MULTILINE) for code in codes)
    assert "- oxus:certainty (oxus:hasCertainty): oxus:certain, oxus:likely, oxus:open\n" in lists


def test_the_guide_tells_how_to_check_cite_and_follow(live_server: LiveServer):
    guide = live_server.get("/llms.txt").text
    for words in ("`lint=true`", "`explain-empty=true`", "/cite/latest/sparql?query=", "/feed?format=json", "/diff/"):
        assert words in guide, words


def test_files_without_an_ontology_have_a_guide_and_checks_too(tmp_path: Path):
    data = tmp_path / "towns.ttl"
    data.write_text(
        '<urn:a> <http://purl.org/dc/terms/title> "A [b](c)\\n# d" ; a <http://www.w3.org/ns/dcat#Dataset> .'
    )
    with running(tmp_path, tmp_path / "log", "--workers", 1, data) as server:
        guide, schema = server.get("/llms.txt"), server.get("/schema.txt")
        assert (guide.status, schema.status) == (200, 200)
        assert guide.text.startswith("# A (b)(c) # d\n")
        assert "each passage" not in guide.text and "towns.ttl" in guide.text
        assert "/cite/" not in guide.text and "## Closed lists" not in schema.text  # no version of files is kept
        assert "## Classes" not in schema.text and "## Prefixes" in schema.text
        verdicts = {check["name"]: check["verdict"] for check in server.get("/check.json").json()["checks"]}
        assert (verdicts["licence"], verdicts["counts"], verdicts["dumps"]) == ("fail", "not there", "pass")
        # What only a build has is not there; what is amiss is the data's, which name no licence.
        assert sorted(name for name, verdict in verdicts.items() if verdict == "fail") == ["home", "licence"]
