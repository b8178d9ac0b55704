"""Errors of the control plane: one class for each thing its caller could act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from duologue.mockserver.domain.errors import MockserverError

Details = Mapping[str, Sequence[str]]


class ControlProblem(MockserverError):
    """Base of the control plane's errors; nothing was changed."""

    code: ClassVar[str]
    status: ClassVar[int]

    @property
    def details(self) -> Details:
        """Return what is wrong, by place; empty where no place is to blame."""
        return {}

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of the error response."""
        return {}


class Refused(ControlProblem):
    """The caller is not allowed to control this mock."""

    code, status = "ERR_CONTROL_REFUSED", 403

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class TokenNeeded(ControlProblem):
    """The call has no token, or a wrong one."""

    code, status = "ERR_CONTROL_TOKEN", 401

    def __init__(self) -> None:
        super().__init__("Send the token that this mock was started with as x-control-token.")


class Off(ControlProblem):
    """The mock listens to other machines and was started without a control token."""

    code, status = "ERR_CONTROL_OFF", 404

    def __init__(self) -> None:
        super().__init__(
            "The control plane is off: this mock listens to other machines."
            " Start it with --control-token-env NAME to drive it."
        )


class WrongContentType(ControlProblem):
    """The body has a content type that this route does not read."""

    code, status = "ERR_CONTROL_CONTENT_TYPE", 415

    def __init__(self, given: str, taken: Sequence[str]) -> None:
        super().__init__(
            f"This route takes {' or '.join(taken)}, not {given or 'an unnamed type'}."
        )
        self.given = given
        self.taken = tuple(taken)


class NoRoute(ControlProblem):
    """No operation has this path."""

    code, status = "ERR_CONTROL_NOT_FOUND", 404

    def __init__(self, path: str) -> None:
        super().__init__(f"Nothing answers at {path}; GET /_mock/openapi.json lists what does.")
        self.path = path


class NoSuch(ControlProblem):
    """The path is known; the thing it names does not exist."""

    code, status = "ERR_CONTROL_NOT_FOUND", 404

    def __init__(self, what: str, name: str, *, hint: str) -> None:
        super().__init__(f"There is no {what} {name!r}; {hint}.")
        self.what = what
        self.name = name


class WrongMethod(ControlProblem):
    """The path is known; it has no such method."""

    code, status = "ERR_CONTROL_METHOD", 405

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"This path does not answer {method}, only {', '.join(allowed)}.")
        self.method = method
        self.allowed = tuple(allowed)

    @property
    def headers(self) -> dict[str, str]:
        """Return the `Allow` header."""
        return {"Allow": ", ".join(self.allowed)}


class Unreadable(ControlProblem):
    """The body cannot be parsed."""

    code, status = "ERR_CONTROL_UNREADABLE", 400

    def __init__(self, format_: str, reason: str) -> None:
        super().__init__(f"The body is no {format_}: {reason}.")
        self.format = format_
        self.reason = reason


class ControlBodyTooLarge(ControlProblem):
    """The body has more bytes than the mock reads."""

    code, status = "ERR_CONTROL_TOO_LARGE", 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body has more than {limit_bytes} bytes; send a shorter one.")
        self.limit_bytes = limit_bytes


class WrongInput(ControlProblem):
    """The input can be parsed and is not valid."""

    code, status = "ERR_CONTROL_INPUT", 422

    def __init__(self, details: Details) -> None:
        count = sum(map(len, details.values()))
        super().__init__(
            f"{count} thing{'s' * (count != 1)} in this request cannot be; see details."
        )
        self._details = details

    @property
    def details(self) -> Details:
        """Return what is wrong, by place."""
        return self._details


class Conflict(ControlProblem):
    """The input is valid; the mock's state does not allow the call."""

    code, status = "ERR_CONTROL_CONFLICT", 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class TooManyStreams(ControlProblem):
    """As many clients listen to events as the mock has threads for."""

    code, status = "ERR_CONTROL_STREAMS", 503

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} clients listen already; close one, or ask for the journal.")
        self.most = most

    @property
    def headers(self) -> dict[str, str]:
        """Return how soon to try again."""
        return {"Retry-After": "5"}
