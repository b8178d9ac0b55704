"""Consistency checks of a world document; mistakes are reported by path."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from duologue.mockserver.control.world.derived import DerivedConversation, Key
from duologue.mockserver.control.world.hints import near
from duologue.mockserver.domain.ids import pair_key

Document = dict[str, Any]
Details = dict[str, list[str]]
Wrong = Iterator[tuple[str, str]]  # a place, and what is wrong there

_EITHER = (("readThrough", "unread"), ("hidden", "hiddenThrough"))


def names(world: Document) -> Details:
    """Return what is wrong with ids and references of a document in full."""
    users = {one["uid"] for one in world["users"]}
    groups = {one["guid"] for one in world["groups"]}
    return _gathered(
        _repeated(world["users"], "users", "uid"),
        _repeated(world["groups"], "groups", "guid"),
        *(_group(one, f"groups.{place}", users) for place, one in enumerate(world["groups"])),
        *(
            _message(one, f"messages.{place}", {"user": users, "group": groups})
            for place, one in enumerate(world["messages"])
        ),
        _order(world),
    )


def conversations(world: Document, known: Mapping[Key, DerivedConversation]) -> Details:
    """Return what is wrong with messages and conversations of a document whose names are valid."""
    members = {(one["guid"], member["uid"]) for one in world["groups"] for member in one["members"]}
    started = [_key_of_conversation(one) for one in world["conversations"]]
    kept = [(one["of"], *one["with"].items()) for one in world["copies"]]
    users = {one["uid"] for one in world["users"]}
    return _gathered(
        *(
            _conversation(one, f"conversations.{place}", users=users, known=known)
            for place, one in enumerate(world["conversations"])
        ),
        *(
            _copy(one, f"copies.{place}", members, started={*started}, known=known)
            for place, one in enumerate(world["copies"])
        ),
        _repeated_keys(started, "conversations"),
        _repeated_keys(kept, "copies"),
    )


def key_of_copy(one: Document) -> Key:
    """Return the conversation that a copy belongs to."""
    if "group" in one["with"]:
        return "group", one["with"]["group"]
    return "user", pair_key(one["of"], one["with"]["user"])


def _key_of_conversation(one: Document) -> Key:
    if "group" in one:
        return "group", one["group"]
    return "user", "|".join(one.get("between", ()))


def _gathered(*found: Wrong) -> Details:
    details: Details = {}
    for each in found:
        for place, text in each:
            details.setdefault(place, []).append(text)
    return details


def _repeated(listed: list[Document], section: str, name: str) -> Wrong:
    seen: set[str] = set()
    for place, one in enumerate(listed):
        if one[name] in seen:
            yield f"{section}.{place}.{name}", f"{one[name]} is there already."
        seen.add(one[name])


def _repeated_keys(keys: list[Any], section: str) -> Wrong:
    seen = set()
    for place, key in enumerate(keys):
        if key in seen:
            yield f"{section}.{place}", "It is there already."
        seen.add(key)


def _group(one: Document, at: str, users: set[str]) -> Wrong:
    if one["owner"] is not None and one["owner"] not in users:
        yield f"{at}.owner", _no_user(one["owner"], users)
    seen: set[str] = set()
    for place, member in enumerate(one["members"]):
        uid = member["uid"]
        if uid not in users:
            yield f"{at}.members.{place}", _no_user(uid, users)
        if uid in seen:
            yield f"{at}.members.{place}", f"{uid} is a member already."
        seen.add(uid)


def _message(one: Document, at: str, known: Mapping[str, set[str]]) -> Wrong:
    ((kind, name),) = one["to"].items()
    if name not in known[kind]:
        yield f"{at}.to.{kind}", _no_peer(kind, name, known)
    # A notice may come from the app, and an erased user has no name.
    is_free = one["category"] == "action" or one["erased"]
    if kind == "user" and "from" not in one:
        yield f"{at}.from", "A message to a user has a sender."
    elif not is_free and one["from"] not in known["user"]:
        yield f"{at}.from", _no_user(one["from"], known["user"])


def _order(world: Document) -> Wrong:
    last = 0
    for place, one in enumerate(world["messages"]):
        if one["id"] <= last:
            yield f"messages.{place}.id", f"Ids grow; the message before has {last}."
        last = max(last, one["id"])
    if world["nextMessageId"] <= last:
        yield "nextMessageId", f"There is a message {last} already."


def _conversation(
    one: Document, at: str, *, users: set[str], known: Mapping[Key, DerivedConversation]
) -> Wrong:
    if ("group" in one) == ("between" in one):
        yield at, "Name it by its group or by its two users."
        return
    key = _key_of_conversation(one)
    if "group" in one and key not in known:
        groups = [name for kind, name in known if kind == "group"]
        yield f"{at}.group", _no_group(one["group"], groups)
    for place, uid in enumerate(one.get("between", ())):
        if uid not in users:
            yield f"{at}.between.{place}", _no_user(uid, users)
    last = one.get("lastMessage")
    if last is not None and (key not in known or last not in known[key].counted):
        yield f"{at}.lastMessage", _no_message(last)


def _copy(
    one: Document,
    at: str,
    members: set[tuple[str, str]],
    *,
    started: Collection[Key],
    known: Mapping[Key, DerivedConversation],
) -> Wrong:
    for either, other in _EITHER:
        if either in one and other in one:
            yield f"{at}.{other}", f"Give either {either} or {other}."
    key = key_of_copy(one)
    if key[0] == "group" and (key[1], one["of"]) not in members:
        yield f"{at}.of", f"{one['of']} is not a member of {key[1]}."
    elif key not in known and key not in started:
        yield f"{at}.with", f"{one['of']} has no such conversation; a message begins one."
    else:
        yield from _marks(one, at, known.get(key) or DerivedConversation(*key, 0))


def _marks(one: Document, at: str, derived: DerivedConversation) -> Wrong:
    for name in ("readThrough", "hiddenThrough", "deliveredThrough"):
        if one.get(name) and one[name] not in derived.counted:
            yield f"{at}.{name}", _no_message(one[name])
    if derived.position_with_unread(one["of"], one.get("unread", 0)) is None:
        yield f"{at}.unread", "There are not so many messages of others."


def _no_peer(kind: str, name: str, known: Mapping[str, set[str]]) -> str:
    """Return that there is no such user or group, and what there is of that name."""
    other = "group" if kind == "user" else "user"
    if name in known[other]:
        return f"{name} is a {other}: write to: {{{other}: {name}}}."
    return _no_user(name, known[kind]) if kind == "user" else _no_group(name, known[kind])


def _no_user(uid: str, users: Collection[str]) -> str:
    return f"No user has the uid {uid}.{near(uid, users)}"


def _no_group(guid: str, groups: Collection[str]) -> str:
    return f"No group has the guid {guid}.{near(guid, groups)}"


def _no_message(number: int) -> str:
    return f"No message of this conversation that counts has the id {number}."
