"""Servers that differ where no document decides (the Tolerance column of the readings).

Each row of TOLERANCES overrides methods of the independent server; the suite has to accept both.
"""

import itertools

from support.independent.app import App
from support.independent.model import Message, Refusal


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


TOLERANCES = {
    "message ids have 19 digits": {"post": long_ids},
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
