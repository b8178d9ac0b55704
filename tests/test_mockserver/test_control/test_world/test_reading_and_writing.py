"""The world document: the whole state, read and loaded."""

from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from duologue.fixtures.worlds import make
from duologue.mockserver.app import inside
from duologue.mockserver.store import dump as state_dump

SMALL = {
    "users": ["ana", "bo"],
    "messages": [
        {"from": "bo", "to": {"user": "ana"}, "text": "Are you coming?"},
        {"from": "bo", "to": {"user": "ana"}, "text": "On Sunday?"},
    ],
}


def test_a_small_world_is_enough(control):
    """Users and messages are enough; the rest has defaults."""
    answer = control.put("world", SMALL)

    assert answer == {"world": "put", "users": 2, "groups": 0, "messages": 2}
    conversation = control.api.conversation("ana", "users/bo")
    assert conversation["unreadMessageCount"] == 2
    assert conversation["lastMessage"]["data"]["text"] == "On Sunday?"
    assert conversation["lastMessage"]["id"] == "2"
    assert conversation["conversationWith"]["name"] == "Bo"
    assert control.api.unread("bo", "users/ana") == 0
    assert control.api.send("ana", "users/bo") == "3"


def test_defaults_leave_time_in_order(control):
    """Users are created before groups, groups before their messages, messages a minute apart."""
    control.put(
        "world",
        SMALL | {"groups": [{"guid": "duo", "members": ["bo", "ana"]}]},
    )

    world = control.get("world")
    first, second = (message["at"] for message in world["messages"])
    assert second - first == 60
    assert world["users"][0]["createdAt"] < world["groups"][0]["createdAt"] < first
    assert world["groups"][0]["owner"] == "bo"


def test_a_copy_says_what_is_unread(control):
    """By the last read message, or by the number of unread ones."""
    messages = SMALL["messages"] * 3
    for kept, unread in (({"readThrough": 4}, 2), ({"unread": 5}, 5), ({"unread": 0}, 0)):
        copy = {"of": "ana", "with": {"user": "bo"}, **kept}
        control.put("world", SMALL | {"messages": messages, "copies": [copy]})

        assert control.api.unread("ana", "users/bo") == unread


def test_a_copy_may_be_hidden(control):
    """As if its owner had deleted it; the next message shows it again."""
    copy = {"of": "ana", "with": {"user": "bo"}, "hidden": True}
    control.put("world", SMALL | {"copies": [copy]})

    assert control.api.names("ana") == []
    assert control.api.names("bo") == ["user_ana"]
    control.api.send("bo", "users/ana")
    assert control.api.unread("ana", "users/bo") == 1


def test_yaml_is_equivalent_to_json(control):
    """A world can be read and written as YAML; a date in it is a text."""
    text = """
    users: [ana, {uid: bo, name: 2026-01-05}]
    messages:
      - {from: ANA, to: {user: Bo}, text: "Hi"}
    """
    control.put("world", None, data=text, content_type="application/yaml")

    answer = control.ask("GET", "world?format=yaml")
    assert answer.content_type == "application/yaml"
    world = yaml.safe_load(answer.get_data(as_text=True))
    assert world == control.get("world") == control.ask("GET", "world?format=json").get_json()
    assert world["users"][1]["name"] == "2026-01-05"
    assert world["messages"][0]["from"] == "ana"


@pytest.mark.parametrize("name", ["examples", "default", "inbox", "empty"])
def test_reading_and_putting_back_changes_nothing(control_of, name):
    """The rows are equal for each world, in JSON and in YAML."""
    control = control_of(make(name, 42))
    world = control.get("world")
    before = _rows(control)

    control.put("world", world)
    assert control.get("world") == world
    assert _rows(control) == before

    text = control.ask("GET", "world?format=yaml").get_data()
    control.put("world", None, data=text, content_type="application/yaml")
    assert _rows(control) == before


def test_the_schema_is_self_contained(control):
    """It is a self-contained JSON Schema, and a dumped world is valid under it."""
    schema = control.ask("GET", "world/schema").get_json()

    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    assert judge.is_valid(control.get("world"))
    assert judge.is_valid(SMALL)
    assert not judge.is_valid({"user": []})
    assert "components" not in json.dumps(schema)


def test_what_was_put_is_what_a_snapshot_and_the_api_see(control):
    """The next message id is the document's."""
    control.put("world", SMALL | {"nextMessageId": 100})

    assert control.api.send("ana", "users/bo") == "100"


def _rows(control):
    """Return all rows, with conversations by key instead of by number."""
    run = inside(control.api.app).store.reading()
    found = state_dump.read(run)
    names = {row[0]: row[1:3] for row in found.rows["conversations"]}
    rows = {name: set(rows) for name, rows in found.rows.items()}
    rows["conversations"] = {row[1:] for row in found.rows["conversations"]}
    rows["copies"] = {(*row[:3], names[row[3]], *row[4:]) for row in found.rows["copies"]}
    rows["messages"] = {(row[0], names[row[1]], *row[2:]) for row in found.rows["messages"]}
    return rows, found.next_ids["messages"]
