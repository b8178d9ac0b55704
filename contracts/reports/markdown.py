"""Markdown for a job's summary or a comment: the verdict, the causes, what was not judged."""

from __future__ import annotations

import html
from typing import Any

from duologue.contracts.escaping import in_markdown, printable_lines
from duologue.contracts.reports.causes import Cause, causes_of, sentence_of
from duologue.contracts.reports.roots import ids_of
from duologue.contracts.reports.terminal import FATES, WORDS

FILE = "report.md"
# GitHub takes 1 MiB for the summary of a step, and fails the step beyond.
MOST_CAUSES = 30
LONGEST_TEXT = 2_000
CALLS_SHOWN = 3
LONGEST_CALL = 350  # so that three of them, and what was expected and came, fit into a text


def markdown(document: dict[str, Any]) -> str:
    """Return the result document as Markdown, the first 30 causes in full."""
    causes = causes_of(document)
    lines = [f"## Contract run: {in_markdown(sentence_of(document))}", ""]
    lines += [in_markdown(_setting(document)), ""]
    if any(document["summary"].values()):
        lines += _table(WORDS.values(), [str(document["summary"][name]) for name in WORDS])
    for cause in causes[:MOST_CAUSES]:
        lines += _cause(cause)
    if len(causes) > MOST_CAUSES:
        lines += [f"{len(causes) - MOST_CAUSES} more causes are in the other reports.", ""]
    lines += [*_deviations(document), *_not_staged(document), *_left(document)]
    return "\n".join(lines)


def _setting(document: dict[str, Any]) -> str:
    words = [document["target"], document["started_at"], f"{document['duration_s']:.1f} s"]
    words.append(f"seed {document['seed']}")
    if document["insecure"]:
        words.append("the target's certificate was not checked")
    words += document.get("notes", ())
    if document["origin"]["commit"]:
        words.append(f"commit {document['origin']['commit']}")
    return ", ".join(filter(None, words))


def _table(head: Any, *rows: Any) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return [lines[0], "|" + "---|" * lines[0].count(" | ") + "---|", *lines[1:], ""]


def _cause(cause: Cause) -> list[str]:
    title = f"{html.escape(cause.word)}: <code>{in_markdown(cause.title)}</code>"
    lines = [f"<details><summary>{title}</summary>", ""]
    if cause.clause:
        lines += [in_markdown(" ".join(cause.clause["statement"].split())), ""]
        lines += [f"Source: {in_markdown(cause.clause['source'])}", ""]
    if cause.why:
        lines += [_block(cause.why), ""]
    if cause.hanging:
        lines += [f"Follows from it: {in_markdown(', '.join(cause.hanging))}", ""]
    for finding in cause.findings:
        lines += [_block(_finding(finding)), ""]
    return [*lines, "</details>", ""]


def _finding(finding: dict[str, Any]) -> str:
    lines = [finding["title"], f"expected: {finding['expected']}", f"got:      {finding['actual']}"]
    lines += [f"ids:      {ids}"] if (ids := ids_of(finding)) else []
    calls = finding["calls"][-CALLS_SHOWN:]  # the last one decides
    return "\n".join([*lines, *(each[:LONGEST_CALL] for each in calls)])


def _deviations(document: dict[str, Any]) -> list[str]:
    told = [each for each in document["deviations"] if each["fate"] in FATES]
    if not told:
        return []
    rows = [
        (f"<code>{in_markdown(each['clause'])}</code>", FATES[each["fate"]][1], _reason(each))
        for each in told
    ]
    return ["### Known failures", "", *_table(("clause", "status", "reason"), *rows)]


def _reason(deviation: dict[str, Any]) -> str:
    until = f", until {deviation['expires']}" if deviation["expires"] else ""
    return in_markdown(f"{deviation['reason']} ({deviation['evidence']}{until})")


def _not_staged(document: dict[str, Any]) -> list[str]:
    rows = [
        (f"<code>{in_markdown(clause['id'])}</code>", in_markdown(clause["why"]))
        for clause in document["clauses"]
        if clause["verdict"] == "not_staged"
    ]
    return ["### Not staged", "", *_table(("clause", "why"), *rows)] if rows else []


def _left(document: dict[str, Any]) -> list[str]:
    rows = [f"- {in_markdown(each)}" for each in document["left_behind"]]
    return ["### Left behind on the target", "", *rows, ""] if rows else []


def _block(text: str) -> str:
    """Return lines as they are; no blank line may stand in it, which would end the HTML."""
    shown = printable_lines(text[:LONGEST_TEXT]) + ("..." if len(text) > LONGEST_TEXT else "")
    return f"<pre>{html.escape(shown)}</pre>".replace("\n", "&#10;")
