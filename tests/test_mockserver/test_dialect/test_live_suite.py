"""The contract suite on the live dialect: broken where the shipped table says, nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import contracts.clauses  # noqa: F401 - importing registers the clauses
from contracts.budget import Budget
from contracts.cast import Role
from contracts.clause import choose
from contracts.cli import token
from contracts.deviations import Deviation, load
from contracts.runner import Session, run
from contracts.target import Target
from contracts.verdict import Run, Verdict
from fixtures.worlds import make
from mockserver.app import create_app, inside
from mockserver.dialect import parts_of
from mockserver.live import LiveServer
from mockserver.store import schema

FACTS = Path(__file__).parents[4] / "shared" / "api-facts.md"
TABLE = load(["live"])
KEYS = ("mock-api-key", "auth-only")
# With messages before those that are unread: "unread after" cannot reach the first message of all.
ROLES = (Role("ana", "user", "olu"), Role("ana", "group", "hikers"), Role("bo", "user", "cleo"))


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """A mock that speaks the live dialect, over the world a mock starts with."""
    app = create_app(world=make(), parts=parts_of("live"))
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
    url: str, *, deviations: tuple[Deviation, ...] = (), roles: tuple[Role, ...] | None = None
) -> Run:
    """The whole suite's run, generated requests included, if few of them."""
    session = Session(
        Target(url, KEYS[0], auth_only_key=KEYS[1]),
        token(),
        roles=roles,
        budget=Budget(max_examples=5, max_time_s=20.0),
        connections=16,
        deviations=deviations,
    )
    session.get_acquainted()
    return run(session, choose(()), seed=42)


@pytest.fixture(scope="module")
def outcome(app: Flask, url: str) -> tuple[Run, dict[str, Any], dict[str, Any]]:
    """One run of the suite on the live dialect, with the state before and after it."""
    before = rows(app)
    return judged(url, deviations=TABLE), before, rows(app)


def test_the_suite_breaks_exactly_where_the_table_says(outcome: Any) -> None:
    """Each listed clause is broken as listed, all others are held and none is unreached."""
    run, _, _ = outcome
    verdicts = {result.clause.id: result.verdict for result in run.results}

    assert {name: v for name, v in verdicts.items() if v is not Verdict.HELD} == {
        deviation.clause: Verdict.ACCEPTED for deviation in TABLE
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
    assert broken <= {deviation.clause for deviation in TABLE}
    assert run.left_behind == ()
    assert [shown(app, role) for role in ROLES] == before


def shown(app: Flask, role: Role) -> Any:
    """What a role sees of its conversation, without the receipts."""
    path = f"/v3/{role.kind}s/{role.peer}/conversation"
    headers = {"apikey": KEYS[0], "onBehalfOf": role.caller}
    data = app.test_client().get(path, headers=headers).get_json()["data"]
    for receipt in ("deliveredAt", "readAt"):
        data.get("lastMessage", {}).pop(receipt, None)
    return data


@pytest.mark.parametrize("deviation", TABLE, ids=lambda deviation: deviation.clause)
def test_each_deviation_names_its_fact(deviation: Deviation) -> None:
    """A number that api-facts.md has, and an entry of the readings."""
    numbers = re.findall(r"\bC\d+\b", deviation.evidence.partition("; readings")[0])
    assert numbers
    assert re.search(r"readings [BCT]\d+", deviation.evidence)
    if not FACTS.is_file():
        pytest.skip(f"the facts are not at {FACTS}")
    facts = FACTS.read_text("utf-8")

    assert all(f"| {number} |" in facts for number in numbers)
