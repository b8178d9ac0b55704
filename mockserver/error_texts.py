"""The texts of errors as the real service was seen to write them, for the live dialect.

Two for each: `message` and `devMessage`. The codes are the vendor's in both dialects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from duologue.mockserver.domain import errors

# The service shows the first and last five characters of a key. The mock shows none: what a client
# sends may be a real key, and answers end up in logs.
_KEY = "*" * 32


class ErrorText(NamedTuple):
    """What an error says to users and to developers."""

    message: str
    dev_message: str


def of(problem: errors.Refusal) -> ErrorText | None:
    """Return the text that was seen for a refusal; None if none was."""
    write = _TEXTS.get(type(problem))
    return None if write is None else write(problem)


def _uid_not_found(problem: errors.UidNotFound) -> ErrorText:
    uid = problem.uid
    rest = f"please make sure you have created a user with UID {uid}."
    return ErrorText(
        f"The UID {uid} does not exist, {rest}", f"The UID {uid} does not exist, so {rest}"
    )


def _key_unknown(_: errors.KeyUnknown) -> ErrorText:
    rest = "Please use correct apiKey."
    return ErrorText(
        f"The key {_KEY} does not exist. {rest}", f"The {_KEY} key doesn't work. {rest}"
    )


def _key_of_small_scope(_: errors.KeyOfSmallScope) -> ErrorText:
    return ErrorText(
        f"The key {_KEY} cannot be used to perform this operation. Please use API key with a"
        " correct scope to perform the operation.",
        f"The {_KEY} key does not have enough clearance. To perform the operation, please use the"
        " API key with the correct scope.",
    )


def _bad_request(_: errors.BadRequest) -> ErrorText:
    text = "Failed to validate the data sent with the request."
    return ErrorText(text, text)


_TEXTS: Mapping[type[errors.Refusal], Callable[[Any], ErrorText]] = {
    errors.UidNotFound: _uid_not_found,
    errors.KeyUnknown: _key_unknown,
    errors.KeyOfSmallScope: _key_of_small_scope,
    errors.BadRequest: _bad_request,
}
