"""Invented names, in Latin and Cyrillic, each a function of a key: none is kept, and none means anything."""

from __future__ import annotations

import hashlib

_SYLLABLES = (
    *(("ka", "ка"), ("lo", "ло"), ("mir", "мир"), ("ven", "вен"), ("tor", "тор"), ("sa", "са"), ("bel", "бел")),
    *(("dun", "дун"), ("rai", "рай"), ("gol", "гол"), ("pen", "пен"), ("zu", "зу"), ("fer", "фер"), ("has", "хас")),
    *(("ol", "ол"), ("mad", "мад"), ("nir", "нир"), ("ku", "ку"), ("tal", "тал"), ("bro", "бро"), ("shi", "ши")),
    *(("var", "вар"), ("don", "дон"), ("es", "эс"), ("lu", "лу"), ("gar", "гар"), ("ti", "ти"), ("mon", "мон")),
    *(("sel", "сел"), ("rud", "руд"), ("an", "ан"), ("kor", "кор")),
)


def invented_name(key: str) -> tuple[str, str]:
    """The name that belongs to a key, in Latin and in Cyrillic.

    >>> invented_name("7/Person/3") == invented_name("7/Person/3") != invented_name("8/Person/3")
    True
    """
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())
    latin, cyrillic = [], []
    for syllables in (3, 2 * (number & 1)):
        number >>= 1
        chosen = []
        for _ in range(syllables):
            number, place = divmod(number, len(_SYLLABLES))
            chosen.append(_SYLLABLES[place])
        latin.append("".join(one for one, _ in chosen).capitalize())
        cyrillic.append("".join(other for _, other in chosen).capitalize())
    return " ".join(latin).strip(), " ".join(cyrillic).strip()


def invented_words(seed: int, count: int) -> list[str]:
    """A vocabulary of words without meaning."""
    return [invented_name(f"{seed}/word/{number}")[0].split()[0].lower() for number in range(count)]
