"""The examples: one for everything, each valid, all telling of one world."""

import re

import pytest
from jsonschema import Draft202012Validator

from duologue import openapi
from duologue.openapi.document import FOLDER
from duologue.openapi.references import resolved

NOT_BY_ONE_REQUEST = {"TooManyRequests", "NoSuchPath", "TokenOfNoReach"}


def parameters(document, operation, item):
    return [
        resolved(document, each)
        for each in [*operation.get("parameters", ()), *item.get("parameters", ())]
    ]


def contents(document, operation):
    """(where, media type object) of the body and of every response."""
    if "requestBody" in operation:
        yield "body", operation["requestBody"]["content"]["application/json"]
    for status, response in operation["responses"].items():
        yield status, resolved(document, response)["content"]["application/json"]


def test_every_body_parameter_and_response_has_an_example(document, operations):
    for each, operation, item in operations:
        for parameter in parameters(document, operation, item):
            assert parameter["examples"], (each, parameter["name"])
        for where, content in contents(document, operation):
            assert content["examples"], (each, where)


def test_every_example_fits_its_schema(document, operations):
    for each, operation, item in operations:
        placed = [(p["name"], p) for p in parameters(document, operation, item)]
        for where, place in [*placed, *contents(document, operation)]:
            schema = {**place["schema"], "components": document["components"]}
            for name, example in place["examples"].items():
                value = resolved(document, example)["value"]
                errors = list(Draft202012Validator(schema).iter_errors(value))
                assert errors == [], (each, where, name)


def test_every_response_example_says_which_request_it_answers(document, operations):
    """x-request changes only what the operation has, or what every request has."""
    words = {"apikey", "body", "method", "uid", "guid", "conversationId"}
    for each, operation, item in operations:
        known = words | {p["name"] for p in parameters(document, operation, item)}
        for where, content in contents(document, operation):
            if where == "body":
                continue
            for reference in content["examples"].values():
                name = reference["$ref"].rpartition("/")[2]
                asked = resolved(document, reference).get("x-request")
                assert (asked is None) == (name in NOT_BY_ONE_REQUEST), (each, name)
                assert set(asked or ()) <= known, (each, name)


def test_a_refused_request_is_refused_by_the_document(document, operations):
    """A 400 example's request breaks a schema; every other example's body keeps it."""
    for each, operation, _ in operations:
        if "requestBody" not in operation:
            continue
        body = operation["requestBody"]["content"]["application/json"]
        schema = {**body["schema"], "components": document["components"]}
        for status in ("200", "400", "404"):
            content = resolved(document, operation["responses"][status])
            for reference in content["content"]["application/json"]["examples"].values():
                asked = resolved(document, reference).get("x-request", {})
                if "body" not in asked or _is_taken(reference):
                    continue
                fits = Draft202012Validator(schema).is_valid(asked["body"])
                assert fits is (status != "400"), (each, reference)


def _is_taken(reference):
    """Whether the refusal is of the name, which no schema can tell."""
    return reference["$ref"].rpartition("/")[2] in {"TakenUid", "TakenGuid"}


@pytest.fixture
def tables():
    """The rows of the world, by the heading above them."""
    text = (FOLDER / "components/examples/README.md").read_text("utf-8")
    return {
        heading: [
            [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in body.splitlines()
            if line.startswith("|") and not line.startswith("|---")
        ][1:]
        for heading, body in re.findall(
            r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
    }


def everything(node, key):
    """Every dict below a node that has this key."""
    if isinstance(node, list):
        return [found for item in node for found in everything(item, key)]
    if not isinstance(node, dict):
        return []
    return [node] * (key in node) + [
        found for value in node.values() for found in everything(value, key)
    ]


def values(document):
    return [
        example["value"]
        for name, example in document["components"]["examples"].items()
        if not name.startswith(("Newcomer", "Taken", "New"))
    ]


def test_people_and_groups_of_the_examples_are_those_of_the_table(document, tables):
    """Name and time of making are the table's, wherever a person or a group appears."""
    users = {row[0]: (row[1], int(row[5])) for row in tables["Users"]}
    groups = {row[0]: (row[1], int(row[5])) for row in tables["Groups"]}

    for person in everything(values(document), "avatar"):
        assert (person["name"], person["createdAt"]) == users[person["uid"]]
    for group in everything(values(document), "membersCount"):
        if group["guid"] != "choir":
            assert (group["name"], group["createdAt"]) == groups[group["guid"]]


def test_messages_of_the_examples_are_those_of_the_table(document, tables):
    """Sender, receiver, text and time are the table's; 12 is the next to be sent."""
    rows = {row[0]: (row[1], row[2], row[4], int(row[5])) for row in tables["Messages"]}

    for message in everything(values(document), "sentAt"):
        if message["id"] != "12" and "text" in message.get("data", {}):
            text = message["data"]["text"]
            shown = (message["sender"], message["receiver"], text, message["sentAt"])
            assert shown == rows[message["id"]]


def test_conversations_of_ana_are_those_of_the_table(tables):
    """Count, times and last message of the list are the table's, in its order."""
    rows = tables["What follows from the rows: the list of `ana`, newest first"]
    listed = openapi.load()["components"]["examples"]["ConversationsOfAna"]["value"]["data"]

    assert [
        [
            each["conversationId"],
            str(each["unreadMessageCount"]),
            str(each["createdAt"]),
            str(each["updatedAt"]),
            each.get("lastMessage", {}).get("id"),
        ]
        for each in listed
    ] == [[*row[:4], row[4] if row[4].isdigit() else None] for row in rows]


def test_a_conversation_is_the_same_alone_and_in_the_list():
    """What a single GET shows, the list shows too, but for the tags."""
    examples = openapi.load()["components"]["examples"]
    listed = {
        each["conversationId"]: each for each in examples["ConversationsOfAna"]["value"]["data"]
    }

    for name in ("WithBo", "WithCleo", "WithDan", "Hikers", "FreshStart"):
        alone = dict(examples[name]["value"]["data"])
        del alone["tags"]
        assert alone == listed[alone["conversationId"]]


def test_every_link_leads_to_an_operation_and_fills_its_path(document, operations):
    """A link names an operation of the document and gives each of its path parameters."""
    known = {each: (operation, item) for each, operation, item in operations}

    for link in document["components"].get("links", {}).values():
        target = parameters(document, *known[link["operationId"]])
        needed = {f"{p['in']}.{p['name']}" for p in target if p["in"] != "query"}
        assert set(link["parameters"]) == needed


def test_chains_start_at_the_list():
    """Entry links lead from the list to every other operation."""
    document = openapi.load()
    links = document["paths"]["/conversations"]["get"]["responses"]["200"]["links"]

    reached = {resolved(document, link)["operationId"] for link in links.values()}

    assert reached == {row.id for row in openapi.operations()} - {"listConversations"}
