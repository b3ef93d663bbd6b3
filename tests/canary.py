"""A listener on the loopback address that must hear nothing."""

from __future__ import annotations

import socket
import threading
import time
from typing import Self


class Canary:
    """Accepts connections, counts them and closes them at once."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        shown = f"[{host}]" if ":" in host else host
        self.iri = f"http://{shown}:{self._listener.getsockname()[1]}/"
        self.heard = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def hears_more_than(self, before: int) -> bool:
        """Whether a call comes within a second."""
        until = time.monotonic() + 1
        while self.heard <= before and time.monotonic() < until:
            time.sleep(0.001)
        return self.heard > before

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()


# CALL stands for the canary's IRI in angle brackets; the engine reads each as a call, and makes it.
DISGUISES = {
    "plain": "SELECT * { SERVICE CALL { ?s ?p ?o } }",
    "mixed case": "SELECT * { sErViCe CALL { ?s ?p ?o } }",
    "no space": "SELECT * {SERVICECALL{?s ?p ?o}}",
    "silent": "SELECT * { SERVICE SILENT CALL { ?s ?p ?o } }",
    "silent, no space": "SELECT * { SERVICESILENTCALL { ?s ?p ?o } }",
    "a comment between": "SELECT * { SERVICE# a comment\nCALL { ?s ?p ?o } }",
    "after a comment ended by a return": "SELECT * { # a comment\rSERVICE CALL { ?s ?p ?o } }",
    "tabs": "SELECT * { SERVICE\t\tCALL\t{ ?s ?p ?o } }",
    "a prefixed name": "PREFIX ex: CALL SELECT * { SERVICE ex: { ?s ?p ?o } }",
    "glued to a prefixed name": "PREFIX ex: CALL SELECT * { SERVICEex:a { ?s ?p ?o } }",
    "glued to one, the glued prefix declared": (
        "PREFIX SERVICEex: <http://example.org/> PREFIX ex: CALL SELECT * { SERVICEex:a { ?s ?p ?o } }"
    ),
    "glued to the empty prefix": "PREFIX : CALL SELECT * { SERVICE:a { ?s ?p ?o } }",
    "silent, glued to a prefixed name": "PREFIX ex: CALL SELECT * { SERVICESILENTex:a { ?s ?p ?o } }",
    "a prefix of the same name": "PREFIX service: CALL SELECT * { SERVICE service:a { ?s ?p ?o } }",
    "an escaped quote before": r'SELECT * { BIND("a\u0022" AS ?x) SERVICE CALL { ?s ?p "b\u0022" } }',
    "less-than before": "SELECT * { FILTER(1 <2) SERVICE CALL { ?s ?p ?o } FILTER(3> 2) }",
    "less-than and a comment": "SELECT * { FILTER(1<2 # >\n) SERVICE CALL { ?s ?p ?o } }",
    "less-than and a quote": "SELECT * { FILTER('a'<'b>' || ''<'\\'') SERVICE CALL { ?s ?p ?o } }",
    "behind a long string": "SELECT * { BIND('''it's ''' AS ?x) SERVICE CALL { ?s ?p ?o } }",
    "after a number": "SELECT * { ?s ?p 1SERVICE CALL { ?a ?b ?c } }",
    "after true": "SELECT * { ?s ?p trueSERVICE CALL { ?a ?b ?c } }",
    "after a name with two dots": "PREFIX ex: <urn:> SELECT * { ?s ?p ex:a.b.SERVICECALL { ?a ?b ?c } }",
    "after a name that is no IRI": "PREFIX p: <http://a:> SELECT * { ?s ?p p:SERVICECALL { ?a ?b ?c } }",
    "in EXISTS": "ASK { ?s ?p ?o FILTER EXISTS { SERVICE CALL { ?a ?b ?c } } }",
    "in a sub-select": "SELECT * { { SELECT * { SERVICE CALL { ?s ?p ?o } } } }",
    "in MINUS": "SELECT * { ?s ?p ?o MINUS { SERVICE CALL { ?s ?p ?o } } }",
    "in a CONSTRUCT": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE CALL { ?s ?p ?o } }",
}
