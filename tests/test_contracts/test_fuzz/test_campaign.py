"""The campaign of generated requests: reproducible, safe for other data, within its time."""

import itertools
import re
import string
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest

from duologue.contracts.clause import ALL_OPERATIONS, choose
from duologue.contracts.context.budget import PHASES, Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.campaign import MOST_REPAIRS, NOT_SENT, Campaign
from duologue.contracts.fuzz.engine_process import started_engine
from duologue.contracts.fuzz.known_ids import LONG_IDS, ODD_IDS, collect_known_ids
from duologue.contracts.fuzz.types import GeneratedRequest
from duologue.contracts.http.response import read
from duologue.contracts.http.transport import AttemptFailed
from duologue.contracts.run.results import Verdict
from support.fakes import DirectTransport, session_on
from support.independent.app import App
from support.independent.values import Refusal
from support.servers.populated import populated, state
from support.servers.tolerant_servers import TOLERANCES

pytestmark = pytest.mark.one_python

DOCUMENT = "document.answers-follow-it"
QUICK = Budget(42, 3, 60, ("examples", "fuzzing"))


class RecordingTransport(DirectTransport):
    """A transport that records requests, and calls ``do`` from the given request on."""

    def __init__(self, app, *, at=-1, do=None, **options):
        super().__init__(app, **options)
        self.sent, self.at, self.do = [], at, do

    def _once(self, method, url, *, headers, content):
        self.sent.append((method, url, headers.get("onBehalfOf"), content))
        if self.do is not None and len(self.sent) >= self.at:
            self.do(self)
        return super()._once(method, url, headers=headers, content=content)


def run_campaign(
    app, clock, budget=QUICK, *, existing=None, transport=RecordingTransport, **options
):
    """Return a campaign that has run, its transport and the token of its session."""
    session = session_on(app, clock, existing=existing, budget=budget)
    session.transport = transport(app, sleep=clock.sleep, **options)
    with started_engine() as engine, session.opened() as context:
        context.data.number_apart("drawn")
        campaign = Campaign(context, collect_known_ids(context), engine.lanes[0])
        campaign.run()
    return campaign, session.transport, session.token


def sent_text(transport, token):
    """Return the recorded requests as text without what differs between runs."""
    text = repr(transport.sent).replace(token, "TOKEN")
    return re.sub(r'("messageId": "?|/messages/)\d+', r"\1N", text)


def results_of(app, clock, *names, budget=QUICK):
    """Return a run of these clauses, and its results by clause id."""
    session = session_on(app, clock, budget=budget)
    outcome = session.run(choose(names))
    return outcome, {result.clause.id: result for result in outcome.results}


def with_text_count(shown):
    return {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}


def text_time_after_unread(self, request):
    """Return createdAt as text, but only in the answer to marking as unread."""
    shown = App.conversation(self, self.copy_key(request), self.thread(self.copy_key(request)))
    App.mark_unread(self, request)
    return {"success": True, "conversation": {**shown, "createdAt": "yesterday"}}


# -- coverage ---------------------------------------------------------------------------


def test_every_operation_succeeds_in_every_phase(make_app, clock):
    """Known ids lead all 15 operations to 2xx, also with two of three fuzzed inputs."""
    campaign, _, _ = run_campaign(make_app(), clock, Budget(42, 20))

    assert list(campaign.phases) == list(PHASES)
    assert {name: each.operations_without_2xx for name, each in campaign.phases.items()} == (
        dict.fromkeys(PHASES, ())
    )
    assert campaign.phases["fuzzing"].ok_share > 0.66
    assert (campaign.untested, list(campaign.findings.by_clause())) == ([], [])


