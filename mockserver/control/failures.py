"""Failures on demand: answers that fail, are cut off or come late, as a test asks for them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Any

from duologue.mockserver.control.errors import NoSuch
from duologue.mockserver.http.middleware import Failure

if TYPE_CHECKING:
    from flask import Request

LONGEST_MS = 60_000
PREFIXES = ("/v3.0", "/v3")
HOW = ("status", "code", "drop", "half", "delay_ms", "slow_ms")
WHICH = ("operation", "path", "caller", "times", "after", "probability", "seed")


@dataclass(slots=True)
class FailureRule:
    """Which requests fail, and how.

    A request matches by operationId, by path (without version; `*` stands for anything) and by
    caller; what is None matches all. The first `after` matches pass, then `times` fail (None: all),
    each with `probability`, drawn from a generator of its own.
    """

    id: str
    failure: Failure
    operation: str | None = None
    path: str | None = None
    caller: str | None = None
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    matched: int = 0
    failed: int = 0
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311  a failure is no secret

    def fails(self, operation_id: str | None, path: str, caller: str | None) -> bool:
        """Count a request and return whether it fails."""
        if not self._matches(operation_id, path, caller):
            return False
        self.matched += 1
        if self.matched <= self.after or (self.times is not None and self.failed >= self.times):
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.failed += 1
        return True

    def _matches(self, operation_id: str | None, path: str, caller: str | None) -> bool:
        return (
            self.operation in (None, operation_id)
            and (self.path is None or fnmatchcase(path, self.path))
            and self.caller in (None, caller)
        )


class Failures:
    """The rules in force, in the order in which they were added; the first that matches decides."""

    def __init__(self) -> None:
        self._rules: list[FailureRule] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __iter__(self) -> Any:
        return iter(tuple(self._rules))

    def __len__(self) -> int:
        return len(self._rules)

    def add(self, wanted: Mapping[str, Any]) -> FailureRule:
        """Add a rule from its JSON form (see the control document) and return it."""
        rule = FailureRule(
            id=str(next(self._numbers)),
            failure=Failure(**{name: wanted[name] for name in HOW if name in wanted}),
            **{name: wanted[name] for name in WHICH if name in wanted},
        )
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule_id: str) -> None:
        """Remove one rule; raise NoSuch if there is none of this id."""
        with self._lock:
            left = [rule for rule in self._rules if rule.id != rule_id]
            if len(left) == len(self._rules):
                raise NoSuch("failure", rule_id, hint="GET /_mock/failures lists those in force")
            self._rules = left

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules = []

    def decide(self, request: Request, operation_id: str | None) -> Failure | None:
        """Return how a request fails; None if it does not."""
        path, caller = _without_version(request.path), request.headers.get("onBehalfOf")
        with self._lock:
            for rule in self._rules:
                if rule.fails(operation_id, path, caller):
                    return rule.failure
        return None


def from_header(text: str) -> Failure | None:
    """Return the failure that a header such as ``status=503; delay=2000`` asks for.

    Known are `status`, `code`, `delay` and `slow` (milliseconds), `drop` and `half`; None if
    nothing in it is valid.
    """
    words = dict(_word(part) for part in text.split(";") if part.strip())
    found = Failure(
        status=_number(words.get("status"), 400, 599),
        drop="drop" in words,
        half="half" in words,
        delay_ms=_number(words.get("delay"), 0, LONGEST_MS) or 0,
        slow_ms=_number(words.get("slow"), 0, LONGEST_MS) or 0,
    )
    return None if found == Failure() else replace(found, code=words.get("code") or None)


def chain(
    failures: Failures, allowed: Callable[[Request], bool]
) -> Callable[[Request, str | None], Failure | None]:
    """Return what decides on a request: its own header or query first, then the rules.

    Header and query count only where `allowed` says that the caller may control the mock.
    """

    def decide(request: Request, operation_id: str | None) -> Failure | None:
        own = request.environ.get("HTTP_X_MOCK") or (
            request.args.get("__mock") if b"__mock" in request.query_string else None
        )
        if own and allowed(request):
            failure = from_header(own)
            if failure is not None:
                return failure
        return failures.decide(request, operation_id) if len(failures) else None

    return decide


def _word(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip()


def _number(text: str | None, lowest: int, highest: int) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 8):
        return None
    return int(text) if lowest <= int(text) <= highest else None


def _without_version(path: str) -> str:
    for prefix in PREFIXES:
        if path.startswith(prefix + "/"):
            return path.removeprefix(prefix)
    return path
