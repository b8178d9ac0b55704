"""Conversations and messages as JSON."""

from __future__ import annotations

from typing import Any

from support.independent.model import Model
from support.independent.values import CopyKey, Message


class Bodies(Model):
    """The model with what it shows of itself."""

    def conversation(
        self, key: CopyKey, messages: list[Message], *, tags: bool = False, peer_tags: bool = False
    ) -> dict[str, Any]:
        """Return a copy as its owner sees it, with properties that no document names."""
        last = self.last(key, messages)
        shown = {
            "conversationId": f"{key[1]}_{key[2]}",
            "conversationType": key[1],
            "conversationWith": self.peer(key, tags=peer_tags),
            "unreadMessageCount": len(self.unread(key, messages)),
            "unreadMentionsCount": 0,
            "latestMessageId": str(messages[-1].id),
            "createdAt": self.created_at(key, messages),
            "updatedAt": self.updated_at(key, messages),
        }
        if last is not None:
            shown["lastMessage"] = self.shown_last(last)
        return {**shown, "tags": list(self.copy(key).tags)} if tags else shown

    def shown_last(self, message: Message) -> dict[str, Any]:
        """Return lastMessage: the id is a number, and there is an empty list of receipts."""
        return {**self.serialize_message(message), "id": message.id, "receipts": {"data": [[]]}}

    def peer(self, key: CopyKey, *, tags: bool = False) -> dict[str, Any]:
        """Return conversationWith: the other user, or the group as its member sees it."""
        found = (self.users if key[1] == "user" else self.groups).get(key[2])
        if found is None:
            return {"uid": key[2], "name": "gone"}
        shown = {name: value for name, value in found.items() if tags or name != "tags"}
        if key[1] == "group":
            shown |= {"hasJoined": True, "membersCount": len(self.active_members(key[2]))}
        return shown

    def serialize_message(self, message: Message) -> dict[str, Any]:
        """Return a message as JSON; the id is text."""
        places = {"user": self.users, "group": self.groups}
        entities = {
            "sender": {"entity": self.users.get(message.sender, {}), "entityType": "user"},
            "receiver": {
                "entity": places[message.kind].get(message.receiver, {}),
                "entityType": message.kind,
            },
        }
        shown = {
            "id": str(message.id),
            "sender": message.sender,
            "receiverType": message.kind,
            "receiver": message.receiver,
            "category": "action" if message.action else "message",
            "type": "groupMember" if message.action else "text",
            "data": {"text": message.text, "entities": entities},
            "sentAt": message.sent_at,
            "updatedAt": message.sent_at,
        }
        marks = {"deliveredAt": message.delivered_at, "readAt": message.read_at}
        return shown | {name: at for name, at in marks.items() if at is not None}