def test_every_request_is_counted(make_app, clock):
    """Requests of the engine are counted by operation and status, like any other."""
    outcome, _ = results_of(make_app(), clock, DOCUMENT)

    assert set(outcome.operations) == set(ALL_OPERATIONS)
    assert sum(each.requests for each in outcome.phases.values()) <= sum(
        sum(by.values()) for by in outcome.operations.values()
    )
    assert set(outcome.as_dict()["phases"]) == set(QUICK.phases)


def test_ids_that_nobody_has_are_tried(make_app, clock):
    """Long ones and odd ones, by operations that read and by those that change."""
    _, transport, _ = run_campaign(make_app(), clock, Budget(42, 1, 60, ("fuzzing",)))

    wide = [(method, url) for method, url, *_ in transport.sent if has_wide_id(url)]
    assert {method for method, _ in wide} == {"GET", "PUT", "POST", "DELETE"}
    assert max(len(url) for _, url in wide) > 900


def has_wide_id(url):
    return any(quote(key, safe="") in url for key in (*LONG_IDS, *ODD_IDS))


# -- reproducibility ------------------------------------------------------------------------


def test_the_same_seed_sends_the_same_requests(make_app, clock):
    """Two runs differ in the token of their ids alone, also on the same server."""
    app, budget = make_app(), Budget(7, 5, 600)
    first = sent_text(*run_campaign(app, clock, budget)[1:])
    populated(app)
    second = sent_text(*run_campaign(app, clock, budget)[1:])

    assert first == second


def test_another_seed_sends_other_requests(make_app, clock):
    one, other = (
        sent_text(*run_campaign(make_app(), clock, Budget(n, 5, 60, ("fuzzing",)))[1:])
        for n in (1, 2)
    )

    assert one != other


def test_no_file_is_left(make_app, clock, tmp_path, monkeypatch):
    """Neither Schemathesis nor Hypothesis leaves a folder in the working directory."""
    monkeypatch.chdir(tmp_path)
    results_of(make_app(), clock, DOCUMENT, "walk.state-follows-a-model")

    assert list(tmp_path.iterdir()) == []


# -- safety ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_data_of_others_is_not_changed(make_app, clock, seed):
    """Requests that change something name test data, also on a server with short, likely ids."""
    app = populated(make_app())
    for uid in ("0", "00", "a", "null", "false", "1"):
        app.users[uid] = {"uid": uid, "name": uid}
        app.members["hikers"][uid] = "participant"
        app.post(uid, "ana", kind="user", text="hello")
        app.set_tags((uid, "user", "ana"), ["mine"])
    before = state(app)
    results_of(app, clock, DOCUMENT, budget=Budget(seed, 4))

    assert state(app) == before


OWN, CALLER, OTHERS = "own-peer", "own-caller", "0"


@pytest.mark.parametrize(
    ("method", "caller", "peer", "may"),
    [
        ("DELETE", CALLER, OWN, True),
        ("DELETE", OTHERS, OWN, True),  # another caller, but only test data
        ("DELETE", None, OWN, True),
        ("DELETE", CALLER, OTHERS, False),
        ("DELETE", CALLER, "not an id", True),
        ("DELETE", OTHERS, "not an id", False),
        ("DELETE", OTHERS, OTHERS, False),
        ("PATCH", CALLER, OTHERS, False),
        ("GET", OTHERS, OTHERS, True),
    ],
)
def test_what_may_be_sent(make_app, clock, method, caller, peer, may):
    """A request that may change something names test data, or an id that no one can have."""
    session = session_on(make_app(), clock)
    with started_engine() as engine, session.opened() as context:
        campaign = Campaign(context, collect_known_ids(context), engine.lanes[0])
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


