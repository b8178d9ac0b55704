"""What a run does about what it may have made, where the target fails."""

from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.values import Refusal

SOME = without_generated("errors.guid-not-found", "key-behaviors.at-most-25-tags", "errors.uid-*")
FAILURE = 500, {"error": {"code": "ERR_INTERNAL", "message": "failed"}}


def failing():
    """Return a server that answers 500 to each request."""
    return App(overrides={"answer": lambda *_: FAILURE})


def test_what_may_never_have_been_made_is_told_in_one_line(clock):
    outcome = session_on(failing(), clock).run(SOME)

    (left,) = outcome.left_behind
    assert left == (
        "perhaps 3 users: whether made is unknown, creation was answered 5xx and"
        f" removal 500 ERR_INTERNAL ('contracts clean TARGET --run {outcome.run_id}' removes what"
        " is there)"
    )
    assert outcome.summary["not_reached"] == len(SOME)


def test_a_target_that_always_fails_is_waited_for_once(clock):
    """Not once for each clause."""
    session = session_on(failing(), clock)
    started_s = clock()
    session.run(SOME)

    assert clock() - started_s < 3


def test_what_a_failed_creation_made_is_removed_at_the_end(clock):
    """Each creation is carried out and answered 500; the first removals fail."""
    failures = iter(range(4))

    def answer(self, request):
        answered = App.answer(self, request)
        is_creation = (request.method, request.route) == ("POST", "/v3/users")
        return FAILURE if is_creation else answered

    def delete_user(self, request):
        if next(failures, None) is not None:
            raise Refusal(500, "ERR_INTERNAL")
        return App.delete_user(self, request)

    app = App(overrides={"answer": answer, "delete_user": delete_user})
    outcome = session_on(app, clock).run(SOME)

    assert (outcome.left_behind, app.users) == ((), {})
