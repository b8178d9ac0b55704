"""Groups at the line of 300 members, made for the clauses that tell what happens there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.chat import Chat
from contracts.clauses.connections import places
from contracts.errors import NotReached
from contracts.scene import Scene

MOST_MEMBERS = 300


@dataclass(frozen=True, slots=True)
class Crowd:
    """A group past the limit in which a message was sent; ``before`` that, by where it is read."""

    chat: Chat
    before: dict[str, dict[str, Any]]


def crowd_of(scene: Scene) -> list[str]:
    """The uids of 300 users, made once a run."""
    return scene.once("people", lambda backstage: backstage.cast.users(MOST_MEMBERS))


def full_group(scene: Scene) -> Chat:
    """A member's view of a group of exactly 300, in which one message was sent."""
    people = crowd_of(scene)
    guid = scene.group(people[0], people[1:])
    chat = Chat(scene, "group", people[1], guid, people[0])
    chat.write()
    return chat


def crowded_group(scene: Scene) -> Crowd:
    """A group that grew to 301, and a message that was sent in it a second later."""
    return scene.once("crowded group", _overcrowd)


def _overcrowd(scene: Scene) -> Crowd:
    chat = full_group(scene)
    chat.receive(2)
    scene.cast.join(chat.peer, [scene.user("One too many")])
    scene.pause(1.5 * scene.pace.lag_s)
    before = {place: _seen(probe) for place, probe in places(chat)}
    scene.next_second()
    scene.send(chat.other, kind="group", to=chat.peer)
    scene.pause(1.5 * scene.pace.lag_s)
    return Crowd(chat, before)


def _seen(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The conversation before the message; empty where it is not shown any more."""
    try:
        return probe()
    except NotReached:
        return {}
