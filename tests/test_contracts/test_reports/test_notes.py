"""Notes of a run, which change no verdict, in the reports that people read."""

import io

import pytest
from rich.console import Console

from duologue.contracts.reports.html_report import html_report
from duologue.contracts.reports.junit import junit
from duologue.contracts.reports.markdown import markdown
from duologue.contracts.reports.terminal import summarize

NOTE = "the target answers on 6 connections at once"


def terminal(document):
    out = io.StringIO()
    summarize(document, Console(file=out))
    return out.getvalue()


@pytest.mark.parametrize("report", [terminal, html_report, junit, markdown])
def test_a_note_is_told(document, report):
    text = report({**document, "notes": [NOTE]})

    assert NOTE[1:] in text


@pytest.mark.parametrize("report", [terminal, html_report, junit, markdown])
def test_a_run_without_notes_tells_of_none(document, report):
    text = report(document)

    assert "[cyan]note" not in text and "note " not in text and 'name="note"' not in text
