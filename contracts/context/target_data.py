"""Users, groups and messages, made by the service's own calls and removed again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.values import id_in_text, whole_in
from duologue.contracts.errors import ContractsError, NotReached
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

MOST_MEMBERS_A_CALL = 25
SIDE_BY_SIDE = 8


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that was accepted: its id as text, who wrote it, and when (UNIX seconds)."""

    id: str
    sender: str
    text: str
    sent_at: int


@dataclass(slots=True)
class IdGenerator:
    """Ids that were never used before: ``duo-{token}-{n}``, the token fresh for each run."""

    token: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def fresh(self) -> str:
        """Return an id within the documented alphabet and length."""
        return f"duo-{self.token}-{next(self._numbers)}"

    def apart(self, word: str) -> IdGenerator:
        """Return a generator with a count of its own, which no other clause moves on."""
        return IdGenerator(f"{self.token}-{word}")


@dataclass(slots=True)
class TargetData:
    """What one check made; ``explicit`` where deleting users does not delete their messages."""

    client: Client
    names: IdGenerator
    explicit: bool = False
    _users: list[str] = field(default_factory=list)
    _groups: list[str] = field(default_factory=list)
    _messages: list[SentMessage] = field(default_factory=list)

    def user(self, name: str = "Someone", *, uid: str = "", **fields: Any) -> str:
        """Make a user; return the uid, a fresh one unless it is given."""
        uid = uid or self.names.fresh()
        if uid not in self._users:
            self._users.append(uid)
        done(self.client.call("createUser", body={"uid": uid, "name": name, **fields}))
        return uid

    def users(self, count: int) -> list[str]:
        """Make that many users, side by side; return their uids."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(lambda n: self.user(f"Person {n}"), range(count)))

    def group(
        self, owner: str, members: Sequence[str] = (), *, guid: str = "", **fields: Any
    ) -> str:
        """Make a public group; return the guid, a fresh one unless it is given."""
        guid = guid or self.names.fresh()
        self._groups.append(guid)
        body = {"guid": guid, "name": "Some people", "type": "public", **fields}
        done(self.client.call("createGroup", caller=owner, body=body))
        self.join(guid, members)
        return guid

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Add members to a group, in as many calls as that takes."""
        for start in range(0, len(members), MOST_MEMBERS_A_CALL):
            some = list(members[start : start + MOST_MEMBERS_A_CALL])
            done(self.client.call("addMembers", path={"guid": guid}, body={"participants": some}))

    def kick(self, guid: str, uid: str) -> None:
        """End a membership."""
        done(self.client.call("kickMember", path={"guid": guid, "uid": uid}))

    def send(self, sender: str, *, kind: str, to: str, text: str) -> SentMessage:
        """Send a text message from ``sender`` to a user or a group."""
        body = {
            "receiver": to,
            "receiverType": kind,
            "category": "message",
            "type": "text",
            "data": {"text": text},
        }
        data = done(self.client.call("sendMessage", caller=sender, body=body)).data
        message = SentMessage(
            id_in_text(data.get("id"), "the id of a sent message"),
            sender,
            text,
            whole_in(data.get("sentAt", 0), "sentAt of a sent message"),
        )
        self._messages.append(message)
        return message

    def unsend(self, message: SentMessage) -> Response:
        """Return the answer to deleting a message as its sender."""
        return self.client.call("deleteMessage", caller=message.sender, path={"id": message.id})

    def teardown(self) -> list[str]:
        """Remove everything; return what could not be removed, by kind and id, for another try."""
        left: list[str] = []
        if self.explicit:
            self._messages = [
                message
                for message in self._messages
                if not self._gone("message", message.id, caller=message.sender, left=left)
            ]
        self._groups = [
            guid for guid in self._groups if not self._gone("group", guid, caller=None, left=left)
        ]
        side_by_side = SIDE_BY_SIDE if len(self._users) > SIDE_BY_SIDE else 1
        with ThreadPoolExecutor(side_by_side) as pool:
            gone = pool.map(
                lambda uid: self._gone("user", uid, caller=None, left=left), self._users
            )
            self._users = [
                uid for uid, is_gone in zip(self._users, gone, strict=True) if not is_gone
            ]
        return left

    def _gone(self, kind: str, key: str, *, caller: str | None, left: list[str]) -> bool:
        operation, name, body = REMOVALS[kind]
        try:
            answer = self.client.call(
                operation, caller=caller, path={name: key}, body=body, cleaning=True
            )
        except ContractsError as cause:
            left.append(f"{kind} {key} ({cause})")
            return False
        if answer.ok or answer.status == 404:
            return True
        left.append(f"{kind} {key} ({answer})")
        return False


REMOVALS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "message": ("deleteMessage", "id", {"permanent": True}),
    "group": ("deleteGroup", "guid", None),
    "user": ("deleteUser", "uid", {"permanent": True}),
}


def done(answer: Response) -> Response:
    """Return the answer; raise NotReached where test data was not made."""
    if not answer.ok or not isinstance(answer.data, dict):
        raise NotReached(f"making test data was answered {answer}")
    return answer
