"""Check failures of the generator that are not judged, each with the reason.

The tool compares an answer with the document alone. What no document decides (the Tolerance column
of the readings), and what it takes for a rule of HTTP that this API does not follow, is suppressed
here: one entry for each cause, no check as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from duologue.contracts.context.limits import limits
from duologue.contracts.context.values import number_in
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.response_schemas import shapes

MAX_DECIDED_PAGE = 1000
ID = re.compile(r"[A-Za-z0-9_-]{1,100}")  # of users, groups and conversations (readings T9)
LIST_PARAMETERS = ("tags", "userTags", "groupTags")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One cause to suppress: the checks that report it (all if none is named), and why."""

    kinds: tuple[str, ...]
    reason: str
    applies: Callable[[CheckFailure], bool]


def suppressed(failure: CheckFailure) -> Suppression | None:
    """Return the entry that suppresses a check failure; None if it is to be judged."""
    for entry in SUPPRESSIONS:
        if (not entry.kinds or failure.kind in entry.kinds) and entry.applies(failure):
            return entry
    return None


def broken_tag_limit(failure: CheckFailure) -> str | None:
    """Return the clause of the limit that a list of tags exceeds, if nothing else is wrong."""
    content = failure.request.content
    tags = content.get("tags") if isinstance(content, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        return None
    if len(tags) > limits().most_tags:
        return "key-behaviors.at-most-25-tags"
    if any(len(tag) > limits().longest_tag for tag in tags):
        return "key-behaviors.tags-up-to-100-characters"
    return None


def echoes_malformed_tags(failure: CheckFailure) -> bool:
    """Return whether malformed tags that were accepted are all that is wrong with the answer."""
    request, answer = failure.request, failure.answer
    if not request.operation_id.startswith("update") or has_text_tags(request):
        return False
    violations = shapes().violations(request.operation_id, answer.body)
    return bool(violations) and all(each.place == "tags" for each in violations)


def has_text_tags(request: GeneratedRequest) -> bool:
    """Return whether the request's tags are a list of texts."""
    tags = request.content.get("tags") if isinstance(request.content, dict) else None
    return isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)


def must_be_accepted(failure: CheckFailure) -> bool:
    """Return whether documents decide that the whole, valid request must be accepted."""
    request = failure.request
    if not all(ID.fullmatch(str(value)) for value in request.values.values()):
        return False
    if request.body and not (isinstance(request.content, dict) and _is_plain_body(request.content)):
        return False
    return all(_is_plain_value(name, value) for name, value in request.query.items())


def has_odd_path(request: GeneratedRequest) -> bool:
    """Return whether servers in front of an API may refuse the path, whatever it names."""
    return any(
        segment in (".", "..")
        or any(each in "/\\" or unicodedata.category(each) == "Cc" for each in segment)
        for segment in map(unquote, urlsplit(request.url).path.split("/"))
    )


def _is_refusal_in_another_form(failure: CheckFailure) -> bool:
    return 400 <= failure.answer.status < 500 and not isinstance(failure.answer.body, dict | list)


def _is_plain_body(content: dict[str, Any]) -> bool:
    known = {"tags", "messageId", "conversationWith", "deleteMessagesPermanently", "preserveOrder"}
    return content.keys() <= known and all(_is_text(tag) for tag in content.get("tags", ()))


def _is_plain_value(name: str, value: str) -> bool:
    if name == "page":
        number = number_in(value)
        return number is not None and 1 <= number <= MAX_DECIDED_PAGE
    if name in LIST_PARAMETERS:
        return all(_is_text(tag) and len(tag) <= limits().longest_tag for tag in value.split(","))
    return _is_text(value)


def _is_text(text: Any) -> bool:
    """Return whether a text has a visible character and no control characters."""
    if not isinstance(text, str):
        return False
    kinds = {unicodedata.category(each) for each in text}
    return "Cc" not in kinds and any(kind[0] not in "ZC" for kind in kinds)


SUPPRESSIONS: tuple[Suppression, ...] = (
    Suppression(
        (),
        "429 is waited for and never judged (readings T11)",
        lambda failure: failure.answer.status == 429,
    ),
    Suppression(
        ("IgnoredAuth",),
        "the tool's own request without a key was answered 429 (readings T11)",
        lambda failure: "got `429" in failure.detail,
    ),
    Suppression(
        (),
        "too long for the server in front of the API, which no document describes",
        lambda failure: failure.answer.status in (413, 414, 431),
    ),
    Suppression(
        (),
        "a server in front of the API refuses paths with control characters, slashes or dots itself"
        ", in a form of its own",
        lambda failure: has_odd_path(failure.request) and _is_refusal_in_another_form(failure),
    ),
    Suppression(
        ("UndefinedStatusCode",),
        "a 5xx is reported once, as a server error",
        lambda failure: failure.answer.status >= 500,
    ),
    Suppression(
        ("AcceptedNegativeData",),
        "malformed input may be accepted, as in '?tags=' or an unknown message id; only the"
        " documented limits of tags are judged by refusal (readings T13)",
        lambda failure: broken_tag_limit(failure) is None,
    ),
    Suppression(
        ("JsonSchemaError",),
        "malformed tags that were accepted may be shown as they were sent (readings T13)",
        lambda failure: failure.answer.status == 200 and echoes_malformed_tags(failure),
    ),
    Suppression(
        ("RejectedPositiveData",),
        "valid by the schema, but the documents leave open whether it is refused: unknown keys in a"
        " body, tags of white space or control characters (B11), pages far past the end (B12), ids"
        " that nobody can have (T13)",
        lambda failure: not must_be_accepted(failure),
    ),
    Suppression(
        ("UnsupportedMethodResponse",),
        "404 and 405 are both accepted for a method that a path does not have; no document"
        " promises Allow (readings T10)",
        lambda failure: failure.answer.status in (404, 405),
    ),
    Suppression(
        ("UseAfterFree",),
        "no DELETE of this API removes the resource for good: reset keeps the conversation (B9),"
        " unread is no deletion (B8), and a deleted one gets a new message at once (B10)",
        lambda failure: failure.facts.get("free", "").startswith("DELETE"),
    ),
    Suppression(
        ("EnsureResourceAvailability",),
        "a POST of this API changes what exists and creates nothing to be found afterwards",
        lambda failure: failure.answer.status == 404,
    ),
)