def test_a_conversation_is_brought_back_a_few_times_only(make_app, clock):
    """Each time takes a message; what is deleted more often stays deleted."""
    app = make_app()
    session = session_on(app, clock)
    with session.opened() as context:
        campaign = Campaign(context, collect_known_ids(context), engine=None)
        (key,) = campaign.known_ids.ids["deleteConversation"]
        made, caller = session.record.made["message"], campaign.known_ids.caller
        headers = {"onBehalfOf": caller, "apikey": "k"}
        url, values = f"http://direct/v3/conversations/{key}", {"conversationId": key}
        deletion = GeneratedRequest("deleteConversation", "DELETE", url, headers, None, values)
        statuses = [campaign.send(deletion).status for _ in range(MOST_REPAIRS + 2)]

    assert statuses == [200] * (MOST_REPAIRS + 1) + [404]
    assert session.record.made["message"] - made == MOST_REPAIRS


def test_the_list_is_asked_for_with_a_caller(make_app, clock):
    """Without a caller the list holds the data of the whole app."""
    _, transport, _ = run_campaign(make_app(), clock)
    lists = [caller for _, url, caller, _ in transport.sent if "/v3/conversations?" in url]

    assert lists
    assert None not in lists


def test_existing_data_is_only_read(make_app, clock):
    """With existing data only GET is sent, and nothing changes."""
    app = populated(make_app())
    before = state(app)
    roles = [
        ExistingConversation("ana", "user", "bo"),
        ExistingConversation("ana", "group", "hikers"),
    ]
    campaign, transport, _ = run_campaign(app, clock, Budget(42, 5), existing=roles)

    assert {method for method, *_ in transport.sent} == {"GET"}
    assert campaign.phases["fuzzing"].operations_without_2xx == ()
    assert state(app) == before


# -- findings -----------------------------------------------------------------------------


def test_one_cause_is_one_finding(make_app, clock):
    """A count that is text in every operation is reported once, under its own clause."""
    overrides = {
        "conversation": lambda self, *args, **wants: with_text_count(
            App.conversation(self, *args, **wants)
        )
    }
    _, results = results_of(make_app(overrides=overrides), clock, DOCUMENT)
    (finding,) = results[DOCUMENT].findings

    assert finding.title.startswith("properties.unread-message-count-is-an-integer: unreadMessage")
    assert (finding.expected, len(finding.calls)) == ("type: integer", 1)
    assert "more" in finding.title
    assert "(in " in finding.actual
    assert "$CONTRACTS_API_KEY" in finding.calls[0]


def test_a_finding_goes_to_the_clause_it_breaks(make_app, clock):
    """A finding breaks the clause it belongs to, even if that clause's own check found nothing."""
    clause_id = "properties.created-at-is-unix-seconds"
    app = make_app(overrides={"mark_unread": text_time_after_unread})
    blind = [replace(each, check=lambda _: None) for each in choose([clause_id])]
    outcome = session_on(app, clock, budget=QUICK).run([*choose([DOCUMENT]), *blind])
    results = {result.clause.id: result for result in outcome.results}

    assert results[DOCUMENT].verdict is Verdict.HELD
    assert results[clause_id].verdict is Verdict.BROKEN
    assert [each.expected for each in results[clause_id].findings] == ["type: integer"]


def test_a_clause_that_its_own_check_broke_is_reported_once(make_app, clock):
    """The campaign adds no finding to a clause that its own check broke."""
    clause_id = "access.key-required"
    app = make_app(overrides={"check_key": lambda self, key: None})
    _, results = results_of(app, clock, clause_id)
    alone = results[clause_id].findings
    _, results = results_of(app, clock, DOCUMENT, clause_id)

    assert [each.title for each in results[clause_id].findings] == [each.title for each in alone]
    assert results[DOCUMENT].verdict is Verdict.HELD


@pytest.mark.parametrize("name", TOLERANCES)
def test_a_tolerance_gives_no_finding(make_app, clock, name):
    _, results = results_of(make_app(overrides=TOLERANCES[name]), clock, DOCUMENT)

    assert (results[DOCUMENT].verdict, results[DOCUMENT].findings) == (Verdict.HELD, ())


