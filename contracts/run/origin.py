"""Where a result comes from: suite version, document, commit and options of the run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from duologue import openapi

COMMIT_VARIABLES = ("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT")  # GitHub, GitLab, Jenkins
# Options that say where things are written or how the target is reached, not what is judged.
NOT_SHOWN = frozenset(
    {"target", "seed", "output", "report", "dry-run", "api-key-env", "header", "cookie"}
    | {"ca", "client-cert", "insecure"}
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What two results have to share to be comparable, and the commit that was judged.

    ``options`` holds what was given on the command line, by the options' names. Texts are empty
    where nothing is known.
    """

    suite_version: str = ""
    document_digest: str = ""
    commit: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the origin as it stands in results.json."""
        return {
            "suite_version": self.suite_version,
            "document_digest": self.document_digest,
            "commit": self.commit,
            "options": dict(self.options),
        }


def origin_of(options: Mapping[str, Any], environment: Mapping[str, str]) -> Origin:
    """Return the origin of a run with these options, in this environment of a CI job."""
    commits = [environment[name] for name in COMMIT_VARIABLES if environment.get(name)]
    given = {name: value for name, value in options.items() if name not in NOT_SHOWN}
    return Origin(
        suite_version=version("duologue"),
        document_digest=document_digest(openapi.load()),
        commit=commits[0] if commits else "",
        options={name: _as_json(value) for name, value in given.items() if _is_given(value)},
    )


def document_digest(document: dict[str, Any]) -> str:
    """Return the SHA-256 of a bundled document, as 64 hexadecimal digits.

    The order of keys does not matter.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value != ()


def _as_json(value: object) -> object:
    if isinstance(value, tuple):
        return [_as_json(each) for each in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)
