"""Where every request of the API comes in and every answer goes out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from werkzeug.exceptions import HTTPException

from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.dispatcher import Dispatcher, broken_answer
from duologue.mockserver.http.flask_responses import FlaskResponder, SentResponse
from duologue.mockserver.http.rate_limit import RateLimit

if TYPE_CHECKING:
    from flask import Request, Response

_log = logging.getLogger(__name__)
Path = Mapping[str, str]
NOWHERE: Path = {}


class RequestObserver(Protocol):
    """Whoever writes down what comes and goes."""

    def begin(self) -> int:
        """A mark of when the request came, to be given back with `note`."""

    def note(
        self,
        began: int,
        request: Request,
        *,
        operation_id: str | None,
        path: Path,
        answer: ApiResponse,
        sent: SentResponse,
    ) -> None:
        """Write a request and its answer down."""


class Middleware:
    """Lets requests in and answers out; what stands at it may hold, turn away and write down."""

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
        """The response to a request: what `act` answers, unless it is turned away."""
        began = self._observer.begin()
        left = self.rate_limit.take()
        if self.hold is not None:
            self.hold(operation_id)
        answer = carefully(act) if left.refusal is None else self._dispatcher.refuse(left.refusal)
        sent = self._responder.send(answer, left)
        self._observer.note(
            began, request, operation_id=operation_id, path=path, answer=answer, sent=sent
        )
        return sent.response

    def refuse(self, request: Request, problem: Refusal) -> Response:
        """The response to a request that is for no operation."""
        return self.attend(request, lambda: self._dispatcher.refuse(problem))

    def preflight(self, request: Request) -> Response:
        """The response to a browser that asks before it sends; never held, never turned away."""
        began = self._observer.begin()
        answer, sent = self._responder.preflight(self.rate_limit.look())
        self._observer.note(
            began, request, operation_id=None, path=NOWHERE, answer=answer, sent=sent
        )
        return sent.response

    def fail(self, request: Request, error: Exception) -> Response:
        """The response where something else than a use case has failed."""
        return self.attend(request, lambda: _failed(error))


def carefully(act: Callable[[], ApiResponse]) -> ApiResponse:
    """What `act` answers, or an answer that tells of its failure."""
    try:
        return act()
    except HTTPException:
        raise
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> ApiResponse:
    _log.error("a request has failed", exc_info=error)
    said = f"The mock failed with {type(error).__name__}. This is a bug of the mock."
    return broken_answer(RuntimeError(said))
