"""Where Hypothesis keeps its files during a run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from duologue.contracts.fuzz.hypothesis_lock import files_dir


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory for temporary files of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_its_folder_is_the_users_alone(temporary: Path) -> None:
    folder = files_dir()
    assert folder.parent == temporary
    assert folder.stat().st_mode & 0o777 == 0o700
    assert files_dir() == folder


def test_a_folder_that_others_write_to_is_not_used(temporary: Path) -> None:
    files_dir().chmod(0o777)
    assert not files_dir().is_relative_to(temporary)


def test_a_link_is_not_followed(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    own = files_dir()
    own.rmdir()
    own.symlink_to(elsewhere)
    assert not files_dir().is_relative_to(temporary)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users have no numbers here")
def test_a_folder_of_another_user_is_not_used(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files_dir()
    mine = os.getuid()
    (temporary / f"duologue-hypothesis-{mine}").rename(
        temporary / f"duologue-hypothesis-{mine + 1}"
    )
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert not files_dir().is_relative_to(temporary)


def test_without_a_directory_there_is_none(temporary: Path) -> None:
    temporary.rmdir()
    folder = files_dir()
    with pytest.raises(OSError, match=r"[Nn]ot a directory|No such file"):
        folder.mkdir()
