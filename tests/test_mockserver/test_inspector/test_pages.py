"""The pages as they are served: what they show, to whom, and with which headers."""

from __future__ import annotations

import html
import itertools
import re
import subprocess
import sys

import pytest

from duologue.fixtures.builder import world
from duologue.fixtures.worlds import make
from duologue.mockserver.app import inside
from duologue.mockserver.control.configuration import Configuration
from duologue.openapi import readings

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def etag(page: str) -> str:
    """The tag that a page carries for its script."""
    found = re.search(r'data-etag="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def tags_of(page: str, name: str) -> list[str]:
    """The start tags of one kind."""
    return re.findall(rf"<{name}\b[^>]*>", page)


# --- the inspector ------------------------------------------------------------------------------


def test_the_first_user_is_shown_unless_another_is_asked_for(pages):
    """The page opens with somebody's conversations."""
    assert 'id="user-ana" ' in pages.text()
    assert "Ana" in pages.text().partition('id="chats-title"')[2][:120]
    assert "Bo" in pages.text("/", **{"as": "bo"}).partition('id="chats-title"')[2][:120]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"as": "ana", "users_page": "99"}, "Page 99 of 1"),
        ({"as": "nobody"}, "There is no user nobody"),
        ({"as": "ana", "open": "users/nobody"}, "There is no user"),
        ({"as": "ana", "open": "groups/nowhere"}, "There is no group"),
        ({"users": "qqq"}, "Nobody is called that"),
        ({"as": "ana", "chats": "qqq"}, "No conversation is with someone of that name"),
        ({"as": "ana", "open": "users/eve"}, "404 ERR_CONVERSATION_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_said(pages, query, word):
    """An address that leads nowhere still leads to a page."""
    assert word in pages.text("/", **query)


@pytest.mark.parametrize("name", ["default", "inbox", "empty", "crowd"])
def test_every_world_has_a_page(open_pages, name):
    """Long, wide, foreign or empty: each world can be looked at."""
    pages = open_pages(make(name, 42))

    assert "</html>" in pages.text()
    assert "</html>" in pages.text("/", **{"as": "ana", "open": "groups/everyone"})


@pytest.mark.parametrize("place", ["users/bo", "groups/g"])
def test_hostile_names_and_texts_are_escaped(open_pages, place):
    """Nothing in a world or an address becomes a part of the page."""
    story = world().user("ana", EVIL).user("bo", EVIL).message("bo", EVIL, to="ana")
    story.tag("ana", "bo", EVIL[:90]).group("g", name=EVIL, members=["ana", "bo"], unread=1)
    pages = open_pages(story.build())
    pages.api.get(f"/users/{EVIL}/conversation", as_=EVIL)

    page = pages.text(
        "/", **{"as": "ana", "open": place, "users": EVIL, "chats": EVIL, "show": EVIL}
    )

    assert tags_of(page, "img") == []
    assert len(tags_of(page, "script")) == 1
    assert EVIL not in page


def test_each_one_sees_his_own_view(open_pages):
    """Unread for ana is not unread for bo, and a stranger to a conversation sees nothing of it."""
    story = world().dm("ana", "bo", unread=2).user("cleo").group("g", members=["ana"], read=1)
    pages = open_pages(story.build())

    assert pages.text("/", **{"as": "ana", "open": "users/bo"}).count("message unread") == 2
    assert pages.text("/", **{"as": "bo", "open": "users/ana"}).count("message unread") == 0
    stranger = pages.text("/", **{"as": "cleo", "open": "groups/g"})
    assert "ERR_CONVERSATION_NOT_ACCESSIBLE" in stranger
    assert 'class="message' not in stranger


def test_long_conversations_are_shown_in_pieces(open_pages):
    """The newest fifty messages come first; a link leads to those before."""
    pages = open_pages(world().dm("ana", "bo", read=120).build())
    newest = pages.text("/", **{"as": "ana", "open": "users/bo"})
    older = pages.text("/", **{"as": "ana", "open": "users/bo", "before": "71"})

    assert newest.count('<li class="message') == older.count('<li class="message') == 50
    assert "before=71" in newest
    assert 'id="older"' in older
    assert 'id="newest"' in older


def test_looking_changes_nothing(open_pages):
    """The page leaves no trace: not in the journal, not in the state, not in a limit."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    controls = inside(pages.api.app).controls
    controls.limit(1, 60)
    for _ in range(3):
        pages.text("/", **{"as": "ana", "open": "users/bo"})

    assert list(controls.journal) == []
    assert pages.api.unread("ana", "users/bo") == 2


@pytest.mark.parametrize("fault", ["looking-reads", "count-in-lists-is-0"])
def test_looking_under_a_fault_changes_nothing_either(open_pages, fault):
    """Some faults write where they should only read; what the page asks is taken back."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    configuration_control = inside(pages.api.app).controls.configuration_control
    known = {each.name for each in configuration_control.faults}
    writing = sorted(name for name in known if "reads" in name or "looking" in name)
    configuration_control.set_faults([fault] if fault in known else writing)
    for _ in range(3):
        pages.text("/", **{"as": "ana", "open": "users/bo"})
    configuration_control.set_faults(())

    assert pages.api.unread("ana", "users/bo") == 2


def test_every_fault_leaves_the_page_whole(open_pages):
    """Whatever a fault makes of the API, it can be looked at with it."""
    story = world().dm("ana", "bo", read=1, unread=2, tags=("a",))
    pages = open_pages(story.group("g", members=["ana", "bo"], unread={"ana": 1}).build())
    configuration_control = inside(pages.api.app).controls.configuration_control

    def is_whole(name, place):
        configuration_control.manner = Configuration(
            "documented", (name,)
        )  # all that the page goes by, 5 ms sooner
        return pages.get("/", **{"as": "ana", "open": place}).status_code == 200

    places = itertools.cycle(["users/bo", "groups/g"])
    names = [fault.name for fault in configuration_control.faults]
    assert [name for name in names if not is_whole(name, next(places))] == []


def test_the_page_shows_what_is_answered_in_the_dialect_spoken(open_pages):
    """The live dialect's ids and counts are read as well."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    inside(pages.api.app).controls.configuration_control.set_dialect("live")

    page = pages.text("/", **{"as": "ana", "open": "users/bo"})

    assert "ana_user_bo" in page
    assert '<span class="badge">2<' in page


# --- staying up to date -------------------------------------------------------------------------


def test_where_nothing_moved_there_is_no_new_page(pages):
    """Whoever has the page is told so in a few bytes; that time passes is no change."""
    tag = etag(pages.text())

    for _ in range(2):
        assert pages.get("/", {"If-None-Match": tag}).status_code == 304
    assert pages.get("/", {"If-None-Match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    "move",
    [
        lambda api, controls: api.get("/conversations", as_="ana"),
        lambda api, controls: api.post("/users/bo/conversation/read", as_="ana"),
        lambda api, controls: controls.clock.freeze(),
        lambda api, controls: controls.clock.advance(86_400),
        lambda api, controls: controls.configuration_control.set_dialect("live"),
        lambda api, controls: controls.configuration_control.set_faults(["count-in-lists-is-0"]),
        lambda api, controls: controls.limit(3, 60),
        lambda api, controls: api.client.put("/_mock/latency", json={"default": {"ms": 0}}),
        lambda api, controls: api.client.post("/_mock/snapshots", json={"name": "one"}),
    ],
    ids=["read", "write", "freeze", "advance", "dialect", "fault", "limit", "delay", "snapshot"],
)
def test_whatever_moves_makes_a_new_page(pages, move):
    """Nothing that the page shows can change unseen."""
    tag = etag(pages.text("/", **{"as": "ana"}))
    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 304
    move(pages.api, inside(pages.api.app).controls)

    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 200


def test_a_reset_is_seen(pages):
    """Bringing the world back is a change like any other."""
    pages.api.post("/users/bo/conversation/read", as_="ana")
    tag = etag(pages.text("/", **{"as": "ana"}))
    pages.api.client.post("/_mock/reset")

    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 200


# --- why ----------------------------------------------------------------------------------------


def test_why_is_a_page_for_browsers_and_json_for_tools(pages):
    """One address, told in the form that is asked for."""
    id_ = pages.api.get("/users/nobody/conversation", as_="ana").headers["X-Request-Id"]
    page = pages.text(f"/why/{id_}")
    told = pages.api.client.get(f"/_mock/why/{id_}")

    assert "ERR_UID_NOT_FOUND" in page
    assert told.content_type == "application/json"
    assert pages.api.client.get(f"/_mock/why/{id_}", headers={"Accept": "*/*"}).is_json


def test_why_prints_what_the_cited_reading_says(pages):
    """A number alone would send the reader to another file."""
    id_ = pages.api.call("POST", "/users/bo/conversation/read", as_="ana").headers["X-Request-Id"]

    page = html.unescape(re.sub(r"<[^>]+>", "", pages.text(f"/why/{id_}")))

    assert readings.reading("B6").subject in page
    assert readings.reading("B6").documented.split("`")[0] in page


def test_why_names_the_requests_that_caused_a_value(pages):
    """The page links to what came before."""
    cause = pages.api.post("/users/bo/conversation/read", as_="ana").headers["X-Request-Id"]
    id_ = pages.api.get("/users/bo/conversation", as_="ana").headers["X-Request-Id"]

    page = pages.text(f"/why/{id_}")

    assert "unreadMessageCount" in page
    assert f'href="/_mock/why/{cause}"' in page


def test_where_why_is_not_known_the_request_is_shown_all_the_same(pages):
    """A world that was replaced takes the reasons with it, not the request and its answer."""
    id_ = pages.api.get("/users/bo/conversation", as_="ana").headers["X-Request-Id"]
    kept = pages.api.client.get("/_mock/world?format=json").get_json()
    assert pages.api.client.put("/_mock/world", json=kept).status_code == 200

    page = pages.text(f"/why/{id_}")

    assert "no longer known" in page
    assert "conversationWith" in page


def test_hostile_requests_are_escaped_in_why(pages):
    """What came over the wire is shown and not obeyed."""
    body = {"receiver": EVIL, "receiverType": EVIL, "data": {"text": EVIL}}
    sent = pages.api.post("/messages", as_="ana", json=body, headers={"User-Agent": EVIL})
    page = pages.text(f"/why/{sent.headers['X-Request-Id']}")

    assert tags_of(page, "img") == tags_of(page, "script") == []


def test_a_request_that_is_not_known_has_no_page(pages):
    """The journal forgets; the page says so."""
    answer = pages.get("/why/nothing")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/docs", "/docs/stage", "/docs/control"])
def test_each_document_has_a_page_and_all_its_files(pages, path):
    """What a page refers to is served from here, its document too."""
    page = pages.text(path)
    files = re.findall(r'(?:href|src|data-file)="([^"#]+)"', page)

    assert len(files) > 5
    for file in files:
        answer = pages.api.client.get(file)
        assert answer.status_code == 200, file


def test_an_unknown_document_has_no_page(pages):
    """Names are taken as they are written."""
    assert pages.get("/docs/nothing").status_code == 404


@pytest.mark.parametrize("name", ["../pages.py", "nothing.js", "..%2f..%2fpages.py"])
def test_only_the_pages_files_are_served(pages, name):
    """Nothing else of this machine can be reached by a file's name."""
    version = re.search(r"static/(\w+)/base.css", pages.text())
    assert version

    assert pages.get(f"/static/{version[1]}/{name}").status_code == 404


# --- who may look -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/stage"])
def test_pages_allow_nothing_from_elsewhere(pages, path):
    """No script, style or call but this mock's own; no frame around it; no CORS."""
    headers = pages.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/", "/docs", "/why/1"])
def test_a_name_that_leads_elsewhere_is_refused(pages, path):
    """A page that gave its own name this machine's address reads nothing here."""
    answer = pages.get(path, {"Host": "evil.example"})

    assert answer.status_code == 403
    assert "mock-api-key" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs", "/_mock/docs/stage"])
def test_pages_are_only_read(pages, method, path):
    """Another method is refused, without a word to other origins."""
    answer = pages.api.client.open(path, method=method, headers={"Origin": "http://evil.example"})

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_off_loopback_the_page_asks_for_the_token(open_pages):
    """Who has no token sees a field for it, and nothing of the world or the key."""
    pages = open_pages(make("default", 42), host="0.0.0.0", control_token="s3cret")
    asked = pages.get("/")
    shown = pages.get("/", {"x-control-token": "s3cret"})

    assert asked.status_code == 401
    assert 'type="password"' in asked.text
    assert "mock-api-key" not in asked.text
    assert shown.status_code == 200
    assert pages.get("/", {"x-control-token": "other"}).status_code == 401


def test_off_loopback_without_a_token_there_is_no_page(open_pages):
    """A mock for other machines that nobody may drive says that, and nothing else."""
    assert open_pages(make("default", 42), host="0.0.0.0").get("/").status_code == 404


def test_the_page_calls_with_a_key_of_this_mock(open_pages):
    """What the page sends is let in, whichever keys the mock was given."""
    assert 'data-key="k-1"' in open_pages(make("examples", 42), api_keys=["k-1", "k-2"]).text()


def test_shared_among_processes_the_page_says_what_is_out_of_reach(open_pages):
    """Buttons that would reach one process of several are not offered."""
    page = open_pages(make("examples", 42), is_shared=True).text()

    assert "--workers 1" in page
    assert 'id="clock-menu"' not in page
    assert 'id="reset"' in page


# --- the start ----------------------------------------------------------------------------------


def test_nothing_of_the_pages_is_loaded_before_one_is_asked_for():
    """A start has 0.4 s, and most starts are for tests that never open a page."""
    code = (
        "import sys; from duologue.fixtures.examples import examples;"
        "from duologue.mockserver.app import *;"
        "app = create_app(world=examples(42));"
        "early = [m for m in sys.modules if m.startswith('duologue.mockserver.inspector.')];"
        "assert early == ['duologue.mockserver.inspector.routes'], early;"
        "assert app.test_client().get('/_mock/').status_code == 200;"
        "assert 'duologue.mockserver.inspector.pages' in sys.modules; inside(app).close()"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
