"""Who plays: new users and groups where they may be made, else ones that are there already."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from duologue.contracts.context.test_data import SIDE_BY_SIDE, IdGenerator, SentMessage, TestData
from duologue.contracts.errors import ContractsError, ExistingDataUnreadable, NotReached, NotStaged
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

NOTHING_NEW = "this target's cast is fixed: no user, group or message may be made"
MOST_CALLERS_LOOKED_AT = 50
LARGEST_PAGE = 1000
MOST_PAGES = 50
PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class ExistingConversation:
    """An existing conversation: the caller, the kind, and the peer's uid or guid."""

    caller: str
    kind: str
    peer: str

    def __str__(self) -> str:
        return f"{self.kind} conversation of {self.caller} with {self.peer}"


class Provisioning(Protocol):
    """What a scene asks of its cast."""

    def user(self, name: str, **fields: Any) -> str:
        """The uid of a new user."""

    def group(self, owner: str, members: Sequence[str], **fields: Any) -> str:
        """The guid of a new group."""

    def users(self, count: int) -> list[str]:
        """The uids of that many new users."""

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Adds members to a group."""

    def kick(self, guid: str, uid: str) -> None:
        """Ends a membership."""

    def send(self, sender: str, *, kind: str, to: str) -> SentMessage:
        """A new message."""

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """A message to each of these users."""

    def unsend(self, message: SentMessage) -> Response:
        """The answer to deleting a message as its sender."""

    def fresh_id(self) -> str:
        """An id that nobody has."""

    def numbered_apart(self, word: str) -> None:
        """Counts this cast's new ids by itself, apart from those of the others."""

    def find(self, kind: str, *, unread: int, client: Client) -> ExistingConversation | None:
        """An existing conversation to use; None where the scene is to make one."""

    def teardown(self) -> list[str]:
        """Leaves the target as it was; what could not be put back."""


@dataclass(slots=True)
class CreatedData:
    """Everybody is new, and goes with the scene."""

    stage: TestData

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

    def kick(self, guid: str, uid: str) -> None:
        """Ends a membership."""
        self.stage.kick(guid, uid)

    def unsend(self, message: SentMessage) -> Response:
        """The answer to deleting a message as its sender."""
        return self.stage.unsend(message)

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """A message to each of these users, side by side."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda uid: self.send(sender, kind="user", to=uid), uids))

    def send(self, sender: str, *, kind: str, to: str) -> SentMessage:
        """A new message whose text nobody else wrote."""
        return self.stage.send(sender, kind=kind, to=to, text=f"line {self.stage.names.fresh()}")

    def fresh_id(self) -> str:
        """An id that nobody has."""
        return self.stage.names.fresh()

    def numbered_apart(self, word: str) -> None:
        """Counts this cast's new ids by itself, apart from those of the others."""
        self.stage.names = self.stage.names.apart(word)

    def find(self, kind: str, *, unread: int, client: Client) -> ExistingConversation | None:  # noqa: ARG002
        """None: a staged scene makes its own."""
        return None

    def teardown(self) -> list[str]:
        """Removes what was made."""
        return self.stage.teardown()


@dataclass(slots=True)
class ExistingData:
    """Existing conversations only: tags and read state are put back when the scene ends."""

    roles: tuple[ExistingConversation, ...]
    client: Client
    names: IdGenerator
    settle_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    _used: list[tuple[ExistingConversation, dict[str, Any]]] = field(default_factory=list)

    def _never(self, *_: Any, **__: Any) -> Any:
        """Raises NotStaged: nothing new is made on such a target."""
        raise NotStaged(NOTHING_NEW)

    user = users = group = join = kick = greet = send = unsend = _never

    def fresh_id(self) -> str:
        """An id that nobody has."""
        return self.names.fresh()

    def numbered_apart(self, word: str) -> None:
        """Changes nothing: no new id is made but those that nobody has."""

    def find(self, kind: str, *, unread: int, client: Client) -> ExistingConversation | None:
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

    def teardown(self) -> list[str]:
        """Puts tags and read state back as far as the API can."""
        left: list[str] = []
        for role, before in reversed(self._used):
            try:
                left += StateRestorer(self, role).restore(before)
            except ContractsError as cause:
                left.append(f"{role} ({cause})")
        self._used = []
        return left


