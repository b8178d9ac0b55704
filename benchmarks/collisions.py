"""Changes and deletions of the same things at once: ``python -m benchmarks.collisions``.

16 clients send random operations on six users and four groups: these are made, changed, joined,
left, blocked and deleted while others write to them, mark, list and read. Which answer is right is
not judged (see ``load`` and ``histories``), but each must be a right refusal or a success: none may
be 5xx, or outside of the envelope. At the end each user reads everything, and the pages of the
whole app's list hold as many rows as their total says.

    python -m benchmarks.collisions --workers 2             SQLite, two processes on a port
    python -m benchmarks.collisions --engine postgresql     two mocks on one PostgreSQL

Prints the number of answers by status, and exits with 1 where something failed.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

from benchmarks.load import Mocks, state_for
from benchmarks.support.calls import Address, Answer, Call, Line
from benchmarks.support.options import at_least_one, seconds
from benchmarks.support.processes import NotStarted, interruptible

CLIENTS = 16
USERS = tuple(f"u{number}" for number in range(6))
GROUPS = tuple(f"g{number}" for number in range(4))
PER_PAGE = 5
SHOWN = 10  # kinds of failures
LISTS = (
    "",
    "?unread=true",
    "?withTags=true&withUserAndGroupTags=true",
    "?perPage=2&page=2",
    "?searchKey=u",
    "?withBlockedInfo=true",
    "?conversationType=group",
    "?tags=t",
)
SCOPES = ("admin", "moderator", "participant")


class Draw:
    """What a random operation is about."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.one, self.other = random.choice(USERS), random.choice(USERS)
        self.group = random.choice(GROUPS)
        self.kind, self.peer = random.choice((("user", self.other), ("group", self.group)))
        self.conversation = f"/{self.kind}s/{self.peer}/conversation"
        self.message = random.randrange(1, 400)
        self.anyone = random.choice((None, self.one))

    def say(self) -> Call:
        """Return a message to the peer that mentions a user."""
        data = {"text": f"Hello <@uid:{self.other}>"}
        body = {"receiver": self.peer, "receiverType": self.kind, "data": data}
        return Call("POST", "/messages", self.one, body)

    def read(self) -> Call:
        """Return a read of one thing or of a list."""
        users, groups = f"/users/{self.other}", f"/groups/{self.group}"
        paths = (
            *("/users", "/groups", "/messages", users, groups, f"{users}/messages"),
            *(f"{groups}/messages", f"{groups}/members", self.conversation),
            *(f"/conversations{each}" for each in LISTS),
        )
        return Call("GET", self.random.choice(paths), self.random.choice((self.one, self.anyone)))

    def mark(self) -> Call:
        """Return a mark of the conversation, or its reset or deletion."""
        body = self.random.choice(({}, {"messageId": self.message}))
        method, path, body = self.random.choice(
            (
                ("POST", f"{self.conversation}/read", body),
                ("DELETE", f"{self.conversation}/read", body),
                ("POST", f"{self.conversation}/delivered", body),
                ("PUT", self.conversation, {"tags": [self.one, "t"]}),
                ("DELETE", self.conversation, {"deleteMessagesPermanently": True}),
                ("DELETE", f"/conversations/{self.kind}_{self.peer}", None),
            )
        )
        return Call(method, path, self.one, body)

    def change(self) -> Call:
        """Return a change of a message, a user, a group or a membership."""
        members, blocked = f"/groups/{self.group}/members", f"/users/{self.one}/blockedusers"
        uids, group = {"blockedUids": [self.other]}, f"/groups/{self.group}"
        method, path, caller, body = self.random.choice(
            (
                ("PUT", f"/messages/{self.message}", self.one, {"data": {"text": "Hi"}}),
                ("DELETE", f"/messages/{self.message}", self.anyone, {}),
                ("PUT", f"/users/{self.one}", None, {"name": "New", "tags": ["t"]}),
                ("PUT", group, self.one, {"name": "New", "tags": ["t"]}),
                ("PATCH", f"{group}/owner", self.one, {"owner": self.other}),
                ("POST", f"{group}/bannedusers/{self.other}", self.one, None),
                ("DELETE", f"{group}/bannedusers/{self.other}", self.one, None),
                ("POST", members, None, {"participants": [self.one, self.other]}),
                ("POST", members, self.one, {"participants": [self.one]}),
                ("PUT", f"{members}/{self.one}", None, {"scope": self.random.choice(SCOPES)}),
                ("DELETE", f"{members}/{self.one}", self.anyone, None),
                ("POST", blocked, None, uids),
                ("DELETE", blocked, None, uids),
            )
        )
        return Call(method, path, caller, body)

    def make(self) -> Call:
        """Return the making of a user or a group that may be there."""
        if self.random.random() < 0.5:
            return Call("POST", "/users", None, {"uid": self.one, "name": self.one})
        body = {"guid": self.group, "name": self.group, "type": "public"}
        return Call("POST", "/groups", self.one, body)

    def remove(self) -> Call:
        """Return the deletion of a user or a group."""
        user = Call("DELETE", f"/users/{self.one}", None, {"permanent": True})
        return self.random.choice((user, Call("DELETE", f"/groups/{self.group}")))


