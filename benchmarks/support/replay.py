"""The answers that the logs of concurrent clients allow.

Requests that overlap may take effect in either order, so the state of a copy is not
always one value: it is an interval with the outcomes of every allowed order, which is one value if
nothing overlapped. The server's order is known from the ids of messages, and each copy's cursor
and tags are changed by its owner alone, one request after the other. So the state of a copy is the
interval in which its cursor (a message's id) lies, and everything else follows:

    sure      answered before this request was sent: it has happened
    possible  sent before the answer to this request came: it may have happened

A read up to a named message reduces the interval to one value. Every answer of the run has to lie
in the interval, and so have the answers at the end, when nothing overlaps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.support.crowd import NEVER, Event, Side, View

GONE = ("reset", "read", "unread", "delete", "tags", "delivered", "get", "get-by-id", "look")
"""Verbs that have to be refused while the owner has deleted the copy."""


@dataclass(slots=True)
class Note:
    """A message that the server has at the end, with the times of its creation and deletion."""

    id: int
    sender: str
    began: float
    ended: float
    gone_began: float = NEVER
    gone_ended: float = NEVER


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of message ids."""

    low: int
    high: int

    def with_floor(self, floor: Range) -> Range:
        """Return the interval, not below the floor."""
        return Range(max(self.low, floor.low), max(self.high, floor.high))

    def at_least(self, low: int, high: int) -> Range:
        """Return the interval moved up to an id, unless it is higher already."""
        return Range(max(self.low, low), max(self.high, high))

    def at_most(self, low: int, high: int) -> Range:
        """Return the interval moved down to an id, unless it is lower already."""
        return Range(min(self.low, low), min(self.high, high))

    def or_else(self, other: Range) -> Range:
        """Return the interval that covers both."""
        return Range(min(self.low, other.low), max(self.high, other.high))


class Talk:
    """The messages of one conversation in the server's order."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self._notes = sorted(notes, key=lambda note: note.id)
        self._ids = [note.id for note in self._notes]
        # The earliest start from here to the end rises, so that it can be searched by bisection.
        self._later: list[float] = []
        earliest = NEVER
        for note in reversed(self._notes):
            earliest = min(earliest, note.began)
            self._later.append(earliest)
        self._later.reverse()

    def newest(self, event: Event) -> Range:
        """Return the last id at the time of a request; 0 for none."""
        end = self._possible(event)
        sure = next((n.id for n in reversed(self._notes[:end]) if n.ended < event.began), 0)
        return Range(sure, self._ids[end - 1] if end else 0)

    def unread(self, event: Event, owner: str, cursor: Range) -> Range:
        """Return the number of messages of others after the cursor at the time of a request."""
        least = most = 0
        for note in self._beyond(event, cursor.low):
            if note.sender == owner or note.began >= event.ended:
                continue
            most += note.gone_ended >= event.began
            is_sure = note.ended < event.began and note.gone_began >= event.ended
            least += is_sure and note.id > cursor.high
        return Range(least, most)

    def newest_of_others(self, event: Event, owner: str) -> tuple[Range | None, bool]:
        """Return the place of others' newest message that is not deleted, and if there is one."""
        low = high = None
        for note in reversed(self._notes[: self._possible(event)]):
            if note.sender == owner or note.began >= event.ended or note.gone_ended < event.began:
                continue
            low, high = note.id, high or note.id
            if note.ended < event.began and note.gone_began >= event.ended:
                return Range(low, high), True
        return (None if low is None or high is None else Range(low, high)), False

    def has_come(self, event: Event, after: Range) -> tuple[bool, bool]:
        """Return whether a message surely, and whether one possibly, came after an id."""
        end, sure = self._possible(event), False
        for note in reversed(self._notes[bisect_right(self._ids, after.high) : end]):
            if note.ended < event.began:
                sure = True
                break
        return sure, end > bisect_right(self._ids, after.low)

    def may_show(self, event: Event, shown: int | None) -> bool:
        """Return whether this can be the last message that is shown; None stands for no message."""
        newest = self.newest(event)
        start = bisect_left(self._ids, newest.low)
        for note in self._notes[start : self._possible(event)]:
            fits = note.began < event.ended and note.id <= newest.high
            if fits and shown is None and note.gone_began < event.ended:
                return True
            if fits and shown == note.id and note.gone_ended >= event.began:
                return True
        return shown is None and newest.low == 0

    def _possible(self, event: Event) -> int:
        return bisect_left(self._later, event.ended)

    def _beyond(self, event: Event, number: int) -> Sequence[Note]:
        return self._notes[bisect_right(self._ids, number) : self._possible(event)]