def _count(conversation: dict[str, Any]) -> int:
    try:
        return int(conversation.get("unreadMessageCount", 0))
    except (TypeError, ValueError):
        return 0


def _path(role: ExistingConversation) -> dict[str, str]:
    return {"uid" if role.kind == "user" else "guid": role.peer}


def _operation(verb: str, role: ExistingConversation) -> str:
    subject = f"{role.kind.title()}Conversation"
    return f"{verb}{subject}" if verb in {"get", "update"} else f"mark{subject}As{verb.title()}"


def look(
    client: Client, role: ExistingConversation, *, cleaning: bool = False
) -> dict[str, Any] | None:
    """The conversation as it is now (tags included where the list shows them), None without one."""
    answer = client.call(
        _operation("get", role), caller=role.caller, path=_path(role), cleaning=cleaning
    )
    if not answer.ok or not isinstance(answer.data, dict):
        return None
    shown: dict[str, Any] = answer.data
    if "tags" in shown:
        return shown
    return {**shown, "tags": _listed_tags(client, role, shown, cleaning=cleaning)}


def _listed_tags(
    client: Client, role: ExistingConversation, conversation: dict[str, Any], *, cleaning: bool
) -> list[str]:
    query = {"withTags": True, "perPage": LARGEST_PAGE}
    answer = client.call("listConversations", caller=role.caller, query=query, cleaning=cleaning)
    key = conversation.get("conversationId")
    return next((r.get("tags") or [] for r in dicts(answer) if r.get("conversationId") == key), [])


def dicts(answer: Response) -> list[dict[str, Any]]:
    """The objects in a list that was answered; none where it is no list."""
    rows = answer.data if isinstance(answer.data, list) else []
    return [row for row in rows if isinstance(row, dict)]


