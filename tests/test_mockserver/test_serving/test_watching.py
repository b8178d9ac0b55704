"""A world's file that is loaded again when it changes."""

from __future__ import annotations

import pytest

from duologue.mockserver.app import create_app, inside
from duologue.mockserver.control.world import file
from duologue.mockserver.serving.watching import FileWatch
from duologue.mockserver.settings import InvalidSetting, Settings


@pytest.fixture
def watched(tmp_path):
    """A file of two users, the mock that was started with it, and what watches it."""
    path = tmp_path / "w.yaml"
    path.write_text("users: [ana, bo]\n", encoding="utf-8")
    watching = FileWatch(path)
    app = create_app(world=file.read(path), state_url=f"sqlite:///{tmp_path}/state.sqlite")
    yield path, app, watching
    inside(app).close()


def look(app, watching):
    return watching.look(inside(app).controls)


def users(app):
    answer = app.test_client().get("/v3/users", headers={"apikey": "mock-api-key"})
    return [user["uid"] for user in answer.get_json()["data"]]


def test_a_changed_file_is_the_world_from_now_on(watched):
    path, app, watching = watched
    path.write_text("users: [ana, bo, cleo]\n", encoding="utf-8")

    assert look(app, watching)
    assert users(app) == ["ana", "bo", "cleo"]
    app.test_client().post("/_mock/reset")
    assert users(app) == ["ana", "bo", "cleo"]


def test_an_unchanged_file_is_left_alone(watched):
    _, app, watching = watched
    app.test_client().put("/_mock/world", json={"users": ["dan"]})

    assert not look(app, watching)
    assert users(app) == ["dan"]


def test_a_broken_file_leaves_the_old_world_and_says_why(watched, capsys):
    path, app, watching = watched
    path.write_text("users: [ana, 7]\n", encoding="utf-8")
    look(app, watching)

    assert users(app) == ["ana", "bo"]
    assert "is no world" in capsys.readouterr().err
    assert "is no world" in app.test_client().get("/_mock/").get_data(as_text=True)

    path.write_text("users: [zoe]\n", encoding="utf-8")
    look(app, watching)
    assert users(app) == ["zoe"]
    assert "is no world" not in app.test_client().get("/_mock/").get_data(as_text=True)


def test_a_state_that_cannot_be_written_is_told_and_the_watch_goes_on(watched, capsys, tmp_path):
    path, app, watching = watched
    state = tmp_path / "state.sqlite"
    state.rename(tmp_path / "away")
    path.write_text("users: [zoe]\n", encoding="utf-8")
    look(app, watching)

    assert "was not loaded" in capsys.readouterr().err

    (tmp_path / "away").rename(state)
    path.write_text("users: [zoe, bo]\n", encoding="utf-8")
    look(app, watching)
    assert users(app) == ["bo", "zoe"]


def test_a_file_that_is_away_for_a_moment_is_waited_for(watched):
    path, app, watching = watched
    path.unlink()

    assert not look(app, watching)
    assert users(app) == ["ana", "bo"]


def test_a_file_that_stays_away_is_told_once_and_loaded_when_it_is_back(watched, capsys):
    path, app, watching = watched
    elsewhere = path.rename(path.with_name("renamed.yaml"))
    for _ in range(5):
        look(app, watching)

    assert capsys.readouterr().err.count("is away") == 1
    assert "is away" in app.test_client().get("/_mock/").get_data(as_text=True)

    elsewhere.rename(path)
    assert look(app, watching)
    assert "is away" not in app.test_client().get("/_mock/").get_data(as_text=True)


def test_a_world_beside_begins_with_the_file_as_it_is_now(watched):
    path, app, watching = watched
    path.write_text("users: [zoe]\n", encoding="utf-8")
    look(app, watching)
    headers = {"apikey": "mock-api-key", "X-Mock-World": "one"}
    answer = app.test_client().get("/v3/users", headers=headers)

    assert [user["uid"] for user in answer.get_json()["data"]] == ["zoe"]


@pytest.mark.parametrize("how", [{"world": "inbox"}, {"world": "w.yaml", "workers": 2}])
def test_what_cannot_be_watched_is_refused(how):
    with pytest.raises(InvalidSetting, match="--watch"):
        Settings(watch=True, **how)
