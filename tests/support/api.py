"""The API as its users call it, over a Flask test client."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Api:
    """The API as its users call it: `api.get("/users/bo/conversation", as_="ana")`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def call(
        self,
        method: str,
        path: str,
        *,
        as_: str | None = None,
        key: str | None = "mock-api-key",
        **how: Any,
    ) -> TestResponse:
        """Return the answer to one request under /v3."""
        headers = dict(how.pop("headers", {}))
        if key is not None:
            headers["apikey"] = key
        if as_ is not None:
            headers["onBehalfOf"] = as_
        return self.client.open(f"/v3{path}", method=method, headers=headers, **how)

    def get(self, path: str, **how: Any) -> TestResponse:
        return self.call("GET", path, **how)

    def put(self, path: str, **how: Any) -> TestResponse:
        return self.call("PUT", path, **how)

    def post(self, path: str, **how: Any) -> TestResponse:
        return self.call("POST", path, **how)

    def delete(self, path: str, **how: Any) -> TestResponse:
        return self.call("DELETE", path, **how)

    def conversation(self, caller: str, where: str) -> dict[str, Any]:
        """Return the caller's conversation at `users/bo` or `groups/hikers`."""
        answer = self.get(f"/{where}/conversation", as_=caller)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        data: dict[str, Any] = answer.get_json()["data"]
        return data

    def unread(self, caller: str, where: str) -> int:
        """Return the caller's unread count of that conversation."""
        count: int = self.conversation(caller, where)["unreadMessageCount"]
        return count

    @staticmethod
    def refusal(answer: TestResponse) -> tuple[int, str]:
        """Return the status and code of a refusal, after a check of its envelope."""
        body = answer.get_json()
        assert set(body) == {"error"}, body
        assert isinstance(body["error"]["message"], str)
        assert body["error"]["message"]
        return answer.status_code, body["error"]["code"]

    def names(self, caller: str | None, **query: Any) -> list[str]:
        """Return the ids of the caller's conversations in the order of the list."""
        answer = self.get("/conversations", as_=caller, query_string=query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [each["conversationId"] for each in answer.get_json()["data"]]

    def send(self, sender: str, where: str, text: str = "Hello") -> str:
        """Send a message to `users/bo` or `groups/hikers` and return its id."""
        places, receiver = where.split("/")
        kind = "user" if places == "users" else "group"
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        answer = self.post("/messages", as_=sender, json=body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        number: str = answer.get_json()["data"]["id"]
        return number
