"""The steps of two users, and the checks after each."""

import pytest

from duologue.contracts.errors import Broken
from duologue.contracts.stateful.steps import Step, StepRunner
from support.fakes import session_on
from support.independent.app import App

ANA, BO = "ana", "bo"


def run_steps(app, clock, *steps):
    """Return the runner after these steps and the final check."""
    with session_on(app, clock).opened() as context:
        runner = StepRunner(context)
        runner.begin()
        for name, arguments in steps:
            runner.take(Step(name, arguments))
        runner.end()
    return runner


def step(name, party=ANA, kind="user", **arguments):
    return name, {"party": party, "kind": kind, **arguments}


def test_steps_that_cannot_be_done_are_left_out(make_app, clock):
    """Nothing is done in a deleted conversation until the next message."""
    runner = run_steps(
        make_app(),
        clock,
        ("delete_conversation", {"party": ANA}),
        step("mark_read"),
        step("delete_message", back=0),
        step("send_message", BO),
        step("mark_read"),
    )

    assert runner.steps_done == [
        "ana deletes the conversation (user)",
        "bo writes (user)",
        "ana marks all as read (user)",
    ]


def test_a_step_counts_messages_back_from_the_newest(make_app, clock):
    """Deleted messages are not counted."""
    runner = run_steps(
        make_app(),
        clock,
        step("delete_message", BO, back=0),
        step("mark_read_up_to", back=1),
        step("mark_unread_after", back=9),
    )

    assert runner.steps_done[0] == "bo deletes message 6 (user)"
    assert runner.steps_done[1] == "ana reads up to message 4 (user)"


def test_the_lists_are_checked_at_the_end(make_app, clock):
    """A count that is right in GET and outdated in the list is found."""

    def stale(self, request, row):
        return {**App.row(self, request, row), "unreadMessageCount": 0}

    with pytest.raises(Broken, match="the list of ana"):
        run_steps(make_app(overrides={"row": stale}), clock)
