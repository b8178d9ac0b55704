"""What a message about a group action says: who did what to whom, as they are just then."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.model import Group, User

Body = dict[str, Any]
SYSTEM = {"uid": "app_system", "name": "System", "role": "default", "status": "offline"}


def data(behaviours: Behaviours, group: Group, action: str, *, by: User | None, on: User) -> Body:
    """Return the `data` of an action message; without a user `by`, the app itself has acted."""
    name = behaviours.conversation_id("group", group.guid, owner="" if by is None else by.uid)
    entities = {
        "by": {"entity": SYSTEM if by is None else behaviours.show_user(by), "entityType": "user"},
        "on": {"entity": behaviours.show_user(on), "entityType": "user"},
        "for": {
            "entity": behaviours.show_group(group) | {"conversationId": name},
            "entityType": "group",
        },
    }
    return {"action": action, "entities": entities}
