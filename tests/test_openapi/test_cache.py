"""Kept bundles: found again while nothing has changed, harmless where nothing can be written."""

from pathlib import Path

import pytest

from duologue.openapi import cache


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "paths").mkdir()
    (tmp_path / "root.yaml").write_text("a: 1")
    (tmp_path / "paths" / "b.yaml").write_text("b: 2")
    return tmp_path


def test_key_stays_while_the_files_do(folder):
    assert cache.digest(folder) == cache.digest(folder)


@pytest.mark.parametrize("name", ["root.yaml", "paths/b.yaml", "bundle.py", "paths/c.yaml"])
def test_key_changes_with_any_file(folder, name):
    """Documents and the code that bundles them are both in the key."""
    before = cache.digest(folder)
    (folder / name).write_text("a: 2")

    assert cache.digest(folder) != before


def test_key_changes_when_a_file_moves(folder):
    before = cache.digest(folder)
    (folder / "root.yaml").rename(folder / "base.yaml")

    assert cache.digest(folder) != before


def test_what_is_kept_is_found_under_name_and_key():
    cache.keep("stage", "k1", "{}")

    assert cache.kept("stage", "k1") == "{}"
    assert cache.kept("stage", "k2") is None
    assert cache.kept("openapi", "k1") is None


def test_old_bundles_make_room(tmp_path, monkeypatch):
    """Nine changes leave eight bundles, and other names alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.keep("stage", "k", "{}")
    for number in range(9):
        cache.keep("openapi", f"k{number}", "{}")

    assert len(list((tmp_path / "duologue").glob("openapi-*.json"))) == 8
    assert cache.kept("openapi", "k8") == "{}"
    assert cache.kept("stage", "k") == "{}"


def test_an_unwritable_place_is_no_error(tmp_path, monkeypatch):
    """Where the cache folder cannot be made, nothing is kept and nothing fails."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    cache.keep("openapi", "k", "{}")

    assert cache.kept("openapi", "k") is None


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path, monkeypatch):
    """Else each start on such a file system leaves a file; seen with `bindfs --rename-deny`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def replace(*_):
        raise PermissionError

    monkeypatch.setattr(Path, "replace", replace)
    cache.keep("openapi", "k", "{}")

    assert cache.kept("openapi", "k") is None
    assert [*(tmp_path / "duologue").iterdir()] == []
