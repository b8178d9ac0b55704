"""Existing conversations to judge where no test data may be made: used, and left as they were."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from duologue.contracts.context.findings import Roles
from duologue.contracts.context.limits import limits
from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.context.values import number_in
from duologue.contracts.errors import ContractsError, ExistingDataUnreadable, NotReached, NotStaged
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

NOTHING_NEW = "this run uses existing conversations: no user, group or message may be made"
MOST_CALLERS_LOOKED_AT = 50
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


@dataclass(slots=True)
class ExistingData:
    """Existing conversations only: tags and read state are restored when the check ends."""

    conversations: tuple[ExistingConversation, ...]
    client: Client
    names: IdGenerator
    settle_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    _used: list[tuple[ExistingConversation, dict[str, Any]]] = field(default_factory=list)

    def fresh_id(self) -> str:
        """Return an id that nobody has."""
        return self.names.fresh()

    @property
    def roles(self) -> Roles:
        """What the ids of this run stand for."""
        return self.names.roles

    def number_apart(self, word: str) -> None:
        """Count this check's ids from here on by themselves: the same ones in every run."""
        self.names = self.names.apart(word)

    def find(self, kind: str, *, unread: int, client: Client) -> ExistingConversation:
        """Return a conversation of that kind with at least ``unread`` unread messages.

        Raises NotStaged where there is none.
        """
        for one in self.conversations:
            if one.kind != kind:
                continue
            before = look(client, one)
            if before is not None and _count(before) >= unread:
                self._used.append((one, before))
                return one
        raise NotStaged(f"no existing {kind} conversation has {unread} or more unread messages")

    def teardown(self) -> list[str]:
        """Restore tags and read state as far as the API can; return what still differs."""
        left: list[str] = []
        for one, before in reversed(self._used):
            try:
                left += StateRestorer(self, one).restore(before)
            except NotStaged:
                pass  # a read-only run: what changed meanwhile is not its doing
            except ContractsError as cause:
                left.append(f"{one} ({cause})")
        self._used = []
        return left


def _count(conversation: dict[str, Any]) -> int:
    return number_in(conversation.get("unreadMessageCount")) or 0


def _path(one: ExistingConversation) -> dict[str, str]:
    return {"uid" if one.kind == "user" else "guid": one.peer}


def _operation(verb: str, one: ExistingConversation) -> str:
    subject = f"{one.kind.title()}Conversation"
    return f"{verb}{subject}" if verb in {"get", "update"} else f"mark{subject}As{verb.title()}"


def look(
    client: Client, one: ExistingConversation, *, cleaning: bool = False
) -> dict[str, Any] | None:
    """Return the conversation as it is now, with its tags; None where it is not shown."""
    answer = client.call(
        _operation("get", one), caller=one.caller, path=_path(one), cleaning=cleaning
    )
    if not answer.ok or not isinstance(answer.data, dict):
        return None
    shown: dict[str, Any] = answer.data
    if "tags" in shown:
        return shown
    return {**shown, "tags": _listed_tags(client, one, shown, cleaning=cleaning)}


def _listed_tags(
    client: Client, one: ExistingConversation, conversation: dict[str, Any], *, cleaning: bool
) -> list[str]:
    query = {"withTags": True, "perPage": limits().largest_page}
    answer = client.call("listConversations", caller=one.caller, query=query, cleaning=cleaning)
    key = conversation.get("conversationId")
    return next((r.get("tags") or [] for r in dicts(answer) if r.get("conversationId") == key), [])


def dicts(answer: Response) -> list[dict[str, Any]]:
    """Return the objects in a list that was answered; none where it is no list."""
    rows = answer.data if isinstance(answer.data, list) else []
    return [row for row in rows if isinstance(row, dict)]


