"""What passed through a proxy so far: counts, verdicts, findings, the client's secrets."""

from __future__ import annotations

import threading
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from duologue.contracts.context.findings import Finding
from duologue.contracts.http.redaction import Redactor
from duologue.contracts.http.response import Response
from duologue.contracts.proxy.clauses import Observation, observations, speaking
from duologue.contracts.proxy.exchange import SECRET_HEADERS, Exchange, ReadExchange
from duologue.contracts.proxy.requests import RequestSchemas, bundled
from duologue.contracts.proxy.usage import UsageRecord
from duologue.contracts.run.results import Result, Verdict

MOST_FINDINGS = 20  # of one clause; more are counted only
MOST_SECRETS = 1_000
UNSEEN = "no request and answer showed it"


@dataclass(slots=True)
class Occurrences:
    """The first finding of its kind, and how often the same was seen."""

    finding: Finding
    times: int = 0


@dataclass(slots=True)
class ClauseRecord:
    """What was seen of one clause: how often it held, and its findings by their titles."""

    held: int = 0
    findings: dict[str, Occurrences] = field(default_factory=dict)
    others: int = 0


class Record:
    """Judges each exchange as it comes; any thread may add one.

    ``on_finding`` is told of the clause and title of each finding, once.
    """

    def __init__(
        self,
        *,
        requests: RequestSchemas | None = None,
        on_finding: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        self._requests = requests or bundled()
        self._on_finding = on_finding
        self._lock = threading.Lock()
        self._clauses: defaultdict[str, ClauseRecord] = defaultdict(ClauseRecord)
        self._statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._secrets: dict[str, None] = {}
        self._first_answer: Response | None = None  # in the API's own form
        self.usage = UsageRecord()
        self.passed = 0
        self.failed = 0
        self.defect = ""

    def add(self, exchange: Exchange) -> None:
        """Judge one exchange; a defect of a check is kept, and never the client's problem."""
        with self._lock:
            self._statuses[exchange.operation.id][exchange.status] += 1
            self._keep_secrets(exchange)
            try:
                whole = ReadExchange(exchange)
                self.usage.add(whole)
                if self._first_answer is None and (whole.answer.ok or whole.answer.error):
                    self._first_answer = replace(whole.answer, text="")
                for each in observations(whole, self._requests, self._first_answer):
                    self._observe(each, whole)
            except Exception:  # the client has to get its answer, whatever the checks do
                self.defect = self.defect or traceback.format_exc()

    def count(self, *, failed: bool = False) -> None:
        """Count a request of any path; ``failed`` where the target gave no answer."""
        with self._lock:
            self.passed += 1
            self.failed += failed

    @property
    def found(self) -> int:
        """How many different findings there are."""
        return sum(len(each.findings) + each.others for each in [*self._clauses.values()])

    @property
    def judged(self) -> int:
        """How many exchanges were those of the document's operations."""
        return sum(sum(each.values()) for each in [*self._statuses.values()])

    def statuses(self) -> dict[str, dict[int, int]]:
        """Return operationId -> status -> number of answers."""
        with self._lock:
            return {name: dict(sorted(each.items())) for name, each in self._statuses.items()}

    def results(self) -> list[Result]:
        """Return the verdict of each clause that an exchange can show."""
        with self._lock:
            return [self._result(name) for name in speaking()]

    def redactor(self, secrets: Mapping[str, str] | None = None) -> Redactor:
        """Return what hides the secrets that clients sent, and others by their variables."""
        sent = {f"CLIENT_SECRET_{n}": each for n, each in enumerate(self._secrets, 1)}
        return Redactor(sent | dict(secrets or {}))

    def _result(self, name: str) -> Result:
        clause, seen = speaking()[name], self._clauses[name]
        findings = tuple(map(_with_times, seen.findings.values()))
        if findings:
            return Result(clause, Verdict.BROKEN, findings)
        return (
            Result(clause, Verdict.HELD)
            if seen.held
            else Result(clause, Verdict.NOT_STAGED, why=UNSEEN)
        )

    def _observe(self, seen: Observation, exchange: ReadExchange) -> None:
        clause = self._clauses[seen.clause_id]
        if seen.actual is None:
            clause.held += 1
            return
        known = clause.findings.get(seen.title)
        if known is None and len(clause.findings) >= MOST_FINDINGS:
            clause.others += 1
            return
        if known is None:
            finding = Finding(seen.title, seen.expected, seen.actual, (exchange.curl(),))
            known = clause.findings[seen.title] = Occurrences(finding)
            self._on_finding(seen.clause_id, seen.title)
        known.times += 1

    def _keep_secrets(self, exchange: Exchange) -> None:
        for name in SECRET_HEADERS:
            value = exchange.headers.get(name)
            if value and len(self._secrets) < MOST_SECRETS:
                self._secrets[value] = None


def _with_times(seen: Occurrences) -> Finding:
    """Return the finding, its call with the number of times where the same came again."""
    finding = seen.finding
    times = f", x{seen.times}" if seen.times > 1 else ""
    calls = tuple(f"{call}{times}" for call in finding.calls)
    return Finding(finding.title, finding.expected, finding.actual, calls)
