"""The use cases of groups."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Group, Page
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store.groups import GroupFilters
from duologue.mockserver.store.members import Membership
from duologue.mockserver.usecases import members, named, standing
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import Call, Deletion, JoinResults, ViewedGroup


def create_group(service: Service, call: Call) -> ViewedGroup:
    """Create a group; its owner, or else the caller, is its first member."""
    body = call.body
    guid = service.behaviours.fold(body["guid"])
    with service.writing_alone() as uow:
        by = named.actor(uow, call)
        if group_store.find(uow.conn, guid) is not None:
            raise errors.GuidAlreadyExists(guid)
        owner = body.get("owner", by)
        group = _new(body, guid, uow, owner=None if owner is None else named.user(uow, owner).uid)
        group_store.add(uow.conn, group)
        if group.owner is not None:
            uow.behaviours.join(uow, guid, group.owner, scope="admin")
        results: JoinResults | None = None
        if "members" in body:
            results = members.join_all(uow, guid, body["members"], by=by or APP)
        if call.token:
            results = members.with_all_lists(results or JoinResults({}))
        viewed = _viewed(uow, named.group(uow, guid), by)
        return viewed._replace(members=results, is_for_session=bool(call.token))


def _new(body: dict[str, Any], guid: str, uow: UnitOfWork, *, owner: str | None) -> Group:
    return Group(
        guid=guid,
        name=body["name"],
        type=body.get("type", "public"),
        created_at=uow.now,
        owner=owner,
        icon=body.get("icon"),
        description=body.get("description"),
        metadata=named.as_json(body.get("metadata")),
        tags=tuple(body.get("tags", ())),
        password=body.get("password"),
    )


def list_groups(service: Service, call: Call) -> Page[ViewedGroup]:
    """Return a page of the groups; a caller does not see private groups of others."""
    uow, query = service.reading(), call.query
    caller = named.actor(uow, call)
    wanted = GroupFilters(
        search_key=query.get("searchKey", ""),
        joined_by=caller if query.get("hasJoined") else None,
        tags=query.get("tags"),
        types=query.get("types", query.get("type")),
        search_in=query.get("searchIn", ("name", "guid")),
        hide_private_from=caller if call.token else None,
        sort_by=query.get("sortBy", "guid"),
        is_descending=query.get("sortOrder") == "desc",
    )
    page = group_store.page(uow.conn, wanted=wanted, **named.bounds(query))
    mine = {} if caller is None else member_store.memberships(uow.conn, caller)
    shown = tuple(_as_seen(group, caller, mine.get(group.guid)) for group in page.items)
    return Page(shown, page.total, page.per_page, page.number)


def get_group(service: Service, call: Call) -> ViewedGroup:
    """Return a group."""
    uow = service.reading()
    caller = named.actor(uow, call)
    return _viewed(uow, named.group(uow, call.path["guid"]), caller)


def update_group(service: Service, call: Call) -> ViewedGroup:
    """Change a group by what the body brings; its owner is changed by `owner`."""
    body = call.body
    with service.writing_alone() as uow:
        by = named.actor(uow, call)
        before = named.group(uow, call.path["guid"])
        new = {
            name: body[name]
            for name in ("name", "type", "password", "icon", "description")
            if body.get(name) is not None
        }
        standing.check_moderator(uow, before, by)
        if body.get("owner") is not None:
            new["owner"] = named.user(uow, body["owner"]).uid
            if new["owner"] != before.owner:
                standing.check_transfer(uow, before, by)
        if body.get("metadata") is not None:
            new["metadata"] = named.as_json(body["metadata"])
        if body.get("tags") is not None:
            new["tags"] = tuple(body["tags"])
        new |= dict.fromkeys({"icon", "description", "metadata"} & {*body.get("unset", ())})
        after = before._replace(**new)
        if after != before:
            group_store.put(uow.conn, after._replace(updated_at=uow.now))
        return _viewed(uow, named.group(uow, before.guid), by)


def transfer_ownership(service: Service, call: Call) -> Deletion:
    """Make another of its members the owner of a group."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group = named.group(uow, call.path["guid"])
        heir = named.user(uow, call.body["owner"]).uid
        standing.check_transfer(uow, group, caller)
        if member_store.scope_of(uow.conn, group.guid, heir) is None:
            raise errors.NotAMember(heir, group.guid)
        group_store.put(uow.conn, group._replace(owner=heir, updated_at=uow.now))
        member_store.set_scope(uow.conn, group.guid, heir, scope="admin")
    return Deletion(f"{heir} is the owner of {group.guid} now.")


def delete_group(service: Service, call: Call) -> Deletion:
    """Remove a group."""
    with service.writing_alone() as uow:
        caller = named.actor(uow, call)
        group = named.group(uow, call.path["guid"])
        standing.check_admin(uow, group, caller)
        uow.behaviours.erase_group(uow, group)
    return Deletion(f"The group {group.guid} is deleted.")


def _viewed(uow: UnitOfWork, group: Group, caller: str | None) -> ViewedGroup:
    mine = {} if caller is None else member_store.memberships(uow.conn, caller)
    return _as_seen(group, caller, mine.get(group.guid))


def _as_seen(group: Group, caller: str | None, membership: Membership | None) -> ViewedGroup:
    if membership is None:
        return ViewedGroup(group, caller)
    return ViewedGroup(group, caller, membership.scope, membership.joined_at)


USE_CASES: dict[str, UseCase] = {
    "createGroup": create_group,
    "listGroups": list_groups,
    "getGroup": get_group,
    "updateGroup": update_group,
    "transferOwnership": transfer_ownership,
    "deleteGroup": delete_group,
}
