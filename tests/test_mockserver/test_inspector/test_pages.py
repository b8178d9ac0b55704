"""The pages: content, access and headers."""

from __future__ import annotations

import html
import itertools
import re
import subprocess
import sys
from urllib.parse import urljoin

import pytest

from duologue.fixtures.builder import world
from duologue.fixtures.worlds import make
from duologue.mockserver.app import inside
from duologue.mockserver.control.configuration import Configuration
from duologue.openapi import readings

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def etag(page: str) -> str:
    """Return the tag that a page has for its script."""
    found = re.search(r'data-etag="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def tags_of(page: str, name: str) -> list[str]:
    """Return the start tags of an element."""
    return re.findall(rf"<{name}\b[^>]*>", page)


# --- the inspector ------------------------------------------------------------------------------


def test_the_first_user_is_shown_unless_another_is_asked_for(pages):
    """The page opens with the conversations of the first user."""
    assert 'id="user-ana" ' in pages.text()
    assert "Ana" in pages.text().partition('id="chats-title"')[2][:120]
    assert "Bo" in pages.text("/", **{"as": "bo"}).partition('id="chats-title"')[2][:120]


def test_an_address_without_its_slash_leads_on_below_the_same_prefix(pages):
    """Relative: behind a proxy an absolute address would lose its prefix."""
    answer = pages.api.client.get("/_mock?as=bo")

    assert (answer.status_code, answer.headers["Location"]) == (308, "_mock/?as=bo")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"as": "nobody"}, "There is no user nobody"),
        ({"as": "ana", "open": "users/nobody"}, "There is no user"),
        ({"as": "ana", "open": "groups/nowhere"}, "There is no group"),
        ({"users": "qqq"}, "Nobody is called that"),
        ({"as": "ana", "chats": "qqq"}, "No conversation is with someone of that name"),
        ({"as": "ana", "open": "users/eve"}, "404 ERR_CONVERSATION_NOT_FOUND"),
    ],
)
def test_unknown_names_in_the_url(pages, query, word):
    """A URL with unknown names still has a page."""
    assert word in pages.text("/", **query)


@pytest.mark.parametrize("name", ["default", "inbox", "empty", "crowd"])
def test_every_world_has_a_page(open_pages, name):
    """Each named world has a page."""
    pages = open_pages(make(name, 42))

    assert "</html>" in pages.text()
    assert "</html>" in pages.text("/", **{"as": "ana", "open": "groups/everyone"})


@pytest.mark.parametrize("place", ["users/bo", "groups/g"])
def test_hostile_names_and_texts_are_escaped(open_pages, place):
    """No text of a world or a URL becomes markup."""
    builder = world().user("ana", EVIL).user("bo", EVIL).message("bo", EVIL, to="ana")
    builder.tag("ana", "bo", EVIL[:90]).group("g", name=EVIL, members=["ana", "bo"], unread=1)
    pages = open_pages(builder.build())
    pages.api.get(f"/users/{EVIL}/conversation", as_=EVIL)

    page = pages.text(
        "/", **{"as": "ana", "open": place, "users": EVIL, "chats": EVIL, "show": EVIL}
    )

    assert all(tag.startswith('<img class="avatar') for tag in tags_of(page, "img"))
    assert len(tags_of(page, "script")) == 2  # early.js and inspector.js
    assert EVIL not in page


def test_each_user_has_their_own_view(open_pages):
    """Each user's unread counts are shown; a user who is no party sees no messages."""
    builder = world().dm("ana", "bo", unread=2).user("cleo").group("g", members=["ana"], read=1)
    pages = open_pages(builder.build())

    assert pages.text("/", **{"as": "ana", "open": "users/bo"}).count("message unread") == 2
    assert pages.text("/", **{"as": "bo", "open": "users/ana"}).count("message unread") == 0
    stranger = pages.text("/", **{"as": "cleo", "open": "groups/g"})
    assert "ERR_CONVERSATION_NOT_ACCESSIBLE" in stranger
    assert 'class="message' not in stranger


def test_long_conversations_are_paged(open_pages):
    """The newest fifty messages are shown; a link leads to earlier ones."""
    pages = open_pages(world().dm("ana", "bo", read=120).build())
    newest = pages.text("/", **{"as": "ana", "open": "users/bo"})
    older = pages.text("/", **{"as": "ana", "open": "users/bo", "before": "71"})

    assert newest.count('<li class="message') == older.count('<li class="message') == 50
    assert "before=71" in newest
    assert 'id="older"' in older
    assert 'id="newest"' in older


