"""Builders of check failures for tests of the triage and the suppressions."""

import json

from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.response import read

REFUSAL = {"error": {"code": "ERR_BAD_REQUEST", "message": "no"}}
WITH_BO = {
    "conversationId": "user_bo",
    "conversationType": "user",
    "unreadMessageCount": 3,
    "conversationWith": {"uid": "bo", "name": "Bo"},
    "createdAt": 1,
    "updatedAt": 2,
}


def check_failure(
    kind,
    status=200,
    body=None,
    *,
    operation="getUserConversation",
    sent=None,
    query="",
    peer="x",
    negative=False,
    declared=True,
    detail="",
    headers=(("content-type", "application/json"),),
    **facts,
):
    """Return a check failure of this kind on an exchange with this status and body."""
    content = None if sent is None else json.dumps(sent).encode()
    url = f"http://target/v3/users/{peer}/conversation" + (f"?{query}" if query else "")
    request = GeneratedRequest(operation, "GET", url, {"apikey": "k"}, content, declared=declared)
    content_bytes = body if isinstance(body, bytes) else json.dumps(body or {"data": {}}).encode()
    return CheckFailure(
        kind, detail, negative, request, read(status, dict(headers), content=content_bytes), facts
    )


def tags(*values):
    """Return the arguments of a request that sets these tags."""
    return {"operation": "updateUserConversation", "sent": {"tags": list(values)}}
