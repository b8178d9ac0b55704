"""Check failures of the generator that are not judged, each with the reason.

The tool compares an answer with the document alone. What no document decides (the Tolerance column
of the readings), and what it takes for a rule of HTTP that this API does not follow, is suppressed
here: one entry for each cause, no check as a whole.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duologue.contracts.context.limits import LONGEST_TAG, MOST_TAGS
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.response_schemas import shapes

FARTHEST_PAGE = 1000
LISTS = ("tags", "userTags", "groupTags")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One cause to suppress: the checks that report it (all if none is named), and why."""

    kinds: tuple[str, ...]
    reason: str
    applies: Callable[[CheckFailure], bool]


def suppressed(complaint: CheckFailure) -> Suppression | None:
    """Return the entry that suppresses a check failure; None if it is to be judged."""
    for entry in TOLERATED:
        if (not entry.kinds or complaint.kind in entry.kinds) and entry.applies(complaint):
            return entry
    return None


def broken_tag_limit(complaint: CheckFailure) -> str | None:
    """Return the clause of the limit that a list of tags exceeds, if nothing else is wrong."""
    content = complaint.sent.content
    tags = content.get("tags") if isinstance(content, dict) else None
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        return None
    if len(tags) > MOST_TAGS:
        return "key-behaviors.at-most-25-tags"
    if any(len(tag) > LONGEST_TAG for tag in tags):
        return "key-behaviors.tags-up-to-100-characters"
    return None


def shows_what_it_took(complaint: CheckFailure) -> bool:
    """Return whether malformed tags that were accepted are all that is wrong with the answer."""
    sent, answer = complaint.sent, complaint.answer
    if not sent.operation_id.startswith("update") or has_text_tags(sent):
        return False
    violations = shapes().violations(sent.operation_id, answer.body)
    return bool(violations) and all(each.place == "tags" for each in violations)


def has_text_tags(sent: GeneratedRequest) -> bool:
    """Return whether the request's tags are a list of texts."""
    tags = sent.content.get("tags") if isinstance(sent.content, dict) else None
    return isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)


def is_decided(complaint: CheckFailure) -> bool:
    """Return whether documents decide that the whole, valid request must be accepted."""
    sent = complaint.sent
    if sent.body and not (isinstance(sent.content, dict) and _is_plain_body(sent.content)):
        return False
    return all(_is_plain_value(name, value) for name, value in sent.query.items())


def _is_plain_body(content: dict[str, Any]) -> bool:
    known = {"tags", "messageId", "conversationWith", "deleteMessagesPermanently", "preserveOrder"}
    return content.keys() <= known and all(_is_text(tag) for tag in content.get("tags", ()))


def _is_plain_value(name: str, value: str) -> bool:
    if name == "page":
        return value.isascii() and value.isdigit() and 1 <= int(value) <= FARTHEST_PAGE
    if name in LISTS:
        return all(_is_text(tag) and len(tag) <= LONGEST_TAG for tag in value.split(","))
    return _is_text(value)


def _is_text(text: Any) -> bool:
    """Return whether a text has a visible character and no control characters."""
    if not isinstance(text, str):
        return False
    kinds = {unicodedata.category(sign) for sign in text}
    return "Cc" not in kinds and any(kind[0] not in "ZC" for kind in kinds)


TOLERATED: tuple[Suppression, ...] = (
    Suppression(
        (),
        "429 is obeyed wherever it comes, and never judged (readings T11)",
        lambda it: it.answer.status == 429,
    ),
    Suppression(
        ("IgnoredAuth",),
        "the tool's own try without a key was answered 429 (readings T11)",
        lambda it: "got `429" in it.detail,
    ),
    Suppression(
        (),
        "too long for the server that stands before the API: no document speaks of it",
        lambda it: it.answer.status in (413, 414, 431),
    ),
    Suppression(
        ("UndefinedStatusCode",),
        "a 5xx is told once, as a server error",
        lambda it: it.answer.status >= 500,
    ),
    Suppression(
        ("AcceptedNegativeData",),
        "malformed input may be accepted, as in '?tags=' or an unknown message id; only the"
        " documented limits of tags are judged by refusal (readings T13)",
        lambda it: broken_tag_limit(it) is None,
    ),
    Suppression(
        ("JsonSchemaError",),
        "malformed tags that were taken may be shown as they were taken (readings T13)",
        lambda it: it.answer.status == 200 and shows_what_it_took(it),
    ),
    Suppression(
        ("RejectedPositiveData",),
        "well-formed by the document's letter, but refusing it is left open: unknown keys in a"
        " body, tags of white space or control characters (B11), pages far past the end (B12)",
        lambda it: not is_decided(it),
    ),
    Suppression(
        ("UnsupportedMethodResponse",),
        "404 and 405 both will do for a method that a path does not have, and no document"
        " promises Allow (readings T10)",
        lambda it: it.answer.status in (404, 405),
    ),
    Suppression(
        ("UseAfterFree",),
        "no DELETE of this API ends what is asked for next: reset keeps the conversation (B9),"
        " unread is no deletion (B8), and one deleted by id is given a new message at once (B10)",
        lambda it: it.facts.get("free", "").startswith("DELETE"),
    ),
    Suppression(
        ("EnsureResourceAvailability",),
        "a POST here marks what is there and creates nothing that must be found afterwards",
        lambda it: it.answer.status == 404,
    ),
)
