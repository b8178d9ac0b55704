"""The part of the sidebar that talks to the API."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass


class Refused(Exception):
    """The API said no; `code` is its word for why."""

    def __init__(self, status, error):
        super().__init__(error["message"])
        self.status, self.code = status, error["code"]


@dataclass
class Chat:
    """One row of the sidebar."""

    title: str
    unread: int
    preview: str


class Chats:
    """The chats of one user; waits and asks again where the API has had enough."""

    def __init__(self, url, key, uid, patience=3):
        self.url, self.headers = url, {"apikey": key, "onBehalfOf": uid}
        self.patience = patience

    def rows(self):
        """The rows of the sidebar, the newest first."""
        return [self._row(each) for each in self.ask("GET", "/conversations")]

    def badge(self):
        """The number on the app's icon."""
        return sum(row.unread for row in self.rows())

    def open(self, uid):
        """Somebody looks at the chat with that user: all of it is read."""
        self.ask("POST", f"/users/{uid}/conversation/read")

    def send(self, uid, text):
        body = {"receiver": uid, "receiverType": "user", "data": {"text": text}}
        return self.ask("POST", "/messages", body)

    def label(self, uid, *tags):
        return self.ask("PUT", f"/users/{uid}/conversation", {"tags": list(tags)})["tags"]

    def chat(self, uid):
        return self.ask("GET", f"/users/{uid}/conversation")

    def ask(self, method, path, body=None):
        """What the API answers under `data`."""
        for left in range(self.patience, -1, -1):
            try:
                return self._ask_once(method, path, body)
            except urllib.error.HTTPError as error:
                with error:
                    error_body = json.load(error)["error"]
                if error.code != 429 or not left:
                    raise Refused(error.code, error_body) from None
                time.sleep(min(float(error.headers["Retry-After"]), 0.01))
        raise AssertionError("never comes here")

    def _ask_once(self, method, path, body):
        data = None if body is None else json.dumps(body).encode()
        headers = self.headers | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["data"]

    @staticmethod
    def _row(conversation):
        last = conversation.get("lastMessage", {})
        return Chat(
            title=conversation["conversationWith"]["name"],
            unread=int(conversation["unreadMessageCount"]),
            preview=last.get("data", {}).get("text", "No messages yet"),
        )
