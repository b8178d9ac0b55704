"""The pages of the inspector: check access, render, send."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response, send_from_directory
from werkzeug.exceptions import NotFound

from duologue.mockserver.control.errors import Conflict, ControlProblem, NoSuch, TokenNeeded
from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.domain.model import User
from duologue.mockserver.inspector import documents, queries, rendering
from duologue.mockserver.inspector.etag import EtagCache
from duologue.mockserver.inspector.preview_client import PreviewClient
from duologue.mockserver.inspector.url_state import UrlState
from duologue.mockserver.inspector.views.avatars import avatar_of
from duologue.mockserver.inspector.views.controls import controls_view
from duologue.mockserver.inspector.views.fault_picker import find_faults
from duologue.mockserver.inspector.views.log import LogReader, line
from duologue.mockserver.inspector.views.sidebar import sidebar
from duologue.mockserver.inspector.views.thread import Thread, WaitingLine, thread, waiting
from duologue.mockserver.inspector.views.users import user_list
from duologue.mockserver.store import users as user_store

if TYPE_CHECKING:
    from flask import Request

    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.http.dispatcher import Dispatcher

# Only scripts and styles from the mock's own files, no call to any other origin.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_MAX_AGE_S = 31_536_000  # a file's address changes with the file
_HOME_ROOT = "../"  # from /_mock/
_RUNNING_CLOCK = re.compile(r'data-now="\d+" data-mode="running"')


class Pages:
    """The pages of one mock."""

    def __init__(self, dispatcher: Dispatcher, controls: Controls, *, key: str) -> None:
        self._preview_client = PreviewClient(dispatcher.runtime.service.store, controls)
        self._etags = EtagCache(dispatcher, controls)
        self._reader = LogReader()
        self._controls = controls
        self._key = key

    def home(self, request: Request) -> Response:
        """Return users, conversations, messages, requests and controls; 304 if nothing changed."""
        self._controls.guard.check(request)
        if request.args.get("part") == "faults":
            return self._faults(request.args.get("find", ""))
        address, state = request.full_path, self._etags.state()
        known = self._etags.tag(address, state)
        if known is not None and known in request.if_none_match:
            return Response(status=304)
        html = self._home(request)
        tag = hashlib.sha256(_RUNNING_CLOCK.sub("", html).encode()).hexdigest()[:20]
        self._etags.keep(address, state, tag)
        if tag in request.if_none_match:
            return Response(status=304)
        return _page(html.replace('data-etag=""', f'data-etag="&quot;{tag}&quot;"', 1))

    def why(self, request: Request, request_id: str) -> Response:
        """Explain on a page why a request was answered as it was, field by field."""
        self._controls.guard.check(request)
        entry = journal_view.entry(self._controls.entry(request_id))
        html = rendering.render(
            "why.html",
            root=rendering.root_of(request.path),
            line=line(entry, self._preview_client.now),
            entry=entry,
            why=self._why(request_id),
        )
        return _page(html)

    def document(self, request: Request, name: str) -> Response:
        """Return the page of one API document."""
        self._controls.guard.check(request)
        current = documents.find(name)
        if current is None:
            known = ", ".join(each.name for each in documents.DOCUMENTS)
            raise NoSuch("document", name, hint=f"there are {known}")
        html = rendering.render(
            "docs.html",
            root=rendering.root_of(request.path),
            current=current,
            documents=documents.DOCUMENTS,
            key=self._key,
            renderer=f"_mock/static/{documents.version()}/",
        )
        return _page(html)

    def file(self, version: str, name: str) -> Response:
        """Return a static file; none of them holds data of this mock."""
        is_renderer = version == documents.version()
        folder = documents.renderer() if is_renderer else rendering.STATIC
        try:
            sent: Response = send_from_directory(folder, name, max_age=_MAX_AGE_S)
        except NotFound:
            raise NoSuch("file", name, hint="the pages link to all files") from None
        sent.headers["X-Content-Type-Options"] = "nosniff"
        return sent

    # What the inspector shows.

    def _home(self, request: Request) -> str:
        view = self._view(request)
        user = user_store.find(self._preview_client.conn, view.user)
        return rendering.render(
            "page.html",
            root=rendering.root_of(request.path),
            **self._state(view, user),
            title=f"{user.name} in the mock" if user else "Mock",
            base_url=f"{request.host_url.rstrip('/')}{request.root_path.rstrip('/')}/v3",
            key=self._key,
            etag="",
        )

    def _view(self, request: Request) -> UrlState:
        view = UrlState.of(request.args)
        if view.user:
            return view
        return replace(view, user=queries.first_user(self._preview_client.conn) or "")

    def _state(self, view: UrlState, user: User | None) -> dict[str, Any]:
        preview_client, journal = self._preview_client, self._controls.journal
        return {
            "view": view,
            "user": avatar_of(user.uid, user.name, user.avatar) if user else None,
            "user_list": user_list(preview_client.conn, search=view.users, number=view.users_page),
            "sidebar": sidebar(
                preview_client, view.user, search=view.chats, number=view.chats_page
            ),
            "thread": self._thread(view) if user else None,
            "waiting": self._waiting(view),
            "log": self._reader.log(
                journal,
                show=view.show,
                caller=view.user,
                find=view.find,
                number=view.log_page,
                now=preview_client.now,
            ),
            "controls": controls_view(self._controls),
        }

    def _thread(self, view: UrlState) -> Thread | None:
        if view.peer is None:
            return None
        kind, peer = view.peer
        return thread(self._preview_client, view.user, kind=kind, peer=peer, before=view.before)

    def _waiting(self, view: UrlState) -> tuple[WaitingLine, ...]:
        if view.peer is None:
            return ()
        kind, peer = view.peer
        now = self._preview_client.now
        return waiting(self._controls.scheduler, view.user, kind=kind, peer=peer, now=now)

    def _why(self, request_id: str) -> dict[str, Any]:
        """Return the explanation, or why there is none; the request is shown in both cases."""
        try:
            return self._controls.why(request_id)
        except Conflict as problem:
            return {"exact": False, "note": str(problem), "fields": [], "changes": []}

    def _faults(self, search: str) -> Response:
        configuration_control = self._controls.configuration_control
        found = find_faults(configuration_control.faults, search)
        return _page(
            rendering.render(
                "faults.html",
                root=_HOME_ROOT,
                choices=found,
                names=configuration_control.configuration.faults,
            )
        )


def refusal(problem: ControlProblem, path: str) -> Response:
    """Return the page of a problem, with a form for the token where that is missing."""
    template = "unlock.html" if isinstance(problem, TokenNeeded) else "refusal.html"
    html = rendering.render(template, root=rendering.root_of(path), problem=problem)
    response = _page(html, status=problem.status)
    response.headers.update(problem.headers)
    return response


def _page(html: str, *, status: int = 200) -> Response:
    return Response(html, status, _HEADERS, content_type="text/html; charset=utf-8")
