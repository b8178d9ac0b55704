"""The requests of seven kinds of client in the exact form they send them, with what each gets.

A client is how a library writes a request: its headers, its query and its JSON. A call is what an
app wants. Every client makes every call; what only one of them sends follows after that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from support.api import Api

KEY = "mock-api-key"
Value = str | int | bool | list[str]
Query = dict[str, Value]
Check = Callable[[Any], bool]


class Client(NamedTuple):
    """How a library writes requests."""

    headers: dict[str, str]
    key_header: str  # header names are not case-sensitive, and clients differ
    query: Callable[[Query], str]
    json: Callable[[Any], bytes]
    has_empty_json: bool = False  # whether a call without a body is sent with `{}`


class Call(NamedTuple):
    """What an app wants, and what has to come back."""

    method: str
    path: str
    check: Check
    query: Query = {}  # noqa: RUF012  never changed
    body: Any = None
    caller: str | None = "ana"
    status: int = 200


# --- how libraries write ------------------------------------------------------------------------


def _pairs(query: Query, lists: Callable[[str, list[str]], list[tuple[str, str]]]) -> Any:
    for name, value in query.items():
        if isinstance(value, list):
            yield from lists(name, value)
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _joined(pairs: Any, encode: Callable[[str], str]) -> str:
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)


def _php(query: Query) -> str:
    """As http_build_query: indexed brackets, all of it encoded, blanks as plus."""
    pairs = _pairs(query, lambda name, values: [(f"{name}[{i}]", v) for i, v in enumerate(values)])
    return _joined(pairs, quote_plus)


def _axios(query: Query) -> str:
    """As axios: `tags[]=`, brackets and commas as they are."""
    pairs = _pairs(query, lambda name, values: [(f"{name}[]", v) for v in values])
    return _joined(pairs, lambda text: quote(text, safe="[]:$,").replace("%20", "+"))


def _repeated(encode: Callable[[str], str]) -> Callable[[Query], str]:
    """As OkHttp and requests: one pair for each value."""
    return lambda query: _joined(_pairs(query, lambda name, vs: [(name, v) for v in vs]), encode)


def _commas(encode: Callable[[str], str]) -> Callable[[Query], str]:
    """As who joins a list before the library sees it."""
    return lambda query: _joined(_pairs(query, lambda name, vs: [(name, ",".join(vs))]), encode)


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _php_json(value: Any) -> bytes:
    """As json_encode: slashes and everything beyond ASCII escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def _python_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _swift_json(value: Any) -> bytes:
    """As JSONSerialization with pretty printing: blanks around the colons, slashes escaped."""
    text = json.dumps(value, indent=2, separators=(",", " : "), ensure_ascii=False)
    return text.replace("/", "\\/").encode()


JSON = "application/json"
CLIENTS = {
    "php-guzzle": Client(
        {"User-Agent": "GuzzleHttp/7", "Content-Type": JSON, "Accept": JSON, "appId": "app"},
        "apiKey", _php, _php_json,
    ),
    "csharp-httpclient": Client(
        {"Content-Type": f"{JSON}; charset=utf-8", "traceparent": "00-aa-bb-00"},
        "apikey", _commas(lambda text: quote(text, safe="")), _compact,
    ),
    "java-restassured": Client(
        {"Content-Type": JSON, "Accept": "*/*", "User-Agent": "Apache-HttpClient/4.5"},
        "apiKey", _repeated(quote_plus), _compact, True,
    ),
    "swift-urlsession": Client(
        {"Content-Type": JSON, "Accept": JSON, "Accept-Language": "en-GB;q=1.0"},
        "apikey", _commas(lambda text: quote(text, safe=",/?:@!$'()*+;")), _swift_json,
    ),
    "kotlin-okhttp": Client(
        {"Content-Type": f"{JSON}; charset=utf-8", "User-Agent": "okhttp/4.12.0"},
        "apikey", _repeated(lambda text: quote(text, safe="[]")), _compact, True,
    ),
    "vue-axios": Client(
        {
            "Accept": f"{JSON}, text/plain, */*", "Content-Type": f"{JSON};charset=UTF-8",
            "Origin": "http://localhost:5173", "sentry-trace": "1-2-0",
        },
        "apikey", _axios, _compact,
    ),
    "python-requests": Client(
        {"Content-Type": JSON, "Accept": "*/*", "User-Agent": "python-requests/2.32"},
        "apikey", _repeated(quote_plus), _python_json,
    ),
}  # fmt: skip