@dataclass
class State:
    """The possible states of a copy after the events so far."""

    side: Side
    talk: Talk
    cursor: Range = Range(0, 0)
    floor: Range = Range(0, 0)  # messages that a deletion has hidden
    may_be_hidden: bool = False
    tags: set[tuple[str, ...]] = field(default_factory=lambda: {()})

    def check(self, event: Event) -> str:
        """Return what is wrong with an answer; empty if it is allowed."""
        if event.status == 404 and event.verb in GONE:
            return "" if self._may_be_gone(event) else "404 for a copy that is there"
        if event.status != 200:
            return f"answered {event.status}"
        if event.verb in GONE and not self._may_be_there(event):
            return "answered for a copy that is deleted"
        mine = [view for view in event.views if view.side == self.side]
        if event.verb == "list" and not mine and not self._may_be_gone(event):
            return f"{self.side.id} is missing"
        if mine and not self._may_be_there(event):
            return f"{self.side.id} is shown, though deleted"
        return self._wrong(event, mine[0]) if mine else ""

    def apply(self, event: Event) -> None:
        """Apply an event to the copy; with both outcomes if it was not answered."""
        if event.status not in (200, None):
            return
        cursor, floor, tags = self.cursor, self.floor, self.tags
        self._apply(event)
        if event.status is None:
            self.cursor = cursor.or_else(self.cursor)
            self.floor = floor.or_else(self.floor)
            self.tags = tags | self.tags

    def _apply(self, event: Event) -> None:
        newest = self.talk.newest(event)
        if event.verb == "tags":
            self.tags = {event.argument}
        elif event.verb == "read" and event.argument is not None:
            self.cursor = self.cursor.at_least(event.argument, event.argument)
        elif event.verb in ("read", "reset"):
            self.cursor = self.cursor.at_least(newest.low, newest.high)
        elif event.verb == "unread":
            self._unread(event)
        elif event.verb == "delete":
            self.floor = self.floor.at_least(newest.low, newest.high)
            self.cursor = self.cursor.with_floor(self.floor)
            self.tags, self.may_be_hidden = {()}, True

    def _unread(self, event: Event) -> None:
        if event.argument is not None:
            moved = self.cursor.at_most(event.argument, event.argument)
        else:
            target, is_sure = self.talk.newest_of_others(event, self.side.owner)
            if target is None:
                return
            moved = self.cursor.at_most(target.low - 1, target.high - 1)
            moved = moved if is_sure else moved.or_else(self.cursor)
        self.cursor = moved.with_floor(self.floor)

    def _may_be_gone(self, event: Event) -> bool:
        return self.may_be_hidden and not self.talk.has_come(event, self.floor)[0]

    def _may_be_there(self, event: Event) -> bool:
        return not self.may_be_hidden or self.talk.has_come(event, self.floor)[1]

    def _wrong(self, event: Event, view: View) -> str:
        allowed = self.talk.unread(event, self.side.owner, self.cursor)
        if not allowed.low <= view.unread <= allowed.high:
            return f"unread {view.unread}, allowed {allowed.low} to {allowed.high}"
        tags = {event.argument} if event.verb == "tags" else self.tags
        if view.tags is not None and view.tags not in tags:
            return f"tags {view.tags}, allowed {sorted(tags)}"
        if not self.talk.may_show(event, view.last_message):
            return f"last message {view.last_message}, newest {self.talk.newest(event)}"
        return ""


@dataclass
class Judgement:
    """The findings of a replay."""

    complaints: list[str] = field(default_factory=list)
    answers_checked: int = 0
    looks_exact: int = 0
    looks_in_a_range: int = 0
    widest_range: int = 0

    def complain(self, event: Event, what: str) -> None:
        """Note an answer that no order of the requests explains."""
        asked = "" if event.argument is None else f" {event.argument}"
        self.complaints.append(
            f"{event.verb}{asked} by {event.side.owner} on {event.side.id}: {what} {event.said}"
        )


