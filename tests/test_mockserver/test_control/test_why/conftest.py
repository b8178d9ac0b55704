"""Asking why, as the tests of stories do."""

from __future__ import annotations

import pytest


class Asker:
    """`why.get("ana", "users/bo")` is the explanation of a GET that is asked now."""

    def __init__(self, control):
        self.control = control
        self.api = control.api

    def do(self, method, path, as_=None, **how):
        """The id of a request."""
        return self.api.call(method, path, as_=as_, **how).headers["X-Request-Id"]

    def send(self, sender, place, text="Hi"):
        """The id of the request that sends a message."""
        kind, _, receiver = place.partition("s/")
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        return self.do("POST", "/messages", sender, json=body)

    def of(self, request_id):
        """The explanation of a request; doing it again has to give the same answer."""
        told = self.control.get(f"why/{request_id}")
        assert told["exact"], told["note"]
        return told

    def get(self, caller, place):
        """The fields of a conversation that is asked for now, each explained."""
        told = self.of(self.do("GET", f"/{place}/conversation", caller))
        return {field["field"].removeprefix("data."): field for field in told["fields"]}

    def field(self, request_id, name):
        """One field of an answer, explained."""
        return next(one for one in self.of(request_id)["fields"] if one["field"] == name)


@pytest.fixture
def why(control):
    return Asker(control)
