"""Why the control plane refuses: one class for each thing its caller could act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from duologue.mockserver.domain.errors import MockserverError

Details = Mapping[str, Sequence[str]]


class ControlProblem(MockserverError):
    """An answer of the control plane that is an error; nothing has changed."""

    code: ClassVar[str]
    status: ClassVar[int]

    @property
    def details(self) -> Details:
        """What is wrong, by its place; empty where no place is to blame."""
        return {}

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        return {}


class Refused(ControlProblem):
    """The caller may not drive this mock."""

    code, status = "ERR_CONTROL_REFUSED", 403

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class TokenNeeded(ControlProblem):
    """The call carries no token, or another one than the mock was started with."""

    code, status = "ERR_CONTROL_TOKEN", 401

    def __init__(self) -> None:
        super().__init__("Send the token that this mock was started with as x-control-token.")


class Off(ControlProblem):
    """The mock listens to other machines and was given no token to know its driver by."""

    code, status = "ERR_CONTROL_OFF", 404

    def __init__(self) -> None:
        super().__init__(
            "The control plane is off: this mock listens to other machines."
            " Start it with --control-token-env NAME to drive it."
        )


class WrongContentType(ControlProblem):
    """The body is not of a type that this route reads."""

    code, status = "ERR_CONTROL_CONTENT_TYPE", 415

    def __init__(self, given: str, taken: Sequence[str]) -> None:
        super().__init__(
            f"This route takes {' or '.join(taken)}, not {given or 'an unnamed type'}."
        )
        self.given = given
        self.taken = tuple(taken)


class NoRoute(ControlProblem):
    """Nothing answers at this path."""

    code, status = "ERR_CONTROL_NOT_FOUND", 404

    def __init__(self, path: str) -> None:
        super().__init__(f"Nothing answers at {path}; GET /_mock/openapi.json lists what does.")
        self.path = path


class NoSuch(ControlProblem):
    """The path is right, what it names is not there."""

    code, status = "ERR_CONTROL_NOT_FOUND", 404

    def __init__(self, what: str, name: str, *, hint: str) -> None:
        super().__init__(f"There is no {what} {name!r}; {hint}.")
        self.what = what
        self.name = name


class WrongMethod(ControlProblem):
    """The path is known, the method is not one of its."""

    code, status = "ERR_CONTROL_METHOD", 405

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"This path does not answer {method}, only {', '.join(allowed)}.")
        self.method = method
        self.allowed = tuple(allowed)

    @property
    def headers(self) -> dict[str, str]:
        """Which methods the path answers."""
        return {"Allow": ", ".join(self.allowed)}


class Unreadable(ControlProblem):
    """The body cannot be read at all."""

    code, status = "ERR_CONTROL_UNREADABLE", 400

    def __init__(self, format_: str, reason: str) -> None:
        super().__init__(f"The body is no {format_}: {reason}.")
        self.format = format_
        self.reason = reason


class WrongInput(ControlProblem):
    """The input can be read, and says what cannot be."""

    code, status = "ERR_CONTROL_INPUT", 422

    def __init__(self, details: Details) -> None:
        count = sum(map(len, details.values()))
        super().__init__(
            f"{count} thing{'s' * (count != 1)} in this request cannot be; see details."
        )
        self._details = details

    @property
    def details(self) -> Details:
        """What is wrong, by its place."""
        return self._details


class Conflict(ControlProblem):
    """The input is fine, but the mock is in no state to do this."""

    code, status = "ERR_CONTROL_CONFLICT", 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
