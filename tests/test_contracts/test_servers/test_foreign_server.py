"""A server of other people that lacks three operations and all times: the report, as it is read."""

import io
import re

import pytest
from rich.console import Console

from duologue.contracts.http.client import rows
from duologue.contracts.reports.causes import causes_of
from duologue.contracts.reports.terminal import summarize
from support.fakes import Clock, session_on, without_generated
from support.independent.app import App

LACKING = ("markUserConversationAsDelivered", "markGroupConversationAsUnread", "getConversation")
TIMES = ("createdAt", "updatedAt")


def is_of(operation, request):
    method, path = rows()[operation]
    return request.method == method and re.fullmatch(
        "/v3" + re.sub(r"{[^}]+}", "[^/]+", path), request.route
    )


def without_some_operations(self, request):
    if any(is_of(operation, request) for operation in LACKING):
        return 404, {"error": {"code": "NOT_FOUND", "message": "Cannot " + request.method}}
    return App.answer(self, request)


def without_times(self, key, messages, **shown):
    whole = App.conversation(self, key, messages, **shown)
    return {name: value for name, value in whole.items() if name not in TIMES}


@pytest.fixture(scope="module")
def run():
    clock = Clock()
    overrides = {"answer": without_some_operations, "conversation": without_times}
    session = session_on(App(clock=clock, overrides=overrides), clock)
    return session.run(without_generated())


@pytest.fixture(scope="module")
def text(run):
    out = io.StringIO()
    summarize(run.as_dict(), Console(file=out, width=100))
    return out.getvalue()


def by_verdict(run, verdict):
    return {result.clause.id for result in run.results if result.verdict == verdict}


def test_nothing_is_held_about_times_that_are_not_shown(run):
    about_times = {
        result.clause.id
        for result in run.results
        if result.clause.id.startswith(("properties.created-at", "properties.updated-at"))
    }

    assert about_times
    assert about_times & by_verdict(run, "held") == set()


def test_most_clauses_are_judged_all_the_same(run):
    touched = by_verdict(run, "broken") | by_verdict(run, "not_reached")

    assert len(by_verdict(run, "held")) > 3 * len(touched)
    assert run.left_behind == ()


def test_each_missing_operation_is_told_as_such(text):
    for operation in LACKING:
        assert f"never answered 2xx {operation}" in text
    assert "markGroupConversationAsUnread is answered as done" in text
    assert re.search(r"follows from it \([0-9]+\): .*marks.unread-after-a-message", text)


def test_the_counts_tell_how_many_follow_from_others(text):
    counts, line = text.splitlines()[-3:-1]

    assert "not reached" in counts
    assert re.fullmatch("[0-9]+ of these follow from 3 others, as told there", line)


def test_what_is_not_shown_is_told_in_one_way(text):
    reasons = {line.strip() for line in text.splitlines() if line.startswith("  why: ")}

    assert {each for each in reasons if "At" in each} == {
        f"why: the target shows no {name}" for name in TIMES
    }


def test_only_users_and_groups_have_roles(text):
    """A word in the text of a message is none."""
    assert not re.search(r"ids: .*\bid\b", text)


def test_every_block_has_a_call_to_repeat(text):
    blocks = [block for block in text.split("\n\n") if block.startswith(("broken", "not reached"))]

    assert blocks
    assert [block for block in blocks if "curl -X" not in block] == []


def test_the_text_is_short_and_without_python(text):
    assert len(text.splitlines()) < 260
    assert not re.search(r"\bNone\b|\bTrue\b|<[a-z]+ object|Traceback", text)


def test_each_missing_operation_and_time_is_one_cause(run):
    causes = causes_of(run.as_dict())

    assert {cause.title for cause in causes if cause.verdict == "broken"} == {
        "operations.mark-user-conversation-as-delivered",
        "operations.mark-group-conversation-as-unread",
        "operations.get-conversation",
        "properties.created-at-is-unix-seconds",
        "properties.updated-at-is-unix-seconds",
    }
