"""How an overlay changes a document, and what the live one says."""

import copy

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from duologue import openapi
from duologue.openapi.overlay import apply
from duologue.openapi.references import find

DOCUMENT = {"info": {"title": "A"}, "tags": [{"name": "one"}, {"name": "two"}], "deep": {"n": {}}}


@pytest.fixture
def overlaid(tmp_path):
    def overlaid(actions):
        path = tmp_path / "overlay.yaml"
        path.write_text(f"actions: {actions}")
        return apply(DOCUMENT, path)

    return overlaid


def test_an_update_merges_mappings_and_joins_lists(overlaid):
    """What is named is changed, what is not named stays."""
    changed = overlaid(
        "[{target: $, update: {info: {version: '1'}, tags: [{name: three}]}},"
        " {target: $.info.title, update: B}]"
    )

    assert changed["info"] == {"title": "B", "version": "1"}
    assert [tag["name"] for tag in changed["tags"]] == ["one", "two", "three"]


def test_a_removal_takes_away_every_selected_place(overlaid):
    assert overlaid("[{target: '$.tags[*]', remove: true}]")["tags"] == []
    assert "n" not in overlaid("[{target: $.deep.n, remove: true}]")["deep"]


def test_actions_follow_each_other(overlaid):
    """A list is replaced by removing it and setting it anew."""
    changed = overlaid("[{target: $.tags, remove: true}, {target: $, update: {tags: [1]}}]")

    assert changed["tags"] == [1]


def test_places_within_each_other_are_all_changed(overlaid):
    """One action may select a mapping and another one inside it."""
    changed = overlaid(
        "[{target: $.deep, update: {k: 1}}, {target: $.deep.n, update: {k: 1}},"
        " {target: '$..[?@.k == 1]', update: {k: 2}}]"
    )

    assert changed["deep"] == {"n": {"k": 2}, "k": 2}


def test_the_given_document_stays_as_it_is(overlaid):
    before = copy.deepcopy(DOCUMENT)
    overlaid("[{target: $.info, update: {title: B}}]")

    assert before == DOCUMENT


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        ("[{target: $.gone, update: 1}]", "nothing stands there"),
        ("[{target: $.info}]", "neither update nor remove"),
        ("[{update: 1}]", "a target is expected"),
    ],
)
def test_an_action_that_cannot_be_done_is_named(overlaid, actions, problem):
    """BrokenAction holds the overlay, the target and the problem."""
    with pytest.raises(openapi.BrokenAction, match=problem) as broken:
        overlaid(actions)

    assert broken.value.overlay.name == "overlay.yaml"


def test_unknown_overlay_is_refused_with_the_known_ones():
    with pytest.raises(openapi.OverlayNotFound) as refused:
        openapi.load(overlay="dead")

    assert (refused.value.name, refused.value.known) == ("dead", ("live",))


@pytest.fixture
def live():
    return openapi.load(overlay="live")


def holds(document, schema, value):
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    ).is_valid(value)


def test_the_live_document_is_valid_openapi(live):
    validate(live)


def test_the_live_document_leaves_the_documented_one_alone(live):
    """Overlay and contract are two documents."""
    assert live != openapi.load()
    assert set(live["paths"]) == set(openapi.load()["paths"])


def test_live_examples_fit_the_live_schemas(live):
    """Every response example, changed with the document, is still valid."""
    for item in live["paths"].values():
        for method, operation in item.items():
            if method == "parameters":
                continue
            for status, response in operation["responses"].items():
                whole = find(live, response["$ref"][1:]) if "$ref" in response else response
                content = whole["content"]["application/json"]
                schema = {**content["schema"], "components": live["components"]}
                for reference in content["examples"].values():
                    value = find(live, reference["$ref"][1:])["value"]
                    errors = list(Draft202012Validator(schema).iter_errors(value))
                    assert errors == [], (operation["operationId"], status, reference)


def test_live_conversations_have_text_counts_and_paired_ids(live):
    """Readings C1 and C2: what the contract accepts, the live document refuses, and the reverse."""
    documented = openapi.load()
    ours = documented["components"]["examples"]["WithBo"]["value"]["data"]
    theirs = live["components"]["examples"]["WithBo"]["value"]["data"]

    assert holds(documented, "Conversation", ours)
    assert not holds(live, "Conversation", ours)
    assert holds(live, "Conversation", theirs)
    assert not holds(documented, "Conversation", theirs)
    assert theirs["lastMessage"]["conversationId"] == "ana_user_bo"
    assert theirs["unreadMessageCount"] == "3"


def test_no_live_example_keeps_a_documented_spelling(live):
    """No 1-on-1 id, count or error is left as the contract has it."""
    text = str(live["components"]["examples"])

    assert "'user_" not in text
    assert "'unreadMessageCount': 0" not in text
    for example in live["components"]["examples"].values():
        error = example["value"].get("error") if isinstance(example["value"], dict) else None
        assert error is None or {"devMessage", "source"} <= set(error)


def test_live_refuses_missing_conversations_with_403(live):
    """Readings B1: ERR_CONVERSATION_NOT_ACCESSIBLE in place of ERR_CONVERSATION_NOT_FOUND."""
    responses = live["components"]["responses"]

    for name in ("User", "Group"):
        for kind in ("ConversationNotFound", "MarkNotFound"):
            assert "ERR_CONVERSATION_NOT_FOUND" not in str(responses[f"{name}{kind}"])
    assert "noConversationWithEve" in str(responses["Forbidden"])


def test_live_unread_answers_the_conversation(live):
    """Readings B8: the examples show data.conversation; an answer without it is seen too (E37)."""
    for name in ("UserConversationUnread", "GroupConversationUnread"):
        body = live["components"]["examples"][name]["value"]

        assert {"success", "conversation"} <= set(body["data"])
        assert holds(live, "UnreadEnvelope", body)
    assert holds(live, "UnreadEnvelope", {"data": {"success": True}})
    assert not holds(live, "UnreadEnvelope", {"data": {"message": "Done."}})
