"""Clients that work at the same time, each with a log of its requests."""

from __future__ import annotations

import itertools
import math
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, NamedTuple

from benchmarks.support.calls import Address, Answer, Call, Line

NEVER = math.inf
TAGS = ("work", "family", "🥾", "2026", "naïve", "later")


class Side(NamedTuple):
    """One user's copy of a conversation: its owner, kind and peer."""

    owner: str
    kind: str  # user | group
    peer: str

    @property
    def talk(self) -> tuple[str, ...]:
        """Return the conversation that this is a copy of."""
        if self.kind == "group":
            return (self.peer,)
        return tuple(sorted((self.owner, self.peer)))

    @property
    def path(self) -> str:
        """Return the path of the copy."""
        return f"/{self.kind}s/{self.peer}/conversation"

    @property
    def id(self) -> str:
        """Return the conversation's id as its owner sees it (readings C1)."""
        return f"{self.kind}_{self.peer}"


class View(NamedTuple):
    """The properties of a copy in an answer."""

    side: Side
    unread: int
    last_message: int | None
    tags: tuple[str, ...] | None  # None if they are not shown
    updated_at: int


@dataclass(slots=True)
class Event:
    """One request: the times of request and answer, and the answer's content.

    ``status`` None is a request without an answer; whether it took effect is then unknown, and
    ``ended`` is the time after which it cannot take effect any more.
    """

    verb: str
    side: Side
    began: float
    ended: float = NEVER
    status: int | None = None
    argument: Any = None  # a message's id, tags, or a text
    message: int | None = None  # the id of the message that was sent
    views: tuple[View, ...] = ()
    said: str = ""


Step = tuple[str, Any, Call]
"""A verb, its argument, and the call that requests it."""


@dataclass
class Crowd:
    """What the clients share: addresses, end time, messages."""

    addresses: Sequence[Address]
    sides: dict[str, list[Side]]  # by owner
    stop: threading.Event = field(default_factory=threading.Event)
    up: threading.Event = field(default_factory=threading.Event)
    sent: dict[tuple[str, ...], list[int]] = field(default_factory=lambda: defaultdict(list))
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    clients: dict[str, Client] = field(init=False)

    def __post_init__(self) -> None:
        names = enumerate(self.sides)
        self.clients = {uid: Client(self, uid, number) for number, uid in names}

    def run(self, seconds: float, *, meanwhile: Callable[[float], None]) -> None:
        """Let every owner work for so many seconds; call ``meanwhile`` once with them."""
        self.up.set()
        for client in self.clients.values():
            client.thread.start()
        try:
            meanwhile(seconds)
        finally:
            self.stop.set()
            self.up.set()
            for client in self.clients.values():
                client.thread.join()

    def look_around(self) -> None:
        """Let every owner read each of its copies, without other requests."""
        for uid, sides in self.sides.items():
            for side in sides:
                self.clients[uid].do("look", side, None, call=Call("GET", side.path, uid))

    def settle_unanswered(self) -> None:
        """Note that unanswered requests cannot take effect any more: their server has ended."""
        now = time.monotonic()
        for events in self.events.values():
            for event in events:
                if event.status is None:
                    event.ended = min(event.ended, now)