class EveryTenth:
    """Answers every tenth request with 429."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def __call__(self, make_app, request):
        if next(self.numbers) % 10 == 0:
            return 429, {"error": {"code": "ERR_TOO_MANY_REQUESTS", "message": "later"}}
        return App.answer(make_app, request)


def test_429_is_waited_for_and_not_judged(make_app, clock):
    """The rate limit is obeyed in all phases."""
    before = clock()
    app = make_app(overrides={"answer": EveryTenth()})
    _, results = results_of(app, clock, DOCUMENT, budget=Budget(42, 3, 600))

    assert results[DOCUMENT].verdict is Verdict.HELD
    assert clock() - before > 50


# -- the end ------------------------------------------------------------------------------


def test_a_slow_target_gets_fewer_requests_for_every_operation(make_app, clock):
    """The time limit shortens every operation and leaves none out."""
    slow = {"at": 0, "do": lambda transport: clock.sleep(0.3)}
    campaign, transport, _ = run_campaign(make_app(), clock, Budget(42, 8, 30), **slow)

    assert clock() > 0
    assert len(transport.sent) * 0.3 < 60
    assert campaign.phases["fuzzing"].cut_short
    assert campaign.phases["fuzzing"].requests >= len(ALL_OPERATIONS)


def test_what_quick_operations_leave_over_is_for_a_slow_one(make_app, clock):
    """It is not cut short at an even share while there is time."""

    class SlowAtOne(RecordingTransport):
        def _once(self, method, url, **options):
            if is_slow(method, url):
                clock.sleep(0.75)
            return super()._once(method, url, **options)

    def is_slow(method, url):
        """Marking as unread, which comes after most others."""
        return method == "DELETE" and urlsplit(url).path.endswith("/read")

    budget = Budget(42, 1, 240, ("coverage",))
    usual, *_ = run_campaign(make_app(), clock, budget)
    campaign, transport, _ = run_campaign(make_app(), clock, budget, transport=SlowAtOne)

    counts = campaign.phases["coverage"]
    slow = [url for method, url, *_ in transport.sent if is_slow(method, url)]
    assert len(slow) / 2 * 0.75 > 240 / len(ALL_OPERATIONS)  # two operations
    assert (counts.cut_short, counts.requests) == (False, usual.phases["coverage"].requests)


def test_a_short_absence_of_the_target_takes_no_time_from_an_operation(make_app, clock):
    """As many requests are sent as without it, while there is time."""
    back_s = []

    def away(transport):
        back_s.append(clock() + 9)  # longer than an even share of 100 s
        if clock() < back_s[0]:
            raise AttemptFailed("refused", was_sent=False)

    budget = Budget(42, 1, 100, ("coverage",))
    usual, *_ = run_campaign(make_app(), clock, budget)
    campaign, *_ = run_campaign(make_app(), clock, budget, at=100, do=away)

    counts = campaign.phases["coverage"]
    assert len(back_s) > 1
    assert (counts.cut_short, counts.requests) == (False, usual.phases["coverage"].requests)


def test_an_interruption_ends_the_campaign_at_once(make_app, clock):
    """After an interruption only the requests that clean up are sent."""
    app = make_app()
    with pytest.raises(Interrupted):
        run_campaign(app, clock, at=60, do=lambda transport: transport.stopping.set())

    assert (app.users, app.groups, app.messages) == ({}, {}, [])


def test_a_target_that_stops_answering_is_not_reached(make_app, clock):
    """An operation that could not be tested is reported."""

    def fail(transport):
        if not transport.stopping.is_set():
            raise NotReached("the line is dead")

    with pytest.raises(NotReached, match="the line is dead"):
        run_campaign(make_app(), clock, at=80, do=fail)


def test_a_request_without_an_answer_is_reported(make_app, clock):
    """A timeout breaks no clause, and later requests are sent."""
    silent = itertools.count(1)

    def hang(transport):
        if next(silent) == 1:
            raise NotReached("GET /x was not answered: timed out")

    campaign, _, _ = run_campaign(make_app(), clock, at=80, do=hang)

    assert campaign.untested == ["GET /x was not answered: timed out"]
    assert campaign.phases["fuzzing"].operations_without_2xx == ()


def test_the_answer_to_a_request_that_was_not_sent_is_a_refusal():
    """The engine checks it like any answer, so it has to match the document."""
    assert (NOT_SENT.status, NOT_SENT.code, NOT_SENT.ok) == (404, "ERR_NOT_SENT", False)


# -- answers that tell nothing of the API ---------------------------------------------------------


class GatewayTransport(DirectTransport):
    """A transport through a gateway that answers a method with a page of its own."""

    def __init__(self, app, *, method, status, **options):
        super().__init__(app, **options)
        self.method, self.status = method, status

    def _once(self, method, url, *, headers, content):
        if method != self.method:
            return super()._once(method, url, headers=headers, content=content)
        kind = {"content-type": "text/html"}
        return read(self.status, kind, content=b"<html>no</html>")


def lacking(self, request):
    raise Refusal(403, "ERR_FEATURE_NOT_ACCESSIBLE")


@pytest.mark.parametrize("phases", [(each,) for each in PHASES])
def test_what_the_plan_of_the_app_lacks_is_not_staged(make_app, clock, phases):
    """The generated half judges all else, and nothing is broken."""
    app = make_app(overrides={"mark_delivered": lacking})
    outcome, results = results_of(app, clock, DOCUMENT, budget=Budget(42, 3, 60, phases))

    assert results[DOCUMENT].verdict is Verdict.NOT_STAGED, results[DOCUMENT]
    assert re.match(r"the app's plan lacks mark\w+AsDelivered", results[DOCUMENT].why)
    assert outcome.summary["broken"] == 0


@pytest.mark.parametrize(("method", "status"), [("PUT", 403), ("PUT", 405), ("DELETE", 401)])
def test_pages_of_a_gateway_are_not_reached(make_app, clock, method, status):
    """They are none of the API's answers, and no break of its envelope."""
    session = session_on(make_app(), clock, budget=QUICK)
    session.transport = GatewayTransport(
        session.transport.app, method=method, status=status, sleep=clock.sleep
    )
    outcome = session.run(choose([DOCUMENT, "errors.envelope"]))

    verdicts = {result.clause.id: result.verdict for result in outcome.results}
    assert outcome.summary["broken"] == 0
    assert verdicts[DOCUMENT] is Verdict.NOT_REACHED