@dataclass(frozen=True, slots=True)
class StateRestorer:
    """Restores one existing conversation, also while the run is being ended."""

    data: ExistingData
    one: ExistingConversation

    def restore(self, before: dict[str, Any]) -> list[str]:
        """Set tags and read state to what they were; return what still differs, in words."""
        now = self._look()
        if now is None:
            return [f"{self.one} is gone"]
        if _tags(now) != _tags(before):
            self._do("update", {"tags": before.get("tags") or []})
        if _count(now) != _count(before):
            self._put_back(_count(before))
        after = self._seen(lambda got: _state(got) == _state(before))
        return [
            f"{name} of {self.one}: was {was}, is {got}"
            for name, was, got in zip(STATE, _state(before), _state(after), strict=True)
            if was != got
        ]

    def _put_back(self, wanted: int) -> None:
        """Mark as unread from where that leaves ``wanted`` messages unread.

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
        foreign = [n for n, row in enumerate(messages) if row.get("sender") != self.one.caller]
        if len(foreign) >= wanted:
            first = foreign[-wanted]
            yield from ({"messageId": messages[n]["id"]} for n in (first - 1, first) if n >= 0)
        yield None  # what remains to be tried: without a name, the newest alone

    def _messages(self) -> list[dict[str, Any]]:
        """Return the conversation's messages, oldest first."""
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            query = {"perPage": limits().largest_page, "page": page}
            caller = self.one.caller
            answer = self._client.call("listMessages", caller=caller, query=query, cleaning=True)
            found += [row for row in dicts(answer) if self._is_here(row)]
            if len(dicts(answer)) < limits().largest_page:
                break
        return sorted(found, key=lambda row: number_in(row.get("id")) or 0)

    def _is_here(self, message: dict[str, Any]) -> bool:
        kind, peer = self.one.kind, self.one.peer
        ends = (message.get("receiver"), message.get("sender") if kind == "user" else None)
        is_between = message.get("receiverType") == kind and peer in ends
        return is_between and number_in(message.get("id")) is not None

    @property
    def _client(self) -> Client:
        return self.data.client

    def _do(self, verb: str, body: Any) -> None:
        self._client.call(
            _operation(verb, self.one),
            caller=self.one.caller,
            path=_path(self.one),
            body=body,
            cleaning=True,
        )

    def _look(self) -> dict[str, Any] | None:
        return look(self._client, self.one, cleaning=True)

    def _seen(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the conversation once it holds, or as it is when the time to settle is over."""
        seen = self._look() or {}
        for _ in range(round(self.data.settle_s / PAUSE_S)):
            if holds(seen):
                break
            self.data.sleep(PAUSE_S)
            seen = self._look() or {}
        return seen


STATE = ("tags", "unread count")


def _state(conversation: dict[str, Any]) -> tuple[list[str], int]:
    return _tags(conversation), _count(conversation)


def _tags(conversation: dict[str, Any]) -> list[str]:
    shown = conversation.get("tags")
    return sorted(map(str, shown)) if isinstance(shown, list) else []


def from_file(path: Path) -> tuple[ExistingConversation, ...]:
    """Return the conversations that a file names (YAML or JSON); raise ExistingDataUnreadable.

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
    return tuple(_conversation(str(path), entry) for entry in entries)


def _conversation(source: str, entry: Any) -> ExistingConversation:
    named = entry if isinstance(entry, dict) else {}
    kinds = [kind for kind in ("user", "group") if kind in named]
    ids = [named.get(name) for name in ("caller", *kinds)]
    if len(kinds) != 1 or not all(isinstance(each, (str, int)) and str(each) for each in ids):
        raise ExistingDataUnreadable(
            source, f"expected caller and one of user, group; got {entry!r}"
        )
    return ExistingConversation(str(ids[0]), kinds[0], str(ids[1]))


def from_target(client: Client) -> tuple[ExistingConversation, ...]:
    """Return the conversations that the target lists; raise ExistingDataUnreadable without any."""
    try:
        users = dicts(client.call("listUsers", query={"perPage": MOST_CALLERS_LOOKED_AT}))
    except NotReached as cause:
        raise ExistingDataUnreadable("the target's lists", str(cause)) from cause
    found = [each for user in users for each in _listed_for(client, str(user.get("uid")))]
    if not found:
        raise ExistingDataUnreadable("the target's lists", "no user there has a conversation")
    return tuple(found)


def _listed_for(client: Client, caller: str) -> Iterator[ExistingConversation]:
    try:
        answer = client.call(
            "listConversations", caller=caller, query={"perPage": limits().usual_page}
        )
    except NotReached:
        return
    for row in dicts(answer):
        kind, peer = row.get("conversationType"), row.get("conversationWith")
        key = peer.get("uid" if kind == "user" else "guid") if isinstance(peer, dict) else None
        if kind in ("user", "group") and key:
            yield ExistingConversation(caller, kind, str(key))
