"""What no document decides: the suite is silent on either side of it (readings, Tolerance).

The independent server takes one side of each freedom by itself; these replace methods of it to
take the other.
"""

import itertools

from support.independent.app import Registry
from support.independent.model import Letter, Refusal


def recoded(was, status, code):
    """A refusal with another status and code."""

    def answer(self, asked):
        told, body = Registry.answer(self, asked)
        if body.get("error", {}).get("code") != was:
            return told, body
        return status, {"error": {"code": code, "message": "no"}}

    return {"answer": answer}


def least_problem(self, refusal):
    return {"error": {"code": refusal.code, "message": "no"}}


def tags_in_get(self, asked):
    key = self.named(asked)
    return self.conversation(key, self.thread(key), tags=True)


def empty_tags_absent(self, asked, row):
    shown = Registry.row(self, asked, row)
    return shown if shown.get("tags") else {n: v for n, v in shown.items() if n != "tags"}


def success_alone(self, asked):
    key, since = self.named(asked), asked.number()
    return self.done(key, lambda: self.unmark(key, since))


def success_and_conversation(self, asked):
    return {"success": True, "message": "done", **Registry.mark_unread(self, asked)}


def unread_after(self, key, since):
    Registry.unmark(self, key, since if since is None else since + 1)


def untouched(self, key, letters):
    return letters[-1].sent_at


def refused_page(self, asked, rows, show):
    if not 1 <= self.whole(asked, "perPage", 100) <= 1000 or self.whole(asked, "page", 1) < 1:
        raise Refusal(400, "ERR_BAD_REQUEST", perPage="is out of bounds")
    return Registry.page(self, asked, rows, show)


def too_many_tags_as(status):
    def checked(self, tags):
        if isinstance(tags, list) and (len(tags) > 25 or any(len(str(t)) > 100 for t in tags)):
            raise Refusal(status, "ERR_TAGS_LIMIT_EXCEEDED")
        return Registry.checked(self, tags)

    return {"checked": checked}


def sorted_tags(self, tags):
    return sorted(Registry.checked(self, tags), reverse=True)


def text_ids(self, letter):
    return self.message(letter)


def number_ids(self, letter):
    return {**Registry.message(self, letter), "id": letter.id}


def torn_ones_count(self, key, letter):
    return letter.sender != key[0]


def group_from_the_start(self, key):
    """A group's conversation is there for its members before anybody has written (B2)."""
    try:
        return Registry.thread(self, key)
    except Refusal:
        if key[1] != "group" or self.copy(key).cut:
            raise
    return [silence(self, key)]


def silence(self, key):
    """What stands before the first letter: nothing that shows or counts."""
    return Letter(0, key[0], key[2], "group", None, self.groups[key[2]]["createdAt"])


def listed_from_the_start(self, owner):
    threads = Registry.threads(self, owner)
    for guid, members in self.members.items():
        for uid in members if owner is None else [owner] if owner in members else []:
            key = (uid, "group", guid)
            if key not in threads and not self.copy(key).cut:
                threads[key] = [silence(self, key)]
    return threads


def lasting_letters(self, uid):
    """Deleting a user leaves what he wrote, but for what was taken back."""
    kept = [each for each in self.letters if each.sheet is not None]
    Registry.forget_user(self, uid)
    self.letters = kept


def by_peer_within_a_second(self, asked):
    shown = Registry.list_conversations(self, asked)
    key = lambda row: (  # noqa: E731
        row.get("uid", ""), -row["updatedAt"], str(row["conversationWith"]),
    )  # fmt: skip
    return {**shown, "data": sorted(shown["data"], key=key)}


def slow(self, asked):
    """Takes 300 ms for each answer."""
    self.clock.sleep(0.3)
    return Registry.answer(self, asked)


class Busy:
    """Answers every 30th request with 429."""

    def __init__(self):
        self.numbers = itertools.count(1)

    def __call__(self, town, asked):
        if next(self.numbers) % 30 == 0:
            return 429, {"error": {"code": "ERR_TOO_MANY_REQUESTS", "message": "later"}}
        return Registry.answer(town, asked)


def long_ids(self, sender, receiver, **how):
    """Message ids of 19 digits."""
    self.stamps = max(self.stamps, 10**18)
    return Registry.post(self, sender, receiver, **how)


FREEDOMS = {
    "message ids have 19 digits": {"post": long_ids},
    "errors hold code and message alone": {"problem": least_problem},
    "tags show in GET": {"get": tags_in_get},
    "tags are absent where there are none": {"row": empty_tags_absent},
    "tags come back in another order": {"checked": sorted_tags},
    "too many tags are 422": too_many_tags_as(422),
    "too many tags are 403": too_many_tags_as(403),
    "unread answers success alone": {"mark_unread": success_alone},
    "unread answers success and conversation": {"mark_unread": success_and_conversation},
    "unread does not count the message named": {"unmark": unread_after},
    "read and tags do not move updatedAt": {"updated_at": untouched},
    "a page size out of bounds is refused": {"page": refused_page},
    "message ids are text everywhere": {"shown_last": text_ids},
    "message ids are numbers everywhere": {"message": number_ids},
    "a deleted message stays unread": {"counts": torn_ones_count},
    "a new group has its conversation": {
        "thread": group_from_the_start,
        "threads": listed_from_the_start,
    },
    "messages outlive their users": {"forget_user": lasting_letters},
    "rows of one second in another order": {"list_conversations": by_peer_within_a_second},
    "every 30th request is 429": {"answer": Busy()},
    "every answer takes 300 ms": {"answer": slow},
    "a missing key is 401": recoded("AUTH_ERR_EMPTY_APIKEY", 401, "AUTH_ERR_EMPTY_APIKEY"),
    "an unknown key is 403": recoded("AUTH_ERR_APIKEY_NOT_FOUND", 403, "AUTH_ERR_OTHER"),
    "a missing caller is 400": recoded("ERR_CALLER_MISSING", 400, "ERR_BAD_REQUEST"),
    "a missing caller is 404": recoded("ERR_CALLER_MISSING", 404, "ERR_UID_NOT_FOUND"),
    "a stranger to a group gets 403": recoded(
        "ERR_GROUP_NOT_JOINED", 403, "ERR_CONVERSATION_NOT_ACCESSIBLE"
    ),
    "a stranger to a group gets 404": recoded(
        "ERR_GROUP_NOT_JOINED", 404, "ERR_CONVERSATION_NOT_FOUND"
    ),
    "an unknown guid is 400": recoded("ERR_GUID_NOT_FOUND", 400, "ERR_GROUP"),
    "an unknown path is 405": recoded("ERR_API_NOT_FOUND", 405, "ERR_API_NOT_FOUND"),
}
