"""The use cases of members: who joins, leaves, is kicked, banned, and what a member is."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors, scopes
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Group, Member, Message, Page, User
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import people
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.members import MemberFilters
from duologue.mockserver.usecases import named, standing
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import (
    Call,
    Deletion,
    JoinedGroup,
    JoinResults,
    PlainData,
    ViewedGroup,
)

# The highest scope first: a uid that is named in several gets that one (the vendor's groups page).
_SCOPES = {"admins": "admin", "moderators": "moderator", "participants": "participant"}
SCOPE_BEFORE = "X-Mock-Scope-Before"
_TO_BAN = "usersToBan"
_ORDER = ("participants", "moderators", "admins", _TO_BAN)  # of the answer
_AT_MOST = 25
_STATUSES = {"available": "online"}  # as the vendor's clients spell it


def add_members(service: Service, call: Call) -> JoinResults | JoinedGroup:
    """Return the result for each uid that is to join; one that fails stops no other.

    A body that names nobody lets the caller join.
    """
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group = named.group(uow, call.path["guid"])
        if not {*_SCOPES, _TO_BAN} & {*call.body}:
            return _join_oneself(uow, call, caller, group=group)
        _check_adding(uow, group, call.body, by=caller)
        return join_all(uow, group.guid, call.body, by=caller or APP)


def _check_adding(uow: UnitOfWork, group: Group, body: dict[str, Any], *, by: str | None) -> None:
    fold = uow.behaviours.fold
    named_lists = {
        listed: (_SCOPES.get(listed, "participant"), [*map(fold, body[listed])])
        for listed in (*_SCOPES, _TO_BAN)
        if body.get(listed)
    }
    if by is None:
        return
    who = standing.of(uow, group, by)
    if who.scope is None and named_lists == {"participants": ("participant", [by])}:
        standing.check_joining(uow, group, who, password=body.get("password"))
    else:
        standing.check_adding(who, [scope for scope, _ in named_lists.values()])


def add_members_by_put(service: Service, call: Call) -> JoinResults | JoinedGroup:
    """Return the same with all four lists, which the vendor's SDK reads unasked.

    With this method a body that names nobody adds nobody: the SDK joins with the other one (E178).
    """
    if call.caller is not None and not {*_SCOPES, _TO_BAN} & {*call.body}:
        call = call._replace(body={**call.body, "participants": ()})
    outcome = add_members(service, call)
    return outcome if isinstance(outcome, JoinedGroup) else with_all_lists(outcome)


def with_all_lists(outcome: JoinResults) -> JoinResults:
    """Return the same with all four lists, empty ones as well."""
    return JoinResults({listed: outcome.results.get(listed, {}) for listed in _ORDER})


def join_all(uow: UnitOfWork, guid: str, body: dict[str, Any], *, by: str) -> JoinResults:
    """Add the users that the body names in their scope, or ban them."""
    if sum(len(body.get(each, ())) for each in (*_SCOPES, _TO_BAN)) > _AT_MOST * 4:
        raise errors.BadRequest({"participants": [f"More than {_AT_MOST} users."]})
    results: dict[str, dict[str, Refusal | Message | None]] = {}
    done: set[str] = set()
    for listed in (*_SCOPES, _TO_BAN):
        for uid in map(uow.behaviours.fold, body.get(listed, ())):
            if uid in results.get(listed, {}):
                continue
            scope = _SCOPES.get(listed)
            outcome: Refusal | Message | None = None
            if uid not in done:
                outcome = (
                    _ban(uow, guid, uid, by=by)
                    if scope is None
                    else _join(uow, guid, uid, scope=scope, by=by)
                )
            done.add(uid)
            results.setdefault(listed, {})[uid] = outcome
    return JoinResults({listed: results[listed] for listed in _ORDER if listed in results})


def _join_oneself(uow: UnitOfWork, call: Call, caller: str | None, *, group: Group) -> JoinedGroup:
    if caller is None:
        raise errors.BadRequest({"participants": ["At least one list of users is required."]})
    guid, who = group.guid, standing.of(uow, group, caller)
    if who.scope is not None:
        raise errors.AlreadyJoined(caller, guid)
    standing.check_joining(uow, group, who, password=call.body.get("password"))
    _join(uow, guid, caller, scope="participant", by=caller)
    mine = member_store.memberships(uow.conn, caller)[guid]
    joined = ViewedGroup(named.group(uow, guid), caller, mine.scope, mine.joined_at)
    return JoinedGroup(joined, named.user(uow, caller), uow.now)


def _join(uow: UnitOfWork, guid: str, uid: str, *, scope: str, by: str) -> Refusal | Message | None:
    user = user_store.find(uow.conn, uid)
    if user is None:
        return errors.UidNotFound(uid)
    if member_store.scope_of(uow.conn, guid, uid) is not None:
        return errors.AlreadyJoined(uid, guid)
    member_store.lift_ban(uow.conn, guid, uid)  # adding a banned user lifts the ban
    uow.behaviours.join(uow, guid, uid, scope=scope)
    return _noted(uow, guid, "joined" if by == uid else "added", by=by, on=user)


def _ban(uow: UnitOfWork, guid: str, uid: str, *, by: str) -> Refusal | None:
    user = user_store.find(uow.conn, uid)
    if user is None:
        return errors.UidNotFound(uid)
    if member_store.scope_of(uow.conn, guid, uid) is not None:
        try:
            standing.check_removal(uow, named.group(uow, guid), uid, by=by)
        except Refusal as refusal:
            return refusal
        uow.behaviours.kick(uow, guid, uid)
        _noted(uow, guid, "banned", by=by, on=user)
    member_store.ban(uow.conn, guid, uid, now=uow.now)
    return None


def _noted(
    uow: UnitOfWork,
    guid: str,
    action: str,
    *,
    by: str,
    on: User,
    extras: dict[str, Any] | None = None,
) -> Message | None:
    group = named.group(uow, guid)
    noted = uow.behaviours.note_action(uow, group, action, by=by, on=on, extras=extras)
    return None if noted is None else people.dressed(uow.conn, [noted])[0]


def list_members(service: Service, call: Call) -> Page[Member]:
    """Return a page of a group's members."""
    uow, query = service.reading(), call.query
    named.actor(uow, call)
    guid = named.group(uow, call.path["guid"]).guid
    statuses = query.get("status")
    wanted = MemberFilters(
        search_key=query.get("searchKey", ""),
        scopes=query.get("scopes"),
        statuses=None if statuses is None else tuple(_STATUSES.get(one, one) for one in statuses),
    )
    return member_store.members(uow.conn, guid, wanted=wanted, **named.bounds(query))


