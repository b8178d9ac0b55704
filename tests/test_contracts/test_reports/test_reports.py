"""Reports: one document, read by all of them, whatever a target answers."""

import io
import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from rich.console import Console

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.reports.json_report import schema, write_json
from duologue.contracts.reports.junit import write_junit
from duologue.contracts.reports.terminal import summarize
from duologue.contracts.run.results import Result, Run, Verdict

ODD = "\x00\x1b[2J\ud800 </x> ]]> & [bold] \u202e \x85 🎂 \uffff"


@pytest.fixture
def document():
    """A run with one clause of each verdict, in the oddest words."""
    findings = (Finding(f"title {ODD}", f"a {ODD}", f"b {ODD}\n  c", (f"curl -X GET {ODD}",)),)
    results = tuple(
        Result(
            Clause(
                f"errors.{verdict.value.replace('_', '-')}",
                "A statement.\n\nAnd more of it.",
                "Nowhere",
                Basis.OBSERVED,
                ("getConversation",),
                print,
            ),
            verdict,
            findings if verdict is Verdict.BROKEN else (),
            f"why {ODD}" if verdict is not Verdict.HELD else "",
            0.25,
            traceback=f"Traceback {ODD}" if verdict is Verdict.ERROR else "",
        )
        for verdict in Verdict
    )
    return Run(
        "http://host/v3",
        42,
        "2026-11-23T06:00:00+00:00",
        1.5,
        results,
        operations={"getConversation": {200: 3, 404: 1}},
        unreached_operations=("deleteConversation",),
        left_behind=(f"user x {ODD}",),
    ).as_dict()


def test_results_json_keeps_its_schema(judge, town, tmp_path):
    """A whole run's document does."""
    path = write_json(judge(town()).as_dict(), tmp_path)
    written = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["operations"]["getUserConversation"]["by_status"]["200"] > 0
    assert sum(written["summary"].values()) == len(written["clauses"])


def test_results_json_of_every_verdict_keeps_its_schema(document, tmp_path):
    """Broken, not reached and interrupted ones too; half a character is escaped."""
    written = json.loads(write_json(document, tmp_path).read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["clauses"] == document["clauses"]


def test_a_broken_run_keeps_the_schema(judge, town):
    """The schema asks a broken clause for its findings."""
    departures = {"label": lambda self, key, tags: None}
    outcome = judge(town(departures=departures), "updateUserConversation").as_dict()

    assert outcome["summary"]["broken"] > 0
    jsonschema.Draft202012Validator(schema()).validate(outcome)


def test_junit_is_xml_whatever_the_target_said(document, tmp_path):
    """What XML cannot hold is replaced, and the rest is read back as it was."""
    root = ET.parse(write_junit(document, tmp_path)).getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}

    assert cases["broken"].find("failure").get("type") == "broken"
    told = cases["broken"].find("failure").text
    assert "🎂" in told and "</x> ]]> &" in told and "\x00" not in told
    assert cases["not-reached"].find("error") is not None
    assert cases["error"].find("error").get("type") == "defect"
    assert "Traceback" in cases["error"].find("error").text
    assert cases["not-staged"].find("skipped") is not None
    assert cases["accepted"].find("skipped") is not None
    assert len(cases["held"]) == 1  # its statement


def test_junit_counts_what_it_holds(document, tmp_path):
    """CI servers read the counts, not the cases."""
    root = ET.parse(write_junit(document, tmp_path)).getroot()
    suite = root.find("testsuite")

    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(name)) == int(suite.get(name)) == len(list(root.iter(tag)))
    assert int(root.get("tests")) == len(list(root.iter("testcase")))


def terminal(document, **options):
    stream = io.StringIO()
    summarize(document, Console(file=stream, width=80, **options))
    return stream.getvalue()


def test_the_summary_tells_each_cause(document):
    """What was expected, what came, and the call, each whole on a line of its own."""
    lines = terminal(document).splitlines()

    odd = "\\x00\\x1b[2J\\ud800 </x> ]]> & [bold] \\u202e \\x85 🎂 \\uffff"
    assert f"  - title {odd}" in lines
    assert f"    expected: a {odd}" in lines
    assert f"    got:      b {odd}\\n  c" in lines
    assert f"    curl -X GET {odd}" in lines
    assert f"    Traceback {odd}" in lines
    assert f"left behind user x {odd}" in lines
    assert "never answered 2xx deleteConversation" in lines
    assert lines[-2] == (
        "1 held, 1 broken, 1 not reached, 1 not staged, 1 accepted, 1 error;"
        " 1 of 1 operations answered 2xx"
    )
    assert lines[-1] == "a check has a defect in 1.5 s"


def test_a_target_cannot_move_the_cursor(document):
    """Nothing that a target answers reaches the terminal as a command."""
    told = terminal(document, force_terminal=True, color_system=None)

    assert "\x1b" not in told and "\x00" not in told


def test_held_clauses_are_not_told_at_the_end(document):
    """They were, as they came."""
    assert "errors.held" not in terminal(document)
