"""junit.xml."""

from xml.etree import ElementTree as ET

from duologue.contracts.reports.junit import write_junit


def test_junit_is_xml_whatever_the_target_said(document, tmp_path):
    """Characters that XML excludes are replaced; the rest is read back unchanged."""
    root = ET.parse(write_junit(document, tmp_path)).getroot()
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


def test_junit_counts_what_it_holds(document, tmp_path):
    """CI servers read the counts and not the cases."""
    root = ET.parse(write_junit(document, tmp_path)).getroot()
    suite = root.find("testsuite")

    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(name)) == int(suite.get(name)) == len(list(root.iter(tag)))
    assert int(root.get("tests")) == len(list(root.iter("testcase")))
