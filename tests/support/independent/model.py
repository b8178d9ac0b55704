"""The state: users, groups and messages in plain lists. Counts are computed on request."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MethodType
from typing import Any

from support.independent.values import Copy, CopyKey, Message, Refusal

LARGE_GROUP = 300


class Model:
    """The state and its rules.

    ``overrides`` replaces methods by name, ``late_s`` delays each change of a conversation by so
    many seconds, ``actions`` adds a message to a group when a user joins it.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        late_s: float = 0.0,
        actions: bool = False,
        overrides: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.clock, self.late_s, self.actions = clock, late_s, actions
        self.lock = threading.RLock()
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.members: dict[str, dict[str, str]] = {}
        self.joined_after: dict[tuple[str, str], int] = {}  # the last message before joining
        self.messages: list[Message] = []
        self.copies: dict[CopyKey, Copy] = {}
        self.last_id = 1000
        self.pending: deque[tuple[float, Callable[[], None]]] = deque()
        for name, replacement in (overrides or {}).items():
            assert hasattr(type(self), name), name
            setattr(self, name, MethodType(replacement, self))

    # -- time ------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return UNIX seconds."""
        return int(self.clock())

    def schedule(self, change: Callable[[], None]) -> None:
        """Apply a change now, or after ``late_s``, in the order of the calls."""
        self.pending.append((self.clock() + self.late_s, change))
        self.apply_due()

    def apply_due(self) -> None:
        """Apply the changes that are due."""
        while self.pending and self.pending[0][0] <= self.clock():
            self.apply_next()

    def apply_next(self) -> None:
        """Apply the next change, unless its subject has been deleted meanwhile."""
        with suppress(Refusal):
            self.pending.popleft()[1]()

    # -- users and groups ------------------------------------------------------------------------

    def user(self, uid: str) -> dict[str, Any]:
        """Return a user; raise Refusal for an unknown or deactivated uid."""
        found = self.users.get(uid.lower())
        if found is None or "deactivatedAt" in found:
            raise Refusal(404, "ERR_UID_NOT_FOUND")
        return found

    def group(self, guid: str) -> dict[str, Any]:
        """Return a group; raise Refusal for an unknown guid."""
        if guid.lower() not in self.groups:
            raise Refusal(404, "ERR_GUID_NOT_FOUND")
        return self.groups[guid.lower()]

    def require_member(self, uid: str, guid: str) -> None:
        """Raise Refusal if a user is not a member."""
        if uid not in self.members[guid]:
            raise Refusal(401, "ERR_GROUP_NOT_JOINED")

    def join(self, guid: str, uid: str, *, scope: str, by: str) -> None:
        """Make a user a member; with ``actions`` add a message to the group."""
        if uid not in self.members[guid]:
            self.joined_after[guid, uid] = self.last_id
        self.members[guid][uid] = scope
        if self.actions:
            self.post(by, guid, kind="group", text=f"{uid} joined", action=True)

    def forget_user(self, uid: str) -> None:
        """Delete a user with memberships, copies and messages."""
        del self.users[uid]
        for members in self.members.values():
            members.pop(uid, None)
        self.copies = {
            key: copy
            for key, copy in self.copies.items()
            if key[0] != uid and key[1:] != ("user", uid)  # a group may bear the id (readings B20)
        }
        self.remove_messages(
            lambda message: (
                message.sender == uid or (message.kind, message.receiver) == ("user", uid)
            )
        )

    def forget_group(self, guid: str) -> None:
        """Delete a group with its members, copies and messages."""
        del self.groups[guid], self.members[guid]
        self.copies = {k: copy for k, copy in self.copies.items() if k[1:] != ("group", guid)}
        self.remove_messages(lambda message: (message.kind, message.receiver) == ("group", guid))

    def remove_messages(self, is_removed: Callable[[Message], bool]) -> None:
        """Remove messages permanently, pending ones too."""
        while self.pending:
            self.apply_next()
        self.messages = [message for message in self.messages if not is_removed(message)]

    # -- messages ---------------------------------------------------------------------------------

    def post(
        self, sender: str, receiver: str, *, kind: str, text: str, action: bool = False
    ) -> Message:
        """Add a message, visible after ``late_s``, and return it."""
        self.last_id += 1
        message = Message(self.last_id, sender, receiver, kind, text, self.now(), action=action)
        message.hidden = kind == "group" and self.is_large(receiver)
        self.schedule(lambda: self.messages.append(message))
        return message

    def is_large(self, guid: str) -> bool:
        """Return whether a group has more than 300 members, so that its messages do not count."""
        return len(self.active_members(guid)) > LARGE_GROUP

    def active_members(self, guid: str) -> list[str]:
        """Return the members that are not deactivated (readings B16)."""
        return [uid for uid in self.members[guid] if self.is_active(uid)]

    def is_active(self, uid: str) -> bool:
        """Return whether a user was not deactivated; the app itself never is."""
        return "deactivatedAt" not in self.users.get(uid, {})

    def find_message(self, number: str) -> Message:
        """Return a visible message; raise Refusal, with 403 for a pending one."""
        for message in self.messages:
            if str(message.id) == number and message.text is not None:
                return message
        if self.pending and number.isdigit() and int(number) <= self.last_id:
            raise Refusal(403, "ERR_MESSAGE_NO_ACCESS")
        raise Refusal(404, "ERR_MESSAGE_ID_NOT_FOUND")

    def mark_deleted(self, message: Message) -> None:
        """Delete the text of a message; its place in the conversation stays."""
        message.text = None

    def key_of(self, owner: str, message: Message) -> CopyKey | None:
        """Return the key of the owner's copy that holds a message, if any."""
        if message.kind == "group":
            is_member = owner in self.members.get(message.receiver, ())
            return (owner, "group", message.receiver) if is_member else None
        if owner == message.sender:
            return owner, "user", message.receiver
        return (owner, "user", message.sender) if owner == message.receiver else None

    # -- conversations ---------------------------------------------------------------------------

    def copy(self, key: CopyKey) -> Copy:
        """Return what the owner changed in a copy."""
        return self.copies.get(key) or Copy()

    def own_copy(self, key: CopyKey) -> Copy:
        """Return a copy to be changed, with the time of the change."""
        copy = self.copies.setdefault(key, Copy())
        copy.changed_at = self.now()
        return copy

    def threads(self, owner: str | None) -> dict[CopyKey, list[Message]]:
        """Return the messages of each copy of one owner, or of all owners, oldest first."""
        threads: dict[CopyKey, list[Message]] = {}
        for one in filter(self.is_active, self.users) if owner is None else [owner]:
            for message in self.messages:
                key = self.key_of(one, message)
                if key is not None and self.is_in(key, message):
                    threads.setdefault(key, []).append(message)
        return threads

    def is_in(self, key: CopyKey, message: Message) -> bool:
        """Return whether a copy shows a message of its conversation.

        A 1-on-1 with a deactivated user is not shown at all (readings B16).
        """
        if key[1] == "user" and not self.is_active(key[2]):
            return False
        return not message.hidden and message.id > self.copy(key).deleted_through

    def thread(self, key: CopyKey) -> list[Message]:
        """Return the messages of one copy; raise Refusal if it has none."""
        found = self.threads(key[0]).get(key)
        if not found:
            raise Refusal(404, "ERR_CONVERSATION_NOT_FOUND")
        return found

    def unread(self, key: CopyKey, messages: list[Message]) -> list[Message]:
        """Return the messages that count as unread."""
        read = self.copy(key).read
        return [each for each in messages if each.id not in read and self.counts(key, each)]

    def counts(self, key: CopyKey, message: Message) -> bool:
        """Return whether a message can count as unread.

        It was sent by another, after the owner joined (readings B15), and is not deleted.
        """
        is_earlier = key[1] == "group" and message.id <= self.joined_after.get((key[2], key[0]), 0)
        return message.sender != key[0] and message.text is not None and not is_earlier

    def last(self, key: CopyKey, messages: list[Message]) -> Message | None:
        """Return the last message to show; None if the newest was deleted."""
        return messages[-1] if messages[-1].text is not None else None

    def updated_at(self, key: CopyKey, messages: list[Message]) -> int:
        """Return the time of the last message, or of the owner's last change."""
        return max(messages[-1].sent_at, self.copy(key).changed_at)

    def created_at(self, key: CopyKey, messages: list[Message]) -> int:
        """Return the time of the first message."""
        return messages[0].sent_at

    # -- changes to a copy ------------------------------------------------------------

    def read(self, key: CopyKey, upto: int | None) -> None:
        """Mark messages as read, all or up to one."""
        for message in self.thread(key):
            if upto is None or message.id <= upto:
                self.own_copy(key).read.add(message.id)
                self.own_copy(key).delivered.add(message.id)
                self.note_receipts(message)

    def mark_unread_from(self, key: CopyKey, since: int | None) -> None:
        """Mark the newest message of others as unread, or all from one on, including that one."""
        theirs = [each.id for each in self.thread(key) if self.counts(key, each)]
        again = theirs[-1:] if since is None else [each for each in theirs if each >= since]
        self.own_copy(key).read.difference_update(again)

    def deliver(self, key: CopyKey, upto: int | None) -> None:
        """Set the delivery time of messages of others, all or up to one."""
        for message in self.thread(key):
            if self.counts(key, message) and (upto is None or message.id <= upto):
                self.own_copy(key).delivered.add(message.id)
                self.note_receipts(message)

    def note_receipts(self, message: Message) -> None:
        """Set the times of a message that all others have received or read (readings B18)."""
        sides = [self.copy(key) for key in self.other_sides(message)]
        if all(message.id in side.delivered for side in sides):
            message.delivered_at = message.delivered_at or self.now()
        if all(message.id in side.read for side in sides):
            message.read_at = message.read_at or self.now()

    def other_sides(self, message: Message) -> list[CopyKey]:
        """Return the keys of the copies of everybody but the sender."""
        if message.kind == "user":
            return [(message.receiver, "user", message.sender)]
        others = [uid for uid in self.active_members(message.receiver) if uid != message.sender]
        return [(uid, "group", message.receiver) for uid in others]

    def reset(self, key: CopyKey) -> None:
        """Mark everything as read."""
        self.read(key, None)

    def set_tags(self, key: CopyKey, tags: list[str]) -> None:
        """Replace the tags of a copy."""
        self.own_copy(key).tags = tags

    def delete_copy(self, key: CopyKey) -> None:
        """Hide a copy from its owner until the next message."""
        self.own_copy(key).deleted_through = self.thread(key)[-1].id