def judge(events: Mapping[str, Sequence[Event]], stored: Sequence[Mapping[str, Any]]) -> Judgement:
    """Compare answers and stored messages with the logs, which end with reads of all copies."""
    judgement = Judgement()
    talks = _talks(events, stored, judgement)
    for log in events.values():
        states = {event.side: State(event.side, talks[event.side.talk]) for event in log}
        for event in log:
            for state in states.values() if event.verb == "list" else [states[event.side]]:
                _hold(state, event, judgement)
    return judgement


def _hold(state: State, event: Event, judgement: Judgement) -> None:
    if event.status is not None:
        wrong = state.check(event)
        if event.side == state.side:
            judgement.answers_checked += 1
            moved = [view.updated_at for view in event.views]
            wrong = wrong or ("" if moved == sorted(moved, reverse=True) else "not newest first")
        if wrong:
            judgement.complain(event, wrong)
    if event.side == state.side:
        if event.verb == "look":
            _measure(state, event, judgement)
        state.apply(event)


def _measure(state: State, look: Event, judgement: Judgement) -> None:
    """Return how narrow the intervals at the end are: wide ones prove little."""
    allowed = state.talk.unread(look, state.side.owner, state.cursor)
    judgement.looks_exact += allowed.low == allowed.high
    judgement.looks_in_a_range += allowed.low != allowed.high
    judgement.widest_range = max(judgement.widest_range, allowed.high - allowed.low)


def _talks(
    events: Mapping[str, Sequence[Event]],
    stored: Sequence[Mapping[str, Any]],
    judgement: Judgement,
) -> dict[tuple[str, ...], Talk]:
    """Return the conversations that the server stored, compared with what it acknowledged."""
    kept = {int(m["id"]): m for m in stored if m.get("category") == "message"}
    by_text = {m["data"]["text"]: m for m in kept.values() if "text" in m["data"]}
    everything = [event for log in events.values() for event in log]
    notes: dict[tuple[str, ...], list[Note]] = defaultdict(list)
    by_id: dict[int, Note] = {}
    for event in (event for event in everything if event.verb == "send"):
        found = kept.get(event.message or 0) or by_text.get(event.argument)
        if found is not None:
            note = Note(int(found["id"]), event.side.owner, event.began, event.ended)
            by_id[note.id] = note
            notes[event.side.talk].append(note)
        wrong = _wrongly_kept(event, found)
        if wrong:
            judgement.complain(event, wrong)
    judgement.complaints += [f"message {n}, sent by nobody" for n in kept.keys() - by_id.keys()]
    _take_back(everything, stored, by_id, judgement)
    return defaultdict(lambda: Talk(()), {key: Talk(found) for key, found in notes.items()})


def _wrongly_kept(event: Event, found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "acknowledged, yet not stored" if event.status == 200 else ""
    if event.status == 200 and event.message != int(found["id"]):
        return f"acknowledged as {event.message}, stored as {found['id']}"
    side, text = event.side, found["data"].get("text", event.argument)  # absent once it is deleted
    asked = (side.owner, side.kind, side.peer, event.argument)
    is_so = (found["sender"], found["receiverType"], found["receiver"], text) == asked
    return "" if is_so else f"stored otherwise: {dict(found)}"


def _take_back(
    events: Iterable[Event],
    stored: Sequence[Mapping[str, Any]],
    by_id: Mapping[int, Note],
    judgement: Judgement,
) -> None:
    """Mark the messages that were deleted, each from the earliest time to the latest possible."""
    deleted = {int(message["id"]) for message in stored if message.get("deletedAt")} & by_id.keys()
    tried: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.verb == "unsay" and event.status in (200, None):
            tried[event.argument].append(event)
            if event.status == 200 and event.argument not in deleted:
                judgement.complain(event, "acknowledged, yet the message is not deleted")
    for number in deleted:
        note, sure = by_id[number], [e.ended for e in tried[number] if e.status == 200]
        if not tried[number]:
            judgement.complaints.append(f"message {number} is deleted, by no request")
            continue
        note.gone_began = min(event.began for event in tried[number])
        note.gone_ended = min(sure, default=max(event.ended for event in tried[number]))
