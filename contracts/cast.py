"""Who plays: new users and groups where they may be made, else ones that are there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from contracts.client import Client
from contracts.errors import CastUnreadable, ContractsError, NotStaged
from contracts.stage import Message, Names, Stage
from contracts.transport import Answer

NOTHING_NEW = "this target's cast is fixed: no user, group or message may be made"
MOST_CALLERS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Role:
    """An existing conversation: the caller, the kind, and the peer's uid or guid."""

    caller: str
    kind: str
    peer: str


class Cast(Protocol):
    """What a scene asks of its cast."""

    def user(self, name: str, **fields: Any) -> str:
        """The uid of a new user."""

    def group(self, owner: str, members: Sequence[str], **fields: Any) -> str:
        """The guid of a new group."""

    def users(self, count: int) -> list[str]:
        """The uids of that many new users."""

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Adds members to a group."""

    def send(self, sender: str, *, kind: str, to: str) -> Message:
        """A new message."""

    def unsend(self, message: Message) -> Answer:
        """The answer to deleting a message as its sender."""

    def fresh_id(self) -> str:
        """An id that nobody has."""

    def find(self, kind: str, *, unread: int, client: Client) -> Role | None:
        """An existing conversation to use; None where the scene is to make one."""

    def strike(self) -> list[str]:
        """Leaves the target as it was; what could not be put back."""


@dataclass(slots=True)
class StagedCast:
    """Everybody is new, and goes with the scene."""

    stage: Stage

    def user(self, name: str, **fields: Any) -> str:
        """The uid of a new user."""
        return self.stage.user(name, **fields)

    def group(self, owner: str, members: Sequence[str], **fields: Any) -> str:
        """The guid of a new group."""
        return self.stage.group(owner, members, **fields)

    def users(self, count: int) -> list[str]:
        """The uids of that many new users."""
        return self.stage.users(count)

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Adds members to a group of this scene."""
        self.stage.join(guid, members)

    def unsend(self, message: Message) -> Answer:
        """The answer to deleting a message as its sender."""
        return self.stage.unsend(message)

    def send(self, sender: str, *, kind: str, to: str) -> Message:
        """A new message whose text nobody else wrote."""
        return self.stage.send(sender, kind=kind, to=to, text=f"line {self.stage.names.fresh()}")

    def fresh_id(self) -> str:
        """An id that nobody has."""
        return self.stage.names.fresh()

    def find(self, kind: str, *, unread: int, client: Client) -> Role | None:  # noqa: ARG002
        """None: a staged scene makes its own."""
        return None

    def strike(self) -> list[str]:
        """Removes what was made."""
        return self.stage.strike()


@dataclass(slots=True)
class FixedCast:
    """Existing conversations only: tags and read state are put back when the scene ends."""

    roles: tuple[Role, ...]
    client: Client
    names: Names
    _used: list[tuple[Role, dict[str, Any]]] = field(default_factory=list)

    def _never(self, *_: Any, **__: Any) -> Any:
        """Raises NotStaged: nothing new is made on such a target."""
        raise NotStaged(NOTHING_NEW)

    user = users = group = join = send = unsend = _never

    def fresh_id(self) -> str:
        """An id that nobody has."""
        return self.names.fresh()

    def find(self, kind: str, *, unread: int, client: Client) -> Role | None:
        """A role of that kind with at least ``unread`` unread messages; NotStaged without one."""
        for role in self.roles:
            if role.kind != kind:
                continue
            before = look(client, role)
            if before is not None and _count(before) >= unread:
                self._used.append((role, before))
                return role
        raise NotStaged(
            f"the cast has no {kind} conversation with {unread} or more unread messages"
        )

    def strike(self) -> list[str]:
        """Puts tags and read state back as far as the API can."""
        left: list[str] = []
        for role, before in reversed(self._used):
            left += restore(self.client, role, before=before)
        self._used = []
        return left


def _count(conversation: dict[str, Any]) -> int:
    try:
        return int(conversation.get("unreadMessageCount", 0))
    except (TypeError, ValueError):
        return 0


def _path(role: Role) -> dict[str, str]:
    return {"uid" if role.kind == "user" else "guid": role.peer}


def _operation(verb: str, role: Role) -> str:
    subject = f"{role.kind.title()}Conversation"
    return f"{verb}{subject}" if verb in {"get", "update"} else f"mark{subject}As{verb.title()}"


