"""Remove what runs left on a target, and look up what was removed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duologue.contracts.context.target_data import LOOKUPS, REMOVAL_PAUSES_S, remove
from duologue.contracts.context.values import number_in
from duologue.contracts.errors import CleaningInvalid, ContractsError, NotReached
from duologue.contracts.http.client import Client
from duologue.openapi import user_files

PAUSE_S = 0.5
OURS = re.compile(r"duo-([0-9a-f]{8})-[A-Za-z0-9-]+")  # the id of what a run made
PAGE_SIZE = 100
MOST_PAGES = 100
MOST_SHOWN = 20
ID_FIELD = {"group": "guid", "user": "uid"}
LISTS = {"group": "listGroups", "user": "listUsers"}
AGE = re.compile(r"(\d+)\s*([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Leftover:
    """A user or group that a run made; ``created_at`` in UNIX seconds where it is told."""

    kind: str
    key: str
    created_at: int | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def summary_of(left: Sequence[str]) -> list[str]:
    """Return what is left behind as a person reads it: the first lines, and how many more."""
    more = len(left) - MOST_SHOWN
    if more <= 0:
        return [*left]
    return [
        *left[:MOST_SHOWN],
        f"{more:,} more: 'contracts clean --dry-run' lists users and groups",
    ]


def seconds_in(age: str) -> int:
    """Return the seconds of an age such as ``90s``, ``1h`` or ``2d``; raise CleaningInvalid."""
    match = AGE.fullmatch(age.strip())
    if match is None:
        raise CleaningInvalid(f"--older-than {age!r}: write it like 90s, 30m, 1h or 2d")
    return int(match[1]) * SECONDS[match[2]]


def named_in(path: Path) -> list[Leftover]:
    """Return what a results.json says was left behind; raise CleaningInvalid for another file."""
    try:
        left = user_files.from_json(user_files.read_text(path))["left_behind"]
        words = [str(each).split() for each in left]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise CleaningInvalid(f"{path} is no results.json of a run ({cause})") from cause
    named = [Leftover(each[0], each[1]) for each in words if len(each) > 1]
    return sorted(
        (each for each in named if each.kind in LISTS and OURS.fullmatch(each.key)), key=_order
    )


def listed(
    client: Client, *, run_id: str | None = None, older_than_s: int | None = None, now: float = 0
) -> list[Leftover]:
    """Return what runs left, groups first: of one run, or older than so many seconds, or all.

    Raises NotReached where the target does not list its users or groups. What does not tell when it
    was made counts as young.
    """
    found = [each for kind in LISTS for each in _of_kind(client, kind)]
    return sorted(
        (
            each
            for each in found
            if (run_id is None or each.key.startswith(f"duo-{run_id}-"))
            and (older_than_s is None or _is_older(each, now - older_than_s))
        ),
        key=_order,
    )


def _order(leftover: Leftover) -> tuple[str, str]:
    return leftover.kind, leftover.key  # groups before their members


def _is_older(leftover: Leftover, then: float) -> bool:
    return leftover.created_at is not None and leftover.created_at <= then


def _of_kind(client: Client, kind: str) -> Iterator[Leftover]:
    for row in _rows(client, LISTS[kind]):
        key = row.get(ID_FIELD[kind])
        if isinstance(key, str) and OURS.fullmatch(key) and "deactivatedAt" not in row:
            yield Leftover(kind, key, number_in(row.get("createdAt")))


def _rows(client: Client, operation: str) -> Iterator[dict[str, Any]]:
    for page in range(1, MOST_PAGES + 1):
        answer = client.call(operation, query={"perPage": PAGE_SIZE, "page": page})
        if not answer.ok or not isinstance(answer.data, list):
            raise NotReached(f"{operation} was answered {answer}")
        yield from (row for row in answer.data if isinstance(row, dict))
        if len(answer.data) < PAGE_SIZE:
            return


def remove_all(client: Client, leftovers: Iterable[Leftover]) -> list[str]:
    """Remove each; return, in words, what could not be removed."""
    return [problem for each in leftovers if (problem := _removed(client, each))]


def _removed(client: Client, leftover: Leftover) -> str:
    try:
        answer = remove(client, leftover.kind, leftover.key)
    except ContractsError as cause:
        return f"{leftover} ({cause})"
    return "" if answer.ok or answer.status == 404 else f"{leftover} ({answer})"


def remove_doubtful(
    client: Client, doubtful: Mapping[tuple[str, str], str], *, sleep: Callable[[float], None]
) -> dict[tuple[str, str], str]:
    """Remove what may have been made; return what could not be removed.

    It goes one by one: where one cannot be removed, it is tried again after a pause, the others
    are not.
    """
    waiting = dict(doubtful)
    for pause_s in (0.0, *REMOVAL_PAUSES_S):
        if not waiting or client.is_given_up:
            break
        sleep(pause_s)
        for kind, key in [*waiting]:
            if _removed(client, Leftover(kind, key)):
                break
            del waiting[kind, key]
    return waiting


def lines_of_doubtful(doubtful: Mapping[tuple[str, str], str], run_id: str) -> list[str]:
    """Return one line on things that may have been made, none where there are none."""
    if not doubtful:
        return []
    kinds = Counter(kind for kind, _ in doubtful)
    counts = " and ".join(f"{n:,} {kind}{'s' * (n > 1)}" for kind, n in sorted(kinds.items()))
    answers = ", ".join(dict.fromkeys(doubtful.values()))
    return [
        f"perhaps {counts}: whether made is unknown, creation was answered 5xx and removal"
        f" {answers} ('contracts clean TARGET --run {run_id}' removes what is there)"
    ]


def still_there(
    client: Client, removed: Mapping[str, str], *, sleep: Callable[[float], None]
) -> list[str]:
    """Return, in words, each of these removed things (kind -> id) that is still shown.

    A removal may show late, so each is looked up until the time to settle is over.
    """
    return [
        f"{kind} {key} (its removal was answered as done, and it is still there;"
        f" other {kind}s may be, too)"
        for kind, key in removed.items()
        if _is_shown(client, kind, key, sleep=sleep)
    ]


def _is_shown(client: Client, kind: str, key: str, *, sleep: Callable[[float], None]) -> bool:
    operation, name = LOOKUPS[kind]
    for _ in range(1 + round(client.target.settle_s / PAUSE_S)):
        try:
            answer = client.call(operation, path={name: key}, cleaning=True)
        except ContractsError:
            return False  # unknown, and said by nothing
        if not answer.ok or _is_marked_deleted(answer.data):
            return False
        sleep(PAUSE_S)
    return True


def _is_marked_deleted(shown: object) -> bool:
    """Return whether a thing is shown as deleted: a deactivated user, a message without text."""
    return isinstance(shown, dict) and bool({"deactivatedAt", "deletedAt"} & shown.keys())
