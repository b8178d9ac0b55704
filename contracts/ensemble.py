"""Whom generated requests may name: one caller and his conversations, made for it or found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.cast import FixedCast, Role, look
from contracts.chat import KINDS, Chat
from contracts.errors import NotReached, NotStaged
from contracts.scene import Scene

TAGS = ["friends", "to do", "\N{SEEDLING} été"]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The ids that requests may name; ``marked`` are the peers whose ``messages`` may be too.

    ``revive`` gives a conversation of the caller its next message, named by its id or by the
    peer. A fixed ensemble has none: nothing of it may be changed.
    """

    caller: str
    peers: Mapping[str, tuple[str, ...]]
    marked: Mapping[str, tuple[str, ...]]
    messages: Mapping[str, tuple[str, ...]]
    conversations: tuple[str, ...]
    deletable: tuple[str, ...] = ()
    revive: Callable[[str], None] | None = None

    @property
    def changeable(self) -> bool:
        """Whether requests may change what it names."""
        return self.revive is not None

    @property
    def own(self) -> frozenset[str]:
        """Every id that was made for it."""
        peers = (peer for some in self.peers.values() for peer in some)
        return frozenset({self.caller, *peers, *self.conversations, *self.deletable})


def gathered(scene: Scene) -> Ensemble:
    """The ensemble for this scene's target; NotReached or NotStaged where there is none."""
    if isinstance(scene.cast, FixedCast):
        return _found(scene, scene.cast.roles)
    return _made(scene)


def _made(scene: Scene) -> Ensemble:
    caller = scene.user("Caller")
    unread, read, hushed, gone = (_with_user(scene, caller) for _ in range(4))
    crowd = _with_group(scene, caller)
    new = scene.group(crowd.other, [caller])
    last = {"user": unread.receive(3).id, "group": crowd.receive(3).id}
    read.do("read")
    unread.do("tag", body={"tags": TAGS})
    scene.cast.unsend(hushed.receive())
    keys = {_id(scene, chat): chat for chat in (unread, gone, crowd)}
    known = {**keys, **{chat.peer: chat for chat in (unread, read, gone, crowd)}}

    def revive(name: str) -> None:
        if name in known:
            known[name].receive()

    named = tuple(keys)
    return Ensemble(
        caller,
        peers={"user": (unread.peer, read.peer, hushed.peer), "group": (crowd.peer, new)},
        marked={"user": (unread.peer,), "group": (crowd.peer,)},
        messages={kind: (last[kind],) for kind in KINDS},
        conversations=(named[0], named[2]),
        deletable=(named[1],),
        revive=revive,
    )


def _with_user(scene: Scene, caller: str) -> Chat:
    other = scene.user("Other")
    chat = Chat(scene, "user", caller, other, other)
    chat.receive()
    return chat


def _with_group(scene: Scene, caller: str) -> Chat:
    other = scene.user("Other")
    chat = Chat(scene, "group", caller, scene.group(other, [caller]), other)
    chat.receive()
    return chat


def _id(scene: Scene, chat: Chat) -> str:
    seen = scene.reach(
        f"the conversation with {chat.peer} shows",
        chat.conversation,
        lambda seen: isinstance(seen.get("conversationId"), str),
        expected="a conversationId",
    )
    return str(seen["conversationId"])


def _found(scene: Scene, roles: Sequence[Role]) -> Ensemble:
    """The conversations of the caller who has most of them among the roles; to be read only."""
    if not roles:
        raise NotStaged("the cast names no conversation to ask for")
    callers = [role.caller for role in roles]
    caller = max(callers, key=callers.count)
    own = [role for role in roles if role.caller == caller]
    seen = [look(scene.client, role) for role in own]
    keys = tuple(str(each["conversationId"]) for each in seen if each and "conversationId" in each)
    if not keys:
        raise NotReached(f"no conversation of {caller} is shown")
    peers = {kind: tuple(role.peer for role in own if role.kind == kind) for kind in KINDS}
    return Ensemble(caller, peers=peers, marked={}, messages={}, conversations=keys)
