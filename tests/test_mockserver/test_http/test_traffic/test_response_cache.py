"""Answers that are kept until a write: never told past one, whoever wrote."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from flask import Flask

from duologue.mockserver import documented
from duologue.mockserver.app import inside
from duologue.mockserver.domain.model import Kind
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.traffic.response_cache import ResponseCache
from duologue.mockserver.store.stamps import Stamp
from support.api import Api

WHERE = "/users/bo/conversation"


def questions_run(app: Flask) -> list[object]:
    """Notes each statement of the look-up that a question takes from now on."""
    ran: list[object] = []
    lookup = inside(app).dispatcher.runtime.service.lookup
    kinds: tuple[Kind, ...] = ("user", "group")
    for kind in kinds:
        lookup.statements[kind] = Noted(lookup.statement(kind), ran)  # type: ignore[assignment]
    return ran


class Noted:
    """A statement that notes when it is run."""

    def __init__(self, statement: Any, ran: list[object]) -> None:
        self._statement, self._ran = statement, ran

    def all(self, connection: Any, values: Any) -> Any:
        self._ran.append(values)
        return self._statement.all(connection, values)


def test_the_same_question_asked_twice_is_looked_up_once(api: Api) -> None:
    """A GET is answered from memory while nothing is written."""
    ran = questions_run(api.app)

    first, second = (api.get(WHERE, as_="ana") for _ in range(2))

    assert first.get_data() == second.get_data()
    assert len(ran) == 1


def test_another_caller_asks_another_question(api: Api) -> None:
    """What one user is answered is never told to another."""
    mine, theirs = api.names("ana"), api.names("bo")

    assert mine != theirs


def test_a_wrong_key_is_refused_though_the_answer_is_known(api: Api) -> None:
    """The key is part of the question."""
    api.get(WHERE, as_="ana")

    assert api.get(WHERE, as_="ana", key="none-of-ours").status_code == 401


def test_a_write_of_this_thread_is_seen(api: Api) -> None:
    """After a mark, the next read tells the new count."""
    before = api.unread("ana", "users/bo")
    api.post(f"{WHERE}/read", as_="ana")

    assert (before, api.unread("ana", "users/bo")) == (3, 0)


def test_a_write_of_another_thread_is_seen(api: Api) -> None:
    """Other connections' commits move the stamp too."""
    before = api.unread("ana", "users/bo")
    other = threading.Thread(target=lambda: Api(api.app).post(f"{WHERE}/read", as_="ana"))
    other.start()
    other.join()

    assert (before, api.unread("ana", "users/bo")) == (3, 0)


def test_a_restored_world_is_seen(api: Api) -> None:
    """Bringing the world back is a change as well."""
    api.post(f"{WHERE}/read", as_="ana")
    assert api.unread("ana", "users/bo") == 0
    inside(api.app).baseline.restore()

    assert api.unread("ana", "users/bo") == 3


def test_parts_that_have_the_last_word_have_it_each_time(api: Api) -> None:
    """Where a part may answer differently each time, nothing is remembered."""
    said: list[str] = []

    def finish(operation_id: str, answer: ApiResponse) -> ApiResponse:
        said.append(operation_id)
        return answer

    behaviours = replace(documented.behaviours(), finish=finish)
    inside(api.app).dispatcher.use(behaviours, behaviours)
    for _ in range(2):
        api.get(WHERE, as_="ana")

    assert said == ["getUserConversation"] * 2


def test_while_tags_are_changed_only_answers_without_them_are_kept() -> None:
    """A stamp that knows nothing of tags finds the same value before and after a change."""
    cache, stamp = ResponseCache(), Stamp(1, None)
    for shows_tags in (True, False):
        cache.recall((shows_tags,), stamp)
        answer = ApiResponse(200, {}, {"data": []}, depends_on_tags=shows_tags)
        assert cache.keep((shows_tags,), stamp, answer=answer).body == b'{"data":[]}'

    assert cache.recall((True,), stamp) is None
    assert cache.recall((False,), stamp) is not None