def look(client: Client, role: Role) -> dict[str, Any] | None:
    """The conversation as it is now (tags included where the list shows them), None without one."""
    answer = client.call(_operation("get", role), caller=role.caller, path=_path(role))
    if not answer.ok or not isinstance(answer.data, dict):
        return None
    return {**answer.data, "tags": answer.data.get("tags", _listed_tags(client, role, answer.data))}


def _listed_tags(client: Client, role: Role, conversation: dict[str, Any]) -> list[str]:
    query = {"withTags": True, "perPage": 1000}
    answer = client.call("listConversations", caller=role.caller, query=query)
    rows = answer.data if isinstance(answer.data, list) else []
    key = conversation.get("conversationId")
    return next((r.get("tags") or [] for r in rows if r.get("conversationId") == key), [])


def restore(client: Client, role: Role, *, before: dict[str, Any]) -> list[str]:
    """Sets tags and read state to what they were; what differs still, in words."""
    now = look(client, role)
    if now is None:
        return [f"{role.kind} conversation of {role.caller} with {role.peer} is gone"]
    if (now.get("tags") or []) != (before.get("tags") or []):
        body = {"tags": before.get("tags") or []}
        _clean(client, "update", role, body)
    if _count(now) != _count(before):
        _put_back_count(client, role, _count(before))
    after = look(client, role) or {}
    if _count(after) != _count(before):
        was, got = _count(before), _count(after)
        return [f"unread count of {role.caller} with {role.peer}: was {was}, is {got}"]
    return []


def _put_back_count(client: Client, role: Role, wanted: int) -> None:
    _clean(client, "read", role, None)
    if not wanted:
        return
    foreign = [m for m in _messages(client, role) if m.get("sender") != role.caller]
    if len(foreign) > wanted:  # unread after the message before the first unread one
        _clean(client, "unread", role, {"messageId": foreign[-wanted - 1]["id"]})
    else:
        _clean(client, "unread", role, None)


def _messages(client: Client, role: Role) -> list[dict[str, Any]]:
    kind, peer = role.kind, role.peer
    answer = client.call("listMessages", caller=role.caller, query={"perPage": 1000})
    rows = answer.data if isinstance(answer.data, list) else []
    mine = [
        row
        for row in rows
        if row.get("receiverType") == kind
        and (row.get("receiver") == peer or (kind == "user" and row.get("sender") == peer))
    ]
    return sorted(mine, key=lambda row: int(row["id"]))


def _clean(client: Client, verb: str, role: Role, body: Any) -> None:
    client.call(
        _operation(verb, role), caller=role.caller, path=_path(role), body=body, cleaning=True
    )


def from_file(path: Path) -> tuple[Role, ...]:
    """The roles a cast file names (YAML or JSON); raises CastUnreadable.

    ``conversations: [{caller: ana, user: bo}, {caller: ana, group: hikers}]``
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as cause:
        raise CastUnreadable(str(path), f"cannot be read as YAML ({cause})") from cause
    entries = document.get("conversations") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise CastUnreadable(
            str(path), "expected 'conversations', a list of caller and user or group"
        )
    return tuple(_role(str(path), entry) for entry in entries)


def _role(source: str, entry: Any) -> Role:
    kinds = [kind for kind in ("user", "group") if isinstance(entry, dict) and kind in entry]
    if len(kinds) != 1 or not isinstance(entry.get("caller"), str):
        raise CastUnreadable(source, f"expected caller and one of user, group; got {entry!r}")
    return Role(entry["caller"], kinds[0], str(entry[kinds[0]]))


def from_target(client: Client) -> tuple[Role, ...]:
    """Roles found by reading the target's own lists; raises CastUnreadable where it has none."""
    answer = client.call("listUsers", query={"perPage": MOST_CALLERS_LOOKED_AT})
    users = answer.data if isinstance(answer.data, list) else []
    roles = [role for user in users for role in _roles_of(client, str(user.get("uid")))]
    if not roles:
        raise CastUnreadable("the target's lists", "no user there has a conversation")
    return tuple(roles)


def _roles_of(client: Client, caller: str) -> Iterator[Role]:
    try:
        answer = client.call("listConversations", caller=caller, query={"perPage": 100})
    except ContractsError:
        return
    for row in answer.data if isinstance(answer.data, list) else []:
        kind, peer = row.get("conversationType"), row.get("conversationWith") or {}
        key = peer.get("uid" if kind == "user" else "guid")
        if kind in ("user", "group") and key:
            yield Role(caller, kind, str(key))
