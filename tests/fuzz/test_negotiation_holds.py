"""The offer chosen is one that the client takes as gladly as any; or it takes none, and is told."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from server.negotiation import NothingAcceptableError, Offer, choose

TYPES = ("text/csv", "text/turtle", "application/json", "application/xml", "image/png")
OFFERS = st.lists(
    st.sampled_from([Offer(kind, kind) for kind in TYPES]), min_size=1, max_size=4, unique_by=lambda offer: offer.name
)
RANGES = st.lists(
    st.tuples(
        st.sampled_from([*TYPES, "text/*", "application/*", "*/*"]),
        st.sampled_from(["", ";q=0", ";q=0.1", ";q=0.5", ";q=0.999", ";q=1"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each[0],
)


def quality(media_type: str, ranges: list[tuple[str, str]]) -> float:
    """RFC 9110, 12.5.1, by its letter: the most specific range that fits says how welcome a type is."""
    weights = {name: float(parameter.partition("=")[2] or 1) for name, parameter in ranges}
    fitting = [name for name in (media_type, media_type.partition("/")[0] + "/*", "*/*") if name in weights]
    return weights[fitting[0]] if fitting else 0.0


@settings(max_examples=400, deadline=None)
@given(OFFERS, RANGES)
def test_the_choice_is_one_of_the_most_welcome(offers: list[Offer], ranges: list[tuple[str, str]]) -> None:
    best = max(quality(offer.media_type, ranges) for offer in offers)
    try:
        chosen = choose(offers, ", ".join(name + weight for name, weight in ranges)).offer
    except NothingAcceptableError as error:
        assert best == 0 and list(error.offers) == offers
    else:
        assert best > 0 and quality(chosen.media_type, ranges) == best


@settings(max_examples=400, deadline=None)
@given(
    OFFERS,
    st.one_of(st.none(), st.text(max_size=80), st.text('*/;,=q0.1"\\ atexcsv', max_size=60)),
    st.text(max_size=5),
)
def test_no_header_is_more_than_a_choice_or_a_refusal(offers: list[Offer], accept: str | None, name: str) -> None:
    for format_name in (None, name):
        try:
            assert choose(offers, accept, format_name).offer in offers
        except NothingAcceptableError:
            pass
