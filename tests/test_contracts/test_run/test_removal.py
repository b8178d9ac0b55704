"""Whether a target removes what is made there, before a run makes hundreds of things."""

import itertools
from types import MethodType

import pytest

from duologue.contracts.errors import CreationRefused
from duologue.contracts.run.removal import RemovalRefused
from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.values import Refusal

LATE_S = 3.0
SOME = ("errors.guid-not-found", "operations.get-user-conversation")


def refused(self, request):
    raise Refusal(403, "ERR_NOT_ALLOWED")


def without_effect(self, request):
    return {"success": True, "message": "The user is gone."}


def is_removal(request):
    return request.method == "DELETE" and request.route.startswith("/v3/users/duo-")


def lacking(self, request):
    """Answer as a server without the operation does."""
    if is_removal(request):
        return 404, {"error": {"code": "ERR_API_NOT_FOUND", "message": "no such path"}}
    return App.answer(self, request)


def seen_late(self, request):
    """Show a user 3 s after it was made, and remove none."""
    shown = App.get_user(self, request)
    if self.clock() < shown["createdAt"] + LATE_S:
        raise Refusal(404, "ERR_UID_NOT_FOUND")
    return shown


def removed_late():
    """Return overrides: a removed user is shown for another 3 s."""
    removed = {}

    def delete_user(self, request):
        removed[request.path["uid"]] = (self.clock(), self.user(request.path["uid"]))
        return App.delete_user(self, request)

    def get_user(self, request):
        at, user = removed.get(request.path["uid"], (0.0, {}))
        return user if self.clock() < at + LATE_S else App.get_user(self, request)

    return {"delete_user": delete_user, "get_user": get_user}


def failing(count):
    """Return overrides: so many removals fail, then all are done."""
    numbers = itertools.count(1)

    def delete_user(self, request):
        if next(numbers) <= count:
            raise Refusal(500, "ERR_INTERNAL")
        return App.delete_user(self, request)

    return {"delete_user": delete_user}


KEEPING = {
    "refused": ({"delete_user": refused}, "403 ERR_NOT_ALLOWED"),
    "without effect": ({"delete_user": without_effect}, "answered 200, and still there"),
    "no such operation": ({"answer": lacking}, "answered 404, and still there"),
    "without effect, and seen late": (
        {"delete_user": without_effect, "get_user": seen_late},
        "answered 200, and still there",
    ),
    "failing again and again": (failing(1000), "500 ERR_INTERNAL"),
}


@pytest.mark.parametrize(("overrides", "answer"), KEEPING.values(), ids=[*KEEPING])
def test_a_target_that_keeps_what_is_removed_is_not_judged(make_app, clock, overrides, answer):
    """One sentence names the call, its answer, the one user that is left, and the way out."""
    app = make_app(overrides=overrides)

    with pytest.raises(RemovalRefused) as refusal:
        session_on(app, clock)

    (uid,) = app.users
    assert f"deleteUser leaves user {uid} ({answer})" in str(refusal.value)
    assert "--allow-leftovers" in str(refusal.value)
    assert (app.groups, app.messages) == ({}, [])


@pytest.mark.parametrize(("overrides", "answer"), KEEPING.values(), ids=[*KEEPING])
def test_it_is_judged_where_what_is_made_may_stay(make_app, clock, overrides, answer):
    """The report says so, and lists the user of the check with the others."""
    app = make_app(overrides=overrides)
    session = session_on(app, clock, allow_leftovers=True)
    first = next(iter(app.users))

    outcome = session.run(without_generated(*SOME))

    assert outcome.summary["held"] == len(SOME)
    (note,) = outcome.notes
    assert note == (
        f"what the run makes may stay there (--allow-leftovers): deleteUser leaves user {first}"
        f" ({answer})"
    )
    assert f"user {first} ({answer})" in outcome.left_behind


@pytest.mark.parametrize(
    "overrides", [{}, removed_late(), failing(2)], ids=["at once", "late", "at the third try"]
)
def test_a_target_that_removes_in_time_is_judged(make_app, clock, overrides):
    app = make_app(overrides=overrides)
    session = session_on(app, clock)

    outcome = session.run(without_generated(*SOME))

    assert (outcome.exit_code, outcome.left_behind, outcome.notes) == (0, (), ())
    assert app.users == {}


def test_a_target_that_knows_everybody_is_judged(make_app, clock):
    """Whether it removes users cannot be seen: clauses tell what is wrong with it."""
    app = make_app(overrides={"user": lambda self, uid: self.users.get(uid, {"uid": uid})})
    session = session_on(app, clock)

    assert (session.notes, session.left_behind, app.users) == ((), [], {})


def test_a_target_that_dies_in_the_check_did_not_refuse_the_removal(make_app, clock):
    """It is told as one that went away: not reached, with what may be left behind."""

    def dies(self, request):
        self.is_dead = getattr(self, "is_dead", False) or is_removal(request)
        if self.is_dead:
            raise ConnectionAbortedError
        return App.answer(self, request)

    app = make_app(overrides={"answer": dies})
    session = session_on(app, clock)
    (uid,) = app.users

    outcome = session.run(without_generated(*SOME))

    assert (outcome.exit_code, outcome.summary["not_reached"]) == (1, len(SOME))
    assert session.profile.removal_problem == ""
    assert any(each.startswith(f"user {uid} (") for each in outcome.left_behind)


def test_a_removal_that_gets_no_answer_tells_nothing(make_app, clock):
    """The run goes on: nobody knows whether the target keeps anything."""

    def silent(self, request):
        if is_removal(request):
            raise ConnectionAbortedError
        return App.answer(self, request)

    session = session_on(make_app(overrides={"answer": silent}), clock)

    assert session.profile.removal_problem == ""
    assert len(session.left_behind) == 3


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_ctrl_c_in_the_check_leaves_nothing(make_app, clock, method):
    """Even in the middle of the removal."""

    def answer(self, request):
        answered = App.answer(self, request) if method == "POST" else None
        if request.method == method and "duo-" in f"{request.route}{request.body}":
            self.answer = MethodType(App.answer, self)
            raise KeyboardInterrupt
        return answered or App.answer(self, request)

    app = make_app(overrides={"answer": answer})
    with pytest.raises(KeyboardInterrupt):
        session_on(app, clock)

    assert app.users == {}


def test_refused_users_are_told_as_before(make_app, clock):
    with pytest.raises(CreationRefused, match="--cast"):
        session_on(make_app(overrides={"create_user": refused}), clock)


def test_a_run_on_existing_conversations_makes_no_user(make_app, clock):
    """So it needs no removal, which the target may refuse."""
    app = make_app(overrides={"create_user": refused, "delete_user": refused})

    session = session_on(app, clock, existing=())

    assert (session.notes, app.users) == ((), {})


def test_the_first_thing_that_a_run_makes_is_one_user_that_it_removes(make_app, clock):
    """Before anything else, and in four requests."""
    asked = []

    def noting(self, request):
        asked.append((request.method, request.route.partition("/duo-")[0]))
        return App.answer(self, request)

    session_on(make_app(overrides={"answer": noting}), clock)

    user = "/v3/users"
    assert asked[1:5] == [("POST", user), ("GET", user), ("DELETE", user), ("GET", user)]
