"""Read a results.json that `contracts run` wrote, now or with an earlier version."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from duologue.contracts.errors import ResultsUnreadable
from duologue.contracts.reports.json_report import FILE, schema
from duologue.contracts.run.origin import Origin
from duologue.contracts.run.results import SCHEMA_VERSION
from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable

READ_VERSIONS = ("1.0", SCHEMA_VERSION)


def read_results(path: Path) -> dict[str, Any]:
    """Return the result document of a file, or of the results.json in a folder.

    One of an earlier version gets what it lacks, empty. Raises ResultsUnreadable.
    """
    file = path
    try:
        file = path / FILE if path.is_dir() else path
        document = user_files.from_json(user_files.read_text(file))
    except FileNotFoundError:
        why = "it is not there: name the results.json that 'contracts run --output DIR' wrote"
        raise ResultsUnreadable(file, why) from None
    except OSError as cause:
        is_denied = isinstance(cause, PermissionError)
        hint = "correct its permissions" if is_denied else "name another file"
        raise ResultsUnreadable(file, f"{cause.strerror}: {hint}") from cause
    except Unparsable as cause:
        why = f"it is no JSON ({cause}): it was cut off or changed; do the run again"
        raise ResultsUnreadable(file, why) from cause
    return _checked(file, document)


def read_whole_results(path: Path) -> dict[str, Any]:
    """Return the result document of a run that judged all it was to judge.

    Raises ResultsUnreadable for a run that was ended before, and for a shard: what it does not tell
    is not known.
    """
    document = read_results(path)
    if shard := document["shard"]:
        part = f"{shard['index']}/{shard['count']}"
        why = f"it is shard {part}, a part of a run: put all parts together with 'contracts merge'"
        raise ResultsUnreadable(path, why)
    reasons = {
        "it was interrupted": document["interrupted"],
        "the suite had a defect": document["defect"],
        f"it was ended {document['ended_early']}": document["ended_early"],
    }
    for why, is_so in reasons.items():
        if is_so:
            raise ResultsUnreadable(path, f"its run is not whole ({why}): do the run again")
    return document


def _checked(file: Path, document: Any) -> dict[str, Any]:
    """Return the document once it keeps the schema."""
    import jsonschema_rs  # noqa: PLC0415 - `contracts run` has no use for it

    version = document.get("schema_version") if isinstance(document, dict) else None
    if version not in READ_VERSIONS:
        told = f"its schema_version is {version!r}" if version else "it has no schema_version"
        why = f"{told}, this version reads {' and '.join(READ_VERSIONS)}: do the run again"
        raise ResultsUnreadable(file, why)
    upgraded = _upgraded(document)
    try:
        errors = list(jsonschema_rs.validator_for(schema()).iter_errors(upgraded))
    except ValueError as cause:  # half of a surrogate pair is no text
        why = f"it holds no Unicode text ({cause}): it was changed by hand; do the run again"
        raise ResultsUnreadable(file, why) from cause
    if errors:
        place = "/".join(map(str, errors[0].instance_path)) or "the whole"
        why = f"{place}: {errors[0].message}: it was changed by hand; do the run again"
        raise ResultsUnreadable(file, why)
    times = Counter(each["id"] for each in upgraded["clauses"])
    if twice := [name for name, n in times.items() if n > 1]:
        raise ResultsUnreadable(file, f"clause {twice[0]} stands in it twice: do the run again")
    return upgraded


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of an earlier version in the form of this one, as far as it goes."""
    if document["schema_version"] == SCHEMA_VERSION:
        return document
    document = {**document, "schema_version": SCHEMA_VERSION, "origin": Origin().as_dict()}
    document |= {"strict_accept": False, "shard": None}
    for entry in document.get("deviations", ()):
        if isinstance(entry, dict):
            entry.setdefault("got", None)
    for clause in document.get("clauses", ()):
        for finding in clause.get("findings", ()) if isinstance(clause, dict) else ():
            if isinstance(finding, dict):
                finding.setdefault("found_by", "")
                finding.setdefault("last_call", None)
    return document
