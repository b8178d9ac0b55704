"""Restore an existing conversation: its tags, its unread count, its last message read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from duologue.contracts.context.existing_data.conversation import (
    ExistingConversation,
    change,
    count_in,
    look,
    tags_in,
)
from duologue.contracts.context.existing_data.messages import messages_of, of_others
from duologue.contracts.http.client import Client

PAUSE_S = 0.1
LAST_READ = "lastReadMessageId"
STATE = ("tags", "unread count", "last message read")


@dataclass(frozen=True, slots=True)
class StateRestorer:
    """Restores one existing conversation, also while the run is being ended."""

    client: Client
    one: ExistingConversation
    settle_s: float
    sleep: Callable[[float], None]

    def restore(self, before: dict[str, Any]) -> list[str]:
        """Set tags and read state to what they were; return what still differs, in words."""
        now = self._look()
        if now is None:
            return [f"{self.one} is gone"]
        if tags_in(now) != tags_in(before):
            self._do("update", {"tags": before.get("tags") or []})
        if _last_id(before) is not None and _last_id(now) != _last_id(before):
            return self._restored_beside_others(before)
        if not _is_read_alike(now, before):
            self._put_back(before)
        after = self.seen(lambda got: _state(got, before) == _state(before, before))
        return [
            f"{name} of {self.one}: was {was}, is {got}"
            for name, was, got in zip(
                STATE, _state(before, before), _state(after, before), strict=True
            )
            if was != got
        ]

    def _restored_beside_others(self, before: dict[str, Any]) -> list[str]:
        """Leave unread what others wrote meanwhile, and no more; return tags that differ."""
        if count_in(before) == 0:
            self._do("read", {"messageId": _last_id(before)})
        was, got = tags_in(before), tags_in(self.seen(lambda got: tags_in(got) == tags_in(before)))
        return [] if got == was else [f"tags of {self.one}: was {was}, is {got}"]

    def _put_back(self, before: dict[str, Any]) -> None:
        """Mark as read, and then as unread from where that leaves what was there before."""
        wanted = count_in(before)
        for start in self._starts(before):
            self._do("read", None)
            if _is_read_alike(self.seen(lambda got: count_in(got) == 0), before):
                return
            self._do("unread", start)
            if _is_read_alike(self.seen(lambda got: count_in(got) == wanted), before):
                return
        if not wanted:
            self._do("read", None)

    def _starts(self, before: dict[str, Any]) -> Iterator[dict[str, Any] | None]:
        """Yield what to mark as unread from: the last message read, else by the count.

        Services differ in whether the message that is named counts itself, so both are tried.
        """
        if before.get(LAST_READ):
            yield {"messageId": before[LAST_READ]}
        wanted = count_in(before)
        if wanted:
            messages = messages_of(self.client, self.one, shown=before, cleaning=True)
            others = of_others(messages, self.one)
            if len(others) >= wanted:
                first = others[-wanted]
                yield from ({"messageId": messages[n]["id"]} for n in (first - 1, first) if n >= 0)
        yield None  # what remains to be tried: without a name, the newest alone

    def _do(self, verb: str, body: Any) -> None:
        change(self.client, verb, self.one, body, cleaning=True)

    def _look(self) -> dict[str, Any] | None:
        return look(self.client, self.one, cleaning=True)

    def seen(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the conversation once it holds, or as it is when the time to settle is over."""
        seen = self._look() or {}
        for _ in range(round(self.settle_s / PAUSE_S)):
            if holds(seen):
                break
            self.sleep(PAUSE_S)
            seen = self._look() or {}
        return seen


def _state(conversation: dict[str, Any], before: dict[str, Any]) -> tuple[list[str], int, str]:
    """Return what is restored; the last message read only where it was shown before."""
    last_read = str(conversation.get(LAST_READ)) if before.get(LAST_READ) else ""
    return tags_in(conversation), count_in(conversation), last_read


def _last_id(conversation: dict[str, Any]) -> Any:
    message = conversation.get("lastMessage")
    return message.get("id") if isinstance(message, dict) else None


def _is_read_alike(conversation: dict[str, Any], before: dict[str, Any]) -> bool:
    return _state(conversation, before)[1:] == _state(before, before)[1:]
