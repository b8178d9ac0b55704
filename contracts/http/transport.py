"""HTTP client with pooling, timeouts, retries and 429 handling, counted by operation."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import urllib3

from duologue.contracts.errors import (
    Interrupted,
    NotReached,
    OutcomeUnknown,
    RunNotMade,
    StillTooMany,
)
from duologue.contracts.http.connection import (
    AnswerTooLarge,
    Network,
    close_idle,
    make_pool,
    read_bounded,
    until,
    words_of,
)
from duologue.contracts.http.connection_probe import served_at_once
from duologue.contracts.http.flag import Flag
from duologue.contracts.http.gateways import is_from_a_cache
from duologue.contracts.http.pacing import ConcurrencyLimit, Pacer
from duologue.contracts.http.response import Response, read
from duologue.contracts.http.retry import (
    AWAY_STATUSES,
    MAX_TIMEOUTS,
    Outages,
    RetryPolicy,
    asked_s,
    may_repeat,
    wait_s,
)
from duologue.contracts.http.running_time import running_time
from duologue.contracts.shortage import shortage_of
from duologue.contracts.wording import counted

STEP_S = 0.5
FEW_CONNECTIONS = 4
TOLD = 0.75  # of the requests at once: fewer than that are told
CLEANING_PATIENCE = 4  # times as long as other calls: what was made must not stay


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes out; ``cleaning`` where it removes what a run made."""

    operation_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    cleaning: bool = False


@dataclass(slots=True)
class AttemptFailed(Exception):
    """A try that gave no usable answer.

    ``was_sent`` where the target may have seen the request, ``is_away`` where another try may help,
    ``is_timeout`` where the time ran out. ``shortage`` where this machine let none out.
    """

    why: str
    was_sent: bool = True
    is_away: bool = True
    is_timeout: bool = False
    status: int = 0
    shortage: str = ""


@dataclass(slots=True)
class _Attempts:
    """What one call has been through so far: seconds waited for 429, and between tries."""

    pauses: Any
    waited_s: float = 0.0
    paused_s: float = 0.0
    since: float | None = None
    was_sent: bool = False

    def noted_in(self, answer: Response) -> Response:
        """Return the answer of the last try with what came before it."""
        waited_s = self.waited_s + self.paused_s
        if not (waited_s or self.was_sent):
            return answer
        return replace(answer, was_repeated=self.was_sent, waited_s=waited_s)


