"""Names from other scripts in one spelling, so that those by different customs of romanising them are the same."""

from __future__ import annotations

import re
from functools import lru_cache

_CUSTOMS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        ("dzh|dj|zh", "j"),
        ("shch|sch", "sh"),
        ("kh", "h"),
        ("gh", "g"),
        ("ts|tz", "c"),
        ("ks", "x"),
        ("w", "v"),
        # A soft vowel after a consonant (Пяндж): Pyandzh, Piandj and Panj.
        ("(?<=[bcdfghjklmnpqrstvxz])[yi](?=[aeou])", ""),
        ("iy|yy|ij|yi|ii|y", "i"),
        (r"([a-z])\1", r"\1"),
    )
)


@lru_cache(maxsize=1 << 14)
def romanised(word: str) -> str:
    """A folded word as all customs would have it; what it becomes is no spelling to show.

    >>> romanised("fakhrabad") == romanised("fahrabad"), romanised("nizhniy") == romanised("nizhny")
    (True, True)
    >>> {romanised(name) for name in ("panj", "pyanj", "pyandzh", "piandj")}
    {'panj'}
    """
    for custom, letters in _CUSTOMS:
        word = custom.sub(letters, word)
    return word
