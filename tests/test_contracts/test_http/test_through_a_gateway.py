"""The transport through a gateway that drops, hangs and floods (cases T1, T2 and T11)."""

import resource

import pytest

from duologue.contracts.errors import NotReached, OutcomeUnknown
from duologue.contracts.http.retry import RetryPolicy
from duologue.contracts.http.transport import Transport
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.waiting import WITHIN_S

HEADERS = {"apikey": "k"}


@pytest.fixture(scope="module")
def upstream():
    with serving(App()) as url:
        yield url


@pytest.fixture
def behind(upstream):
    """``behind(plan)``: the address of a gateway with that plan, and the gateway."""
    opened = []

    def start(plan=lambda _: None, **options):
        gateway = gw.Gateway(upstream, plan, **options)
        context = gateway.serving()
        opened.append(context)
        return context.__enter__(), gateway

    yield start
    for each in opened:
        each.__exit__(None, None, None)


def get(transport, url, operation="listUsers", method="GET", path="/users"):
    return transport.send(operation, method=method, url=url + path, headers=HEADERS)


def transport(**options):
    """Return a transport that waits long enough on a loaded machine, too."""
    options.setdefault("timeout_s", WITHIN_S)
    options.setdefault("policy", RetryPolicy(first_s=0.01, longest_s=0.05, total_s=WITHIN_S))
    return Transport(**options)


@pytest.mark.parametrize(
    "action",
    [
        gw.drop,
        gw.html(502, "<html>bad gateway</html>"),
        gw.html(503, "<html>away</html>", **{"Retry-After": "1"}),
        gw.html(504, ""),
    ],
    ids=["dropped", "502", "503", "504"],
)
def test_a_short_absence_is_waited_out(behind, action):
    url, _ = behind(gw.between(1, 2, action))

    assert get(transport(), url).status == 200


def test_connections_that_end_after_each_answer_cost_nothing(behind):
    url, _ = behind(lambda _: gw.close_after)
    guest = transport()

    assert [get(guest, url).status for _ in range(20)] == [200] * 20


def test_a_long_absence_is_told_with_its_times(behind):
    url, _ = behind(gw.always(gw.html(503, "<html>away</html>")))
    guest = transport(policy=RetryPolicy(first_s=0.01, longest_s=0.05, total_s=0.3))

    with pytest.raises(NotReached, match=r"away (from|at) \d\d:\d\d:\d\d.* UTC: 503 .* --rate"):
        get(guest, url)


def test_a_503_within_the_envelope_is_an_answer(behind):
    body = '{"error": {"code": "ERR_DOWN", "message": "maintenance"}}'
    url, gateway = behind(gw.always(gw.html(503, body)))

    assert get(transport(), url).code == "ERR_DOWN"
    assert len(gateway.seen) == 1


def test_a_post_that_may_have_been_carried_out_is_not_repeated(behind):
    url, gateway = behind(gw.always(gw.drop_after_forwarding))

    with pytest.raises(OutcomeUnknown):
        get(transport(), url, "sendMessage", "POST", "/messages")

    assert len(gateway.seen) == 1


def test_fewer_connections_follow_refusals(behind):
    url, _ = behind(gw.every(4, gw.drop))
    guest = transport(connections=8)
    for _ in range(8):
        get(guest, url)

    assert guest.limit.lowest_reached < 8


@pytest.mark.parametrize(
    "action",
    [gw.trickle, gw.trickle_head, gw.endless, gw.gzip_bomb, gw.continues],
    ids=["trickled body", "trickled head", "endless body", "gzip", "endless 100"],
)
def test_a_hostile_answer_ends_in_bounded_time_and_space(behind, action):
    url, _ = behind(gw.always(action))
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(NotReached):
        get(transport(timeout_s=0.5), url)

    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 300


def test_early_hints_before_the_answer_are_skipped(behind):
    url, _ = behind(gw.always(gw.early_hints_first))
    guest = transport()

    assert [get(guest, url).status for _ in range(3)] == [200, 200, 200]


def test_an_operation_that_hangs_is_asked_three_times_only(behind):
    url, gateway = behind(gw.always(gw.hang(WITHIN_S)))
    guest = transport(timeout_s=0.1)
    for _ in range(3):
        with pytest.raises(NotReached, match="timed out"):
            get(guest, url)

    for _ in range(2):
        with pytest.raises(NotReached, match=r"3 times, and is not.* give --workers 4"):
            get(guest, url)
    assert len(gateway.seen) <= 3  # a loaded machine may not take the connection in time


def test_waiting_for_429_is_bounded_in_all(behind):
    url, _ = behind(gw.always(gw.html(429, "", **{"Retry-After": "40"})))
    waited = []
    guest = transport(sleep=waited.append, policy=RetryPolicy(waits_s=100))

    with pytest.raises(NotReached, match="kept answering 429"):
        get(guest, url)

    assert sum(waited) <= 100


def test_a_429_that_asks_for_more_than_a_call_may_wait_is_told_at_once(behind):
    url, gateway = behind(gw.always(gw.html(429, "", **{"Retry-After": "99999"})))
    waited = []
    guest = transport(sleep=waited.append, policy=RetryPolicy(waits_s=100))

    with pytest.raises(NotReached, match="asks to wait for longer than 100 s"):
        get(guest, url)
    assert (waited, len(gateway.seen)) == ([], 1)


def test_a_waiting_call_says_so(behind):
    url, _ = behind(gw.between(1, 1, gw.html(429, "", **{"Retry-After": "40"})))
    waits = []
    guest = transport(
        sleep=lambda _: None, on_wait=lambda seconds, why: waits.append((seconds, why))
    )
    get(guest, url)

    assert waits == [(40.0, "429")]


@pytest.mark.parametrize(("remaining", "at_once"), [("2", 2), ("9" * 5000, 8), ("-1", 8)])
def test_remaining_requests_lower_the_number_at_once(behind, upstream, remaining, at_once):
    def scarce(handler):
        status, headers, body = handler.gateway.ask(handler)
        handler.write(status, body, **headers, **{"X-Rate-Limit-Remaining": remaining})

    url, _ = behind(gw.always(scarce))
    guest = transport(connections=8)
    get(guest, url)

    assert guest.limit._limit == at_once


def test_answers_of_a_cache_are_told(behind):
    """Each of them may be older than a change before it: what is broken may be the cache's."""

    def cached(handler):
        status, headers, body = handler.gateway.ask(handler)
        handler.write(status, body, **headers, Age="4")

    url, _ = behind(gw.between(2, 3, cached))
    guest = transport()
    assert guest.notes == ()
    for _ in range(4):
        get(guest, url)

    (note,) = guest.notes
    assert "a cache in front of the target gave 2 answers" in note
