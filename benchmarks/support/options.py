"""Types of the benchmarks' options, for argparse: each refuses a value that measures nothing."""

from __future__ import annotations

from argparse import ArgumentTypeError
from math import inf, isfinite
from pathlib import Path
from urllib.parse import urlsplit


def at_least_one(text: str) -> int:
    """Return a whole number of 1 or more."""
    return _whole(text, least=1)


def none_or_more(text: str) -> int:
    """Return a whole number of 0 or more."""
    return _whole(text, least=0)


def seconds(text: str) -> float:
    """Return a time of more than 0 seconds."""
    return _number(text, "a number of seconds, more than 0", most=inf)


def share(text: str) -> float:
    """Return a share of more than 0, and of 1 at most."""
    return _number(text, "a number of more than 0, and of 1 at most", most=1)


def checkout(text: str) -> Path:
    """Return the root of a checkout of this project."""
    folder = Path(text)
    if not (folder / "contracts").is_dir():
        raise ArgumentTypeError(f"{text} must be the root of a checkout, with a folder contracts")
    return folder.resolve()


def url(text: str) -> str:
    """Return the URL of a server."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        is_whole = False
    if not is_whole:
        raise ArgumentTypeError(f"{text} must be a URL such as http://127.0.0.1:8080/v3")
    return text


def _whole(text: str, *, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise ArgumentTypeError(f"{text} must be a whole number of {least} or more")
    return number


def _number(text: str, form: str, *, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not (isfinite(number) and 0 < number <= most):
        raise ArgumentTypeError(f"{text} must be {form}")
    return number