def test_a_page_for_a_method_that_a_path_lacks_is_as_good(make_app, clock):
    """Frameworks and gateways answer 405 in a form of their own."""
    session = session_on(make_app(), clock, budget=Budget(42, 2, 60, ("coverage",)))
    session.transport = GatewayTransport(
        session.transport.app, method="PATCH", status=405, sleep=clock.sleep
    )
    outcome = session.run(choose([DOCUMENT]))

    assert [result.verdict for result in outcome.results] == [Verdict.HELD]


class FirewallTransport(DirectTransport):
    """A transport through a firewall that refuses strange queries in a form of its own."""

    def _once(self, method, url, *, headers, content):
        if set(urlsplit(url).query) <= PLAIN:
            return super()._once(method, url, headers=headers, content=content)
        return read(403, {"content-type": "text/plain"}, content=b"blocked")


PLAIN = set(string.ascii_letters + string.digits + "=&,-_")


def test_what_breaks_the_document_may_be_refused_by_a_firewall(make_app, clock):
    session = session_on(make_app(), clock, budget=Budget(42, 2, 60, ("coverage",)))
    session.transport = FirewallTransport(session.transport.app, sleep=clock.sleep)
    outcome = session.run(choose([DOCUMENT]))

    assert [(each.verdict, each.findings) for each in outcome.results] == [(Verdict.HELD, ())]
