"""Single departures from the contract, each found by the clause that speaks of it.

A departure replaces methods of the independent server; the server is whole without them.
"""

import json

import pytest

from support.independent.app import Registry
from support.independent.model import Copy, Refusal


def on_conversation(change):
    """Replaces what a shown conversation holds: ``change(shown, key)`` gives it back."""

    def conversation(self, key, letters, **wants):
        return change(Registry.conversation(self, key, letters, **wants), key)

    return {"conversation": conversation}


def with_value(name, value):
    """A property with a value of the wrong kind, wherever it is shown."""
    return on_conversation(lambda shown, key: {**shown, name: value(shown.get(name), key)})


def without(name):
    """A property that is missing wherever it would be shown."""
    return on_conversation(lambda shown, key: {n: v for n, v in shown.items() if n != name})


def for_kind(kind, name):
    """An operation's effect that is left out for one kind of conversation."""

    def skip(self, key, *rest):
        if key[1] != kind:
            getattr(Registry, name)(self, key, *rest)

    return {name: skip}


def for_all_mine(name):
    """An effect on all of the caller's conversations, not on the one that was named."""

    def spread(self, key, *rest):
        for mine in self.threads(key[0]):
            getattr(Registry, name)(self, mine, *rest)

    return {name: spread}


def for_others_too(name):
    """An effect that all parties feel, not the caller alone."""

    def spread(self, key, *rest):
        for other in [each for each in self.threads(None) if is_same_talk(key, each)]:
            getattr(Registry, name)(self, other, *rest)

    return {name: spread}


def is_same_talk(one, other):
    if one[1] == "group":
        return one[1:] == other[1:]
    return other[1] == "user" and {one[0], one[2]} == {other[0], other[2]}


def refusing(status, code, *, instead_of):
    """One refusal answered with another status or code."""

    def problem(self, refusal):
        if refusal.code == instead_of:
            refusal.status = status
            refusal.code = code
        return Registry.problem(self, refusal)

    def answer(self, asked):
        answered, body = Registry.answer(self, asked)
        return (status, body) if body.get("error", {}).get("code") == code else (answered, body)

    return {"problem": problem, "answer": answer}


def no_filter(name):
    """A filter of the list that is not applied."""
    return {name: lambda self, query, key, letters: True}


def no_access_check(self, key):
    """Any key will do."""


def stamped(self, key, letters):
    """createdAt that moves with the letters."""
    return letters[-1].sent_at


def one_before(self, key, letters):
    """The newest letter that is whole, though a newer one was torn up."""
    return next((each for each in reversed(letters) if each.sheet is not None), None)


def null_last(shown, key):
    return {"lastMessage": None, **shown}


def page_off_by_one(self, asked, rows, show):
    page = max(self.whole(asked, "page", 1), 1)
    return Registry.page(self, asked, rows[1:] if page > 1 else rows, show)


def page_from_0(self, asked, rows, show):
    page = asked.query.get("page")
    return Registry.page(self, asked, [] if page in ("0", "-1") else rows, show)


def cut_at_999(self, asked, rows, show):
    shown = Registry.page(self, asked, rows, show)
    stand = shown["meta"]["pagination"]
    stand["per_page"] = min(stand["per_page"], 999)
    return shown


def newest_first_for_all(self, asked):
    shown = Registry.list_conversations(self, asked)
    shown["data"].sort(key=lambda row: -row["updatedAt"])
    return shown


def user_by_letter(self, uid):
    if uid != uid.lower():
        raise Refusal(404, "ERR_UID_NOT_FOUND")
    return Registry.user(self, uid)


def group_by_letter(self, asked):
    if asked.path["kind"] == "group" and asked.path["peer"] != asked.path["peer"].lower():
        raise Refusal(404, "ERR_GUID_NOT_FOUND")
    return Registry.named(self, asked)


def wrong_total(self, asked, rows, show):
    shown = Registry.page(self, asked, rows, show)
    shown["meta"]["pagination"]["total"] = shown["meta"]["pagination"]["count"]
    return shown


