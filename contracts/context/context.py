"""A scene: what a clause's check is given to work with, and to say what it found."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from duologue.contracts.context.budget import Budget
from duologue.contracts.context.conversation import KINDS, MOST_PAGES, ConversationHandle
from duologue.contracts.context.findings import Finding, PhaseCounts
from duologue.contracts.context.provisioning import Provisioning
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.context.test_data import SentMessage
from duologue.contracts.errors import Broken, NotReached, NotStaged
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Response

T = TypeVar("T")

CALLS_SHOWN = 8
FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.4


@dataclass(slots=True)
class Timing:
    """Time, passed in: the clock, how to wait, and how late the target's writes show."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    settle_s: float
    lag_s: float = 0.0


@dataclass(slots=True)
class CheckContext:
    """One clause's workplace on a target: its client, its cast, its findings."""

    client: Client
    cast: Provisioning
    timing: Timing
    shared: RunFixtures[CheckContext]
    budget: Budget = field(default_factory=Budget)
    findings: list[Finding] = field(default_factory=list)
    elsewhere: list[tuple[str, Finding]] = field(default_factory=list)
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    _waited_s: float = 0.0

    # -- staging -----------------------------------------------------------------------------

    def user(self, name: str = "Someone", **fields: Any) -> str:
        """The uid of a new user."""
        return self.cast.user(name, **fields)

    def numbered_apart(self, word: str) -> None:
        """From here on ids are counted by this scene alone: the same ones in every run."""
        self.cast.numbered_apart(word)

    def newcomer(self, name: str) -> str:
        """The uid of a new user whom the target knows by now, for what is judged at once."""
        uid = self.user(name)
        self.pause(1.5 * self.timing.lag_s)
        return uid

    def group(self, owner: str, members: Sequence[str] = (), **fields: Any) -> str:
        """The guid of a new group."""
        return self.cast.group(owner, members, **fields)

    def send(self, sender: str, *, kind: str, to: str) -> SentMessage:
        """A message whose text nobody else wrote."""
        return self.cast.send(sender, kind=kind, to=to)

    def pair(self, kind: str = "user") -> ConversationHandle:
        """Two strangers, or two members of a new group: nobody has written yet."""
        conversation = self._strangers(kind)
        self.pause(1.5 * self.timing.lag_s)
        return conversation

    def _strangers(self, kind: str) -> ConversationHandle:
        caller, other = self.user("Caller"), self.user("Other")
        peer = other if kind == "user" else self.group(other, [caller])
        return ConversationHandle(self, kind, caller, peer, other)

    def new_conversation(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """A new conversation that the caller began, with ``unread`` messages of the other."""
        conversation = self._strangers(kind)
        conversation.write()
        if unread:
            conversation.receive(unread)
        return conversation

    def conversation(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """A conversation to read and mark: new where that is allowed, else one of the cast's."""
        found = self.cast.find(kind, unread=unread, client=self.client)
        if found is None:
            return self.new_conversation(kind, unread=unread)
        return ConversationHandle(self, kind, found.caller, found.peer, found.peer, found=True)

    def beside(
        self, conversation: ConversationHandle, *, unread: int = 0
    ) -> ConversationHandle | None:
        """Another conversation of the same caller and kind; None where none may be made."""
        try:
            other = self.user("Beside")
        except NotStaged:
            return None
        peer = other if conversation.kind == "user" else self.group(other, [conversation.caller])
        beside = ConversationHandle(self, conversation.kind, conversation.caller, peer, other)
        beside.write()
        if unread:
            beside.receive(unread)
        return beside

    def let_show(self, conversation: ConversationHandle, message: SentMessage) -> None:
        """Waits until a sent message shows in the conversation, at most ``settle_s``.

        Only on a target whose writes show late; what never shows is for the clauses to judge.
        """
        if not self.timing.lag_s:
            return
        for _ in self._tries():
            answer = conversation.ask("get")
            last = answer.data.get("lastMessage") if isinstance(answer.data, dict) else None
            if isinstance(last, dict) and str(last.get("id")) == message.id:
                return

    def run_fixture(self, name: str, make: Callable[[CheckContext], T]) -> T:
        """What the run makes once under that name, in a scene that lasts as long as the run."""
        return self.shared.get(name, make)

    def teardown(self) -> list[str]:
        """Remove the test data; return what could not be removed."""
        return self.cast.teardown()

    # -- reading -----------------------------------------------------------------------------

    def rows(self, caller: str | None, **query: Any) -> list[dict[str, Any]]:
        """All rows of a list, page by page; NotReached where a page does not come."""
        rows: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self.client.call(
                "listConversations",
                caller=caller,
                query={**query, "page": page} if page > 1 else query,
            )
            if not answer.ok or not isinstance(answer.data, list):
                raise NotReached(f"listConversations was answered {answer}")
            rows += answer.data
            if len(answer.data) < query.get("perPage", 100):
                break
        return rows

    # -- judging -----------------------------------------------------------------------------

    def expect(
        self, title: str, probe: Callable[[], T], holds: Callable[[T], bool], *, expected: str
    ) -> T:
        """What ``probe`` saw once it holds; Broken where it does not within the time to settle.

        What ``probe`` or ``holds`` raise counts only on the last try: it may not be there yet.
        """
        for last in self._tries():
            try:
                seen = probe()
                if holds(seen):
                    return seen
            except (NotReached, Broken):
                if last:
                    raise
        raise Broken(title, expected=expected, actual=shown(seen))

    def expect_equal(self, title: str, probe: Callable[[], T], wanted: T) -> T:
        """What ``probe`` saw once it equals ``wanted``; else Broken."""
        return self.expect(title, probe, lambda seen: seen == wanted, expected=shown(wanted))

    def expect_stays(self, title: str, probe: Callable[[], T], wanted: T) -> T:
        """Like expect_equal, after the time in which a late change would have shown."""
        self.pause(1.5 * self.timing.lag_s)
        return self.expect_equal(title, probe, wanted)

    def reach(
        self, title: str, probe: Callable[[], T], holds: Callable[[T], bool], *, expected: str
    ) -> T:
        """Like expect, for a step on the way: NotReached where it does not hold."""
        try:
            return self.expect(title, probe, holds, expected=expected)
        except Broken as cause:
            raise NotReached(str(cause)) from cause

    def require(self, title: str, holds: bool, *, expected: str, actual: Any) -> None:
        """Broken unless it holds, now."""
        if not holds:
            raise Broken(title, expected=expected, actual=shown(actual))

    def each_kind(self, check: Callable[[CheckContext, str], None]) -> None:
        """The check on a user's and on a group's conversation, each judged by itself.

        Raises NotReached where one was not reached, NotStaged where neither could be staged.
        """
        failures: list[Exception] = []
        for kind in KINDS:
            with self.case(kind):
                try:
                    check(self, kind)
                except (NotReached, NotStaged) as failure:
                    failures.append(failure)
        unreached = [each for each in failures if isinstance(each, NotReached)]
        if unreached or len(failures) == len(KINDS):
            raise (unreached or failures)[0]

    @contextlib.contextmanager
    def case(self, name: str = "") -> Iterator[None]:
        """One of several cases: what breaks in it is kept, and the next case goes on."""
        start = len(self.client.calls)
        try:
            yield
        except Broken as broken:
            self.note(broken, name=name, since=start)

    def note(self, broken: Broken, *, name: str = "", since: int = 0) -> None:
        """Keeps a break as a finding, with the last calls that led to it."""
        title = f"{name}: {broken.title}" if name else broken.title
        calls = tuple(call.curl() for call in self.client.calls[since:][-CALLS_SHOWN:])
        hide = self.client.target.hide
        self.findings.append(Finding(title, hide(broken.expected), hide(broken.actual), calls))

    def report(self, clause_id: str, finding: Finding) -> None:
        """Keeps a finding that breaks another clause than the one this scene is for."""
        self.elsewhere.append((clause_id, finding))

    # -- time --------------------------------------------------------------------------------

    def pause(self, seconds: float) -> None:
        """Waits, where there is anything to wait for."""
        if seconds > 0:
            self.timing.sleep(seconds)

    def next_second(self) -> None:
        """Waits until the target's whole-second timestamps must differ from those before."""
        self.timing.sleep(1.02)

    def _tries(self) -> Iterator[bool]:
        """One pass a try, True on the last; a scene's patience is spent once, not per poll."""
        floor = min(self.timing.settle_s, 4 * self.timing.lag_s)
        begun, pause = self.timing.now(), FIRST_PAUSE_S
        limit = max(self.timing.settle_s - self._waited_s, floor)
        while self.timing.now() - begun < limit:
            yield False
            self.timing.sleep(pause)
            pause = min(pause * 1.7, LONGEST_PAUSE_S)
        self._waited_s += self.timing.now() - begun
        yield True


def shown(value: Any) -> str:
    """A value as a report shows it, short."""
    text = str(value) if isinstance(value, str | Response) else repr(value)
    return text if len(text) <= 300 else text[:297] + "..."
