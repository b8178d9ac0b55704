"""Single defects of a server, each found by its clause.

A defect overrides methods of the independent server, which is correct without overrides.
"""

import json

import pytest

from support.independent.app import App
from support.independent.values import Copy, Refusal


def on_conversation(change):
    """Return an override that shows ``change(shown, key)`` for each conversation."""

    def conversation(self, key, messages, **wants):
        return change(App.conversation(self, key, messages, **wants), key)

    return {"conversation": conversation}


def with_value(name, value):
    """Return an override that shows another value for a property."""
    return on_conversation(lambda shown, key: {**shown, name: value(shown.get(name), key)})


def without(name):
    """Return an override that leaves a property out."""
    return on_conversation(lambda shown, key: {n: v for n, v in shown.items() if n != name})


def for_kind(kind, name):
    """Return an override that has no effect for one kind of conversation."""

    def skip(self, key, *rest):
        if key[1] != kind:
            getattr(App, name)(self, key, *rest)

    return {name: skip}


def for_all_mine(name):
    """Return an override that affects all of the caller's conversations."""

    def spread(self, key, *rest):
        for mine in self.threads(key[0]):
            getattr(App, name)(self, mine, *rest)

    return {name: spread}


def for_others_too(name):
    """Return an override that affects the copies of all parties."""

    def spread(self, key, *rest):
        for other in [each for each in self.threads(None) if is_same_conversation(key, each)]:
            getattr(App, name)(self, other, *rest)

    return {name: spread}


def is_same_conversation(one, other):
    if one[1] == "group":
        return one[1:] == other[1:]
    return other[1] == "user" and {one[0], one[2]} == {other[0], other[2]}


def refusing(status, code, *, instead_of):
    """Return an override that answers one refusal with another status or code."""

    def problem(self, refusal):
        if refusal.code == instead_of:
            refusal.status = status
            refusal.code = code
        return App.error_body(self, refusal)

    def answer(self, request):
        answered, body = App.answer(self, request)
        return (status, body) if body.get("error", {}).get("code") == code else (answered, body)

    return {"error_body": problem, "answer": answer}


def no_filter(name):
    """Return an override that does not apply a filter of the list."""
    return {name: lambda self, query, key, messages: True}


def no_access_check(self, key):
    """Accept any key."""


def stamped(self, key, messages):
    """Return a createdAt that moves with each message."""
    return messages[-1].sent_at


def one_before(self, key, messages):
    """Return the newest message that is not deleted, also if a newer one is deleted."""
    return next((each for each in reversed(messages) if each.text is not None), None)


def null_last(shown, key):
    return {"lastMessage": None, **shown}


def page_off_by_one(self, request, rows, show):
    page = max(self.integer(request, "page", 1), 1)
    return App.page(self, request, rows[1:] if page > 1 else rows, show)


def page_from_0(self, request, rows, show):
    page = request.query.get("page")
    return App.page(self, request, [] if page in ("0", "-1") else rows, show)


def cut_at_999(self, request, rows, show):
    shown = App.page(self, request, rows, show)
    stand = shown["meta"]["pagination"]
    stand["per_page"] = min(stand["per_page"], 999)
    return shown


def newest_first_for_all(self, request):
    shown = App.list_conversations(self, request)
    shown["data"].sort(key=lambda row: -row["updatedAt"])
    return shown


def case_sensitive_uid(self, uid):
    if uid != uid.lower():
        raise Refusal(404, "ERR_UID_NOT_FOUND")
    return App.user(self, uid)


def case_sensitive_guid(self, request):
    if request.path["kind"] == "group" and request.path["peer"] != request.path["peer"].lower():
        raise Refusal(404, "ERR_GUID_NOT_FOUND")
    return App.copy_key(self, request)


def wrong_total(self, request, rows, show):
    shown = App.page(self, request, rows, show)
    shown["meta"]["pagination"]["total"] = shown["meta"]["pagination"]["count"]
    return shown