def past_the_end(self, asked, rows, show):
    shown = Registry.page(self, asked, rows, show)
    if rows and not shown["data"]:
        raise Refusal(404, "ERR_PAGE_NOT_FOUND")
    return shown


def unbounded(self, asked, rows, show):
    size = self.whole(asked, "perPage", 100)
    shown = Registry.page(self, asked, rows, show)
    shown["meta"]["pagination"]["per_page"] = size
    return shown


def one_row_more(self, asked, rows, show):
    size = self.whole(asked, "perPage", 100)
    asked.query = {**asked.query, "perPage": str(size + 1)}
    return Registry.page(self, asked, rows, show)


def oldest_first(self, asked):
    shown = Registry.list_conversations(self, asked)
    return {**shown, "data": shown["data"][::-1]}


def everybodys(self, asked):
    return self.threads(None)


def callers_only(self, asked):
    return self.threads(asked.caller or next(iter(self.users), None))


def tags_in_every_row(self, asked, row):
    return {**Registry.row(self, asked, row), "tags": list(self.copy(row[0]).tags)}


def no_tags_in_row(self, asked, row):
    return {n: v for n, v in Registry.row(self, asked, row).items() if n != "tags"}


def wrong_owner(self, asked, row):
    shown = Registry.row(self, asked, row)
    return {**shown, "uid": row[0][2]} if "uid" in shown else shown


def no_peer_tags(self, key, *, tags=False):
    return {n: v for n, v in Registry.peer(self, key).items() if n != "tags"}


def nameless_peer(self, key, *, tags=False):
    return {n: v for n, v in Registry.peer(self, key, tags=tags).items() if n != "name"}


def myself_as_peer(self, key, *, tags=False):
    if key[1] == "user":
        return {**Registry.peer(self, key, tags=tags), "name": self.users[key[0]]["name"]}
    return Registry.peer(self, key, tags=tags)


def member_as_peer(self, key, *, tags=False):
    shown = Registry.peer(self, key, tags=tags)
    return {**shown, "name": self.users[key[0]]["name"]} if key[1] == "group" else shown


def tag_limit(most, longest):
    def checked(self, tags):
        if not isinstance(tags, list) or len(tags) > most:
            raise Refusal(400, "ERR_BAD_REQUEST", tags="too many")
        if any(not isinstance(tag, str) or not 1 <= len(tag) <= longest for tag in tags):
            raise Refusal(400, "ERR_BAD_REQUEST", tags="no tags")
        return tags

    return {"checked": checked}


def bytes_counted(self, tags):
    Registry.checked(self, tags)
    if any(len(tag.encode()) > 100 for tag in tags):
        raise Refusal(400, "ERR_BAD_REQUEST", tags="too long")
    return tags


def only_latin(self, tags):
    return [tag.encode("ascii", "replace").decode() for tag in Registry.checked(self, tags)]


def merge(self, key, tags):
    self.mine(key).tags = list(dict.fromkeys([*self.copy(key).tags, *tags]))


def store_refused(self, asked):
    tags = asked.fields().get("tags")
    if isinstance(tags, list):
        self.label(self.named(asked), [tag for tag in tags if isinstance(tag, str)][:25])
    return Registry.update(self, asked)


def tags_for_all(self, key, tags):
    for other in [each for each in self.threads(None) if is_same_talk(key, each)]:
        self.mine(other).tags = tags


def read_one(self, key, upto):
    for letter in self.unread(key, self.thread(key))[:1]:
        self.mine(key).read.add(letter.id)


def read_all(self, key, upto):
    Registry.read(self, key, None)


def read_short_of(self, key, upto):
    Registry.read(self, key, None if upto is None else upto - 1)


def unread_nothing_named(self, key, since):
    Registry.unmark(self, key, None)


def unread_before(self, key, since):
    theirs = [each.id for each in self.thread(key) if self.counts(key, each)]
    again = theirs if since is None else [each for each in theirs if each <= since]
    self.mine(key).read.difference_update(again)


def nothing(self, *_):
    """Done, says the answer; nothing was."""


def deliver_reads(self, key, upto):
    Registry.read(self, key, upto)


def hide(self, key):
    self.cut_off(key)


