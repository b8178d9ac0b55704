"""The engine tries what the clauses do not think of: safely, the same each time, in time."""

import itertools
import re

import pytest
import schemathesis
from schemathesis.core import failures
from schemathesis.engine import events, from_schema
from schemathesis.engine.run import PhaseName
from schemathesis.openapi import checks
from schemathesis.transport.requests import RequestsTransport

from duologue.contracts.clause import ALL_OPERATIONS, choose
from duologue.contracts.context.budget import PHASES, Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.campaign import NOT_SENT, Campaign
from duologue.contracts.fuzz.known_ids import collect_known_ids
from duologue.contracts.fuzz.schemathesis_adapter import FACTS
from duologue.contracts.fuzz.suppressions import SUPPRESSIONS
from duologue.contracts.fuzz.triage import DESCRIPTIONS
from duologue.contracts.fuzz.types import GeneratedRequest
from duologue.contracts.run.results import Verdict
from support.fakes import Direct, session_on
from support.independent.app import Registry
from support.populated import populated, state
from support.tolerant_servers import FREEDOMS

DOCUMENT = "document.answers-follow-it"
QUICK = Budget(42, 3, 60, ("examples", "fuzzing"))


class RecordingTransport(Direct):
    """A transport that keeps what was sent, and does something at a given request."""

    def __init__(self, registry, *, at=-1, do=None, **options):
        super().__init__(registry, **options)
        self.sent, self.at, self.do = [], at, do

    def _once(self, method, url, *, headers, content):
        self.sent.append((method, url, headers.get("onBehalfOf"), content))
        if self.do is not None and len(self.sent) >= self.at:
            self.do(self)
        return super()._once(method, url, headers=headers, content=content)


def run_campaign(registry, clock, budget=QUICK, *, existing=None, **options):
    """A campaign of a server that has run, and the transport it went through."""
    session = session_on(registry, clock, existing=existing, budget=budget)
    session.transport = RecordingTransport(registry, sleep=clock.sleep, **options)
    with session.opened() as context:
        context.data.number_apart("drawn")
        campaign = Campaign(context, collect_known_ids(context))
        campaign.run()
    return campaign, session.transport, session.token


def sent_text(transport, token):
    """What was sent, with the token of its run left out."""
    text = repr(transport.sent).replace(token, "TOKEN")
    return re.sub(r'("messageId": "?|/messages/)\d+', r"\1N", text)


def results_of(registry, clock, *names, budget=QUICK):
    """The results of these clauses by their ids."""
    session = session_on(registry, clock, budget=budget)
    outcome = session.run(choose(names))
    return outcome, {result.clause.id: result for result in outcome.results}


def with_text_count(shown):
    return {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}


def text_time_after_unread(self, asked):
    """createdAt as text, but only in the answer to marking as unread."""
    shown = Registry.conversation(self, self.named(asked), self.thread(self.named(asked)))
    Registry.mark_unread(self, asked)
    return {"success": True, "conversation": {**shown, "createdAt": "yesterday"}}


# -- what is reached ---------------------------------------------------------------------------


def test_every_operation_succeeds_in_every_phase(town, clock):
    """Ids of a staged ensemble lead all 15 operations to 2xx, four of five drawn inputs too."""
    campaign, _, _ = run_campaign(town(), clock, Budget(42, 20))

    assert list(campaign.phases) == list(PHASES)
    assert {name: each.operations_without_2xx for name, each in campaign.phases.items()} == (
        dict.fromkeys(PHASES, ())
    )
    assert campaign.phases["fuzzing"].ok_share > 0.66
    assert (campaign.untested, list(campaign.findings.by_clause())) == ([], [])


def test_the_books_hold_every_request(town, clock):
    """What the engine sends is counted by operation and status, like any other call."""
    outcome, _ = results_of(town(), clock, DOCUMENT)

    assert set(outcome.operations) == set(ALL_OPERATIONS)
    assert sum(each.requests for each in outcome.phases.values()) <= sum(
        sum(by.values()) for by in outcome.operations.values()
    )
    assert set(outcome.as_dict()["phases"]) == set(QUICK.phases)


# -- the same each time ------------------------------------------------------------------------


def test_the_same_seed_sends_the_same_requests(town, clock):
    """Two runs differ in the token of their ids alone, also on one living server."""
    registry, budget = town(), Budget(7, 5, 600)
    first = sent_text(*run_campaign(registry, clock, budget)[1:])
    populated(registry)
    second = sent_text(*run_campaign(registry, clock, budget)[1:])

    assert first == second


def test_another_seed_sends_other_requests(town, clock):
    """The seed decides what fuzzing draws."""
    one, other = (
        sent_text(*run_campaign(town(), clock, Budget(n, 5, 60, ("fuzzing",)))[1:]) for n in (1, 2)
    )

    assert one != other


