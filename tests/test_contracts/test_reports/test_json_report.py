"""results.json and its schema."""

import json

import jsonschema

from duologue.contracts.reports.json_report import schema, write_json


def test_a_whole_run_matches_the_schema(judge, make_app, tmp_path):
    path = write_json(judge(make_app()).as_dict(), tmp_path)
    written = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["operations"]["getUserConversation"]["by_status"]["200"] > 0
    assert sum(written["summary"].values()) == len(written["clauses"])


def test_a_document_with_every_verdict_matches_the_schema(document, tmp_path):
    """A lone surrogate is escaped, so that the file is valid UTF-8."""
    written = json.loads(write_json(document, tmp_path).read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema()).validate(written)
    assert written["clauses"] == document["clauses"]


def test_a_broken_run_matches_the_schema(judge, make_app):
    """The schema requires findings of a broken clause."""
    overrides = {"set_tags": lambda self, key, tags: None}
    outcome = judge(make_app(overrides=overrides), "updateUserConversation").as_dict()

    assert outcome["summary"]["broken"] > 0
    jsonschema.Draft202012Validator(schema()).validate(outcome)
