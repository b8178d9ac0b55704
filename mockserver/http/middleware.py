"""What every request of the API passes: rate limit, delay, journal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.flask_responses import FlaskResponder, SentResponse
from duologue.mockserver.http.traffic import broken_answers
from duologue.mockserver.http.traffic.rate_limit import RateLimit

if TYPE_CHECKING:
    from flask import Request, Response

Path = Mapping[str, str]
NOWHERE: Path = {}


class Failure(NamedTuple):
    """How one answer fails on demand.

    It comes `delay_ms` late; with a `status` it is an error with this `code`. With `drop` nothing
    is done and the connection ends without an answer; with `half` it ends in the middle of the
    answer; a body takes `slow_ms`.
    """

    status: int | None = None
    code: str | None = None
    drop: bool = False
    half: bool = False
    delay_ms: int = 0
    slow_ms: int = 0
    said: str = "The mock was asked to fail this request (see /_mock/failures)."  # with a status


class RequestObserver(Protocol):
    """Records requests and their answers."""

    def begin(self) -> int:
        """Return a mark of the time at which a request came, for `add`."""

    def add(
        self,
        began: int,
        request: Request,
        *,
        operation_id: str | None,
        path: Path,
        answer: ApiResponse,
        sent: SentResponse,
    ) -> None:
        """Record a request and its answer."""


class Middleware:
    """Passes requests on and sends answers; may delay, refuse and record them."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        responder: FlaskResponder,
        *,
        rate_limit: RateLimit,
        observer: RequestObserver,
    ) -> None:
        self.rate_limit = rate_limit
        self.hold: Callable[[str | None], None] | None = None  # None costs nothing
        self.failure_of: Callable[[Request, str | None], Failure | None] | None = None
        self.wait: Callable[[float], None] = time.sleep
        self.epoch = 0  # raised by a reset: what came before it must not act after it
        self._dispatcher = dispatcher
        self._responder = responder
        self._observer = observer

    def attend(
        self,
        request: Request,
        act: Callable[[], ApiResponse],
        *,
        operation_id: str | None = None,
        path: Path = NOWHERE,
    ) -> Response:
        """Return the response to a request: what `act` answers, unless the rate limit refuses."""
        began, epoch = self._observer.begin(), self.epoch
        failure = None if self.failure_of is None else self.failure_of(request, operation_id)
        if self.hold is not None:
            self.hold(operation_id)
        if failure is not None:
            self.wait(failure.delay_ms / 1000)
        if epoch != self.epoch:
            return self._responder.send(_outdated(), self.rate_limit.look()).response
        left = self.rate_limit.take()
        if left.refusal is not None:
            answer = self._dispatcher.refuse(left.refusal)
        else:
            answer = (failure and _failing(failure)) or self._dispatcher.carefully(act)
        sent = self._responder.send(answer, left, request.environ.get("HTTP_ORIGIN"))
        self._observer.add(
            began, request, operation_id=operation_id, path=path, answer=answer, sent=sent
        )
        return sent.response if failure is None else self._broken(sent.response, failure)

    def _broken(self, response: Response, failure: Failure) -> Response:
        if failure.drop:
            return broken_answers.cut(response)
        if failure.half:
            return broken_answers.halve(response, self.wait)
        if failure.slow_ms:
            return broken_answers.slow(response, self._wait_until_reset(), failure.slow_ms / 1000)
        return response

    def _wait_until_reset(self) -> Callable[[float], None]:
        """Return what waits, and waits no more once the mock was reset."""
        epoch = self.epoch

        def wait(seconds: float) -> None:
            if epoch == self.epoch:
                self.wait(seconds)

        return wait

    def refuse(self, request: Request, problem: Refusal) -> Response:
        """Return the response to a request that matches no operation."""
        return self.attend(request, lambda: self._dispatcher.refuse(problem))

    def preflight(self, request: Request) -> Response:
        """Return the response to a CORS preflight; never delayed, never refused."""
        began = self._observer.begin()
        look = request.environ.get
        answer, sent = self._responder.preflight(
            self.rate_limit.look(),
            origin=look("HTTP_ORIGIN"),
            wanted=look("HTTP_ACCESS_CONTROL_REQUEST_HEADERS"),
        )
        self._observer.add(
            began, request, operation_id=None, path=NOWHERE, answer=answer, sent=sent
        )
        return sent.response

    def fail(self, request: Request, error: Exception) -> Response:
        """Return the response after a failure outside of any use case."""
        return self.attend(request, lambda: self._dispatcher.failure(error))


class FailedOnDemand(Refusal):
    """The mock was asked to fail this request, by /_mock/failures or by its own X-Mock."""

    code, status = "ERR_MOCK", 500


def _failing(failure: Failure) -> ApiResponse | None:
    """Return the error that a failure on demand asks for; None if the request is answered."""
    if failure.drop:
        status, code = 503, "ERR_MOCK_DROPPED"
        said = "The mock was asked to drop this request: nothing was done, nothing was sent."
    elif failure.status is not None:
        status, code = failure.status, failure.code or f"ERR_MOCK_{failure.status}"
        said = failure.said
    else:
        return None
    error = {"code": code, "message": said}
    return ApiResponse(status, {}, {"error": error}, FailedOnDemand(said))


def _outdated() -> ApiResponse:
    """Return the answer to a request that was held while the mock was reset."""
    said = "The mock was reset while this request was held; nothing was done."
    return ApiResponse(503, {}, {"error": {"code": "ERR_MOCK_RESET", "message": said}})
