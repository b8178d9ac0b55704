"""Failures on demand: answers that fail, are cut off or come late, as a test asks for them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Any

from duologue.mockserver.control.errors import NoSuch
from duologue.mockserver.http.middleware import Failure

if TYPE_CHECKING:
    from flask import Request

LONGEST_MS = 60_000
PREFIXES = ("/v3.0", "/v3")
_NUMBERS = {"status": (400, 599), "delay": (0, LONGEST_MS), "slow": (0, LONGEST_MS)}
_SWITCHES = ("drop", "half")
_TRUE = ("", "true", "1")
HOW = ("status", "code", "drop", "half", "delay_ms", "slow_ms")
WHICH = ("operation", "path", "caller", "times", "after", "probability", "seed")


@dataclass(slots=True)
class FailureRule:
    """Which requests fail, and how.

    A request matches by operationId, by path (with or without version; `*` stands for anything)
    and by caller; what is None matches all. The first `after` matches pass, then `times` fail
    (None: all), each with `probability`, drawn from a generator of its own.
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
            and (self.path is None or fnmatchcase(path, _without_version(self.path)))
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

    Known are `status`, `code`, `delay` and `slow` (milliseconds), `drop` and `half`. One that
    cannot be understood fails with a sentence that says why; None if the header is empty.
    """
    words = dict(_word(part) for part in text.split(";") if part.strip())
    wrong = next((said for word in words.items() if (said := _wrong(*word, words))), None)
    if wrong is not None:
        said = f"X-Mock: {wrong} Write it as status=503; delay=2000; nothing was done."
        return Failure(status=400, code="ERR_MOCK_HEADER", said=said)
    found = Failure(
        status=int(words["status"]) if "status" in words else None,
        code=words.get("code"),
        drop="drop" in words,
        half="half" in words,
        delay_ms=int(words.get("delay", 0)),
        slow_ms=int(words.get("slow", 0)),
    )
    return None if found == Failure() else found


def _wrong(name: str, value: str, words: Mapping[str, str]) -> str | None:
    """Return what is wrong with one word of a header; None if nothing is."""
    if name in _NUMBERS:
        lowest, highest = _NUMBERS[name]
        is_number = value.isascii() and value.isdigit() and len(value) < 8
        fine = is_number and lowest <= int(value) <= highest
        return None if fine else f"{name} is a number from {lowest} to {highest}."
    if name == "code":
        needs = None if "status" in words else "code goes with a status."
        return needs if value else "code is empty."
    if name == "drop" and words.keys() & {"status", "half", "slow"}:
        return "drop answers nothing, so it goes with delay alone."
    if name in _SWITCHES:
        return None if value in _TRUE else f"{name} takes no value."
    near = get_close_matches(name, [*_NUMBERS, "code", *_SWITCHES], n=1)
    return f"{name!r} is not known{f', did you mean {near[0]}?' if near else '.'}"


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


def _without_version(path: str) -> str:
    for prefix in PREFIXES:
        if path.startswith(prefix + "/"):
            return path.removeprefix(prefix)
    return path
