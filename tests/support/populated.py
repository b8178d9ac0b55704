"""The independent server with people, a group and messages in it."""

from __future__ import annotations

import copy


def state(registry):
    """Everything the server knows, but the number of its next message."""
    known = (registry.users, registry.groups, registry.members, registry.letters, registry.copies)
    return copy.deepcopy(known)


def populated(registry):
    """The server with people, a group and messages that are nobody's business."""
    late_s, registry.late_s = registry.late_s, 0
    for uid in ("ana", "bo"):
        registry.users[uid] = {"uid": uid, "name": uid.title()}
    registry.groups["hikers"] = {"guid": "hikers", "name": "Hikers"}
    registry.members["hikers"] = {"ana": "admin", "bo": "participant"}
    registry.post("ana", "bo", kind="user", text="hello")
    registry.post("bo", "hikers", kind="group", text="hello all")
    registry.label(("ana", "user", "bo"), ["old friends"])
    registry.late_s = late_s
    return registry