def cut_for_all(self, key):
    for other in [each for each in self.threads(None) if is_same_talk(key, each)]:
        Registry.cut_off(self, other)


def for_ever(self, key):
    self.mine(key).cut = 10**9


def own_count(self, key, letter):
    return letter.sheet is not None


def own_message_reads(self, sender, receiver, *, kind, text, action=False):
    letter = Registry.post(self, sender, receiver, kind=kind, text=text, action=action)
    key = (sender, kind, receiver)
    self.copies.setdefault(key, Copy()).read.update(each.id for each in self.letters)
    return letter


def half_counts(self, key, letters):
    return Registry.unread(self, key, letters)[::2]


def saturates(self, key, letters):
    return Registry.unread(self, key, letters)[:2]


def limit(most):
    return {"is_crowded": lambda self, guid: len(self.members[guid]) > most}


def counts_in_crowds(self, key, letter):
    """Letters of crowds are in all copies, but not shown as the last."""
    return letter.id > self.copy(key).cut


def quiet_last(self, key, letters):
    heard = [each for each in letters if not each.unheard]
    return Registry.last(self, key, heard or letters)


def quiet_count(self, key, letters):
    return [each for each in Registry.unread(self, key, letters) if not each.unheard]


def quiet_time(self, key, letters):
    return max(each.sent_at for each in letters if not each.unheard)


def peer_need_not_exist(self, uid):
    return self.users.get(uid.lower(), {"uid": uid.lower(), "name": "somebody"})


def before_any(self, key):
    return self.threads(key[0]).get(key) or [self.post(key[2], key[0], kind=key[1], text="hi")]


def one_sided(self, owner, letter):
    key = Registry.key(self, owner, letter)
    return None if letter.kind == "user" and owner == letter.receiver else key


def writers_only(self, owner, letter):
    wrote = any(each.sender == owner and each.receiver == letter.receiver for each in self.letters)
    return Registry.key(self, owner, letter) if letter.kind == "user" or wrote else None


def anybody(self, uid, guid):
    """Who is no member may, too."""


def guests_see(self, owner, letter):
    if letter.kind == "group":
        return (owner, "group", letter.receiver)
    return Registry.key(self, owner, letter)


def by_id_of_anybody(self, asked):
    kind, _, peer = asked.path["id"].partition("_")
    keys = [key for key in self.threads(None) if key[1:] == (kind, peer)]
    mine = (asked.who(), kind, peer)
    return mine if mine in keys or not keys else keys[0]


def caller_optional(self, asked):
    named = (asked.path["kind"], asked.path["peer"])
    owners = [key[0] for key in self.threads(None) if key[1:] == named]
    asked.caller = asked.caller or next(iter(owners), None)
    return Registry.named(self, asked)


def any_path(self, asked):
    try:
        return Registry.find(self, asked)
    except Refusal:
        return "list_conversations", {}


def any_method(self, asked):
    try:
        return Registry.find(self, asked)
    except Refusal:
        asked.method = "GET"
        asked.route = asked.route.removesuffix("/delivered")
        return Registry.find(self, asked)


def bare_problem(self, refusal):
    return {"error": refusal.code}


def text_only(self, body):
    return b"Bad Request" if "error" in body else json.dumps(body).encode()


def crashes(self, asked):
    try:
        return Registry.handle(self, asked)
    except Refusal as refusal:
        status = 500 if refusal.code == "ERR_BAD_REQUEST" else refusal.status
        raise Refusal(status, refusal.code) from refusal


def first_of_list(self, asked):
    first, *_ = Registry.list_conversations(self, asked)["data"] or [None]
    return first or Registry.get(self, asked)


def other_id(shown, key):
    ids = sorted([key[0], key[2]])
    return {**shown, "conversationId": "_user_".join(ids)} if key[1] == "user" else shown


def restless_id(self, key, letters, **wants):
    self.stamps += 1
    shown = Registry.conversation(self, key, letters, **wants)
    return {**shown, "conversationId": f"{key[1]}_{key[2]}_{self.stamps}"}


