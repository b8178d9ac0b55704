"""Who may call, and what is refused in which order (Error handling; readings T4 to T10, B13)."""

from __future__ import annotations

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.usecases.sessions import FOR_SMALL_KEYS
from duologue.openapi import document

OPERATIONS = [
    pytest.param(each, id=each.id)
    for name in ("openapi", "stage")
    for each in document.operations(name)
]
NAMED = [each for each in OPERATIONS if "{" in each.values[0].path]
CONVERSATIONS = [each for each in NAMED if "onversation" in each.values[0].path]


def path_of(operation, **changes):
    values = {"uid": "bo", "guid": "hikers", "conversationId": "user_bo", "id": "2"} | changes
    return operation.path.format(**values)


@pytest.mark.parametrize("operation", OPERATIONS)
class TestKey:
    """Every operation wants a key of full scope (readings T4)."""

    def test_missing(self, api, operation):
        answer = api.call(operation.method, path_of(operation), key=None, as_="ana")
        assert api.refusal(answer) == (401, "AUTH_ERR_EMPTY_APIKEY")

    def test_empty(self, api, operation):
        answer = api.call(operation.method, path_of(operation), key="", as_="ana")
        assert api.refusal(answer) == (401, "AUTH_ERR_EMPTY_APIKEY")

    def test_unknown(self, api, operation):
        answer = api.call(operation.method, path_of(operation), key="other-key", as_="ana")
        assert api.refusal(answer) == (401, "AUTH_ERR_APIKEY_NOT_FOUND")
        assert "other-key" not in answer.get_data(as_text=True)

    def test_small_scope(self, api, operation):
        """All but the calls of an app before a log-in (E156)."""
        answer = api.call(operation.method, path_of(operation), key="auth-only", as_="ana")
        refused = (403, "AUTH_ERR_NO_ACCESS")
        if operation.id in FOR_SMALL_KEYS:
            refused = (400, "ERR_BAD_REQUEST")  # for want of a body
        assert api.refusal(answer) == refused


def test_keys_of_ones_own(open_api):
    """The keys named at the start are let in, and no others."""
    api = open_api(examples(1), api_keys=("one", "two"))

    assert api.get("/users", key="one").status_code == 200
    assert api.get("/users", key="two").status_code == 200
    assert api.refusal(api.get("/users"))[0] == 401


@pytest.mark.parametrize("operation", CONVERSATIONS)
class TestCaller:
    """`onBehalfOf` is the caller, required on all but the list (readings T5)."""

    def body(self, operation):
        return {"tags": []} if operation.method == "PUT" else None

    def test_missing(self, api, operation):
        answer = api.call(operation.method, path_of(operation), json=self.body(operation))
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert answer.get_json()["error"]["details"] == {"onBehalfOf": ["This header is required."]}

    def test_unknown(self, api, operation):
        answer = api.call(
            operation.method, path_of(operation), as_="nobody", json=self.body(operation)
        )
        assert api.refusal(answer) == (404, "ERR_UID_NOT_FOUND")

    def test_deactivated(self, api, operation):
        api.delete("/users/cleo")
        answer = api.call(
            operation.method, path_of(operation), as_="cleo", json=self.body(operation)
        )
        assert api.refusal(answer) == (404, "ERR_UID_NOT_FOUND")

    def test_unknown_peer(self, api, operation):
        path = path_of(operation, uid="nobody", guid="nowhere", conversationId="user_nobody")
        answer = api.call(operation.method, path, as_="ana", json=self.body(operation))
        code = {
            "{uid}": "ERR_UID_NOT_FOUND",
            "{guid}": "ERR_GUID_NOT_FOUND",
            "{conversationId}": "ERR_CONVERSATION_NOT_FOUND",
        }[operation.path.split("/")[2]]
        assert api.refusal(answer) == (404, code)

    def test_stranger(self, api, operation):
        path = path_of(operation, uid="eve", conversationId="group_hikers")
        answer = api.call(operation.method, path, as_="dan", json=self.body(operation))
        is_group = operation.path.startswith("/groups")
        assert api.refusal(answer) == (
            (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
            if is_group
            else (404, "ERR_CONVERSATION_NOT_FOUND")
        )


def test_unknown_caller_of_the_list(api):
    """The list knows its caller too."""
    assert api.refusal(api.get("/conversations", as_="nobody")) == (404, "ERR_UID_NOT_FOUND")


def test_a_kicked_member_loses_the_conversation(api):
    """Who is no member any more is a stranger, in the list as well."""
    api.delete("/groups/hikers/members/bo")

    answer = api.get("/groups/hikers/conversation", as_="bo")

    assert api.refusal(answer) == (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
    assert "group_hikers" not in api.names("bo")


@pytest.mark.parametrize(
    "name", ["bo", "user_", "group_", "user", "channel_bo", "ana_user_bo", "group_nowhere"]
)
def test_ids_that_name_nothing(api, name):
    """An id of another form names none of the caller's conversations."""
    answer = api.get(f"/conversations/{name}", as_="ana")

    assert api.refusal(answer) == (404, "ERR_CONVERSATION_NOT_FOUND")


class TestOrder:
    """Key, shape, caller, path, conversation: the first that fails is told (readings T8)."""

    def test_key_before_shape(self, api):
        answer = api.put("/users/bo/conversation", key="x", as_="ana", json={"tags": 5})
        assert api.refusal(answer)[1] == "AUTH_ERR_APIKEY_NOT_FOUND"

    def test_shape_before_caller(self, api):
        answer = api.put("/users/bo/conversation", as_="nobody", json={"tags": 5})
        assert api.refusal(answer)[1] == "ERR_BAD_REQUEST"

    def test_caller_before_path(self, api):
        answer = api.get("/groups/nowhere/conversation", as_="nobody")
        assert api.refusal(answer)[1] == "ERR_UID_NOT_FOUND"

    def test_path_before_conversation(self, api):
        answer = api.get("/users/nobody/conversation", as_="eve")
        assert api.refusal(answer)[1] == "ERR_UID_NOT_FOUND"


@pytest.mark.parametrize(
    "path", ["/nothing", "/users//conversation", "/conversations/", "/", "/users/bo/conversation/x"]
)
@pytest.mark.parametrize("key", ["mock-api-key", None])
def test_unknown_path(api, path, key):
    """No operation has this path, whatever the key (readings T10)."""
    assert api.refusal(api.get(path, key=key)) == (404, "ERR_API_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/users/bo/conversation", {"GET", "PUT", "DELETE"}),
        ("GET", "/users/bo/conversation/read", {"POST", "DELETE"}),
        ("PUT", "/conversations", {"GET"}),
        ("TRACE", "/messages", {"GET", "POST"}),
    ],
)
def test_wrong_method(api, method, path, allowed):
    """405, and which methods there are (readings T10)."""
    answer = api.call(method, path)

    assert api.refusal(answer) == (405, "ERR_API_NOT_FOUND")
    assert set(answer.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == allowed
