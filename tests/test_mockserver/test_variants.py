"""Variants: other servers that keep the contract, each permitted by a reading."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver import documented
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.errors import StateUnusable, UnknownVariant
from duologue.mockserver.variants import VARIANTS, with_variants
from duologue.mockserver.variants.stale_reads import late
from support.waiting import happens

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HELLO = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}


@pytest.fixture
def open_mock(new_state):
    """``open_mock(own, sent)`` starts a mock and returns ``ask(method, path, body)``."""
    opened = []

    def open_mock(own, sent):
        app = create_app(world=examples(42), behaviours=own, faulty=sent, state_url=new_state())
        opened.append(app)
        client = app.test_client()

        def ask(method, path, body=None, *, as_="ana", key="mock-api-key"):
            headers = {"onBehalfOf": as_, "apikey": key}
            headers = {name: value for name, value in headers.items() if value}
            answer = client.open(f"/v3{path}", method=method, json=body, headers=headers)
            assert "bug of the mock" not in answer.get_data(as_text=True)
            return answer

        return ask

    yield open_mock
    for app in opened:
        inside(app).close()


@pytest.fixture
def variant(open_mock):
    """``variant(name, ...)`` starts a mock with these variants and returns ``ask``."""
    return lambda *names: open_mock(*with_variants(documented.behaviours(), names))


def data(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["data"]


def refusal(answer):
    return answer.status_code, answer.get_json()["error"]["code"]


def test_a_variant_has_name_reading_and_text():
    """Name, reading and text have a fixed form."""
    odd = [
        name
        for name, each in VARIANTS.items()
        if not KEBAB.fullmatch(name) or each.name != name or not each.text.endswith(".")
    ]

    assert odd == []


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_answers(variant, name, engine):
    """The mock's self-check accepts each variant's answers."""
    if name == "late-writes" and engine != "sqlite":
        pytest.skip("refused: test_late_writes_are_refused_for_another_database")
    ask = variant(name)
    ask("POST", "/messages", HELLO)
    statuses = {
        ask("GET", "/conversations?withTags=true").status_code,
        ask("GET", "/users/bo/conversation").status_code,
        ask("PUT", "/users/bo/conversation", {"tags": ["b", "a"]}).status_code,
        ask("DELETE", "/users/bo/conversation/read", {}).status_code,
        ask("GET", "/nowhere").status_code // 100,
    }

    assert statuses == {200, 4}


def test_no_variants_change_nothing():
    """Without variants both results are the given behaviours."""
    healthy = documented.behaviours()
    own, sent = with_variants(healthy, [])

    assert own is healthy
    assert sent is healthy


def test_documented_forms_are_checked():
    """Variants of documented forms are checked against the document."""
    own, sent = with_variants(documented.behaviours(), ["rich-errors"])

    assert own is sent
    assert own != documented.behaviours()


def test_an_unknown_variant_is_refused_with_a_hint():
    with pytest.raises(UnknownVariant, match="did you mean late-writes"):
        with_variants(documented.behaviours(), ["late-write"])


def test_more_properties(variant):
    shown = data(variant("more-properties")("GET", "/users/bo/conversation"))

    assert shown["x-extra"] == {"of": "no document"}
    assert shown["conversationWith"]["extra"] is None


def test_rich_errors(variant):
    answer = variant("rich-errors")("GET", "/users/nobody/conversation")

    assert {"devMessage", "source", "traceId", "details"} <= answer.get_json()["error"].keys()


def test_capital_message(variant):
    assert "Message" in data(variant("capital-message")("POST", "/users/bo/conversation/read", {}))


def test_unread_answers_the_conversation(variant):
    shown = data(
        variant("unread-answers-the-conversation")("DELETE", "/users/bo/conversation/read", {})
    )

    assert set(shown) == {"conversation"}


def test_groups_begin_with_a_message(variant):
    """A new group's conversation exists after its first message."""
    ask = variant("groups-begin-with-a-message")
    ask("POST", "/groups", {"guid": "new", "name": "New", "type": "public"})
    before = refusal(ask("GET", "/groups/new/conversation"))
    ask("POST", "/messages", {**HELLO, "receiver": "new", "receiverType": "group"})

    assert before == (404, "ERR_CONVERSATION_NOT_FOUND")
    assert data(ask("GET", "/groups/new/conversation"))["conversationId"] == "group_new"


def test_group_actions_count(variant):
    """A join adds a message that is unread for the other members."""
    ask = variant("group-actions-count")
    ask("POST", "/groups", {"guid": "new", "name": "New", "type": "public"})
    ask("POST", "/groups/new/members", {"participants": ["bo"]}, as_="ana")
    seen = data(ask("GET", "/groups/new/conversation", as_="bo"))

    assert seen["lastMessage"]["category"] == "action"


