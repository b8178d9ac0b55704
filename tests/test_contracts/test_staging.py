"""Whole runs through a gateway that drops, refuses and goes away (cases T1, T2, T8, T9)."""

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.errors import AnswersCached, CreationRefused
from duologue.contracts.session import RunSettings, open_session
from support.fakes import without_generated
from support.independent.app import App
from support.independent.server import serving
from support.independent.values import Refusal
from support.servers import gateway as gw

pytestmark = pytest.mark.one_python

SOME = (
    "operations.list-conversations",
    "operations.get-user-conversation",
    "operations.update-group-conversation",
    "operations.mark-user-conversation-as-read",
    "key-behaviors.at-most-25-tags",
    "errors.guid-not-found",
    "access.members-only",
)


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")


@pytest.fixture
def staged():
    """``staged(plan, *names)``: the run of these clauses behind a gateway; gateway and server."""

    def run(plan, *names, app=None, **options):
        app = app or App()
        with serving(app) as upstream:
            gateway = gw.Gateway(upstream, plan)
            with gateway.serving() as url:
                settings = RunSettings(url, budget=Budget(max_examples=1), **options)
                with open_session(settings) as session:
                    outcome = session.run(without_generated(*names))
        return outcome, gateway, app

    return run


def not_held(outcome):
    return {
        result.clause.id: (result.verdict.value, result.why, result.findings)
        for result in outcome.results
        if result.verdict != "held"
    }


@pytest.mark.parametrize(
    "plan",
    [
        gw.every(20, gw.drop),
        gw.every(20, gw.drop_after_forwarding),
        lambda _: gw.close_after,
        lambda _: gw.close_late,
        gw.every(20, gw.html(502, "<html>bad gateway</html>")),
        gw.every(20, gw.html(503, "<html>away</html>", **{"Retry-After": "1"})),
    ],
    ids=[
        "dropped before",
        "dropped after",
        "closed after each",
        "closed 2 ms after each",
        "502",
        "503",
    ],
)
def test_short_troubles_change_no_verdict_and_leave_nothing(staged, plan):
    """T1: what was lost is asked again, or looked up where it may have been carried out."""
    outcome, _, app = staged(plan, *SOME)

    assert not_held(outcome) == {}
    assert outcome.left_behind == ()
    assert (app.users, app.groups) == ({}, {})


def test_few_connections_are_enough():
    """T5: a gateway takes ten at once and refuses others, while sixteen clauses are checked."""
    app = App()
    with serving(app) as upstream:
        few = gw.Gateway(upstream, most_connections=10)
        with few.serving() as url, open_session(RunSettings(url)) as session:
            outcome = session.run(without_generated("operations.*", "errors.*", "access.*"))

    assert not_held(outcome) == {}
    assert (app.users, app.groups) == ({}, {})
    assert "refused or dropped connections" in outcome.notes[0]


def test_connections_that_wait_for_others_are_not_opened():
    """T5: a gateway answers on five connections, and on others once one of those is closed."""
    app = App()
    with serving(app) as upstream:
        few = gw.Gateway(upstream, most_connections=5, others_wait=True)
        with few.serving() as url, open_session(RunSettings(url)) as session:
            outcome = session.run(without_generated("operations.*", "errors.*"))

    assert not_held(outcome) == {}
    assert (app.users, app.groups) == ({}, {})
    assert "lets others wait" in outcome.notes[0]


def test_a_cache_that_shows_what_was_removed_is_named():
    """T5: it is not said that the target keeps its users; seen with Varnish as it is installed."""
    kept = {}

    def from_the_first(handler):
        age = int(handler.path in kept)
        status, headers, body = kept.setdefault(handler.path, handler.gateway.ask(handler))
        handler.write(status, body, **headers, Age=str(age))

    app = App()
    with serving(app) as upstream:
        cache = gw.Gateway(upstream, gw.always(from_the_first, method="GET"))
        with (
            cache.serving() as url,
            pytest.raises(AnswersCached, match="a cache in front of the target gave getUser"),
            open_session(RunSettings(url, settle_s=0.2)),
        ):
            pass

    assert app.users == {}


def test_a_rate_paces_the_look_at_connections_too():
    """Sixteen connections at 20 requests a second are measured, and the five are found."""
    with serving(App()) as upstream:
        few = gw.Gateway(upstream, most_connections=5, others_wait=True)
        with few.serving() as url, open_session(RunSettings(url, rate_per_s=20)) as session:
            outcome = session.run(without_generated("operations.list-conversations"))

    assert not_held(outcome) == {}
    assert "lets others wait" in outcome.notes[0]


def test_an_absence_in_mid_run_is_waited_out(staged):
    """T2: forty requests in a row are answered 503 by the gateway."""
    outcome, _, app = staged(gw.between(60, 100, gw.html(503, "<html>away</html>")), *SOME)

    assert not_held(outcome) == {}
    assert (app.users, app.groups) == ({}, {})


