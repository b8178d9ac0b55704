"""Triage: check failures become findings of the clause they break, one for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from duologue.contracts.context.expectations import clipped
from duologue.contracts.context.findings import Finding
from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.fuzz.suppressions import broken_tag_limit, suppressed
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.client import RecordedCall, rows
from duologue.contracts.http.response_schemas import shapes

DOCUMENT_CLAUSE = "document.answers-follow-it"
ENVELOPE_CLAUSE = "errors.envelope"
MAX_OPERATIONS_NAMED = 3
SHOWN_HEADERS = ("accept", "apikey", "onBehalfOf", "Content-Type")
AS_DOCUMENTED = "as the document describes it"
UNREADABLE = (
    "MissingContentType",
    "UndefinedContentType",
    "MalformedMediaType",
    "MalformedJson",
    "ContentDeserializationError",
)
SERVER_ERRORS = ("ServerError", "ContentTypeServerError")
AUTH_CLAUSES = {"no_auth": "access.key-required", "invalid_auth": "access.key-known"}
DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "ServerError": ("a server error", "2xx with data, or 4xx with error.code and error.message"),
    "ContentTypeServerError": ("a server error", "2xx with data, or 4xx with an error"),
    "UndefinedStatusCode": ("a status that the document does not list", "200, or a refusal (4xx)"),
    "MissingContentType": ("an answer without a content type", "application/json"),
    "UndefinedContentType": ("an answer of an undocumented content type", "application/json"),
    "MalformedMediaType": ("an answer with a malformed content type", "application/json"),
    "MalformedJson": ("an answer that is not JSON", "JSON with data or error"),
    "ContentDeserializationError": ("an answer that cannot be read", "JSON with data or error"),
    "JsonSchemaError": ("an answer that does not match its schema", AS_DOCUMENTED),
    "JsonSchemaError of a refusal": (
        "an error that does not match its schema",
        "an object under error, with code and message",
    ),
    "AcceptedNegativeData": ("tags beyond a documented limit", "a refusal (4xx)"),
    "RejectedPositiveData": ("a valid request", "2xx"),
    "MissingHeaderNotRejected": ("no caller in onBehalfOf", "a refusal (4xx)"),
    "IgnoredAuth": ("no valid key", "401 or 403"),
    "UnsupportedMethodResponse": ("a method that the path does not have", "404 or 405"),
}


@dataclass(frozen=True, slots=True)
class RootCause:
    """What check failures have in common to be one finding: the clause and the subject."""

    clause_id: str
    subject: str


@dataclass(slots=True)
class CauseSummary:
    """The occurrences of a cause: the shortest request that shows it, the count, the operations.

    ``outages`` are the calls at which the target itself failed, where that is the cause.
    """

    expected: str
    actual: str
    request: GeneratedRequest
    status: int
    times: int = 0
    operations: dict[str, None] = field(default_factory=dict)
    outages: dict[FailedCall, None] = field(default_factory=dict)


@dataclass(slots=True)
class FindingsByCause:
    """Check failures sorted by cause; suppressed ones are counted by reason."""

    key_variable: str
    suppressed_counts: dict[str, int] = field(default_factory=dict)
    _summaries: dict[RootCause, CauseSummary] = field(default_factory=dict)

    def add(self, failure: CheckFailure) -> None:
        """Add a check failure."""
        entry = suppressed(failure)
        if entry is not None:
            self.suppressed_counts[entry.reason] = self.suppressed_counts.get(entry.reason, 0) + 1
            return
        for cause, expected, actual in root_causes(failure):
            summary = CauseSummary(expected, actual, failure.request, failure.answer.status, 1)
            summary.operations[failure.request.label] = None
            if failure.kind in SERVER_ERRORS and failure.request.declared:
                summary.outages[_failed_call(failure)] = None
            self._add(cause, summary)

    def take_in(self, others: FindingsByCause) -> None:
        """Add what another campaign of the run found: one cause is one finding."""
        for cause, summary in others._summaries.items():
            operations, outages = {**summary.operations}, {**summary.outages}
            self._add(cause, replace(summary, operations=operations, outages=outages))
        for reason, count in others.suppressed_counts.items():
            self.suppressed_counts[reason] = self.suppressed_counts.get(reason, 0) + count

    def _add(self, cause: RootCause, summary: CauseSummary) -> None:
        known = self._summaries.get(cause)
        if known is None:
            self._summaries[cause] = summary
            return
        shorter = summary if _length(summary.request) < _length(known.request) else known
        self._summaries[cause] = replace(
            shorter,
            times=known.times + summary.times,
            operations=known.operations | summary.operations,
            outages=known.outages | summary.outages,
        )

    def by_clause(self) -> Iterator[tuple[str, Finding]]:
        """Yield each finding with the id of the clause it breaks."""
        for cause, summary in self._summaries.items():
            times = "" if summary.times == 1 else f" (in {summary.times} answers)"
            shown = curl(summary.request, summary.status, key_variable=self.key_variable)
            first, *more = summary.outages or (None,)
            yield (
                cause.clause_id,
                Finding(
                    f"{cause.subject}: {_first_names(list(summary.operations))}",
                    summary.expected,
                    f"{clipped(summary.actual)}{times}",
                    (shown,),
                    last_call=Because(first, shown) if first else None,
                    more_calls=tuple(filter(None, more)),
                ),
            )


def root_causes(failure: CheckFailure) -> Iterator[tuple[RootCause, str, str]]:
    """Yield what a check failure is about, what was expected, and what came."""
    answer = failure.answer
    if failure.kind == "JsonSchemaError" and answer.status == 200:
        violations = shapes().violations(failure.request.operation_id, answer.body)
        for each in violations:
            yield RootCause(each.clause_id or DOCUMENT_CLAUSE, each.place), each.rule, each.actual
        if not violations:
            cause = RootCause(DOCUMENT_CLAUSE, "a header of the answer")
            yield cause, AS_DOCUMENTED, failure.detail
        return
    kind = failure.kind if answer.status < 400 else f"{failure.kind} of a refusal"
    fallback = DESCRIPTIONS.get(failure.kind, (failure.kind, AS_DOCUMENTED))
    subject, expected = DESCRIPTIONS.get(kind, fallback)
    yield RootCause(clause_of(failure), subject), expected, str(answer)


def _failed_call(failure: CheckFailure) -> FailedCall:
    """Return the call as other clauses name it: its operation by the document's path."""
    request, answer = failure.request, failure.answer
    method, path = rows()[request.operation_id]
    return FailedCall(request.operation_id, method, path, answer.status, answer.code)


