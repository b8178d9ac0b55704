"""junit.xml."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from duologue.contracts.reports.junit import junit
from duologue.contracts.run.results import without_run


def test_junit_is_xml_whatever_the_target_said(document):
    """What is not printable is escaped; the rest is read back unchanged."""
    root = ET.fromstring(junit(document))
    cases = {case.get("name"): case for case in root.iter("testcase")}

    assert cases["broken"].find("failure").get("type") == "broken"
    failure_text = cases["broken"].find("failure").text
    assert "🎂" in failure_text and "</x> ]]> &" in failure_text and "\x00" not in failure_text
    assert cases["not-reached"].find("error") is not None
    assert cases["error"].find("error").get("type") == "defect"
    assert "Traceback" in cases["error"].find("error").text
    assert cases["not-staged"].find("skipped") is not None
    assert cases["accepted"].find("skipped") is not None
    assert len(cases["held"]) == 1  # its statement


def test_junit_counts_what_it_holds(document):
    """CI servers read the counts and not the cases."""
    root = ET.fromstring(junit(document))
    suite = root.find("testsuite")

    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(name)) == len(list(root.iter(tag)))
        assert root.get(name) == (suite.get(name) if name != "skipped" else None)
    assert int(root.get("tests")) == len(list(root.iter("testcase")))


def test_what_no_clause_says_is_a_case_of_its_own(document):
    """A job that reads JUnit alone sees the interruption, the defect and unreached operations."""
    document |= {"interrupted": True, "defect": "Traceback: KeyError \x00"}
    root = ET.fromstring(junit(document))
    cases = {
        case.get("name"): case.find("error")
        for case in root.iter("testcase")
        if case.get("classname") == "contracts.run"
    }

    assert {*cases} == {
        "the run is complete",
        "the suite has no defect",
        "deleteConversation is answered 2xx",
    }
    assert cases["the run is complete"].get("message") == "the run was interrupted"
    assert "KeyError \\x00" in cases["the suite has no defect"].text


def test_a_run_that_ended_early_is_not_complete(document):
    document |= {"ended_early": "after 3 failures", "unreached_operations": []}
    root = ET.fromstring(junit(document))
    (case,) = (each for each in root.iter("testcase") if each.get("classname") == "contracts.run")

    assert case.find("error").get("message") == "the run ended after 3 failures"


def test_a_run_that_could_not_be_made_is_one_error():
    root = ET.fromstring(junit(without_run("nothing answers", started_at="2026-11-23T06:00:00")))
    (case,) = root.iter("testcase")

    assert root.get("tests") == root.get("errors") == "1"
    assert case.get("name") == "the run is made"
    assert case.find("error").get("message") == "nothing answers"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"interrupted": True, "insecure": True, "defect": "Traceback \x00\x1b"},
        {"ended_early": "after 3 failures", "unreached_operations": ["a", "b"]},
        {"clauses": [], "not_made": "nothing answers \x00 ]]> <x>"},
    ],
    ids=["every verdict", "interrupted", "ended early", "not made"],
)
def test_junit_is_valid_by_its_schema(document, changes):
    """The names of a suite's cases are unique, too."""
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(Path(__file__).parents[2] / "support" / "documents" / "junit.xsd")

    schema.validate(junit({**document, **changes}))
