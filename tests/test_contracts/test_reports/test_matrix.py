"""The drill's reports: progress, summary, drill.json and drill.html."""

import json
from html.parser import HTMLParser
from io import StringIO

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from duologue.contracts.drill.driven_mock import FaultInfo
from duologue.contracts.drill.worker import Outcome
from duologue.contracts.reports.matrix import DrillProgress, page, schema, summarize
from support.documents.drill_matrices import ONE, THREE, TWO, matrix_of


class Outline(HTMLParser):
    """The unclosed tags of an HTML page, its external references and its signs."""

    def __init__(self):
        super().__init__()
        self.open, self.external, self.signs = [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.external += [attributes[name] for name in ("src", "href") if name in attributes]
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if tag == "i":
            self.signs.append(attributes["class"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("verdicts", [{}, {"first": {ONE: "broken", THREE: "broken"}}])
def test_the_document_matches_its_schema(verdicts):
    document = matrix_of(verdicts).as_dict()

    assert list(Draft202012Validator(schema()).iter_errors(document)) == []
    assert json.loads(json.dumps(document)) == document


def test_the_page_is_self_contained():
    """The page is well nested and refers to no other file."""
    html = page(matrix_of({"first": {ONE: "broken", THREE: "broken"}}).as_dict())
    outline = Outline()
    outline.feed(html)

    assert outline.open == []
    assert outline.external == []
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html
    legend = 5
    assert sorted(outline.signs[legend:]) == ["collateral", "killed", "survived"]


def test_the_page_escapes_markup():
    document = matrix_of({}).as_dict()
    document["faults"][0]["text"] = "<script>alert(1)</script>"

    assert "<script>" not in page(document)


def test_the_summary_shows_what_is_wrong():
    out = StringIO()
    console = Console(file=out, width=120)
    summarize(matrix_of({"first": {THREE: "broken"}, "second": {TWO: "broken"}}).as_dict(), console)

    shown = out.getvalue()
    assert "survives: first (first goes wrong.) is not found by errors.uid-not-found" in shown
    assert "collateral: errors.envelope breaks under faults of other clauses: first" in shown
    assert "1 of 2 faults killed by their own clause, 1 survived" in shown


def test_progress_shows_each_fault():
    out = StringIO()
    known = (FaultInfo("first", ONE, "…"), FaultInfo("second", TWO, "…"))
    with DrillProgress(Console(file=out, width=120), known) as progress:
        progress.show(Outcome("", {}, (), None, 1.0))
        progress.show(Outcome("first", {ONE: "broken"}, (), None, 1.0))
        progress.show(Outcome("second", {}, (), None, 1.0))

    assert out.getvalue().splitlines() == [
        "killed   first by errors.uid-not-found",
        "survives second by errors.guid-not-found",
    ]
