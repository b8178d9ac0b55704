"""junit.xml: one test case for each clause, for CI servers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

FILE = "junit.xml"
# XML 1.0 has no way to write these, and answers of a broken target are full of them.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(document: dict[str, Any], folder: Path) -> Path:
    """Write junit.xml and return its path."""
    path = folder / FILE
    ET.ElementTree(tree(document)).write(path, encoding="utf-8", xml_declaration=True)
    return path


def tree(document: dict[str, Any]) -> ET.Element:
    """Return the result document as JUnit's testsuites element."""
    summary, clauses = document["summary"], document["clauses"]
    counts = {
        "tests": str(len(clauses)),
        "failures": str(summary["broken"]),
        "errors": str(summary["not_reached"] + summary["error"]),
        "skipped": str(summary["not_staged"] + summary["accepted"]),
        "time": str(document["duration_s"]),
    }
    root = ET.Element("testsuites", {"name": "contracts", **counts})
    told_at = {"timestamp": document["started_at"]}
    suite = ET.SubElement(root, "testsuite", {"name": "contracts", **told_at, **counts})
    if document["insecure"]:
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", name="insecure", value="true")
    for clause in clauses:
        _case(suite, clause)
    return root


def _case(suite: ET.Element, clause: dict[str, Any]) -> None:
    room, _, name = clause["id"].partition(".")
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"contracts.{room}",
        name=name,
        time=str(clause["duration_s"]),
    )
    verdict = clause["verdict"]
    if verdict == "broken":
        titles = "; ".join(finding["title"] for finding in clause["findings"])
        node = ET.SubElement(case, "failure", message=clean(titles), type="broken")
        node.text = clean("\n\n".join(finding_text(finding) for finding in clause["findings"]))
    elif verdict == "not_reached":
        ET.SubElement(case, "error", message=clean(clause["why"]), type="not reached")
    elif verdict == "error":
        node = ET.SubElement(case, "error", message=clean(clause["why"]), type="defect")
        node.text = clean(
            "\n\n".join((clause["traceback"], *map(finding_text, clause["findings"])))
        )
    elif verdict in ("not_staged", "accepted"):
        ET.SubElement(case, "skipped", message=clean(f"{verdict}: {clause['why']}"))
    ET.SubElement(case, "system-out").text = clean(clause["statement"])


def finding_text(finding: dict[str, Any]) -> str:
    """Return a finding as plain lines."""
    lines = [finding["title"], f"  expected: {finding['expected']}", f"  got: {finding['actual']}"]
    if finding["roles"]:
        ids = ", ".join(f"{role} = {key}" for role, key in finding["roles"].items())
        lines.append(f"  ids: {ids}")
    return "\n".join([*lines, *(f"  {call}" for call in finding["calls"])])


def clean(text: str) -> str:
    """Return a text without the characters that XML 1.0 excludes."""
    return FORBIDDEN.sub("\ufffd", text)
