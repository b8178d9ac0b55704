"""A scene: polls without haste, keeps what it found, and spends its patience once."""

import pytest

from duologue.contracts.context.conversation_view import list_rows
from duologue.contracts.context.expectations import shown
from duologue.contracts.errors import Broken, NotReached, NotStaged
from support.fakes import session_on
from support.independent.app import App


@pytest.fixture
def context(make_app, clock):
    """``context(settle_s=5, **options)``: a scene on a server of this process."""
    opened = []

    def open_scene(*, settle_s=5.0, **options):
        session = session_on(make_app(**options), clock, settle_s=settle_s)
        opened.append((session, session.context()))
        return opened[-1][1]

    yield open_scene
    for session, one in opened:
        assert one.teardown() == []
        session.close()


class Probe:
    """Gives its values one after the other, the last one for ever; raises those that are errors."""

    def __init__(self, *values):
        self.values, self.request = list(values), 0

    def __call__(self):
        self.request += 1
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if isinstance(value, Exception):
            raise value
        return value


def test_what_holds_is_not_waited_for(context, clock):
    """The first look is enough where it holds."""
    here, started, probe = context(), clock(), Probe(7)

    assert here.expect.equal("seven", probe, 7) == 7
    assert (probe.request, clock()) == (1, started)


def test_what_comes_late_is_waited_for(context, clock):
    """Looks are repeated until it holds, and then no longer."""
    here, started, probe = context(), clock(), Probe(1, 2, 3)

    assert here.expect.equal("three", probe, 3) == 3
    assert probe.request == 3
    assert 0 < clock() - started < 0.1


def test_what_never_comes_is_given_up_at_settle(context, clock):
    """After the time to settle it is broken, with what was expected and what was there last."""
    here, started = context(settle_s=2.0), clock()
    with pytest.raises(Broken) as error:
        here.expect.equal("three", Probe(1, 2), 3)

    assert 2.0 <= clock() - started < 2.5
    assert (error.value.title, error.value.expected, error.value.actual) == ("three", "3", "2")


def test_patience_is_spent_once(context, clock):
    """A second disappointment in a scene does not wait for as long again."""
    here = context(settle_s=2.0)
    for _ in range(3):
        with pytest.raises(Broken):
            here.expect.equal("three", Probe(1), 3)
    started = clock()
    with pytest.raises(Broken):
        here.expect.equal("three", Probe(1), 3)

    assert clock() - started < 0.1


def test_patience_stays_where_writes_are_late(context, clock):
    """On a target that shows writes late, each look has at least four times that."""
    here = context(settle_s=5.0, late_s=0.5)
    with pytest.raises(Broken):
        here.expect.equal("three", Probe(1), 3)
    started = clock()
    with pytest.raises(Broken):
        here.expect.equal("three", Probe(1), 3)

    assert 2.0 <= clock() - started < 3.0


def test_no_patience_is_one_look(context):
    """With a time to settle of 0, what does not hold at once is broken."""
    probe = Probe(1)
    with pytest.raises(Broken):
        context(settle_s=0).expect.equal("three", probe, 3)

    assert probe.request == 1


@pytest.mark.parametrize("early", [NotReached("no"), Broken("x", expected="a", actual="b")])
def test_a_probe_that_is_refused_may_be_early(context, early):
    """What a probe raises is asked again, until it is the last word."""
    here = context()
    assert here.expect.equal("three", Probe(early, 3), 3) == 3
    with pytest.raises(type(early)):
        here.expect.equal("three", Probe(early), 3)


def test_a_step_on_the_way_is_not_reached(context):
    """``precondition`` blames no one: the clause's point was not come to."""
    with pytest.raises(NotReached, match="three: expected 3, got 1"):
        context(settle_s=0).expect.precondition(
            "three", Probe(1), lambda seen: seen == 3, expected="3"
        )


