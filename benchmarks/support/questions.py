"""The requests to every server: three kinds, and a mix of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.support import ours
from benchmarks.support.calls import Call

ROWS = 25
PEERS = 25  # conversations that are read, and as many others that are tagged
TAGS = ("work", "2026", "naïve 🥾", "follow-up", "Q4")

WORLD = "users=1000,messages=20000,groups=50"
"""User 0 has 999 1-on-1s and 50 groups here, so a page of 25 is one of 42."""


@dataclass(frozen=True)
class Question:
    """One kind of request, and its calls in turn."""

    name: str
    title: str
    calls: Sequence[Call]


def questions() -> tuple[Question, ...]:
    """Return list, one conversation, tags, and list after a write, as user 0, with 25 peers each.

    The tagged conversations are not those that are read, since json-server replaces what is PUT.
    Successive PUTs to one conversation have different tags, so that each has something to write.
    Nothing changes between the requests of the first kind, nor of the second; the mix shows how
    much a server gains there by caching its answers.
    """
    me = ours.uid(0)
    read = [ours.uid(1 + index) for index in range(PEERS)]
    tagged = [ours.uid(1 + PEERS + index) for index in range(PEERS)]
    listing = Call("GET", f"/conversations?perPage={ROWS}", me)
    tags = [_tag(me, uid, turn) for turn in range(3) for uid in tagged]
    mixed = [call for tag in tags for call in (tag, listing)]
    return (
        Question("list", f"list of {ROWS}", [listing]),
        Question(
            "one",
            "one conversation",
            [Call("GET", f"/users/{uid}/conversation", me) for uid in read],
        ),
        Question("tags", "PUT tags", tags),
        Question("mixed", "PUT tags, then list", mixed),
    )


def _tag(me: str, uid: str, turn: int) -> Call:
    tags = list(TAGS[turn : turn + 3])
    return Call("PUT", f"/users/{uid}/conversation", me, {"tags": tags})
