"""The supporting resources: users, groups and messages are created and deleted here."""

from __future__ import annotations

import re
from typing import Any

from support.independent.http import HttpApi
from support.independent.request import Request
from support.independent.values import Refusal

ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
SCOPES = ("admins", "moderators", "participants")
MAX_MEMBERS_PER_CALL = 25


class App(HttpApi):
    """The whole server except for HTTP."""

    def create_user(self, request: Request) -> dict[str, Any]:
        """POST /users."""
        given = self.required(request, "uid", "name")
        uid = given["uid"].lower()
        if uid in self.users:
            raise Refusal(400, "ERR_UID_ALREADY_EXISTS")
        usual = {"role": "default", "status": "offline", "createdAt": self.now()}
        self.users[uid] = {**usual, **given, "uid": uid}
        return self.users[uid]

    def required(self, request: Request, *names: str) -> dict[str, Any]:
        """Return the body's fields; raise Refusal if one of these is no text or the first no id."""
        given = request.body_fields()
        for name in names:
            if not isinstance(given.get(name), str) or not given[name]:
                raise Refusal(400, "ERR_BAD_REQUEST", **{name: "is required"})
        if not ID.fullmatch(given[names[0]]):
            raise Refusal(400, "ERR_BAD_REQUEST", **{names[0]: "is no id"})
        return given

    def list_users(self, request: Request) -> dict[str, Any]:
        """GET /users."""
        return self.page(request, sorted(self.users), lambda _, uid: self.users[uid])

    def get_user(self, request: Request) -> dict[str, Any]:
        """GET /users/{uid}."""
        return self.user(request.path["uid"])

    def list_groups(self, request: Request) -> dict[str, Any]:
        """GET /groups."""
        return self.page(request, sorted(self.groups), lambda _, guid: self.groups[guid])

    def get_group(self, request: Request) -> dict[str, Any]:
        """GET /groups/{guid}."""
        return self.group(request.path["guid"])

    def delete_user(self, request: Request) -> dict[str, Any]:
        """DELETE /users/{uid}: permanently, or so that the uid stays reserved."""
        user = self.user(request.path["uid"])
        if request.body_fields().get("permanent") is not True:
            user["deactivatedAt"] = self.now()
            return {"deactivatedUids": [user["uid"]]}
        self.forget_user(user["uid"])
        return {"success": True, "message": "The user is gone."}

    def create_group(self, request: Request) -> dict[str, Any]:
        """POST /groups."""
        given = self.required(request, "guid", "name", "type")
        guid, owner = given["guid"].lower(), given.get("owner") or request.caller
        if guid in self.groups:
            raise Refusal(400, "ERR_GUID_ALREADY_EXISTS")
        self.groups[guid] = {**given, "guid": guid, "owner": owner, "createdAt": self.now()}
        self.members[guid] = {}
        if owner:
            self.join(guid, self.user(owner)["uid"], scope="admin", by=owner)
        return self.groups[guid]

    def delete_group(self, request: Request) -> dict[str, Any]:
        """DELETE /groups/{guid}."""
        self.forget_group(self.group(request.path["guid"])["guid"])
        return {"success": True, "message": "The group is gone."}

    def add_members(self, request: Request) -> dict[str, Any]:
        """POST members: a result for each uid; one refusal does not affect the others."""
        guid = self.group(request.path["guid"])["guid"]
        results: dict[str, Any] = {}
        for scope in SCOPES:
            some = request.body_fields().get(scope, [])
            if not isinstance(some, list) or len(some) > MAX_MEMBERS_PER_CALL:
                raise Refusal(400, "ERR_BAD_REQUEST", **{scope: "holds 25 at most"})
            results[scope] = {uid: self.add_member(guid, uid, scope, request) for uid in some}
        return results

    def add_member(self, guid: str, uid: str, scope: str, request: Request) -> dict[str, Any]:
        """Add one member and return its result."""
        try:
            known = self.user(uid)["uid"]
        except Refusal as refusal:
            return self.error_body(refusal)
        self.join(guid, known, scope=scope[:-1], by=request.caller or "app_system")
        return {"success": True}

    def kick_member(self, request: Request) -> dict[str, Any]:
        """DELETE members/{uid}."""
        guid, uid = self.group(request.path["guid"])["guid"], self.user(request.path["uid"])["uid"]
        if self.members[guid].pop(uid, None) is None:
            raise Refusal(404, "ERR_NOT_A_MEMBER")
        self.copies.pop((uid, "group", guid), None)
        return {"success": True, "message": "kicked"}

    def send(self, request: Request) -> dict[str, Any]:
        """POST /messages."""
        given = self.required(request, "receiver", "receiverType")
        sender = request.caller or "app_system"  # readings B19
        kind, data = given["receiverType"], given.get("data")
        text = data.get("text") if isinstance(data, dict) else None
        if kind not in ("user", "group") or not isinstance(text, str) or not text:
            raise Refusal(400, "ERR_BAD_REQUEST", data="is no text for a user or a group")
        receiver = given["receiver"].lower()
        if kind == "user":
            self.user(receiver)
        elif request.caller is not None:
            self.require_member(sender, self.group(receiver)["guid"])
        else:
            self.group(receiver)
        return self.serialize_message(self.post(sender, receiver, kind=kind, text=text))

    def list_messages(self, request: Request) -> dict[str, Any]:
        """GET /messages: those of the caller, or all, oldest first."""
        rows = [
            message
            for message in self.messages
            if message.text is not None
            and (request.caller is None or self.key_of(request.caller, message))
        ]
        return self.page(request, rows, lambda _, message: self.serialize_message(message))

    def get_message(self, request: Request) -> dict[str, Any]:
        """GET /messages/{id}."""
        return self.serialize_message(self.find_message(request.path["id"]))

    def delete_message(self, request: Request) -> dict[str, Any]:
        """DELETE /messages/{id}: allowed for its sender only, and for the app."""
        message = self.find_message(request.path["id"])
        if request.caller not in (None, message.sender):
            raise Refusal(403, "ERR_MESSAGE_NO_ACCESS")
        shown = self.serialize_message(message)
        self.schedule(lambda: self.mark_deleted(message))
        on = {"on": {"entity": shown, "entityType": "message"}}
        data = {"action": "deleted", "entities": on}
        return {**shown, "category": "action", "type": "message", "data": data}
