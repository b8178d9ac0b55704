"""What the mock and the suite can rely on when they ask for a document."""

import pytest

from duologue import openapi
from duologue.openapi import document as reader

PAGE = {
    ("GET", "/conversations"): "listConversations",
    ("GET", "/conversations/{conversationId}"): "getConversation",
    ("DELETE", "/conversations/{conversationId}"): "deleteConversation",
    ("GET", "/users/{uid}/conversation"): "getUserConversation",
    ("GET", "/groups/{guid}/conversation"): "getGroupConversation",
    ("PUT", "/users/{uid}/conversation"): "updateUserConversation",
    ("PUT", "/groups/{guid}/conversation"): "updateGroupConversation",
    ("DELETE", "/users/{uid}/conversation"): "resetUserConversation",
    ("DELETE", "/groups/{guid}/conversation"): "resetGroupConversation",
    ("POST", "/users/{uid}/conversation/read"): "markUserConversationAsRead",
    ("POST", "/groups/{guid}/conversation/read"): "markGroupConversationAsRead",
    ("POST", "/users/{uid}/conversation/delivered"): "markUserConversationAsDelivered",
    ("POST", "/groups/{guid}/conversation/delivered"): "markGroupConversationAsDelivered",
    ("DELETE", "/users/{uid}/conversation/read"): "markUserConversationAsUnread",
    ("DELETE", "/groups/{guid}/conversation/read"): "markGroupConversationAsUnread",
}

STAGE = {
    ("POST", "/users"): "createUser",
    ("GET", "/users"): "listUsers",
    ("GET", "/users/{uid}"): "getUser",
    ("DELETE", "/users/{uid}"): "deleteUser",
    ("POST", "/groups"): "createGroup",
    ("GET", "/groups"): "listGroups",
    ("GET", "/groups/{guid}"): "getGroup",
    ("DELETE", "/groups/{guid}"): "deleteGroup",
    ("POST", "/groups/{guid}/members"): "addMembers",
    ("GET", "/groups/{guid}/members"): "listMembers",
    ("DELETE", "/groups/{guid}/members/{uid}"): "kickMember",
    ("POST", "/messages"): "sendMessage",
    ("GET", "/messages"): "listMessages",
    ("GET", "/messages/{id}"): "getMessage",
    ("DELETE", "/messages/{id}"): "deleteMessage",
}


@pytest.mark.parametrize(("name", "expected"), [("openapi", PAGE), ("stage", STAGE)])
def test_operations_are_those_of_the_page_and_of_the_stage(name, expected):
    """The contract has the page's 15 operations, the stage its 15 supporting ones."""
    rows = openapi.operations(name)

    assert {(row.method, row.path): row.id for row in rows} == expected


def test_an_operation_row_says_what_the_document_says():
    """A row carries tags, deprecation and the clauses of the operation itself."""
    rows = {row.id: row for row in openapi.operations()}

    assert rows["getUserConversation"].tags == ("User conversations",)
    assert "operations.get-user-conversation" in rows["getUserConversation"].clauses
    assert [row.id for row in rows.values() if row.deprecated] == [
        "getConversation",
        "deleteConversation",
    ]


def test_each_caller_gets_a_copy_of_his_own():
    """Spoiling a loaded document spoils nobody else's."""
    openapi.load()["paths"].clear()

    assert len(openapi.load()["paths"]) == 8


def test_names_lists_the_documents():
    assert openapi.names() == ("client", "control", "openapi", "stage")


@pytest.mark.parametrize("name", ["nope", "redocly", "../pyproject", ""])
def test_unknown_document_is_refused_with_the_known_names(name):
    """An unknown name raises DocumentNotFound, which holds the name and the known ones."""
    with pytest.raises(openapi.DocumentNotFound) as refused:
        openapi.load(name)

    assert refused.value.name == name
    assert refused.value.known == ("client", "control", "openapi", "stage")
    assert isinstance(refused.value, openapi.DocumentError)


def test_a_kept_bundle_equals_a_fresh_one(name):
    """The second process reads the same document from the cache."""
    fresh = openapi.load(name)
    reader._text.cache_clear()

    assert openapi.load(name) == fresh


def test_a_spoilt_cache_is_made_anew(name, tmp_path, monkeypatch):
    """Half a file in the cache is no reason to fail."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    reader._text.cache_clear()
    fresh = openapi.load(name)
    (kept,) = (tmp_path / "duologue").glob("*.json")
    kept.write_text('{"openapi": ')
    reader._text.cache_clear()

    assert openapi.load(name) == fresh
    assert kept.read_text("utf-8").endswith("}")


@pytest.mark.parametrize("name", ["openapi", "stage", "client"])
def test_each_query_parameter_may_be_empty(name):
    """As readings T15 have it; tools that read the document refuse such requests otherwise."""
    document = openapi.load(name)
    queries = [
        each for each in document["components"]["parameters"].values() if each["in"] == "query"
    ]

    assert queries
    assert [each["name"] for each in queries if each.get("allowEmptyValue") is not True] == []
