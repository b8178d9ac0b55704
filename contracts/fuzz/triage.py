"""Triage: check failures become findings of the clause they break, one for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from duologue.contracts.context.expectations import shown
from duologue.contracts.context.findings import Finding
from duologue.contracts.fuzz.suppressions import broken_tag_limit, suppressed
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.client import RecordedCall
from duologue.contracts.http.response_schemas import shapes

ELSE = "document.answers-follow-it"
ENVELOPE = "errors.envelope"
OPERATIONS_NAMED = 3
SHOWN_HEADERS = ("accept", "apikey", "onBehalfOf", "Content-Type")
DESCRIBED = "as the document describes it"
UNREADABLE = (
    "MissingContentType",
    "UndefinedContentType",
    "MalformedMediaType",
    "MalformedJson",
    "ContentDeserializationError",
)
SERVER_ERRORS = ("ServerError", "ContentTypeServerError")
AUTH_CLAUSES = {"no_auth": "access.key-required", "invalid_auth": "access.key-known"}
WORDS: Mapping[str, tuple[str, str]] = {
    "ServerError": ("a server error", "2xx with data, or 4xx with error.code and error.message"),
    "ContentTypeServerError": ("a server error", "2xx with data, or 4xx with an error"),
    "UndefinedStatusCode": ("a status of its own", "200, or a refusal (4xx)"),
    "MissingContentType": ("an answer without a content type", "application/json"),
    "UndefinedContentType": ("an answer of another content type", "application/json"),
    "MalformedMediaType": ("an answer of no proper content type", "application/json"),
    "MalformedJson": ("an answer that is no JSON", "JSON with data or error"),
    "ContentDeserializationError": ("an answer that cannot be read", "JSON with data or error"),
    "JsonSchemaError": ("an answer of another shape", DESCRIBED),
    "JsonSchemaError of a refusal": (
        "an error of another shape",
        "an object under error, with code and message",
    ),
    "AcceptedNegativeData": ("tags past a documented limit", "a refusal (4xx)"),
    "RejectedPositiveData": ("a valid request", "2xx"),
    "MissingHeaderNotRejected": ("no caller in onBehalfOf", "a refusal (4xx)"),
    "IgnoredAuth": ("no valid key", "401 or 403"),
    "UnsupportedMethodResponse": ("a method that the path does not have", "404 or 405"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What makes check failures one: the clause, and what it is about."""

    clause_id: str
    subject: str


@dataclass(slots=True)
class Seen:
    """A cause with its occurrences: the shortest request that shows it, and where else."""

    expected: str
    actual: str
    sent: GeneratedRequest
    status: int
    times: int = 0
    operations: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """Check failures sorted by cause; suppressed ones are counted by reason."""

    key_variable: str
    let_pass: dict[str, int] = field(default_factory=dict)
    _seen: dict[Cause, Seen] = field(default_factory=dict)

    def note(self, complaint: CheckFailure) -> None:
        """Add a check failure."""
        entry = suppressed(complaint)
        if entry is not None:
            self.let_pass[entry.reason] = self.let_pass.get(entry.reason, 0) + 1
            return
        for cause, expected, actual in causes(complaint):
            self._add(cause, Seen(expected, actual, complaint.sent, complaint.answer.status))

    def _add(self, cause: Cause, seen: Seen) -> None:
        known = self._seen.get(cause)
        if known is None or _length(seen.sent) < _length(known.sent):
            seen.times, seen.operations = (known.times, known.operations) if known else (0, {})
            self._seen[cause] = known = seen
        known.times += 1
        known.operations.setdefault(_told(seen.sent))

    def by_clause(self) -> Iterator[tuple[str, Finding]]:
        """Yield each finding with the id of the clause it breaks."""
        for cause, seen in self._seen.items():
            times = "" if seen.times == 1 else f" (so in {seen.times} answers)"
            yield (
                cause.clause_id,
                Finding(
                    f"{cause.subject}: {_some(list(seen.operations))}",
                    seen.expected,
                    f"{shown(seen.actual)}{times}",
                    (curl(seen.sent, seen.status, key_variable=self.key_variable),),
                ),
            )


def causes(complaint: CheckFailure) -> Iterator[tuple[Cause, str, str]]:
    """Yield what a check failure is about, what was expected, and what came."""
    answer = complaint.answer
    if complaint.kind == "JsonSchemaError" and answer.status == 200:
        violations = shapes().violations(complaint.sent.operation_id, answer.body)
        for each in violations:
            yield Cause(each.clause_id or ELSE, each.place), each.rule, each.actual
        if not violations:
            yield Cause(ELSE, "a header of the answer"), DESCRIBED, complaint.detail
        return
    kind = complaint.kind if answer.status < 400 else f"{complaint.kind} of a refusal"
    subject, expected = WORDS.get(kind) or WORDS.get(complaint.kind, (complaint.kind, DESCRIBED))
    yield Cause(clause_of(complaint), subject), expected, str(answer)


def clause_of(complaint: CheckFailure) -> str:
    """Return the clause that a check failure breaks, or that of the whole document."""
    kind, failed = complaint.kind, complaint.answer.status >= 400
    if kind in SERVER_ERRORS and not complaint.sent.declared:
        return "access.wrong-method"
    if kind in SERVER_ERRORS:
        return "errors.malformed-input" if complaint.negative else ELSE
    if kind in UNREADABLE or kind == "JsonSchemaError":
        return ENVELOPE if failed else ELSE
    if kind == "AcceptedNegativeData":
        return broken_tag_limit(complaint) or ELSE
    if kind == "IgnoredAuth":
        return AUTH_CLAUSES.get(complaint.facts.get("scenario", ""), "access.key-known")
    fixed = {
        "MissingHeaderNotRejected": "access.caller-required",
        "UnsupportedMethodResponse": "access.wrong-method",
    }
    return fixed.get(kind, ELSE)


def curl(sent: GeneratedRequest, status: int, *, key_variable: str) -> str:
    """Return the request as a shell command that reads the key from the environment."""
    headers = {name.lower(): str(value) for name, value in sent.headers.items()}
    kept = tuple((name, headers[name.lower()]) for name in SHOWN_HEADERS if name.lower() in headers)
    body = sent.content if sent.content is not None else sent.body
    name = sent.operation_id
    return RecordedCall(name, sent.method, sent.url, kept, body, key_variable, status).curl()


def _told(sent: GeneratedRequest) -> str:
    return sent.operation_id if sent.declared else f"{sent.method} beside {sent.operation_id}"


def _some(names: list[str]) -> str:
    more = len(names) - OPERATIONS_NAMED
    told = ", ".join(names[:OPERATIONS_NAMED])
    return f"{told} and {more} more" if more > 0 else told


def _length(sent: GeneratedRequest) -> int:
    return len(sent.url) + len(sent.body or b"")
