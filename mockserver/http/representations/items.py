"""How what a use case gives is shown, item by item."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import AuthToken, Group, Member, Message, User
from duologue.mockserver.http.representations import serializers
from duologue.mockserver.usecases.types import (
    BlockResults,
    JoinedGroup,
    JoinResults,
    LoggedInUser,
    PlainData,
    ViewedGroup,
    ViewedMessage,
    ViewedUser,
)

Body = dict[str, Any]


def item(behaviours: Behaviours, one: Any) -> Any:
    """Return what is shown of one item; raise TypeError for what nothing shows."""
    match one:
        case User():
            return _user(behaviours, one)
        case ViewedUser():
            return _viewed_user(behaviours, one)
        case ViewedGroup():
            return _viewed_group(behaviours, one)
        case Member():
            return behaviours.show_member(behaviours, one)
        case ViewedMessage():
            return message(behaviours, one)
    return _of_session(behaviours, one)


def _of_session(behaviours: Behaviours, one: Any) -> Any:
    match one:
        case AuthToken():
            return serializers.auth_token(one)
        case JoinedGroup():
            return _joined_group(behaviours, one)
        case LoggedInUser():
            return behaviours.show_user(one.user) | _session(one)
        case PlainData():
            return one.data
        case JoinResults():
            return joined(behaviours, one)
        case BlockResults():
            return {
                uid: {"success": is_done, "message": text}
                for uid, (is_done, text) in one.results.items()
            }
    raise TypeError(f"nothing shows a {type(one).__name__}")


def _session(one: LoggedInUser) -> Body:
    """Return the token, and where there is a socket what leads to it; `jwt` is its password."""
    if not one.settings:
        return {"authToken": one.token}
    return {"authToken": one.token, "jwt": one.token, "settings": dict(one.settings)}


def message(behaviours: Behaviours, viewed: ViewedMessage) -> Any:
    """Return a message as the viewer sees it: the conversation is named from that side."""
    one, viewer = viewed.message, viewed.viewer
    peer, owner = one.receiver, one.sender
    if one.kind == "user" and viewer == one.receiver:
        peer, owner = owner, peer
    name = behaviours.conversation_id(one.kind, peer, owner=owner)
    body = behaviours.show_message(behaviours, one, name)
    if viewed.has_mention_tags or viewed.mention_blocks is not None:
        _add_to_mentions(body, viewed)
    return body


def _add_to_mentions(body: Any, viewed: ViewedMessage) -> None:
    """Add to the mentioned users what the list was asked for: their tags, the caller's blocks."""
    data = body.get("data") if isinstance(body, dict) else None
    mentions = data.get("mentions", {}) if isinstance(data, dict) else {}
    for user in viewed.message.mentioned_are:
        if user.uid not in mentions:
            continue
        if viewed.has_mention_tags:
            mentions[user.uid]["tags"] = list(user.tags)
        if viewed.mention_blocks is not None:
            mentions[user.uid] |= serializers.block_info(user.uid, viewed.mention_blocks)


def group(behaviours: Behaviours, one: Group) -> Body:
    """Return a group with the id of its conversation."""
    name = behaviours.conversation_id("group", one.guid, owner="")
    return behaviours.show_group(one) | {"conversationId": name}


def _user(behaviours: Behaviours, one: User) -> Body:
    """Return a user; only lists that were asked for deactivated ones have any."""
    body = behaviours.show_user(one)
    return body if one.deactivated_at is None else body | {"deactivatedAt": one.deactivated_at}


def _viewed_user(behaviours: Behaviours, viewed: ViewedUser) -> Body:
    body = behaviours.show_user(viewed.user)
    uid = viewed.user.uid
    if viewed.viewer is not None:
        body["conversationId"] = behaviours.conversation_id("user", uid, owner=viewed.viewer)
    if viewed.blocks is not None:
        body |= serializers.block_info(uid, viewed.blocks)
    return body


def _viewed_group(behaviours: Behaviours, viewed: ViewedGroup) -> Body:
    body = group(behaviours, viewed.group)
    if viewed.viewer is not None:
        body["hasJoined"] = viewed.scope is not None
    if viewed.scope is not None:
        body |= {"scope": viewed.scope, "joinedAt": viewed.joined_at}
    if viewed.members is not None:
        results = joined(behaviours, viewed.members)
        body["members"] = {"data": results} if viewed.is_for_session else results
    return body


def _joined_group(behaviours: Behaviours, one: JoinedGroup) -> Body:
    """Return an action message that says who has joined; the SDK reads the group out of it."""
    user = {"entity": behaviours.show_user(one.user), "entityType": "user"}
    group_ = {"entity": _viewed_group(behaviours, one.group), "entityType": "group"}
    return {
        "category": "action",
        "type": "groupMember",
        "sender": one.user.uid,
        "receiverType": "group",
        "receiver": one.group.group.guid,
        "data": {"action": "joined", "entities": {"by": user, "on": user, "for": group_}},
        "sentAt": one.at,
    }


def joined(behaviours: Behaviours, results: JoinResults) -> Body:
    """Return for each list and each uid in it whether it worked, or why not."""

    def result(outcome: Refusal | Message | None) -> Body:
        if outcome is None:
            return {"success": True}
        if isinstance(outcome, Refusal):
            return {"success": False, **behaviours.show_refusal(outcome)}
        return {"success": True, "data": message(behaviours, ViewedMessage(outcome, None))}

    return {
        named: {uid: result(outcome) for uid, outcome in each.items()}
        for named, each in results.results.items()
    }
