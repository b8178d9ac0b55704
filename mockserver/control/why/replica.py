"""A mock beside the mock, in which what was done is done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

import orjson
from flask import Request

from mockserver.control.behaviour import Behaviour, Manner
from mockserver.control.chronicle import Base
from mockserver.control.journal import Entry
from mockserver.control.why.tape import Recorder, Tape
from mockserver.domain.errors import Refusal
from mockserver.http.exchange import Exchange, Setting
from mockserver.http.gate import carefully
from mockserver.http.routes import USE_CASES
from mockserver.parts import Parts
from mockserver.store import circles
from mockserver.store.kept import Kept
from mockserver.store.store import Store

_MEMORY = "sqlite://"  # one connection of one thread: the one that asks why


@dataclass(frozen=True, slots=True)
class Question:
    """A request to an operation, as it can be asked at any time."""

    operation_id: str
    method: str
    params: Mapping[str, str]
    caller: str | None
    key: str | None
    now: int
    manner: Manner
    query: str = ""
    content_type: str | None = None
    body: bytes = b""

    @classmethod
    def of(cls, entry: Entry) -> Question:
        """The request of an entry that was for an operation."""
        return cls(
            operation_id=entry.operation_id or "",
            method=entry.method,
            params=entry.params,
            caller=entry.caller,
            key=entry.key,
            now=entry.reading.now if entry.reading else entry.at,
            manner=entry.manner,
            query=entry.query,
            content_type=entry.headers[0],
            body=entry.body,
        )

    def instead(self, operation_id: str, caller: str | None, **params: str) -> Question:
        """Another question at the same moment: what a GET would have answered."""
        return replace(
            self,
            operation_id=operation_id,
            method="GET",
            params=params,
            caller=caller,
            query="",
            content_type=None,
            body=b"",
        )


class Heard(NamedTuple):
    """An answer: its status, its body as JSON says it, and what it tells of if it is an error."""

    status: int
    body: Any
    problem: Refusal | None = None

    @property
    def says(self) -> tuple[int, Any]:
        """What the client sees."""
        return self.status, self.body


class Replica:
    """The state of a base, and whatever is done to it from there."""

    def __init__(self, base: Base, *, behaviour: Behaviour, of: Exchange) -> None:
        self._store = Store(_MEMORY)
        base.into(self._store)
        self._behaviour = behaviour
        self._now = 0
        self._exchange = of.beside(self._store, clock=lambda: self._now)
        self._judges = {behaviour.manner: of.setting.judge}
        self._recorder = Recorder()
        self._watched: dict[Manner, Setting] = {}
        self._plain: dict[Manner, Setting] = {}

    def close(self) -> None:
        """Let go of the state."""
        self._store.close()

    def ask(self, question: Question) -> Heard:
        """The answer to a question, which changes nothing, not even where a fault would let it."""
        manner = question.manner
        if manner not in self._plain:
            self._plain[manner] = self._setting(manner, *self._behaviour.parts(manner))
        if not manner.faults:
            return self._answer(question, self._plain[manner])
        before = self.kept()
        heard = self._answer(question, self._plain[manner])
        self.back(before)
        return heard

    def do(self, question: Question) -> tuple[Heard, Tape]:
        """The answer to a request that may change something, with what was called for it."""
        manner = question.manner
        if manner not in self._watched:
            own, sent = self._behaviour.parts(manner)
            watched = self._recorder.watched(sent)
            # What the mock only meant to say is worded by parts that are not watched.
            self._watched[manner] = self._setting(manner, watched if sent is own else own, watched)
        self._recorder.tape = tape = Tape()
        return self._answer(question, self._watched[manner]), tape

    def means(self, question: Question) -> Heard:
        """What would be answered from this very state if no fault were in force."""
        manner = question.manner._replace(faults=())
        own, _ = self._behaviour.parts(manner)
        return self._answer(question, self._setting(manner, own, own))

    def members(self, guid: str, most: int) -> list[str]:
        """The uids of a group's first members; none where there is no such group."""
        run = self._store.reading()
        if circles.find(run, guid) is None:
            return []
        page = circles.members(run, guid, per_page=most, number=1)
        return [member.user.uid for member in page.items]

    def kept(self) -> Kept:
        """The state as it is now, to go back to with `back`."""
        return Kept(self._store)

    def back(self, kept: Kept) -> None:
        """Be as kept."""
        kept.into(self._store)

    def _setting(self, manner: Manner, own: Parts, sent: Parts) -> Setting:
        """What goes by these parts; a judge takes long to prepare, and is one for each manner."""
        setting = self._exchange.prepared(own, sent, self._judges.get(manner))
        self._judges[manner] = setting.judge
        return setting

    def _answer(self, question: Question, setting: Setting) -> Heard:
        self._now = question.now
        self._exchange.go_by(setting)
        act = partial(
            self._exchange.answer,
            question.operation_id,
            USE_CASES[question.operation_id],
            request=_request(question),
            path=question.params,
        )
        answer = carefully(act)
        return Heard(answer.status, said(answer.body), answer.problem)


def said(body: Any) -> Any:
    """What a body says as JSON; the body itself where it says nothing in it."""
    if not isinstance(body, bytes | str):
        body = orjson.dumps(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


def _request(question: Question) -> Request:
    environ = {
        "REQUEST_METHOD": question.method,
        "PATH_INFO": "/v3",
        "QUERY_STRING": question.query,
        "SERVER_NAME": "mock",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(question.body),
        "CONTENT_LENGTH": str(len(question.body)),
    }
    given = {
        "CONTENT_TYPE": question.content_type,
        "HTTP_APIKEY": question.key,
        "HTTP_ONBEHALFOF": question.caller,
    }
    return Request(environ | {name: value for name, value in given.items() if value is not None})
