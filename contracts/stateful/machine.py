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
from duologue.contracts.stateful.steps import PARTIES, Step, StepRunner

STEPS_PER_SEQUENCE = 10
MAX_CALLS_SHOWN = 40
SHARE_OF_TIME = 0.5
TAGS = ((), ("red",), ("red", "blue"), ("blue", "\N{SEEDLING} été", "to do"))

of_party: dict[str, st.SearchStrategy[Any]] = {"party": st.sampled_from(PARTIES)}
of_copy = {**of_party, "kind": st.sampled_from(KINDS)}
of_message = {**of_copy, "back": st.integers(0, 4)}
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "send_message": of_copy,
    "mark_read": of_copy,
    "mark_read_up_to": of_message,
    "mark_delivered": of_copy,
    "mark_unread": of_copy,
    "mark_unread_after": of_message,
    "reset": of_copy,
    "set_tags": {**of_copy, "tags": st.sampled_from(TAGS)},
    "delete_message": of_message,
    "delete_conversation": of_party,
}
any_step = st.one_of(
    [
        st.builds(Step, st.just(name), st.fixed_dictionaries(arguments))
        for name, arguments in ARGUMENTS.items()
    ]
)


class StopMachine(BaseException):
    """Ends all sequences at once; Hypothesis would repeat a sequence that raised an Exception."""


@dataclass(slots=True)
class MachineRuns:
    """The sequences of one run and what ended them: a broken expectation or another error."""

    context: CheckContext
    broken: Broken | None = None
    cause: Exception | None = None
    steps: tuple[Step, ...] = ()
    started_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_s = self.context.clock.now()

    @property
    def is_time_up(self) -> bool:
        """Return whether the time for sequences is used up."""
        spent_s = self.context.clock.now() - self.started_s
        return spent_s > SHARE_OF_TIME * self.context.budget.max_time_s

    def guard(self, steps: Sequence[Step], act: Callable[[], None]) -> None:
        """Call ``act``; if it raises, keep the error and raise StopMachine."""
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
        self.runner: StepRunner | None = None
        self.steps: list[Step] = []
        if not self.runs.is_time_up:
            self.runner = StepRunner(self.runs.context)
            self.runs.guard((), self.runner.begin)

    # One rule for all steps: with several, Hypothesis leaves some out of most sequences.
    @rule(step=any_step)
    def take(self, step: Step) -> None:
        """Take a step, unless the time is used up."""
        runner = self.runner
        if runner is not None:
            self.steps.append(step)
            self.runs.guard(self.steps, lambda: runner.take(step))

    def teardown(self) -> None:
        """Check the lists at the end of a sequence."""
        if self.runner is not None and self.runs.broken is None and self.runs.cause is None:
            self.runs.guard(self.steps, self.runner.end)


def run_machine(context: CheckContext) -> None:
    """Run as many sequences as the budget allows; add the finding of the first that fails.

    Raises NotReached if the target stopped answering, or if a failure does not repeat.
    """
    runs = MachineRuns(context)
    try:
        run_state_machine_as_test(
            machine_class(runs), settings=_settings(context.budget.max_examples)
        )
    except StopMachine:
        if runs.cause is not None:
            raise runs.cause from None
        context.findings.own.append(shrink(runs))


def machine_class(runs: MachineRuns) -> type[ConversationMachine]:
    """Return the class that Hypothesis instantiates for each sequence, bound to these runs.

    Hypothesis calls it without arguments and reads the seed from it, so both are on the class.
    """
    bound = type("ConversationMachine", (ConversationMachine,), {"runs": runs})
    return hypothesis.seed(runs.context.budget.seed)(bound)


def shrink(runs: MachineRuns) -> Finding:
    """Return the finding of the failed sequence, without the steps that it does not need.

    Raises NotReached if it does not fail again.
    """
    finding = replay(runs.context, runs.steps)
    if finding is None:
        raise NotReached(f"a sequence of steps failed once and not when repeated: {runs.broken}")
    steps = runs.steps
    for step in reversed(runs.steps):
        if runs.is_time_up:
            break
        fewer = tuple(each for each in steps if each is not step)
        found = replay(runs.context, fewer)
        if found is not None:
            steps, finding = fewer, found
    return finding


def replay(context: CheckContext, steps: Sequence[Step]) -> Finding | None:
    """Run these steps with two new users; return the finding, or None if all is as expected."""
    runner = StepRunner(context)
    try:
        runner.begin()
        for step in steps:
            runner.take(step)
        runner.end()
    except Broken as broken:
        done = "; ".join(runner.steps_done) or "sending and reading"
        title = f"{broken.title}, after: {done}"
        return Finding(title, broken.expected, broken.actual, runner.calls()[-MAX_CALLS_SHOWN:])
    return None


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=STEPS_PER_SEQUENCE,
        database=None,
        deadline=None,
        derandomize=False,  # the seed comes from the budget
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