@dataclass(frozen=True, slots=True)
class StateRestorer:
    """Brings one existing conversation back to what it was, while a run ends too."""

    cast: ExistingData
    role: ExistingConversation

    def restore(self, before: dict[str, Any]) -> list[str]:
        """Sets tags and read state to what they were; what differs still, in words."""
        now = self._look()
        if now is None:
            return [f"{self.role} is gone"]
        if _tags(now) != _tags(before):
            self._do("update", {"tags": before.get("tags") or []})
        if _count(now) != _count(before):
            self._put_back(_count(before))
        after = self._seen(lambda got: _state(got) == _state(before))
        return [
            f"{name} of {self.role}: was {was}, is {got}"
            for name, was, got in zip(STATE, _state(before), _state(after), strict=True)
            if was != got
        ]

    def _put_back(self, wanted: int) -> None:
        """Marks as unread from where that leaves ``wanted`` messages unread.

        Services differ in whether the message that is named counts itself, so both are tried.
        """
        for start in self._starts(wanted):
            self._do("read", None)
            self._seen(lambda got: _count(got) == 0)
            if not wanted:
                break
            self._do("unread", start)
            if _count(self._seen(lambda got: _count(got) > 0)) == wanted:
                break

    def _starts(self, wanted: int) -> Iterator[dict[str, Any] | None]:
        messages = self._messages()
        foreign = [n for n, row in enumerate(messages) if row.get("sender") != self.role.caller]
        if len(foreign) >= wanted:
            first = foreign[-wanted]
            yield from ({"messageId": messages[n]["id"]} for n in (first - 1, first) if n >= 0)
        yield None  # what remains to be tried: without a name, the newest alone

    def _messages(self) -> list[dict[str, Any]]:
        """The conversation's messages, oldest first."""
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            query = {"perPage": LARGEST_PAGE, "page": page}
            caller = self.role.caller
            answer = self._client.call("listMessages", caller=caller, query=query, cleaning=True)
            found += [row for row in dicts(answer) if self._is_here(row)]
            if len(dicts(answer)) < LARGEST_PAGE:
                break
        return sorted(found, key=lambda row: int(row["id"]))

    def _is_here(self, message: dict[str, Any]) -> bool:
        kind, peer = self.role.kind, self.role.peer
        ends = (message.get("receiver"), message.get("sender") if kind == "user" else None)
        return message.get("receiverType") == kind and peer in ends

    @property
    def _client(self) -> Client:
        return self.cast.client

    def _do(self, verb: str, body: Any) -> None:
        self._client.call(
            _operation(verb, self.role),
            caller=self.role.caller,
            path=_path(self.role),
            body=body,
            cleaning=True,
        )

    def _look(self) -> dict[str, Any] | None:
        return look(self._client, self.role, cleaning=True)

    def _seen(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The conversation once it holds, or as it is when the time to settle is over."""
        seen = self._look() or {}
        for _ in range(round(self.cast.settle_s / PAUSE_S)):
            if holds(seen):
                break
            self.cast.sleep(PAUSE_S)
            seen = self._look() or {}
        return seen


STATE = ("tags", "unread count")


def _state(conversation: dict[str, Any]) -> tuple[list[str], int]:
    return _tags(conversation), _count(conversation)


def _tags(conversation: dict[str, Any]) -> list[str]:
    return sorted(map(str, conversation.get("tags") or []))


def from_file(path: Path) -> tuple[ExistingConversation, ...]:
    """The roles a cast file names (YAML or JSON); raises CastUnreadable.

    ``conversations: [{caller: ana, user: bo}, {caller: ana, group: hikers}]``
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as cause:
        why = " ".join(str(cause).split())  # YAML's errors are several lines
        raise ExistingDataUnreadable(str(path), f"cannot be read as YAML ({why})") from cause
    entries = document.get("conversations") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise ExistingDataUnreadable(
            str(path), "expected 'conversations', a list of caller and user or group"
        )
    return tuple(_role(str(path), entry) for entry in entries)


def _role(source: str, entry: Any) -> ExistingConversation:
    named = entry if isinstance(entry, dict) else {}
    kinds = [kind for kind in ("user", "group") if kind in named]
    ids = [named.get(name) for name in ("caller", *kinds)]
    if len(kinds) != 1 or not all(isinstance(each, (str, int)) and str(each) for each in ids):
        raise ExistingDataUnreadable(
            source, f"expected caller and one of user, group; got {entry!r}"
        )
    return ExistingConversation(str(ids[0]), kinds[0], str(ids[1]))


def from_target(client: Client) -> tuple[ExistingConversation, ...]:
    """Roles found by reading the target's own lists; raises CastUnreadable where it has none."""
    try:
        users = dicts(client.call("listUsers", query={"perPage": MOST_CALLERS_LOOKED_AT}))
    except NotReached as cause:
        raise ExistingDataUnreadable("the target's lists", str(cause)) from cause
    roles = [role for user in users for role in _roles_of(client, str(user.get("uid")))]
    if not roles:
        raise ExistingDataUnreadable("the target's lists", "no user there has a conversation")
    return tuple(roles)


def _roles_of(client: Client, caller: str) -> Iterator[ExistingConversation]:
    try:
        answer = client.call("listConversations", caller=caller, query={"perPage": 100})
    except NotReached:
        return
    for row in dicts(answer):
        kind, peer = row.get("conversationType"), row.get("conversationWith")
        key = peer.get("uid" if kind == "user" else "guid") if isinstance(peer, dict) else None
        if kind in ("user", "group") and key:
            yield ExistingConversation(caller, kind, str(key))
