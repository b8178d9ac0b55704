"""Helpers to request explanations."""

from __future__ import annotations

import pytest


class Asker:
    """`why.get("ana", "users/bo")` sends a GET and returns its explanation."""

    def __init__(self, control):
        self.control = control
        self.api = control.api

    def do(self, method, path, as_=None, **how):
        """Send a request and return its id."""
        return self.api.call(method, path, as_=as_, **how).headers["X-Request-Id"]

    def send(self, sender, place, text="Hi"):
        """Send a message and return the request's id."""
        kind, _, receiver = place.partition("s/")
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        return self.do("POST", "/messages", sender, json=body)

    def of(self, request_id):
        """Return the explanation of a request, which must be exact."""
        explanation = self.control.get(f"why/{request_id}")
        assert explanation["exact"], explanation["note"]
        return explanation

    def get(self, caller, place):
        """Fetch a conversation and return its explained fields."""
        explanation = self.of(self.do("GET", f"/{place}/conversation", caller))
        return {field["field"].removeprefix("data."): field for field in explanation["fields"]}

    def field(self, request_id, name):
        """Return one explained field of an answer."""
        return next(one for one in self.of(request_id)["fields"] if one["field"] == name)


@pytest.fixture
def why(control):
    return Asker(control)
