from collections.abc import Callable

from kg.files.sources import document_findings, read_documents
from kg.files.turtle import read_rdf
from kg.namespaces import SOURCE
from kg.project import Project

Amend = Callable[[str, str, str], int]


def test_a_document_is_read_with_its_place(tiny_project: Project) -> None:
    documents = read_documents(read_rdf(tiny_project.sources_file, "data/sources.ttl"))
    assert list(documents) == [SOURCE + "report-1"]
    document = documents[SOURCE + "report-1"]
    assert (document.slug, document.title, document.length) == ("report-1", "Report on the harbour", 1000)
    assert (document.sha256, document.language) == ("a" * 64, "en")
    row = tiny_project.sources_file.read_text().splitlines()[document.line - 1]
    assert (document.path, row) == ("data/sources.ttl", "source:report-1")
    assert list(document_findings(documents.values())) == []


def test_what_a_document_lacks_is_found_all_at_once(tiny_project: Project, amend: Amend) -> None:
    amend("data/sources.ttl", "oxus:length 1000", 'oxus:length "long"')
    amend("data/sources.ttl", "aaaaaaaa" * 8, "abc")
    amend("data/sources.ttl", 'dcterms:title "Report on the harbour"@en ;', "")
    amend("data/sources.ttl", "source:report-1\n", "source:Report_1\n")
    documents = read_documents(read_rdf(tiny_project.sources_file, "data/sources.ttl"))
    messages = [finding.message for finding in document_findings(documents.values())]
    assert len(messages) == 4
    assert "64 hexadecimal digits" in "".join(messages)