# --- what apps want ------------------------------------------------------------------------------


def _names(*expected: str) -> Check:
    return lambda body: sorted(row["conversationId"] for row in body["data"]) == sorted(expected)


def _paged(most: int) -> Check:
    return lambda body: 0 < len(body["data"]) <= most and "total" in body["meta"]["pagination"]


def _data(**expected: Any) -> Check:
    return lambda body: expected.items() <= body["data"].items()


def _done(body: Any) -> bool:
    return body["data"]["success"] is True and bool(body["data"]["message"])


def _error(code: str) -> Check:
    return lambda body: body["error"]["code"] == code and bool(body["error"]["message"])


def _text(text: str) -> Check:
    return lambda body: body["data"]["data"]["text"] == text and "entities" in body["data"]["data"]


BO, HIKERS = "/users/bo/conversation", "/groups/hikers/conversation"
GREETING = "Grüße aus / Köln 🚲"
MEDIA = {"url": "https://files.example/a b/c.png", "attachments": [{"extension": "png"}]}
CALLS = {
    "the list": Call("GET", "/conversations", _paged(100)),
    "a page of the list": Call(
        "GET", "/conversations", _paged(2),
        {"conversationType": "user", "perPage": 2, "page": 1, "searchKey": "", "tags": ""},
    ),
    "past the end": Call(
        "GET", "/conversations", lambda body: body["data"] == [], {"page": 9, "per_page": 50}
    ),
    "by tags": Call("GET", "/conversations", _names("user_bo"), {"tags": ["wörk", "red & blue"]}),
    "unread ones with tags": Call(
        "GET", "/conversations", lambda body: all("tags" in row for row in body["data"]),
        {"unread": True, "withTags": True, "includeBlockedUsers": False},
    ),
    "the whole app": Call("GET", "/conversations", _paged(100), caller=None),
    "one conversation": Call("GET", BO, _data(conversationId="user_bo", conversationType="user")),
    "one group": Call("GET", HIKERS, _data(conversationId="group_hikers")),
    "by id": Call("GET", "/conversations/user_bo", _data(conversationId="user_bo")),
    "tags": Call("PUT", BO, _data(tags=["a/b", "ü"]), body={"tags": ["a/b", "ü"]}),
    "no tags": Call("PUT", HIKERS, _data(tags=[]), body={"tags": []}),
    "read": Call("POST", f"{BO}/read", _done),
    "group delivered": Call("POST", f"{HIKERS}/delivered", _done),
    "unread again": Call(
        "DELETE", f"{BO}/read", lambda body: body["data"]["conversation"]["unreadMessageCount"] > 0
    ),
    "reset": Call(
        "DELETE", BO, _done,
        body={"conversationWith": "bo", "deleteMessagesPermanently": False},
    ),
    "a text": Call(
        "POST", "/messages", _text(GREETING),
        body={
            "category": "message", "type": "text", "receiver": "bo", "receiverType": "user",
            "data": {"text": GREETING, "metadata": {"k": [1, None]}}, "muid": "m-1",
        },
    ),
    "a picture to a group": Call(
        "POST", "/messages", lambda body: body["data"]["data"]["url"] == MEDIA["url"],
        body={
            "category": "message", "type": "image", "receiver": "hikers", "receiverType": "group",
            "data": MEDIA,
        },
    ),
    "messages with a user": Call(
        "GET", "/users/bo/messages", lambda body: 0 < len(body["data"]) <= 30,
        {"limit": 30, "affix": "prepend", "hideDeleted": True},
    ),
    "a group's messages in a span": Call(
        "GET", "/groups/hikers/messages", lambda body: len(body["data"]) == 4,
        {"fromTimestamp": 1767236400, "toTimestamp": 1767243660, "withTags": True},
    ),
    "users by role": Call(
        "GET", "/users", lambda body: len(body["data"]) == 1,
        {"limit": 5, "searchKey": "BO", "searchIn": ["uid", "name"], "role": "default"},
    ),
    "a new user": Call(
        "POST", "/users", _data(uid="new-user", name="Zoë", role="default"),
        body={"uid": "New-User", "name": "Zoë", "avatar": "https://a.example/z.png"}, caller=None,
    ),
    "a new group": Call(
        "POST", "/groups", _data(guid="club", membersCount=2),
        body={
            "guid": "club", "name": "Club", "type": "public", "members": {"participants": ["bo"]},
        },
    ),
    "nobody": Call("GET", "/users/nobody/conversation", _error("ERR_UID_NOT_FOUND"), status=404),
    "too many tags": Call(
        "PUT", BO, _error("ERR_BAD_REQUEST"), body={"tags": [str(n) for n in range(26)]}, status=400
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def town(module_state: str | None) -> Iterator[Api]:
    app = create_app(world=examples(42), state_url=module_state)
    yield Api(app)
    inside(app).close()


@pytest.fixture
def api(town: Api) -> Api:
    """The API at the start, with a tag on one conversation."""
    assert town.client.post("/_mock/reset").status_code == 200
    assert town.put(BO, as_="ana", json={"tags": ["wörk"]}).status_code == 200
    return town


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_makes_every_call(api: Api, client: str, call: str) -> None:
    style, wanted = CLIENTS[client], CALLS[call]
    headers = style.headers | {style.key_header: KEY}
    if wanted.caller is not None:
        headers["onBehalfOf"] = wanted.caller
    body = wanted.body
    if body is None and style.has_empty_json and wanted.method != "GET":
        body = {}
    query = style.query(wanted.query)

    answer = api.client.open(
        f"/v3{wanted.path}" + (f"?{query}" if query else ""),
        method=wanted.method,
        headers=headers,
        data=None if body is None else style.json(body),
    )

    said = answer.get_data(as_text=True)
    assert answer.status_code == wanted.status, (query, said)
    assert wanted.check(answer.get_json()), (query, said)
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", headers.get("Origin"))


# --- what only some of them send ------------------------------------------------------------------

# The documented dialect takes `true` and `false` alone; these are what languages make of a truth.
TRUTHS = {"Python's and C#'s": ("True", 400), "PHP's": ("1", 400), "plain": ("true", 200)}


@pytest.mark.parametrize("whose", TRUTHS)
def test_a_truth_is_taken_or_refused_by_its_name(api: Api, whose: str) -> None:
    text, status = TRUTHS[whose]

    answer = api.get(f"/conversations?unread={text}", as_="ana")

    assert answer.status_code == status
    if status == 400:
        assert "unread" in answer.get_json()["error"]["details"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{BO}/read", b"null"),
        ("POST", f"{BO}/read", b'{"messageId":null}'),
        ("PUT", BO, b'{"tags":"red"}'),
        ("PUT", BO, b'{"tags":null}'),
        ("PUT", BO, b"tags[]=red"),
        ("POST", "/messages", b'{"receiver":"bo"}'),
        ("DELETE", BO, b'{"deleteMessagesPermanently":"maybe"}'),
    ],
)
def test_what_a_slip_sends_is_answered_in_the_envelope(
    api: Api, method: str, path: str, body: bytes
) -> None:
    answer = api.call(method, path, as_="ana", data=body, content_type=JSON)

    assert answer.status_code in (200, 400), answer.get_data(as_text=True)
    if answer.status_code == 400:
        assert api.refusal(answer)[1] == "ERR_BAD_REQUEST"
        assert answer.get_json()["error"]["details"]


def test_the_table_is_long_enough() -> None:
    assert len(CLIENTS) * len(CALLS) >= 120