def clause_of(failure: CheckFailure) -> str:
    """Return the clause that a check failure breaks, or that of the whole document."""
    kind, is_refusal = failure.kind, failure.answer.status >= 400
    if kind in SERVER_ERRORS and not failure.request.declared:
        return "access.wrong-method"
    if kind in SERVER_ERRORS:
        return "errors.malformed-input" if failure.negative else DOCUMENT_CLAUSE
    if kind in UNREADABLE or kind == "JsonSchemaError":
        return ENVELOPE_CLAUSE if is_refusal else DOCUMENT_CLAUSE
    if kind == "AcceptedNegativeData":
        return broken_tag_limit(failure) or DOCUMENT_CLAUSE
    if kind == "IgnoredAuth":
        return AUTH_CLAUSES.get(failure.facts.get("scenario", ""), "access.key-known")
    fixed = {
        "MissingHeaderNotRejected": "access.caller-required",
        "UnsupportedMethodResponse": "access.wrong-method",
    }
    return fixed.get(kind, DOCUMENT_CLAUSE)


def curl(request: GeneratedRequest, status: int, *, key_variable: str) -> str:
    """Return the request as a shell command that reads the key from the environment."""
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    shown_headers = tuple(
        (name, headers[name.lower()]) for name in SHOWN_HEADERS if name.lower() in headers
    )
    body = request.content if request.content is not None else request.body
    name = request.operation_id
    return RecordedCall(
        name, request.method, request.url, shown_headers, body, key_variable, status
    ).curl()


def _first_names(names: list[str]) -> str:
    more = len(names) - MAX_OPERATIONS_NAMED
    named = ", ".join(names[:MAX_OPERATIONS_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _length(request: GeneratedRequest) -> int:
    return len(request.url) + len(request.body or b"")
