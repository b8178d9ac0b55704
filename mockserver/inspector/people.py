"""The users of the app, as the page lists them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.engine import Connection

from mockserver.inspector import queries
from mockserver.inspector.faces import Face, face

PER_PAGE = 50


class Someone(NamedTuple):
    """A user, and how much waits for him."""

    face: Face
    unread: int


class Crowd(NamedTuple):
    """A page of users."""

    users: tuple[Someone, ...]
    total: int
    number: int
    pages: int


def crowd(run: Connection, *, search: str, number: int) -> Crowd:
    """A page of the users with `search` in their name or uid, the first to come first."""
    found, total = queries.people(run, search=search, take=PER_PAGE, skip=PER_PAGE * (number - 1))
    unread = queries.unread_in_all(run, tuple(each.uid for each in found))
    users = tuple(Someone(face(one.uid, one.name), unread.get(one.uid, 0)) for one in found)
    return Crowd(users, total, number, max(1, -(-total // PER_PAGE)))
