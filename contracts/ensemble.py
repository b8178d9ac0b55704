"""Whom generated requests may name: one caller and his conversations, made for it or found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.cast import FixedCast, Role, look
from contracts.chat import KINDS, OPERATION, Chat
from contracts.errors import NotReached, NotStaged
from contracts.scene import Scene

TAGS = ["friends", "to do", "\N{SEEDLING} été"]
MARKS = ("read", "delivered", "unread")
Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The ids that requests may name: for each operation those its path may hold.

    ``messages`` are those that the marks may name, by kind of conversation. ``revive`` gives a
    conversation its next message, named by its id or by the peer. A fixed ensemble has none:
    nothing of it may be changed.
    """

    caller: str
    ids: Mapping[str, Ids]
    messages: Mapping[str, Ids] = field(default_factory=dict)
    revive: Callable[[str], None] | None = None

    @property
    def changeable(self) -> bool:
        """Whether requests may change what it names."""
        return self.revive is not None

    @property
    def own(self) -> frozenset[str]:
        """Every id it names."""
        return frozenset({self.caller, *(each for ids in self.ids.values() for each in ids)})


def gathered(scene: Scene) -> Ensemble:
    """The ensemble for this scene's target; NotReached or NotStaged where there is none."""
    if isinstance(scene.cast, FixedCast):
        return _found(scene, scene.cast.roles)
    return _made(scene)


def _made(scene: Scene) -> Ensemble:
    """New people: each of the caller's conversations is in another state."""
    caller = scene.user("Caller")
    unread, read, hushed, gone = (_with_user(scene, caller) for _ in range(4))
    crowd = _with_group(scene, caller)
    newest = {"user": (unread.receive(3).id,), "group": (crowd.receive(3).id,)}
    read.do("read")
    unread.do("tag", body={"tags": TAGS})
    scene.cast.unsend(hushed.receive())
    keys = {_id(chat): chat for chat in (unread, crowd, gone)}
    known = {**keys, **{chat.peer: chat for chat in (unread, read, gone, crowd)}}

    def revive(name: str) -> None:
        if name in known:
            known[name].receive()

    *shown, deletable = keys
    ids = {"listConversations": (), "getConversation": tuple(shown)}
    ids["deleteConversation"] = (deletable,)
    ids |= _by_verb("user", marked=unread.peer, others=(read.peer, hushed.peer))
    # A reset may be told to take the messages along, which the marks are to name.
    ids[OPERATION["reset", "user"]] = (read.peer,)
    ids |= _by_verb("group", marked=crowd.peer, others=(scene.group(crowd.other, [caller]),))
    return Ensemble(caller, ids, newest, revive)


def _by_verb(kind: str, *, marked: str, others: Ids) -> dict[str, Ids]:
    """Every peer can be asked for, the one with new messages marked and changed."""
    changes = ("tag", "reset", *MARKS)
    return {
        OPERATION["get", kind]: (marked, *others),
        **{OPERATION[verb, kind]: (marked,) for verb in changes},
    }


def _with_user(scene: Scene, caller: str) -> Chat:
    other = scene.user("Other")
    return _begun(Chat(scene, "user", caller, other, other))


def _with_group(scene: Scene, caller: str) -> Chat:
    other = scene.user("Other")
    return _begun(Chat(scene, "group", caller, scene.group(other, [caller]), other))


def _begun(chat: Chat) -> Chat:
    chat.receive()
    return chat


def _id(chat: Chat) -> str:
    """The conversation's id, whatever the target takes for one."""
    return str(chat.conversation().get("conversationId"))


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
    ids: dict[str, Ids] = {"listConversations": (), "getConversation": keys}
    for kind in KINDS:
        peers = tuple(role.peer for role in own if role.kind == kind)
        if peers:
            ids[OPERATION["get", kind]] = peers
    return Ensemble(caller, ids)
