"""Names that the graph knows, found in a text exactly and nearly."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.adding.known_names import KnownNames
from kg.adding.near_names import near_mentions
from kg.curation.mentions import Reading

NAMES = {
    "merrow": ["Jon Merrow"],
    "compact": ["Sound Compact", "US"],
    "ostrany": ["Ostrany", "Republic of Ostrany", "Острания"],
    "sound": ["Sound"],
    "league": ["Tidal League"],
    "agreement": ["Harbour Agreement of Port Ostry"],
    "keepers": ["Northern Keepers"],
    "pilots": ["Northern Pilots"],
    "zhelno": ["Djelnohan"],
}


def known() -> KnownNames:
    return KnownNames({ox.NamedNode(f"urn:{node}"): names for node, names in NAMES.items()})


def exact(text: str) -> dict[str, str]:
    return {text[one.begin : one.end]: one.node.removeprefix("urn:") for one in known().mentions(Reading(text))}


def near(text: str) -> dict[str, tuple[str, str]]:
    reading, names = Reading(text), known()
    found = near_mentions(names, reading, names.mentions(reading))
    return {text[one.begin : one.end]: (one.node.removeprefix("urn:"), one.how) for one in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Sound Compact of the Sound", {"Sound Compact": "compact", "Sound": "sound"}),
        ("a sound rule; join us", {}),
        ("THE US SHIPS", {"US": "compact"}),
        ("Ostranian ships", {"Ostranian": "ostrany"}),
        ("в стране Острания", {"Острания": "ostrany"}),
        ("the Republic of Ostrany", {"Republic of Ostrany": "ostrany"}),
    ],
)
def test_names_stand_exactly(text: str, expected: dict[str, str]) -> None:
    assert exact(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("then Jon Merow spoke", {"Jon Merow": ("merrow", "spelt alike")}),
        ("of Ostrony too", {"Ostrony": ("ostrany", "spelt alike")}),
        ("of ostrony too", {}),
        ("then Merrow spoke", {"Merrow": ("merrow", "its last words")}),
        ("then Merov spoke", {"Merov": ("merrow", "its last words")}),
        ("in Zhelnokhan", {"Zhelnokhan": ("zhelno", "spelt alike")}),
        ("by the Harbour Agreement", {"Harbour Agreement": ("agreement", "its first words")}),
        ("met J. Merrow there", {"J. Merrow": ("merrow", "its initial and last word")}),
        ("met K. Merrow there", {}),
        ("of the RO fleet", {"RO": ("ostrany", "its initials")}),
        ("the Tidal League (TL). TL ships", {"TL": ("league", "the text shortens it so")}),
        ("the Tidal League (XY). XY ships", {}),
        ("the Northern fleet", {}),
        ("a Jon of Merton", {}),
        ("the Sound Compact", {}),
        ("Jon. Merow", {}),
    ],
)
def test_names_stand_nearly(text: str, expected: dict[str, tuple[str, str]]) -> None:
    assert near(text) == expected


def test_likeness_is_rapidfuzz_s() -> None:
    reading, names = Reading("then Jon Merow spoke"), known()
    assert [one.likeness for one in near_mentions(names, reading, [])] == [95]
