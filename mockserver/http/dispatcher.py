"""One request and its answer: parse, act, build, check, finish."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException

from duologue.mockserver.clock import Clock
from duologue.mockserver.domain.errors import BodyTooLarge, Refusal
from duologue.mockserver.errors import AnswerBroken, StateUnavailable
from duologue.mockserver.http import compiled_spec, request_parser, responses
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.runtime import Documents, Keys, Runtime, SpecIndex
from duologue.mockserver.http.traffic import bounds
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases import sessions
from duologue.mockserver.usecases.conversations import (
    ClientSettings,
    Service,
    UseCase,
    no_settings,
)

if TYPE_CHECKING:
    from flask import Request

    from duologue.mockserver.behaviours import Behaviours

_log = logging.getLogger(__name__)
Path = Mapping[str, str]
_SAFE = ("GET", "HEAD")


class Dispatcher:
    """Answers requests, each with the runtime that is in force when it comes."""

    def __init__(
        self,
        store: Store,
        *,
        documents: Callable[[], Documents],
        keys: Keys,
        clock: Clock,
        client_settings: ClientSettings = no_settings,
    ) -> None:
        self._store = store
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._client_settings = client_settings
        self._runtime: Runtime | None = None

    def beside(self, store: Store, clock: Clock) -> Dispatcher:
        """Return a dispatcher for the same documents and keys with another state and clock."""
        return Dispatcher(store, documents=self._documents, keys=self._keys, clock=clock)

    def use(self, own: Behaviours, sent: Behaviours) -> None:
        """Use these behaviours from now on; running requests end with those they began with."""
        self.go_by(self.prepared(own, sent))

    def prepared(self, own: Behaviours, sent: Behaviours, spec: SpecIndex | None = None) -> Runtime:
        """Return the runtime for these behaviours; `spec` saves compiling their documents again."""
        service = Service(self._store, sent, self._clock, self._client_settings)
        return Runtime(own, sent, service, spec or self._spec_of(sent))

    def go_by(self, runtime: Runtime) -> None:
        """Put a runtime in force."""
        self._runtime = runtime

    def _spec_of(self, sent: Behaviours) -> SpecIndex:
        """Return the compiled documents of these behaviours; those in force, if they share them.

        Compiling them again takes some 30 ms.
        """
        in_force = self._runtime
        if in_force is not None and in_force.sent.document is sent.document:
            return in_force.spec
        return self._compile(sent)

    def _compile(self, sent: Behaviours) -> SpecIndex:
        documents = self._documents()
        return SpecIndex({name: sent.document(name, dict(one)) for name, one in documents.items()})

    @property
    def runtime(self) -> Runtime:
        """Return what is in force; raise RuntimeError before the first `use`."""
        if self._runtime is None:
            raise RuntimeError("nothing is in force yet: call use first")
        return self._runtime

    def answer(
        self,
        operation_id: str,
        use_case: UseCase,
        *,
        request: Request,
        path: Path,
        runtime: Runtime | None = None,
    ) -> ApiResponse:
        """Return the answer to a request for an operation, by what is in force or a `runtime`."""
        act = partial(
            self._answer_now,
            runtime or self.runtime,
            operation_id,
            use_case=use_case,
            request=request,
            path=path,
        )
        try:
            return act()
        except Exception as error:
            unavailable = self._store.unavailable(error)
            if unavailable is None:
                raise
            if request.method not in _SAFE:
                return self._unavailable(unavailable)
        # The connection may have been lost long ago: a read is worth a second try with a new one.
        try:
            return act()
        except Exception as error:
            unavailable = self._store.unavailable(error)
            if unavailable is None:
                raise
            return self._unavailable(unavailable)

    def carefully(self, act: Callable[[], ApiResponse]) -> ApiResponse:
        """Return what `act` answers, or an answer that reports its failure."""
        try:
            return act()
        except HTTPException:
            raise
        except Exception as error:
            return self.failure(error)

    def failure(self, error: Exception) -> ApiResponse:
        """Return the answer for a failure outside of any use case: of the state, or of the mock."""
        unavailable = self._store.unavailable(error)
        if unavailable is not None:
            return self._unavailable(unavailable)
        _log.error("a request has failed", exc_info=error)
        said = f"The mock failed with {type(error).__name__}. This is a bug of the mock."
        return broken_answer(RuntimeError(said))

    def _unavailable(self, problem: StateUnavailable) -> ApiResponse:
        error = {"code": "ERR_SERVICE_UNAVAILABLE", "message": str(problem)}
        return ApiResponse(problem.status, {}, {"error": error})

    def _answer_now(
        self,
        runtime: Runtime,
        operation_id: str,
        *,
        use_case: UseCase,
        request: Request,
        path: Path,
    ) -> ApiResponse:
        limit_bytes = bounds.exceeded(request.environ)
        if limit_bytes is not None:
            return self.refuse(BodyTooLarge(limit_bytes))
        stamp = self._store.stamp() if runtime.is_steady and request.method == "GET" else None
        if stamp is None:
            return self._answer(
                runtime, operation_id, use_case=use_case, request=request, path=path
            )
        key = (operation_id, *request_parser.cache_key(request, path))
        known = runtime.cache.recall(key, stamp)
        if known is not None:
            self._clock()  # the journal keeps what a request read of it
            return known
        answer = self._answer(runtime, operation_id, use_case=use_case, request=request, path=path)
        return runtime.cache.keep(key, stamp, answer=answer)

    def _answer(
        self,
        runtime: Runtime,
        operation_id: str,
        *,
        use_case: UseCase,
        request: Request,
        path: Path,
    ) -> ApiResponse:
        operation = runtime.spec.operation(operation_id)
        try:
            outcome = self._act(runtime, operation, use_case=use_case, request=request, path=path)
        except BodyTooLarge as problem:  # once it is unpacked; see `_answer_now`
            return self.refuse(problem)
        except Refusal as problem:
            answer = _checked(runtime, operation, partial(_refuse, problem=problem))
        else:
            build = partial(responses.of_outcome, operation_id=operation_id, outcome=outcome)
            answer = _checked(runtime, operation, build)
        ignored = request.environ.get(request_parser.IGNORED)
        if ignored is None:
            return answer
        _log.info("%s has no effect on %s", ignored, operation_id)
        return answer._replace(headers=answer.headers | {"X-Mock-Ignored": ignored})

    def _authenticate(
        self, runtime: Runtime, operation: compiled_spec.CompiledOperation, request: Request
    ) -> None:
        """Raise a Refusal unless a key or a session lets the request in.

        A session is the same as a full key and its user as the caller; where the operation is
        about a session, a key alone is not enough.
        """
        behaviours, environ = runtime.sent, request.environ
        key, token = environ.get("HTTP_APIKEY"), environ.get("HTTP_AUTHTOKEN")
        if token and not (key and operation.id in sessions.NOT_FOR_TOKENS):
            uid = sessions.owner_of(runtime.service, token)
            sessions.check_reach(operation.id)
            # What looks at the request from here on, the journal included, sees who calls.
            environ["HTTP_ONBEHALFOF"] = environ[request_parser.SESSION] = uid
            return
        behaviours.check_key(key, self._keys.full | self._keys.small)
        sessions.check_token(operation.id)
        if operation.id not in sessions.FOR_SMALL_KEYS:
            behaviours.check_scope(key, self._keys.small)

    def refuse(self, problem: Refusal) -> ApiResponse:
        """Return the answer to a request that matches no operation."""
        sent = self.runtime.sent
        return sent.finish("", responses.of_refusal(sent, problem))

    def _act(
        self,
        runtime: Runtime,
        operation: compiled_spec.CompiledOperation,
        *,
        use_case: UseCase,
        request: Request,
        path: Path,
    ) -> Any:
        behaviours = runtime.sent
        behaviours.admit(operation.id)
        self._authenticate(runtime, operation, request)
        call, is_fine = request_parser.read(operation, request, path)
        if is_fine:
            return use_case(runtime.service, call)
        problem = runtime.spec.refusal(operation, call, request=request, path=path)
        return behaviours.refuse(problem, call, partial(use_case, runtime.service))


def _refuse(behaviours: Behaviours, problem: Refusal) -> ApiResponse:
    return responses.of_refusal(behaviours, problem)


def _checked(
    runtime: Runtime,
    operation: compiled_spec.CompiledOperation,
    build: Callable[[Any], ApiResponse],
) -> ApiResponse:
    """Return the answer as it is sent; the answer of the dialect is checked first."""
    is_read = operation.method == "GET"
    own = build(runtime.reads_shown_by if is_read else runtime.changes_shown_by)
    try:
        operation.check(own.status, own.body)
    except AnswerBroken as broken:
        _log.error("%s", broken)
        return runtime.sent.finish(operation.id, broken_answer(broken))
    answer = own if runtime.sent is runtime.own else build(runtime.sent)
    return runtime.sent.finish(operation.id, answer)


def broken_answer(problem: Exception) -> ApiResponse:
    """Return the answer for a failure of the mock itself."""
    return ApiResponse(500, {}, {"error": {"code": "ERR_EXCEPTION", "message": str(problem)}})
