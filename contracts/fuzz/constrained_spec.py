"""The document as the generator gets it: only known ids, and refusals in any form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from duologue import openapi
from duologue.contracts.fuzz.known_ids import KnownIds
from duologue.openapi.references import resolved

Node = dict[str, Any]

METHODS = ("get", "put", "post", "delete")
# Which refusal is right depends on its cause, which only the clause that caused it knows. Any 4xx
# is accepted where no document decides, with any code and further properties (readings T3).
REFUSAL: Node = {
    "description": "A refusal.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": {
                            "code": {"type": "string", "minLength": 1},
                            "message": {"type": "string", "minLength": 1},
                        },
                    }
                },
            }
        }
    },
}


def constrained_spec(known_ids: KnownIds) -> Node:
    """Return the contract's document in which every id is a known one.

    A request that keeps to it names what exists, so it should be answered 2xx; one that breaks it
    on purpose may name anything. Operations without known ids are left out.
    """
    document = openapi.load()
    del document["servers"]
    for path, method, operation in list(operations(document)):
        ids = known_ids.ids.get(operation["operationId"])
        if ids is None:
            del document["paths"][path][method]
            continue
        success = resolved(document, operation["responses"]["200"])
        operation["responses"] = {"200": dict(success), "4XX": REFUSAL}
        _constrain_parameters(document, operation, path, caller=known_ids.caller, ids=ids)
        _constrain_body(document, operation, known_ids)
    _fix_links(document, known_ids)
    return document


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield each operation of a document, with its path and method."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _constrain_parameters(
    document: Node, operation: Node, path: str, *, caller: str, ids: Sequence[str]
) -> None:
    """Give an operation's parameters the known ids; its own parameters override those of its path.

    The list needs its caller here: without one it holds the whole app, with other users' data,
    different on each run. Clause listing.whole-app judges that. What a target does with an empty
    value is not judged (readings T15), so none is sent as one that it has to accept.
    """
    parameters = [resolved(document, each) for each in operation["parameters"]]
    others = [
        {name: value for name, value in each.items() if name != "allowEmptyValue"}
        for each in parameters
        if each["name"] != "onBehalfOf"
    ]
    own = [_enum_parameter("onBehalfOf", "header", [caller])]
    if ids:
        own.append(_enum_parameter(path_parameter(path), "path", ids))
    operation["parameters"] = [*own, *others]


def path_parameter(path: str) -> str:
    """Return the name of the one parameter in a path."""
    return path.partition("{")[2].partition("}")[0]


def _enum_parameter(name: str, where: str, values: Sequence[str]) -> Node:
    """Return a parameter that takes these values and no other."""
    return {
        "name": name,
        "in": where,
        "required": True,
        "schema": {"type": "string", "enum": list(values)},
        "examples": {f"known{n}": {"value": value} for n, value in enumerate(values)},
    }


def _constrain_body(document: Node, operation: Node, known_ids: KnownIds) -> None:
    """Let bodies name known users and messages only."""
    if "requestBody" not in operation:
        return
    kind = "user" if "UserConversation" in operation["operationId"] else "group"
    body = operation["requestBody"] = dict(resolved(document, operation["requestBody"]))
    content = dict(body["content"]["application/json"])
    body["content"] = {"application/json": content}
    schema = resolved(document, content["schema"])
    properties = dict(schema["properties"])
    known: dict[str, list[Any]] = {
        "messageId": _as_text_and_number(known_ids.messages[kind]),
        "conversationWith": list(known_ids.ids[operation["operationId"]]),
    }
    for name in [each for each in known if each in properties]:
        properties[name] = {"enum": known[name]}
        content["examples"] = {
            "empty": {"value": {}},
            **{f"known{n}": {"value": {name: value}} for n, value in enumerate(known[name])},
        }
    content["schema"] = {**schema, "properties": properties}


def _as_text_and_number(ids: Sequence[str]) -> list[str | int]:
    """Return message ids as text and, where they are digits, as numbers."""
    return [*ids, *(int(each) for each in ids if each.isascii() and each.isdigit())]


def _fix_links(document: Node, known_ids: KnownIds) -> None:
    """Let links lead to operations that exist, by known ids.

    The first row of a list would do, but which is first depends on whole seconds, and the same seed
    has to follow the same chain.
    """
    paths = {each["operationId"]: path for path, _, each in operations(document)}
    for _, _, operation in operations(document):
        links = operation["responses"]["200"].get("links", {})
        named = {name: resolved(document, link) for name, link in links.items()}
        for link in named.values():
            ids = known_ids.ids.get(link["operationId"], ())
            link["parameters"] = {"header.onBehalfOf": known_ids.caller}
            for value in ids[:1]:
                name = path_parameter(paths[link["operationId"]])
                link["parameters"][f"path.{name}"] = value
        operation["responses"]["200"]["links"] = {
            name: link for name, link in links.items() if named[name]["operationId"] in paths
        }