class Transport:
    """The one way to the target: sends the requests of all checks, and counts the answers.

    At most ``connections`` requests are under way at once, fewer where the target refuses some.
    ``rate_per_s`` bounds the requests in a second. ``on_wait`` is told of each pause: the seconds
    and the reason. ``check_running`` is called where no answer comes, and may raise RunNotMade.
    ``first_answer`` is the first one in the API's own form, None before it.
    """

    first_answer: Response | None = None

    def __init__(  # noqa: PLR0913 - one optional word for each thing that is passed in
        self,
        *,
        timeout_s: float,
        connections: int = 8,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        network: Network | None = None,
        policy: RetryPolicy | None = None,
        rate_per_s: float | None = None,
        on_wait: Callable[[float, str], None] = lambda _, __: None,
        check_running: Callable[[], None] = lambda: None,
    ) -> None:
        self.timeout_s = timeout_s
        self.limit = ConcurrencyLimit(connections)
        self.policy = policy or RetryPolicy()
        self.stopping = Flag()
        self.on_wait = on_wait
        self.given_up = Flag()
        self._check_running = check_running
        self._network = network or Network()
        self._connections = connections
        self._sleep = sleep
        self._now = now
        self._pacer = Pacer(rate_per_s, now=time.monotonic)
        self._outages = Outages()
        self._lock = threading.Lock()
        self._pools: dict[tuple[bool, bool], urllib3.PoolManager] = {}
        self._shortage = ""
        self._was_dropped = False  # a connection ended without an answer: perhaps an idle one
        self._from_cache = 0
        self._by_status: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def send(
        self,
        operation_id: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Any = None,
        cleaning: bool = False,
    ) -> Response:
        """Return the target's answer, 429 and a short absence waited out.

        Raises NotReached when no answer comes, OutcomeUnknown (a NotReached) when a request that
        must not be repeated may have been carried out, Interrupted when the run is being ended and
        this call does not clean up, RunNotMade when the target is gone for good.
        """
        request = Request(operation_id, method, url, headers, encoded(body), cleaning)
        attempts = _Attempts(self.policy.pauses())
        while True:
            try:
                answer = self._try(request)
            except AttemptFailed as failure:
                self._pause_or_raise(request, failure, attempts)
                attempts.was_sent |= failure.was_sent
                continue
            if answer.status != 429:
                return attempts.noted_in(answer)
            self._wait_for_429(request, answer, attempts)

    def measure_connections(self, url: str, headers: Mapping[str, str]) -> None:
        """Measure how many connections the target serves at once, and use no more from now on.

        ``url`` is what a GET may ask for. Where the run's rate lets fewer requests out within the
        timeout than connections are allowed, requests hardly meet, and nothing is measured.
        """
        if self._connections == 1 or self._pacer.duration_s(self._connections) > self.timeout_s:
            return
        self._close_idle()
        served = served_at_once(
            url,
            headers,
            connections=self._connections,
            network=self._network,
            timeout_s=self.timeout_s,
            before_each=lambda: self._wait(self._pacer.reserve_s(), cleaning=False),
        )
        if served < self._connections:
            self.limit.bound(served)

    @property
    def _is_scarce(self) -> bool:
        """Return whether the target was seen to let connections wait."""
        return self.limit.highest < self._connections

    @property
    def notes(self) -> tuple[str, ...]:
        """What the way to the target made of the run, in sentences."""
        return tuple(filter(None, [self._note_of_connections(), self._note_of_caches()]))

    def _note_of_caches(self) -> str:
        if not self._from_cache:
            return ""
        answers = counted(self._from_cache, "answer")
        return (
            f"a cache in front of the target gave {answers}, and may have told of what was before:"
            " let it keep none of the API's"
        )

    def _note_of_connections(self) -> str:
        allowed = f"--workers allows {self._connections}"
        if self._is_scarce:
            served = self.limit.highest
            connections = counted(served, "connection")
            return (
                f"the target answers on {connections} at once and lets others wait: no more"
                f" requests were under way ({allowed})"
            )
        # One or two that a server closed while they were idle are nothing to tell.
        if self.limit.lowest_reached <= TOLD * self._connections:
            lowest = self.limit.lowest_reached
            if self._shortage:
                open_at_once = counted(lowest, "connection")
                return f"{self._shortage}; for a time at most {open_at_once} could be open"
            return (
                f"the target refused or dropped connections: for a time at most {lowest} at once"
                f" were open ({allowed})"
            )
        return ""

    def counts(self) -> dict[str, dict[int, int]]:
        """Return operationId -> status -> number of answers so far."""
        with self._lock:
            return {name: dict(sorted(c.items())) for name, c in self._by_status.items()}

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()

    # -- one try -----------------------------------------------------------------------------

    def _try(self, request: Request) -> Response:
        if self.given_up.is_set():
            self._end()
        if self._outages.hangs(request.operation_id, cleaning=request.cleaning):
            raise NotReached(
                f"{request.operation_id} gave no answer within {self.timeout_s:g} s"
                f" {MAX_TIMEOUTS} times, and is not asked again{self._advice}"
            )
        with self.limit.slot():
            if self._is_ended(request):
                self._end()
            self._wait(self._pacer.reserve_s(), cleaning=request.cleaning)
            if self._is_ended(request):  # Ctrl-C while it waited for its place
                self._end()
            try:
                answer = self._once(
                    request.method, request.url, headers=request.headers, content=request.content
                )
            except AttemptFailed as failure:
                self._give_up_if_gone()
                self._note(request, failure)
                raise
        self._count(request.operation_id, answer)
        if answer.status in AWAY_STATUSES and not answer.error:
            raise AttemptFailed(f"{answer.status} outside the envelope", status=answer.status)
        self._outages.ended(request.operation_id)
        self._heed_limits(answer)
        if self.first_answer is None and (answer.ok or answer.error):
            self.first_answer = answer
        return answer

    def _give_up_if_gone(self) -> None:
        """Raise RunNotMade where the target is gone for good; no request goes out after that."""
        try:
            self._check_running()
        except RunNotMade:
            self.stopping.set()
            self.given_up.set()
            raise

    def _end(self) -> NoReturn:
        """Raise what ends the run: RunNotMade where the target is gone for good."""
        self._check_running()
        raise Interrupted

    @property
    def _advice(self) -> str:
        """Return what helps where a server lets connections beyond its limit wait for ever."""
        few = self._connections > FEW_CONNECTIONS
        hint = f"; if the target takes few connections at once, give --workers {FEW_CONNECTIONS}"
        return hint if few else ""

    def _is_ended(self, request: Request) -> bool:
        """Return whether the run is being ended, and this request does not go out any more."""
        return self.given_up.is_set() or (self.stopping.is_set() and not request.cleaning)

    def _note(self, request: Request, failure: AttemptFailed) -> None:
        if failure.is_timeout:
            self._outages.timed_out(request.operation_id)
        elif failure.is_away:
            self.limit.refused()
            self._shortage = self._shortage or failure.shortage
            self._was_dropped = self._was_dropped or not failure.shortage
            self._close_idle()

    def _close_idle(self) -> None:
        """Close idle connections: where few are taken at once, they stand in the way of new ones.

        A request that is about to take one is sent again.
        """
        with self._lock:
            pools = [*self._pools.values()]
        for pool in pools:
            close_idle(pool)

    def _heed_limits(self, answer: Response) -> None:
        remaining = answer.headers.get("x-rate-limit-remaining", "")
        # Python reads no number of thousands of digits.
        is_number = remaining.isascii() and remaining.isdigit() and len(remaining) < 10
        if is_number and int(remaining) < self._connections:
            self.limit.lower_to(int(remaining))
        else:
            self.limit.succeeded()

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        """Return the answer to one try; raise Failure where there is none."""
        deadline = running_time() + self.timeout_s
        # POST and DELETE must not meet a connection that the other side is closing: nobody could
        # tell whether they were carried out.
        is_alone = self._was_dropped and method in ("POST", "DELETE")
        if is_alone:
            headers = {**headers, "connection": "close"}
            if self._is_scarce:
                self._close_idle()
        try:
            pool = self._pool_for(url, is_alone=is_alone)
            with until(deadline):
                got = pool.request(
                    method,
                    url,
                    body=content,
                    headers=headers,
                    redirect=False,
                    preload_content=False,
                )
                try:
                    raw = read_bounded(got, deadline=deadline)
                except BaseException:
                    got.close()
                    raise
                got.release_conn()
        except (urllib3.exceptions.HTTPError, ValueError, OSError, AnswerTooLarge) as cause:
            is_new = isinstance(cause, urllib3.exceptions.NewConnectionError)
            if is_new and (short := shortage_of(cause)):
                why = f"{method} {url} was not sent: {short}"
                raise AttemptFailed(why, was_sent=False, shortage=short) from cause
            raise _failure(cause, method, url, timeout_s=self.timeout_s, late=deadline) from cause
        return read(got.status, dict(got.headers), content=raw)

    def _pool_for(self, url: str, *, is_alone: bool) -> urllib3.PoolManager:
        """Return the pool for a URL; ``is_alone`` for requests with a connection of their own."""
        key = (url.startswith("https:"), is_alone)
        with self._lock:
            if key not in self._pools:
                self._pools[key] = make_pool(
                    self._network,
                    url=url,
                    connections=self._connections,
                    timeout_s=self.timeout_s,
                    used_once=is_alone,
                    is_watched=True,
                )
            return self._pools[key]

    def _count(self, operation_id: str, answer: Response) -> None:
        with self._lock:
            self._by_status[operation_id][answer.status] += 1
            self._from_cache += is_from_a_cache(answer)

    # -- between tries -----------------------------------------------------------------------

    def _pause_or_raise(
        self, request: Request, failure: AttemptFailed, attempts: _Attempts
    ) -> None:
        now = self._now()
        began = self._outages.began(now) if failure.is_away else now
        attempts.since = now if attempts.since is None else attempts.since
        if not may_repeat(request.method, request.operation_id, was_sent=failure.was_sent):
            raise OutcomeUnknown(failure.why)
        if not failure.is_away or not (failure.was_sent or self._outages.was_there):
            raise NotReached(failure.why)
        patience_s = self.policy.total_s * (CLEANING_PATIENCE if request.cleaning else 1)
        was_long = now - began > patience_s or self.given_up.is_set()
        pause_s = None if was_long or failure.is_timeout else next(attempts.pauses, None)
        if pause_s is None:
            why = _away(failure.why, since=min(began, attempts.since), now=now)
            why = failure.why if failure.shortage else why
            # nginx's limit_req answers so unless it is told otherwise.
            hint = "; if a gateway limits the rate so, give --rate" if failure.status == 503 else ""
            raise NotReached(why + hint, status=failure.status)
        attempts.paused_s += pause_s
        self._wait(pause_s, cleaning=request.cleaning)

    def _wait_for_429(self, request: Request, answer: Response, attempts: _Attempts) -> None:
        now = datetime.fromtimestamp(self._now(), UTC)
        if asked_s(answer.headers, now=now) > self.policy.waits_s:
            raise StillTooMany(
                f"{request.method} {request.url} was answered 429 and asks to wait for longer than"
                f" {self.policy.waits_s:g} s"
            )
        seconds = wait_s(answer.headers, now=now)
        attempts.waited_s += seconds
        if attempts.waited_s > self.policy.waits_s or self.given_up.is_set():
            raise StillTooMany(f"{request.method} {request.url} kept answering 429")
        self.on_wait(seconds, "429")
        self._wait(seconds, cleaning=request.cleaning)

    def _wait(self, seconds: float, *, cleaning: bool) -> None:
        """Wait in steps, so that a run that is being ended does not wait for a minute."""
        end = self.given_up if cleaning else self.stopping
        while seconds > 0 and not end.is_set():
            self._sleep(min(seconds, STEP_S))
            seconds -= STEP_S


