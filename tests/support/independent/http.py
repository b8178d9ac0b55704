"""Requests and answers: routes, keys, the operations on conversations, JSON bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from support.independent.bodies import Bodies
from support.independent.request import Request
from support.independent.values import CopyKey, Message, Refusal

API_KEYS = {"k": "fullAccess", "k2": "authOnly"}
MAX_TAGS, MAX_TAG_LENGTH = 25, 100
MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE = 1000, 100
CONVERSATION = r"(?P<kind>user|group)s/(?P<peer>[^/]+)/conversation"
ROUTES = (
    ("GET", "conversations", "list_conversations"),
    ("GET", r"conversations/(?P<id>[^/]+)", "get_by_id"),
    ("DELETE", r"conversations/(?P<id>[^/]+)", "delete_by_id"),
    ("GET", CONVERSATION, "get"),
    ("PUT", CONVERSATION, "update"),
    ("DELETE", CONVERSATION, "reset_it"),
    ("POST", f"{CONVERSATION}/read", "mark_read"),
    ("DELETE", f"{CONVERSATION}/read", "mark_unread"),
    ("POST", f"{CONVERSATION}/delivered", "mark_delivered"),
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
COMPILED_ROUTES = tuple((method, re.compile(f"/v3/{path}"), name) for method, path, name in ROUTES)


class HttpApi(Bodies):
    """The model behind its routes; one request at a time."""

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        """Return a status, and a body with ``data`` or ``error``."""
        with self.lock:
            try:
                self.apply_due()
                return 200, self.handle(request)
            except Refusal as refusal:
                return refusal.status, self.error_body(refusal)

    def handle(self, request: Request) -> dict[str, Any]:
        """Return the answer of the requested operation; raise Refusal."""
        operation, request.path = self.match_route(request)
        self.check_key(request.headers.get("apikey", ""))
        named = request.headers.get("onbehalfof")
        request.caller = self.user(named)["uid"] if named is not None else None
        answered = getattr(self, operation)(request)
        return answered if "meta" in answered else {"data": answered}

    def match_route(self, request: Request) -> tuple[str, dict[str, str]]:
        """Return the name of the operation and the path's values; unknown methods are 404 too."""
        for method, pattern, name in COMPILED_ROUTES:
            match = pattern.fullmatch(request.route)
            if match and method == request.method:
                return name, match.groupdict()
        path = f"{request.route} is not played; the paths are {len(ROUTES)} of the document"
        raise Refusal(404, "ERR_API_NOT_FOUND", path=path)

    def check_key(self, key: str) -> None:
        """Raise Refusal for all keys except those of full access."""
        if not key:
            raise Refusal(403, "AUTH_ERR_EMPTY_APIKEY")
        if key not in API_KEYS:
            raise Refusal(401, "AUTH_ERR_APIKEY_NOT_FOUND")
        if API_KEYS[key] != "fullAccess":
            raise Refusal(401, "AUTH_ERR_NO_ACCESS")

    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        """Return a refusal in the envelope with the most properties that was observed."""
        words = refusal.code.lower().replace("_", " ")
        details = {name: [f"The {name} field {text}."] for name, text in refusal.details.items()}
        error = {"message": f"Sorry, {words}.", "devMessage": words, "source": "chat-api"}
        return {
            "error": {**error, **({"details": details} if details else {}), "code": refusal.code}
        }

    def encode(self, body: Any) -> bytes:
        """Return a body as bytes of JSON."""
        return json.dumps(body).encode()

    # -- the operations on one conversation ------------------------------------------------------

    def copy_key(self, request: Request) -> CopyKey:
        """Return the copy that path and caller name; raise Refusal if it is not accessible."""
        owner, kind, peer = (
            request.require_caller(),
            request.path["kind"],
            request.path["peer"].lower(),
        )
        if kind == "user":
            self.user(peer)
        else:
            self.group(peer)
            self.require_member(owner, peer)
        return owner, kind, peer

    def get(self, request: Request) -> dict[str, Any]:
        """GET: the conversation without its tags."""
        key = self.copy_key(request)
        return self.conversation(key, self.thread(key))

    def update(self, request: Request) -> dict[str, Any]:
        """PUT: the conversation with its new tags."""
        key, tags = self.copy_key(request), self.validated_tags(request.body_fields().get("tags"))
        messages = self.thread(key)
        self.schedule(lambda: self.set_tags(key, tags))
        return {**self.conversation(key, messages), "tags": tags}

    def validated_tags(self, tags: Any) -> list[str]:
        """Return the tags; raise Refusal with the first invalid one."""
        if not isinstance(tags, list) or len(tags) > MAX_TAGS:
            raise Refusal(400, "ERR_BAD_REQUEST", tags=f"must be a list of at most {MAX_TAGS}")
        for number, tag in enumerate(tags):
            if not isinstance(tag, str) or not 1 <= len(tag) <= MAX_TAG_LENGTH:
                raise Refusal(400, "ERR_BAD_REQUEST", **{f"tags.{number}": "is no tag"})
        return tags

    def reset_it(self, request: Request) -> dict[str, Any]:
        """DELETE: mark everything as read."""
        key, _ = self.copy_key(request), request.body_fields()
        return self.change_copy(key, lambda: self.reset(key))

    def mark_read(self, request: Request) -> dict[str, Any]:
        """POST read; the property is ``Message`` here and ``message`` in other answers."""
        key, upto = self.copy_key(request), request.message_id()
        return self.change_copy(key, lambda: self.read(key, upto), word="Message")

    def mark_delivered(self, request: Request) -> dict[str, Any]:
        """POST delivered."""
        key, upto = self.copy_key(request), request.message_id()
        return self.change_copy(key, lambda: self.deliver(key, upto), word="Message")

    def mark_unread(self, request: Request) -> dict[str, Any]:
        """DELETE read: the answer has the conversation, too (readings B8a)."""
        key, since = self.copy_key(request), request.message_id()
        done = self.change_copy(key, lambda: self.mark_unread_from(key, since))
        return {**done, "conversation": self.conversation(key, self.thread(key))}

    def change_copy(
        self, key: CopyKey, change: Callable[[], None], *, word: str = "message"
    ) -> dict[str, Any]:
        """Change a copy and return the success message; raise Refusal if there is no copy."""
        self.thread(key)
        self.schedule(change)
        return {"success": True, word: "It is done."}

    def key_of_id(self, request: Request) -> CopyKey:
        """Return the caller's copy with this id; raise Refusal if there is no access."""
        kind, _, peer = request.path["id"].lower().partition("_")
        key = (request.require_caller(), kind, peer)
        if kind == "group" and peer in self.groups and key[0] not in self.members[peer]:
            raise Refusal(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
        return key

    def get_by_id(self, request: Request) -> dict[str, Any]:
        """GET by id (deprecated)."""
        key = self.key_of_id(request)
        return self.conversation(key, self.thread(key), tags=True)

    def delete_by_id(self, request: Request) -> dict[str, Any]:
        """DELETE by id (deprecated)."""
        key = self.key_of_id(request)
        return self.change_copy(key, lambda: self.delete_copy(key))

    # -- the list --------------------------------------------------------------------------------

    def list_conversations(self, request: Request) -> dict[str, Any]:
        """GET: one page of the caller's copies, or of all users' copies."""
        query, rows = request.query, []
        for key, messages in self.listed_copies(request).items():
            if all(keep(query, key, messages) for keep in self.filters()):
                rows.append((key, messages))
        rows.sort(key=lambda row: (self.updated_at(*row), row[1][-1].id), reverse=True)
        if request.caller is None:
            rows.sort(key=lambda row: row[0][0])
        return self.page(request, rows, self.row)

    def listed_copies(self, request: Request) -> dict[CopyKey, list[Message]]:
        """Return the copies to list, before filters."""
        return self.threads(request.caller)

    def filters(self) -> tuple[Callable[..., bool], ...]:
        """Return the filters that a listed copy has to pass."""
        return (self.of_type, self.of_count, self.of_tags, self.of_peer_tags, self.of_name)

    def of_type(self, query: Mapping[str, str], key: CopyKey, _: list[Message]) -> bool:
        """conversationType."""
        return query.get("conversationType") in (None, key[1])

    def of_count(self, query: Mapping[str, str], key: CopyKey, messages: list[Message]) -> bool:
        """unread."""
        return query.get("unread") != "true" or bool(self.unread(key, messages))

    def of_tags(self, query: Mapping[str, str], key: CopyKey, _: list[Message]) -> bool:
        """tags: any of them."""
        wanted = query.get("tags")
        return wanted is None or bool(set(wanted.split(",")) & set(self.copy(key).tags))

    def of_peer_tags(self, query: Mapping[str, str], key: CopyKey, _: list[Message]) -> bool:
        """userTags, groupTags."""
        for kind in ("user", "group"):
            wanted = query.get(f"{kind}Tags")
            tags = self.peer(key, tags=True).get("tags", [])
            if wanted is not None and (key[1] != kind or not set(wanted.split(",")) & set(tags)):
                return False
        return True

    def of_name(self, query: Mapping[str, str], key: CopyKey, _: list[Message]) -> bool:
        """searchKey."""
        return query.get("searchKey", "").lower() in self.peer(key).get("name", "").lower()

    def row(self, request: Request, row: tuple[CopyKey, list[Message]]) -> dict[str, Any]:
        """Return one row of the list with the properties that the query asks for."""
        wants = {name for name, value in request.query.items() if value == "true"}
        shown = self.conversation(
            *row, tags="withTags" in wants, peer_tags="withUserAndGroupTags" in wants
        )
        return shown if request.caller else {**shown, "uid": row[0][0]}

    def page(
        self, request: Request, rows: list[Any], show: Callable[[Request, Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return one page with its pagination; the page size is clamped."""
        size = min(max(self.integer(request, "perPage", DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE)
        page = max(self.integer(request, "page", 1), 1)
        page_rows = rows[(page - 1) * size : page * size]
        pagination = {
            "total": len(rows),
            "count": len(page_rows),
            "per_page": size,
            "current_page": page,
        }
        pages = -(-len(rows) // size)
        meta = {"pagination": {**pagination, "total_pages": pages, "links": []}, "cursor": None}
        return {"data": [show(request, row) for row in page_rows], "meta": meta}

    def integer(self, request: Request, name: str, default: int) -> int:
        """Return an integer parameter; the default for other values."""
        value = request.query.get(name, "")
        return int(value) if re.fullmatch("-?[0-9]{1,30}", value, re.ASCII) else default
