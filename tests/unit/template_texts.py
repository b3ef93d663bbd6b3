"""The texts that a template shows: those that stand in it as they are, which nobody can translate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import jinja2
from jinja2 import nodes

SHOWN_ATTRIBUTES = {"aria-label", "aria-description", "title", "alt", "placeholder", "label", "content"}
"""Attributes that people read or hear. (What a form sends, `value`, is none.)"""
UNTRANSLATED = {"code", "pre", "script", "style", "textarea"}
"""Elements in which stands what is the same in every language."""
NAMES = re.compile(
    r"\b(?:SPARQL|JSON|CSV|RDF|IRI|SHA-256|BibTeX|CSL-JSON|Atom|Turtle|EDTF|Python|R|curl|SVG|PNG|width=\S+)\b"
)
"""Words that are names, and stay."""
_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^<>\"]|\"[^\"]*\")*)(/?)>", re.DOTALL)


def untranslated(environment: jinja2.Environment, source: str) -> Iterator[str]:
    """Each text with letters that a template shows without asking for its translation."""
    page = "".join(_pieces(environment.parse(source)))
    page = re.sub(r"<!doctype[^>]*>", "", page)
    inside: list[str] = []
    at = 0
    for tag in _TAG.finditer(page):
        yield from _words(page[at : tag.start()], inside)
        at = tag.end()
        name = (tag[2] or "").lower()
        if name in UNTRANSLATED and not tag[4]:
            inside = inside[:-1] if tag[1] else [*inside, name]
        for attribute, value in re.findall(r"([\w-]+)=\"([^\"]*)\"", tag[3] or ""):
            if attribute in SHOWN_ATTRIBUTES and name != "meta":
                yield from _words(value, [])
    yield from _words(page[at:], inside)


def _words(text: str, inside: list[str]) -> Iterator[str]:
    bare = NAMES.sub("", re.sub(r"&\w+;|[\w-]+=\"[^\"]*\"", "", text)).strip()
    if not inside and re.search(r"[^\W\d_]{2,}", bare):
        yield " ".join(text.split())


def _pieces(node: nodes.Node) -> Iterator[str]:
    """The text of a template in its order, with the texts that its expressions may write, and no other values."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for each in node.nodes:
            yield from _pieces(each) if isinstance(each, nodes.TemplateData) else (" ".join(_written(each)),)
    elif isinstance(node, nodes.CallBlock | nodes.FilterBlock | nodes.Macro | nodes.Template | nodes.Stmt):
        for each in node.iter_child_nodes():
            yield from _pieces(each)


def _written(node: nodes.Node) -> Iterator[str]:
    """The texts that an expression may write as they stand in it."""
    if isinstance(node, nodes.Const):
        yield str(node.value) if isinstance(node.value, str) else ""
    elif isinstance(node, nodes.CondExpr):
        yield from _written(node.expr1)
        if node.expr2 is not None:
            yield from _written(node.expr2)
    elif isinstance(node, nodes.Concat):
        for each in node.nodes:
            yield from _written(each)
    elif isinstance(node, nodes.Or | nodes.And | nodes.Add):
        yield from _written(node.left)
        yield from _written(node.right)
    elif isinstance(node, nodes.Filter | nodes.Getitem) and node.node is not None:
        yield from _written(node.node)
    elif isinstance(node, nodes.Dict):
        for pair in node.items:
            yield from _written(pair.value)
    elif isinstance(node, nodes.Call):
        # A macro shows what it is given; what translates, links or counts does not.
        name = node.node.name if isinstance(node.node, nodes.Name) else getattr(node.node, "attr", "")
        if name in {"list", "answer_table", "rows", "figure"}:
            for argument in node.args:
                yield from (text for text in _written(argument) if " " in text)
    elif isinstance(node, nodes.MarkSafeIfAutoescape | nodes.MarkSafe):
        pass  # `trans`