def update_member(service: Service, call: Call) -> PlainData:
    """Change the scope of a member; return the membership as it is now (E137).

    The scope before is told in a header, since clients of the socket are told of it (E201).
    """
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group, user = _member(uow, call)
        guid, scope = group.guid, call.body["scope"]
        standing.check_scope_change(uow, group, user.uid, scope=scope, by=caller)
        before = member_store.scope_of(uow.conn, guid, user.uid) or "participant"
        member_store.set_scope(uow.conn, guid, user.uid, scope=scope)
        extras = {"scope": {"new": scope, "old": before}}
        _noted(uow, guid, "scopeChanged", by=caller or APP, on=user, extras=extras)
        joined_at = member_store.memberships(uow.conn, user.uid)[guid].joined_at
    membership = {"guid": guid, "uid": user.uid, "scope": scope, "joinedAt": joined_at}
    return PlainData(membership, {SCOPE_BEFORE: before})


def kick_member(service: Service, call: Call) -> Deletion:
    """End a membership."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group, user = _member(uow, call)
        if caller == user.uid:
            scopes.check_exit(standing.of(uow, group, caller))
        else:
            standing.check_removal(uow, group, user.uid, by=caller)
        _leave(uow, group.guid, user, by=caller or APP)
    return Deletion(f"{user.uid} is no longer a member of {group.guid}.")


def leave_group(service: Service, call: Call) -> Deletion:
    """End the caller's own membership."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        if caller is None:
            raise errors.BadRequest({"onBehalfOf": ["This header is required."]})
        group = named.group(uow, call.path["guid"])
        who = standing.of(uow, group, caller)
        if who.scope is None:
            raise errors.GroupNotJoined(caller, group.guid)
        scopes.check_exit(who)
        _leave(uow, group.guid, named.user(uow, caller), by=caller)
    return Deletion(f"{caller} is no longer a member of {group.guid}.")


def _leave(uow: UnitOfWork, guid: str, user: User, *, by: str) -> None:
    uow.behaviours.kick(uow, guid, user.uid)
    _noted(uow, guid, "left" if by == user.uid else "kicked", by=by, on=user)


def _member(uow: UnitOfWork, call: Call) -> tuple[Group, User]:
    group = named.group(uow, call.path["guid"])
    user = named.user(uow, call.path["uid"])
    if member_store.scope_of(uow.conn, group.guid, user.uid) is None:
        if member_store.is_banned(uow.conn, group.guid, user.uid):
            raise errors.BannedMember(user.uid, group.guid)  # E138
        raise errors.NotAMember(user.uid, group.guid)
    return group, user


def ban_member(service: Service, call: Call) -> Deletion:
    """Ban a user from a group."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group = named.group(uow, call.path["guid"])
        user = named.user(uow, call.path["uid"])
        standing.check_removal(uow, group, user.uid, by=caller)
        _ban(uow, group.guid, user.uid, by=caller or APP)
    return Deletion(f"{user.uid} is banned from {group.guid}.")


def unban_member(service: Service, call: Call) -> Deletion:
    """Lift a ban."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group = named.group(uow, call.path["guid"])
        user = named.user(uow, call.path["uid"])
        standing.check_moderator(uow, group, caller)
        if not member_store.lift_ban(uow.conn, group.guid, user.uid):
            raise errors.NotBanned(user.uid, group.guid)
        _noted(uow, group.guid, "unbanned", by=caller or APP, on=user)
    return Deletion(f"{user.uid} may join {group.guid} again.")


def list_banned(service: Service, call: Call) -> Page[User]:
    """Return a page of the users banned from a group."""
    uow = service.reading()
    named.actor(uow, call)
    guid = named.group(uow, call.path["guid"]).guid
    return member_store.banned(uow.conn, guid, **named.bounds(call.query))


USE_CASES: dict[str, UseCase] = {
    "addMembers": add_members,
    "addMembersByPut": add_members_by_put,
    "listMembers": list_members,
    "updateMember": update_member,
    "kickMember": kick_member,
    "leaveGroup": leave_group,
    "banMember": ban_member,
    "unbanMember": unban_member,
    "listBannedMembers": list_banned,
}
