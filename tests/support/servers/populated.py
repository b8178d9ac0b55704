"""The independent server with users, a group and messages."""

from __future__ import annotations

import copy


def state(app):
    """Return the whole state of the server, except the id of its next message."""
    known = (app.users, app.groups, app.members, app.messages, app.copies)
    return copy.deepcopy(known)


def populated(app):
    """Return the server with users, a group and messages that no test uses."""
    late_s, app.late_s = app.late_s, 0
    for uid in ("ana", "bo"):
        app.users[uid] = {"uid": uid, "name": uid.title()}
    app.groups["hikers"] = {"guid": "hikers", "name": "Hikers"}
    app.members["hikers"] = {"ana": "admin", "bo": "participant"}
    app.post("ana", "bo", kind="user", text="hello")
    app.post("bo", "hikers", kind="group", text="hello all")
    app.set_tags(("ana", "user", "bo"), ["old friends"])
    app.late_s = late_s
    return app
