"""The client of one context: calls operations by their ids, and keeps each call as curl."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from duologue import openapi
from duologue.contracts.errors import AnswerLost, NotReached, NotStaged
from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.http.gateways import form_of, is_lost, refuses_for_the_api
from duologue.contracts.http.response import Response
from duologue.contracts.http.target import AUTH_ONLY_VARIABLE, Target
from duologue.contracts.http.transport import Transport

# The app lacks what the vendor sells apart (openapi/EVIDENCE.md, E78).
PLAN_CODES = ("ERR_PLAN_RESTRICTION", "ERR_PLAN_QUOTA_RESTRICTION", "ERR_FEATURE_NOT_ACCESSIBLE")


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One request and its answer's status, as it can be shown: without the key.

    ``key_variable`` names the variable that holds the key; "" where the key is no secret.
    ``shown_headers`` are those for a gateway, with variables for their values. ``status`` is 0
    where no answer came; ``path`` is what follows the target's address.
    """

    operation_id: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: Any
    key_variable: str
    status: int
    shown_headers: tuple[tuple[str, str], ...] = ()
    code: str = ""
    path: str = ""

    def curl(self) -> str:
        """Return the call as a shell command that reads the key from the environment."""
        parts = [f"curl -X {self.method} {shlex.quote(self.url)}"]
        for name, value in self.headers:
            secret = name == "apikey" and self.key_variable
            parts.append(
                f'-H "apikey: ${self.key_variable}"' if secret else _flag("-H", f"{name}: {value}")
            )
        parts += [f'-H "{name}: {shown}"' for name, shown in self.shown_headers]
        if self.body is not None:
            parts.append(f"--data-binary {_data(self.body)}")
        return " ".join([*parts, f"# {self.status or 'no answer'}"])

    def is_named_in(self, why: str) -> bool:
        """Return whether a reason begins with an operation: ``getConversation was answered``."""
        return bool(self.operation_id) and why.startswith(f"{self.operation_id} ")

    def as_cause(self) -> Because:
        """Return the call as the cause of what could not be checked after it."""
        _, path = rows().get(self.operation_id, ("", self.path))
        call = FailedCall(self.operation_id, self.method, path, self.status, self.code)
        return Because(call, self.curl())


def _data(body: Any) -> str:
    """Return a body as a word of the shell; bytes that are no text come from printf."""
    if not isinstance(body, bytes):
        return shlex.quote(json.dumps(body, ensure_ascii=False))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith("@"):
        return "@<(printf '" + "".join(f"\\{byte:03o}" for byte in body) + "')"
    return shlex.quote(text)


def _flag(name: str, value: str) -> str:
    return f"{name} {shlex.quote(value)}"


@cache
def rows() -> Mapping[str, tuple[str, str]]:
    """Return operationId -> (method, path) of both documents: contract and test data."""
    both = (*openapi.operations(), *openapi.operations("stage"))
    return {row.id: (row.method.upper(), row.path) for row in both}


@cache
def deprecated_operations() -> frozenset[str]:
    """Return the operationIds that the contract marks as deprecated."""
    return frozenset(row.id for row in openapi.operations() if row.deprecated)


