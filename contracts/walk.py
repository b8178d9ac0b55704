"""A random walk over everything that changes a conversation, held against a ledger kept by hand.

Two people, their 1-on-1 and a group of both; Hypothesis draws the steps and shortens what breaks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contracts.chat import KINDS, Chat, count_of
from contracts.errors import Broken, ContractsError, NotReached
from contracts.ledger import Ledger, Said, View, begun
from contracts.scene import Scene
from contracts.stage import Message
from contracts.verdict import Finding

NAMES = ("ana", "bo")
STEPS = 10
FRESH_MESSAGES = 2
CALLS_SHOWN = 40
# A walk that broke is repeated while it is shortened; on a slow target just to be sure of it.
MOST_REPEATS = 60
FEWEST_REPEATS = 3
SHARE_OF_TIME = 0.5

who_walks = st.sampled_from(NAMES)
which_kind = st.sampled_from(KINDS)
how_far_back = st.integers(0, 4)
some_tags = st.sampled_from(((), ("red",), ("red", "blue"), ("blue", "\N{SEEDLING} été", "to do")))


class Ended(BaseException):
    """Ends all walks at once: Hypothesis would take an Exception for a break to be shortened."""

    def __init__(self, cause: ContractsError) -> None:
        self.cause = cause
        super().__init__(str(cause))


@dataclass(slots=True)
class Log:
    """What the walks of one run came to: how many broke, and the shortest of them."""

    scene: Scene
    breaks: int = 0
    repeats: int = 0
    shortest: Finding | None = None
    steps: int = 0
    begun_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun_s = self.scene.pace.now()

    def is_over(self) -> bool:
        """Whether the next walk is to be left out: the time is up, or a break is short enough."""
        spent_s = self.scene.pace.now() - self.begun_s
        is_late = spent_s > SHARE_OF_TIME * self.scene.budget.max_time_s
        if not self.breaks:
            return is_late
        self.repeats += 1
        return self.repeats > (FEWEST_REPEATS if is_late else MOST_REPEATS)

    def note(self, broken: Broken, steps: list[str], calls: tuple[str, ...]) -> None:
        """Keeps a walk that broke, where it is the shortest so far."""
        self.breaks += 1
        if self.shortest is None or len(steps) < self.steps:
            title = f"{broken.title}, after: {'; '.join(steps) or 'nothing'}"
            self.shortest = Finding(title, broken.expected, broken.actual, calls[-CALLS_SHOWN:])
            self.steps = len(steps)


def walk(scene: Scene) -> None:
    """Walks as often as the budget says; what breaks is a finding of the scene.

    Raises NotReached where a walk could not go on, or broke once and never again.
    """
    log = Log(scene)
    machine = hypothesis.seed(scene.budget.seed)(type("Walk", (Walk,), {"log": log}))
    try:
        with contextlib.suppress(Broken, hypothesis.errors.Flaky, ExceptionGroup):
            run_state_machine_as_test(machine, settings=_settings(scene.budget.max_examples))
    except Ended as end:
        if log.breaks <= 1:
            raise end.cause from None
    if log.shortest is None:
        return
    if log.breaks == 1:
        raise NotReached(f"a walk broke once, and not when repeated: {log.shortest.title}")
    scene.findings.append(log.shortest)


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        derandomize=False,  # the seed is given, and goes before
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


class Walk(RuleBasedStateMachine):
    """One walk: two new people, and what each of them does in turn."""

    log: Log

    def __init__(self) -> None:
        super().__init__()
        self.scene = self.log.scene
        self.first_call = len(self.scene.client.calls)
        self.steps: list[str] = []
        self.messages: dict[str, Message] = {}
        self.keys: dict[str, str] = {}
        self.chats: dict[tuple[str, str], Chat] = {}
        self.ledgers = {kind: begun(NAMES) for kind in KINDS}
        self.is_idle = self.log.is_over()
        if not self.is_idle:
            with self._told():
                self._begin()

    # -- steps -------------------------------------------------------------------------------

    @rule(who=who_walks, kind=which_kind)
    def say(self, who: str, kind: str) -> None:
        """Somebody writes, also in a conversation that he deleted before."""
        if not self.is_idle:
            with self._step(f"{who} writes", kind):
                self._say(who, kind)

    @rule(who=who_walks, kind=which_kind)
    def read(self, who: str, kind: str) -> None:
        """Somebody reads everything."""
        if self._has(who, kind):
            with self._step(f"{who} marks all as read", kind) as ledger:
                self.chats[who, kind].must("read")
                ledger.copies[who].clear()

    @rule(who=who_walks, kind=which_kind, back=how_far_back)
    def read_up_to(self, who: str, kind: str, back: int) -> None:
        """Somebody reads up to a message."""
        number = self._number(who, kind, back)
        if number is not None:
            with self._step(f"{who} reads up to message {number + 1}", kind) as ledger:
                self.chats[who, kind].must("read", body={"messageId": ledger.said[number].id})
                ledger.copies[who].clear(number)

    @rule(who=who_walks, kind=which_kind)
    def delivered(self, who: str, kind: str) -> None:
        """Somebody's device got everything, which moves no count."""
        if self._has(who, kind):
            with self._step(f"{who} marks all as delivered", kind):
                self.chats[who, kind].must("delivered")

    @rule(who=who_walks, kind=which_kind)
    def unread(self, who: str, kind: str) -> None:
        """Somebody marks a conversation as unread."""
        if self._has(who, kind) and self.ledgers[kind].of_others(who):
            with self._step(f"{who} marks as unread", kind) as ledger:
                self.chats[who, kind].must("unread")
                ledger.mark_unread(who)

    @rule(who=who_walks, kind=which_kind, back=how_far_back)
    def unread_after(self, who: str, kind: str, back: int) -> None:
        """Somebody marks as unread what came after a message."""
        number = self._number(who, kind, back)
        if number is not None and self.ledgers[kind].of_others(who, after=number):
            with self._step(f"{who} marks as unread after message {number + 1}", kind) as ledger:
                self.chats[who, kind].must("unread", body={"messageId": ledger.said[number].id})
                ledger.mark_unread_after(who, number)

    @rule(who=who_walks, kind=which_kind)
    def reset(self, who: str, kind: str) -> None:
        """Somebody resets a conversation."""
        if self._has(who, kind):
            with self._step(f"{who} resets", kind) as ledger:
                self.chats[who, kind].must("reset")
                ledger.reset(who)
                self._let_go(who, kind)

    @rule(who=who_walks, kind=which_kind, tags=some_tags)
    def tag(self, who: str, kind: str, tags: tuple[str, ...]) -> None:
        """Somebody gives a conversation other tags."""
        if self._has(who, kind):
            with self._step(f"{who} sets the tags {list(tags)}", kind) as ledger:
                self.chats[who, kind].must("tag", body={"tags": list(tags)})
                ledger.copies[who].tags = tags

    @rule(who=who_walks, kind=which_kind, back=how_far_back)
    def unsend(self, who: str, kind: str, back: int) -> None:
        """Somebody deletes a message of his own."""
        number = self._number(who, kind, back)
        if number is not None and self.ledgers[kind].said[number].sender == who:
            with self._step(f"{who} deletes message {number + 1}", kind) as ledger:
                self._unsend(ledger.said[number].id)
                ledger.unsend(number)

    @rule(who=who_walks)
    def delete(self, who: str) -> None:
        """Somebody deletes the 1-on-1 by its id."""
        if self._has(who, "user"):
            with self._step(f"{who} deletes the conversation", "user") as ledger:
                self._delete(who)
                ledger.delete(who)
                self._let_go(NAMES[1 - NAMES.index(who)], "user")

    def teardown(self) -> None:
        """In the end the lists show what was seen one by one."""
        if not self.is_idle:
            with self._told():
                for who in NAMES:
                    self._look_at_list(who)

    # -- doing -------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Both write and read in both conversations, so that every count starts from 0.

        Then they write again, so that there is something to read, mark and delete.
        """
        uids = {name: self.scene.user(name.title()) for name in NAMES}
        group = self.scene.group(uids["bo"], [uids["ana"]])
        for who, other in (NAMES, NAMES[::-1]):
            peer = {"user": uids[other], "group": group}
            for kind in KINDS:
                self.chats[who, kind] = Chat(self.scene, kind, uids[who], peer[kind], uids[other])
        for kind in KINDS:
            newest = [self._say(who, kind) for who in NAMES][-1]
            for who in NAMES:
                self.scene.let_show(self.chats[who, kind], newest)
                self.chats[who, kind].do("read")
                self.ledgers[kind].copies[who].clear()
            self._look(kind)
            for who in NAMES * FRESH_MESSAGES:
                self._say(who, kind)

    def _say(self, who: str, kind: str) -> Message:
        chat = self.chats[who, kind]
        message = self.scene.send(chat.caller, kind=kind, to=chat.peer)
        self.messages[message.id] = message
        self.ledgers[kind].say(Said(message.id, who))
        return message

    def _unsend(self, key: str) -> None:
        """Deletes a message; one just sent may be refused for a moment (readings T12)."""
        self.scene.reach(
            "the message is deleted",
            lambda: self.scene.cast.unsend(self.messages[key]),
            lambda answer: answer.ok,
            expected="2xx",
        )

    def _delete(self, who: str) -> None:
        answer = self.scene.client.call(
            "deleteConversation",
            caller=self.chats[who, "user"].caller,
            path={"conversationId": self.keys[who]},
        )
        self.scene.require(
            "deleteConversation", answer.ok, expected="200 with a body under data", actual=answer
        )

    def _let_go(self, who: str, kind: str) -> None:
        """Takes a copy that is refused for gone: clauses of their own say that it should not be.

        (marks.reset-keeps-the-conversation, marks.delete-is-the-callers-alone)
        """
        self.scene.pause(1.5 * self.scene.pace.lag_s)
        if self.ledgers[kind].copies[who].is_there and self._view(who, kind) is None:
            self.ledgers[kind].delete(who)

    # -- looking -----------------------------------------------------------------------------

    def _look(self, kind: str) -> None:
        """Holds both copies of a conversation against the ledger."""
        for who in NAMES:
            self._look_at_copy(who, kind)

    def _look_at_copy(self, who: str, kind: str) -> None:
        ledger = self.ledgers[kind]
        seen = self.scene.expect(
            f"the {kind} conversation of {who}",
            lambda: self._view(who, kind),
            lambda seen: ledger.agrees(who, seen),
            expected=ledger.expected(who),
        )
        if not self.scene.pace.lag_s:  # else it may be a view of before
            ledger.settle(who, seen)

    def _view(self, who: str, kind: str) -> View | None:
        """A copy as GET shows it; None where it is refused."""
        chat = self.chats[who, kind]
        answer = chat.ask("get")
        if 400 <= answer.status < 500:
            return None
        if not answer.ok or not isinstance(answer.data, dict):
            raise Broken(chat.operation("get"), expected="2xx or 4xx", actual=str(answer))
        if kind == "user":
            self.keys[who] = str(answer.data.get("conversationId"))
        return view_of(answer.data)

    def _look_at_list(self, who: str) -> None:
        self.scene.expect(
            f"the list of {who}",
            lambda: self._listed(who),
            lambda seen: all(self.ledgers[kind].agrees(who, seen[kind]) for kind in KINDS),
            expected="; ".join(f"{kind}: {self.ledgers[kind].expected(who)}" for kind in KINDS),
        )

    def _listed(self, who: str) -> dict[str, View | None]:
        rows = self.scene.rows(self.chats[who, "user"].caller, withTags=True)
        found: dict[str, View | None] = {}
        for kind in KINDS:
            own = [row for row in rows if self.chats[who, kind].owns(row)]
            found[kind] = view_of(own[0]) if own else None
        return found

    # -- keeping -----------------------------------------------------------------------------

    def _has(self, who: str, kind: str) -> bool:
        return not self.is_idle and self.ledgers[kind].copies[who].is_there

    def _number(self, who: str, kind: str, back: int) -> int | None:
        """A message that still stands and that this copy has, counted from the newest."""
        if not self._has(who, kind):
            return None
        ledger = self.ledgers[kind]
        since = ledger.copies[who].since
        standing = [n for n in range(since, len(ledger.said)) if n not in ledger.unsent]
        return standing[-1 - back % len(standing)] if standing else None

    @contextlib.contextmanager
    def _step(self, words: str, kind: str) -> Iterator[Ledger]:
        """One step in one conversation, after which both copies are looked at."""
        self.steps.append(f"{words} ({kind})")
        with self._told():
            yield self.ledgers[kind]
            self._look(kind)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Logs a break, and ends all walks where one cannot go on."""
        try:
            yield
        except Broken as broken:
            self.is_idle = True
            calls = tuple(call.curl() for call in self.scene.client.calls[self.first_call :])
            self.log.note(broken, self.steps, calls)
            raise
        except ContractsError as cause:
            raise Ended(cause) from cause
        except Exception as cause:
            why = f"an answer was not as foreseen: {cause!r}"
            raise Ended(NotReached(why)) from cause


def view_of(conversation: dict[str, Any]) -> View:
    """A conversation as the ledger compares it."""
    last, tags = conversation.get("lastMessage"), conversation.get("tags")
    return View(
        count_of(conversation),
        str(last.get("id")) if isinstance(last, dict) else None,
        tuple(map(str, tags)) if isinstance(tags, list) else None,
    )
