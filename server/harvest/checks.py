"""The checks in the order in which a harvester would meet what they are about, and what to do where one fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.harvest import crawled, described, files
from server.harvest.site import MetadataError, PassingError, Site
from server.wording import marked

PASS, FAIL = marked("pass"), marked("fail")
ABSENT, UNKNOWN = marked("not there"), marked("not examined")


@dataclass(frozen=True)
class Check:
    """One thing that is examined; `run` gives what was found, None where there is nothing to examine."""

    name: str
    title: str
    advice: str
    run: Callable[[Site], str | None]


@dataclass(frozen=True)
class Finding:
    """What a check has found; `advice` is empty unless it failed."""

    name: str
    title: str
    verdict: str
    told: str
    advice: str = ""


PUBLIC_URL = "set KG_PUBLIC_URL to the address that visitors use"
BUILD = "run kg build and reload; if it stays so, it is a fault of the software"

CHECKS = (
    Check("service", "The endpoint describes itself at its own address", PUBLIC_URL, described.service_description),
    Check("formats", "Every format that the service claims is given", BUILD, described.formats),
    Check("description", "The dataset's description is found and whole", BUILD, described.description),
    Check(
        "licence",
        "Title, licence, date and version are there and agree with what answers",
        "say title and licence of the dcat:Dataset (or the owl:Ontology) in the data; then kg build and reload",
        described.licence_and_version,
    ),
    Check("endpoint", "Every description names the same endpoint", PUBLIC_URL, described.endpoint_agrees),
    Check("home", "The home page tells search engines the same", BUILD, described.home),
    Check("counts", "The numbers of the description are those that a query counts", BUILD, described.counts),
    Check("prefixes", "Each prefix has one meaning", "mend the one that is declared twice", described.prefixes),
    Check("dumps", "Every dump that is named is there", BUILD, files.dumps),
    Check("checksums", "The dumps have the sizes and hashes that are said", BUILD, files.sizes_and_checksums),
    Check("examples", "The canned queries are examples that parse", "mend that file of queries/", files.examples),
    Check("ontology", "The ontology's address leads to its document", BUILD, files.ontology),
    Check("openapi", "The interface is described, each canned query in it", BUILD, files.openapi),
    Check("language-models", "What /llms.txt leads to is there", PUBLIC_URL, files.language_models),
    Check("robots", "Crawlers find the sitemap and may read its pages", PUBLIC_URL, crawled.robots),
    Check("sitemap", "The sitemap's addresses are this site's and lead to pages", PUBLIC_URL, crawled.sitemap),
    Check("linked-data", "A thing leads to a document in the format asked for", BUILD, crawled.linked_data),
    Check("links", "A document's Link header leads to its other formats", BUILD, crawled.links),
    Check(
        "cross-origin",
        "Scripts of other sites may read answers and errors",
        "a proxy in front must pass Access-Control headers on",
        crawled.cross_origin,
    ),
    Check("errors", "Errors are problem documents whose type can be read about", PUBLIC_URL, crawled.errors),
    Check(
        "revalidation",
        "Who has a document already is told so",
        "a proxy in front must pass ETag and If-None-Match on",
        crawled.revalidation,
    ),
    Check("feed", "The feed of changes is Atom", BUILD, crawled.feed),
)


def examine(site: Site, seconds: float, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """What each check finds; those that are not begun in so many seconds are not examined."""
    until = time.monotonic() + seconds
    return [_finding(check, site, time.monotonic() < until) for check in checks]


def _finding(check: Check, site: Site, in_time: bool) -> Finding:
    if not in_time:
        return Finding(check.name, check.title, UNKNOWN, "the time for all checks was over")
    try:
        told = check.run(site)
    except MetadataError as error:
        return Finding(check.name, check.title, FAIL, str(error), check.advice)
    except (AttributeError, LookupError, TypeError, ValueError, SyntaxError) as error:
        # What is read was written by whatever stands at that address, and may be anything.
        return Finding(check.name, check.title, FAIL, f"what is there has not the form expected: {error}", check.advice)
    except PassingError as error:
        return Finding(check.name, check.title, UNKNOWN, str(error))
    if told is None:
        return Finding(check.name, check.title, ABSENT, "there is nothing of the kind here")
    return Finding(check.name, check.title, PASS, told)
