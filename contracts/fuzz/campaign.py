"""The campaign of generated requests: what may be sent, its share of the time, the counts."""

from __future__ import annotations

import contextlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.findings import PhaseCounts
from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.constrained_spec import constrained_spec
from duologue.contracts.fuzz.known_ids import KnownIds
from duologue.contracts.fuzz.suppressions import has_text_tags
from duologue.contracts.fuzz.triage import Findings
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest, GenerationSettings
from duologue.contracts.http.transport import Response, read

# How the time is shared among phases; what one leaves over goes to those after it.
WEIGHTS = {"examples": 1, "coverage": 4, "fuzzing": 3, "stateful": 2}
MOST_CHAINS_MORE = 12
MOST_UNANSWERED = 5
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{1,100}")
GONE = ("ERR_CONVERSATION_NOT_FOUND", "ERR_CONVERSATION_NOT_ACCESSIBLE")
NOT_SENT = read(
    404,
    {"content-type": "application/json"},
    content=b'{"error": {"code": "ERR_NOT_SENT", "message": "kept from the target"}}',
)


@dataclass(slots=True)
class Campaign:
    """One campaign against a target: all phases, on known ids of its own."""

    context: CheckContext
    known_ids: KnownIds
    findings: Findings = field(init=False)
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    untried: list[str] = field(default_factory=list)
    _share_s: float = 0.0
    _spent_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    _phase: str = ""
    _is_cut_short: bool = False
    _end: Exception | None = None

    def __post_init__(self) -> None:
        self.findings = Findings(self.context.client.target.key_variable)

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the operations that are tried."""
        return tuple(self.known_ids.ids)

    def run(self) -> None:
        """Run every phase of the budget, each within its share of the time."""
        budget = self.context.budget
        started = self.context.clock.now()
        for n, phase in enumerate(budget.phases):
            left_s = budget.max_time_s - (self.context.clock.now() - started)
            rest = sum(WEIGHTS[each] for each in budget.phases[n:])
            self._run_phase(phase, share_s=left_s * WEIGHTS[phase] / rest)

    def _run_phase(self, phase: str, *, share_s: float) -> None:
        self._phase, self._share_s, self._is_cut_short = phase, share_s, False
        self._spent_s.clear()
        self._statuses.clear()
        budget = self.context.budget
        self._draw(self.known_ids, GenerationSettings(phase, budget.seed, budget.max_examples))
        self.phases[phase] = counts = self._counts()
        if phase == "stateful" and counts.operations_without_2xx:
            # A chain goes where it is led: those it did not come by are led to once more.
            names = ("listConversations", *counts.operations_without_2xx)
            missed = replace(self.known_ids, ids={name: self.known_ids.ids[name] for name in names})
            self._draw(missed, GenerationSettings(phase, budget.seed + 1, MOST_CHAINS_MORE))
            self.phases[phase] = self._counts()

    def _draw(self, known_ids: KnownIds, draw: GenerationSettings) -> None:
        # Imported here: the engine takes a second to load, and not every run needs it.
        from duologue.contracts.fuzz.schemathesis_adapter import explore  # noqa: PLC0415

        target = self.context.client.target
        self.untried += explore(
            constrained_spec(known_ids),
            draw,
            url=target.url,
            key=target.api_key,
            send=self._send,
            note=self._note,
        )
        if self._end is not None:
            raise self._end

    def _send(self, sent: GeneratedRequest) -> Response:
        """Return the answer; raise Interrupted when the campaign is to end."""
        try:
            return self.send(sent)
        except Interrupted as cause:
            self._end = cause
            raise
        except NotReached as cause:
            self.untried.append(str(cause))
            if len(self.untried) < MOST_UNANSWERED:
                raise
            self._end = cause
            raise Interrupted from cause
        except Exception as defect:
            self._end = defect
            raise Interrupted from defect

    def _note(self, failure: CheckFailure) -> None:
        """Take in a failed check; keep a defect of ours, which the engine would swallow."""
        try:
            self.findings.note(failure)
        except Exception as defect:
            self._end = defect
            raise

    def send(self, sent: GeneratedRequest) -> Response:
        """Return the target's answer, or one that says that the request was not sent."""
        client = self.context.client
        is_drawn = sent.headers.get("apikey") == client.target.api_key  # else a check's own try
        if is_drawn and self._is_spent(sent.operation_id):
            self._is_cut_short = True
            return NOT_SENT
        if not self.may_be_sent(sent):
            return NOT_SENT
        started = self.context.clock.now()
        name = sent.operation_id if sent.declared else f"{sent.method} beside {sent.operation_id}"
        answer = client.forward(
            name, method=sent.method, url=sent.url, headers=sent.headers, body=sent.body
        )
        self._spent_s[sent.operation_id] += self.context.clock.now() - started
        if is_drawn:
            self._statuses[name][answer.status] += 1
        self._repair(sent, answer)
        return answer

    def may_be_sent(self, sent: GeneratedRequest) -> bool:
        """Return whether a request can change nothing but this run's own test data.

        A request that may change something names only what the run made, or is sent by the run's
        own caller about an id that no one can have. The list is asked for with a caller only.
        """
        own = self.known_ids.own
        if sent.method == "GET":
            return sent.operation_id != "listConversations" or sent.caller is not None
        if not self.known_ids.changeable:
            return False
        values = [str(value) for value in sent.values.values()]
        nobodys = not any(WELL_FORMED.fullmatch(value) for value in values)
        return all(value in own for value in values) or (sent.caller in own and nobodys)

    def _is_spent(self, operation_id: str) -> bool:
        if self._phase == "stateful":
            return sum(self._spent_s.values()) > self._share_s
        return self._spent_s[operation_id] > self._share_s / len(self.operations)

    def _repair(self, sent: GeneratedRequest, answer: Response) -> None:
        """Restore what a request did to the known ids, so that later requests find it."""
        if self.known_ids.repair is None or sent.caller != self.known_ids.caller:
            return
        deleted = sent.operation_id == "deleteConversation" and sent.method == "DELETE"
        with contextlib.suppress(NotReached):
            if (deleted and answer.ok) or answer.code in GONE:
                for value in sent.values.values():
                    self.known_ids.repair(str(value))
            elif sent.method == "PUT" and answer.ok and not has_text_tags(sent):
                self.context.client.call(
                    sent.operation_id,
                    caller=sent.caller,
                    path={name: str(value) for name, value in sent.values.items()},
                    body={"tags": []},
                )

    def _counts(self) -> PhaseCounts:
        total: Counter[int] = Counter()
        for statuses in self._statuses.values():
            total.update(statuses)
        missed = tuple(
            name
            for name in self.operations
            if not any(200 <= status < 300 for status in self._statuses[name])
        )
        return PhaseCounts(dict(sorted(total.items())), missed, self._is_cut_short)
