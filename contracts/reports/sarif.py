"""SARIF 2.1.0 for code scanning: each finding, at the place of the document that states it."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from duologue.contracts.escaping import printable, printable_lines
from duologue.contracts.reports.causes import Cause, causes_of
from duologue.contracts.reports.statements import place_of

FILE = "report.sarif"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"broken": "error", "accepted": "note"}


def sarif(document: dict[str, Any]) -> str:
    """Return one run with a result for each finding, and a notification for all other causes."""
    accepted = [each for each in document["clauses"] if each["verdict"] == "accepted"]
    causes = causes_of(document)
    broken = [each.clause for each in causes if each.verdict == "broken" and each.clause]
    clauses = [*broken, *accepted]
    rules = {clause["id"]: number for number, clause in enumerate(clauses)}
    run = {
        "tool": {
            "driver": {
                "name": "contracts run",
                "semanticVersion": version("duologue"),
                "rules": [_rule(clause) for clause in clauses],
            }
        },
        "invocations": [_invocation(document, causes)],
        "results": [
            _result(clause, finding, number=rules[clause["id"]])
            for clause in clauses
            for finding in clause["findings"]
        ],
        "columnKind": "unicodeCodePoints",
    }
    text = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(text, indent=2, ensure_ascii=False) + "\n"


def _invocation(document: dict[str, Any], causes: list[Cause]) -> dict[str, Any]:
    others = [each for each in causes if each.verdict != "broken"]
    told = [f"{each.word}: {each.title}: {each.why}" for each in others]
    if document["interrupted"]:
        told.insert(0, "the run was interrupted: this report is not complete")
    return {
        "executionSuccessful": not told,
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": printable_lines(each)}} for each in told
        ],
    }


def _rule(clause: dict[str, Any]) -> dict[str, Any]:
    first = clause["statement"].splitlines()[0]
    return {
        "id": clause["id"],
        "shortDescription": {"text": first},
        "fullDescription": {"text": f"{clause['statement']}\n\nSource: {clause['source']}"},
    }


def _result(clause: dict[str, Any], finding: dict[str, Any], *, number: int) -> dict[str, Any]:
    words = f"{finding['title']}: expected {finding['expected']}, got {finding['actual']}"
    file, line = place_of(clause["id"])
    location = {
        "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}},
        "logicalLocations": [{"name": each, "kind": "function"} for each in clause["operations"]],
    }
    result: dict[str, Any] = {
        "ruleId": clause["id"],
        "ruleIndex": number,
        "level": LEVELS[clause["verdict"]],
        "message": {"text": printable_lines(words)},
        "locations": [location],
        "partialFingerprints": {"contractsRun/v1": finding["fingerprint"]},
        "properties": {"calls": [printable(call) for call in finding["calls"]]},
    }
    if clause["verdict"] == "accepted":
        why = printable_lines(clause["why"])
        result["suppressions"] = [{"kind": "external", "justification": why}]
    return result
