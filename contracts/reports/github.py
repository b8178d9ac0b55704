"""Annotations of GitHub Actions: at most ten errors, roots first."""

from __future__ import annotations

from typing import Any

from duologue.contracts.escaping import workflow_data, workflow_property
from duologue.contracts.reports.causes import Cause, causes_of, sentence_of

MOST = 10  # GitHub shows so many of one kind for a step
LONGEST_TEXT = 2_000


def github(document: dict[str, Any]) -> str:
    """Return one workflow command for each of the first ten causes, and the verdict as a line."""
    causes = causes_of(document)
    lines = [_annotation(each) for each in causes[:MOST]]
    if document["interrupted"]:
        lines = [_command("interrupted", sentence_of(document)), *lines][:MOST]
    more = f" ({len(causes) - MOST} more are not shown)" if len(causes) > MOST else ""
    return "\n".join([*lines, f"contracts: {workflow_data(sentence_of(document))}{more}"]) + "\n"


def _annotation(cause: Cause) -> str:
    words = [cause.why] if cause.why else []
    if cause.clause:
        words.append(cause.clause["statement"].splitlines()[0])
    if cause.hanging:
        words.append(f"follows from it: {', '.join(cause.hanging)}")
    for finding in cause.findings:
        words += [finding["title"], f"expected: {finding['expected']}"]
        words += [f"got: {finding['actual']}", *finding["calls"][-1:]]
    return _command(f"{cause.word}: {cause.title}", "\n".join(words))


def _command(title: str, text: str) -> str:
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."
    return f"::error title={workflow_property(title)}::{workflow_data(shown)}"