def test_no_file_is_left(town, clock, tmp_path, monkeypatch):
    """Neither of the tools leaves a folder where the suite was started."""
    monkeypatch.chdir(tmp_path)
    results_of(town(), clock, DOCUMENT, "walk.state-follows-a-model")

    assert list(tmp_path.iterdir()) == []


# -- what is safe ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_of_others_is_touched(town, clock, seed):
    """Requests that change something name what was made, on a server full of likely names."""
    registry = populated(town())
    for uid in ("0", "00", "a", "null", "false", "1"):
        registry.users[uid] = {"uid": uid, "name": uid}
        registry.members["hikers"][uid] = "participant"
        registry.post(uid, "ana", kind="user", text="hello")
        registry.label((uid, "user", "ana"), ["mine"])
    before = state(registry)
    results_of(registry, clock, DOCUMENT, budget=Budget(seed, 4))

    assert state(registry) == before


OWN, CALLER, OTHERS = "own-peer", "own-caller", "0"


@pytest.mark.parametrize(
    ("method", "caller", "peer", "may"),
    [
        ("DELETE", CALLER, OWN, True),
        ("DELETE", OTHERS, OWN, True),  # of others with what was made: there is nothing to lose
        ("DELETE", None, OWN, True),
        ("DELETE", CALLER, OTHERS, False),
        ("DELETE", CALLER, "not an id", True),
        ("DELETE", OTHERS, "not an id", False),
        ("DELETE", OTHERS, OTHERS, False),
        ("PATCH", CALLER, OTHERS, False),
        ("GET", OTHERS, OTHERS, True),
    ],
)
def test_what_may_be_sent(town, clock, method, caller, peer, may):
    """A request that may change something names the made, or an id that nobody can have."""
    session = session_on(town(), clock)
    with session.opened() as context:
        campaign = Campaign(context, collect_known_ids(context))
        known = {
            CALLER: campaign.known_ids.caller,
            OWN: campaign.known_ids.ids["getUserConversation"][0],
        }
        headers = {} if caller is None else {"onBehalfOf": known.get(caller, caller)}
        values = {"uid": known.get(peer, peer)}
        sent = GeneratedRequest(
            "resetUserConversation", method, "http://direct/v3", headers, None, values
        )

        assert campaign.may_be_sent(sent) is may


def test_the_list_is_asked_for_with_a_caller(town, clock):
    """Without one it holds the whole app, which is not ours to draw from."""
    _, transport, _ = run_campaign(town(), clock)
    lists = [caller for _, url, caller, _ in transport.sent if "/v3/conversations?" in url]

    assert lists
    assert None not in lists


def test_a_fixed_cast_is_only_read(town, clock):
    """Where nothing may be made, GETs alone are sent, and all is as it was."""
    registry = populated(town())
    before = state(registry)
    roles = [
        ExistingConversation("ana", "user", "bo"),
        ExistingConversation("ana", "group", "hikers"),
    ]
    campaign, transport, _ = run_campaign(registry, clock, Budget(42, 5), existing=roles)

    assert {method for method, *_ in transport.sent} == {"GET"}
    assert campaign.phases["fuzzing"].operations_without_2xx == ()
    assert state(registry) == before


# -- what is found -----------------------------------------------------------------------------


def test_one_cause_is_one_finding(town, clock):
    """A count that is text on every operation is told once, at its own clause."""
    departures = {
        "conversation": lambda self, *args, **wants: with_text_count(
            Registry.conversation(self, *args, **wants)
        )
    }
    _, results = results_of(town(departures=departures), clock, DOCUMENT)
    (finding,) = results[DOCUMENT].findings

    assert finding.title.startswith("properties.unread-message-count-is-an-integer: unreadMessage")
    assert (finding.expected, len(finding.calls)) == ("type: integer", 1)
    assert "more" in finding.title
    assert "(in " in finding.actual
    assert "$CONTRACTS_API_KEY" in finding.calls[0]


def test_a_finding_goes_to_the_clause_it_breaks(town, clock):
    """What the clause's own check did not see makes it broken; the document's is held."""
    clause_id = "properties.created-at-is-unix-seconds"
    registry = town(departures={"mark_unread": text_time_after_unread})
    _, results = results_of(registry, clock, DOCUMENT, clause_id)

    assert results[DOCUMENT].verdict is Verdict.HELD
    assert results[clause_id].verdict is Verdict.BROKEN
    assert [each.expected for each in results[clause_id].findings] == ["type: integer"]