def test_what_shall_stay_is_looked_at_late_enough(context, clock):
    """A change that shows late is a change: the look comes after the target's lag."""
    here = context(late_s=0.5)
    conversation = here.conversations.new(unread=1)
    conversation.do("read")

    with pytest.raises(Broken):
        here.expect.stays("the unread count", conversation.view.count, 1)


def test_a_late_message_is_staged_when_it_shows(context):
    """What the cast wrote is there when the next step looks."""
    conversation = context(late_s=0.5).conversations.new("group", unread=2)

    assert conversation.view.count() == 2


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("user", "ERR_UID_NOT_FOUND"),
        ("group", "ERR_GUID_NOT_FOUND"),
        ("group", "ERR_GROUP_NOT_JOINED"),
    ],
)
def test_who_shows_later_than_before_the_run_is_waited_for(make_app, clock, kind, code):
    """A target that is busy by now may be later than the lag that was measured."""
    shows_at = 0.0

    def answer(self, request):
        if request.route.endswith("/conversation") and clock() < shows_at:
            return 404, {"error": {"code": code, "message": "not yet"}}
        return App.answer(self, request)

    session = session_on(make_app(late_s=0.5, overrides={"answer": answer}), clock)
    here = session.context()
    shows_at = clock() + 3

    assert here.conversations.unstarted(kind).ask("get").code == "ERR_CONVERSATION_NOT_FOUND"
    assert here.teardown() == []
    session.close()


def test_messages_written_at_once_are_not_waited_for(context, clock):
    """One of them is the last, and the others never show as that."""
    here = context(late_s=0.5)
    conversation = here.conversations.new(unread=1)
    started = clock()

    conversation.receive_at_once(4)

    assert clock() == started
    assert here.expect.equal("the unread count", conversation.view.count, 5) == 5


def test_a_case_keeps_what_breaks_and_goes_on(context):
    """Each case is a finding of its own, with the calls since it began."""
    here = context()
    here.create.user()
    for name in ("one", "two"):
        with here.case(name):
            here.client.call("listConversations", caller="nobody")
            here.expect.that("x", False, expected="a", actual=name)

    assert [(f.title, f.expected, f.actual) for f in here.findings.own] == [
        ("one: x", "a", "one"),
        ("two: x", "a", "two"),
    ]
    assert [len(finding.calls) for finding in here.findings.own] == [1, 1]


def test_each_kind_is_judged_by_itself(context):
    """A break for users does not hide one for groups."""
    here = context()

    def check(context, kind):
        context.expect.that("x", False, expected="a", actual=kind)

    here.each_kind(check)

    assert [finding.actual for finding in here.findings.own] == ["user", "group"]


@pytest.mark.parametrize(
    ("failures", "raised"),
    [
        ({"user": NotReached("r")}, NotReached),
        ({"group": NotStaged("s")}, None),
        ({"user": NotStaged("s"), "group": NotStaged("s")}, NotStaged),
        ({"user": NotStaged("s"), "group": NotReached("r")}, NotReached),
    ],
)
def test_kinds_that_are_missing(context, failures, raised):
    """Not reached outweighs not staged; one kind that could be staged is enough."""

    def check(context, kind):
        if kind in failures:
            raise failures[kind]

    if raised is None:
        context().each_kind(check)
        return
    with pytest.raises(raised):
        context().each_kind(check)


def test_a_list_is_read_to_its_end(context):
    """All pages are read, and no page after the last."""
    here = context()
    caller = here.create.user()
    for _ in range(5):
        here.create.send(caller, kind="user", to=here.create.user())

    assert len(list_rows(here.client, caller, perPage=2)) == 5
    assert len([c for c in here.client.calls if c.operation_id == "listConversations"]) == 3


def test_a_list_that_does_not_come_is_not_reached(context):
    refused = {"list_conversations": App.get_message}
    here = context(overrides=refused)

    with pytest.raises(NotReached, match="listConversations was answered"):
        list_rows(here.client, here.create.user())


def test_long_values_are_shown_short():
    assert shown("x" * 400) == '"' + "x" * 296 + "..."
    assert shown({"a": 1}) == '{"a": 1}'
