"""The ids that generated requests may name: one caller with conversations, made or found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, OPERATION
from duologue.contracts.context.existing_data import ExistingConversation, look
from duologue.contracts.errors import NotReached, NotStaged

TAGS = ["friends", "to do", "\N{SEEDLING} été"]
MARKS = ("read", "delivered", "unread")
# What nobody's id can be (readings T9): longer than columns of databases, and outside ASCII, with
# quotes, or with signs that mean something in a URL. Each operation is tried with one of each.
LONG_IDS = ("user_" + "c" * 900, "b" * 256, "a" * 151)
ODD_IDS = ("\N{SEEDLING}\u00e9te\u0301" * 20, "'\"`; --", "100 %_*?#&=+")
Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The ids that requests may name: for each operation those its path may hold.

    ``messages`` are those that the marks may name, by kind of conversation. ``repair`` gives a
    conversation its next message, named by its id or by the peer. With existing data there is no
    ``repair``: nothing of it may be changed.
    """

    caller: str
    ids: Mapping[str, Ids]
    messages: Mapping[str, Ids] = field(default_factory=dict)
    repair: Callable[[str], None] | None = None

    @property
    def changeable(self) -> bool:
        """Return whether requests may change what it names."""
        return self.repair is not None

    @property
    def own(self) -> frozenset[str]:
        """Return every id it names."""
        return frozenset({self.caller, *(each for ids in self.ids.values() for each in ids)})


def with_wide_ids(known_ids: KnownIds) -> KnownIds:
    """Return ids that nobody has in place of the known ones, for the operations that name one."""
    pairs = itertools.cycle(zip(LONG_IDS, ODD_IDS, strict=True))
    ids = {operation: next(pairs) for operation, known in known_ids.ids.items() if known}
    return replace(known_ids, ids=ids)


def collect_known_ids(context: CheckContext) -> KnownIds:
    """Return the known ids for this context's target; raise NotReached or NotStaged without any."""
    if context.existing is not None:
        known = _from_existing(context, context.existing.conversations)
    else:
        known = _create(context)
    called = {name: ids for name, ids in known.ids.items() if context.client.may_call(name)}
    return replace(known, ids=called)


def _create(context: CheckContext) -> KnownIds:
    """Create new users; each of the caller's conversations is in another state."""
    caller = context.create.user("Caller")
    unread, read, unsent, deletable = (_with_user(context, caller) for _ in range(4))
    group = _with_group(context, caller)
    newest = {"user": (unread.receive().id,), "group": (group.receive().id,)}
    for conversation in (read, unsent, deletable):
        conversation.receive()
    read.do("read")
    unread.do("tag", body={"tags": TAGS})
    context.create.unsend(unsent.receive())
    keys = {_id(conversation): conversation for conversation in (unread, group, deletable)}
    known = {
        **keys,
        **{conversation.peer: conversation for conversation in (unread, read, deletable, group)},
    }

    def repair(name: str) -> None:
        if name in known:
            known[name].receive()

    *shown, deletable_id = keys
    ids = {"listConversations": (), "getConversation": tuple(shown)}
    ids["deleteConversation"] = (deletable_id,)
    ids |= _ids_by_operation("user", marked=unread.peer, others=(read.peer, unsent.peer))
    # A reset may also delete the messages, which the marks have to name.
    ids[OPERATION["reset", "user"]] = (read.peer,)
    ids |= _ids_by_operation(
        "group", marked=group.peer, others=(context.create.group(group.other, [caller]),)
    )
    return KnownIds(caller, ids, newest, repair)


def _ids_by_operation(kind: str, *, marked: str, others: Ids) -> dict[str, Ids]:
    """Let every peer be asked for, and the one with new messages be marked and changed."""
    changes = ("tag", "reset", *MARKS)
    return {
        OPERATION["get", kind]: (marked, *others),
        **{OPERATION[verb, kind]: (marked,) for verb in changes},
    }


def _with_user(context: CheckContext, caller: str) -> ConversationHandle:
    other = context.create.user("Other")
    return ConversationHandle(context, "user", caller, other, other)


def _with_group(context: CheckContext, caller: str) -> ConversationHandle:
    other = context.create.user("Other")
    return ConversationHandle(
        context, "group", caller, context.create.group(other, [caller]), other
    )


def _id(conversation: ConversationHandle) -> str:
    """Return the conversation's id, whatever form the target gives it."""
    return str(conversation.view.fetch().get("conversationId"))


def _from_existing(context: CheckContext, roles: Sequence[ExistingConversation]) -> KnownIds:
    """Return the conversations of the caller with most of the roles, to be read only."""
    if not roles:
        raise NotStaged("the existing data names no conversation to ask for")
    callers = [role.caller for role in roles]
    caller = max(callers, key=callers.count)
    own = [role for role in roles if role.caller == caller]
    views = [look(context.client, role) for role in own]
    keys = tuple(str(each["conversationId"]) for each in views if each and "conversationId" in each)
    if not keys:
        raise NotReached(f"no conversation of {caller} was found")
    ids: dict[str, Ids] = {"listConversations": (), "getConversation": keys}
    for kind in KINDS:
        peers = tuple(role.peer for role in own if role.kind == kind)
        if peers:
            ids[OPERATION["get", kind]] = peers
    return KnownIds(caller, ids)