def _failure(
    cause: Exception, method: str, url: str, *, timeout_s: float, late: float
) -> AttemptFailed:
    message = f"{method} {url} was not answered: {words_of(cause)}"
    if isinstance(cause, AnswerTooLarge):
        return AttemptFailed(f"{method} {url}: {cause}", is_away=False)
    if running_time() >= late or isinstance(
        cause, (urllib3.exceptions.ReadTimeoutError, TimeoutError)
    ):
        return AttemptFailed(
            f"{method} {url} was not answered: timed out after {timeout_s:g} s", is_timeout=True
        )
    if isinstance(cause, (urllib3.exceptions.SSLError, ssl.SSLError)) or _is_tls(cause):
        return AttemptFailed(message, was_sent=False, is_away=False)
    not_sent = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ClosedPoolError)
    if isinstance(cause, (*not_sent, ConnectionRefusedError)):
        return AttemptFailed(message, was_sent=False)
    if isinstance(cause, urllib3.exceptions.ProtocolError) and _no_byte_came(cause):
        return AttemptFailed(message)
    return AttemptFailed(message, is_away=False)


def _is_tls(cause: Exception) -> bool:
    return isinstance(getattr(cause, "reason", None), (urllib3.exceptions.SSLError, ssl.SSLError))


def _no_byte_came(cause: urllib3.exceptions.ProtocolError) -> bool:
    """Return whether the connection ended before the first byte of an answer."""
    inner = cause.args[1] if len(cause.args) > 1 else None
    return isinstance(inner, (ConnectionError, OSError))


def _away(why: str, *, since: float, now: float) -> str:
    start, end = (datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S") for at in (since, now))
    when = f"from {start} to {end}" if start != end else f"at {start}"
    return f"the target was away {when} UTC: {why}"


def encoded(body: Any) -> bytes | None:
    """Return a body as it is sent: JSON, or bytes as they are (which need not be JSON)."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False).encode()
