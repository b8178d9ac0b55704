"""Write a list of known failures from what a run found."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from duologue.contracts.errors import AcceptanceInvalid, OutputNotWritable
from duologue.contracts.run.known_failures import KnownFailure, load, what_kept
from duologue.contracts.run.loading import result_of
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.tight_patterns import pattern_of, pattern_of_texts
from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable
from duologue.openapi.whole_file import write_whole

DEFAULT_FILE = Path("accepted.yaml")
FAILED = ("broken", "not_reached")


def chosen(document: dict[str, Any], names: Sequence[str]) -> list[Result]:
    """Return the broken clauses, and those not reached, that names pick: ids, globs, fingerprints.

    Without names, all but those that follow from another one: they are accepted with their root.
    A fingerprint picks one finding of its clause. Raises AcceptanceInvalid for a name that picks
    nothing of them.
    """
    failed = [result_of(each) for each in document["clauses"] if each["verdict"] in FAILED]
    for name in names:
        if not any(_picked(each, [name]) for each in failed):
            raise AcceptanceInvalid(
                f"nothing broken is called {name!r}: give a clause, a glob or a fingerprint of"
                f" {', '.join(each.clause.id for each in failed) or 'a run with broken clauses'}"
            )
    picked = [_picked(each, names) for each in failed] if names else _roots(failed)
    return [each for each in picked if each is not None]


def _roots(broken: Sequence[Result]) -> list[Result]:
    """Return the results that follow from no other one of them."""
    names = {each.clause.id for each in broken}
    return [each for each in broken if each.because is None or each.because.root not in names]


def _picked(result: Result, names: Sequence[str]) -> Result | None:
    """Return the result with the findings that names pick, None for none."""
    if any(fnmatch.fnmatchcase(result.clause.id, name) for name in names):
        return result
    name = result.clause.id
    findings = tuple(each for each in result.findings if each.fingerprint(name) in names)
    return replace(result, findings=findings) if findings else None


def entries_of(
    results: Sequence[Result], *, reason: str, evidence: str, until: date | None
) -> list[dict[str, Any]]:
    """Return an entry for each result, which matches what came, and little else."""
    return [
        {
            "clause": each.clause.id,
            "reason": reason,
            "evidence": evidence,
            "got": _got(each),
        }
        | ({"expires": until} if until else {})
        for each in results
        if each.verdict.value in FAILED
    ]


def _got(result: Result) -> str:
    if result.verdict is Verdict.BROKEN:
        return pattern_of(result.findings)
    return pattern_of_texts([what_kept(result)])


def extend(path: Path, entries: Sequence[dict[str, Any]]) -> list[str]:
    """Write entries to a list, which is made if it is not there; return what was replaced.

    An entry takes the place of an older one of its clause. The rest of the file stays as it is,
    comments included, unless an entry is replaced. Raises KnownFailuresUnreadable for a file that
    is no such list, OutputNotWritable.
    """
    known = load([str(path)]) if path.exists() else ()
    new = {each["clause"] for each in entries}
    replaced = [each.clause for each in known if each.clause in new]
    kept = [_as_entry(each) for each in known if each.clause not in new]
    wanted = [*kept, *entries]
    text = user_files.read_text(path) if path.exists() else "deviations:\n"
    appended = f"{text.rstrip()}\n{_block(entries)}"
    if replaced or not _says(appended, wanted):
        appended = f"deviations:\n{_block(wanted)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, appended)
    except OSError as cause:
        raise OutputNotWritable(path, cause.strerror or str(cause), option="--to") from cause
    return replaced


def _as_entry(known: KnownFailure) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "clause": known.clause,
        "reason": known.reason,
        "evidence": known.evidence,
    }
    if known.got is not None:
        entry["got"] = known.got.pattern
    return entry | ({"expires": known.expires} if known.expires else {})


def _block(entries: Sequence[dict[str, Any]]) -> str:
    """Return entries as the lines of a list, indented by two."""
    text = yaml.dump(
        list(entries), Dumper=_WithoutAnchors, sort_keys=False, allow_unicode=True, width=1_000
    )
    return "".join(f"  {line}\n" for line in text.splitlines())


class _WithoutAnchors(yaml.SafeDumper):
    """YAML in which a value that stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - of every value
        return True


def _says(text: str, entries: Sequence[dict[str, Any]]) -> bool:
    """Return whether a text is a list of just these entries."""
    try:
        document = user_files.from_yaml(text)
    except Unparsable:
        return False
    return isinstance(document, dict) and document.get("deviations") == list(entries)