class Client:
    """Calls operations of one target by their ids, and keeps what it sent."""

    def __init__(
        self, target: Target, transport: Transport, judged_operations: Collection[str] = ()
    ) -> None:
        self.target = target
        self.judged_operations = judged_operations  # those that the check is about
        self._transport = transport
        self.calls: list[RecordedCall] = []

    def explain(self, failure: NotReached) -> None:
        """Note in a failure which call is its cause, unless that is known: the one that it names.

        One that names no operation ("... was answered ...") comes from the last call.
        """
        if failure.because is None and self.calls:
            named = [call for call in self.calls if call.is_named_in(failure.why)]
            failure.because = (named or self.calls)[-1].as_cause()

    def is_replaceable(self, operation_id: str, answer: Response) -> bool:
        """Return whether the target lacks an operation that the check only needs on its way.

        Then another operation may do its work: its own clauses tell that it is missing.
        """
        return operation_id not in self.judged_operations and answer.is_of_missing_operation

    def may_call(self, operation_id: str) -> bool:
        """Return whether the run calls an operation: a deprecated one may be left out."""
        return self.target.deprecated or operation_id not in deprecated_operations()

    @property
    def is_given_up(self) -> bool:
        """Return whether the run is ended at once: not even test data is removed any more."""
        return self._transport.given_up.is_set()

    def call(  # noqa: PLR0913 - one optional word for each part of a call
        self,
        operation_id: str,
        *,
        caller: str | None = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = "",
        content_type: str = "",
        cleaning: bool = False,
    ) -> Response:
        """Return the answer to one operation; ``key`` None sends none, "" the target's own.

        ``content_type`` "" is JSON's where there is a body, and none where there is none.
        """
        method, template = rows()[operation_id]
        return self.request(
            method,
            fill(template, path or {}),
            operation_id=operation_id,
            caller=caller,
            query=query,
            body=body,
            key=key,
            content_type=content_type,
            cleaning=cleaning,
        )

    def request(  # noqa: PLR0913 - one optional word for each part of an HTTP request
        self,
        method: str,
        path: str,
        *,
        operation_id: str = "",
        caller: str | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str | None = "",
        content_type: str = "",
        cleaning: bool = False,
    ) -> Response:
        """Return the answer to any method on any path below the target's address.

        Raises NotStaged for a method that may change something where the target is read-only, and
        for a deprecated operation where none may be called.
        """
        self._must_be_allowed(method, operation_id)
        url = self.target.url + path + (f"?{urlencode(spelled(query))}" if query else "")
        if body is not None:
            content_type = content_type or "application/json"
        headers = self._headers(caller=caller, key=key, content_type=content_type)
        call = RecordedCall(
            operation_id,
            method,
            url,
            tuple(headers.items()),
            body,
            self._variable_of(key),
            0,
            tuple((each.name, each.shown) for each in self.target.headers),
            path=path,
        )
        try:
            answer = self._transport.send(
                operation_id or f"{method} {path}",
                method=method,
                url=url,
                headers={**headers, **self._gateway_headers},
                body=body,
                cleaning=cleaning,
            )
        except NotReached:
            self.calls.append(call)
            raise
        self.calls.append(replace(call, status=answer.status, code=self.target.hide(answer.code)))
        if not cleaning and key in ("", self.target.api_key):
            self.must_be_an_answer(answer, operation_id or f"{method} {path}", method=method)
        return answer

    def measure_connections(self) -> None:
        """Let no more requests be under way than the target serves connections at once."""
        url = f"{self.target.url}{rows()['listUsers'][1]}?perPage=1"
        headers = self._headers(caller=None, key="", content_type="")
        self._transport.measure_connections(url, {**headers, **self._gateway_headers})

    def forward(
        self,
        operation_id: str,
        *,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Response:
        """Return the answer to a request that the generator built; it is not kept as a call."""
        self._must_be_allowed(method, operation_id)
        return self._transport.send(
            operation_id,
            method=method,
            url=url,
            headers={**headers, **self._gateway_headers},
            body=body,
        )

    def must_be_an_answer(self, answer: Response, operation: str, *, method: str) -> None:
        """Raise where an answer says nothing about the API, whatever a clause would make of it.

        NotStaged where the app's plan lacks the operation; NotReached where a gateway refused it
        with an answer of its own; AnswerLost where a deletion may have been carried out twice, the
        second time on nothing.
        """
        if answer.status >= 400 and answer.code in PLAN_CODES:
            raise NotStaged(f"the app's plan lacks {operation} ({answer.code})")
        if refuses_for_the_api(answer, self._transport.first_answer):
            raise NotReached(
                f"{method} {operation} was refused {form_of(answer)} ({answer.status}), as by a"
                " gateway in front of the target: let the method, path and query through",
                answer=answer,
            )
        if is_lost(answer, operation=operation, method=method):
            raise AnswerLost(f"the answer to {operation} got lost, and a second one was {answer}")

    def _must_be_allowed(self, method: str, operation_id: str) -> None:
        if self.target.read_only and method != "GET":
            raise NotStaged("this run is read-only: no request but GET is sent")
        if not self.may_call(operation_id):
            raise NotStaged(f"this run calls no deprecated operation: {operation_id} is one")

    @property
    def _gateway_headers(self) -> dict[str, str]:
        return {each.name: each.value for each in self.target.headers}

    def _variable_of(self, key: str | None) -> str:
        if not key or key == self.target.api_key:
            return self.target.key_variable
        return AUTH_ONLY_VARIABLE if key == self.target.auth_only_key else ""

    def _headers(self, *, caller: str | None, key: str | None, content_type: str) -> dict[str, str]:
        headers = {"accept": "application/json"}
        if key is not None:
            headers["apikey"] = key or self.target.api_key
        if caller is not None:
            headers["onBehalfOf"] = caller
        if content_type:
            headers["content-type"] = content_type
        return headers


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the path with each ``{name}`` replaced by its value, percent-encoded."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", quote(value, safe=""))
    return template


def spelled(query: Mapping[str, Any]) -> dict[str, str]:
    """Return query values as the API spells them: ``true``, and lists joined by commas."""
    return {name: _spell(value) for name, value in query.items()}


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value)