class SteppedTime:
    """A fake clock that is advanced by hand; a sleeping thread wakes once per step."""

    def __init__(self):
        self.now_s = 0.0
        self._asleep, self._wake = threading.Semaphore(0), threading.Semaphore(0)

    def now(self):
        return self.now_s

    def sleep(self, _s):
        self._asleep.release()
        self._wake.acquire()

    def move_on(self, s):
        """Advance the time and return when the thread sleeps again."""
        self._asleep.acquire()
        self.now_s += s
        self._wake.release()
        self._asleep.acquire()
        self._asleep.release()


def test_late_writes(open_mock):
    """A write is visible after half a second, not earlier."""
    stepped = SteppedTime()
    behaviours = late(0.5, now=stepped.now, sleep=stepped.sleep)(documented.behaviours())
    ask = open_mock(behaviours, behaviours)

    def shown():
        return data(ask("GET", "/users/bo/conversation"))["lastMessage"]["id"]

    before = shown()
    sent = data(ask("POST", "/messages", HELLO))["id"]
    stepped.move_on(0.125)
    at_once = shown()
    stepped.move_on(0.484375)
    soon = shown()
    stepped.move_on(0.015625)

    assert sent != before
    assert (at_once, soon, shown()) == (before, before, sent)


def test_late_writes_beside_another_world():
    """Each world of a mock shows its own state of a while ago."""
    app = create_app(world=examples(42), behaviours=late(0)(documented.behaviours()))
    client = app.test_client()

    def tags_in(world, method="GET", **body):
        headers = {"apikey": "mock-api-key", "onBehalfOf": "ana", "X-Mock-World": world}
        path = "/v3/users/bo/conversation?withTags=true"
        return data(client.open(path, method=method, headers=headers, **body)).get("tags")

    tags_in("one", "PUT", json={"tags": ["red"]})
    try:
        told = happens(lambda: tags_in("one") == ["red"])
        other = tags_in("two")
    finally:
        inside(app).close()

    assert told
    assert other != ["red"]


class NoSqlite:
    """A state in another database."""

    url = "postgresql+psycopg://ana:secret@host/state"
    is_file = False


def test_late_writes_are_refused_for_another_database():
    """The start says why, without the password."""
    with pytest.raises(StateUnusable, match="late-writes copies an SQLite file") as refused:
        late(1)(documented.behaviours()).reads_from(NoSqlite())

    assert "secret" not in str(refused.value)


def test_busy(variant):
    """Each 30th request is refused with the seconds to wait."""
    ask = variant("busy")
    answers = [ask("GET", "/users/bo/conversation") for _ in range(60)]
    turned_away = [answer for answer in answers if answer.status_code == 429]

    assert len(turned_away) == 2
    assert turned_away[0].headers["Retry-After"] == "1"


def test_chunked_answers(variant):
    """No answer has a length."""
    answer = variant("chunked-answers")("GET", "/users/bo/conversation")

    assert "Content-Length" not in answer.headers
    assert data(answer)["conversationId"] == "user_bo"


def test_lenient(variant):
    """The valid part of malformed input is used; the limits of tags hold."""
    ask = variant("lenient")
    tags = "/users/bo/conversation"

    assert data(ask("GET", "/conversations?perPage=many&unread=perhaps"))
    assert data(ask("PUT", tags, {"tags": "family"}))["tags"] == []
    assert data(ask("DELETE", f"{tags}/read", {"messageId": {}}))["success"] is True
    assert refusal(ask("PUT", tags, {"tags": ["t"] * 26})) == (400, "ERR_BAD_REQUEST")
    assert refusal(ask("GET", tags, as_=None)) == (400, "ERR_BAD_REQUEST")


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1001, 1000), (7, 7)])
def test_page_size_clamped(variant, asked, given):
    answer = variant("page-size-clamped")("GET", f"/conversations?perPage={asked}")

    assert answer.get_json()["meta"]["pagination"]["per_page"] == given


def test_several_at_once(variant):
    """Variants can be combined like faults."""
    shown = data(
        variant("capital-message", "more-properties")("POST", "/users/bo/conversation/read", {})
    )

    assert {"Message", "x-extra"} <= shown.keys()


def test_variants_are_listed_for_programs():
    shown = subprocess.run(
        [sys.executable, "-m", "duologue.mockserver", "variants", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert [row["name"] for row in json.loads(shown.stdout)] == list(VARIANTS)
