"""The vendor's published examples, held against the document as the live service keeps it.

They lie beside the repository, not in it: they are not ours to commit. Where they are absent the
tests say so and are skipped.
"""

import copy
import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from duologue import openapi

ROOT = Path(__file__).parents[2]
FOLDER = ROOT.parent / "shared" / "vendor-examples"
LONG_ENOUGH = 8  # words: what is shorter than that is said alike by anybody

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the vendor's examples are not at {FOLDER}"
)

OF_CONVERSATIONS = {
    "list-all-conversations": "listConversations",
    "get-conversation": "getConversation",
    "deletes-conversation": "deleteConversation",
    "get-user-conversations": "getUserConversation",
    "get-group-conversations": "getGroupConversation",
    "updates-user-conversation": "updateUserConversation",
    "updates-group-conversation": "updateGroupConversation",
    "resets-user-conversation": "resetUserConversation",
    "resets-group-conversation": "resetGroupConversation",
    "mark-conversation-as-read": "markUserConversationAsRead",
    "mark-group-conversation-as-read": "markGroupConversationAsRead",
    "mark-conversation-as-delivered": "markUserConversationAsDelivered",
    "mark-group-conversation-as-delivered": "markGroupConversationAsDelivered",
    "mark-conversation-as-unread": "markUserConversationAsUnread",
    "mark-group-conversation-as-unread": "markGroupConversationAsUnread",
}
OF_THE_STAGE = {
    "creates-user": ("createUser", 200),
    "phpfix-createUser_200": ("createUser", 200),
    "phpfix-error_badRequest_400": ("createUser", 400),
    "get-user": ("getUser", 200),
    "phpfix-getUser_200": ("getUser", 200),
    "phpfix-error_notFound_404": ("getUser", 404),
    "phpfix-error_invalidApiKey_403": ("getUser", 403),
    "live-apikey-not-found_401": ("getUser", 401),
    "delete-user": ("deleteUser", 200),
    "create-group": ("createGroup", 200),
    "get-group": ("getGroup", 200),
    "delete-group": ("deleteGroup", 200),
    "add-group-members": ("addMembers", 200),
    "kick-group-member": ("kickMember", 200),
    "send-message": ("sendMessage", 200),
    "get-message-details": ("getMessage", 200),
    "deletes-message": ("deleteMessage", 200),
}
# An operation that the stage has not, and a bare conversation that no operation answered.
OF_NEITHER = {"deactivate-users", "storybook-user-conversation-2021"}

# What the evidence calls a slip of an example: its number, and the example without it.
SLIPS = {
    "get-conversation": [("E26", "data is a list of one")],
    "get-user-conversations": [
        ("E26", "data is a list of one"),
        ("E59", "a group's conversation answers for a user's"),
    ],
    "get-group-conversations": [("E26", "data is a list of one")],
    "updates-user-conversation": [
        ("E26", "data is a list of one"),
        ("E59", "a group's conversation answers for a user's"),
    ],
    "updates-group-conversation": [("E26", "data is a list of one")],
}
MENDS = {
    "E26": lambda operation, body: (operation, {"data": body["data"][0]}),
    "E59": lambda operation, body: (operation.replace("User", "Group"), body),
}


def example(name):
    """The answer of an example; those of the stage stand beside their requests."""
    [path] = FOLDER.rglob(f"{name}.json")
    document = json.loads(path.read_text("utf-8"))
    return document.get("response") or document.get("body") or document


@pytest.fixture
def live():
    return openapi.load(overlay="live")


def violations(document, operation_id, body, status=200):
    """What in an answer departs from the document."""
    [described] = [
        operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters" and operation["operationId"] == operation_id
    ]
    response = described["responses"][str(status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(body)]


def test_every_example_is_looked_at():
    """None of the files is left out, and none is named that is not there."""
    there = {path.stem for path in FOLDER.rglob("*.json")}

    assert there == {*OF_CONVERSATIONS, *OF_THE_STAGE, *OF_NEITHER}


@pytest.mark.parametrize("name", sorted(OF_CONVERSATIONS.keys() - SLIPS.keys()))
def test_an_example_is_valid_by_the_live_document(live, name):
    """What the vendor publishes as an answer, the overlaid document allows."""
    assert violations(live, OF_CONVERSATIONS[name], example(name)) == []


@pytest.mark.parametrize("name", sorted(SLIPS))
def test_an_example_with_a_slip_is_valid_without_it(live, name):
    """A slip is all that keeps an example from being valid."""
    operation, body = OF_CONVERSATIONS[name], example(name)
    assert violations(live, operation, body)

    for fact, _ in SLIPS[name]:
        operation, body = MENDS[fact](operation, body)

    assert violations(live, operation, body) == []


@pytest.mark.parametrize("name", sorted(name for name, slips in SLIPS.items() if len(slips) > 1))
def test_each_of_two_slips_counts(live, name):
    """An example with two slips is not valid when one of them is mended."""
    operation, body = MENDS["E26"](OF_CONVERSATIONS[name], example(name))

    assert violations(live, operation, body)


@pytest.mark.parametrize("name", sorted(OF_THE_STAGE))
def test_an_example_of_the_supporting_resources_is_valid(name):
    """The stage document allows what the vendor shows of users, groups and messages."""
    operation, status = OF_THE_STAGE[name]

    assert violations(openapi.load("stage"), operation, example(name), status) == []


def test_a_conversation_pasted_from_the_real_service_is_valid(live):
    """A 1-on-1 of 2021, with an audio message as the last."""
    body = {"data": example("storybook-user-conversation-2021")}

    assert violations(live, "getUserConversation", body) == []


def test_the_live_document_still_refuses_the_documented_forms(live):
    """The document is not just lenient: a count that is a number, an id of one uid are refused."""
    paste = {"data": example("storybook-user-conversation-2021")}
    for name, value in (("unreadMessageCount", 2), ("conversationId", "user_superhero2")):
        documented = copy.deepcopy(paste)
        documented["data"][name] = value

        assert violations(live, "getUserConversation", documented)


def test_no_sentence_of_the_examples_is_in_the_repository():
    """Facts are taken from them, words are not."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("this is no git checkout")
    ours = "\n".join(
        (ROOT / name).read_text("utf-8", errors="ignore")
        for name in tracked.stdout.split("\0")
        if name and (ROOT / name).is_file()
    )
    theirs = {
        text for path in FOLDER.rglob("*.json") for text in texts(json.loads(path.read_text()))
    }
    # What the live dialect has to answer, word for word (EVIDENCE.md): a fact, no prose of theirs.
    answered = {"Failed to validate the data sent with the request."}
    sentences = {text for text in theirs - answered if len(text.split()) >= LONG_ENOUGH}

    assert sentences
    assert not [text for text in sentences if text in ours]


def texts(node):
    """Every text in a JSON value."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from texts(each)
