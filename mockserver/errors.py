"""The errors of this package beside the refusals of the API (see `domain.errors`)."""

from __future__ import annotations

import re

from duologue.mockserver.domain.errors import MockserverError

__all__ = [
    "AnswerBroken",
    "DocumentLacksPart",
    "MockserverError",
    "NoPrivateDirectory",
    "StateUnavailable",
    "StateUnusable",
    "UnknownDialect",
    "UnknownFault",
    "UnknownVariant",
    "UsageNotWritten",
    "WorkingDirectoryRemoved",
    "WorldBroken",
]


_IN_AUTHORITY = re.compile(
    r"(://[^:/@]*:).*@"
)  # greedy: a password may hold what should be escaped
_IN_QUERY = re.compile(r"(password=)[^&]*", re.IGNORECASE)


def without_password(url: str) -> str:
    """Return a URL without its password."""
    return _IN_QUERY.sub(r"\1***", _IN_AUTHORITY.sub(r"\1***@", url))


class AnswerBroken(MockserverError):
    """The mock was about to send an answer that the document does not allow."""

    def __init__(self, operation_id: str, status: int, violation: str) -> None:
        super().__init__(
            f"The mock's own answer {status} to {operation_id} departs from the document:"
            f" {violation}. This is a bug of the mock."
        )
        self.operation_id = operation_id
        self.status = status
        self.violation = violation


class UnknownDialect(MockserverError):
    """No dialect has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no dialect {name!r}; choose one of {', '.join(known)}.")
        self.name = name
        self.known = known


class UnknownFault(MockserverError):
    """No fault has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no fault {name!r}{_hint(name, known)}; see 'mockserver faults'."
        )
        self.name = name
        self.known = known


class DocumentLacksPart(MockserverError):
    """A fault or a dialect changes a part that the document in use does not have."""

    def __init__(self, changed_by: str, place: str) -> None:
        super().__init__(
            f"{changed_by} changes {place}, which the document of this mock does not have;"
            " use a --document that keeps the names of the contract's components."
        )
        self.changed_by = changed_by
        self.place = place


class UnknownVariant(MockserverError):
    """No variant has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no variant {name!r}{_hint(name, known)}; see 'mockserver variants'."
        )
        self.name = name
        self.known = known


def _hint(name: str, known: tuple[str, ...]) -> str:
    import difflib  # noqa: PLC0415  takes 1 ms, and few names are unknown

    near = difflib.get_close_matches(name, known, n=2)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


class StateUnusable(MockserverError):
    """The state cannot be kept in this database.

    `url` is without its password, which must not get into logs.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = without_password(url)
        self.reason = " ".join(reason.replace(url, self.url).split())
        super().__init__(f"Cannot keep state in {self.url}: {self.reason}")


class UsageNotWritten(MockserverError):
    """The file of what clients used cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"What clients used cannot be written to {path}: {reason}")
        self.path = path
        self.reason = reason


class WorkingDirectoryRemoved(MockserverError):
    """The directory that the command was started in is not there any more."""

    def __init__(self) -> None:
        super().__init__("The working directory was removed: change to one that is there.")


class NoPrivateDirectory(MockserverError):
    """No directory can be made for the mock's own files."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The mock cannot write its files anywhere ({reason}): set TMPDIR to a folder that it"
            " can write to, or make /dev/shm or /tmp writable."
        )
        self.reason = reason


class StateUnavailable(MockserverError):
    """The database of the state cannot be used at the moment; nothing was changed.

    `status` is the HTTP status to answer: 503, or 507 if there is no space left. `is_lost` means
    that the connection is of no use any more, and another one may be.
    """

    def __init__(self, reason: str, *, status: int = 503, is_lost: bool = False) -> None:
        super().__init__(f"The state cannot be used now: {reason}.")
        self.reason = reason
        self.status = status
        self.is_lost = is_lost


class WorldBroken(MockserverError):
    """The rows of a world contradict each other."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This world cannot be: {reason}.")
        self.reason = reason