class Client:
    """One user: one request after the other, each to the next of the addresses.

    No other client changes this user's cursors and tags, so their order is the order of this log.
    """

    def __init__(self, crowd: Crowd, uid: str, number: int) -> None:
        self.thread = threading.Thread(target=self._work, name=uid, daemon=True)
        self._crowd = crowd
        self._uid = uid
        self._random = random.Random(number)
        self._texts = itertools.count()
        self._lines: Iterator[tuple[int, Address]] = itertools.cycle(enumerate(crowd.addresses))
        self._open: dict[int, Line] = {}

    def _work(self) -> None:
        while not self._crowd.stop.is_set():
            self._crowd.up.wait()
            side = self._random.choice(self._crowd.sides[self._uid])
            verb, argument, call = self._step(side)
            self.do(verb, side, argument, call=call)
        for line in self._open.values():
            line.close()

    def do(self, verb: str, side: Side, argument: Any, *, call: Call) -> Event:
        """Send a call and log its outcome."""
        event = Event(verb, side, time.monotonic(), argument=argument)
        self._crowd.events[self._uid].append(event)
        number, address = next(self._lines)
        try:
            line = self._open.setdefault(number, Line(address))
            answer = line.send(call)
        except (OSError, HTTPException) as cause:
            self._open.pop(number).close()
            event.said = f"{type(cause).__name__} {cause}"
            time.sleep(0.05)
            return event
        event.ended = time.monotonic()
        event.status = answer.status
        self._note(event, answer)
        return event

    def say(self, side: Side) -> Event:
        """Send a message with a unique text."""
        text = f"{self._uid}#{next(self._texts)}"
        return self.do("send", side, text, call=_message(side, text))

    def mark_all(self, verb: str, place: float) -> None:
        """Mark every copy as read up to, or unread after, a message at a share of its log."""
        method = "POST" if verb == "read" else "DELETE"
        for side in self._crowd.sides[self._uid]:
            sent = sorted(self._crowd.sent[side.talk])
            if sent:
                body = {"messageId": sent[int(place * len(sent))]}
                call = self._call(method, f"{side.path}/read", body)
                self.do(verb, side, body["messageId"], call=call)

    def _note(self, event: Event, answer: Answer) -> None:
        if not answer.ok:
            event.said = str(answer.body)[:300]
        elif event.verb == "send":
            event.message = int(answer.data["id"])
            self._crowd.sent[event.side.talk].append(event.message)
        elif event.verb == "list":
            event.views = tuple(view_of(self._uid, row) for row in answer.data)
        elif event.verb in ("get", "look", "get-by-id", "tags"):
            event.views = (view_of(self._uid, answer.data),)

    def _step(self, side: Side) -> Step:
        """Return the next request: mostly reading and sending, some of everything else."""
        roll = self._random.random()
        for chance, make in _STEPS:
            roll -= chance
            if roll < 0:
                step: Step | None = make(self, side)
                if step is not None:
                    return step
        return self._send(side)

    def _send(self, side: Side) -> Step:
        text = f"{self._uid}#{next(self._texts)}"
        return "send", text, _message(side, text)

    def _get(self, side: Side) -> Step:
        return "get", None, self._call("GET", side.path)

    def _get_by_id(self, side: Side) -> Step:
        return "get-by-id", None, self._call("GET", f"/conversations/{side.id}")

    def _list(self, side: Side) -> Step:
        del side
        return "list", None, self._call("GET", "/conversations?withTags=true")

    def _tags(self, side: Side) -> Step:
        tags = tuple(self._random.sample(TAGS, self._random.randint(0, 4)))
        return "tags", tags, self._call("PUT", side.path, {"tags": list(tags)})

    def _delivered(self, side: Side) -> Step:
        return "delivered", None, self._call("POST", f"{side.path}/delivered")

    def _read(self, side: Side) -> Step:
        return "read", None, self._call("POST", f"{side.path}/read")

    def _unread(self, side: Side) -> Step:
        return "unread", None, self._call("DELETE", f"{side.path}/read")

    def _read_to(self, side: Side) -> Step | None:
        return self._marked("read", "POST", side)

    def _unread_from(self, side: Side) -> Step | None:
        return self._marked("unread", "DELETE", side)

    def _marked(self, verb: str, method: str, side: Side) -> Step | None:
        """Return a mark at one of the latest messages."""
        latest = self._crowd.sent[side.talk][-12:]
        if not latest:
            return None
        chosen = self._random.choice(latest)
        return verb, chosen, self._call(method, f"{side.path}/read", {"messageId": chosen})

    def _reset(self, side: Side) -> Step:
        return "reset", None, self._call("DELETE", side.path)

    def _delete(self, side: Side) -> Step:
        return "delete", None, self._call("DELETE", f"/conversations/{side.id}")

    def _unsay(self, side: Side) -> Step | None:
        """Delete one of the client's own latest messages to this side."""
        own = [e.message for e in self._crowd.events[self._uid][-200:] if e.side == side]
        sent = [number for number in own if number is not None]
        if not sent:
            return None
        chosen = self._random.choice(sent)
        return "unsay", chosen, self._call("DELETE", f"/messages/{chosen}")

    def _call(self, method: str, path: str, body: Any = None) -> Call:
        return Call(method, path, self._uid, body)


_STEPS: tuple[tuple[float, Callable[[Client, Side], Step | None]], ...] = (
    (0.24, Client._send),
    (0.14, Client._get),
    (0.04, Client._get_by_id),
    (0.10, Client._list),
    (0.10, Client._tags),
    (0.06, Client._delivered),
    (0.06, Client._read),
    (0.10, Client._read_to),
    (0.03, Client._unread),
    (0.05, Client._unread_from),
    (0.03, Client._reset),
    (0.02, Client._delete),
    (0.03, Client._unsay),
)


def _message(side: Side, text: str) -> Call:
    body = {
        "receiver": side.peer,
        "receiverType": side.kind,
        "category": "message",
        "type": "text",
        "data": {"text": text},
    }
    return Call("POST", "/messages", side.owner, body)


def view_of(owner: str, row: dict[str, Any]) -> View:
    """Return the properties of a conversation in an answer."""
    kind = row["conversationType"]
    last = row.get("lastMessage")
    return View(
        side=Side(owner, kind, row["conversationWith"]["uid" if kind == "user" else "guid"]),
        unread=row["unreadMessageCount"],
        last_message=int(last["id"]) if last else None,
        tags=tuple(row["tags"]) if "tags" in row else None,
        updated_at=row["updatedAt"],
    )