KINDS: tuple[Callable[[Draw], Call], ...] = (
    *(Draw.say,) * 20,
    *(Draw.read,) * 30,
    *(Draw.mark,) * 25,
    *(Draw.change,) * 16,
    *(Draw.make,) * 8,
    Draw.remove,
)


class Tally:
    """The answers by status, and what failed."""

    def __init__(self) -> None:
        self.by_status: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, call: Call, answer: Answer) -> None:
        """Count an answer; one that may not be is a failure."""
        content = answer.body if isinstance(answer.body, dict) else {}
        is_fine = answer.status < 500 and ("data" in content or "error" in content)
        with self._lock:
            self.by_status[answer.status] += 1
        if not is_fine:
            self.fail(f"{call.method} {call.path.partition('?')[0]}: {str(answer.body)[:160]}")

    def fail(self, what: str) -> None:
        """Count a failure."""
        with self._lock:
            self.failures[what] += 1


def main() -> int:
    """Run the measurement that the options name; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.collisions", description=__doc__)
    parser.add_argument("--seconds", type=seconds, default=30)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--workers", type=at_least_one, default=1, help="of each mock")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally = Tally()
    with interruptible(), ExitStack() as stack:
        state = stack.enter_context(state_for(options.engine))
        count = 1 if options.engine == "sqlite" else 2
        mocks = Mocks(state, count=count, workers=options.workers)
        stack.callback(mocks.stop)
        mocks.start()
        _collide(mocks.addresses, tally, seconds=options.seconds, seed=options.seed)
        for problem in _unreadable(Line(mocks.addresses[0]), tally):
            tally.fail(problem)
    found = dict(sorted(tally.by_status.items()))
    failed = sum(tally.failures.values())
    print(f"{options.engine}, {count} x {options.workers} processes: {found}, {failed} failed")
    for what, times in tally.failures.most_common(SHOWN):
        print(f"  {times} x {what}", file=sys.stderr)
    return int(failed > 0)


def _collide(addresses: Sequence[Address], tally: Tally, *, seconds: float, seed: int) -> None:
    """Let all clients act for so long."""
    until = time.monotonic() + seconds

    def act(number: int) -> None:
        random, line = Random(f"{seed} {number}"), Line(addresses[number % len(addresses)])
        while time.monotonic() < until:
            call = random.choice(KINDS)(Draw(random))
            try:
                tally.note(call, line.send(call))
            except OSError as cause:
                tally.fail(f"{call.method} {call.path}: {cause!r}")
                return
        line.close()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _unreadable(line: Line, tally: Tally) -> Iterator[str]:
    """Yield what cannot be read in the end, or does not add up."""
    for user in USERS:
        for peer in (*(f"/users/{uid}" for uid in USERS), *(f"/groups/{each}" for each in GROUPS)):
            call = Call("GET", f"{peer}/conversation", user)
            tally.note(call, line.send(call))
    for caller in (None, *USERS):
        rows, total = _all_rows(line, caller)
        if len(rows) != total or len(set(rows)) != len(rows):
            yield f"the list of {caller or 'the app'}: {len(rows)} rows, total {total}"


def _all_rows(line: Line, caller: str | None) -> tuple[list[tuple[str, str]], int]:
    rows: list[tuple[str, str]] = []
    page = 1
    while True:
        path = f"/conversations?perPage={PER_PAGE}&page={page}"
        answer = line.send(Call("GET", path, caller))
        found: list[Any] = answer.data or []
        owners = (str(each.get("uid", caller)) for each in found)
        rows += zip(owners, (str(each["conversationId"]) for each in found), strict=True)
        if len(found) < PER_PAGE:
            return rows, int(answer.body["meta"]["pagination"]["total"]) if answer.ok else 0
        page += 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotStarted as cause:
        raise SystemExit(f"benchmarks.collisions: {cause}") from cause
