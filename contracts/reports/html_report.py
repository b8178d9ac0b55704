"""report.html: one file that is read offline, in light and dark and on paper."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from duologue import openapi
from duologue.contracts.escaping import printable_lines
from duologue.contracts.reports import plots
from duologue.contracts.reports.causes import causes_of, sentence_of
from duologue.contracts.reports.statements import cited
from duologue.contracts.reports.terminal import FATES, WORDS
from duologue.openapi.readings import Reading

FILE = "report.html"
# A sign for each verdict: colour is never all that tells them apart.
SIGNS = {
    "held": "✓",
    "broken": "✗",
    "not_reached": "?",
    "not_staged": "○",
    "accepted": "≈",
    "error": "!",
}


def html_report(document: dict[str, Any]) -> str:
    """Return the result document as one HTML page without any reference to another file."""
    script = _part("report.js")
    template = _environment().from_string(_part("report.html.j2"))
    return template.render(
        run=document,
        sentence=sentence_of(document),
        state=_state(document),
        causes=causes_of(document),
        style=Markup(_part("report.css")),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        operations=[(row.id, f"{row.method.upper()} {row.path}") for row in openapi.operations()],
        sections=_sections(document),
        status_bars=plots.status_bars(document),
        slowest=plots.slowest(document),
        durations=plots.durations(document),
        words=WORDS,
        signs=SIGNS,
        fates=FATES,
        cited=cited,
        is_reading=lambda each: isinstance(each, Reading),
    )


def _environment() -> Environment:
    # Every value is escaped, and what is no printable character of it shown as its code.
    return Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable_lines(value) if type(value) is str else value,
    )


def _part(name: str) -> str:
    return files("duologue.contracts.reports").joinpath(name).read_text(encoding="utf-8")


def _state(document: dict[str, Any]) -> str:
    """Return how the run ended, as the page's colour shows it."""
    if document["interrupted"] or document["ended_early"] or document.get("not_made"):
        return "incomplete"
    is_green = not causes_of(document) and document["summary"]["held"]
    return "held" if is_green else "broken"


def _sections(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the clauses by the section of the page that they belong to."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for clause in document["clauses"]:
        sections.setdefault(clause["id"].partition(".")[0], []).append(clause)
    return sections
