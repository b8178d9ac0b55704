"""results.json and its schema."""

import json

import jsonschema

from duologue.contracts.reports.json_report import json_report, schema


def test_a_whole_run_matches_the_schema(judge, make_app):
    written = json.loads(json_report(judge(make_app()).as_dict()))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["operations"]["getUserConversation"]["by_status"]["200"] > 0
    assert sum(written["summary"].values()) == len(written["clauses"])


def test_a_document_with_every_verdict_matches_the_schema(document):
    written = json.loads(json_report(document))

    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["clauses"] == document["clauses"]


def test_a_broken_run_matches_the_schema(judge, make_app):
    """The schema requires findings of a broken clause."""
    overrides = {"set_tags": lambda self, key, tags: None}
    outcome = judge(make_app(overrides=overrides), "updateUserConversation").as_dict()

    assert outcome["summary"]["broken"] > 0
    jsonschema.Draft202012Validator(schema()).validate(outcome)
