"""The requests that every server is asked: three kinds, and two of them mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import ours
from benchmarks.calls import Call

ROWS = 25
PEERS = 25  # conversations that are read, and as many others that are tagged
TAGS = ("work", "2026", "naïve 🥾", "follow-up", "Q4")

WORLD = "users=1000,messages=20000,groups=50"
"""User 0 has 999 1-on-1s and 50 groups here, so a page of 25 is one of 42."""


@dataclass(frozen=True)
class Question:
    """One kind of request, and the calls that ask it in turn."""

    name: str
    title: str
    calls: Sequence[Call]


def questions() -> tuple[Question, ...]:
    """List, one conversation, tags, and each list after a write: asked as user 0, of 25 peers each.

    Those that are tagged are not those that are read: json-server replaces what is put. No two
    PUTs in a row to one conversation carry the same tags, so each of them has something to write.
    Nothing changes between the lists of the first question, nor between the reads of the second:
    the mixed one shows what a server that keeps its answers gains from that.
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
