"""Exchanges: the operation of a request, its parts, and its call without secrets."""

import gzip
import zlib

import pytest

from duologue.contracts.proxy.exchange import Router, decoded


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v3/conversations", "listConversations"),
        ("GET", "/v3/users/ana/conversation", "getUserConversation"),
        ("DELETE", "/v3/conversations/user_a%2Fb", "deleteConversation"),
        ("PUT", "/v3/groups/hikers/conversation", "updateGroupConversation"),
    ],
)
def test_the_operation_is_found_by_method_and_path(method, path, name):
    assert Router("/v3").operation(method, path).id == name


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/v3/conversations"),
        ("GET", "/conversations"),
        ("GET", "/v3/users/ana"),
        ("GET", "/v3/users/a/b/conversation"),
        ("GET", "/v3x/conversations"),
    ],
)
def test_other_requests_are_no_operation(method, path):
    assert Router("/v3").operation(method, path) is None


def test_a_target_without_a_version_path_has_operations():
    assert Router("").operation("GET", "/conversations").id == "listConversations"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"{}", ""),
        (gzip.compress(b"{}", mtime=0), "gzip"),
        (zlib.compress(b"{}"), "Deflate"),
        (b"{}", "gzip"),
    ],
    ids=["plain", "gzip", "deflate", "not-packed"],
)
def test_bodies_are_decoded_where_they_can_be(content, encoding):
    assert decoded(content, encoding) == b"{}"


def test_a_call_shows_no_secret(exchange):
    headers = {
        "apikey": "canary-key-1",
        "authtoken": "canary-token-2",
        "cookie": "a=canary-cookie-3",
        "onbehalfof": "ana",
    }
    call = exchange("getUserConversation", headers=headers, status=404).curl()

    assert "canary" not in call
    assert call == (
        'curl -X GET http://host/v3/users/uid/conversation -H "apikey: $CLIENT_APIKEY"'
        " -H 'onBehalfOf: ana' # 404"
    )
