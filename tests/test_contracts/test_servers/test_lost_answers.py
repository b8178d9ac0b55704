"""Deletions whose answers get lost: the check is made again, and its verdict stays what it was."""

import threading

import pytest

from duologue.contracts.clause import choose
from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import AnswerLost
from duologue.contracts.http.transport import AttemptFailed
from support.fakes import DirectTransport, session_on
from support.independent.app import App

# What they delete: nothing, as strangers; a copy; a message; any of them, by generated requests.
CLAUSES = (
    "access.parties-only",
    "errors.conversation-not-found",
    "operations.delete-conversation",
    "operations.reset-user-conversation",
    "listing.newest-first",
    "walk.state-follows-a-model",
    "document.answers-follow-it",
)
THINGS = ("/conversations/", "/conversation?", "/messages/")


class LosingTransport(DirectTransport):
    """A transport that gives no answer to the first deletions; ``does_it`` passes them on."""

    def __init__(self, app, *, lost, does_it, **options):
        super().__init__(app, **options)
        self.left, self.does_it = lost, does_it
        self._turn = threading.Lock()

    def _once(self, method, url, *, headers, content):
        if not self._is_lost(method, url):
            return super()._once(method, url, headers=headers, content=content)
        if self.does_it:
            super()._once(method, url, headers=headers, content=content)
        raise AttemptFailed(f"{method} {url} was not answered: the connection was reset")

    def _is_lost(self, method, url):
        with self._turn:
            is_one = method == "DELETE" and any(each in f"{url}?" for each in THINGS)
            self.left -= is_one
            return is_one and self.left >= 0


class EachFirstLost(LosingTransport):
    """Gives no answer to the first try of each deletion."""

    def _is_lost(self, method, url):
        self.urls = getattr(self, "urls", set())
        is_first = method == "DELETE" and url not in self.urls
        self.urls.add(url)
        return is_first


def losing(app, clock, *, lost, does_it):
    session = session_on(app, clock, budget=Budget(max_examples=3, phases=("examples",)))
    session.transport = LosingTransport(app, lost=lost, does_it=does_it, sleep=clock.sleep)
    return session


def run(session, name):
    (result,) = session.run(choose([name])).results
    return result


@pytest.mark.parametrize("does_it", [False, True], ids=["refused", "done"])
@pytest.mark.parametrize("name", CLAUSES)
def test_a_lost_answer_changes_no_verdict_and_leaves_nothing(make_app, clock, name, does_it):
    app = make_app()
    session = losing(app, clock, lost=1, does_it=does_it)

    result = run(session, name)

    assert (result.verdict.value, result.why, result.findings) == ("held", "", ())
    assert session.transport.left < 0
    assert (app.users, app.groups, session.left_behind) == ({}, {}, [])


def test_answers_that_keep_getting_lost_are_told(make_app, clock):
    """Each check deletes another conversation, and no answer to its first try comes."""
    app = make_app()
    session = losing(app, clock, lost=0, does_it=True)
    session.transport = EachFirstLost(app, lost=0, does_it=True, sleep=clock.sleep)

    result = run(session, "operations.delete-conversation")

    assert result.verdict.value == "not_reached"
    assert result.why == (
        "the answer to deleteConversation got lost, and a second one was 404"
        " ERR_CONVERSATION_NOT_FOUND"
    )
    assert result.because.call.operation == "deleteConversation"


def test_what_a_second_try_deletes_is_not_doubted(make_app, clock):
    """The first try was not carried out: the answer to the second one is judged."""

    def without_success(self, request):
        App.delete_by_id(self, request)
        return {"success": False}

    app = make_app(overrides={"delete_by_id": without_success})
    result = run(losing(app, clock, lost=1, does_it=False), "operations.delete-conversation")

    assert result.verdict.value == "broken"


def test_a_shared_value_is_made_again(make_app, clock):
    """Else each clause that needs it would miss it."""
    session = session_on(make_app(), clock)
    tries = []

    def make(context):
        tries.append(context.create.user("Ana"))
        if len(tries) == 1:
            raise AnswerLost("the answer to deleteMessage got lost")
        return tries[-1]

    with session.opened() as context:
        made = context.run_fixture("a user", make)

    assert made == tries[1]
    assert session.fixtures.teardown() == []


def test_a_check_that_is_made_again_uses_ids_that_were_never_used(make_app, clock):
    session = session_on(make_app(), clock)
    made = []
    for _ in range(2):
        with session.opened() as context:
            context.data.number_apart("walk")
            made.append(context.create.user())

    assert len({*made}) == 2
