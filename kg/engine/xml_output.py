"""What XML cannot hold: predicates without a name's tail, control characters. Writing it is left to the engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

import pyoxigraph as ox

from kg.errors import UnrepresentableError

if TYPE_CHECKING:
    from kg.engine.evaluation import Output

# XML 1.0 §2.2: no control characters save tab, line feed and carriage return; no U+FFFE and U+FFFF. As UTF-8.
_ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_SUBJECT = ox.NamedNode("urn:s")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


class XmlOutput:
    """Passes the engine's XML on, refuses what no XML parser would read, and keeps carriage returns.

    The engine writes literals' characters as they are: a control character would make the document ill-formed, and a
    carriage return would reach the reader as a line feed (XML 1.0 §2.11).
    """

    def __init__(self, output: IO[bytes] | Output) -> None:
        self._output = output
        self._tail = b""

    def write(self, data: bytes, /) -> int:
        """Write a piece of the document.

        Raises: UnrepresentableError at a character that XML does not have.
        """
        if found := _ILLEGAL.search(self._tail + data):
            character = found[0].decode("utf-8")
            raise UnrepresentableError(
                f"the answer has the character U+{ord(character):04X}, which XML cannot hold; ask for another format"
            )
        self._tail = data[-2:]
        self._output.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        """Hand what was written on."""
        self._output.flush()


def check_predicates(triples: Iterable[ox.Triple | ox.Quad]) -> None:
    """Nothing, if RDF/XML can name every predicate.

    A predicate becomes an element's name, so it must end in one. Whether it does is asked of an XML parser, once for
    each: the engine writes others as well, and reads them again, but nobody else does.

    Raises: UnrepresentableError naming the predicate.

    >>> s, o = ox.NamedNode("http://example.org/s"), ox.Literal("o")
    >>> check_predicates([ox.Triple(s, ox.NamedNode("http://example.org/1"), o)])
    Traceback (most recent call last):
        ...
    kg.errors.UnrepresentableError: RDF/XML cannot write the predicate <http://example.org/1>; ask for Turtle
    """
    seen: set[ox.NamedNode] = set()
    waiting = list(triples)
    while waiting:
        triple = waiting.pop()
        if isinstance(triple.object, ox.Triple):
            waiting.append(triple.object)
        # The engine writes a thing's class as the name of its element, and every other predicate as one.
        is_class = triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode)
        name = triple.object if is_class else triple.predicate
        if name not in seen:
            assert isinstance(name, ox.NamedNode)
            seen.add(name)
            if not _is_writable(name, is_class):
                kind = "class" if is_class else "predicate"
                raise UnrepresentableError(f"RDF/XML cannot write the {kind} {name}; ask for Turtle")


def _is_writable(name: ox.NamedNode, is_class: bool) -> bool:
    """Whether an XML parser finds the IRI in what the engine writes for it."""
    probe = ox.Triple(_SUBJECT, _TYPE, name) if is_class else ox.Triple(_SUBJECT, name, ox.Literal(""))
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator="")
    parser.StartElementHandler = lambda name, _attributes: names.append(name)
    try:
        parser.Parse(ox.serialize([probe], format=ox.RdfFormat.RDF_XML) or b"", True)
    except expat.ExpatError:
        return False
    except OSError:  # the engine itself refuses rdf:li, rdf:about and the like
        return False
    return names[-1] == name.value
