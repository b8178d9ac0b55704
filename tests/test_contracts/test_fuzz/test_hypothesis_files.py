"""Where Hypothesis keeps its files during a run."""

from __future__ import annotations

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


def test_a_folder_that_others_write_to_is_not_used(temporary: Path) -> None:
    files_dir().chmod(0o777)
    folder = files_dir()
    assert not folder.is_relative_to(temporary)
    with pytest.raises(NotADirectoryError):
        folder.mkdir()


def test_without_a_directory_there_is_none(temporary: Path) -> None:
    temporary.rmdir()
    folder = files_dir()
    with pytest.raises(OSError, match=r"[Nn]ot a directory|No such file"):
        folder.mkdir()
