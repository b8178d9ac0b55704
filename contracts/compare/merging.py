"""Put the results of all shards together, as if one run had judged all clauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from duologue.contracts.clause import ALL_OPERATIONS, choose
from duologue.contracts.context.findings import PhaseCounts
from duologue.contracts.errors import MergeInvalid
from duologue.contracts.http.connection import is_loopback
from duologue.contracts.run.causes import rooted
from duologue.contracts.run.known_failures import KnownFailure, accept
from duologue.contracts.run.loading import counts_of, finding_of, known_failure_of, result_of
from duologue.contracts.run.origin import Origin
from duologue.contracts.run.results import Result, Run, Verdict, settled
from duologue.contracts.run.runner import unreached

Documents = Sequence[Mapping[str, Any]]


def merge(documents: Documents, *, today: date) -> Run:
    """Return the run that the shards make up; raise MergeInvalid where they do not make up one."""
    in_order = _checked(documents)
    first = in_order[0]
    results = _settled(in_order)
    judged, statuses = accept(results, _known_failures(first), today=today)
    counts = _operations(in_order)
    return Run(
        target=first["target"],
        run_id=", ".join(each["run_id"] for each in in_order),
        seed=first["seed"],
        started_at=min(each["started_at"] for each in in_order),
        duration_s=max(each["duration_s"] for each in in_order),
        results=judged,
        operations={name: counts[name] for name in ALL_OPERATIONS if name in counts},
        unreached_operations=unreached(judged, counts),
        phases=_phases(in_order),
        left_behind=tuple(left for each in in_order for left in each["left_behind"]),
        notes=tuple(dict.fromkeys(note for each in in_order for note in each.get("notes", ()))),
        insecure=any(each["insecure"] for each in in_order),
        interrupted=any(each["interrupted"] for each in in_order),
        defect=_first(in_order, "defect"),
        ended_early=_first(in_order, "ended_early"),
        known_failures=tuple(failure.as_dict(status) for failure, status in statuses),
        origin=Origin(**{**first["origin"], "options": _options(first)}),
        strict_accept=first["strict_accept"],
    )


def _checked(documents: Documents) -> list[Mapping[str, Any]]:
    """Return the shards in their order, each there once, and all of one run."""
    for each in documents:
        if each["shard"] is None:
            raise MergeInvalid(f"run {each['run_id']} is no shard: do it with --shard I/N")
    by_index = {each["shard"]["index"]: each for each in documents}
    count = documents[0]["shard"]["count"]
    for name, told in (
        ("number of shards", [each["shard"]["count"] for each in documents]),
        ("seed", [each["seed"] for each in documents]),
        ("suite version", [each["origin"]["suite_version"] for each in documents]),
        ("document", [each["origin"]["document_digest"][:12] for each in documents]),
        ("commit", [each["origin"]["commit"] for each in documents]),
        ("options", [_options(each) for each in documents]),
        ("target", _hosts(documents)),
    ):
        if unlike := [each for each in told if each != told[0]]:
            raise MergeInvalid(
                f"the shards differ in {name}: {told[0]} and {unlike[0]}; do them again alike"
            )
    if missing := sorted(set(range(1, count + 1)) - by_index.keys()):
        raise MergeInvalid(f"shard {missing[0]}/{count} is missing: name its folder, too")
    if len(documents) > count:
        raise MergeInvalid(f"{len(documents)} results are given for {count} shards: name each once")
    return [by_index[index] for index in sorted(by_index)]


def _hosts(documents: Documents) -> list[str]:
    urls = [each["target"] for each in documents]
    # Each shard may have a mock of its own.
    own = [is_loopback(urlsplit(url).hostname or "") for url in urls]
    return ["this machine" if is_own else url for url, is_own in zip(urls, own, strict=True)]


def _options(document: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = document["origin"]["options"]
    return {name: value for name, value in options.items() if name != "shard"}


def _settled(documents: Documents) -> tuple[Result, ...]:
    """Return all results in the order of the suite, each finding at the clause it breaks.

    What a check found of another clause is given back to it first: only all shards together tell
    whether that clause broke by its own check.
    """
    read = [result_of(each) for document in documents for each in document["clauses"]]
    order = {each.id: place for place, each in enumerate(choose(()))}
    in_order = sorted(read, key=lambda each: order.get(each.clause.id, len(order)))
    given_back = [
        (each.clause.id, finding)
        for each in in_order
        for finding in each.findings
        if finding.found_by
    ]
    given_back += [
        (each["clause"], finding_of(each["finding"]))
        for document in documents
        for each in document["shard"]["pending"]
    ]
    judged = settled(
        [
            replace(
                _by_own_check(each),
                elsewhere=tuple(
                    (name, replace(finding, found_by=""))
                    for name, finding in given_back
                    if finding.found_by == each.clause.id
                ),
            )
            for each in in_order
        ]
    )
    return rooted(judged)


def _by_own_check(result: Result) -> Result:
    """Return the result without what other checks found of its clause."""
    own = tuple(each for each in result.findings if not each.found_by)
    was_held = result.verdict is Verdict.BROKEN and not own
    return replace(result, verdict=Verdict.HELD if was_held else result.verdict, findings=own)


def _known_failures(document: Mapping[str, Any]) -> tuple[KnownFailure, ...]:
    return tuple(map(known_failure_of, document["deviations"]))


def _operations(documents: Documents) -> dict[str, dict[int, int]]:
    """Return operationId -> status -> answers of all shards."""
    counts: dict[str, dict[int, int]] = {}
    for document in documents:
        for name, told in counts_of(document).items():
            statuses = counts.setdefault(name, {})
            for status, n in told.items():
                statuses[status] = statuses.get(status, 0) + n
    return counts


def _phases(documents: Documents) -> dict[str, PhaseCounts]:
    return {
        name: PhaseCounts(
            {int(status): n for status, n in told["by_status"].items()},
            tuple(told["operations_without_2xx"]),
            told["cut_short"],
        )
        for document in documents
        for name, told in document["phases"].items()
    }


def _first(documents: Iterable[Mapping[str, Any]], name: str) -> str:
    return next((each[name] for each in documents if each[name]), "")
