"""Results as the runner knows them, from the clauses of a results.json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.findings import Finding
from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.run.known_failures import KnownFailure, accept
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.runner import unreached


def result_of(entry: Mapping[str, Any]) -> Result:
    """Return a clause of results.json as a result; an accepted one is broken, as it was judged."""
    clause = Clause(
        entry["id"],
        entry["statement"],
        entry["source"],
        Basis(entry["basis"]),
        tuple(entry["operations"]),
        _not_checked_again,
    )
    verdict = Verdict(entry["verdict"])
    if verdict is Verdict.ACCEPTED:  # as it was judged: a break, or what follows from one
        verdict = Verdict.BROKEN if entry["findings"] else Verdict.NOT_REACHED
    return Result(
        clause,
        verdict,
        tuple(map(finding_of, entry["findings"])),
        "" if verdict is Verdict.BROKEN else entry["why"],  # why it is accepted, or not
        entry["duration_s"],
        traceback=entry["traceback"],
        because=because_of(entry.get("because")),
    )


def because_of(entry: Mapping[str, Any] | None) -> Because | None:
    """Return the cause of a clause of results.json."""
    if entry is None:
        return None
    names = ("operation", "method", "path", "status", "code")
    call, root = FailedCall(*(entry[name] for name in names)), entry["root"]
    return Because(call, entry["curl"], root, is_root_broken=entry["cause"] == root)


def finding_of(entry: Mapping[str, Any]) -> Finding:
    """Return a finding of results.json; its fingerprint is computed anew."""
    return Finding(
        entry["title"],
        entry["expected"],
        entry["actual"],
        tuple(entry["calls"]),
        tuple(entry["roles"].items()),
        entry["found_by"],
        because_of(entry["last_call"]),
    )


def known_failure_of(entry: Mapping[str, Any]) -> KnownFailure:
    """Return a known failure of results.json, without what became of it."""
    return KnownFailure(
        entry["clause"],
        entry["reason"],
        entry["evidence"],
        re.compile(entry["got"]) if entry["got"] is not None else None,
        date.fromisoformat(entry["expires"]) if entry["expires"] else None,
    )


def accepted_again(
    document: Mapping[str, Any], known_failures: tuple[KnownFailure, ...], *, today: date
) -> dict[str, Any]:
    """Return a result document as if its run had had these known failures, too."""
    judged, _ = accept(
        [
            replace(result_of(each), verdict=Verdict(each["verdict"]), why=each["why"])
            for each in document["clauses"]
        ],
        known_failures,
        today=today,
    )
    clauses = [
        before | {"verdict": result.verdict.value, "why": result.why}
        for before, result in zip(document["clauses"], judged, strict=True)
    ]
    unreached_now = unreached(judged, counts_of(document))
    known = document["unreached_operations"]
    return {
        **document,
        "clauses": clauses,
        "unreached_operations": [name for name in known if name in unreached_now],
    }


def counts_of(document: Mapping[str, Any]) -> dict[str, dict[int, int]]:
    """Return operationId -> status -> answers of a result document."""
    return {
        name: {int(status): n for status, n in told["by_status"].items()}
        for name, told in document["operations"].items()
    }


def _not_checked_again(context: CheckContext) -> None:
    raise NotImplementedError(f"a result that was read is not checked again: {context}")
