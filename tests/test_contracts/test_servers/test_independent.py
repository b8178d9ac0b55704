"""The suite on a server that shares no code with the mock."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from duologue.contracts.clause import ALL_OPERATIONS, choose
from duologue.contracts.context.budget import Budget
from duologue.contracts.http.target import Target
from duologue.contracts.run.results import Verdict
from duologue.contracts.session import RunSettings, Session
from support.fakes import GENERATED, DirectTransport, session_on, without_generated
from support.independent.app import App
from support.independent.request import Request
from support.servers.populated import populated, state
from support.waiting import WITHIN_S

pytestmark = pytest.mark.one_python


def verdicts(outcome):
    return {result.clause.id: result.verdict.value for result in outcome.results}


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict != "held"
    }


def test_every_clause_holds(judge, make_app):
    """All clauses hold on another server that follows the readings."""
    outcome = judge(make_app())

    assert not_held(outcome) == {}
    assert len(outcome.results) > 80
    assert outcome.exit_code == 0


def test_every_operation_is_answered(judge, make_app):
    """Each of the 15 is answered 2xx at least once."""
    outcome = judge(make_app())

    assert outcome.unreached_operations == ()
    assert {name for name, by in outcome.operations.items() if by.get(200)} == set(ALL_OPERATIONS)


def test_nothing_is_left_behind(judge, make_app):
    """The server's state is the same before and after a run."""
    app = populated(make_app())
    before = state(app)
    outcome = judge(app)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()
    assert state(app) == before


def test_a_second_run_finds_the_same(judge, make_app):
    app = populated(make_app())

    assert verdicts(judge(app)) == verdicts(judge(app))


def test_the_seed_does_not_matter(judge, make_app):
    """Ten seeds give the same verdicts on one server."""
    app = make_app()

    found = [verdicts(judge(app, seed=seed)) for seed in range(10)]

    assert all(verdict == found[0] for verdict in found)
    assert set(found[0].values()) == {"held"}


@pytest.mark.parametrize("late_s", [0.02, 0.5, 3.0])
def test_all_clauses_hold_with_late_writes(judge, make_app, late_s):
    """Late writes are polled for and then judged (readings T12)."""
    app = populated(make_app(late_s=late_s))
    before = state(app)
    outcome = judge(app)

    assert not_held(outcome) == {}
    assert state(app) == before


def test_all_clauses_hold_with_group_actions(judge, make_app):
    """Joining a group may add a message that counts as unread (readings B3)."""
    app = make_app(actions=True)

    assert not_held(judge(app)) == {}


def test_the_generated_clauses_hold(make_app, clock):
    """Fuzzing and the state machine find nothing and leave no test data."""
    app = populated(make_app())
    before = state(app)
    session = session_on(app, clock, budget=Budget(max_examples=1, phases=("examples",)))
    clauses = [each for each in choose(()) if each.id.partition(".")[0] in GENERATED]
    outcome = session.run(clauses)

    assert not_held(outcome) == {}
    assert outcome.results
    assert state(app) == before


def test_a_missing_get_takes_its_own_clauses_and_no_other(make_app, clock):
    """Where there is no GET of a user's conversation, the list shows what others check."""

    def without_get(self, request):
        route = request.route.partition("/v3/")[2]
        if (
            request.method == "GET"
            and route.startswith("users/")
            and route.endswith("conversation")
        ):
            return 404, {"error": {"code": "ERR_API_NOT_FOUND", "message": "no such path"}}
        return App.answer(self, request)

    app = make_app(overrides={"answer": without_get})
    outcome = session_on(app, clock, settle_s=0).run(without_generated())
    affected = [each for each in outcome.results if each.verdict is not Verdict.HELD]

    assert affected
    assert [e.clause.id for e in affected if "getUserConversation" not in e.clause.operations] == []
    assert outcome.unreached_operations == ("getUserConversation",)


def test_a_server_that_repeats_keys_gets_none_into_the_report(make_app, clock):
    """Findings and reasons are without the key, even if a server echoes it."""

    def echo(self, request):
        if request.route.partition("/v3/")[2].partition("/")[0] != "conversations":
            return App.answer(self, request)
        return 404, {"error": {"code": "ERR_" + request.headers.get("apikey", ""), "message": "x"}}

    key = "a-very-secret-key"
    target = Target("http://direct/v3", key, auth_only_key="k2", settle_s=0)
    session = Session(target, "t", RunSettings(workers=1), sleep=clock.sleep, now=clock)
    app = make_app(overrides={"answer": echo, "check_key": lambda self, key: None})
    session.transport = DirectTransport(app, sleep=clock.sleep)
    outcome = session.run(without_generated())

    assert outcome.exit_code == 1
    assert outcome.summary["broken"] and outcome.summary["not_reached"]
    assert key not in json.dumps(outcome.as_dict())


def test_the_server_runs_by_itself():
    """As a script it prints one line with its URL, and answers there."""
    tests = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "support.independent.server", "--port", "0", "--late", "0.1"],
        cwd=tests,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/users", headers={"apikey": "k"}), timeout=WITHIN_S
        ) as answer:
            assert json.load(answer)["data"] == []
    finally:
        process.terminate()
        process.communicate()


class Caller:
    """The independent server without a connection."""

    def __init__(self, app):
        self.app = app

    def __call__(self, method, route, caller=None, body=None):
        headers = {"apikey": "k"} | ({} if caller is None else {"onbehalfof": caller})
        status, answer = self.app.answer(Request(method, f"/v3/{route}", headers, {}, body))
        assert status == 200, answer
        return answer["data"]


@pytest.fixture
def group(make_app):
    """Ana, bo and cleo in the group g, to which ana has sent one message."""
    call = Caller(make_app())
    for uid in ("ana", "bo", "cleo", "dan"):
        call("POST", "users", body={"uid": uid, "name": uid})
    call("POST", "groups", "ana", {"guid": "g", "name": "G", "type": "public"})
    call("POST", "groups/g/members", "ana", {"participants": ["bo", "cleo"]})
    call("POST", "messages", "ana", _message("g", "group"))
    return call


def _message(receiver, kind):
    return {"receiver": receiver, "receiverType": kind, "data": {"text": "Hello"}}


def _unread(call, uid):
    return call("GET", "groups/g/conversation", uid)["unreadMessageCount"]


def test_who_joins_later_has_nothing_unread(group):
    """Readings B15."""
    group("POST", "groups/g/members", "ana", {"participants": ["dan"]})
    before = _unread(group, "dan")
    group("POST", "messages", "ana", _message("g", "group"))

    assert (before, _unread(group, "dan"), _unread(group, "bo")) == (0, 1, 2)


def test_a_groups_message_is_read_once_all_have_read_it(group):
    """Readings B18."""
    (message,) = _messages(group)
    seen = []
    for uid in ("bo", "cleo"):
        group("POST", "groups/g/conversation/read", uid)
        shown = group("GET", f"messages/{message['id']}")
        seen.append({"readAt", "deliveredAt"} & shown.keys())

    assert seen == [set(), {"readAt", "deliveredAt"}]


def _messages(call):
    headers = {"apikey": "k", "onbehalfof": "ana"}
    return call.app.answer(Request("GET", "/v3/messages", headers))[1]["data"]


def test_the_app_sends_where_no_caller_is_named(group):
    """Readings B19 and C9."""
    sent = group("POST", "messages", body=_message("g", "group"))

    assert sent["sender"] == "app_system"
    assert sent["data"]["entities"]["receiver"]["entity"]["guid"] == "g"
