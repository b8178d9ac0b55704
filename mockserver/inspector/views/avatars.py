"""Avatars of users and groups, and times as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zlib import crc32

HUES = 12  # as many as the style sheet has classes
_DAY_S = 86_400
_BEYOND = 253_402_300_799  # the last second of the year 9999: later ones have no date here


class Avatar(NamedTuple):
    """A name with its picture, or with initials and a hue where there is none."""

    id: str
    name: str
    initials: str
    hue: int
    picture: str  # a data URL; empty if the page cannot show one


class Moment(NamedTuple):
    """A time as a sidebar shows it, and in full."""

    unix: int
    short: str
    full: str
    iso: str


def avatar_of(id_: Any, name: Any, picture: Any = None) -> Avatar:
    """Return the avatar of a user or group; the id replaces an empty name.

    Only pictures inside the data are shown: the page asks no other host.
    """
    key = str(id_)
    shown = name if isinstance(name, str) and name.strip() else key
    own = picture if isinstance(picture, str) and picture.startswith("data:image/") else ""
    return Avatar(key, shown, initials(shown), crc32(key.encode()) % HUES, own)


def initials(name: str) -> str:
    """Return the first letters of the first and the last word; other characters are skipped."""
    letters = [next((c for c in word if c.isalnum()), "") for word in name.split()]
    found = [letter for letter in letters if letter]
    if not found:
        return name.strip()[:1]
    return (found[0] + (found[-1] if len(found) > 1 else "")).upper()[:2]


def moment(unix: Any, now: int) -> Moment | None:
    """Return a time in UTC: the hour if it is today by the mock's clock, else the day.

    Return None if `unix` is not a valid time.
    """
    if not isinstance(unix, int) or isinstance(unix, bool) or not 0 <= unix <= _BEYOND:
        return None
    at = datetime.fromtimestamp(unix, UTC)
    today = unix // _DAY_S == now // _DAY_S
    this_year = at.year == datetime.fromtimestamp(min(now, _BEYOND), UTC).year
    short = f"{at:%H:%M}" if today else f"{at.day} {at:%b}" if this_year else f"{at:%Y-%m-%d}"
    return Moment(unix, short, f"{at:%Y-%m-%d %H:%M:%S} UTC, {unix}", f"{at:%Y-%m-%dT%H:%M:%SZ}")


def moment_to_second(unix: int, now: int) -> Moment | None:
    """Return a time as `moment` does, to the second if it is today."""
    found = moment(unix, now)
    if found is None or ":" not in found.short:
        return found
    return found._replace(short=f"{datetime.fromtimestamp(unix, UTC):%H:%M:%S}")


def pretty(value: Any) -> str:
    """Return JSON indented for people; text that is not JSON as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
