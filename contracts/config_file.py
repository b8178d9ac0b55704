"""Named targets: ``contracts.toml``, looked for in this folder and those above it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from duologue.contracts.errors import ConfigurationInvalid
from duologue.openapi import user_files

FILE = "contracts.toml"


class OptionForm(Enum):
    """What an option of a target takes, in the words of an error."""

    FLAG = "true or false"
    ONE = "one text or number"
    MANY = "a text, a number, or a list of them"


# True or False where the file has it, else what would stand on a command line.
Value = bool | str | list[str]


def find(start: Path) -> Path | None:
    """Return the nearest ``contracts.toml`` at or above a folder; None where there is none."""
    return next((each / FILE for each in (start, *start.parents) if (each / FILE).is_file()), None)


def targets(path: Path, options: Mapping[str, OptionForm]) -> dict[str, dict[str, Value]]:
    """Return the options of each named target (``[targets.NAME]``) in a file.

    ``options`` are those that an entry may have. Raises ConfigurationInvalid, with the line.
    """
    text, document = _read(path)
    tables = document.get("targets", {})
    _check_keys(path, text, given=document, known=["targets"])
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        raise ConfigurationInvalid(str(path), "expected tables of the form [targets.NAME]")
    read: dict[str, dict[str, Value]] = {}
    for name, table in tables.items():
        within = f"targets.{name}"
        _check_keys(path, text, given=table, known=options, within=within)
        read[name] = {}
        for key, given in table.items():
            value = _read_value(given, options[key])
            if value is None:
                line = _line_of(text, key, within=within)
                raise ConfigurationInvalid(f"{path}:{line}", f"{key} takes {options[key].value}")
            read[name][key] = value
    return read


def _read_value(given: Any, form: OptionForm) -> Value | None:
    """Return the value of an option, None for what it does not take."""
    if form is OptionForm.FLAG and isinstance(given, bool):
        return given
    if form is OptionForm.MANY:
        texts = [_as_text(each) for each in (given if isinstance(given, list) else [given])]
        found = [each for each in texts if each is not None]
        return found if len(found) == len(texts) else None
    return _as_text(given)


def _as_text(given: Any) -> str | None:
    """Return a text or a number as it would stand on a command line, None for anything else."""
    is_known = isinstance(given, str | int | float) and not isinstance(given, bool)
    return str(given) if is_known and "\0" not in str(given) else None


def options_of(name: str, start: Path, options: Mapping[str, OptionForm]) -> Mapping[str, Value]:
    """Return the options of one named target; raise ConfigurationInvalid where there is none."""
    path = find(start)
    if path is None:
        raise ConfigurationInvalid(
            f"no target is called {name!r}", f"there is no {FILE} here or above; see --target URL"
        )
    known = targets(path, options)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1) or sorted(known)
        hint = f"did you mean {', '.join(near)}?" if near else "it has no [targets.NAME]"
        raise ConfigurationInvalid(str(path), f"no target is called {name!r}: {hint}")
    return known[name]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = user_files.read_text(path)
        return text, tomllib.loads(text)
    except RecursionError as cause:
        raise ConfigurationInvalid(str(path), "it is nested too deeply") from cause
    except (OSError, ValueError) as cause:  # as for a number of thousands of digits
        raise ConfigurationInvalid(str(path), f"cannot be read as TOML ({cause})") from cause


def _check_keys(
    path: Path,
    text: str,
    *,
    given: Mapping[str, Any],
    known: Iterable[str],
    within: str = "",
) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            line = _line_of(text, key, within=within)
            raise ConfigurationInvalid(f"{path}:{line}", f"unknown key {key!r}: {hint}")


def _line_of(text: str, key: str, *, within: str) -> int:
    """Return the number of the line that sets a key, of its table's head where none does."""
    table, head = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            table = bare.strip("[] \t").replace('"', "")
            head = number if table in (within, key) else head
        elif table == within and bare.partition("=")[0].strip().strip("\"'") == key:
            return number
    return head
