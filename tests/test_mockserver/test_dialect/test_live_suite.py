"""The contract suite on the live dialect: broken where the shipped table says, nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import choose
from duologue.contracts.context.budget import Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.http.target import Target
from duologue.contracts.run.known_failures import KnownFailure, load
from duologue.contracts.run.results import Run, Verdict
from duologue.contracts.session import RunSettings, Session, new_token
from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.serving.thread_server import LiveServer
from duologue.mockserver.store import schema
from duologue.openapi import readings

TABLE = load(["live"])
KEYS = ("mock-api-key", "auth-only")
# With messages before those that are unread: "unread after" cannot reach the first message of all.
ROLES = (
    ExistingConversation("ana", "user", "olu"),
    ExistingConversation("ana", "group", "hikers"),
    ExistingConversation("bo", "user", "cleo"),
)


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """A mock that speaks the live dialect, over the world a mock starts with."""
    app = create_app(world=make(), behaviours=behaviours_of("live"))
    yield app
    inside(app).close()


@pytest.fixture(scope="module")
def url(app: Flask) -> Iterator[str]:
    with LiveServer(app, threads=16) as server:
        yield server.url


def rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the mock's state holds."""
    reading = inside(app).store.reading()
    return {
        table.name: sorted(map(tuple, reading.execute(select(table))), key=repr)
        for table in schema.metadata.sorted_tables
    }


def judged(
    url: str,
    *,
    known_failures: tuple[KnownFailure, ...] = (),
    roles: tuple[ExistingConversation, ...] | None = None,
) -> Run:
    """The whole suite's run, generated requests included, if few of them."""
    session = Session(
        Target(url, KEYS[0], auth_only_key=KEYS[1]),
        new_token(),
        RunSettings(budget=Budget(max_examples=5)),
        existing=roles,
        known_failures=known_failures,
    )
    session.run_preflight()
    return session.run(choose(()))


@pytest.fixture(scope="module")
def outcome(app: Flask, url: str) -> tuple[Run, dict[str, Any], dict[str, Any]]:
    """One run of the suite on the live dialect, with the state before and after it."""
    before = rows(app)
    return judged(url, known_failures=TABLE), before, rows(app)


def test_the_suite_breaks_exactly_where_the_table_says(outcome: Any) -> None:
    """Each listed clause is broken as listed, all others are held and none is unreached."""
    run, _, _ = outcome
    verdicts = {result.clause.id: result.verdict for result in run.results}

    assert {name: v for name, v in verdicts.items() if v is not Verdict.HELD} == {
        known_failure.clause: Verdict.ACCEPTED for known_failure in TABLE
    }
    assert run.unreached_operations == ()
    assert run.exit_code == 0


def test_the_suite_leaves_a_live_target_as_it_found_it(outcome: Any) -> None:
    """Users, groups, conversations, copies and messages are row for row what they were."""
    run, before, after = outcome

    assert run.left_behind == ()
    assert after == before


def test_a_fixed_cast_is_left_as_it_was_too(app: Flask, url: str) -> None:
    """Where nothing may be made, what is used gets its tags and counts back."""
    before = [shown(app, role) for role in ROLES]
    run = judged(url, roles=ROLES)

    broken = {result.clause.id for result in run.results if result.verdict is Verdict.BROKEN}
    assert broken <= {known_failure.clause for known_failure in TABLE}
    assert run.left_behind == ()
    assert [shown(app, role) for role in ROLES] == before


def shown(app: Flask, role: ExistingConversation) -> Any:
    """What a role sees of its conversation, without the receipts."""
    path = f"/v3/{role.kind}s/{role.peer}/conversation"
    headers = {"apikey": KEYS[0], "onBehalfOf": role.caller}
    data = app.test_client().get(path, headers=headers).get_json()["data"]
    for receipt in ("deliveredAt", "readAt"):
        data.get("lastMessage", {}).pop(receipt, None)
    return data


@pytest.mark.parametrize("known_failure", TABLE, ids=lambda known_failure: known_failure.clause)
def test_each_deviation_names_its_fact(known_failure: KnownFailure) -> None:
    """Rows of EVIDENCE.md that are better than weak, and the reading that decides, told as live."""
    cited = readings.resolve(known_failure.evidence)
    facts = [each for each in cited if isinstance(each, readings.Fact)]
    decided = [each for each in cited if isinstance(each, readings.Reading)]

    assert facts
    assert all(fact.strength != "weak" for fact in facts)
    assert decided
    assert all(each.live != "As documented." for each in decided)
