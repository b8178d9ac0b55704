"""What a run learns of its target before it judges: how late writes show, in each place."""

import pytest

from support.fakes import DirectTransport, session_on, without_generated
from support.independent.app import App
from support.servers.tolerant_servers import LISTED_LATE_S, listed_late

CROWD = "key-behaviors.crowded-group-keeps-last-message"


@pytest.mark.parametrize(
    ("options", "least_s", "most_s"),
    [
        ({}, 0, 0),
        ({"late_s": 0.5}, 0.5, 0.6),
        ({"overrides": listed_late()}, LISTED_LATE_S, LISTED_LATE_S + 0.1),
    ],
    ids=["at once", "all late", "the list late"],
)
def test_the_lag_is_that_of_the_later_place(make_app, clock, options, least_s, most_s):
    session = session_on(make_app(**options), clock)

    assert least_s <= session.profile.lag_s <= most_s
    assert session.left_behind == []


def list_is_gone(self, request):
    if request.route == "/v3/conversations":
        return 404, {"error": {"code": "ERR_API_NOT_FOUND", "message": "no such operation"}}
    return App.answer(self, request)


@pytest.mark.parametrize(
    "overrides",
    [{"answer": list_is_gone}, {"list_conversations": lambda *_: {"data": [], "meta": {}}}],
    ids=["missing", "always empty"],
)
def test_a_list_that_never_shows_a_message_is_not_late(make_app, clock, overrides):
    session = session_on(make_app(overrides=overrides), clock)

    assert session.profile.lag_s == 0


def test_a_slow_machine_changes_no_verdict_on_a_late_list(make_app, clock):
    """T6 under load: each request takes 0.4 s, so that polls of a check have little time left."""
    session = session_on(make_app(overrides=listed_late()), clock)

    class Slow(DirectTransport):
        def _once(self, method, url, *, headers, content):
            clock.sleep(0.4)
            return super()._once(method, url, headers=headers, content=content)

    session.transport = Slow(session.transport.app, sleep=clock.sleep)
    outcome = session.run(without_generated(CROWD, "listing.newest-first"))

    assert (outcome.summary["held"], outcome.exit_code) == (2, 0)