def past_the_end(self, request, rows, show):
    shown = App.page(self, request, rows, show)
    if rows and not shown["data"]:
        raise Refusal(404, "ERR_PAGE_NOT_FOUND")
    return shown


def unbounded(self, request, rows, show):
    size = self.integer(request, "perPage", 100)
    shown = App.page(self, request, rows, show)
    shown["meta"]["pagination"]["per_page"] = size
    return shown


def one_row_more(self, request, rows, show):
    size = self.integer(request, "perPage", 100)
    request.query = {**request.query, "perPage": str(size + 1)}
    return App.page(self, request, rows, show)


def oldest_first(self, request):
    shown = App.list_conversations(self, request)
    return {**shown, "data": shown["data"][::-1]}


def everybodys(self, request):
    return self.threads(None)


def callers_only(self, request):
    return self.threads(request.caller or next(iter(self.users), None))


def tags_in_every_row(self, request, row):
    return {**App.row(self, request, row), "tags": list(self.copy(row[0]).tags)}


def no_tags_in_row(self, request, row):
    return {n: v for n, v in App.row(self, request, row).items() if n != "tags"}


def wrong_owner(self, request, row):
    shown = App.row(self, request, row)
    return {**shown, "uid": row[0][2]} if "uid" in shown else shown


def no_peer_tags(self, key, *, tags=False):
    return {n: v for n, v in App.peer(self, key).items() if n != "tags"}


def nameless_peer(self, key, *, tags=False):
    return {n: v for n, v in App.peer(self, key, tags=tags).items() if n != "name"}


def myself_as_peer(self, key, *, tags=False):
    if key[1] == "user":
        return {**App.peer(self, key, tags=tags), "name": self.users[key[0]]["name"]}
    return App.peer(self, key, tags=tags)


def member_as_peer(self, key, *, tags=False):
    shown = App.peer(self, key, tags=tags)
    return {**shown, "name": self.users[key[0]]["name"]} if key[1] == "group" else shown


def tag_limit(most, longest):
    def checked(self, tags):
        if not isinstance(tags, list) or len(tags) > most:
            raise Refusal(400, "ERR_BAD_REQUEST", tags="too many")
        if any(not isinstance(tag, str) or not 1 <= len(tag) <= longest for tag in tags):
            raise Refusal(400, "ERR_BAD_REQUEST", tags="no tags")
        return tags

    return {"validated_tags": checked}


def bytes_counted(self, tags):
    App.validated_tags(self, tags)
    if any(len(tag.encode()) > 100 for tag in tags):
        raise Refusal(400, "ERR_BAD_REQUEST", tags="too long")
    return tags


def only_latin(self, tags):
    return [tag.encode("ascii", "replace").decode() for tag in App.validated_tags(self, tags)]


def merge(self, key, tags):
    self.own_copy(key).tags = list(dict.fromkeys([*self.copy(key).tags, *tags]))


def store_refused(self, request):
    tags = request.body_fields().get("tags")
    if isinstance(tags, list):
        self.set_tags(self.copy_key(request), [tag for tag in tags if isinstance(tag, str)][:25])
    return App.update(self, request)


def tags_for_all(self, key, tags):
    for other in [each for each in self.threads(None) if is_same_conversation(key, each)]:
        self.own_copy(other).tags = tags


def read_one(self, key, upto):
    for message in self.unread(key, self.thread(key))[:1]:
        self.own_copy(key).read.add(message.id)


def read_all(self, key, upto):
    App.read(self, key, None)


def read_short_of(self, key, upto):
    App.read(self, key, None if upto is None else upto - 1)


def unread_nothing_named(self, key, since):
    App.mark_unread_from(self, key, None)


def unread_before(self, key, since):
    theirs = [each.id for each in self.thread(key) if self.counts(key, each)]
    again = theirs if since is None else [each for each in theirs if each <= since]
    self.own_copy(key).read.difference_update(again)


def nothing(self, *_):
    """Do nothing; the answer says success."""


def deliver_reads(self, key, upto):
    App.read(self, key, upto)


