"""A user's own folder among the temporary files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from duologue.openapi.own_folder import own_folder

NAME = "duologue-test"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory for temporary files of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_the_users_alone(temporary: Path) -> None:
    folder = own_folder(NAME)
    assert folder.parent == temporary
    assert folder.stat().st_mode & 0o777 == 0o700
    assert own_folder(NAME) == folder


def test_one_that_others_write_to_is_refused(temporary: Path) -> None:
    folder = own_folder(NAME)
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match=str(folder)):
        own_folder(NAME)


def test_a_link_is_not_followed(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    own = own_folder(NAME)
    own.rmdir()
    own.symlink_to(elsewhere)
    with pytest.raises(PermissionError, match="remove it, or set TMPDIR"):
        own_folder(NAME)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_one_of_another_user_is_refused(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_folder(NAME)
    mine = os.getuid()
    (temporary / f"{NAME}-{mine}").rename(temporary / f"{NAME}-{mine + 1}")
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(PermissionError):
        own_folder(NAME)


def test_a_file_in_its_place_is_refused(temporary: Path) -> None:
    own_folder(NAME).rmdir()
    (temporary / f"{NAME}-{os.getuid()}").write_text("")
    with pytest.raises(FileExistsError):
        own_folder(NAME)
