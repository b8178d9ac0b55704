"""The call that kept a clause from its point, as reports name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NO_ANSWER = 0
FIRST_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call and its answer, without ids of the run: two clauses that met it have equal ones.

    ``path`` is the operation's template (``/users/{uid}/conversation``); ``status`` is 0 where no
    answer came, ``code`` is the error code or empty.
    """

    operation: str
    method: str
    path: str
    status: int
    code: str = ""

    @property
    def is_refusal(self) -> bool:
        """Return whether no answer came, or another than 2xx."""
        return not 200 <= self.status < 300

    @property
    def is_outage(self) -> bool:
        """Return whether the target itself failed: no answer, or 5xx."""
        return self.status == NO_ANSWER or self.status >= FIRST_SERVER_ERROR

    def __str__(self) -> str:
        answer = f"{self.status} {self.code}".strip() if self.status else "no answer"
        return f"{self.method} {self.path}: {answer}"

    def as_dict(self) -> dict[str, Any]:
        """Return the call as it stands in results.json, but for its curl line."""
        return {
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "code": self.code,
        }


@dataclass(frozen=True, slots=True)
class Because:
    """Why a clause was not reached, or which break another one follows from.

    ``root`` is the id of the clause that tells it: the broken one that met the same answer, else,
    where ``is_root_broken`` is false, the first that was not reached for the same reason. It is
    empty at that clause itself.
    """

    call: FailedCall
    curl: str
    root: str = ""
    is_root_broken: bool = True

    @property
    def cause(self) -> str:
        """What it hangs on: the id of the broken root, or the call."""
        return self.root if self.root and self.is_root_broken else str(self.call)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in results.json."""
        return {**self.call.as_dict(), "curl": self.curl, "root": self.root, "cause": self.cause}
