"""Faults that only ids in the path show that no one can have: too long, or of odd characters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.errors import BadRequest, Refusal
from duologue.mockserver.domain.model import Copy
from duologue.mockserver.faults.combinators import CHANGED, Change, combined, text, wrapped
from duologue.mockserver.faults.document import CLAUSE
from duologue.mockserver.faults.errors import ALL, BY_ID, failure
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.faults.refusals import MALFORMED, malformed
from duologue.mockserver.http.api_response import ApiResponse

LONGEST = 150
VERY_LONG = 200  # malformed-input tries 151


def _parameter(operation: str) -> str:
    if operation in BY_ID:
        return "conversationId"
    return "uid" if "User" in operation else "guid"


def _kebab(name: str) -> str:
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name)


def _too_long_is(change: Callable[[ApiResponse], ApiResponse]) -> Change:
    """Change the answer to ids of conversations that are longer than any."""

    def around(inner: Callable[..., Copy], caller: str, asked_for: str, *args: Any) -> Copy:
        if len(asked_for) > LONGEST:
            raise BadRequest({"length": ["Too long."]})
        return inner(caller, asked_for, *args)

    return combined(wrapped("missing_by_id", around), malformed(BY_ID, "length", change))


def _very_long_is_500(healthy: Behaviours) -> Behaviours:
    """Answer 500 to refused requests whose path names an id that is longer than any column."""

    def note(refuse: Callable[..., Any], problem: Refusal, call: Any, act: Any) -> Any:
        if any(len(value) > VERY_LONG for value in call.path.values()):
            problem.add_note(CHANGED)
        return refuse(problem, call, act)

    def status_of(inner: Callable[[Refusal], int], problem: Refusal) -> int:
        return 500 if CHANGED in getattr(problem, "__notes__", ()) else inner(problem)

    return combined(wrapped("refuse", note), wrapped("status_of", status_of))(healthy)


NAMING = tuple(name for name in ALL if name != "listConversations")
FAULTS: tuple[Fault, ...] = (
    *(
        Fault(
            f"odd-id-is-500-for-{_kebab(operation)}",
            MALFORMED,
            f"{operation} answers 500 where the id in its path can be none.",
            malformed([operation], _parameter(operation), failure),
        )
        for operation in NAMING
    ),
    Fault(
        "odd-ids-are-refused-in-text",
        MALFORMED,
        "Ids in the path that can be none are refused in plain text, not in JSON.",
        combined(
            *(malformed(NAMING, name, text("Bad id.")) for name in ("uid", "guid")),
        ),
    ),
    Fault(
        "conversation-ids-past-150-characters-are-500",
        MALFORMED,
        "An id of a conversation of more than 150 characters is answered 500.",
        _too_long_is(failure),
    ),
    Fault(
        "conversation-ids-past-150-characters-are-refused-in-text",
        MALFORMED,
        "An id of a conversation of more than 150 characters is refused outside the envelope.",
        _too_long_is(lambda answer: answer._replace(status=404, body={"message": "Not found."})),
    ),
    Fault(
        "ids-past-200-characters-are-500",
        CLAUSE,
        "An id in the path of more than 200 characters is answered 500.",
        _very_long_is_500,
    ),
)