@pytest.mark.parametrize(
    ("body", "kind"),
    [("<html>no</html>", "text/html"), ("blocked by policy", "text/plain"), ("", "text/plain")],
    ids=["page", "text", "nothing"],
)
def test_a_method_that_a_gateway_refuses_is_named(staged, body, kind):
    """T8: clauses that need PUT are not reached, and say so; the others are judged."""
    refused = gw.html(403, body, **{"Content-Type": kind})
    outcome, _, _ = staged(gw.always(refused, method="PUT"), *SOME)

    verdicts = {result.clause.id: result.verdict.value for result in outcome.results}
    whys = {result.why for result in outcome.results if result.verdict != "held"}
    assert outcome.summary["broken"] == 0
    assert verdicts["operations.list-conversations"] == "held"
    assert verdicts["operations.update-group-conversation"] == "not_reached"
    assert all("PUT" in why and "gateway" in why for why in whys)


ODD_PATHS = ("/conversation", "/no-such-thing")


def strict(body, kind):
    """Return a plan: the gateway checks key, method, path and length itself, in a form of its own.

    Its form is a body of that content type.
    """

    def plan(seen):
        path = seen.path.partition("?")[0]
        is_odd = path in ODD_PATHS or path.endswith("/conversations/read")
        status = {
            401: "apikey" not in {name.lower() for name in seen.headers},
            403: seen.headers.get("apikey") != "k" or is_odd,
            405: seen.method == "PATCH",
            414: len(path) > 140,
        }
        refused = next((each for each, applies in status.items() if applies), None)
        if refused is None:
            return None
        return lambda handler: handler.write(refused, body, **{"Content-Type": kind})

    return plan


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>no</html>", "text/html"), (b"Unauthorized", "text/plain"), (b"", "text/plain")],
    ids=["page", "text", "nothing"],
)
def test_what_a_gateway_refuses_itself_is_not_held_against_the_api(staged, body, kind):
    """A missing or unknown key, an odd method or path, an oversized id: not staged, and green."""
    outcome, _, _ = staged(strict(body, kind), "errors.*", "access.*")

    rest = {each.clause.id: each for each in outcome.results if each.verdict != "held"}
    keys = {"access.key-required", "access.key-known", "access.key-scope"}
    assert {each.verdict.value for each in rest.values()} == {"not_staged"}
    assert rest.keys() == {*keys, "access.unknown-path"}
    assert all("a gateway in front of the target refuses" in each.why for each in rest.values())
    assert "listConversations (401)" in rest["access.key-required"].why
    assert outcome.exit_code == 0


def refuse(self, request):
    raise Refusal(403, "ERR_NOT_ALLOWED")


def test_the_first_refused_user_ends_the_run(staged):
    """T9: with the call's name and what helps, after a handful of requests."""
    app = App(overrides={"create_user": refuse})
    seen = []

    with pytest.raises(CreationRefused, match=r"createUser \(403 ERR_NOT_ALLOWED\).*--cast"):
        staged(seen.append, *SOME, app=app)

    assert len(seen) <= 5


def test_a_gateway_that_refuses_users_ends_the_run(staged):
    """With a page of its own, which is none of the API's answers."""
    seen = []

    def plan(request):
        seen.append(request)
        is_user = request.method == "POST" and request.path.endswith("/users")
        return gw.html(403, "<html>no</html>") if is_user else None

    with pytest.raises(CreationRefused, match=r"createUser \(403 <html>.*--cast"):
        staged(plan, *SOME)

    assert len(seen) <= 5


def test_a_refused_group_ends_the_run_and_leaves_nothing(staged):
    """The preflight makes no group, so this is found in the middle."""
    app = App(overrides={"create_group": refuse})

    with pytest.raises(CreationRefused, match="createGroup"):
        staged(lambda _: None, *SOME, app=app)

    assert app.users == {}


def test_what_the_plan_of_the_app_lacks_is_not_staged(staged):
    """An app without an add-on can be green."""

    def lacking(self, request):
        raise Refusal(403, "ERR_FEATURE_NOT_ACCESSIBLE")

    app = App(overrides={"mark_delivered": lacking})
    outcome, _, _ = staged(
        lambda _: None,
        "operations.mark-user-conversation-as-delivered",
        "key-behaviors.at-most-25-tags",
        app=app,
    )

    assert outcome.summary["not_staged"] == 1
    assert outcome.exit_code == 0


def test_a_removal_that_only_says_so_is_told(staged):
    """One removed thing of each kind is looked up."""
    app = App(overrides={"delete_group": lambda self, request: {"success": True}})
    outcome, _, _ = staged(lambda _: None, "errors.guid-*", "access.*", app=app, settle_s=0)

    assert app.groups != {}
    assert len(outcome.left_behind) == 1
    assert "still there" in outcome.left_behind[0]


def test_what_was_refused_is_not_said_to_be_left(staged):
    """Only what was made can stay behind."""
    app = App(overrides={"create_group": refuse, "delete_group": refuse})
    with serving(app) as url, open_session(RunSettings(url)) as session:
        with pytest.raises(CreationRefused):
            session.run(without_generated("operations.update-group-conversation"))

        assert session.left_behind == []
