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
SEQUENCES_PER_PAIR = 24
MAX_CALLS_SHOWN = 40
SHARE_OF_TIME = 0.5
TAGS = ((), ("red",), ("red", "blue"), ("blue", "\N{SEEDLING} été", "to do"))

of_party: dict[str, st.SearchStrategy[Any]] = {"party": st.sampled_from(PARTIES)}
of_copy = {**of_party, "kind": st.sampled_from(KINDS)}
of_message = {**of_copy, "back": st.integers(0, 4)}
# The first and the last are drawn most: neither of them takes a message, so a run makes fewer.
ARGUMENTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "mark_unread_after": of_message,
    "mark_read": of_copy,
    "mark_delivered": of_copy,
    "send_message": of_copy,
    "mark_unread": of_copy,
    "reset": of_copy,
    "delete_message": of_message,
    "delete_conversation": of_party,
    "set_tags": {**of_copy, "tags": st.sampled_from(TAGS)},
    "mark_read_up_to": of_message,
}
any_step = st.one_of(
    [
        st.builds(Step, st.just(name), st.fixed_dictionaries(arguments))
        for name, arguments in ARGUMENTS.items()
    ]
)


# What a further sequence of the same two users begins with, for each kind in which a step could
# find nothing to do: deleted copies come back, and the sender has nothing unread.
RENEWAL = ("send_message", "mark_read")


@dataclass(slots=True)
class MachineRuns:
    """The sequences of one run and what ended them: a broken expectation or another error.

    Two users take ``SEQUENCES_PER_PAIR`` sequences, so that a run makes few users. ``steps`` holds
    what they did so far, ``begun_at`` how many steps there were when the last sequence began.
    """

    context: CheckContext
    broken: Broken | None = None
    cause: Exception | None = None
    steps: list[Step] = field(default_factory=list)
    begun_at: int = 0
    sequences: int = 0
    started_s: float = field(init=False)
    _runner: StepRunner | None = None

    def __post_init__(self) -> None:
        self.started_s = self.context.clock.now()

    @property
    def is_time_up(self) -> bool:
        """Return whether the time for sequences is used up."""
        spent_s = self.context.clock.now() - self.started_s
        return spent_s > SHARE_OF_TIME * self.context.budget.max_time_s

    @property
    def is_over(self) -> bool:
        """Return whether an error ended the sequences: no further step is taken."""
        return self.broken is not None or self.cause is not None

    def begin_sequence(self) -> StepRunner:
        """Return what takes the steps of the next sequence: the same two users, or two new ones."""
        if self._runner is None or self.sequences % SEQUENCES_PER_PAIR == 0:
            self._runner = StepRunner(self.context)
            self.steps.clear()
            self.begun_at = 0
            self.guard(self._runner.begin)
        else:
            self.begun_at = len(self.steps)
            for kind in filter(self._runner.is_spent, KINDS):
                for name in RENEWAL:
                    self.take(self._runner, Step(name, {"party": PARTIES[1], "kind": kind}))
        self.sequences += 1
        return self._runner

    def take(self, runner: StepRunner, step: Step) -> None:
        """Take a step and note it; do nothing where an error ended the sequences."""
        if not self.is_over:
            self.steps.append(step)
            self.guard(lambda: runner.take(step))

    def guard(self, act: Callable[[], None]) -> None:
        """Call ``act``; if it raises, keep the error.

        It is not raised here: Hypothesis demands that sequences that begin alike end alike.
        """
        try:
            act()
        except Broken as broken:
            self.broken = broken
        except Exception as cause:
            self.cause = cause


class ConversationMachine(RuleBasedStateMachine):
    """One sequence of steps by two users; skipped where the time is used up, or an error came."""

    runs: MachineRuns

    def __init__(self) -> None:
        super().__init__()
        is_skipped = self.runs.is_over or self.runs.is_time_up
        self.runner = None if is_skipped else self.runs.begin_sequence()

    # One rule for all steps: with several, Hypothesis leaves some out of most sequences.
    @rule(step=any_step)
    def take(self, step: Step) -> None:
        """Take a step, unless the sequence is skipped."""
        if self.runner is not None:
            self.runs.take(self.runner, step)

    def teardown(self) -> None:
        """Check the lists at the end of a sequence."""
        if self.runner is not None and not self.runs.is_over:
            self.runs.guard(self.runner.end)


def run_machine(context: CheckContext) -> None:
    """Run as many sequences as the budget allows; add the finding of the first that fails.

    Raises NotReached if the target stopped answering, or if a failure does not repeat.
    """
    runs = MachineRuns(context)
    run_state_machine_as_test(machine_class(runs), settings=_settings(context.budget.max_examples))
    if runs.cause is not None:
        raise runs.cause
    if runs.broken is not None:
        context.findings.own.append(context.findings.by_role(shrink(runs)))


def machine_class(runs: MachineRuns) -> type[ConversationMachine]:
    """Return the class that Hypothesis instantiates for each sequence, bound to these runs.

    Hypothesis calls it without arguments and reads the seed from it, so both are on the class.
    """
    bound = type("ConversationMachine", (ConversationMachine,), {"runs": runs})
    return hypothesis.seed(runs.context.budget.seed)(bound)


def shrink(runs: MachineRuns) -> Finding:
    """Return the finding of the failed sequence, without the steps that it does not need.

    The steps of the sequences before are done, too, where it does not fail without them. Raises
    NotReached if it does not fail again.
    """
    own, every = tuple(runs.steps[runs.begun_at :]), tuple(runs.steps)
    for steps in (own, every) if runs.begun_at else (own,):
        finding = replay(runs.context, steps)
        if finding is not None:
            return _without_needless(runs, steps, finding)
    raise NotReached(f"a sequence of steps failed once and not when repeated: {runs.broken}")


def _without_needless(runs: MachineRuns, steps: tuple[Step, ...], finding: Finding) -> Finding:
    for step in reversed(steps):
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
        return Finding(
            title,
            broken.expected,
            broken.actual,
            runner.calls()[-MAX_CALLS_SHOWN:],
            last_call=context.client.calls[-1].as_cause() if context.client.calls else None,
        )
    return None


def _settings(max_examples: int) -> settings:
    return settings(
        max_examples=max_examples,
        stateful_step_count=STEPS_PER_SEQUENCE,
        database=None,
        deadline=None,
        derandomize=False,  # the seed comes from the budget
        backend="hypothesis",  # a project's profile may name another one, which draws otherwise
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
