"""Look ahead and choose: dry runs, globs, read-only runs, and where a run ends."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from duologue.contracts.clause import choose
from duologue.contracts.cli import main
from duologue.contracts.errors import UnknownClause
from duologue.contracts.session import RunSettings, open_session
from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.servers.tolerant_servers import TOLERANCES

pytestmark = pytest.mark.one_python

WELCOME = "a new user has a conversation with a bot"
SOME = ("--only", "operations.*", "--exclude", "*list*")


@pytest.fixture
def contracts(monkeypatch):
    """``contracts("run", …)``: the result of that command, with a key in the environment."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def seen():
    """The requests that a gateway in front of a good server saw, and its address."""
    with serving(App()) as upstream:
        gateway = gw.Gateway(upstream)
        with gateway.serving() as url:
            yield gateway.seen, url


def ids(clauses):
    return {each.id for each in clauses}


def test_globs_pick_clauses_and_operations():
    assert ids(choose(["errors.uid*"])) == {
        name for name in ids(choose(())) if name.startswith("errors.uid")
    }
    assert ids(choose(["markUser*Unread"])) == ids(choose(["markUserConversationAsUnread"]))


def test_what_is_excluded_is_left_out():
    every, without = ids(choose(())), ids(choose((), exclude=["errors.*"]))

    assert every - without == {name for name in every if name.startswith("errors.")}


def test_bases_are_chosen():
    assert {each.basis.value for each in choose((), bases=["documented"])} == {"documented"}


def test_clauses_of_deprecated_operations_alone_are_left_out():
    gone = ids(choose(())) - ids(choose((), deprecated=False))

    assert "operations.get-conversation" in gone
    assert "operations.get-user-conversation" not in gone


DEPRECATED = "/v3/conversations/"


def without_deprecated():
    """Return the clauses of a run without deprecated operations, but for the generated half."""
    return [each for each in choose((), deprecated=False) if each in without_generated()]


def lacking_deprecated(asked):
    """Return an override: a server without the two operations, which notes who asks for them."""

    def answer(self, request):
        if request.route.startswith(DEPRECATED):
            asked.append((request.method, request.route))
            return 404, {"error": {"code": "ERR_API_NOT_FOUND", "message": "no such operation"}}
        return App.answer(self, request)

    return {"answer": answer}


def test_a_run_without_deprecated_operations_holds_all_where_there_are_none(make_app, clock):
    """The clauses about others judge what remains, and no deprecated operation is asked for."""
    asked, clauses = [], without_deprecated()
    app = make_app(overrides=lacking_deprecated(asked))
    outcome = session_on(app, clock, deprecated=False).run(clauses)

    assert (outcome.summary["held"], outcome.exit_code) == (len(clauses), 0)
    assert outcome.left_behind == ()
    assert asked == []


def test_lists_that_only_a_deprecated_operation_empties_are_not_staged(make_app, clock):
    """Each new user has a welcome, and the run may not delete it: nothing is broken for that."""
    asked = []
    app = make_app(overrides={**TOLERANCES[WELCOME], **lacking_deprecated(asked)})
    outcome = session_on(app, clock, deprecated=False).run(without_deprecated())

    rest = [each for each in outcome.results if each.verdict != "held"]
    assert {each.verdict.value for each in rest} == {"not_staged"}
    assert all("deprecated deleteConversation" in each.why for each in rest)
    assert outcome.summary["held"] > outcome.summary["not_staged"]
    assert (outcome.exit_code, asked) == (0, [])


def test_a_dry_run_without_deprecated_operations_calls_none(contracts):
    words = ("--only", "errors.*", "--only", "properties.conversation-id-format")
    result = contracts("run", "--dry-run", "--deprecated", "no", *words)

    assert result.exit_code == 0, result.output
    assert "getUserConversation" in result.output
    assert re.search(r" (get|delete)Conversation$", result.output, re.MULTILINE) is None


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--target", "staging"), "'staging' is no http(s) address"),
        (("--accept", "no-such-file"), "it cannot be read (No such file"),
        (("--cast", "no-such-file"), "No such file"),
    ],
)
def test_a_dry_run_refuses_what_a_run_could_not_use(contracts, option, sentence):
    result = contracts("run", "--dry-run", *option)

    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_dry_run_expects_no_known_break(contracts):
    """The bundled mock has none of those that the real service shows."""
    words = ("--only", "properties.unread-message-count-is-an-integer")
    result = contracts("run", "--dry-run", "--accept", "live", "--strict-accept", *words)

    assert (result.exit_code, result.stderr) == (0, "")


