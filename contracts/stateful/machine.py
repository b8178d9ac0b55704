"""The state machine: Hypothesis draws random sequences of steps that change a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation_view import KINDS
from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import Broken, NotReached
from duologue.contracts.stateful.steps import NAMES, Step, StepRunner

STEPS_A_WALK = 10
CALLS_SHOWN = 40
SHARE_OF_TIME = 0.5
TAGS = ((), ("red",), ("red", "blue"), ("blue", "\N{SEEDLING} été", "to do"))

somebody: dict[str, st.SearchStrategy[Any]] = {"who": st.sampled_from(NAMES)}
somewhere = {**somebody, "kind": st.sampled_from(KINDS)}
somewhen = {**somewhere, "back": st.integers(0, 4)}
WORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "say": somewhere,
    "read": somewhere,
    "read_up_to": somewhen,
    "delivered": somewhere,
    "unread": somewhere,
    "unread_after": somewhen,
    "reset": somewhere,
    "tag": {**somewhere, "tags": st.sampled_from(TAGS)},
    "unsend": somewhen,
    "delete": somebody,
}
any_step = st.one_of(
    [st.builds(Step, st.just(name), st.fixed_dictionaries(words)) for name, words in WORDS.items()]
)


class StopMachine(BaseException):
    """Ends all sequences at once; as an Exception it would make Hypothesis try again."""


@dataclass(slots=True)
class MachineRuns:
    """The sequences of one run; they end with the first that breaks or cannot go on."""

    context: CheckContext
    broken: Broken | None = None
    cause: Exception | None = None
    steps: tuple[Step, ...] = ()
    started_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.context.clock.now()

    @property
    def is_late(self) -> bool:
        """Return whether the time for sequences is used up."""
        spent_s = self.context.clock.now() - self.started_s
        return spent_s > SHARE_OF_TIME * self.context.budget.max_time_s

    def guard(self, steps: Sequence[Step], act: Callable[[], None]) -> None:
        """Do a part of a sequence; keep what ended it, and end all."""
        try:
            act()
        except Broken as broken:
            self.broken, self.steps = broken, tuple(steps)
            raise StopMachine from broken
        except Exception as cause:
            self.cause = cause
            raise StopMachine from cause


class ConversationMachine(RuleBasedStateMachine):
    """One sequence of steps by two new users."""

    runs: MachineRuns

    def __init__(self) -> None:
        super().__init__()
        self.steps_runner: StepRunner | None = None
        self.steps: list[Step] = []
        if not self.runs.is_late:
            self.steps_runner = StepRunner(self.runs.context)
            self.runs.guard((), self.steps_runner.begin)

    # One rule for all: of several, Hypothesis uses few at a time, and writing is left out of most.
    @rule(step=any_step)
    def take(self, step: Step) -> None:
        """Take a step, unless the time is used up."""
        steps_runner = self.steps_runner
        if steps_runner is not None:
            self.steps.append(step)
            self.runs.guard(self.steps, lambda: steps_runner.take(step))

    def teardown(self) -> None:
        """End the sequence with a look at the lists."""
        if self.steps_runner is not None and self.runs.broken is None and self.runs.cause is None:
            self.runs.guard(self.steps, self.steps_runner.end)


def walk(context: CheckContext) -> None:
    """Run as many sequences as the budget says; keep the shortest that shows a break.

    Raises NotReached if a sequence could not go on, or broke once and not when repeated.
    """
    runs = MachineRuns(context)
    machine = hypothesis.seed(context.budget.seed)(
        type("ConversationMachine", (ConversationMachine,), {"runs": runs})
    )
    try:
        run_state_machine_as_test(machine, settings=_settings(context.budget.max_examples))
    except StopMachine:
        if runs.cause is not None:
            raise runs.cause from None
        context.findings.own.append(shortened(runs))


def shortened(runs: MachineRuns) -> Finding:
    """Return the finding of a broken sequence, without the steps that it does not need.

    Raises NotReached if it does not break again.
    """
    again = retraced(runs.context, runs.steps)
    if again is None:
        raise NotReached(f"a walk broke once, and not when repeated: {runs.broken}")
    steps, finding = runs.steps, again
    for step in reversed(runs.steps):
        if runs.is_late:
            break
        fewer = tuple(each for each in steps if each is not step)
        found = retraced(runs.context, fewer)
        if found is not None:
            steps, finding = fewer, found
    return finding


def retraced(context: CheckContext, steps: Sequence[Step]) -> Finding | None:
    """Return what breaks when two new users take these steps; None if nothing does."""
    steps_runner = StepRunner(context)
    try:
        steps_runner.begin()
        for step in steps:
            steps_runner.take(step)
        steps_runner.end()
    except Broken as broken:
        done = "; ".join(steps_runner.steps_done) or "writing and reading"
        title = f"{broken.title}, after: {done}"
        return Finding(title, broken.expected, broken.actual, steps_runner.calls()[-CALLS_SHOWN:])
    return None


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=STEPS_A_WALK,
        database=None,
        deadline=None,
        derandomize=False,  # the seed is given
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
