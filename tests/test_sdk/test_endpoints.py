"""Each endpoint that stands in the SDK's code is played, or told as not played (readings T17)."""

from __future__ import annotations

import re

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app

ENDPOINT = re.compile(r'endpoint:"([\w/{}-]+)",method:"([A-Z]+)"')


@pytest.fixture
def endpoints(sdk):
    """Method and path of each, with 1 for whatever a path names."""
    code = (sdk / "node_modules/@cometchat/chat-sdk-javascript/CometChat.js").read_text("utf-8")
    found = {(method, re.sub(r"{{\w+}}", "1", path)) for path, method in ENDPOINT.findall(code)}
    return sorted(found)


def test_none_is_unknown(endpoints):
    client = create_app(world=make("empty")).test_client()

    unknown = [
        (method, path)
        for method, path in endpoints
        if b"Nothing answers" in client.open(f"/v3/{path}", method=method).data
    ]

    assert len(endpoints) > 90
    assert unknown == []
