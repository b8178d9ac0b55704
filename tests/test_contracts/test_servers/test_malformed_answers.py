"""Whatever a target answers is the target's: no malformed answer is told as a defect of ours."""

import json
import random

import pytest

from duologue.contracts.clause import choose
from duologue.contracts.context.budget import DEFAULT, Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.http.response import read
from duologue.contracts.run.results import Verdict
from support.fakes import DirectTransport, session_on, without_generated

ODD = (None, True, 0, -1, 3.5, "", "x", "²", "7", 10**30)
ODD += ([], [None], ["x", 1], [[1]], [{}], {}, {"a": 1}, float("nan"), "9" * 5000)


def changed(value, draw, share):
    """The value with that share of its parts replaced by something odd, or left out."""
    if draw.random() < share:
        return draw.choice(ODD)
    if isinstance(value, dict):
        kept = [name for name in value if draw.random() >= share / 2]
        return {name: changed(value[name], draw, share) for name in kept}
    if isinstance(value, list):
        return [changed(each, draw, share) for each in value]
    return value


class Odd(DirectTransport):
    """A transport that changes parts of some answers, each time the same by the seed."""

    def __init__(self, app, *, seed, answers, parts, **options):
        super().__init__(app, **options)
        self.draw, self.answers, self.parts = random.Random(seed), answers, parts

    def _once(self, method, url, *, headers, content):
        answer = super()._once(method, url, headers=headers, content=content)
        if self.draw.random() >= self.answers:
            return answer
        body = json.dumps(changed(answer.body, self.draw, self.parts)).encode()
        return read(answer.status, {"content-type": "application/json"}, content=body)


def played(app, clock, clauses, *, seed, answers, parts, budget=DEFAULT):
    session = session_on(app, clock, settle_s=0, budget=budget)
    session.transport = Odd(app, seed=seed, answers=answers, parts=parts, sleep=clock.sleep)
    return session.run(clauses).results


def defects(results):
    return {
        each.clause.id: each.traceback or each.why
        for each in results
        if each.verdict is Verdict.ERROR
    }


@pytest.mark.parametrize(("answers", "parts"), [(0.02, 0.3), (0.1, 0.05), (0.3, 0.02), (1, 0.01)])
@pytest.mark.parametrize("seed", range(4))
def test_no_malformed_answer_is_told_as_a_defect(make_app, clock, seed, answers, parts):
    """Clauses break or are not reached, but no check stumbles over what it was answered."""
    results = played(
        make_app(), clock, without_generated(), seed=seed, answers=answers, parts=parts
    )

    assert defects(results) == {}
    assert any(each.verdict is not Verdict.HELD for each in results)


@pytest.mark.parametrize("seed", range(3))
def test_nor_do_generated_requests_and_walks(make_app, clock, seed):
    """The engine's half and the model-based one, on a few answers that are odd."""
    clauses = [each for each in choose(()) if each not in without_generated()]
    few = Budget(seed, 2, 60.0, ("examples",))
    odd = {"seed": seed, "answers": 0.05, "parts": 0.05}

    assert defects(played(make_app(), clock, clauses, budget=few, **odd)) == {}


@pytest.mark.parametrize("seed", range(3))
def test_nor_does_existing_data(make_app, clock, seed):
    """Conversations that were there are looked up, judged and restored all the same."""
    app = make_app()
    for uid in ("ana", "bo"):
        app.users[uid] = {"uid": uid, "name": uid}
    for number in range(4):
        app.post("bo", "ana", kind="user", text=f"line {number}")
    existing = [ExistingConversation("ana", "user", "bo")]
    session = session_on(app, clock, existing=existing, settle_s=0)
    session.transport = Odd(app, seed=seed, answers=0.1, parts=0.05, sleep=clock.sleep)

    assert defects(session.run(without_generated()).results) == {}
