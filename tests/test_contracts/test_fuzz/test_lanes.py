"""The lanes of a run: side by side, each reproducible, and one result."""

import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from duologue.contracts.clause import choose
from duologue.contracts.context.budget import PHASES, Budget
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.types import LANES
from duologue.contracts.run.results import Verdict
from support.fakes import DirectTransport, session_on
from support.independent.app import App

pytestmark = pytest.mark.one_python

DOCUMENT = "document.answers-follow-it"
FIRST = Budget(42, 3, 60, tuple(phases[0] for phases in LANES))  # of each lane


class TransportByLane(DirectTransport):
    """A transport that records the requests of each lane, without what differs between runs."""

    def __init__(self, app, *, token, do=lambda text: None, **options):
        super().__init__(app, **options)
        self.token, self.do = token, do
        self.sent = defaultdict(list)
        self._local = threading.local()  # the lane that a thread sends for

    def _once(self, method, url, *, headers, content):
        text = f"{method} {url} {headers.get('onBehalfOf')} {content}"
        self.do(text)
        without_ids = re.sub(r'("messageId": "?|/messages/)\d+', r"\1N", text)
        self.sent[self._lane_of(text)].append(without_ids.replace(self.token, "TOKEN"))
        return super()._once(method, url, headers=headers, content=content)

    def _lane_of(self, text):
        """Return the lane that an id of the request names, else the last one of the thread."""
        named = re.search(rf"duo-{self.token}-([a-z]+)-", text)
        if named:
            self._local.lane = named[1]
        return getattr(self._local, "lane", None)


@dataclass
class HeadStart:
    """Lets one lane send so many requests before another one sends its first."""

    lane: str
    requests: int = 40
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __call__(self, text):
        """Count a request of the first lane; keep those of the others back until then."""
        if f"-{self.lane}-" in text:
            self.requests -= 1
            if not self.requests:
                self._is_over.set()
        elif re.search("duo-[0-9a-f]+-[a-z]+-", text):
            assert self._is_over.wait(60)


def played(app, clock, budget=FIRST, *, do=lambda text: None):
    """Return the clause's result, and the transport that it was played on."""
    session = session_on(app, clock, budget=budget)
    session.transport = TransportByLane(app, token=session.token, do=do, sleep=clock.sleep)
    (result,) = session.run(choose([DOCUMENT])).results
    return result, session.transport


def test_every_phase_is_in_one_lane():
    assert sorted(phase for lane in LANES for phase in lane) == sorted(PHASES)


def test_each_lane_sends_the_same_requests_in_every_run(make_app, clock):
    """Whichever lane is ahead: none depends on what another one sends, its removal included."""
    lanes = [phases[0] for phases in LANES]
    runs = [played(make_app(), clock, do=HeadStart(lane))[1].sent for lane in lanes]

    assert all(len(runs[0][lane]) > 40 for lane in lanes)
    assert all(run[lane] == runs[0][lane] for run in runs for lane in lanes)


def test_phases_are_told_in_their_order(make_app, clock):
    result, _ = played(make_app(), clock)

    assert (result.verdict, tuple(result.phases)) == (Verdict.HELD, FIRST.phases)


def test_phases_that_are_not_chosen_are_not_run(make_app, clock):
    result, transport = played(make_app(), clock, Budget(42, 3, 60, ("stateful",)))

    assert tuple(result.phases) == ("stateful",)
    assert "examples" not in transport.sent


def test_what_all_lanes_find_is_one_finding(make_app, clock):
    def without_type(self, *args, **wants):
        shown = App.conversation(self, *args, **wants)
        return {name: each for name, each in shown.items() if name != "conversationType"}

    result, _ = played(make_app(overrides={"conversation": without_type}), clock)

    assert [each.title.partition(":")[0] for each in result.findings] == [
        "properties.conversation-type"
    ]


def test_a_lane_whose_ids_cannot_be_made_leaves_the_others_judged(make_app, clock):
    def no_user(text):
        if "-fuzzing-" in text and "/users " in text:
            raise NotReached("the users are away")

    result, _ = played(make_app(), clock, do=no_user)

    assert (result.verdict, result.why) == (Verdict.NOT_REACHED, "the users are away")
    assert tuple(result.phases) == ("examples", "stateful")


@pytest.mark.parametrize("lane", [phases[0] for phases in LANES])
def test_a_run_that_is_ended_outweighs_what_was_not_reached(make_app, clock, lane):
    def end(text):
        raise Interrupted if f"-{lane}-" in text else NotReached("the target is away")

    session = session_on(make_app(), clock, budget=FIRST)
    session.transport = TransportByLane(make_app(), token=session.token, do=end, sleep=clock.sleep)

    with pytest.raises(Interrupted):
        session.play(*choose([DOCUMENT]))
