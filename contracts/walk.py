"""Random walks over everything that changes a conversation: Hypothesis draws the steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contracts.chat import KINDS
from contracts.errors import Broken, ContractsError, NotReached
from contracts.scene import Scene
from contracts.stroll import NAMES, Step, Stroll
from contracts.verdict import Finding

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


class Ended(BaseException):
    """Ends the walks at once; as an Exception it would make Hypothesis try again."""


@dataclass(slots=True)
class Walks:
    """The walks of one run: they end with the first that breaks, or cannot go on."""

    scene: Scene
    broken: Broken | None = None
    cause: ContractsError | None = None
    steps: tuple[Step, ...] = ()
    begun_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.begun_s = self.scene.pace.now()

    @property
    def is_late(self) -> bool:
        """Whether the time for walks is up."""
        spent_s = self.scene.pace.now() - self.begun_s
        return spent_s > SHARE_OF_TIME * self.scene.budget.max_time_s

    def guard(self, steps: Sequence[Step], act: Callable[[], None]) -> None:
        """Does a part of a walk; keeps what ended it, and ends all."""
        try:
            act()
        except Broken as broken:
            self.broken, self.steps = broken, tuple(steps)
            raise Ended from broken
        except ContractsError as cause:
            self.cause = cause
            raise Ended from cause
        except Exception as cause:
            self.cause = NotReached(f"an answer was not as foreseen: {cause!r}")
            raise Ended from cause


class Walk(RuleBasedStateMachine):
    """One walk of two new people."""

    walks: Walks

    def __init__(self) -> None:
        super().__init__()
        self.stroll: Stroll | None = None
        self.steps: list[Step] = []
        if not self.walks.is_late:
            self.stroll = Stroll(self.walks.scene)
            self.walks.guard((), self.stroll.begin)

    # One rule for all: of several, Hypothesis uses few at a time, and writing is left out of most.
    @rule(step=any_step)
    def take(self, step: Step) -> None:
        """Takes a step, unless it is too late to walk."""
        stroll = self.stroll
        if stroll is not None:
            self.steps.append(step)
            self.walks.guard(self.steps, lambda: stroll.take(step))

    def teardown(self) -> None:
        """Ends the walk with a look at the lists."""
        if self.stroll is not None and self.walks.broken is None and self.walks.cause is None:
            self.walks.guard(self.steps, self.stroll.end)


def walk(scene: Scene) -> None:
    """Walks as often as the budget says; Broken with the fewest steps that show the break.

    Raises NotReached where a walk could not go on, or broke once and not when repeated.
    """
    walks = Walks(scene)
    machine = hypothesis.seed(scene.budget.seed)(type("Walk", (Walk,), {"walks": walks}))
    try:
        run_state_machine_as_test(machine, settings=_settings(scene.budget.max_examples))
    except Ended:
        if walks.cause is not None:
            raise walks.cause from None
        scene.findings.append(shortened(walks))


def shortened(walks: Walks) -> Finding:
    """The finding of a walk that broke, with every step left out that it does not take to break.

    Raises NotReached where it does not break again.
    """
    again = retraced(walks.scene, walks.steps)
    if again is None:
        raise NotReached(f"a walk broke once, and not when repeated: {walks.broken}")
    steps, finding = walks.steps, again
    for step in reversed(walks.steps):
        if walks.is_late:
            break
        fewer = tuple(each for each in steps if each is not step)
        found = retraced(walks.scene, fewer)
        if found is not None:
            steps, finding = fewer, found
    return finding


def retraced(scene: Scene, steps: Sequence[Step]) -> Finding | None:
    """What breaks when two new people take these steps; None where nothing does."""
    stroll = Stroll(scene)
    try:
        stroll.begin()
        for step in steps:
            stroll.take(step)
        stroll.end()
    except Broken as broken:
        done = "; ".join(stroll.told) or "writing and reading"
        title = f"{broken.title}, after: {done}"
        return Finding(title, broken.expected, broken.actual, stroll.calls()[-CALLS_SHOWN:])
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
