"""SARIF 2.1.0 of a run."""

import json
from pathlib import Path

import pytest

from duologue.contracts.clause import Basis, choose
from duologue.contracts.reports.sarif import sarif
from duologue.contracts.reports.statements import place_of
from support.documents.sarif_schema import sarif_errors

ROOT = Path(__file__).parents[3]


def test_it_is_valid_and_has_a_result_for_each_finding(document):
    written = json.loads(sarif(document))

    assert sarif_errors(written) == []
    (run,) = written["runs"]
    (result,) = run["results"]
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    fingerprint = broken["findings"][0]["fingerprint"]
    assert result["partialFingerprints"] == {"contractsRun/v1": fingerprint}


def test_what_is_no_finding_is_a_notification(document):
    (run,) = json.loads(sarif({**document, "interrupted": True}))["runs"]
    (invocation,) = run["invocations"]

    texts = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert not invocation["executionSuccessful"]
    assert texts[0] == "the run was interrupted: this report is not complete"
    assert any("never answered 2xx: deleteConversation" in text for text in texts)


def test_an_accepted_finding_is_suppressed(document):
    accepted = next(each for each in document["clauses"] if each["verdict"] == "accepted")
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    accepted["findings"] = broken["findings"]
    (run,) = json.loads(sarif(document))["runs"]

    assert [each["level"] for each in run["results"]] == ["error", "note"]
    (suppression,) = run["results"][1]["suppressions"]
    assert suppression["justification"].startswith("why ")


def test_each_documented_clause_has_a_line_of_the_repository_that_names_it():
    """GitHub shows an alert only at a file that it finds."""
    unnamed = []
    for clause in choose((), bases=[Basis.DOCUMENTED]):
        file, line = place_of(clause.id)
        text = (ROOT / file).read_text(encoding="utf-8").splitlines()[line - 1]
        if clause.id not in text:
            unnamed.append(clause.id)

    assert unnamed == []
    assert place_of("walk.state-follows-a-model") == ("openapi/openapi.yaml", 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"interrupted": True, "insecure": True, "defect": "Traceback \x00\x1b"},
        {"ended_early": "after 3 failures", "unreached_operations": ["a", "b"]},
        {"clauses": [], "not_made": "nothing answers \x00 ]]> <x>"},
    ],
    ids=["interrupted", "ended early", "not made"],
)
def test_it_is_valid_whatever_became_of_the_run(document, changes):
    assert sarif_errors(json.loads(sarif({**document, **changes}))) == []


def test_the_schema_refuses_what_is_no_report(document):
    """The check itself can fail."""
    written = json.loads(sarif(document))
    written["runs"][0]["results"][0]["message"] = "no object"

    assert sarif_errors(written)