def hide(self, key):
    self.delete_copy(key)


def cut_for_all(self, key):
    for other in [each for each in self.threads(None) if is_same_conversation(key, each)]:
        App.delete_copy(self, other)


def for_ever(self, key):
    self.own_copy(key).deleted_through = 10**9


def own_count(self, key, message):
    return message.text is not None


def own_message_reads(self, sender, receiver, *, kind, text, action=False):
    message = App.post(self, sender, receiver, kind=kind, text=text, action=action)
    key = (sender, kind, receiver)
    self.copies.setdefault(key, Copy()).read.update(each.id for each in self.messages)
    return message


def half_counts(self, key, messages):
    return App.unread(self, key, messages)[::2]


def saturates(self, key, messages):
    return App.unread(self, key, messages)[:2]


def limit(most):
    return {"is_large": lambda self, guid: len(self.members[guid]) > most}


def messages_of_large_groups(self, key, message):
    """Show messages of large groups in all copies."""
    return message.id > self.copy(key).deleted_through


def quiet_last(self, key, messages):
    heard = [each for each in messages if not each.hidden]
    return App.last(self, key, heard or messages)


def quiet_count(self, key, messages):
    return [each for each in App.unread(self, key, messages) if not each.hidden]


def quiet_time(self, key, messages):
    return max(each.sent_at for each in messages if not each.hidden)


def peer_need_not_exist(self, uid):
    return self.users.get(uid.lower(), {"uid": uid.lower(), "name": "unknown"})


def before_any(self, key):
    return self.threads(key[0]).get(key) or [self.post(key[2], key[0], kind=key[1], text="hi")]


def one_sided(self, owner, message):
    key = App.key_of(self, owner, message)
    return None if message.kind == "user" and owner == message.receiver else key


def writers_only(self, owner, message):
    wrote = any(
        each.sender == owner and each.receiver == message.receiver for each in self.messages
    )
    return App.key_of(self, owner, message) if message.kind == "user" or wrote else None


def anybody(self, uid, guid):
    """Let non-members in."""


def guests_see(self, owner, message):
    if message.kind == "group":
        return (owner, "group", message.receiver)
    return App.key_of(self, owner, message)


def by_id_of_anybody(self, request):
    kind, _, peer = request.path["id"].partition("_")
    keys = [key for key in self.threads(None) if key[1:] == (kind, peer)]
    mine = (request.require_caller(), kind, peer)
    return mine if mine in keys or not keys else keys[0]


def caller_optional(self, request):
    named = (request.path["kind"], request.path["peer"])
    owners = [key[0] for key in self.threads(None) if key[1:] == named]
    request.caller = request.caller or next(iter(owners), None)
    return App.copy_key(self, request)


def any_path(self, request):
    try:
        return App.match_route(self, request)
    except Refusal:
        return "list_conversations", {}


def any_method(self, request):
    try:
        return App.match_route(self, request)
    except Refusal:
        request.method = "GET"
        request.route = request.route.removesuffix("/delivered")
        return App.match_route(self, request)


def bare_problem(self, refusal):
    return {"error": refusal.code}


def text_only(self, body):
    return b"Bad Request" if "error" in body else json.dumps(body).encode()


def crashes(self, request):
    try:
        return App.handle(self, request)
    except Refusal as refusal:
        status = 500 if refusal.code == "ERR_BAD_REQUEST" else refusal.status
        raise Refusal(status, refusal.code) from refusal


def first_of_list(self, request):
    first, *_ = App.list_conversations(self, request)["data"] or [None]
    return first or App.get(self, request)


def other_id(shown, key):
    ids = sorted([key[0], key[2]])
    return {**shown, "conversationId": "_user_".join(ids)} if key[1] == "user" else shown


def app_deletion_reads(self, request):
    """Delete a message; without a caller, mark everything in its conversation as read."""
    deleted = App.delete_message(self, request)
    if request.caller is None:
        for key in self.threads(None):
            App.read(self, key, None)
    return deleted


