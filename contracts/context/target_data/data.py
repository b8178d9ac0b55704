"""Users, groups and messages, made by the service's own calls and removed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.target_data.calls import (
    LOOKUP_CONVERSATION,
    LOOKUPS,
    done,
    remove,
)
from duologue.contracts.context.target_data.records import DataRecord, IdGenerator, SentMessage
from duologue.contracts.context.values import id_in_text, whole_in
from duologue.contracts.errors import (
    ContractsError,
    CreationRefused,
    Interrupted,
    NotReached,
    OutcomeUnknown,
)
from duologue.contracts.http.client import Client
from duologue.contracts.http.response import Response

MOST_MEMBERS_A_CALL = 25
SIDE_BY_SIDE = 8
MOST_TRIES = 4  # of a creation whose answers get lost
REMOVAL_PAUSES_S = (0.5, 2.0)  # between the rounds of a removal
REFUSALS = (401, 403, 405)
NO_FIELDS: Mapping[str, Any] = {}


@dataclass(slots=True)
class TargetData:
    """What one check made; ``explicit`` where deleting users does not delete their messages.

    What is removed at the end is what was made, or what may have been made: its creation got no
    answer. ``lag_s`` is how late writes show.
    """

    client: Client
    names: IdGenerator
    explicit: bool = False
    record: DataRecord = field(default_factory=DataRecord)
    lag_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    _users: list[str] = field(default_factory=list)
    _unsure: set[tuple[str, str]] = field(default_factory=set)  # may be made after its removal
    _failed: set[tuple[str, str]] = field(default_factory=set)  # created with 5xx
    _groups: list[str] = field(default_factory=list)
    _messages: list[SentMessage] = field(default_factory=list)

    def user(self, name: str = "Someone", *, uid: str = "", **fields: Any) -> str:
        """Make a user; return the uid, a fresh one unless it is given."""
        uid = uid or self.names.fresh()
        self.names.roles.note(uid, name)
        body = {"uid": uid, "name": name, **fields}
        self._make("user", uid, lambda: self.client.call("createUser", body=body))
        return uid

    def users(self, count: int) -> list[str]:
        """Make that many users, side by side; return their uids."""
        uids = [self.names.fresh() for _ in range(count)]
        names = [f"Person {n}" for n in range(count)]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(lambda uid, name: self.user(name, uid=uid), uids, names))

    def group(
        self, owner: str, members: Sequence[str] = (), *, guid: str = "", **fields: Any
    ) -> str:
        """Make a public group; return the guid, a fresh one unless it is given."""
        guid = guid or self.names.fresh()
        self.names.roles.note(guid, "group")
        body = {"guid": guid, "name": "Some people", "type": "public", **fields}
        create = lambda: self.client.call("createGroup", caller=owner, body=body)  # noqa: E731
        self._make("group", guid, create)
        self.join(guid, members)
        return guid

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Add members to a group, in as many calls as that takes."""
        for start in range(0, len(members), MOST_MEMBERS_A_CALL):
            some = list(members[start : start + MOST_MEMBERS_A_CALL])
            done(self.client.call("addMembers", path={"guid": guid}, body={"participants": some}))
            self.record.note_made("member", len(some))

    def kick(self, guid: str, uid: str) -> None:
        """End a membership."""
        answer = self.client.call("kickMember", path={"guid": guid, "uid": uid})
        if not (answer.was_repeated and answer.status == 404):  # the first try did it
            done(answer)

    def send(
        self, sender: str, *, kind: str, to: str, text: str, more: Mapping[str, Any] = NO_FIELDS
    ) -> SentMessage:
        """Send a text message from ``sender`` to a user or a group.

        ``more`` are further fields of the message; its ``data`` goes beside the text.
        """
        body = {
            "receiver": to,
            "receiverType": kind,
            "category": "message",
            "type": "text",
            **more,
            "data": {"text": text, **more.get("data", {})},
        }
        data = self._send(body, sender=sender)
        message = SentMessage(
            id_in_text(data.get("id"), "the id of a sent message"),
            sender,
            body["data"]["text"],
            whole_in(data.get("sentAt", 0), "sentAt of a sent message"),
            data,
        )
        self._messages.append(message)
        if self.explicit:
            self.record.present["message", message.id] = sender
        self.record.note_made("message")
        return message

    def _send(self, body: dict[str, Any], *, sender: str) -> dict[str, Any]:
        """Return the accepted message; where no answer came, look for it before another try."""
        for attempt in range(1, MOST_TRIES + 1):
            try:
                sent: dict[str, Any] = done(
                    self.client.call("sendMessage", caller=sender, body=body)
                ).data
            except OutcomeUnknown:
                found = self._last_message(body, sender=sender)
                if found is not None:
                    return found
                if attempt == MOST_TRIES:
                    raise
            else:
                return sent
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _last_message(self, body: dict[str, Any], *, sender: str) -> dict[str, Any] | None:
        """Return the sender's last message in a conversation where it has this unique text."""
        self.sleep(1.5 * self.lag_s)
        operation, name = LOOKUP_CONVERSATION[body["receiverType"]]
        shown = self.client.call(operation, caller=sender, path={name: body["receiver"]}).data
        last = shown.get("lastMessage") if isinstance(shown, dict) else None
        data = last.get("data") if isinstance(last, dict) else None
        is_it = isinstance(data, dict) and data.get("text") == body["data"]["text"]
        return last if is_it else None

    def unsend(self, message: SentMessage, *, forever: bool = False) -> Response:
        """Return the answer to deleting a message as its sender, ``forever`` with its place."""
        body = {"permanent": True} if forever else None
        path = {"id": message.id}
        return self.client.call("deleteMessage", caller=message.sender, path=path, body=body)

    # -- creating --------------------------------------------------------------------------------

    def _make(self, kind: str, key: str, create: Callable[[], Response]) -> None:
        """Create a user or group, and note it for removal unless it surely was not made."""
        try:
            answer = self._created(kind, key, create)
        except Interrupted:  # nothing was sent
            raise
        except NotReached as failure:
            if isinstance(failure, OutcomeUnknown):
                self._note(kind, key)
                self._unsure.add((kind, key))
            if isinstance(failure.answer, Response):  # a gateway's page
                self._must_be_allowed(f"create{kind.title()}", failure.answer)
            raise
        except BaseException:  # Ctrl-C in the middle of a call
            self._note(kind, key)
            self._unsure.add((kind, key))
            raise
        if answer.status < 300 or answer.status >= 500:
            self._note(kind, key)
        if answer.status >= 500:
            self._failed.add((kind, key))
        self._must_be_allowed(f"create{kind.title()}", answer)
        done(answer)
        self.record.note_made(kind)

    def _created(self, kind: str, key: str, create: Callable[[], Response]) -> Response:
        """Return the answer to a creation; where none came, look the thing up before another try.

        Raises OutcomeUnknown where neither tells.
        """
        unknown: OutcomeUnknown | None = None
        for _ in range(MOST_TRIES):
            try:
                answer = create()
            except OutcomeUnknown as failure:
                unknown = failure
            else:
                if unknown is None or answer.ok:
                    return answer
                # An earlier try may have come late: then this one says that the id is taken.
            found = self._look_up(kind, key, unknown)
            if found.ok:
                return found
        raise unknown or OutcomeUnknown(f"whether the {kind} {key} was made is unknown")

    def _look_up(self, kind: str, key: str, unknown: OutcomeUnknown) -> Response:
        operation, name = LOOKUPS[kind]
        try:
            return self.client.call(operation, path={name: key})
        except NotReached:
            raise unknown from None

    def _must_be_allowed(self, operation: str, answer: Response) -> None:
        if answer.status in REFUSALS:
            raise CreationRefused(operation, str(answer))

    def _note(self, kind: str, key: str) -> None:
        keys = self._users if kind == "user" else self._groups
        if key not in keys:
            keys.append(key)
        self.record.present[kind, key] = None

    # -- removing --------------------------------------------------------------------------------

    def teardown(self) -> list[str]:
        """Remove everything, in several rounds where that takes them.

        Messages go before their senders. Return what could not be removed, by kind and id; it is
        kept for another try. What may never have been made is tried once, and again when the run
        ends (``DataRecord.doubtful``).
        """
        left = self._remove_all()
        for pause_s in REMOVAL_PAUSES_S:
            if not left or self.client.is_given_up:
                break
            self.sleep(pause_s)
            left = self._remove_all()
        return left

    def _remove_all(self) -> list[str]:
        left: list[str] = []
        if self.explicit:
            self._messages = self._kept("message", self._messages, left)
        self._groups = self._kept("group", self._groups, left)
        self._users = self._kept("user", self._users, left)
        return left

    def _kept(self, kind: str, things: list[Any], left: list[str]) -> list[Any]:
        """Remove things of a kind, side by side; return those that stay."""
        if not things:
            return []
        with ThreadPoolExecutor(SIDE_BY_SIDE if len(things) > SIDE_BY_SIDE else 1) as pool:
            gone = pool.map(lambda thing: self._is_gone(kind, thing, left), things)
            return [thing for thing, is_gone in zip(things, gone, strict=True) if not is_gone]

    def _is_gone(self, kind: str, thing: str | SentMessage, left: list[str]) -> bool:
        key, caller = (thing.id, thing.sender) if isinstance(thing, SentMessage) else (thing, None)
        try:
            answer = remove(self.client, kind, key, caller=caller)
        except Interrupted:
            left.append(f"{kind} {key} (the run was ended before it was removed)")
            return False
        except ContractsError as cause:
            left.append(f"{kind} {key} ({cause})")
            return False
        if answer.status == 404 and (kind, key) in self._unsure:
            self._unsure.discard((kind, key))
            left.append(f"{kind} {key} (its creation got no answer, and may still come)")
            return False
        if answer.ok or answer.status == 404:
            self.record.note_removed(kind, key, as_done=answer.ok)
            return True
        if (kind, key) in self._failed:  # another try here would teach nothing more
            self.record.note_doubtful(kind, key, str(answer))
            return True
        left.append(f"{kind} {key} ({answer})")
        return False