def test_a_page_changes_nothing(open_pages):
    """A page does not change the journal, the state or a limit."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    controls = inside(pages.api.app).controls
    controls.limit(1, 60)
    for _ in range(3):
        pages.text("/", **{"as": "ana", "open": "users/bo"})

    assert list(controls.journal) == []
    assert pages.api.unread("ana", "users/bo") == 2


@pytest.mark.parametrize("fault", ["looking-reads", "count-in-lists-is-0"])
def test_a_page_changes_nothing_under_a_fault(open_pages, fault):
    """Some faults write on a read; the page's writes are rolled back."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    configuration_control = inside(pages.api.app).controls.configuration_control
    known = {each.name for each in configuration_control.faults}
    writing = sorted(name for name in known if "reads" in name or "looking" in name)
    configuration_control.set_faults([fault] if fault in known else writing)
    for _ in range(3):
        pages.text("/", **{"as": "ana", "open": "users/bo"})
    configuration_control.set_faults(())

    assert pages.api.unread("ana", "users/bo") == 2


def test_every_fault_has_a_page(open_pages):
    """The page can be shown with every fault."""
    builder = world().dm("ana", "bo", read=1, unread=2, tags=("a",))
    pages = open_pages(builder.group("g", members=["ana", "bo"], unread={"ana": 1}).build())
    configuration_control = inside(pages.api.app).controls.configuration_control

    def is_whole(name, place):
        configuration_control.manner = Configuration(
            "documented", (name,)
        )  # all that the page goes by, 5 ms sooner
        return pages.get("/", **{"as": "ana", "open": place}).status_code == 200

    places = itertools.cycle(["users/bo", "groups/g"])
    names = [fault.name for fault in configuration_control.faults]
    assert [name for name in names if not is_whole(name, next(places))] == []


def test_the_page_shows_answers_of_the_live_dialect(open_pages):
    """The live dialect's ids and counts are understood."""
    pages = open_pages(world().dm("ana", "bo", unread=2).build())
    inside(pages.api.app).controls.configuration_control.set_dialect("live")

    page = pages.text("/", **{"as": "ana", "open": "users/bo"})

    assert "ana_user_bo" in page
    assert '<span class="badge">2<' in page


# --- staying up to date -------------------------------------------------------------------------


def test_an_unchanged_page_is_not_sent(pages):
    """An unchanged page is answered 304; a running clock is no change."""
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
def test_every_change_makes_a_new_page(pages, move):
    """Every change that the page shows changes its tag."""
    tag = etag(pages.text("/", **{"as": "ana"}))
    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 304
    move(pages.api, inside(pages.api.app).controls)

    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 200


def test_a_reset_makes_a_new_page(pages):
    """A reset is a change like any other."""
    pages.api.post("/users/bo/conversation/read", as_="ana")
    tag = etag(pages.text("/", **{"as": "ana"}))
    pages.api.client.post("/_mock/reset")

    assert pages.get("/", {"If-None-Match": tag}, **{"as": "ana"}).status_code == 200


# --- why ----------------------------------------------------------------------------------------


def test_why_is_a_page_for_browsers_and_json_for_tools(pages):
    """One URL, in the accepted content type."""
    id_ = pages.api.get("/users/nobody/conversation", as_="ana").headers["X-Request-Id"]
    page = pages.text(f"/why/{id_}")
    answer = pages.api.client.get(f"/_mock/why/{id_}")

    assert "ERR_UID_NOT_FOUND" in page
    assert answer.content_type == "application/json"
    assert pages.api.client.get(f"/_mock/why/{id_}", headers={"Accept": "*/*"}).is_json


def test_why_shows_the_sentence_of_the_cited_reading(pages):
    """The cited sentence is shown, not only its number."""
    id_ = pages.api.call("POST", "/users/bo/conversation/read", as_="ana").headers["X-Request-Id"]

    page = html.unescape(re.sub(r"<[^>]+>", "", pages.text(f"/why/{id_}")))

    assert readings.reading("B6").subject in page
    assert readings.reading("B6").documented.split("`")[0] in page


def test_why_names_the_requests_that_caused_a_value(pages):
    """The page links to earlier requests."""
    cause = pages.api.post("/users/bo/conversation/read", as_="ana").headers["X-Request-Id"]
    id_ = pages.api.get("/users/bo/conversation", as_="ana").headers["X-Request-Id"]

    page = pages.text(f"/why/{id_}")

    assert "unreadMessageCount" in page
    assert f'href="../../_mock/why/{cause}"' in page


def test_a_request_without_an_explanation_is_shown(pages):
    """Without an explanation the request and its answer are still shown."""
    id_ = pages.api.get("/users/bo/conversation", as_="ana").headers["X-Request-Id"]
    kept = pages.api.client.get("/_mock/world?format=json").get_json()
    assert pages.api.client.put("/_mock/world", json=kept).status_code == 200

    page = pages.text(f"/why/{id_}")

    assert "no longer known" in page
    assert "conversationWith" in page


