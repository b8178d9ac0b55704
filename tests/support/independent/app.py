"""The registry: people, groups and letters as the supporting resources make and take them."""

from __future__ import annotations

import re
from typing import Any

from support.independent.http import Asked, Counter
from support.independent.model import Refusal

ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
SCOPES = ("admins", "moderators", "participants")
MOST_IN_A_CALL = 25


class Registry(Counter):
    """The counter with the supporting resources: the whole server but for HTTP."""

    def create_user(self, asked: Asked) -> dict[str, Any]:
        """POST /users."""
        given = self.required(asked, "uid", "name")
        uid = given["uid"].lower()
        if uid in self.users:
            raise Refusal(400, "ERR_UID_ALREADY_EXISTS")
        usual = {"role": "default", "status": "offline", "createdAt": self.now()}
        self.users[uid] = {**usual, **given, "uid": uid}
        return self.users[uid]

    def required(self, asked: Asked, *names: str) -> dict[str, Any]:
        """The body's fields; refuses where one of these is no text, or the first no id."""
        given = asked.fields()
        for name in names:
            if not isinstance(given.get(name), str) or not given[name]:
                raise Refusal(400, "ERR_BAD_REQUEST", **{name: "is required"})
        if not ID.fullmatch(given[names[0]]):
            raise Refusal(400, "ERR_BAD_REQUEST", **{names[0]: "is no id"})
        return given

    def list_users(self, asked: Asked) -> dict[str, Any]:
        """GET /users."""
        return self.page(asked, sorted(self.users), lambda _, uid: self.users[uid])

    def get_user(self, asked: Asked) -> dict[str, Any]:
        """GET /users/{uid}."""
        return self.user(asked.path["uid"])

    def list_groups(self, asked: Asked) -> dict[str, Any]:
        """GET /groups."""
        return self.page(asked, sorted(self.groups), lambda _, guid: self.groups[guid])

    def get_group(self, asked: Asked) -> dict[str, Any]:
        """GET /groups/{guid}."""
        return self.group(asked.path["guid"])

    def delete_user(self, asked: Asked) -> dict[str, Any]:
        """DELETE /users/{uid}: for good, or so that the uid stays taken."""
        user = self.user(asked.path["uid"])
        if asked.fields().get("permanent") is not True:
            user["deactivatedAt"] = self.now()
            return {"deactivatedUids": [user["uid"]]}
        self.forget_user(user["uid"])
        return {"success": True, "message": "The user is gone."}

    def create_group(self, asked: Asked) -> dict[str, Any]:
        """POST /groups."""
        given = self.required(asked, "guid", "name", "type")
        guid, owner = given["guid"].lower(), given.get("owner") or asked.caller
        if guid in self.groups:
            raise Refusal(400, "ERR_GUID_ALREADY_EXISTS")
        self.groups[guid] = {**given, "guid": guid, "owner": owner, "createdAt": self.now()}
        self.members[guid] = {}
        if owner:
            self.join(guid, self.user(owner)["uid"], scope="admin", by=owner)
        return self.groups[guid]

    def delete_group(self, asked: Asked) -> dict[str, Any]:
        """DELETE /groups/{guid}."""
        self.forget_group(self.group(asked.path["guid"])["guid"])
        return {"success": True, "message": "The group is gone."}

    def add_members(self, asked: Asked) -> dict[str, Any]:
        """POST members: a result for each uid, so that one that fails stops no other."""
        guid = self.group(asked.path["guid"])["guid"]
        results: dict[str, Any] = {}
        for scope in SCOPES:
            some = asked.fields().get(scope, [])
            if not isinstance(some, list) or len(some) > MOST_IN_A_CALL:
                raise Refusal(400, "ERR_BAD_REQUEST", **{scope: "holds 25 at most"})
            results[scope] = {uid: self.added(guid, uid, scope, asked) for uid in some}
        return results

    def added(self, guid: str, uid: str, scope: str, asked: Asked) -> dict[str, Any]:
        """One uid's result."""
        try:
            known = self.user(uid)["uid"]
        except Refusal as refusal:
            return self.problem(refusal)
        self.join(guid, known, scope=scope[:-1], by=asked.caller or "app_system")
        return {"success": True}

    def kick_member(self, asked: Asked) -> dict[str, Any]:
        """DELETE members/{uid}."""
        guid, uid = self.group(asked.path["guid"])["guid"], self.user(asked.path["uid"])["uid"]
        if self.members[guid].pop(uid, None) is None:
            raise Refusal(404, "ERR_NOT_A_MEMBER")
        self.copies.pop((uid, "group", guid), None)
        return {"success": True, "message": "kicked"}

    def send(self, asked: Asked) -> dict[str, Any]:
        """POST /messages."""
        given, sender = self.required(asked, "receiver", "receiverType"), asked.who()
        kind, data = given["receiverType"], given.get("data")
        text = data.get("text") if isinstance(data, dict) else None
        if kind not in ("user", "group") or not isinstance(text, str) or not text:
            raise Refusal(400, "ERR_BAD_REQUEST", data="is no text for a user or a group")
        receiver = given["receiver"].lower()
        if kind == "user":
            self.user(receiver)
        else:
            self.must_belong(sender, self.group(receiver)["guid"])
        return self.message(self.post(sender, receiver, kind=kind, text=text))

    def list_messages(self, asked: Asked) -> dict[str, Any]:
        """GET /messages: the caller's, or all, oldest first."""
        rows = [
            letter
            for letter in self.letters
            if letter.sheet is not None and (asked.caller is None or self.key(asked.caller, letter))
        ]
        return self.page(asked, rows, lambda _, letter: self.message(letter))

    def get_message(self, asked: Asked) -> dict[str, Any]:
        """GET /messages/{id}."""
        return self.message(self.letter(asked.path["id"]))

    def delete_message(self, asked: Asked) -> dict[str, Any]:
        """DELETE /messages/{id}: only its sender may."""
        letter = self.letter(asked.path["id"])
        if letter.sender != asked.who():
            raise Refusal(403, "ERR_MESSAGE_NO_ACCESS")
        told = self.message(letter)
        self.later(lambda: self.tear_up(letter))
        on = {"on": {"entity": told, "entityType": "message"}}
        data = {"action": "deleted", "entities": on}
        return {**told, "category": "action", "type": "message", "data": data}