def test_a_clause_that_broke_by_itself_is_told_once(town, clock):
    """The engine adds nothing to what a clause's own check has found."""
    clause_id = "access.key-required"
    registry = town(departures={"check_key": lambda self, key: None})
    _, results = results_of(registry, clock, clause_id)
    alone = results[clause_id].findings
    _, results = results_of(registry, clock, DOCUMENT, clause_id)

    assert [each.title for each in results[clause_id].findings] == [each.title for each in alone]
    assert results[DOCUMENT].verdict is Verdict.HELD


@pytest.mark.parametrize("name", FREEDOMS)
def test_a_freedom_rings_no_alarm(town, clock, name):
    """What no document decides is nothing to complain of."""
    _, results = results_of(town(departures=FREEDOMS[name]), clock, DOCUMENT)

    assert (results[DOCUMENT].verdict, results[DOCUMENT].findings) == (Verdict.HELD, ())


class EveryTenth:
    """Answers every tenth request with 429, some of them without a Retry-After."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def __call__(self, town, asked):
        if next(self.numbers) % 10 == 0:
            return 429, {"error": {"code": "ERR_TOO_MANY_REQUESTS", "message": "later"}}
        return Registry.answer(town, asked)


def test_429_is_obeyed_and_not_judged(town, clock):
    """A target that throttles is waited for, in all phases."""
    before = clock()
    registry = town(departures={"answer": EveryTenth()})
    _, results = results_of(registry, clock, DOCUMENT, budget=Budget(42, 3, 600))

    assert results[DOCUMENT].verdict is Verdict.HELD
    assert clock() - before > 50


# -- what ends it ------------------------------------------------------------------------------


def test_a_slow_target_is_tried_less_and_evenly(town, clock):
    """Time that is up cuts every operation short, and none is left out."""
    slow = {"at": 0, "do": lambda transport: clock.sleep(0.3)}
    campaign, transport, _ = run_campaign(town(), clock, Budget(42, 8, 30), **slow)

    assert clock() > 0
    assert len(transport.sent) * 0.3 < 60
    assert campaign.phases["fuzzing"].cut_short
    assert campaign.phases["fuzzing"].requests >= len(ALL_OPERATIONS)


def test_an_interruption_ends_it_at_once(town, clock):
    """No request goes out once the run is being ended, but those that clean up."""
    registry = town()
    with pytest.raises(Interrupted):
        run_campaign(registry, clock, at=60, do=lambda transport: transport.stopping.set())

    assert (registry.users, registry.groups, registry.letters) == ({}, {}, [])


def test_a_target_that_dies_is_not_reached(town, clock):
    """An operation that could not be tried is told, not passed over."""

    def die(transport):
        if not transport.stopping.is_set():
            raise NotReached("the line is dead")

    with pytest.raises(NotReached, match="the line is dead"):
        run_campaign(town(), clock, at=80, do=die)


def test_a_request_that_is_not_answered_is_told(town, clock):
    """One that hangs is no break of a clause, and what follows it is tried."""
    silent = itertools.count(1)

    def hang(transport):
        if next(silent) == 1:
            raise NotReached("GET /x was not answered: timed out")

    campaign, _, _ = run_campaign(town(), clock, at=80, do=hang)

    assert campaign.untested == ["GET /x was not answered: timed out"]
    assert campaign.phases["fuzzing"].operations_without_2xx == ()


# -- what is used of the engine ----------------------------------------------------------------


def test_the_engine_is_as_the_adapter_takes_it():
    """Names of the semi-public parts: where one is gone, this says so before a run does."""
    assert {name.value for name in PhaseName} >= {*PHASES, "probing", "auth_bootstrap"}
    assert {"info", "label"} <= set(events.NonFatalError.__slots__)
    assert "exception" in events.FatalError.__slots__
    assert callable(RequestsTransport.serialize_case)
    assert schemathesis.transport.requests.REQUESTS_TRANSPORT._serializers
    assert callable(from_schema)


def test_every_kind_of_complaint_is_one_of_the_engine():
    """The words for complaints, and what is tolerated, name failures that exist."""
    known = {name for module in (checks, failures) for name in vars(module)}
    kinds = {name.removesuffix(" of a refusal") for name in DESCRIPTIONS}
    kinds |= {kind for entry in SUPPRESSIONS for kind in entry.kinds}

    assert kinds <= known


def test_the_facts_are_fields_of_failures():
    """What is taken from failures beside their words."""
    fields = {
        *checks.IgnoredAuth.__slots__,
        *checks.UnsupportedMethodResponse.__slots__,
        *checks.UseAfterFree.__slots__,
    }

    assert set(FACTS) <= fields


def test_what_is_kept_from_the_target_is_a_refusal_in_the_envelope():
    """The engine takes it for an answer, so it must not complain of it."""
    assert (NOT_SENT.status, NOT_SENT.code, NOT_SENT.ok) == (404, "ERR_NOT_SENT", False)
