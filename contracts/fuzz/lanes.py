"""All phases of a run: lanes side by side, each a campaign on conversations of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.findings import PhaseCounts
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.fuzz.campaign import Campaign
from duologue.contracts.fuzz.engine_process import Engine, EngineLane
from duologue.contracts.fuzz.known_ids import KnownIds, collect_known_ids
from duologue.contracts.fuzz.triage import FindingsByCause
from duologue.contracts.fuzz.types import LANES


@dataclass(slots=True)
class Lanes:
    """The campaigns of a run, in the order of ``LANES``, whichever ends first.

    The same seed sends the same requests on each lane: none changes what another one names.
    """

    context: CheckContext
    engine: Engine
    _campaigns: dict[str, Campaign] = field(default_factory=dict)

    def run(self) -> None:
        """Run all lanes to their ends; then raise what ended one early, other than NotReached.

        Raises NotReached or NotStaged where that is all.
        """
        chosen = [phases for phases in LANES if {*phases} & {*self.context.budget.phases}]
        with ThreadPoolExecutor(len(LANES), thread_name_prefix="lane") as pool:
            try:
                ended = [
                    pool.submit(self._run_lane, lane, phases)
                    for lane, phases in zip(self.engine.lanes, chosen, strict=False)
                ]
                wait(ended)
            except BaseException:  # Ctrl-C: the lanes end with the generator
                self.engine.kill()
                raise
        _raise_worst(ended)

    def _run_lane(self, lane: EngineLane, phases: Sequence[str]) -> None:
        context, known_ids = self._collect(phases[0])
        campaign = Campaign(context, known_ids, lane, tuple(phases))
        self._campaigns[phases[0]] = campaign
        campaign.run()

    def _collect(self, name: str) -> tuple[CheckContext, KnownIds]:
        """Return a lane's context and known ids; they last as long as the run."""

        def make(context: CheckContext) -> tuple[CheckContext, KnownIds]:
            context.client.judged_operations = self.context.client.judged_operations
            context.data.number_apart(name)
            return context, collect_known_ids(context)

        return self.context.run_fixture(f"the ids of {name}", make)

    @property
    def _in_order(self) -> list[Campaign]:
        return [self._campaigns[each[0]] for each in LANES if each[0] in self._campaigns]

    @property
    def phases(self) -> dict[str, PhaseCounts]:
        """The counts of the phases that have ended, by phase."""
        return {name: each for lane in self._in_order for name, each in lane.phases.items()}

    @property
    def findings(self) -> FindingsByCause:
        """What all lanes found."""
        findings = FindingsByCause(self.context.client.target.key_variable)
        for lane in self._in_order:
            findings.take_in(lane.findings)
        return findings

    def must_be_whole(self) -> None:
        """Raise NotReached for what was not sent or answered by a gateway; NotStaged by the plan.

        The app's plan may lack a parameter alone, so all else was judged.
        """
        untested = [each for lane in self._in_order for each in lane.untested]
        if untested:
            raise NotReached("; ".join(dict.fromkeys(untested)))
        unjudged = [each for lane in self._in_order for each in lane.unjudged.values()]
        for kind in (NotReached, NotStaged):
            found = [cause for cause in unjudged if isinstance(cause, kind)]
            if found:
                raise found[0]


def _raise_worst(ended: Sequence[Future[None]]) -> None:
    errors = [error for each in ended if (error := each.exception()) is not None]
    for error in sorted(errors, key=lambda each: isinstance(each, (NotReached, NotStaged))):
        raise error
