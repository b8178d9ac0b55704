"""The client: operations by name, spelled as the document says, shown without the key."""

import shlex
import subprocess

import pytest

from duologue.contracts.http.client import Client, fill, rows, spelled
from duologue.contracts.http.response import Response
from duologue.contracts.http.target import AUTH_ONLY_VARIABLE, Target
from duologue.contracts.http.transport import Transport

KEY = "a-very-secret-key"


class Recorder(Transport):
    """Takes every request, and answers that it was done."""

    def __init__(self):
        super().__init__(timeout_s=1)
        self.requests = []

    def _once(self, method, url, *, headers, content):
        self.requests.append((method, url, headers, content))
        return Response(200, {}, {"data": {}}, '{"data": {}}')


@pytest.fixture
def client():
    target = Target(
        "http://host/v3", KEY, key_variable="STAGING_KEY", auth_only_key="the-other-secret"
    )
    return Client(target, Recorder())


def sent(client):
    return client._transport.requests[-1]


def curl(client):
    return client.calls[-1].curl()


def test_an_operation_is_called_by_its_id(client):
    """Method and path come from the document."""
    client.call("markGroupConversationAsRead", caller="ana", path={"guid": "hikers"}, body={})

    method, url, headers, content = sent(client)
    assert (method, url) == ("POST", "http://host/v3/groups/hikers/conversation/read")
    assert headers == {
        "accept": "application/json",
        "apikey": KEY,
        "onBehalfOf": "ana",
        "content-type": "application/json",
    }
    assert content == b"{}"


def test_both_documents_give_operations():
    """The 15 of the contract, and those that set the stage."""
    assert rows()["deleteConversation"] == ("DELETE", "/conversations/{conversationId}")
    assert rows()["sendMessage"] == ("POST", "/messages")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("ana", "/users/ana/conversation"),
        ("a/b?c#d", "/users/a%2Fb%3Fc%23d/conversation"),
        ("ü 🌻", "/users/%C3%BC%20%F0%9F%8C%BB/conversation"),
        ("{guid}", "/users/%7Bguid%7D/conversation"),
    ],
)
def test_path_values_are_percent_encoded(value, path):
    """A value stays one segment, whatever it holds."""
    assert fill("/users/{uid}/conversation", {"uid": value}) == path


def test_query_values_are_spelled_as_the_api_does(client):
    """true and false in lower case, lists joined by commas, all percent-encoded on the way."""
    query = {"withTags": True, "unread": False, "tags": ["a", "b & c"], "perPage": 5}
    client.call("listConversations", query=query)

    assert spelled(query) == {
        "withTags": "true",
        "unread": "false",
        "tags": "a,b & c",
        "perPage": "5",
    }
    assert sent(client)[1].endswith("?withTags=true&unread=false&tags=a%2Cb+%26+c&perPage=5")


def test_text_goes_as_utf8(client):
    """Characters beyond the basic plane are sent as they are, not as escapes."""
    body = {"tags": ["🎂 семья"]}
    client.call("updateUserConversation", path={"uid": "bo"}, body=body)

    assert sent(client)[3] == '{"tags": ["🎂 семья"]}'.encode()


def test_curl_names_the_variable_of_the_key(client):
    """The command reads the key from the environment it came from."""
    client.call("getUserConversation", caller="ana", path={"uid": "bo"})

    assert curl(client) == (
        "curl -X GET http://host/v3/users/bo/conversation -H 'accept: application/json' "
        "-H \"apikey: $STAGING_KEY\" -H 'onBehalfOf: ana' # 200"
    )


def test_curl_never_shows_a_key(client):
    """Neither the target's key nor the one of small scope stands in a report."""
    for key in ("", KEY, "the-other-secret", None):
        client.call("listConversations", key=key)

    shown = [call.curl() for call in client.calls]
    assert not any(KEY in line or "secret" in line for line in shown)
    assert f"apikey: ${AUTH_ONLY_VARIABLE}" in shown[2]
    assert "apikey" not in shown[3]


def test_curl_shows_a_key_that_is_no_secret(client):
    """The call with an unknown key can be repeated as it was."""
    client.call("listConversations", key="nobody-has-this-one")

    assert "'apikey: nobody-has-this-one'" in curl(client)


@pytest.mark.parametrize(
    "body",
    [
        {"tags": ["it's", 'a "tag"', "$HOME `id` \\ %s", "🎂\n"]},
        [],
        b'{"tags": [',
        b"\xff\xfe\x00'%",
        b"@/etc/passwd",
        "семья".encode(),
    ],
)
def test_curl_repeats_the_body_to_the_byte(client, body):
    """A shell hands curl what the suite sent, whatever it holds."""
    client.call("markUserConversationAsRead", path={"uid": "bo"}, body=body)

    word = curl(client).partition("--data-binary ")[2].removesuffix(" # 200")
    command = f"cat {word[1:]}" if word.startswith("@") else f"printf %s {word}"
    shell = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert shell.stdout == sent(client)[3]


def test_curl_is_one_command_of_the_shell(client):
    """Nothing in an id or a query can end the command."""
    client.call("getUserConversation", caller="a; rm -rf /", path={"uid": "$(id)"})

    words = shlex.split(curl(client), comments=True)
    assert words[:4] == ["curl", "-X", "GET", "http://host/v3/users/%24%28id%29/conversation"]
    assert words[-1] == "onBehalfOf: a; rm -rf /"
