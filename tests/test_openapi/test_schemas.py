"""What the schemas accept and refuse, boundary by boundary."""

import copy

import pytest
from jsonschema import Draft202012Validator

from duologue import openapi

DOCUMENT = openapi.load()
CONVERSATION = DOCUMENT["components"]["examples"]["WithBo"]["value"]["data"]
GROUP = DOCUMENT["components"]["examples"]["Hikers"]["value"]["data"]


def holds(schema, value):
    validator = Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    )
    return validator.is_valid(value)


def parameter_holds(parameter, value):
    schema = DOCUMENT["components"]["parameters"][parameter]["schema"]
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]}).is_valid(value)


def changed(base=CONVERSATION, **changes):
    value = copy.deepcopy(base)
    for key, new in changes.items():
        if new is ...:
            del value[key]
        else:
            value[key] = new
    return value


@pytest.mark.parametrize(
    "conversation",
    [
        changed(),
        changed(GROUP),
        changed(lastMessage=...),
        changed(tags=...),
        changed(unreadMessageCount=0),
        changed(somethingNew={"a": [1]}),
        changed(uid="ana"),
        changed(conversationWith={"uid": "bo", "name": "Bo"}),
        changed(lastMessage={"id": 11, "sentAt": 1767250860}),
        changed(tags=["x"] * 25),
    ],
)
def test_a_conversation_may(conversation):
    """Everything the page leaves open is accepted, extra properties included."""
    assert holds("Conversation", conversation)


@pytest.mark.parametrize(
    "conversation",
    [
        changed(unreadMessageCount="3"),
        changed(unreadMessageCount=-1),
        changed(unreadMessageCount=1.5),
        changed(unreadMessageCount=None),
        changed(lastMessage=None),
        changed(lastMessage=[]),
        changed(conversationId=7),
        changed(conversationId="ana_user_bo"),
        changed(conversationId="group_bo"),
        changed(conversationId="user_"),
        changed(GROUP, conversationId="user_hikers"),
        changed(conversationType="both"),
        changed(conversationType="group"),
        changed(GROUP, conversationType="user"),
        changed(conversationWith=None),
        changed(conversationWith={"guid": "bo", "name": "Bo"}),
        changed(GROUP, conversationWith={"uid": "hikers", "name": "Hikers"}),
        changed(conversationWith={"uid": "bo"}),
        changed(createdAt="1767250800"),
        changed(createdAt=1767250800000),
        changed(updatedAt=None),
        changed(tags=None),
        changed(tags=["x"] * 26),
        changed(tags=["x" * 101]),
        *(
            changed(**{key: ...})
            for key in (
                "conversationId",
                "conversationType",
                "unreadMessageCount",
                "conversationWith",
                "createdAt",
                "updatedAt",
            )
        ),
    ],
)
def test_a_conversation_may_not(conversation):
    """Each departure from a documented property is a break."""
    assert not holds("Conversation", conversation)


def test_a_user_operation_answers_no_group():
    """The conversation with a user is of type user, that of a group of type group."""
    assert holds("UserConversation", CONVERSATION)
    assert not holds("UserConversation", GROUP)
    assert holds("GroupConversation", GROUP)
    assert not holds("GroupConversation", CONVERSATION)


@pytest.mark.parametrize(
    ("tags", "accepted"),
    [
        ([], True),
        (["x"] * 25, True),
        (["x"] * 26, False),
        (["x"], True),
        ([""], False),
        (["x" * 100], True),
        (["x" * 101], False),
        (["🎂" * 100], True),
        (["🎂" * 101], False),
        ([7], False),
        ("x", False),
        (None, False),
    ],
)
def test_tags_end_at_25_of_1_to_100_characters(tags, accepted):
    """25 pass and 26 fail; 100 characters pass and 101 fail, emoji counted as one each."""
    assert holds("TagsUpdate", {"tags": tags}) is accepted


def test_a_tags_update_needs_tags_and_ignores_the_rest():
    assert not holds("TagsUpdate", {})
    assert holds("TagsUpdate", {"tags": [], "other": 1})


@pytest.mark.parametrize("schema", ["UpTo", "After"])
@pytest.mark.parametrize(
    ("message_id", "accepted"),
    [
        (1, True),
        ("1", True),
        (0, False),
        ("0", False),
        (-1, False),
        ("01", False),
        ("", False),
        ("ten", False),
        (1.5, False),
        (None, False),
        (True, False),
        (10**18 - 1, True),
        (10**18, False),
        ("9" * 18, True),
        ("9" * 19, False),
    ],
)
def test_a_message_id_is_a_number_in_either_form(schema, message_id, accepted):
    """Integer and string of digits alike, up to 18 digits."""
    assert holds(schema, {"messageId": message_id}) is accepted
    assert holds(schema, {})


@pytest.mark.parametrize(
    ("parameter", "value", "accepted"),
    [
        ("PerPage", 0, False),
        ("PerPage", 1, True),
        ("PerPage", 1000, True),
        ("PerPage", 1001, False),
        ("Page", 0, False),
        ("Page", 1, True),
        ("Page", 2147483647, True),
        ("Page", 2147483648, False),
        ("ConversationType", "user", True),
        ("ConversationType", "both", False),
        ("Unread", True, True),
        ("Unread", "yes", False),
        ("TagsFilter", [""], False),
        ("TagsFilter", ["family", "trips"], True),
        ("Uid", "a" * 100, True),
        ("Uid", "a" * 101, False),
        ("Uid", "Bo_9-x", True),
        ("Uid", "bo!", False),
        ("Uid", "", False),
        ("Guid", "b o", False),
        ("OnBehalfOf", "é", False),
        ("ConversationId", "group_hikers", True),
        ("ConversationId", "a/b", False),
    ],
)
def test_a_parameter_ends_where_it_says(parameter, value, accepted):
    assert parameter_holds(parameter, value) is accepted


@pytest.mark.parametrize(
    ("error", "accepted"),
    [
        ({"code": "ERR_UID_NOT_FOUND", "message": "No."}, True),
        ({"code": "E", "message": "No."}, False),
        ({"code": "ERR_UID_NOT_FOUND"}, False),
        ({"message": "No."}, False),
        ({"code": "ERR_UID_NOT_FOUND", "message": "No.", "devMessage": "x", "source": "y"}, True),
        ({"code": "ERR_BAD_REQUEST", "message": "No.", "details": {"tags": ["No."]}}, True),
        ({"code": "ERR_BAD_REQUEST", "message": "No.", "details": {"tags": "No."}}, False),
    ],
)
def test_an_error_has_code_and_message(error, accepted):
    """Code and message are enough; details are lists of sentences by field."""
    assert holds("ErrorEnvelope", {"error": error}) is accepted


@pytest.mark.parametrize(
    ("data", "accepted"),
    [
        ({"success": True, "message": "Done."}, True),
        ({"conversation": CONVERSATION}, True),
        ({"success": True, "conversation": CONVERSATION}, True),
        ({}, False),
        ({"success": False}, False),
        ({"conversation": None}, False),
    ],
)
def test_marking_as_unread_answers_success_or_conversation(data, accepted):
    """Either form or both: readings B8."""
    assert holds("UnreadEnvelope", {"data": data}) is accepted
