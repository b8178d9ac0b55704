"""What a check found: findings with their calls, and what each generated phase has sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from duologue.contracts.errors import Broken
from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.http.client import Client

CALLS_SHOWN = 8
LONGEST_TITLE = 100
LONGEST_ROUND = 3  # a poll asks at most so many different calls
# Dates, message ids and times: others in each run.
CHANGING = re.compile(
    r"""[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?"""
    r"""|[0-9]{4,}|(?<="id": )"?[0-9]+"?"""
)
CUT = "..."
TIMES_SEEN = re.compile(r" \(in [0-9]+ answers\)\Z")  # generated requests differ by seed
STEADY_CHARACTERS = 100  # of a value that was cut: where it was, depends on the ids in it


@dataclass(slots=True)
class Roles:
    """What each id of a run stands for: ``caller``, ``peer``, ``group``, by the id."""

    token: str
    _roles: dict[str, str] = field(default_factory=dict)

    def note(self, key: str, word: str) -> None:
        """Remember the role of an id; a name that holds ids of the run gives none."""
        self._roles[key] = "user" if self.token in word else word.lower()

    def named_in(self, text: str, calls: str = "") -> dict[str, str]:
        """Return role -> id for the run's ids in a text, then for users and groups of calls alone.

        Where several have one role they are numbered as they were made, not as they are read: in a
        list that is sorted by ids their order differs from run to run.
        """
        named: dict[str, str] = {}
        pattern = rf"duo-{re.escape(self.token)}(?:-[a-z]+)*-[0-9]+"
        shown, called = (
            sorted(re.findall(pattern, each), key=_number_of) for each in (text, calls)
        )
        # What calls alone name is a user or a group, or a word in the text of a message.
        for key in dict.fromkeys([*shown, *(key for key in called if key in self._roles)]):
            word = self._roles.get(key, "id")
            same = [role for role in named if role == word or role.startswith(f"{word} #")]
            named[f"{word} #{len(same) + 1}" if same else word] = key
        return named

    @staticmethod
    def replaced(text: str, named: dict[str, str]) -> str:
        """Return the text with each id replaced by its role."""
        for role, key in sorted(named.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(key, role)
        return text


def _number_of(key: str) -> tuple[int, str]:
    """Return by which number an id of a run was made, and its text."""
    return int(key.rpartition("-")[2]), key


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause: what was required, what came, and the calls that show it.

    ``found_by`` is the clause whose check found it, where that is another than the one it breaks.
    ``last_call`` is the call after which it was found; it is what causes are found by.
    ``more_calls`` are those of the findings that were joined to this one.
    """

    title: str
    expected: str
    actual: str
    calls: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    found_by: str = ""
    last_call: Because | None = None
    more_calls: tuple[FailedCall, ...] = ()

    @property
    def last_calls(self) -> tuple[FailedCall, ...]:
        """Return the calls after which it, and what was joined to it, was found."""
        return (*((self.last_call.call,) if self.last_call else ()), *self.more_calls)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as it stands in results.json, but for its fingerprint."""
        return {
            "title": self.title,
            "expected": self.expected,
            "actual": self.actual,
            "calls": list(self.calls),
            "roles": dict(self.roles),
            "found_by": self.found_by,
            "last_call": self.last_call.as_dict() if self.last_call else None,
        }

    def fingerprint(self, clause_id: str) -> str:
        """Return 16 hexadecimal digits that are equal in two runs that find the same.

        Made of the clause, the title, what was expected and what came, by role. The order of words
        does not matter: a list of rows may come in another order. Nor do numbers of four digits
        and more, which are ids and times. Of a value that was cut, its beginning counts.
        """
        texts = map(steady, (self.title, self.expected, self.actual))
        words = sorted(word for text in texts for word in re.findall(r"\w+", text))
        return hashlib.sha256("\0".join([clause_id, *words]).encode()).hexdigest()[:16]


def steady(text: str) -> str:
    """Return what of a text is the same in each run."""
    text = TIMES_SEEN.sub("", text)
    same = CHANGING.sub("0", text)
    return same[:STEADY_CHARACTERS] if text.endswith(CUT) else same


def titled(titles: Sequence[str]) -> str:
    """Return titles joined, as many as 100 characters hold, and how many more there are."""
    every = list(dict.fromkeys(titles))
    for shown in range(len(every), 0, -1):
        rest = f"; and {len(every) - shown} more" if shown < len(every) else ""
        text = "; ".join(every[:shown]) + rest
        if len(text) <= LONGEST_TITLE:
            return text
    rest = f"; and {len(every) - 1} more" if len(every) > 1 else ""
    return f"{every[0][: LONGEST_TITLE - len(rest) - 3]}...{rest}"


def folded(calls: Sequence[str]) -> tuple[str, ...]:
    """Return calls with repeated rounds of up to three calls told once: ``curl ... # 200, x8``."""
    rounds: list[tuple[tuple[str, ...], int]] = []
    for call in calls:
        rounds.append(((call,), 1))
        for size in range(1, LONGEST_ROUND + 1):
            _fold(rounds, size)
    return tuple(
        f"{call}, x{times}" if times > 1 else call for some, times in rounds for call in some
    )


def _fold(rounds: list[tuple[tuple[str, ...], int]], size: int) -> None:
    """Join the last ``size`` single calls to the round before them, where they repeat it."""
    tail = rounds[-size:]
    if len(tail) < size or any(times > 1 or len(some) > 1 for some, times in tail):
        return
    again = tuple(some[0] for some, _ in tail)
    before = rounds[:-size]
    if before and before[-1][0] == again:
        rounds[len(before) - 1 :] = [(again, before[-1][1] + 1)]
    elif size > 1 and tuple(s[0] for s, n in before[-size:] if n == 1 and len(s) == 1) == again:
        rounds[len(before) - size :] = [(again, 2)]


@dataclass(frozen=True, slots=True)
class PhaseCounts:
    """What one phase of generation sent, by status, and the operations it never saw succeed.

    ``cut_short`` where its time was up before everything drawn was sent.
    """

    by_status: dict[int, int] = field(default_factory=dict)
    operations_without_2xx: tuple[str, ...] = ()
    cut_short: bool = False

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(self.by_status.values())

    @property
    def ok_share(self) -> float:
        """The share of requests answered 2xx; 0 where none was sent."""
        done = sum(n for status, n in self.by_status.items() if 200 <= status < 300)
        return done / self.requests if self.requests else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the phase as it stands in results.json."""
        return {
            "requests": self.requests,
            "by_status": {str(status): n for status, n in sorted(self.by_status.items())},
            "ok_share": round(self.ok_share, 3),
            "operations_without_2xx": list(self.operations_without_2xx),
            "cut_short": self.cut_short,
        }


@dataclass(slots=True)
class FindingLog:
    """What a check found: ``own`` breaks its clause, ``elsewhere`` other clauses, by their ids."""

    client: Client
    roles: Roles = field(default_factory=lambda: Roles(""))
    own: list[Finding] = field(default_factory=list)
    elsewhere: list[tuple[str, Finding]] = field(default_factory=list)

    def add(self, broken: Broken, *, name: str = "", since: int = 0) -> None:
        """Keep a break as a finding, with the last calls made since call number ``since``."""
        title = f"{name}: {broken.title}" if name else broken.title
        recorded = self.client.calls[since:]
        calls = folded([call.curl() for call in recorded])[-CALLS_SHOWN:]
        hide = self.client.target.hide
        finding = self.by_role(Finding(title, hide(broken.expected), hide(broken.actual), calls))
        self.own.append(replace(finding, last_call=recorded[-1].as_cause() if recorded else None))

    def by_role(self, finding: Finding) -> Finding:
        """Return the finding with roles in place of ids, and which id each role has."""
        texts, named = (finding.title, finding.expected, finding.actual), {}
        if self.roles.token:
            named = self.roles.named_in("\n".join(texts), "\n".join(finding.calls))
        title, expected, actual = (self.roles.replaced(text, named) for text in texts)
        return replace(
            finding,
            title=titled([title]),
            expected=expected,
            actual=actual,
            roles=tuple(named.items()),
        )

    def add_elsewhere(self, clause_id: str, finding: Finding) -> None:
        """Keep a finding that breaks another clause than the one that is checked."""
        self.elsewhere.append((clause_id, self.by_role(finding)))

    @contextmanager
    def case(self, name: str = "") -> Iterator[None]:
        """Run one of several cases: keep what breaks in it, so that the next case goes on."""
        start = len(self.client.calls)
        try:
            yield
        except Broken as broken:
            self.add(broken, name=name, since=start)
