"""junit.xml: one test case for each clause, for CI servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from duologue.contracts.escaping import printable_lines
from duologue.contracts.reports.causes import stale_acceptances
from duologue.contracts.reports.roots import hanging, hanging_line, ids_of, told_nowhere

FILE = "junit.xml"


def junit(document: dict[str, Any]) -> str:
    """Return the result document as JUnit's XML."""
    text: bytes = ET.tostring(tree(document), encoding="utf-8", xml_declaration=True)
    return text.decode()


def tree(document: dict[str, Any]) -> ET.Element:
    """Return the result document as JUnit's testsuites element."""
    suite = ET.Element("testsuite", name="contracts", timestamp=document["started_at"])
    named = [("insecure", "true")] if document["insecure"] else []
    named += [("note", printable_lines(note)) for note in document.get("notes", ())]
    if named:
        properties = ET.SubElement(suite, "properties")
        for name, value in named:
            ET.SubElement(properties, "property", name=name, value=value)
    others = hanging(document)
    known = {each: root for root, ids in others.items() for each in ids}
    for clause in document["clauses"]:
        told = (hanging_line(others[clause["id"]]),) if clause["id"] in others else ()
        _case(suite, clause, told_at=known.get(clause["id"], ""), hanging_on_it=told)
    for name, why, text in _of_the_run(document):
        case = ET.SubElement(suite, "testcase", classname="contracts.run", name=name, time="0")
        ET.SubElement(
            case, "error", message=printable_lines(why), type="run"
        ).text = printable_lines(text)
    counts = {**_counted(suite), "time": str(document["duration_s"])}
    suite.attrib.update(counts)
    del counts["skipped"]  # which the schema of Jenkins has for a suite alone
    root = ET.Element("testsuites", {"name": "contracts", **counts})
    root.append(suite)
    return root


def _counted(suite: ET.Element) -> dict[str, str]:
    """Return how many cases a suite has, in all and by outcome."""
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    return {name: str(len(list(suite.iter(tag)))) for name, tag in tags.items()}


def _of_the_run(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what no clause tells, as a case's name, message and text."""
    if document.get("not_made"):
        yield "the run is made", document["not_made"], ""
    if document["interrupted"]:
        yield "the run is complete", "the run was interrupted", ""
    elif document["ended_early"]:
        yield "the run is complete", f"the run ended {document['ended_early']}", ""
    if document["defect"]:
        yield "the suite has no defect", "a defect of the suite ended the run", document["defect"]
    for name in told_nowhere(document):
        yield f"{name} is answered 2xx", f"{name} was never answered 2xx", ""
    for each in stale_acceptances(document):
        yield f"{each['clause']} is accepted and occurs", each["fate"].replace("_", " "), ""


def _case(
    suite: ET.Element, clause: dict[str, Any], *, told_at: str, hanging_on_it: tuple[str, ...]
) -> None:
    room, _, name = clause["id"].partition(".")
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"contracts.{room}",
        name=name,
        time=str(clause["duration_s"]),
    )
    verdict = clause["verdict"]
    if told_at:
        message = f"{verdict.replace('_', ' ')}: see {told_at}"
        ET.SubElement(case, "skipped", message=printable_lines(message))
    elif verdict == "broken":
        titles = "; ".join(finding["title"] for finding in clause["findings"])
        node = ET.SubElement(case, "failure", message=printable_lines(titles), type="broken")
        texts = [*map(finding_text, clause["findings"]), *hanging_on_it]
        node.text = printable_lines("\n\n".join(texts))
    elif verdict == "not_reached":
        node = ET.SubElement(
            case, "error", message=printable_lines(clause["why"]), type="not reached"
        )
        node.text = printable_lines("\n".join([*failed_call(clause), *hanging_on_it]))
    elif verdict == "error":
        node = ET.SubElement(case, "error", message=printable_lines(clause["why"]), type="defect")
        node.text = printable_lines(
            "\n\n".join((clause["traceback"], *map(finding_text, clause["findings"])))
        )
    elif verdict in ("not_staged", "accepted"):
        ET.SubElement(case, "skipped", message=printable_lines(f"{verdict}: {clause['why']}"))
    ET.SubElement(case, "system-out").text = printable_lines(clause["statement"])


def failed_call(clause: dict[str, Any]) -> list[str]:
    """Return the call that kept a clause from its point as lines: its answer, and how to repeat."""
    because = clause.get("because")
    return [because["cause"], because["curl"]] if because else []


def finding_text(finding: dict[str, Any]) -> str:
    """Return a finding as plain lines."""
    lines = [finding["title"], f"  expected: {finding['expected']}", f"  got: {finding['actual']}"]
    if ids := ids_of(finding):
        lines.append(f"  ids: {ids}")
    return "\n".join([*lines, *(f"  {call}" for call in finding["calls"])])
