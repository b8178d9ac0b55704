"""One request and its answer: read, acted upon, worded, checked, finished."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from mockserver.clock import Clock
from mockserver.domain.errors import BadRequest, Refusal
from mockserver.errors import AnswerBroken
from mockserver.http import answers, inbound, shapes
from mockserver.http.answers import Answer
from mockserver.http.memory import Memory
from mockserver.service import Call, Service, UseCase
from mockserver.store.store import Store

if TYPE_CHECKING:
    from flask import Request

    from mockserver.http.refusals import Words
    from mockserver.parts import Parts

_log = logging.getLogger(__name__)
Documents = Mapping[str, Mapping[str, Any]]
Path = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Keys:
    """The API keys: those that reach every call, and those that reach none of these."""

    full: frozenset[str]
    small: frozenset[str]


class Judge:
    """The documents as the mock goes by them: validators, and words for those it refuses."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._shapes = {name: shapes.Shapes(document) for name, document in documents.items()}
        self._words: dict[str, Words] = {}
        self._names = {
            operation_id: name
            for name, known in self._shapes.items()
            for operation_id, _, _ in known.places()
        }

    def places(self) -> list[tuple[str, str, str]]:
        """Id, path and method of each operation of each document."""
        return [place for known in self._shapes.values() for place in known.places()]

    def document(self, name: str) -> dict[str, Any]:
        """A document as the mock goes by it."""
        return dict(self._documents[name])

    def operation(self, operation_id: str) -> shapes.Operation:
        """What the requests and answers of an operation look like."""
        return self._shapes[self._names[operation_id]][operation_id]

    def refusal(
        self, operation: shapes.Operation, call: Call, *, request: Request, path: Path
    ) -> BadRequest:
        """Why the shape of a request is refused, field by field."""
        if call.body is inbound.UNREADABLE:
            return BadRequest({"body": ["This is not JSON."]})
        name = self._names[operation.id]
        if name not in self._words:
            # Imported here: openapi-core takes half a second, and only who is refused needs it.
            from mockserver.http.refusals import Words  # noqa: PLC0415

            self._words[name] = Words(self._documents[name])
        return BadRequest(self._words[name].details(operation, request, path))


@dataclass(frozen=True, slots=True)
class Setting:
    """What is in force for one request: parts, and what was made of them."""

    own: Parts  # the dialect's: what the mock means to say, and checks
    sent: Parts  # the same with what faults replaced: what it does, and what reaches the client
    service: Service
    judge: Judge
    memory: Memory = field(default_factory=Memory)

    @property
    def is_steady(self) -> bool:
        """Whether the same question to the same state always has the same answer.

        It need not where a part says more than the rules: when to admit, to see, and how to finish.
        """
        own = self.own
        return (
            self.sent is own
            and own.admit is inbound.admit_all
            and own.reads_from is Store.reading
            and own.finish is answers.finish
        )


class Exchange:
    """Answers requests, each by the setting that is in force when it comes."""

    def __init__(
        self, store: Store, *, documents: Callable[[], Documents], keys: Keys, clock: Clock
    ) -> None:
        self._store = store
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._setting: Setting | None = None

    def beside(self, store: Store, clock: Clock) -> Exchange:
        """Another exchange over the same documents and keys, with a state and a time of its own."""
        return Exchange(store, documents=self._documents, keys=self._keys, clock=clock)

    def use(self, own: Parts, sent: Parts) -> None:
        """Go by these parts from now on; requests under way end by those they began with."""
        self.go_by(self.prepared(own, sent))

    def prepared(self, own: Parts, sent: Parts, judge: Judge | None = None) -> Setting:
        """What goes by these parts; a judge who knows their documents already may come along."""
        return Setting(
            own, sent, Service(self._store, sent, self._clock), judge or self._judge(sent)
        )

    def go_by(self, setting: Setting) -> None:
        """Have this in force from now on."""
        self._setting = setting

    def _judge(self, sent: Parts) -> Judge:
        documents = self._documents()
        return Judge({name: sent.document(name, dict(one)) for name, one in documents.items()})

    @property
    def setting(self) -> Setting:
        """What is in force."""
        if self._setting is None:
            raise RuntimeError("nothing is in force yet: call use first")
        return self._setting

    def answer(
        self, operation_id: str, use_case: UseCase, *, request: Request, path: Path
    ) -> Answer:
        """The answer to a request for an operation."""
        setting = self.setting
        stamp = self._store.stamp() if setting.is_steady and request.method == "GET" else None
        if stamp is None:
            return self._answer(
                setting, operation_id, use_case=use_case, request=request, path=path
            )
        question = (operation_id, *inbound.asked(request, path))
        known = setting.memory.recall(question, stamp)
        if known is not None:
            self._clock()  # the journal keeps what a request read of it
            return known
        answer = self._answer(setting, operation_id, use_case=use_case, request=request, path=path)
        return setting.memory.keep(question, stamp, answer=answer)

    def _answer(
        self,
        setting: Setting,
        operation_id: str,
        *,
        use_case: UseCase,
        request: Request,
        path: Path,
    ) -> Answer:
        operation = setting.judge.operation(operation_id)
        try:
            outcome = self._act(setting, operation, use_case=use_case, request=request, path=path)
        except Refusal as problem:
            return _worded(setting, operation, partial(_refuse, problem=problem))
        word = partial(answers.of_outcome, operation_id=operation_id, outcome=outcome)
        return _worded(setting, operation, word)

    def refuse(self, problem: Refusal) -> Answer:
        """The answer to a request that is for no operation."""
        sent = self.setting.sent
        return sent.finish("", answers.of_refusal(sent, problem))

    def _act(
        self,
        setting: Setting,
        operation: shapes.Operation,
        *,
        use_case: UseCase,
        request: Request,
        path: Path,
    ) -> Any:
        parts = setting.sent
        parts.admit(operation.id)
        key = request.headers.get("apikey")
        parts.check_key(key, self._keys.full | self._keys.small)
        parts.check_scope(key, self._keys.small)
        call, is_fine = inbound.read(operation, request, path)
        if is_fine:
            return use_case(setting.service, call)
        problem = setting.judge.refusal(operation, call, request=request, path=path)
        return parts.refuse(problem, call, partial(use_case, setting.service))


def _refuse(parts: Parts, problem: Refusal) -> Answer:
    return answers.of_refusal(parts, problem)


def _worded(setting: Setting, operation: shapes.Operation, word: Callable[[Any], Answer]) -> Answer:
    """The answer as it is sent, once the mock has checked what it means to say."""
    own = word(setting.own)
    try:
        operation.check(own.status, own.body)
    except AnswerBroken as broken:
        _log.error("%s", broken)
        return setting.sent.finish(operation.id, broken_answer(broken))
    answer = own if setting.sent is setting.own else word(setting.sent)
    return setting.sent.finish(operation.id, answer)


def broken_answer(problem: Exception) -> Answer:
    """The answer where the mock itself has failed."""
    return Answer(500, {}, {"error": {"code": "ERR_EXCEPTION", "message": str(problem)}})
