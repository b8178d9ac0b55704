"""Merged shards are equal to the run that was not sharded."""

from dataclasses import replace
from datetime import date

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.compare.comparison import compare_results
from duologue.contracts.compare.merging import merge
from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import MergeInvalid
from duologue.contracts.run.known_failures import load
from duologue.contracts.run.sharding import deal
from support.fakes import session_on, without_generated
from support.independent.app import App

TODAY = date(2026, 11, 1)
TYPE = "properties.unread-message-count-is-an-integer"
GUID, UID = "errors.guid-not-found", "errors.uid-not-found"
ACCEPTED = f"deviations: [{{clause: {TYPE}, reason: Text., evidence: API-42, got: '^\\d+$'}}]"


def conversation(self, key, messages, **wants):
    """Show the count as text, and no type."""
    shown = App.conversation(self, key, messages, **wants)
    del shown["conversationType"]
    return {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}


@pytest.fixture
def run(make_app, clock, tmp_path):
    """``run(clauses, shard)``: the document of a run on a server with two faults, one accepted."""
    path = tmp_path / "accepted.yaml"
    path.write_text(ACCEPTED)

    def run(clauses, shard=None):
        overrides = {"conversation": conversation}
        session = session_on(make_app(overrides=overrides), clock, settle_s=0, shard=shard)
        session.known_failures = load([str(path)])
        return session.run(clauses).as_dict()

    return run


def told(document):
    """Return what of a document does not depend on ids, times, and the number of runs."""
    clauses = [
        {
            **{name: each[name] for name in ("id", "verdict", "statement", "operations")},
            "findings": [(one["fingerprint"], one["found_by"]) for one in each["findings"]],
        }
        for each in document["clauses"]
    ]
    names = ("summary", "unreached_operations", "deviations", "left_behind", "seed")
    return {"clauses": clauses, **{name: document[name] for name in names}}


@pytest.mark.parametrize("count", [2, 3])
def test_merged_shards_are_equal_to_the_whole_run(run, count):
    clauses = without_generated()
    whole = run(clauses)

    shards = [run(*deal(clauses, index, count)) for index in range(count, 0, -1)]
    merged = merge(shards, today=TODAY)

    assert told(merged.as_dict()) == told(whole)
    assert whole["summary"]["broken"]
    assert whole["summary"]["accepted"] == 1
    compared = compare_results(whole, merged.as_dict())
    assert {str(each.change) for each in compared.entries} <= {"still_broken", "accepted"} | {
        "still_not_reached"
    }


def checks(**found):
    """Return three clauses, in their order: what the check of each finds of the others."""

    def with_findings(name):
        def check(context):
            for other, title in found.get(name, ()):
                context.findings.add_elsewhere(other, Finding(title, "1", f"got by {title}"))

        return replace(REGISTRY[name], check=check)

    return [with_findings(each.id) for each in without_generated(GUID, UID, TYPE)]


@pytest.mark.parametrize(
    "found",
    [
        {UID: [(GUID, "one")]},
        {GUID: [(UID, "one")], TYPE: [(UID, "two"), (GUID, "three")]},
        {UID: [(GUID, "one")], TYPE: [(GUID, "two")]},
        {GUID: [(TYPE, "one")], UID: [("marks.not-chosen", "two")]},
    ],
)
def test_what_a_check_finds_of_another_shard_breaks_it_all_the_same(run, found):
    """Also where two checks of different shards find it, and where it is accepted."""
    clauses = checks(**found)
    whole = run(clauses)

    shards = [run(*deal(clauses, index, 3)) for index in (1, 2, 3)]
    merged = merge(shards, today=TODAY)

    assert told(merged.as_dict()) == told(whole)
    assert whole["summary"]["broken"] >= 1


def test_where_a_clause_broke_by_its_own_check_others_are_dropped(make_app, clock):
    """As in the whole run: one cause is one finding."""

    def document(clauses, shard=None):
        app = make_app(overrides={"group": lambda self, guid: self.groups.setdefault(guid, {})})
        session = session_on(app, clock, settle_s=0, shard=shard)
        return session.run(clauses).as_dict()

    found = checks(**{UID: [(GUID, "one")]})
    clauses = [REGISTRY[GUID] if each.id == GUID else each for each in found]
    shards = [document(*deal(clauses, index, 3)) for index in (1, 2, 3)]

    assert told(merge(shards, today=TODAY).as_dict()) == told(document(clauses))


@pytest.fixture
def shards(run):
    """Return the documents of two shards."""
    clauses = without_generated("errors.*")
    return [run(*deal(clauses, index, 2)) for index in (1, 2)]


def test_requests_are_added_up(shards):
    merged = merge(shards, today=TODAY).as_dict()

    for name, counts in merged["operations"].items():
        each = [shard["operations"].get(name, {"requests": 0})["requests"] for shard in shards]
        assert counts["requests"] == sum(each)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one, two: [one], "shard 2/2 is missing"),
        (lambda one, two: [one, one], "shard 2/2 is missing"),
        (lambda one, two: [one, two, two], "3 results are given for 2 shards"),
        (lambda one, two: [one, {**two, "shard": None}], "is no shard: do it with --shard I/N"),
        (lambda one, two: [one, {**two, "seed": 7}], "the shards differ in seed: 42 and 7"),
        (
            lambda one, two: [one, {**two, "target": "https://b/v3"}],
            "the shards differ in target: http://direct/v3 and https://b/v3",
        ),
        (
            lambda one, two: [one, {**two, "origin": {**two["origin"], "options": {"a": 1}}}],
            "the shards differ in options",
        ),
    ],
)
def test_what_does_not_make_up_one_run_is_refused(shards, change, told):
    with pytest.raises(MergeInvalid) as raised:
        merge(change(*shards), today=TODAY)

    assert told in str(raised.value)


def test_shards_may_each_have_a_mock_of_their_own(shards):
    """Its port is another one each time."""
    one, two = shards
    own = [{**one, "target": "http://127.0.0.1:4001/v3"}, {**two, "target": "http://[::1]:4002/v3"}]

    assert merge(own, today=TODAY).target == "http://127.0.0.1:4001/v3"


@pytest.mark.parametrize(
    ("fields", "exit_code"),
    [({"interrupted": True}, 130), ({"defect": "Traceback"}, 2), ({"ended_early": "after 1 s"}, 1)],
)
def test_a_shard_that_is_not_whole_is_told(shards, fields, exit_code):
    one, two = shards

    assert merge([one, {**two, **fields}], today=TODAY).exit_code == exit_code