def test_a_glob_that_picks_nothing_is_refused():
    with pytest.raises(UnknownClause):
        choose(["no-such.*"])


def test_a_dry_run_sends_nothing_and_tells_the_footprint(contracts, seen):
    """Within 15 % of what a real run on another server makes and sends."""
    requests, url = seen
    dry = contracts("run", "--target", url, "--dry-run", "--rate", "300/m", *SOME)
    assert dry.exit_code == 0, dry.output
    assert requests == []
    contracts("run", "--target", url, *SOME)

    planned = {name: int(n) for n, name in re.findall(r"^ *(\d+) (\w+)$", dry.output, re.MULTILINE)}
    users = sum(each.method == "POST" and each.path.endswith("/users") for each in requests)
    assert abs(planned["users"] + 2 - users) <= 0.15 * users
    assert abs(planned["requests"] - len(requests)) <= 0.15 * len(requests)
    assert "at 300 requests a minute: 1 min" in dry.output


def test_a_whole_run_makes_little(make_app, clock):
    """At most 450 users, 70 groups and 700 messages, the generated half and the walk included.

    101 messages are needed to see a count beyond a page with a user, 101 in a group, 101 for the
    default page of a list.
    """
    session = session_on(make_app(), clock)
    session.run(choose(()))

    limits = {"user": 450, "group": 70, "message": 700}
    made = session.record.made
    assert {kind: made[kind] for kind, limit in limits.items() if made[kind] > limit} == {}
    assert made["message"] > 600  # whole, and not ended early


def test_a_read_only_run_sends_nothing_but_get(contracts, seen):
    """What needs more is not staged."""
    requests, url = seen
    result = contracts("run", "--target", url, "--read-only", *SOME)

    assert {each.method for each in requests} == {"GET"}
    assert "not staged" in result.output


def test_a_run_ends_at_the_failures_that_are_enough(contracts):
    """The report says so, and what was made is removed."""
    app = App(overrides={"validated_tags": lambda self, tags: tags})
    only = ("key-behaviors.at-most-25-tags", "key-behaviors.*", "errors.*")
    words = [word for name in only for word in ("--only", name)]
    with serving(app) as url:
        options = ("--max-failures", 1, "--workers", 1, "--settle", 0)
        result = contracts("run", "--target", url, *options, *words)

    assert result.exit_code == 1, result.output
    assert app.users == {}


def test_a_run_ends_when_its_time_is_over(monkeypatch):
    """In a report, with nothing left."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    app = App()
    with serving(app) as upstream:
        slow = gw.Gateway(upstream, lambda _: slowly)
        with slow.serving() as url, open_session(RunSettings(url)) as session:
            # From here on: on a loaded machine it takes a second to come to the first check.
            session.settings = replace(session.settings, max_time_s=1)
            outcome = session.run(without_generated())

    assert outcome.ended_early == "after 1 s"
    assert outcome.exit_code == 1
    assert (app.users, outcome.left_behind) == ({}, ())


def slowly(handler):
    gw.hang(0.02)(handler)
    handler.forward()


def test_a_run_that_waits_says_so(contracts):
    late, refused = gw.html(429, "", **{"Retry-After": "2"}), []

    def once_by_a_check(seen):
        if refused or not seen.path.endswith("/conversation/read"):
            return None
        refused.append(seen)
        return late

    with serving(App()) as upstream, gw.Gateway(upstream, once_by_a_check).serving() as url:
        result = contracts("run", "--target", url, "--only", "errors.guid-not-found")

    assert result.exit_code == 0, result.output
    assert "waiting 2 s: 429" in result.output
