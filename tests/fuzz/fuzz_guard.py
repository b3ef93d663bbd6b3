"""Atheris on the guard, for as many seconds as the first argument says: `make fuzz SECONDS=600`.

Whatever the bytes, the guard answers with a form or an error of ours, within a second; a call that it allows leads to
the one allowed service, however the engine's own grammar may read the rest. Beginnings are our own query files and the
disguises of a SERVICE call; what breaks is written to `.cache/fuzz/`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kg.engine"]):
    from kg.engine import calls, guard, tokens
from kg.errors import QueryError

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "fuzz"
SERVICES = frozenset({"http://example.org/sparql"})
MOST_BYTES = 4096
SLOW_S = 5


def check(data: bytes) -> None:
    """One input: raises what it should not."""
    try:
        text = guard.decode_query(data)
        judged = guard.judge(text, services=SERVICES)
    except QueryError:
        return
    found = calls.allowed_calls(text, tokens.tokenise(text), SERVICES)
    led = calls.with_targets(text, found, ["http://127.0.0.1:1/"] * len(found))
    assert judged.calls == bool(found)
    if found:
        again = calls.allowed_calls(led, tokens.tokenise(led), {"http://127.0.0.1:1/"})
        assert [each.iri for each in again] == ["http://127.0.0.1:1/"] * len(found)


def main() -> None:
    """Fuzz, from the beginnings and what earlier runs have found."""
    sys.path.insert(0, str(ROOT / "tests" / "unit"))
    from canary import DISGUISES

    seeds, corpus = WORK / "seeds", WORK / "corpus"
    for folder in (seeds, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("queries/**/*.rq")]
    texts += [text.replace("CALL", "<http://example.org/sparql>") for text in DISGUISES.values()]
    for number, text in enumerate(texts):
        (seeds / f"{number}.rq").write_text(text, encoding="utf-8")
    words = [
        "SERVICE",
        "SILENT",
        "PREFIX",
        "ex:",
        "<http://example.org/sparql>",
        "VALUES",
        "FILTER",
        "'''",
        "\\\\u0022",
    ]
    (WORK / "words").write_text("".join(f'"{word}"\n' for word in words), encoding="utf-8")
    options = [f"-max_total_time={sys.argv[1]}", f"-timeout={SLOW_S}", f"-max_len={MOST_BYTES}", "-print_final_stats=1"]
    options += [f"-artifact_prefix={WORK}/broke-", f"-dict={WORK / 'words'}", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *options, str(corpus), str(seeds)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
