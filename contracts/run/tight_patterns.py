"""Patterns that match what was found, and little else, in any later run."""

from __future__ import annotations

import re
from collections.abc import Iterable

from duologue.contracts.context.findings import CHANGING, CUT, STEADY_CHARACTERS, Finding

META = re.compile(r"[\\.^$*+?{}\[\]|()]")
LONGEST = 500


def pattern_of(findings: Iterable[Finding]) -> str:
    """Return a pattern for what came, in the form of an entry's ``got``: one for each finding."""
    return pattern_of_texts(each.actual for each in findings)


def pattern_of_texts(texts: Iterable[str]) -> str:
    """Return a pattern for these texts.

    Numbers of four digits and more, and ids, match any number. Of a value that was cut, the
    beginning is matched.
    """
    alternatives = list(dict.fromkeys(map(_one, texts)))
    if len(alternatives) == 1:
        return f"^{alternatives[0]}"
    return f"^(?:{'|'.join(alternatives)})"


def _one(actual: str) -> str:
    """Return the pattern of one value, its end included unless it was cut."""
    is_cut = actual.endswith(CUT) or len(actual) > LONGEST
    parts, at, left = [], 0, STEADY_CHARACTERS if is_cut else len(actual) + 1
    for found in CHANGING.finditer(actual):
        literal = actual[at : found.start()][:left]
        parts.append(_literal(literal))
        left -= len(literal) + 1
        if left <= 0:
            return "".join(parts)
        parts.append('"?[0-9]+"?' if '"' in found[0] else "[0-9]+")
        at = found.end()
    return "".join([*parts, _literal(actual[at:][:left]), "" if is_cut else "$"])


def _literal(text: str) -> str:
    return META.sub(lambda mark: f"\\{mark[0]}", text)
