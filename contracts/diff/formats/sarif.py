"""SARIF 2.1.0 for code scanning."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from duologue.contracts.diff.findings import Difference, DiffFinding, Severity
from duologue.contracts.diff.formats.text import witness
from duologue.contracts.escaping import printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
MOST = 5_000
"""GitHub shows so many results of a file."""


def sarif(difference: Difference) -> str:
    """Return one run with a result for each finding, the worst 5,000."""
    findings = difference.findings[:MOST]
    rules = sorted({each.rule for each in findings})
    run = {
        "tool": {
            "driver": {
                "name": "contracts diff",
                "semanticVersion": version("duologue"),
                "rules": [_rule(each) for each in rules],
            }
        },
        "results": [_result(each, rules) for each in findings],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str) -> dict[str, Any]:
    words = rule.replace("-", " ")
    return {"id": rule, "shortDescription": {"text": words[:1].upper() + words[1:]}}


def _result(finding: DiffFinding, rules: list[str]) -> dict[str, Any]:
    words = f"{printable(finding.operation) or 'The whole document'}: {printable(finding.sentence)}"
    if finding.witness:
        words += f"; witness: {witness(finding.witness[0])}"
    location = {
        "artifactLocation": {"uri": quote(finding.where.file, safe="/:")},
        "region": {"startLine": max(1, finding.where.line)},
    }
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": words},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"contractsDiff/v1": finding.fingerprint},
        "properties": {"clauses": list(finding.clauses), "consumers": list(finding.consumers)},
    }
    if finding.ignored is not None:
        words = printable(finding.ignored)
        result["suppressions"] = [{"kind": "external", "justification": words}]
    return result
