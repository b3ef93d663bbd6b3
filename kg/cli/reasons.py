"""What is wrong with a query, and why an answer is empty, in the terminal. Finding it is left to the pool's workers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

WITHIN_S = 5.0
"""Seconds that explaining an empty answer may take."""
SHORT_BYTES = 65_536
"""An answer of more bytes is not empty."""
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def print_lint(found: Mapping[str, Any], *, as_json: bool) -> bool:
    """Whether there is an error among the remarks, which are printed."""
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif "unread" in found:
        click.echo(f"not looked into: {found['unread']}")
    elif not found["remarks"]:
        click.echo("nothing is amiss")
    else:
        for remark in found["remarks"]:
            click.echo(_line(remark))
        if found["mended"]:
            click.echo(f"\nwith that corrected:\n\n{found['mended'].strip()}")
    return any(remark["severity"] == "error" for remark in found["remarks"])


def print_reasons(found: Mapping[str, Any]) -> None:
    """Nothing; the remarks on an empty answer are printed on standard error."""
    if not found["remarks"]:
        return
    click.echo("Nothing was found. Why:", err=True)
    for remark in found["remarks"]:
        click.echo(f"  {_line(remark)}", err=True)
    if not found["complete"]:
        click.echo("  (there was no time to look for more)", err=True)


def is_empty(data: bytes, format_name: str) -> bool:
    """Whether an answer has no rows, or is false, or holds no triple.

    >>> is_empty(b"a,b", "csv"), is_empty(b'{"head": {}, "boolean": true}', "json"), is_empty(b"", "nt")
    (True, False, True)
    """
    if len(data) > SHORT_BYTES:
        return False
    if format_name == "json":
        document = json.loads(data)
        return not document.get("boolean", document.get("results", {}).get("bindings"))
    if format_name in ("csv", "tsv"):
        return len(data.splitlines()) <= 1 and data.strip() != b"true"
    return format_name in ("ttl", "nt", "nq", "trig") and not data.strip()


def _line(remark: Mapping[str, Any]) -> str:
    place = f"{remark['line']}:{remark['column']}: " if remark["line"] is not None else ""
    severity = click.style(remark["severity"], fg=_COLOURS[remark["severity"]])
    fix = f" — {remark['fix']}" if remark["fix"] else ""
    return f"{place}{severity}: {remark['message']} [{remark['rule']}]{fix}"
