"""No verdict depends on whether two steps of a check fall into the same second."""

import pytest

from support.fakes import DirectTransport, session_on, without_generated
from support.independent.app import App

OF_TIMES = (
    "properties.*",
    "connections.*",
    "listing.newest-first",
    "consistency.every-answer-tells-the-same",
)


class TickingTransport(DirectTransport):
    """A transport whose server is a second further with each request."""

    def _once(self, method, url, *, headers, content):
        self.app.clock.sleep(1)
        return super()._once(method, url, headers=headers, content=content)


def not_held_on(app, clock, *names, ticking):
    """Return the verdict and the fingerprints of each clause that is not held."""
    session = session_on(app, clock, settle_s=0)
    if ticking:
        session.transport = TickingTransport(app, sleep=clock.sleep)
    return {
        each.clause.id: (
            each.verdict.value,
            sorted(finding.fingerprint(each.clause.id) for finding in each.findings),
        )
        for each in session.run(without_generated(*names)).results
        if each.verdict != "held"
    }


def test_a_server_may_take_a_second_for_each_request(make_app, clock):
    assert not_held_on(make_app(), clock, ticking=True) == {}


def shows(**changes):
    """Return an override: properties of a conversation are shown as functions make them."""

    def conversation(self, key, messages, **how):
        shown = App.conversation(self, key, messages, **how)
        return {**shown, **{name: make(self, shown) for name, make in changes.items()}}

    return {"conversation": conversation}


def sent_now(self, message):
    return {**App.shown_last(self, message), "sentAt": self.now()}


DEFECTS = {
    "updatedAt stays": shows(updatedAt=lambda _, shown: shown["createdAt"]),
    "updatedAt is now": shows(updatedAt=lambda app, _: app.now()),
    "createdAt is now": shows(createdAt=lambda app, _: app.now()),
    "sentAt is now": {"shown_last": sent_now},
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_wrong_time_is_judged_alike_however_long_steps_take(make_app, clock, name):
    """All steps in one second but for pauses, or each request in another one."""
    found = [
        not_held_on(make_app(overrides=DEFECTS[name]), clock, *OF_TIMES, ticking=ticking)
        for ticking in (False, True)
    ]
    at_once, slowly = ({id_: verdict for id_, (verdict, _) in each.items()} for each in found)

    assert at_once == slowly
    assert "broken" in at_once.values()
    if name.startswith("updatedAt"):
        assert found[0] == found[1]
