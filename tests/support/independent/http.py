"""The counter where requests are taken: who asks, for what, and the answer as JSON shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.independent.model import Key, Letter, Refusal, Town

KEYS = {"k": "fullAccess", "k2": "authOnly"}
MOST_TAGS, LONGEST_TAG = 25, 100
LARGEST_PAGE, USUAL_PAGE = 1000, 100
TALK = r"(?P<kind>user|group)s/(?P<peer>[^/]+)/conversation"
ROUTES = (
    ("GET", "conversations", "list_conversations"),
    ("GET", r"conversations/(?P<id>[^/]+)", "get_by_id"),
    ("DELETE", r"conversations/(?P<id>[^/]+)", "delete_by_id"),
    ("GET", TALK, "get"),
    ("PUT", TALK, "update"),
    ("DELETE", TALK, "reset_it"),
    ("POST", f"{TALK}/read", "mark_read"),
    ("DELETE", f"{TALK}/read", "mark_unread"),
    ("POST", f"{TALK}/delivered", "mark_delivered"),
    ("POST", "users", "create_user"),
    ("GET", "users", "list_users"),
    ("GET", r"users/(?P<uid>[^/]+)", "get_user"),
    ("DELETE", r"users/(?P<uid>[^/]+)", "delete_user"),
    ("POST", "groups", "create_group"),
    ("GET", "groups", "list_groups"),
    ("GET", r"groups/(?P<guid>[^/]+)", "get_group"),
    ("DELETE", r"groups/(?P<guid>[^/]+)", "delete_group"),
    ("POST", r"groups/(?P<guid>[^/]+)/members", "add_members"),
    ("DELETE", r"groups/(?P<guid>[^/]+)/members/(?P<uid>[^/]+)", "kick_member"),
    ("POST", "messages", "send"),
    ("GET", "messages", "list_messages"),
    ("GET", r"messages/(?P<id>[^/]+)", "get_message"),
    ("DELETE", r"messages/(?P<id>[^/]+)", "delete_message"),
)
TABLE = tuple((method, re.compile(f"/v3/{path}"), name) for method, path, name in ROUTES)


@dataclass(slots=True)
class Asked:
    """One request: header names in lower case, ``path`` and ``query`` decoded, the body parsed."""

    method: str
    route: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    caller: str | None = None

    def number(self) -> int | None:
        """The message id of the body, in either of its forms."""
        number = self.fields().get("messageId")
        if number is None:
            return None
        if isinstance(number, bool) or not str(number).isascii() or not str(number).isdigit():
            raise Refusal(400, "ERR_BAD_REQUEST", messageId="is no message id")
        return int(number)

    def fields(self) -> dict[str, Any]:
        """The body as an object; a missing one is empty."""
        if self.body is not None and not isinstance(self.body, dict):
            raise Refusal(400, "ERR_BAD_REQUEST", body="is no object")
        return self.body or {}

    def who(self) -> str:
        """The caller; refuses a request that names none."""
        if self.caller is None:
            raise Refusal(422, "ERR_CALLER_MISSING", onBehalfOf="is required here")
        return self.caller


class Counter(Town):
    """The town, open to the public; one request at a time."""

    def answer(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        """A status, and a body with ``data`` or ``error``."""
        with self.lock:
            try:
                self.catch_up()
                return 200, self.handle(asked)
            except Refusal as refusal:
                return refusal.status, self.problem(refusal)

    def handle(self, asked: Asked) -> dict[str, Any]:
        """What the operation asked for answers."""
        operation, asked.path = self.find(asked)
        self.check_key(asked.headers.get("apikey", ""))
        named = asked.headers.get("onbehalfof")
        asked.caller = self.user(named)["uid"] if named is not None else None
        answered = getattr(self, operation)(asked)
        return answered if "meta" in answered else {"data": answered}

    def find(self, asked: Asked) -> tuple[str, dict[str, str]]:
        """The operation's method here and its path's values; a method too many is 404 as well."""
        for method, pattern, name in TABLE:
            match = pattern.fullmatch(asked.route)
            if match and method == asked.method:
                return name, match.groupdict()
        raise Refusal(404, "ERR_API_NOT_FOUND")

    def check_key(self, key: str) -> None:
        """Refuses all keys but those of full access."""
        if not key:
            raise Refusal(403, "AUTH_ERR_EMPTY_APIKEY")
        if key not in KEYS:
            raise Refusal(401, "AUTH_ERR_APIKEY_NOT_FOUND")
        if KEYS[key] != "fullAccess":
            raise Refusal(401, "AUTH_ERR_NO_ACCESS")

    def problem(self, refusal: Refusal) -> dict[str, Any]:
        """A refusal in the richest envelope that is seen."""
        words = refusal.code.lower().replace("_", " ")
        details = {name: [f"The {name} field {text}."] for name, text in refusal.details.items()}
        told = {"message": f"Sorry, {words}.", "devMessage": words, "source": "chat-api"}
        return {
            "error": {**told, **({"details": details} if details else {}), "code": refusal.code}
        }

    def written(self, body: Any) -> bytes:
        """A body as it goes over the wire."""
        return json.dumps(body).encode()

    # -- the operations on one conversation ------------------------------------------------------

    def named(self, asked: Asked) -> Key:
        """The copy that path and caller name; refuses what is not there or not theirs."""
        owner, kind, peer = asked.who(), asked.path["kind"], asked.path["peer"].lower()
        if kind == "user":
            self.user(peer)
        else:
            self.group(peer)
            self.must_belong(owner, peer)
        return owner, kind, peer

    def get(self, asked: Asked) -> dict[str, Any]:
        """GET: the conversation, without its tags."""
        key = self.named(asked)
        return self.conversation(key, self.thread(key))

    def update(self, asked: Asked) -> dict[str, Any]:
        """PUT: the conversation with the tags it will have."""
        key, tags = self.named(asked), self.checked(asked.fields().get("tags"))
        letters = self.thread(key)
        self.later(lambda: self.label(key, tags))
        return {**self.conversation(key, letters), "tags": tags}

    def checked(self, tags: Any) -> list[str]:
        """The tags, or a refusal that names the first bad one."""
        if not isinstance(tags, list) or len(tags) > MOST_TAGS:
            raise Refusal(400, "ERR_BAD_REQUEST", tags=f"must be a list of at most {MOST_TAGS}")
        for number, tag in enumerate(tags):
            if not isinstance(tag, str) or not 1 <= len(tag) <= LONGEST_TAG:
                raise Refusal(400, "ERR_BAD_REQUEST", **{f"tags.{number}": "is no tag"})
        return tags

    def reset_it(self, asked: Asked) -> dict[str, Any]:
        """DELETE: nothing unread."""
        key, _ = self.named(asked), asked.fields()
        return self.done(key, lambda: self.reset(key))

    def mark_read(self, asked: Asked) -> dict[str, Any]:
        """POST read, with ``Message`` where others write ``message``."""
        key, upto = self.named(asked), asked.number()
        return self.done(key, lambda: self.read(key, upto), word="Message")

    def mark_delivered(self, asked: Asked) -> dict[str, Any]:
        """POST delivered."""
        key, upto = self.named(asked), asked.number()
        return self.done(key, lambda: self.deliver(key, upto), word="Message")

    def mark_unread(self, asked: Asked) -> dict[str, Any]:
        """DELETE read: the conversation alone, no word of success."""
        key, since = self.named(asked), asked.number()
        self.done(key, lambda: self.unmark(key, since))
        return {"conversation": self.conversation(key, self.thread(key))}

    def done(
        self, key: Key, change: Callable[[], None], *, word: str = "message"
    ) -> dict[str, Any]:
        """The word of success, after a change to a copy that is there."""
        self.thread(key)
        self.later(change)
        return {"success": True, word: "It is done."}

    def key_of_id(self, asked: Asked) -> Key:
        """The caller's copy that an id names; refuses all others."""
        kind, _, peer = asked.path["id"].lower().partition("_")
        key = (asked.who(), kind, peer)
        if kind == "group" and peer in self.groups and key[0] not in self.members[peer]:
            raise Refusal(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
        return key

    def get_by_id(self, asked: Asked) -> dict[str, Any]:
        """GET by id (deprecated)."""
        key = self.key_of_id(asked)
        return self.conversation(key, self.thread(key), tags=True)

    def delete_by_id(self, asked: Asked) -> dict[str, Any]:
        """DELETE by id (deprecated)."""
        key = self.key_of_id(asked)
        return self.done(key, lambda: self.cut_off(key))

    # -- the list --------------------------------------------------------------------------------

    def list_conversations(self, asked: Asked) -> dict[str, Any]:
        """GET: one page of the caller's copies, or of everybody's."""
        query, rows = asked.query, []
        for key, letters in self.listed(asked).items():
            if all(keep(query, key, letters) for keep in self.filters()):
                rows.append((key, letters))
        rows.sort(key=lambda row: -self.updated_at(*row))
        if asked.caller is None:
            rows.sort(key=lambda row: row[0][0])
        return self.page(asked, rows, self.row)

    def listed(self, asked: Asked) -> dict[Key, list[Letter]]:
        """The copies that a list draws from."""
        return self.threads(asked.caller)

    def filters(self) -> tuple[Callable[..., bool], ...]:
        """What a copy must pass to be listed."""
        return (self.of_type, self.of_count, self.of_tags, self.of_peer_tags, self.of_name)

    def of_type(self, query: Mapping[str, str], key: Key, _: list[Letter]) -> bool:
        """conversationType."""
        return query.get("conversationType") in (None, key[1])

    def of_count(self, query: Mapping[str, str], key: Key, letters: list[Letter]) -> bool:
        """unread."""
        return query.get("unread") != "true" or bool(self.unread(key, letters))

    def of_tags(self, query: Mapping[str, str], key: Key, _: list[Letter]) -> bool:
        """tags: any of them."""
        wanted = query.get("tags")
        return wanted is None or bool(set(wanted.split(",")) & set(self.copy(key).tags))

    def of_peer_tags(self, query: Mapping[str, str], key: Key, _: list[Letter]) -> bool:
        """userTags, groupTags."""
        for kind in ("user", "group"):
            wanted = query.get(f"{kind}Tags")
            tags = self.peer(key, tags=True).get("tags", [])
            if wanted is not None and (key[1] != kind or not set(wanted.split(",")) & set(tags)):
                return False
        return True

    def of_name(self, query: Mapping[str, str], key: Key, _: list[Letter]) -> bool:
        """searchKey."""
        return query.get("searchKey", "").lower() in self.peer(key).get("name", "").lower()

    def row(self, asked: Asked, row: tuple[Key, list[Letter]]) -> dict[str, Any]:
        """One row of the list, with what the query asks to see."""
        wants = {name for name, value in asked.query.items() if value == "true"}
        shown = self.conversation(
            *row, tags="withTags" in wants, peer_tags="withUserAndGroupTags" in wants
        )
        return shown if asked.caller else {**shown, "uid": row[0][0]}

    def page(
        self, asked: Asked, rows: list[Any], show: Callable[[Asked, Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """One page, its size brought within bounds, and where it stands."""
        size = min(max(self.whole(asked, "perPage", USUAL_PAGE), 1), LARGEST_PAGE)
        page = max(self.whole(asked, "page", 1), 1)
        some = rows[(page - 1) * size : page * size]
        stand = {"total": len(rows), "count": len(some), "per_page": size, "current_page": page}
        pages = -(-len(rows) // size)
        stands = {"pagination": {**stand, "total_pages": pages, "links": []}, "cursor": None}
        return {"data": [show(asked, row) for row in some], "meta": stands}

    def whole(self, asked: Asked, name: str, usual: int) -> int:
        """A whole number of the query; what is none counts as not said."""
        said = asked.query.get(name, "")
        return int(said) if re.fullmatch("-?[0-9]{1,30}", said, re.ASCII) else usual

    # -- shapes ----------------------------------------------------------------------------------

    def conversation(
        self, key: Key, letters: list[Letter], *, tags: bool = False, peer_tags: bool = False
    ) -> dict[str, Any]:
        """A copy as its owner sees it, with more than anybody asked for."""
        last = self.last(key, letters)
        shown = {
            "conversationId": f"{key[1]}_{key[2]}",
            "conversationType": key[1],
            "conversationWith": self.peer(key, tags=peer_tags),
            "unreadMessageCount": len(self.unread(key, letters)),
            "unreadMentionsCount": 0,
            "latestMessageId": str(letters[-1].id),
            "createdAt": self.created_at(key, letters),
            "updatedAt": self.updated_at(key, letters),
        }
        if last is not None:
            shown["lastMessage"] = self.shown_last(last)
        return {**shown, "tags": list(self.copy(key).tags)} if tags else shown

    def shown_last(self, letter: Letter) -> dict[str, Any]:
        """lastMessage: the id as a number, and the odd empty list of receipts."""
        return {**self.message(letter), "id": letter.id, "receipts": {"data": [[]]}}

    def peer(self, key: Key, *, tags: bool = False) -> dict[str, Any]:
        """conversationWith: the other user, or the group as its member knows it."""
        found = (self.users if key[1] == "user" else self.groups).get(key[2])
        if found is None:
            return {"uid": key[2], "name": "gone"}
        shown = {name: value for name, value in found.items() if tags or name != "tags"}
        if key[1] == "group":
            shown |= {"hasJoined": True, "membersCount": len(self.members[key[2]])}
        return shown

    def message(self, letter: Letter) -> dict[str, Any]:
        """A letter as a message, its id as text."""
        entity = {"entity": self.users.get(letter.sender, {}), "entityType": "user"}
        shown = {
            "id": str(letter.id),
            "sender": letter.sender,
            "receiverType": letter.kind,
            "receiver": letter.receiver,
            "category": "action" if letter.action else "message",
            "type": "groupMember" if letter.action else "text",
            "data": {"text": letter.sheet, "entities": {"sender": entity}},
            "sentAt": letter.sent_at,
            "updatedAt": letter.sent_at,
        }
        marks = {"deliveredAt": letter.delivered_at, "readAt": letter.read_at}
        return shown | {name: at for name, at in marks.items() if at is not None}