def restless_id(self, key, messages, **wants):
    self.last_id += 1
    shown = App.conversation(self, key, messages, **wants)
    return {**shown, "conversationId": f"{key[1]}_{key[2]}_{self.last_id}"}


def stale_in_list(self, request, row):
    key, messages = row
    return App.row(self, request, (key, messages[:1]))


DEFECTS = {
    # operations
    "list: all users'": ("operations.list-conversations", {"listed_copies": everybodys}),
    "get by id: the first of the list": (
        "operations.get-conversation",
        {"get_by_id": first_of_list},
    ),
    "delete by id: nothing": ("operations.delete-conversation", {"delete_copy": nothing}),
    "get user: the first of the list": ("operations.get-user-conversation", {"get": first_of_list}),
    "get group: the first of the list": (
        "operations.get-group-conversation",
        {"get": first_of_list},
    ),
    "update user: not stored": (
        "operations.update-user-conversation",
        for_kind("user", "set_tags"),
    ),
    "update group: not stored": (
        "operations.update-group-conversation",
        for_kind("group", "set_tags"),
    ),
    "reset user: nothing": ("operations.reset-user-conversation", for_kind("user", "reset")),
    "reset group: nothing": ("operations.reset-group-conversation", for_kind("group", "reset")),
    "read user: nothing": ("operations.mark-user-conversation-as-read", for_kind("user", "read")),
    "read group: nothing": (
        "operations.mark-group-conversation-as-read",
        for_kind("group", "read"),
    ),
    "read: one message": ("operations.mark-user-conversation-as-read", {"read": read_one}),
    "read user: all the caller's": (
        "operations.mark-user-conversation-as-read",
        for_all_mine("read"),
    ),
    "read group: all the caller's": (
        "operations.mark-group-conversation-as-read",
        for_all_mine("read"),
    ),
    "reset user: all the caller's": (
        "operations.reset-user-conversation",
        for_all_mine("reset"),
    ),
    "reset group: all the caller's": (
        "operations.reset-group-conversation",
        for_all_mine("reset"),
    ),
    "unread user: all the caller's": (
        "operations.mark-user-conversation-as-unread",
        for_all_mine("mark_unread_from"),
    ),
    "unread group: all the caller's": (
        "operations.mark-group-conversation-as-unread",
        for_all_mine("mark_unread_from"),
    ),
    "update user: all the caller's": (
        "operations.update-user-conversation",
        for_all_mine("set_tags"),
    ),
    "update group: all the caller's": (
        "operations.update-group-conversation",
        for_all_mine("set_tags"),
    ),
    "delete by id: all the caller's": (
        "operations.delete-conversation",
        for_all_mine("delete_copy"),
    ),
    "delivered user: reads": (
        "operations.mark-user-conversation-as-delivered",
        {"deliver": deliver_reads},
    ),
    "delivered group: reads": (
        "operations.mark-group-conversation-as-delivered",
        {"deliver": deliver_reads},
    ),
    "unread user: nothing": (
        "operations.mark-user-conversation-as-unread",
        for_kind("user", "mark_unread_from"),
    ),
    "unread group: nothing": (
        "operations.mark-group-conversation-as-unread",
        for_kind("group", "mark_unread_from"),
    ),
    # properties
    "id: a number": (
        "properties.conversation-id-is-a-string",
        with_value("conversationId", lambda was, key: 7),
    ),
    "id: both uids": ("properties.conversation-id-format", on_conversation(other_id)),
    "id: always the same": (
        "properties.conversation-id-is-unique",
        with_value("conversationId", lambda was, key: "user_x"),
    ),
    "id: new in each answer": (
        "properties.conversation-id-is-unique",
        {"conversation": restless_id},
    ),
    "type: always user": (
        "properties.conversation-type",
        with_value("conversationType", lambda was, key: "user"),
    ),
    "type: missing": ("properties.conversation-type", without("conversationType")),
    "count: text": (
        "properties.unread-message-count-is-an-integer",
        with_value("unreadMessageCount", lambda was, key: str(was)),
    ),
    "count: null where 0": (
        "properties.unread-message-count-is-an-integer",
        with_value("unreadMessageCount", lambda was, key: was or None),
    ),
    "count: every other": (
        "properties.unread-message-count-counts",
        {"unread": half_counts},
    ),
    "count: never past 2": ("properties.unread-message-count-counts", {"unread": saturates}),
    "count: stale in the list": (
        "properties.unread-message-count-counts",
        {"row": stale_in_list},
    ),
    "count: own ones too": ("properties.own-messages-never-count", {"counts": own_count}),
    "count: own message reads": (
        "properties.own-messages-never-count",
        {"post": own_message_reads},
    ),
    "last: an id": (
        "properties.last-message-is-an-object",
        with_value("lastMessage", lambda was, key: was and was["id"]),
    ),
    "with: a uid": (
        "properties.conversation-with-is-an-object",
        with_value("conversationWith", lambda was, key: key[2]),
    ),
    "with: nameless": ("properties.conversation-with-is-an-object", {"peer": nameless_peer}),
    "created: milliseconds": (
        "properties.created-at-is-unix-seconds",
        with_value("createdAt", lambda was, key: was * 1000),
    ),
    "created: a date": (
        "properties.created-at-is-unix-seconds",
        with_value("createdAt", lambda was, key: "2026-11-23T00:00:00Z"),
    ),
    "created: moves": ("properties.created-at-stays", {"created_at": stamped}),
    "updated: milliseconds": (
        "properties.updated-at-is-unix-seconds",
        with_value("updatedAt", lambda was, key: was * 1000),
    ),
    "updated: before created": (
        "properties.updated-at-moves-with-messages",
        with_value("updatedAt", lambda was, key: was - 100_000),
    ),
    "updated: stays": (
        "properties.updated-at-moves-with-messages",
        {"updated_at": lambda self, key, messages: messages[0].sent_at},
    ),
    # counts
    "deleted by the app: reads": (
        "counts.deletions-take-only-their-own",
        {"delete_message": app_deletion_reads},
    ),
    # key behaviors
    "begin: before the first message": (
        "key-behaviors.user-conversation-starts-with-a-message",
        {"thread": before_any},
    ),
    "begin: for the sender alone": (
        "key-behaviors.user-conversation-starts-with-a-message",
        {"key_of": one_sided},
    ),
    "begin: for senders alone": (
        "key-behaviors.group-conversation-starts-with-a-message",
        {"key_of": writers_only},
    ),
    "large group: from 300 on": ("key-behaviors.full-group-still-counts", limit(299)),
    "large group: from 302 on, count": ("key-behaviors.crowded-group-keeps-count", limit(301)),
    "large group: from 302 on, last": (
        "key-behaviors.crowded-group-keeps-last-message",
        limit(301),
    ),
    "large group: from 302 on, time": ("key-behaviors.crowded-group-keeps-updated-at", limit(301)),
    "large group: counts alone": (
        "key-behaviors.crowded-group-keeps-count",
        {"is_in": messages_of_large_groups, "last": quiet_last, "updated_at": quiet_time},
    ),
    "large group: shows the last alone": (
        "key-behaviors.crowded-group-keeps-last-message",
        {"is_in": messages_of_large_groups, "unread": quiet_count, "updated_at": quiet_time},
    ),
    "large group: moves the time alone": (
        "key-behaviors.crowded-group-keeps-updated-at",
        {"is_in": messages_of_large_groups, "unread": quiet_count, "last": quiet_last},
    ),
    "tags: 24 at most": ("key-behaviors.at-most-25-tags", tag_limit(24, 100)),
    "tags: 26 at most": ("key-behaviors.at-most-25-tags", tag_limit(26, 100)),
    "tags: 99 characters": ("key-behaviors.tags-up-to-100-characters", tag_limit(25, 99)),
    "tags: 101 characters": ("key-behaviors.tags-up-to-100-characters", tag_limit(25, 101)),
    "tags: 100 bytes": ("key-behaviors.tags-are-utf8mb4", {"validated_tags": bytes_counted}),
    "tags: ASCII only": ("key-behaviors.tags-are-utf8mb4", {"validated_tags": only_latin}),
    "tags: stored, then refused": (
        "key-behaviors.refused-tags-change-nothing",
        {"update": store_refused},
    ),
    "tags: merged": ("key-behaviors.tags-are-replaced", {"set_tags": merge}),
    "tags: all users'": ("key-behaviors.tags-are-the-callers-alone", {"set_tags": tags_for_all}),
    "last: the one before": ("key-behaviors.deleted-last-message-is-hidden", {"last": one_before}),
    "last: null": (
        "key-behaviors.deleted-last-message-is-hidden",
        on_conversation(null_last),
    ),
    "last: still there": (
        "key-behaviors.deleted-last-message-is-hidden",
        {"last": lambda self, key, messages: messages[-1]},
    ),
    # connections
    "with: the caller's name": (
        "connections.conversation-with-is-the-other-user",
        {"peer": myself_as_peer},
    ),
    "with: a member's name": (
        "connections.conversation-with-is-the-group",
        {"peer": member_as_peer},
    ),
    "last: the first": (
        "connections.last-message-is-the-newest",
        {"last": lambda self, key, messages: messages[0]},
    ),
    "last: stale in the list": (
        "connections.last-message-is-the-newest",
        {"row": stale_in_list},
    ),
    # errors
    "uid unknown: 400": (
        "errors.uid-not-found",
        refusing(400, "ERR_UID_NOT_FOUND", instead_of="ERR_UID_NOT_FOUND"),
    ),
    "uid unknown: as a conversation": (
        "errors.uid-not-found",
        refusing(404, "ERR_CONVERSATION_NOT_FOUND", instead_of="ERR_UID_NOT_FOUND"),
    ),
    "caller unknown: taken": ("errors.caller-not-found", {"user": peer_need_not_exist}),
    "conversation missing: 403": (
        "errors.conversation-not-found",
        refusing(403, "ERR_CONVERSATION_NOT_ACCESSIBLE", instead_of="ERR_CONVERSATION_NOT_FOUND"),
    ),
    "guid unknown: 500": (
        "errors.guid-not-found",
        refusing(500, "ERR_GUID_NOT_FOUND", instead_of="ERR_GUID_NOT_FOUND"),
    ),
    "errors: a bare code": ("errors.envelope", {"error_body": bare_problem}),
    "errors: plain text": ("errors.envelope", {"encode": text_only}),
    "malformed: 500": ("errors.malformed-input", {"handle": crashes}),
    # access
    "key: none needed": ("access.key-required", {"check_key": no_access_check}),
    "key: any": ("access.key-known", {"check_key": no_access_check}),
    "key: of any scope": ("access.key-scope", {"check_key": no_access_check}),
    "caller: anybody": ("access.caller-required", {"copy_key": caller_optional}),
    "group: open to all": (
        "access.members-only",
        {"require_member": anybody, "key_of": guests_see},
    ),
    "by id: of anybody": ("access.parties-only", {"key_of_id": by_id_of_anybody}),
    "path: any": ("access.unknown-path", {"match_route": any_path}),
    "method: any": ("access.wrong-method", {"match_route": any_method}),
    "uids: case-sensitive": ("access.ids-in-any-case", {"user": case_sensitive_uid}),
    "guids: case-sensitive": ("access.ids-in-any-case", {"copy_key": case_sensitive_guid}),
    # marks
    "read: for all": ("marks.read-is-the-callers-alone", for_others_too("read")),
    "read up to: all": ("marks.read-up-to-a-message", {"read": read_all}),
    "read up to: short of it": ("marks.read-up-to-a-message", {"read": read_short_of}),
    "unread after: the newest": (
        "marks.unread-after-a-message",
        {"mark_unread_from": unread_nothing_named},
    ),
    "unread after: before": ("marks.unread-after-a-message", {"mark_unread_from": unread_before}),
    "unread: for all": ("marks.unread-is-the-callers-alone", for_others_too("mark_unread_from")),
    "reset: hides": ("marks.reset-keeps-the-conversation", {"reset": hide}),
    "reset: for all": ("marks.reset-is-the-callers-alone", for_others_too("reset")),
    "delete: for all": ("marks.delete-is-the-callers-alone", {"delete_copy": cut_for_all}),
    "delete: for ever": ("marks.delete-ends-with-the-next-message", {"delete_copy": for_ever}),
    # listing
    "list: the oldest first": ("listing.newest-first", {"list_conversations": oldest_first}),
    "page: one row more": ("listing.page-size", {"page": one_row_more}),
    "page: overlaps": ("listing.pages-follow-each-other", {"page": page_off_by_one}),
    "page: total of the page": ("listing.pagination-adds-up", {"page": wrong_total}),
    "page: past the end 404": ("listing.past-the-end-is-empty", {"page": past_the_end}),
    "page: below 1": ("listing.page-numbers-begin-at-1", {"page": page_from_0}),
    "page: of 1000 cut": ("listing.page-size-bounds", {"page": cut_at_999}),
    "page: of any size": ("listing.page-size-bounds", {"page": unbounded}),
    "filter: conversationType": ("listing.conversation-type-filter", no_filter("of_type")),
    "filter: unread": ("listing.unread-filter", no_filter("of_count")),
    "filter: tags": ("listing.tags-filter", no_filter("of_tags")),
    "filter: userTags": ("listing.user-tags-filter", no_filter("of_peer_tags")),
    "filter: groupTags": ("listing.group-tags-filter", no_filter("of_peer_tags")),
    "filter: searchKey": ("listing.search-key-filter", no_filter("of_name")),
    "withTags: ignored": ("listing.with-tags", {"row": no_tags_in_row}),
    "withTags: always": ("listing.tags-only-on-request", {"row": tags_in_every_row}),
    "withUserAndGroupTags: ignored": (
        "listing.with-user-and-group-tags",
        {"peer": no_peer_tags},
    ),
    "whole app: newest first": ("listing.whole-app", {"list_conversations": newest_first_for_all}),
    "whole app: one user's": ("listing.whole-app", {"listed_copies": callers_only}),
    "whole app: the peer as owner": ("listing.whole-app", {"row": wrong_owner}),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_by_its_clause(judge, make_app, name):
    """The clause is broken, with a finding that shows the calls."""
    clause, overrides = DEFECTS[name]
    outcome = judge(make_app(overrides=overrides), clause)

    assert {result.clause.id: result.verdict for result in outcome.results} == {clause: "broken"}
    assert all(finding.calls for result in outcome.results for finding in result.findings)
    assert outcome.exit_code == 1


OTHER_CLAUSES = {
    # the limit is judged by another clause than the envelope of refusals
    "tags: 26 at most": "errors.envelope",
    "tags: 101 characters": "errors.envelope",
    # other properties of a conversation are still judged
    "last: an id": "marks.delete-is-the-callers-alone",
    "count: text": "properties.unread-message-count-counts",
}


@pytest.mark.parametrize("name", OTHER_CLAUSES)
def test_a_defect_does_not_break_a_related_clause(judge, make_app, name):
    """One cause is reported once: a clause judges its own statement alone."""
    _, overrides = DEFECTS[name]
    outcome = judge(make_app(overrides=overrides), OTHER_CLAUSES[name])

    assert [result.verdict for result in outcome.results] == ["held"]


@pytest.mark.parametrize("name", ["last: an id", "with: a uid", "type: missing", "id: a number"])
def test_a_defect_does_not_crash_a_check(judge, make_app, name):
    """A malformed answer is judged, or the clause is not reached."""
    _, overrides = DEFECTS[name]
    outcome = judge(make_app(overrides=overrides))

    assert [result.clause.id for result in outcome.results if "foreseen" in result.why] == []
