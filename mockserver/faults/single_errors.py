"""Faults of single errors: one operation answers one documented refusal in another way."""

from __future__ import annotations

from collections.abc import Callable

from duologue.mockserver.faults.combinators import Change, code, failed_as, refused_as
from duologue.mockserver.faults.errors import ALL, BY_ID, CALLER, CONVERSATION, GUID, UID
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse

NAMED_BY_USER = tuple(
    name for name in ALL if "User" in name
)  # the six of a 1-on-1: of GET, PUT, DELETE, read, unread and delivered
MISSING = "ERR_CONVERSATION_NOT_FOUND"


def in_small_letters(answer: ApiResponse) -> ApiResponse:
    """Return the error with its code in lower case."""
    return code(str(answer.body["error"]["code"]).lower())(answer)


def with_200(answer: ApiResponse) -> ApiResponse:
    """Return the error with status 200."""
    return answer._replace(status=200)


def otherwise(answer: ApiResponse) -> ApiResponse:
    """Return the error with another code."""
    return code("ERR_NOT_FOUND")(answer)


Variations = tuple[tuple[str, str, Callable[[ApiResponse], ApiResponse]], ...]
_VARIATIONS: Variations = (
    ("in-lower-case", "has its code in lower case", in_small_letters),
    ("with-200", "comes with status 200", with_200),
    ("by-another-code", "has another code", otherwise),
)


def _kebab(name: str) -> str:
    return "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name)


Refused = Callable[[str, Callable[[ApiResponse], ApiResponse]], Change]


def with_500(answer: ApiResponse) -> ApiResponse:
    """Return the error with status 500."""
    return answer._replace(status=500)


_GUID_VARIATIONS: Variations = (
    ("with-200", "comes with status 200", with_200),
    ("with-500", "comes with status 500", with_500),
)


def _of(
    word: str,
    clause: str,
    operations: tuple[str, ...],
    refused: Refused,
    *,
    variations: Variations = _VARIATIONS,
) -> tuple[Fault, ...]:
    return tuple(
        Fault(
            f"{word}-of-{_kebab(operation)}-{way}",
            clause,
            f"The refusal of {operation}, {word.replace('-', ' ')}, {text}.",
            refused(operation, change),
        )
        for operation in operations
        for way, text, change in variations
    )


FAULTS: tuple[Fault, ...] = (
    *_of(
        "no-caller",
        CALLER,
        ALL,
        lambda name, change: refused_as("check_caller", change, operations=[name]),
    ),
    *_of(
        "no-uid",
        UID,
        NAMED_BY_USER,
        lambda name, change: refused_as("check_peer", change, "user", operations=[name]),
    ),
    *_of(
        "no-conversation",
        CONVERSATION,
        (*NAMED_BY_USER, *BY_ID),
        lambda name, change: failed_as([name], MISSING, change),
    ),
    *_of(
        "no-guid",
        GUID,
        tuple(name for name in ALL if "Group" in name),
        lambda name, change: failed_as([name], "ERR_GUID_NOT_FOUND", change),
        variations=_GUID_VARIATIONS,
    ),
)
