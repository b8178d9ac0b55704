"""Malformed input is refused within the envelope, never answered 5xx, and changes nothing (T13)."""

from __future__ import annotations

import itertools
import json

import pytest

from duologue.mockserver.app import inside
from duologue.mockserver.store import canonical_dump

pytestmark = pytest.mark.one_python

READ, TAGS, UNREAD, RESET = (
    ("POST", "/users/bo/conversation/read"),
    ("PUT", "/users/bo/conversation"),
    ("DELETE", "/groups/hikers/conversation/read"),
    ("DELETE", "/users/bo/conversation"),
)
NOT_JSON = [b"{", b"nonsense", b"\xff\xfe", b'{"tags": ["\\ud800"]}', b"[" * 90, b"NaN", b"{]}"]


@pytest.fixture
def unchanged(api):
    """Sees to it that the test leaves the state as it found it."""
    run = inside(api.app).store.reading()
    before = canonical_dump.take(run)
    yield
    assert canonical_dump.differences(before, canonical_dump.take(run)) == []


@pytest.mark.usefixtures("unchanged")
class TestBodies:
    """Bodies that are no JSON, or not what the operation wants."""

    @pytest.mark.parametrize(("method", "path"), [READ, TAGS, UNREAD, RESET])
    @pytest.mark.parametrize("body", NOT_JSON, ids=repr)
    def test_not_json(self, api, method, path, body):
        answer = api.call(method, path, as_="ana", data=body, content_type="application/json")
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert answer.get_json()["error"]["details"] == {"body": ["This is not JSON."]}

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None]
    )
    def test_other_content_types(self, api, kind):
        answer = api.put("/users/bo/conversation", as_="ana", data='{"tags":[]}', content_type=kind)
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        details = answer.get_json()["error"]["details"]
        assert details == {"body": ["The content type has to be application/json."]}

    def test_a_body_that_is_required(self, api):
        answer = api.put("/users/bo/conversation", as_="ana")
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert answer.get_json()["error"]["details"] == {"body": ["A body is required."]}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "tags"),
            ({"tags": None}, "tags"),
            ({"tags": "family"}, "tags"),
            ({"tags": {"0": "a"}}, "tags"),
            ({"tags": [1]}, "tags.0"),
            ({"tags": ["a", None]}, "tags.1"),
            ({"tags": [["a"]]}, "tags.0"),
            ([], "body"),
            ("tags", "body"),
            (5, "body"),
            (None, "body"),
        ],
    )
    def test_tags_of_another_form(self, api, body, field):
        data = json.dumps(body)
        answer = api.put(
            "/users/bo/conversation", as_="ana", data=data, content_type="application/json"
        )
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert list(answer.get_json()["error"]["details"]) == [field]

    @pytest.mark.parametrize(
        "number",
        [
            "",
            "x",
            "-1",
            "0",
            "01",
            "1.5",
            " 1",
            "1\n",
            "9" * 19,
            0,
            -1,
            1.5,
            10**18,
            10**40,
            True,
            None,
            [],
        ],
    )
    @pytest.mark.parametrize(("method", "path"), [READ, UNREAD])
    def test_message_ids_of_another_form(self, api, method, path, number):
        answer = api.call(method, path, as_="ana", json={"messageId": number})
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert set(answer.get_json()["error"]["details"]) == {"messageId"}

    @pytest.mark.parametrize("number", ["999999999999999999", 999_999_999_999_999_999, 12.0])
    def test_the_largest_message_id(self, api, number):
        """One that is well formed and names nothing is not found."""
        answer = api.post("/users/bo/conversation/read", as_="ana", json={"messageId": number})
        assert api.refusal(answer) == (404, "ERR_MESSAGE_ID_NOT_FOUND")


IDS = [
    "a" * 101,
    "a" * 2000,
    "b o",
    "bo\x00",
    "bö",
    "🦊",
    "bo%2f",
    "bo;",
    "%ff",
    "..",
    "bo.",
    "bo%0a",
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/{}/conversation"),
        ("PUT", "/groups/{}/conversation"),
        ("POST", "/users/{}/conversation/read"),
        ("GET", "/conversations/{}"),
        ("DELETE", "/messages/{}"),
        ("GET", "/users/{}"),
    ],
)
@pytest.mark.parametrize("name", IDS, ids=lambda name: ascii(name[:20]))
def test_ids_in_the_path(api, method, path, name):
    """Too long, or of letters no id has."""
    answer = api.call(method, path.format(name), as_="ana", json={"tags": []})

    assert answer.status_code in (400, 404)
    api.refusal(answer)


@pytest.mark.parametrize("name", ["a" * 100, "_-" * 50, "0"])
def test_ids_at_the_limit(api, name):
    """Up to 100 of the right letters: well formed, so it is looked up."""
    answer = api.get(f"/users/{name}/conversation", as_="ana")

    assert api.refusal(answer) == (404, "ERR_UID_NOT_FOUND")


@pytest.mark.parametrize("caller", ["", " ", "a" * 101, "b o", "bö", "b,o", "ana, bo"])
def test_callers_of_another_form(api, caller):
    """The caller is a uid."""
    answer = api.get("/users/bo/conversation", as_=caller.encode("utf-8").decode("latin-1"))

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert list(answer.get_json()["error"]["details"]) == ["onBehalfOf"]


TEXTS = [
    "\x00",
    "a\x00b",
    "\x1f",
    "\\",
    "\\u",
    "\x7f",
    "\u2028",
    "é",
    "e\u0301",
    "😀" * 100,
    "'\";--",
    "\t",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
class TestStrangeLetters:
    """Any code point is kept and found again as it was."""

    def test_as_tags(self, api, text):
        api.put("/users/bo/conversation", as_="ana", json={"tags": [text, "other"]})

        assert api.conversation("ana", "users/bo")["tags"] == [text, "other"]
        assert api.names("ana", tags=text) == ["user_bo"]

    def test_as_search_key(self, api, text):
        assert api.names("ana", searchKey=text) == []

    def test_as_a_message(self, api, text):
        number = api.send("ana", "users/bo", text)
        assert api.get(f"/messages/{number}").get_json()["data"]["data"]["text"] == text

    def test_as_a_name(self, api, text):
        api.post("/users", json={"uid": "gil", "name": text})
        assert api.get("/users/gil").get_json()["data"]["name"] == text
        found = api.get("/users", query_string={"searchKey": text}).get_json()["data"]
        assert [each["uid"] for each in found] == ["gil"]


@pytest.mark.parametrize(
    ("method", "path"),
    [READ, TAGS, ("POST", "/messages"), ("POST", "/users"), ("GET", "/messages/2")],
)
def test_whatever_json(api, method, path):
    """Values of every type in every place: 2xx or 4xx."""
    values = [None, True, 0, -1.5, "", "x", [], [[]], {}, {"": 0}, 2**70, "x" * 70_000]
    names = ["tags", "messageId", "receiver", "receiverType", "data", "uid", "name"]
    for name, value in itertools.product(names, values):
        answer = api.call(method, path, as_="ana", json={name: value})
        assert answer.status_code < 500, (name, value, answer.get_data(as_text=True))
