"""The forms under which a word is found, whatever its script and spelling. Comparing them is left to `matching`.

A word has three: `plain` (capitals, accents and the letters that Cyrillic alphabets add are folded: Раҳмон is рахмон),
`sound` (in Latin letters, with what romanisations write differently made one: BGN/PCGN, ISO 9, French, German, common
English; Рахмон, Rakhmon and Rahmon are rahmon) and `base` (the sound of its stem, without the endings of family names:
Rakhmonov is rahmon too). Different words may share a sound or a base, so those count for less.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tantivy
from anyascii import anyascii

FORMS = ("plain", "sound", "base")
"""The names of the forms, the surest first."""
LONGEST_WORD = 64
"""Letters of a word that count; no name has more."""
LEAST_BASE = 4
"""Letters that must be left when an ending is taken off."""

_APOSTROPHES = "'’ʼʻ‘`´"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[\u0300-\u036f]|[{_APOSTROPHES}](?=[^\W_]))*")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}]s$")

_FOLDED = str.maketrans("қҳҷғүұөәңһіґўєъь", "кхчгууоанхигуе  ")
"""Letters that have no decomposition, as they are typed where the keyboard lacks them."""
_ROMAN = str.maketrans(
    {"č": "ch", "š": "sh", "ž": "zh", "ŝ": "shch", "û": "yu", "â": "ya", "ç": "ch", "ş": "sh", "ğ": "g", "ë": "e"}
)
"""Latin letters that stand for more than their bare form (ISO 9, scientific and Turkic alphabets)."""
_ONE_SOUND = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"schtsch|chtch|shch|tsch|tch", "C"),  # щ lies nearer to ч than to anything else that is written so
        (r"dsch|dzh|dj", "J"),
        (r"sch|sh", "S"),
        (r"ch", "C"),
        (r"zh", "J"),
        (r"(?<=[aeiou])j(?![aeiou])", "y"),  # й of ISO 9
        (r"j", "J"),
        (r"^x|kh", "h"),
        (r"x", "ks"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"ck|q", "k"),
        (r"w", "v"),
        (r"ts|tz", "c"),
        (r"ou|oo", "u"),
        (r"y[eo]", "e"),
        (r"(?<=[bcdfghklmnprstvzCJS])[yi](?=[aou])", ""),  # a soft vowel after a consonant: Pyandzh and Panj
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
]
"""What is written differently for one sound, in the order of replacement; capitals are sounds of two letters."""
_FAMILY = re.compile(rf"(?<=.{{{LEAST_BASE}}})(?:[oe][vf](?:a|iC|na)?|zod[ae]?|zadeh?)$")
_CASE = re.compile(
    r"(?<=.{3})(?:[аия]?ми|[оеыи]го|[оеыи]м[уи]?|[ая][мх]|[оеыи]й|[ыи]х|[аеоыию][яею]|[ое]в|[аеёиоуыэюяьй])$"
)
"""Endings of cases in Russian, and of the izafat; a stemmer for verbs too would take more off a name."""
_VOWELS = re.compile(r"(?<=.{3})[aeiou]+$")
_CYRILLIC = re.compile("[\u0400-\u04ff]")


@dataclass(frozen=True)
class Word:
    """One word of a text: where it stands, and its forms."""

    begin: int
    end: int
    written: str
    plain: str
    sound: str
    base: str

    def form(self, name: str) -> str:
        """One of the forms by its name."""
        value: str = getattr(self, name)
        return value


def words_of(text: str) -> Iterator[Word]:
    """The words of a text, as it stands if it is in Unicode's composed form (NFC).

    >>> [(word.plain, word.sound, word.base) for word in words_of("Раҳмон, Rakhmonov!")]
    [('рахмон', 'rahmon', 'rahmon'), ('rakhmonov', 'rahmonov', 'rahmon')]
    """
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), match.group(), *forms(match.group()[:LONGEST_WORD]))


@lru_cache(1 << 16)
def forms(word: str) -> tuple[str, str, str]:
    """The plain form, the sound and the base of a word.

    >>> forms("Dzhalilova"), forms("Ҷалилов")
    (('dzhalilova', 'Jalilova', 'Jalil'), ('чалилов', 'Jalilov', 'Jalil'))
    """
    lower = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", word).casefold())
    plain = _plain(lower)
    return plain, _sound(lower) or plain, _base(lower) or plain


def sound_of(word: str) -> str:
    """The sound of a word.

    >>> {sound_of(name) for name in ("Panj", "Pyandzh", "Piandj", "Пяндж", "Панҷ")}
    {'panJ'}
    """
    return forms(word)[1]


def _plain(lower: str) -> str:
    if lower.isascii() and lower.isalnum():
        return lower
    bare = "".join(char for char in unicodedata.normalize("NFD", lower) if not unicodedata.combining(char))
    return "".join(char for char in bare.translate(_FOLDED) if char.isalnum())


def _sound(lower: str) -> str:
    roman = lower if lower.isascii() else anyascii(lower.translate(_ROMAN)).lower()
    if not roman.isalnum():
        roman = "".join(char for char in roman if char.isalnum())
    for pattern, replacement in _ONE_SOUND:
        roman = pattern.sub(replacement, roman)
    return roman


def _base(lower: str) -> str:
    stem = _CASE.sub("", lower) if _CYRILLIC.search(lower) else _english_stem(lower)
    return _VOWELS.sub("", _FAMILY.sub("", _sound(stem)))


def _english_stem(word: str) -> str:
    found = _stemmer().analyze(word)
    return found[0] if found else word


@lru_cache
def _stemmer() -> tantivy.TextAnalyzer:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()