def stale_in_list(self, asked, row):
    key, letters = row
    return Registry.row(self, asked, (key, letters[:1]))


DEPARTURES = {
    # operations
    "list: everybody's": ("operations.list-conversations", {"listed": everybodys}),
    "get by id: the first of the list": (
        "operations.get-conversation",
        {"get_by_id": first_of_list},
    ),
    "delete by id: nothing": ("operations.delete-conversation", {"cut_off": nothing}),
    "get user: the first of the list": ("operations.get-user-conversation", {"get": first_of_list}),
    "get group: the first of the list": (
        "operations.get-group-conversation",
        {"get": first_of_list},
    ),
    "update user: not stored": ("operations.update-user-conversation", for_kind("user", "label")),
    "update group: not stored": (
        "operations.update-group-conversation",
        for_kind("group", "label"),
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
        for_all_mine("unmark"),
    ),
    "unread group: all the caller's": (
        "operations.mark-group-conversation-as-unread",
        for_all_mine("unmark"),
    ),
    "update user: all the caller's": (
        "operations.update-user-conversation",
        for_all_mine("label"),
    ),
    "update group: all the caller's": (
        "operations.update-group-conversation",
        for_all_mine("label"),
    ),
    "delete by id: all the caller's": (
        "operations.delete-conversation",
        for_all_mine("cut_off"),
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
        for_kind("user", "unmark"),
    ),
    "unread group: nothing": (
        "operations.mark-group-conversation-as-unread",
        for_kind("group", "unmark"),
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
        {"updated_at": lambda self, key, letters: letters[0].sent_at},
    ),
    # key behaviors
    "birth: before the first message": (
        "key-behaviors.user-conversation-starts-with-a-message",
        {"thread": before_any},
    ),
    "birth: for the writer alone": (
        "key-behaviors.user-conversation-starts-with-a-message",
        {"key": one_sided},
    ),
    "birth: for those who wrote": (
        "key-behaviors.group-conversation-starts-with-a-message",
        {"key": writers_only},
    ),
    "crowd: from 300 on": ("key-behaviors.full-group-still-counts", limit(299)),
    "crowd: from 302 on, count": ("key-behaviors.crowded-group-keeps-count", limit(301)),
    "crowd: from 302 on, last": ("key-behaviors.crowded-group-keeps-last-message", limit(301)),
    "crowd: from 302 on, time": ("key-behaviors.crowded-group-keeps-updated-at", limit(301)),
    "crowd: counts alone": (
        "key-behaviors.crowded-group-keeps-count",
        {"is_in": counts_in_crowds, "last": quiet_last, "updated_at": quiet_time},
    ),
    "crowd: shows the last alone": (
        "key-behaviors.crowded-group-keeps-last-message",
        {"is_in": counts_in_crowds, "unread": quiet_count, "updated_at": quiet_time},
    ),
    "crowd: moves the time alone": (
        "key-behaviors.crowded-group-keeps-updated-at",
        {"is_in": counts_in_crowds, "unread": quiet_count, "last": quiet_last},
    ),
    "tags: 24 at most": ("key-behaviors.at-most-25-tags", tag_limit(24, 100)),
    "tags: 26 at most": ("key-behaviors.at-most-25-tags", tag_limit(26, 100)),
    "tags: 99 characters": ("key-behaviors.tags-up-to-100-characters", tag_limit(25, 99)),
    "tags: 101 characters": ("key-behaviors.tags-up-to-100-characters", tag_limit(25, 101)),
    "tags: 100 bytes": ("key-behaviors.tags-are-utf8mb4", {"checked": bytes_counted}),
    "tags: plain letters": ("key-behaviors.tags-are-utf8mb4", {"checked": only_latin}),
    "tags: stored, then refused": (
        "key-behaviors.refused-tags-change-nothing",
        {"update": store_refused},
    ),
    "tags: merged": ("key-behaviors.tags-are-replaced", {"label": merge}),
    "tags: everybody's": ("key-behaviors.tags-are-the-callers-alone", {"label": tags_for_all}),
    "last: the one before": ("key-behaviors.deleted-last-message-is-hidden", {"last": one_before}),
    "last: null": (
        "key-behaviors.deleted-last-message-is-hidden",
        on_conversation(null_last),
    ),
    "last: still there": (
        "key-behaviors.deleted-last-message-is-hidden",
        {"last": lambda self, key, letters: letters[-1]},
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
        {"last": lambda self, key, letters: letters[0]},
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
    "errors: a bare code": ("errors.envelope", {"problem": bare_problem}),
    "errors: plain text": ("errors.envelope", {"written": text_only}),
    "malformed: 500": ("errors.malformed-input", {"handle": crashes}),
    # access
    "key: none needed": ("access.key-required", {"check_key": no_access_check}),
    "key: any": ("access.key-known", {"check_key": no_access_check}),
    "key: of any scope": ("access.key-scope", {"check_key": no_access_check}),
    "caller: anybody": ("access.caller-required", {"named": caller_optional}),
    "group: open to all": (
        "access.members-only",
        {"must_belong": anybody, "key": guests_see},
    ),
    "by id: of anybody": ("access.parties-only", {"key_of_id": by_id_of_anybody}),
    "path: any": ("access.unknown-path", {"find": any_path}),
    "method: any": ("access.wrong-method", {"find": any_method}),
    "ids: letter for letter": ("access.ids-in-any-case", {"user": user_by_letter}),
    "guids: letter for letter": ("access.ids-in-any-case", {"named": group_by_letter}),
    # marks
    "read: for all": ("marks.read-is-the-callers-alone", for_others_too("read")),
    "read up to: all": ("marks.read-up-to-a-message", {"read": read_all}),
    "read up to: short of it": ("marks.read-up-to-a-message", {"read": read_short_of}),
    "unread after: the newest": ("marks.unread-after-a-message", {"unmark": unread_nothing_named}),
    "unread after: before": ("marks.unread-after-a-message", {"unmark": unread_before}),
    "unread: for all": ("marks.unread-is-the-callers-alone", for_others_too("unmark")),
    "reset: hides": ("marks.reset-keeps-the-conversation", {"reset": hide}),
    "reset: for all": ("marks.reset-is-the-callers-alone", for_others_too("reset")),
    "delete: for all": ("marks.delete-is-the-callers-alone", {"cut_off": cut_for_all}),
    "delete: for ever": ("marks.delete-ends-with-the-next-message", {"cut_off": for_ever}),
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
    "whole app: one user's": ("listing.whole-app", {"listed": callers_only}),
    "whole app: the peer as owner": ("listing.whole-app", {"row": wrong_owner}),
}


@pytest.mark.parametrize("name", DEPARTURES)
def test_a_departure_is_found_by_its_clause(judge, town, name):
    """What a clause forbids makes it broken, with a finding that shows the calls."""
    clause, departures = DEPARTURES[name]
    outcome = judge(town(departures=departures), clause)

    assert {result.clause.id: result.verdict for result in outcome.results} == {clause: "broken"}
    assert all(finding.calls for result in outcome.results for finding in result.findings)
    assert outcome.exit_code == 1


NEIGHBOURS = {
    # one limit is another clause's matter than the envelope of refusals
    "tags: 26 at most": "errors.envelope",
    "tags: 101 characters": "errors.envelope",
    # a conversation that does not say what it should is read as far as it can be
    "last: an id": "marks.delete-is-the-callers-alone",
    "count: text": "properties.unread-message-count-counts",
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_departure_is_not_held_against_its_neighbour(judge, town, name):
    """One cause is told once: a clause speaks of what it says, and of nothing else."""
    _, departures = DEPARTURES[name]
    outcome = judge(town(departures=departures), NEIGHBOURS[name])

    assert [result.verdict for result in outcome.results] == ["held"]


@pytest.mark.parametrize("name", ["last: an id", "with: a uid", "type: missing", "id: a number"])
def test_no_departure_crashes_a_check(judge, town, name):
    """An answer of the wrong shape is judged, or a step that was not reached."""
    _, departures = DEPARTURES[name]
    outcome = judge(town(departures=departures))

    assert [result.clause.id for result in outcome.results if "foreseen" in result.why] == []
