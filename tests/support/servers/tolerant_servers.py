"""Servers that differ where no document decides (the Tolerance column of the readings).

Each row of TOLERANCES overrides methods of the independent server; the suite has to accept both.
"""

import itertools
import re
from dataclasses import replace

from support.independent.app import App
from support.independent.values import Message, Refusal


def refusal_as(was, status, code):
    """Return an override that answers one refusal with another status and code."""

    def answer(self, request):
        answer_status, body = App.answer(self, request)
        if body.get("error", {}).get("code") != was:
            return answer_status, body
        return status, {"error": {"code": code, "message": "no"}}

    return {"answer": answer}


def least_problem(self, refusal):
    return {"error": {"code": refusal.code, "message": "no"}}


def tags_in_get(self, request):
    key = self.copy_key(request)
    return self.conversation(key, self.thread(key), tags=True)


def empty_tags_absent(self, request, row):
    shown = App.row(self, request, row)
    return shown if shown.get("tags") else {n: v for n, v in shown.items() if n != "tags"}


def success_alone(self, request):
    key, since = self.copy_key(request), request.message_id()
    return self.change_copy(key, lambda: self.mark_unread_from(key, since))


def success_and_conversation(self, request):
    return {"success": True, "message": "done", **App.mark_unread(self, request)}


def unread_after(self, key, since):
    App.mark_unread_from(self, key, since if since is None else since + 1)


def untouched(self, key, messages):
    return messages[-1].sent_at


def refused_page(self, request, rows, show):
    if (
        not 1 <= self.integer(request, "perPage", 100) <= 1000
        or self.integer(request, "page", 1) < 1
    ):
        raise Refusal(400, "ERR_BAD_REQUEST", perPage="is out of bounds")
    return App.page(self, request, rows, show)


def too_many_tags_as(status):
    def validated_tags(self, tags):
        if isinstance(tags, list) and (len(tags) > 25 or any(len(str(t)) > 100 for t in tags)):
            raise Refusal(status, "ERR_TAGS_LIMIT_EXCEEDED")
        return App.validated_tags(self, tags)

    return {"validated_tags": validated_tags}


def sorted_tags(self, tags):
    return sorted(App.validated_tags(self, tags), reverse=True)


def text_ids(self, message):
    return self.serialize_message(message)


def number_ids(self, message):
    return {**App.serialize_message(self, message), "id": message.id}


def deleted_messages_count(self, key, message):
    return message.sender != key[0]


def group_from_the_start(self, key):
    """Show a group's conversation before its first message (B2)."""
    try:
        return App.thread(self, key)
    except Refusal:
        if key[1] != "group" or self.copy(key).deleted_through:
            raise
    return [empty_message(self, key)]


def empty_message(self, key):
    """Return a deleted message, which neither shows nor counts."""
    return Message(0, key[0], key[2], "group", None, self.groups[key[2]]["createdAt"])


def listed_from_the_start(self, owner):
    threads = App.threads(self, owner)
    for guid, members in self.members.items():
        for uid in members if owner is None else [owner] if owner in members else []:
            key = (uid, "group", guid)
            if key not in threads and not self.copy(key).deleted_through:
                threads[key] = [empty_message(self, key)]
    return threads


def messages_outlive_users(self, uid):
    """Delete a user but keep the messages, except deleted ones."""
    kept = [each for each in self.messages if each.text is not None]
    App.forget_user(self, uid)
    self.messages = kept


def by_peer_within_a_second(self, request):
    shown = App.list_conversations(self, request)
    key = lambda row: (  # noqa: E731
        row.get("uid", ""), -row["updatedAt"], str(row["conversationWith"]),
    )  # fmt: skip
    return {**shown, "data": sorted(shown["data"], key=key)}


def slow(self, request):
    """Answer after 300 ms."""
    self.clock.sleep(0.3)
    return App.answer(self, request)


