"""The town: people, groups and letters in plain lists. Nothing is counted until somebody asks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

LARGE_GROUP = 300
Key = tuple[str, str, str]  # owner, kind, peer: one party's copy of a conversation


class Refusal(Exception):
    """A request turned down: an HTTP status, a code, and what was wrong with which field."""

    def __init__(self, status: int, code: str, **details: str) -> None:
        self.status, self.code, self.details = status, code, details
        super().__init__(f"{status} {code}")


@dataclass(slots=True)
class Letter:
    """One message; ``unheard`` ones went into a crowd, ``sheet`` is None once it was torn up."""

    id: int
    sender: str
    receiver: str
    kind: str
    sheet: str | None
    sent_at: int
    unheard: bool = False
    action: bool = False
    delivered_at: int | None = None
    read_at: int | None = None


@dataclass(slots=True)
class Copy:
    """What its owner did to a copy: letters read, tags, where it was cut off, and when."""

    read: set[int] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    cut: int = 0
    touched: int = 0


class Town:
    """The state and its rules.

    ``departures`` replaces methods by name, ``late_s`` lets what happens in conversations show that
    much later, ``actions`` makes joining a group a message in it.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        late_s: float = 0.0,
        actions: bool = False,
        departures: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.clock, self.late_s, self.actions = clock, late_s, actions
        self.lock = threading.RLock()
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.members: dict[str, dict[str, str]] = {}
        self.letters: list[Letter] = []
        self.copies: dict[Key, Copy] = {}
        self.stamps = 1000
        self.underway: deque[tuple[float, Callable[[], None]]] = deque()
        for name, replacement in (departures or {}).items():
            assert hasattr(type(self), name), name
            setattr(self, name, MethodType(replacement, self))

    # -- time ------------------------------------------------------------------------------------

    def now(self) -> int:
        """UNIX seconds."""
        return int(self.clock())

    def later(self, change: Callable[[], None]) -> None:
        """Lets a change happen now, or ``late_s`` from now, in the order of asking."""
        self.underway.append((self.clock() + self.late_s, change))
        self.catch_up()

    def catch_up(self) -> None:
        """Lets happen what is due."""
        while self.underway and self.underway[0][0] <= self.clock():
            self.happen()

    def happen(self) -> None:
        """Lets the next change happen, unless what it is about has gone meanwhile."""
        with suppress(Refusal):
            self.underway.popleft()[1]()

    # -- who is there ----------------------------------------------------------------------------

    def user(self, uid: str) -> dict[str, Any]:
        """A user; refuses a uid that nobody has, or has any more."""
        found = self.users.get(uid.lower())
        if found is None or "deactivatedAt" in found:
            raise Refusal(404, "ERR_UID_NOT_FOUND")
        return found

    def group(self, guid: str) -> dict[str, Any]:
        """A group; refuses a guid that none has."""
        if guid.lower() not in self.groups:
            raise Refusal(404, "ERR_GUID_NOT_FOUND")
        return self.groups[guid.lower()]

    def must_belong(self, uid: str, guid: str) -> None:
        """Refuses who is no member."""
        if uid not in self.members[guid]:
            raise Refusal(401, "ERR_GROUP_NOT_JOINED")

    def join(self, guid: str, uid: str, *, scope: str, by: str) -> None:
        """Makes a user a member, and in a town of actions tells the group."""
        self.members[guid][uid] = scope
        if self.actions:
            self.post(by, guid, kind="group", text=f"{uid} joined", action=True)

    def forget_user(self, uid: str) -> None:
        """Takes a user out of town, with memberships, copies and letters."""
        del self.users[uid]
        for members in self.members.values():
            members.pop(uid, None)
        self.copies = {key: copy for key, copy in self.copies.items() if uid not in key[::2]}
        self.burn(lambda letter: uid in (letter.sender, letter.receiver))

    def forget_group(self, guid: str) -> None:
        """Takes a group out of town, with its members, copies and letters."""
        del self.groups[guid], self.members[guid]
        self.copies = {k: copy for k, copy in self.copies.items() if k[1:] != ("group", guid)}
        self.burn(lambda letter: (letter.kind, letter.receiver) == ("group", guid))

    def burn(self, is_lost: Callable[[Letter], bool]) -> None:
        """Loses letters for good, those on their way too."""
        while self.underway:
            self.happen()
        self.letters = [letter for letter in self.letters if not is_lost(letter)]

    # -- letters ---------------------------------------------------------------------------------

    def post(
        self, sender: str, receiver: str, *, kind: str, text: str, action: bool = False
    ) -> Letter:
        """A new letter, on its way."""
        self.stamps += 1
        letter = Letter(self.stamps, sender, receiver, kind, text, self.now(), action=action)
        letter.unheard = kind == "group" and self.is_crowded(receiver)
        self.later(lambda: self.letters.append(letter))
        return letter

    def is_crowded(self, guid: str) -> bool:
        """Whether a group has more members than its conversation can bear."""
        return len(self.members[guid]) > LARGE_GROUP

    def letter(self, number: str) -> Letter:
        """A letter that has arrived; refuses others, those underway with 403."""
        for letter in self.letters:
            if str(letter.id) == number and letter.sheet is not None:
                return letter
        if self.underway and number.isdigit() and int(number) <= self.stamps:
            raise Refusal(403, "ERR_MESSAGE_NO_ACCESS")
        raise Refusal(404, "ERR_MESSAGE_ID_NOT_FOUND")

    def tear_up(self, letter: Letter) -> None:
        """Takes back a letter: its place stays, blank."""
        letter.sheet = None

    def key(self, owner: str, letter: Letter) -> Key | None:
        """The copy of one owner that a letter is in, if any."""
        if letter.kind == "group":
            is_member = owner in self.members.get(letter.receiver, ())
            return (owner, "group", letter.receiver) if is_member else None
        if owner == letter.sender:
            return owner, "user", letter.receiver
        return (owner, "user", letter.sender) if owner == letter.receiver else None

    # -- conversations ---------------------------------------------------------------------------

    def copy(self, key: Key) -> Copy:
        """A copy, as its owner left it."""
        return self.copies.get(key) or Copy()

    def mine(self, key: Key) -> Copy:
        """A copy to be changed: touched now."""
        copy = self.copies.setdefault(key, Copy())
        copy.touched = self.now()
        return copy

    def threads(self, owner: str | None) -> dict[Key, list[Letter]]:
        """The letters of each copy of one owner, or of all, oldest first."""
        threads: dict[Key, list[Letter]] = {}
        for one in self.users if owner is None else [owner]:
            for letter in self.letters:
                key = self.key(one, letter)
                if key is not None and self.is_in(key, letter):
                    threads.setdefault(key, []).append(letter)
        return threads

    def is_in(self, key: Key, letter: Letter) -> bool:
        """Whether a letter of that conversation is in that copy."""
        return not letter.unheard and letter.id > self.copy(key).cut

    def thread(self, key: Key) -> list[Letter]:
        """The letters of one copy; refuses where there is none yet, or none any more."""
        found = self.threads(key[0]).get(key)
        if not found:
            raise Refusal(404, "ERR_CONVERSATION_NOT_FOUND")
        return found

    def unread(self, key: Key, letters: list[Letter]) -> list[Letter]:
        """The letters that count as unread."""
        read = self.copy(key).read
        return [each for each in letters if each.id not in read and self.counts(key, each)]

    def counts(self, key: Key, letter: Letter) -> bool:
        """Whether a letter can be unread at all: of another, and not torn up."""
        return letter.sender != key[0] and letter.sheet is not None

    def last(self, key: Key, letters: list[Letter]) -> Letter | None:
        """The letter to show as the last: none where the newest was torn up."""
        return letters[-1] if letters[-1].sheet is not None else None

    def updated_at(self, key: Key, letters: list[Letter]) -> int:
        """When a copy last changed: by a letter, or by its owner's hand."""
        return max(letters[-1].sent_at, self.copy(key).touched)

    def created_at(self, key: Key, letters: list[Letter]) -> int:
        """When a copy began: with its first letter."""
        return letters[0].sent_at

    # -- what an owner does to a copy ------------------------------------------------------------

    def read(self, key: Key, upto: int | None) -> None:
        """Marks letters as read, all or up to one."""
        for letter in self.thread(key):
            if upto is None or letter.id <= upto:
                self.mine(key).read.add(letter.id)
                letter.read_at = letter.read_at or self.now()

    def unmark(self, key: Key, since: int | None) -> None:
        """Marks as unread: the newest letter of another, or all from one on, that one included."""
        theirs = [each.id for each in self.thread(key) if self.counts(key, each)]
        again = theirs[-1:] if since is None else [each for each in theirs if each >= since]
        self.mine(key).read.difference_update(again)

    def deliver(self, key: Key, upto: int | None) -> None:
        """Puts the time of delivery on letters of others, all or up to one."""
        for letter in self.thread(key):
            if self.counts(key, letter) and (upto is None or letter.id <= upto):
                letter.delivered_at = letter.delivered_at or self.now()

    def reset(self, key: Key) -> None:
        """Leaves nothing unread."""
        self.read(key, None)

    def label(self, key: Key, tags: list[str]) -> None:
        """Puts tags on a copy, in place of those before."""
        self.mine(key).tags = tags

    def cut_off(self, key: Key) -> None:
        """Takes a copy out of its owner's view, until the next letter."""
        self.mine(key).cut = self.thread(key)[-1].id
