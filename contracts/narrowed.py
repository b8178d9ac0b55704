"""The document as the generator gets it: only known ids, and refusals of any wording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import openapi
from contracts.chat import KINDS
from contracts.ensemble import Ensemble

Node = dict[str, Any]

ID_PARAMETER = {"user": "Uid", "group": "Guid"}
# Which refusal is right depends on its cause, which only a clause that staged it knows. Any 4xx
# may come for what no document decides, with any code and anything beside it (readings T3).
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


def narrowed(ensemble: Ensemble) -> Node:
    """The contract's document in which every id is one of the ensemble's.

    A request that keeps to it names what exists, so it should be answered 2xx; one that breaks it
    on purpose still may name anything. Where nothing may be changed, only GET remains.
    """
    document = openapi.load()
    del document["servers"]
    _name_ids(document["components"]["parameters"], ensemble)
    for path, item in list(document["paths"].items()):
        for method, operation in list(_operations(item)):
            if ensemble.changeable or method == "get":
                _narrow(document, operation, path=path, ensemble=ensemble)
            else:
                del item[method]
        if not _reachable(item, path, ensemble):
            del document["paths"][path]
    _drop_loose_links(document)
    return document


def _operations(item: Node) -> Iterator[tuple[str, Node]]:
    return ((method, item[method]) for method in ("get", "put", "post", "delete") if method in item)


def _reachable(item: Node, path: str, ensemble: Ensemble) -> bool:
    kind = _kind(path)
    return any(True for _ in _operations(item)) and (kind is None or bool(ensemble.peers[kind]))


def _kind(path: str) -> str | None:
    return next((kind for kind in KINDS if path.startswith(f"/{kind}s/")), None)


def _name_ids(parameters: Node, ensemble: Ensemble) -> None:
    for name, ids in (
        ("OnBehalfOf", [ensemble.caller]),
        ("OptionalOnBehalfOf", [ensemble.caller]),
        ("ConversationId", ensemble.conversations),
        ("Uid", ensemble.peers["user"]),
        ("Guid", ensemble.peers["group"]),
    ):
        parameters[name].update(_only(ids))
    # Without a caller the list holds the whole app: other people's data, different on each run.
    # Clause listing.whole-app looks at it.
    parameters["OptionalOnBehalfOf"]["required"] = True


def _only(ids: Sequence[str]) -> Node:
    """A parameter's schema and examples, so that it takes these ids and no other."""
    return {
        "schema": {"type": "string", "enum": list(ids)},
        "examples": {f"known{n}": {"value": value} for n, value in enumerate(ids)},
    }


def _narrow(document: Node, operation: Node, *, path: str, ensemble: Ensemble) -> None:
    operation["responses"] = {"200": operation["responses"]["200"], "4XX": REFUSAL}
    kind = _kind(path)
    if operation["operationId"] == "deleteConversation":
        operation["parameters"].append(_own("conversationId", ensemble.deletable))
    elif kind and path.endswith("conversation") and operation["operationId"].startswith("get"):
        pass  # Every peer can be asked for, those without a message too.
    elif kind:
        name = "uid" if kind == "user" else "guid"
        operation["parameters"].append(_own(name, ensemble.marked[kind]))
    if kind and "requestBody" in operation:
        _narrow_body(document, operation["requestBody"], kind=kind, ensemble=ensemble)


def _own(name: str, ids: Sequence[str]) -> Node:
    """A path parameter of one operation, which goes before that of its path."""
    return {"name": name, "in": "path", "required": True, **_only(ids)}


def _narrow_body(document: Node, body: Node, *, kind: str, ensemble: Ensemble) -> None:
    content = body["content"]["application/json"]
    reference = content["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][reference]
    properties = dict(schema["properties"])
    known = {
        "messageId": _both_ways(ensemble.messages[kind]),
        "conversationWith": ensemble.marked[kind],
    }
    for name in properties.keys() & known.keys():
        properties[name] = {"enum": list(known[name])}
        content["examples"] = {
            "nothing": {"value": {}},
            **{f"known{n}": {"value": {name: value}} for n, value in enumerate(known[name])},
        }
    content["schema"] = {**schema, "properties": properties}


def _both_ways(ids: Sequence[str]) -> list[str | int]:
    """Message ids as text and, where they are digits, as numbers."""
    return [*ids, *(int(each) for each in ids if each.isascii() and each.isdigit())]


def _drop_loose_links(document: Node) -> None:
    """Takes away links to operations that are no more there."""
    known = {
        operation["operationId"]
        for item in document["paths"].values()
        for _, operation in _operations(item)
    }
    every = document["components"]["links"]
    for item in document["paths"].values():
        for _, operation in _operations(item):
            links = operation["responses"]["200"].get("links", {})
            operation["responses"]["200"]["links"] = {
                name: link
                for name, link in links.items()
                if every[link["$ref"].rpartition("/")[2]]["operationId"] in known
            }
