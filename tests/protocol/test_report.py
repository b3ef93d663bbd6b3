"""`/report`: one fact, who states it, how it was judged, and a report of an error in it that can be sent."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from live_server import LiveServer

from server.reading.report import MOST_LINKED, report_link
from server.settings import SettingError, read_settings

BASE = "https://w3id.org/oxus/"
BROWSER = "text/html"


def asked(server: LiveServer, **given: str) -> str:
    reply = server.get("/report?" + urlencode(given), accept=BROWSER)
    assert reply.status == 200
    return unescape(reply.text)


def report_of(page: str) -> str:
    return page.split('<pre class="reference" tabindex="0">')[1].split("</pre>")[0]


def test_an_accepted_fact_is_told_with_its_passages_and_a_report(live_server: LiveServer):
    page = asked(live_server, s="id:northern-light", p="oxus:beganIn", o="span:2010")
    assert "It is accepted." in page
    assert "flyer:54-133" in page
    assert "This project, begun in 2010" in page  # the words, for the corpus is there
    text = report_of(page)
    version = live_server.get("/readyz").json()["version"]
    for told in (
        f"<{BASE}id/northern-light> <{BASE}ontology#beganIn> <{BASE}time/2010> .",
        f"{BASE}source/flyer/54-133",
        version,
        f"{live_server.url}/report?",
    ):
        assert told in text


def test_a_rejected_and_a_disputed_fact_are_told_with_their_judgements(live_server: LiveServer):
    page = asked(live_server, s="id:sound-compact-accession-vellmark", p="oxus:hasDate", o=f"<{BASE}time/1995>")
    assert "only readings that a judgement rejects" in page
    assert "When did Vellmark join the Sound Compact?" in page
    disputed = asked(live_server, s="id:founding-of-the-pilot-school", p="oxus:hasDate", o="span:1997")
    assert "Year of the pilot school" in disputed or "When was the Vellmark Pilot School founded?" in disputed
    assert "It is accepted." in disputed


def test_an_inferred_fact_is_told_with_its_rule(live_server: LiveServer):
    text = report_of(asked(live_server, s="id:vellmark", p="oxus:leads", o="id:northern-light"))
    assert "Inferred by the rule leads." in text
    assert f"{BASE}source/flyer/134-212" in text


@pytest.mark.parametrize("literal", ['"Welmark"@en', '"SC"@en'])
def test_a_literal_is_given_as_n_triples_writes_it(live_server: LiveServer, literal: str):
    rows = live_server.query(f"SELECT ?s ?p {{ ?s ?p {literal} }}").json()["results"]["bindings"]
    assert rows
    page = asked(live_server, s=rows[0]["s"]["value"], p=rows[0]["p"]["value"], o=literal)
    assert literal in report_of(page)


def test_the_links_of_a_passage_lead_to_its_facts(live_server: LiveServer):
    page = live_server.get("/page/source/flyer/134-212").text
    targets = [unescape(each.split('"')[0]) for each in page.split('href="/report?')[1:]]
    assert len(targets) == 10
    assert {live_server.get(f"/report?{target}", accept=BROWSER).status for target in targets} == {200}


@pytest.mark.parametrize(
    "given",
    [
        {"s": "id:vellmark", "p": "oxus:joins", "o": "id:nobody"},
        {"s": "id:nobody", "p": "a", "o": "oxus:State"},
        {"s": "id:northern-light", "p": "oxus:beganIn", "o": '"2010"'},
        {"s": "id:vellmark", "p": "rdfs:label", "o": '"<script>alert(1)</script>"'},
        {"statement": "{url}/id/vellmark#statement-0123456789abcdef"},
    ],
)
def test_an_unknown_fact_is_404_that_says_so(live_server: LiveServer, given: dict[str, str]):
    given = {name: value.replace("{url}", live_server.url) for name, value in given.items()}
    reply = live_server.get("/report?" + urlencode(given))
    assert reply.status == 404
    assert "corrected since" in reply.json()["detail"]
    assert "<script>" not in live_server.get("/report?" + urlencode(given), accept=BROWSER).text


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({}, "s"),
        ({"s": "id:vellmark", "p": "a"}, "o"),
        ({"s": "not an iri", "p": "a", "o": "id:x"}, "s"),
        ({"s": "id:vellmark", "p": '"text"', "o": "id:x"}, "p"),
        ({"s": "id:vellmark", "p": "a", "o": '"open'}, "o"),
        ({"s": "id:vellmark", "p": "a", "o": '"a" . <urn:s> <urn:p> "b"'}, "o"),
        ({"s": "_:b0", "p": "a", "o": "id:x"}, "s"),
        ({"statement": "urn:x"}, "statement"),
        ({"statement": "{url}/id/vellmark"}, "statement"),
        ({"statement": "{url}/id/vellmark#statement-0", "s": "id:vellmark"}, "statement"),
    ],
)
def test_bad_terms_are_400(live_server: LiveServer, given: dict[str, str], parameter: str):
    given = {name: value.replace("{url}", live_server.url) for name, value in given.items()}
    reply = live_server.get("/report?" + urlencode(given))
    assert (reply.status, reply.json()["parameter"]) == (400, parameter)


def test_without_a_target_there_is_the_text_to_copy(live_server: LiveServer):
    page = asked(live_server, s="id:northern-light", p="oxus:beganIn", o="span:2010")
    assert "Copy it" in page
    assert 'class="send"' not in page


@pytest.mark.parametrize(
    "target",
    [
        "mailto:errors@example.org",
        "mailto:errors@example.org?cc=b@example.org",
        "https://example.org/o/r/issues/new",
        "https://example.org/new?labels=data",
        "https://example.org/new?issue[title]={title}&issue[description]={text}",
    ],
)
def test_a_report_is_one_parameter_of_the_target_whatever_is_in_it(target: str):
    assert read_settings({"KG_REPORT": target}).report == target
    text = '1 & 2 = 3?#\n"<b>" ' + "ø" * MOST_LINKED
    link = report_link(target, "An error & more", text)
    found = [value for values in parse_qs(urlsplit(link).query).values() for value in values]
    assert "An error & more" in found
    (sent,) = (value for value in found if value.startswith("1 & 2 = 3?#"))
    assert text.startswith(sent.removesuffix(" …"))
    assert link.startswith(target.partition("{")[0])
    assert quote("<") in link and "<" not in link


@pytest.mark.parametrize(
    "target",
    [
        *("errors@example.org", "mailto:", "mailto:nobody", "javascript:alert(1)", "https://", "ftp://example.org/"),
        *("https://example.org/a b", 'https://example.org/"', "https://example.org/#top", "https://example.org/{name}"),
        *("https://example.org/?t={title}", "mailto:a@b\nbcc:c@d", "data:text/html,x", "https://user@example.org/"),
    ],
)
def test_a_target_that_is_none_is_told_at_the_start(target: str):
    with pytest.raises(SettingError, match="KG_REPORT"):
        read_settings({"KG_REPORT": target})


def test_each_fact_on_the_page_of_a_thing_leads_to_its_report(live_server: LiveServer):
    page = live_server.get("/page/id/vellmark", accept="text/html").text
    facts = page[page.index('id="facts"') : page.index('id="notes"')].partition('class="asking"')[0]
    targets = re.findall(r'href="(/report[?][^"]*)"', facts)
    assert len(targets) == facts.count("<dd") > 0
    assert live_server.get(unescape(targets[0]), accept="text/html").status == 200
