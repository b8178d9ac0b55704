"""The campaign of generated requests: what may be sent, its share of the time, the counts."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from duologue.contracts.context.budget import PHASES
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.findings import PhaseCounts
from duologue.contracts.context.gateway_answers import GatewayAnswers
from duologue.contracts.errors import AnswerLost, ContractsError, NotReached, NotStaged
from duologue.contracts.fuzz.constrained_spec import constrained_spec
from duologue.contracts.fuzz.engine_messages import Exploration
from duologue.contracts.fuzz.engine_process import EngineLane
from duologue.contracts.fuzz.known_ids import KnownIds, with_wide_ids
from duologue.contracts.fuzz.suppressions import ID, has_odd_path, has_text_tags
from duologue.contracts.fuzz.triage import FindingsByCause
from duologue.contracts.fuzz.types import GeneratedRequest, GenerationSettings
from duologue.contracts.http.gateways import is_lost
from duologue.contracts.http.response import Response, read

# Relative shares of the time; what a phase leaves over goes to the later ones.
TIME_WEIGHTS = {"examples": 1, "coverage": 4, "fuzzing": 3, "stateful": 2}
EXTRA_CHAINS = 12
WIDE_EXAMPLES = 3  # for each operation, of ids that nobody has
MAX_UNANSWERED = 5
MOST_REPAIRS = 4  # of one conversation in a phase: each takes a message
DELETED_CODES = ("ERR_CONVERSATION_NOT_FOUND", "ERR_CONVERSATION_NOT_ACCESSIBLE")
NOT_SENT = read(
    404,
    {"content-type": "application/json"},
    content=b'{"error": {"code": "ERR_NOT_SENT", "message": "kept from the target"}}',
)


class TooManyUnanswered(ContractsError):
    """The target answers nothing any more; ``last`` is why the last request was not answered."""

    def __init__(self, last: NotReached) -> None:
        self.last = last
        super().__init__(str(last))


@dataclass(slots=True)
class Campaign:
    """One campaign against a target: some phases, one after another, on known ids of its own.

    ``chosen`` are its phases, of those that the budget has. ``untested`` says what could not be
    sent, ``unjudged`` which answers tell nothing of the API.
    """

    context: CheckContext
    known_ids: KnownIds
    engine: EngineLane
    chosen: tuple[str, ...] = PHASES
    findings: FindingsByCause = field(init=False)
    gateway: GatewayAnswers = field(init=False)
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    untested: list[str] = field(default_factory=list)
    unjudged: dict[str, ContractsError] = field(default_factory=dict)
    _share_s: float = 0.0
    _spent_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _waited_s: float = 0.0
    _statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    _repairs: Counter[str] = field(default_factory=Counter)
    _phase: str = ""
    _is_cut_short: bool = False

    def __post_init__(self) -> None:
        self.findings = FindingsByCause(self.context.client.target.key_variable)
        self.gateway = GatewayAnswers(self.context)

    @property
    def operations(self) -> tuple[str, ...]:
        """Return the operations that are tried."""
        return tuple(self.known_ids.ids)

    def run(self) -> None:
        """Run each phase within its share of the time."""
        budget = self.context.budget
        phases = [each for each in budget.phases if each in self.chosen]
        started = self.context.clock.now()
        for n, phase in enumerate(phases):
            left_s = budget.max_time_s - (self.context.clock.now() - started)
            rest = sum(TIME_WEIGHTS[each] for each in phases[n:])
            self._run_phase(phase, share_s=left_s * TIME_WEIGHTS[phase] / rest)

    def _run_phase(self, phase: str, *, share_s: float) -> None:
        self._phase, self._share_s, self._is_cut_short = phase, share_s, False
        self._spent_s.clear()
        self._waited_s = 0.0
        self._statuses.clear()
        self._repairs.clear()
        budget = self.context.budget
        self._explore(self.known_ids, GenerationSettings(phase, budget.seed, budget.max_examples))
        if phase == "fuzzing":
            settings = GenerationSettings(phase, budget.seed, WIDE_EXAMPLES)
            self._explore(with_wide_ids(self.known_ids), settings)
        self.phases[phase] = counts = self._counts()
        if phase == "stateful" and counts.operations_without_2xx:
            # Chains follow links at random: repeat with links to the operations without a 2xx.
            names = ("listConversations", *counts.operations_without_2xx)
            missed = replace(self.known_ids, ids={name: self.known_ids.ids[name] for name in names})
            self._explore(missed, GenerationSettings(phase, budget.seed + 1, EXTRA_CHAINS))
            self.phases[phase] = self._counts()

    def _explore(self, known_ids: KnownIds, settings: GenerationSettings) -> None:
        target = self.context.client.target
        task = Exploration(constrained_spec(known_ids), settings, target.url, target.api_key)
        try:
            self.untested += self.engine.explore(
                task, send=self._send, on_failure=self.findings.add
            )
        except TooManyUnanswered as ended:
            raise ended.last from ended

    def _send(self, request: GeneratedRequest) -> Response:
        """Return the answer; raise NotReached without one, TooManyUnanswered at the last try."""
        try:
            return self.send(request)
        except NotReached as cause:
            self.untested.append(str(cause))
            if len(self.untested) >= MAX_UNANSWERED:
                raise TooManyUnanswered(cause) from cause
            raise

    def send(self, request: GeneratedRequest) -> Response:
        """Return the target's answer, or one that says that the request was not sent."""
        # Requests with another key are sent by a check of the engine.
        is_generated = request.headers.get("apikey") == self.context.client.target.api_key
        if is_generated and self._is_spent(request.operation_id):
            self._is_cut_short = True
            return NOT_SENT
        if not self.may_be_sent(request):
            return NOT_SENT
        answer = self._forwarded(request)
        if is_lost(answer, operation=request.operation_id, method=request.method):
            self._repair(request, answer)
            answer = self._forwarded(request)
        if is_generated:
            self._statuses[request.label][answer.status] += 1
        self._repair(request, answer)
        return NOT_SENT if is_generated and self._tells_nothing(request, answer) else answer

    def _forwarded(self, request: GeneratedRequest) -> Response:
        started = self.context.clock.now()
        answer = self.context.client.forward(
            request.label,
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.body,
        )
        self._spent_s[request.operation_id] += self.context.clock.now() - started - answer.waited_s
        self._waited_s += answer.waited_s
        return answer

    def _tells_nothing(self, request: GeneratedRequest, answer: Response) -> bool:
        """Return whether an answer is a gateway's own, or names what the app's plan lacks; note it.

        A gateway may refuse what breaks the document, odd paths, and a method that the path does
        not have.
        """
        try:
            self.context.client.must_be_an_answer(
                answer, request.operation_id, method=request.method
            )
        except (NotStaged, NotReached) as cause:
            if isinstance(cause, AnswerLost):  # twice: the other requests need not be sent again
                cause = NotReached(cause.why)
            if isinstance(cause, NotStaged) or not _may_be_refused(request):
                self.unjudged.setdefault(str(cause), cause)
            return True
        return _may_be_refused(request) and self.gateway.gave(answer)

    def may_be_sent(self, request: GeneratedRequest) -> bool:
        """Return whether a request can change nothing but this run's own test data.

        A request that may change something names only what the run made, or is sent by the run's
        own caller about an id that no one can have. The list is asked for with a caller only.
        """
        own = self.known_ids.own
        if request.method == "GET":
            return request.operation_id != "listConversations" or request.caller is not None
        if not self.known_ids.changeable:
            return False
        values = [str(value) for value in request.values.values()]
        has_no_valid_id = not any(ID.fullmatch(value) for value in values)
        return all(value in own for value in values) or (request.caller in own and has_no_valid_id)

    def _is_spent(self, operation_id: str) -> bool:
        """Return whether an operation has had its share of the time, or the phase all of it.

        Operations come one after another; what is left is shared evenly by this one and by those
        that have not begun. What the target let all wait for (429, a short absence) is no
        operation's own.
        """
        total_s = sum(self._spent_s.values()) + self._waited_s
        if self._phase == "stateful" or total_s > self._share_s:
            return total_s > self._share_s
        own_s = self._spent_s[operation_id]
        to_come = len({*self.operations} - {*self._spent_s})
        return own_s > (self._share_s - (total_s - own_s)) / (1 + to_come)

    def _repair(self, request: GeneratedRequest, answer: Response) -> None:
        """Undo the effect of a request on known conversations, so that later requests find them."""
        if not self.known_ids.changeable or request.caller != self.known_ids.caller:
            return
        is_deletion = request.operation_id == "deleteConversation" and request.method == "DELETE"
        with contextlib.suppress(NotReached, NotStaged):
            if (is_deletion and answer.ok) or answer.code in DELETED_CODES:
                for value in request.values.values():
                    self._bring_back(str(value))
            elif request.method == "PUT" and answer.ok and not has_text_tags(request):
                self.context.client.call(
                    request.operation_id,
                    caller=request.caller,
                    path={name: str(value) for name, value in request.values.items()},
                    body={"tags": []},
                )

    def _bring_back(self, name: str) -> None:
        """Give a known conversation a message, at most ``MOST_REPAIRS`` times a phase."""
        if self.known_ids.repair is not None and self._repairs[name] < MOST_REPAIRS:
            self._repairs[name] += 1
            self.known_ids.repair(name)

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


def _may_be_refused(request: GeneratedRequest) -> bool:
    """Return whether a server in front of the API may refuse a request that the API must answer."""
    is_known = all(ID.fullmatch(str(value)) for value in request.values.values())
    return not (request.valid and request.declared and is_known) or has_odd_path(request)