class Busy:
    """Answers every 30th request with 429."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def __call__(self, app, request):
        if next(self.numbers) % 30 == 0:
            return 429, {"error": {"code": "ERR_TOO_MANY_REQUESTS", "message": "later"}}
        return App.answer(app, request)


def long_ids(self, sender, receiver, **options):
    """Add messages with ids of 19 digits."""
    self.last_id = max(self.last_id, 10**18)
    return App.post(self, sender, receiver, **options)


ULID = "01JD"  # then 22 digits: 26 characters of Crockford's alphabet, in order of time


def as_ulid(number):
    return f"{ULID}{number:022d}"


def ulid_ids(self, message):
    return {**App.serialize_message(self, message), "id": as_ulid(message.id)}


def by_ulid(self, request):
    """Answer a request whose message ids are ULIDs; all answers hold such ids."""
    request.route = re.sub(rf"(?<=/messages/){ULID}0*([0-9]+)$", r"\1", request.route)
    named = request.body.get("messageId") if isinstance(request.body, dict) else None
    if isinstance(named, str) and named.startswith(ULID):
        request.body = {**request.body, "messageId": named.removeprefix(ULID).lstrip("0")}
    return App.answer(self, request)


def ulid_last(self, message):
    return {**App.shown_last(self, message), "id": as_ulid(message.id)}


def welcomed(self, request):
    """Make a user, to whom a bot writes at once."""
    created = App.create_user(self, request)
    self.post("welcome-bot", created["uid"], kind="user", text="Welcome!")
    return created


DEFAULT_GROUP = "default-group"


def in_a_default_group(self, request):
    """Make a user, who is a member of a group in which somebody has written."""
    created = App.create_user(self, request)
    guid = DEFAULT_GROUP
    if guid not in self.groups:
        self.groups[guid] = {"guid": guid, "name": "All", "type": "public", "createdAt": self.now()}
        self.members[guid] = {}
    self.members[guid][created["uid"]] = "participant"
    self.messages = [each for each in self.messages if each.receiver != guid]
    self.post("welcome-bot", guid, kind="group", text="Welcome, all!")
    return created


LISTED_LATE_S = 3.0


class LateList:
    """Shows in the list what was true 3 s ago; all other answers are as of now."""

    def __init__(self):
        self.states = []

    def answer(self, app, request):
        with app.lock:
            answered = App.answer(app, request)
            if request.method != "GET":
                self.states.append((app.clock(), state_of(app)))
            return answered

    def list_conversations(self, app, request):
        then = app.clock() - LISTED_LATE_S
        past = [state for at, state in self.states if at <= then]
        self.states = [(at, state) for at, state in self.states if at > then]
        if past:
            self.states.insert(0, (then, past[-1]))
        now = state_of(app)
        restore(app, past[-1] if past else ({}, {}, {}, [], {}))
        try:
            return App.list_conversations(app, request)
        finally:
            restore(app, now)


def state_of(app):
    """Return users, groups, members, messages and copies, each as it now is."""
    return (
        dict(app.users),
        dict(app.groups),
        {guid: dict(members) for guid, members in app.members.items()},
        [replace(message) for message in app.messages],
        {key: replace(copy, read=set(copy.read)) for key, copy in app.copies.items()},
    )


def restore(app, state):
    app.users, app.groups, app.members, app.messages, app.copies = state


def listed_late():
    late = LateList()
    return {
        "answer": late.answer,
        "list_conversations": late.list_conversations,
    }


def without_list_of_users(self, request):
    if (request.method, request.route) == ("GET", "/v3/users"):
        return 404, {"error": {"code": "ERR_API_NOT_FOUND", "message": "no"}}
    return App.answer(self, request)


TOLERANCES = {
    "message ids have 19 digits": {"post": long_ids},
    "message ids are ULIDs": {
        "answer": by_ulid,
        "serialize_message": ulid_ids,
        "shown_last": ulid_last,
    },
    "a new user has a conversation with a bot": {"create_user": welcomed},
    "a new user is in a group with a conversation": {"create_user": in_a_default_group},
    "the list of conversations is 3 s behind": listed_late(),
    "users cannot be listed": {"answer": without_list_of_users},
    "errors hold code and message alone": {"error_body": least_problem},
    "tags show in GET": {"get": tags_in_get},
    "tags are absent where there are none": {"row": empty_tags_absent},
    "tags come back in another order": {"validated_tags": sorted_tags},
    "too many tags are 422": too_many_tags_as(422),
    "too many tags are 403": too_many_tags_as(403),
    "unread answers success alone": {"mark_unread": success_alone},
    "unread answers success and conversation": {"mark_unread": success_and_conversation},
    "unread does not count the message named": {"mark_unread_from": unread_after},
    "read and tags do not move updatedAt": {"updated_at": untouched},
    "a page size out of bounds is refused": {"page": refused_page},
    "message ids are text everywhere": {"shown_last": text_ids},
    "message ids are numbers everywhere": {"serialize_message": number_ids},
    "a deleted message stays unread": {"counts": deleted_messages_count},
    "a new group has its conversation": {
        "thread": group_from_the_start,
        "threads": listed_from_the_start,
    },
    "messages outlive their users": {"forget_user": messages_outlive_users},
    "rows of one second in another order": {"list_conversations": by_peer_within_a_second},
    "every 30th request is 429": {"answer": Busy()},
    "every answer takes 300 ms": {"answer": slow},
    "a missing key is 401": refusal_as("AUTH_ERR_EMPTY_APIKEY", 401, "AUTH_ERR_EMPTY_APIKEY"),
    "an unknown key is 403": refusal_as("AUTH_ERR_APIKEY_NOT_FOUND", 403, "AUTH_ERR_OTHER"),
    "a missing caller is 400": refusal_as("ERR_CALLER_MISSING", 400, "ERR_BAD_REQUEST"),
    "a missing caller is 404": refusal_as("ERR_CALLER_MISSING", 404, "ERR_UID_NOT_FOUND"),
    "a non-member of a group gets 403": refusal_as(
        "ERR_GROUP_NOT_JOINED", 403, "ERR_CONVERSATION_NOT_ACCESSIBLE"
    ),
    "a non-member of a group gets 404": refusal_as(
        "ERR_GROUP_NOT_JOINED", 404, "ERR_CONVERSATION_NOT_FOUND"
    ),
    "an unknown guid is 400": refusal_as("ERR_GUID_NOT_FOUND", 400, "ERR_GROUP"),
    "an unknown path is 405": refusal_as("ERR_API_NOT_FOUND", 405, "ERR_API_NOT_FOUND"),
}
