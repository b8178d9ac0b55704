"""A long walk over all operations of the live dialect, under the referee."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from duologue import openapi


def test_every_live_answer_is_one_that_the_live_document_allows(live: Any, referee: Any) -> None:
    """A long walk over all operations, by callers and into conversations there are and are not."""
    for number, (method, path, who, body) in enumerate(walk(random.Random(5), steps=1000)):
        key = "mock-api-key" if number % 40 else None
        live.call(method, path, who, json=body, key=key)

    answered = {name for name, status in referee.seen if status == 200}
    assert answered == {row.id for name in ("openapi", "stage") for row in openapi.operations(name)}
    assert {status for _, status in referee.seen} >= {200, 400, 401, 403, 404}


def walk(chance: random.Random, steps: int) -> Iterator[tuple[str, str, str | None, Any]]:
    """Calls as anybody might make them: method, path, caller, body."""
    people = ["ana", "bo", "cleo", "dan", "eve", "nobody"]
    groups = ["hikers", "new-group", "nowhere", "extra"]
    for number in range(steps):
        who, peer, guid = chance.choice(people), chance.choice(people), chance.choice(groups)
        where = chance.choice((f"/users/{peer}/conversation", f"/groups/{guid}/conversation"))
        message = chance.randint(1, 20)
        to = {"receiver": peer, "receiverType": "user"}
        if chance.random() < 0.5:
            to = {"receiver": guid, "receiverType": "group"}
        place = chance.choice(({}, {"messageId": message}, {"messageId": str(message)}))
        new = {"uid": f"new{number}", "name": "New"}
        conversation = chance.choice((f"{who}_user_{peer}", f"{peer}_user_{who}", f"group_{guid}"))
        yield chance.choice(
            [
                ("GET", where, who, None),
                ("GET", where, None, None),
                ("PUT", where, who, {"tags": ["a"] * chance.choice((0, 1, 26))}),
                ("DELETE", where, who, {"deleteMessagesPermanently": chance.random() < 0.2}),
                ("POST", f"{where}/read", who, place),
                ("POST", f"{where}/delivered", who, place),
                ("DELETE", f"{where}/read", who, place),
                ("GET", "/conversations?withTags=true&unread=true", who, None),
                ("GET", "/conversations", None, None),
                ("GET", f"/conversations/{conversation}", who, None),
                ("DELETE", f"/conversations/{conversation}", who, None),
                ("POST", "/messages", who, to | {"data": {"text": "Hello"}}),
                ("GET", f"/messages/{message}", who, None),
                ("GET", "/messages", who, None),
                ("DELETE", f"/messages/{message}", who, {"permanent": chance.random() < 0.3}),
                ("POST", f"/groups/{guid}/members", None, {"participants": [peer, who]}),
                ("POST", f"/groups/{guid}/members", who, {"participants": [who]}),
                ("GET", f"/groups/{guid}/members", who, None),
                ("DELETE", f"/groups/{guid}/members/{peer}", who, None),
                ("POST", "/groups", who, {"guid": "extra", "name": "Extra", "type": "public"}),
                ("GET", f"/groups/{guid}", who, None),
                ("GET", "/groups", who, None),
                ("DELETE", "/groups/extra", who, None),
                ("POST", "/users", None, new),
                ("GET", f"/users/{peer}", who, None),
                ("GET", "/users", None, None),
                (
                    "DELETE",
                    f"/users/new{number - chance.randint(1, 20)}",
                    None,
                    {"permanent": True},
                ),
            ]
        )