def test_hostile_requests_are_escaped_in_why(pages):
    """Content of requests is shown as text."""
    body = {"receiver": EVIL, "receiverType": EVIL, "data": {"text": EVIL}}
    sent = pages.api.post("/messages", as_="ana", json=body, headers={"User-Agent": EVIL})
    page = pages.text(f"/why/{sent.headers['X-Request-Id']}")

    assert tags_of(page, "img") == tags_of(page, "script") == []


def test_a_request_that_is_not_known_has_no_page(pages):
    """The page says that the request is no longer kept."""
    answer = pages.get("/why/nothing")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/docs", "/docs/stage", "/docs/control"])
def test_each_document_has_a_page_and_all_its_files(pages, path):
    """All files and the document are served by this mock."""
    page = pages.text(path)
    files = re.findall(r'(?:href|src|data-file)="([^"#]+)"', page)

    assert len(files) > 5
    for file in files:
        answer = pages.api.client.get(urljoin(f"/_mock{path}", file))
        assert answer.status_code == 200, file


def test_an_unknown_document_has_no_page(pages):
    """Names are case-sensitive."""
    assert pages.get("/docs/nothing").status_code == 404


@pytest.mark.parametrize("name", ["../pages.py", "nothing.js", "..%2f..%2fpages.py"])
def test_only_the_pages_files_are_served(pages, name):
    """No other file of the machine can be read."""
    version = re.search(r"static/(\w+)/base.css", pages.text())
    assert version

    assert pages.get(f"/static/{version[1]}/{name}").status_code == 404


# --- who may look -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/stage"])
def test_pages_allow_nothing_from_elsewhere(pages, path):
    """Only the mock's own scripts, styles and calls; no frames; no CORS."""
    headers = pages.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/", "/docs", "/why/1"])
def test_a_foreign_host_name_is_refused(pages, path):
    """DNS rebinding: a foreign host name is refused."""
    answer = pages.get(path, {"Host": "evil.example"})

    assert answer.status_code == 403
    assert "mock-api-key" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs", "/_mock/docs/stage"])
def test_pages_are_only_read(pages, method, path):
    """Other methods are refused without CORS headers."""
    answer = pages.api.client.open(path, method=method, headers={"Origin": "http://evil.example"})

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_off_loopback_the_page_asks_for_the_token(open_pages):
    """Without a token the page has a field for it and shows neither world nor key."""
    pages = open_pages(make("default", 42), host="0.0.0.0", control_token="s3cret")
    asked = pages.get("/")
    shown = pages.get("/", {"x-control-token": "s3cret"})

    assert asked.status_code == 401
    assert 'type="password"' in asked.text
    assert "mock-api-key" not in asked.text
    assert shown.status_code == 200
    assert pages.get("/", {"x-control-token": "other"}).status_code == 401


def test_off_loopback_without_a_token_there_is_no_page(open_pages):
    """The page says that the control plane is off."""
    assert open_pages(make("default", 42), host="0.0.0.0").get("/").status_code == 404


def test_the_page_calls_with_a_key_of_this_mock(open_pages):
    """The page's calls use a valid key."""
    assert 'data-key="k-1"' in open_pages(make("examples", 42), api_keys=["k-1", "k-2"]).text()


def test_with_several_processes_controls_are_hidden(open_pages):
    """Controls that would reach one of several processes are not shown."""
    page = open_pages(make("examples", 42), is_shared=True).text()

    assert "--workers 1" in page
    assert 'id="clock-menu"' not in page
    assert 'id="reset"' in page


# --- the start ----------------------------------------------------------------------------------


def test_nothing_of_the_pages_is_loaded_before_one_is_asked_for():
    """Imports of the pages would slow down each start."""
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


def test_a_browser_that_is_lost_gets_a_page_and_a_tool_its_error(pages):
    page = pages.api.client.get("/_mock/nonsense", headers={"Accept": "text/html"})
    error = pages.api.client.get("/_mock/nonsense")

    assert (page.status_code, error.status_code) == (404, 404)
    assert page.content_type.startswith("text/html")
    assert "To the inspector" in page.get_data(as_text=True)
    assert error.get_json()["error"]["code"] == "ERR_CONTROL_NOT_FOUND"


def test_a_page_beyond_the_last_is_the_last(pages):
    page = pages.text("/", **{"as": "ana"}, users_page="99", chats_page="99", log_page="99")

    assert 'id="user-ana"' in page
    assert 'id="chat-users/bo"' in page
