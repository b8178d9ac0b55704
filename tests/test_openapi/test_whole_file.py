"""A file is written whole or not at all."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from duologue.openapi.whole_file import write_whole
from support.waiting import WITHIN_S


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that has room for four characters of a text."""
    write = Path.write_text

    def write_text(path, text, **options):
        write(path, text[:4], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write_text)


def test_a_text_takes_the_place_of_an_older_one(tmp_path):
    path = tmp_path / "report.md"
    write_whole(path, "one")
    write_whole(path, "two \ud800")

    assert path.read_text() == "two \\ud800"
    assert [each.name for each in tmp_path.iterdir()] == ["report.md"]


def test_what_stood_there_stays_where_there_is_no_room(tmp_path, full_disk):
    path = tmp_path / "accepted.yaml"
    path.write_bytes(b"deviations: []")
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "a longer text")

    assert path.read_bytes() == b"deviations: []"
    assert [each.name for each in tmp_path.iterdir()] == ["accepted.yaml"]


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    """A pipe stays a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text)
        write_whole(pipe, "text")

        assert read.result(WITHIN_S) == "text"
    assert not pipe.is_file()


def test_a_link_stays_a_link(tmp_path):
    """A list of known failures that several projects share is linked into each."""
    shared = tmp_path / "shared.yaml"
    link = tmp_path / "accepted.yaml"
    shared.write_text("deviations: []")
    link.symlink_to("shared.yaml")
    write_whole(link, "new")

    assert link.is_symlink()
    assert shared.read_text() == "new"


def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text("")
    path.chmod(0o640)
    write_whole(path, "new")

    assert path.stat().st_mode & 0o777 == 0o640


def test_a_mounted_file_is_written_in_place(tmp_path, monkeypatch):
    """Nothing can take its place; seen with a file that `mount --bind` had put there."""
    path = tmp_path / "accepted.yaml"
    path.write_text("")

    def replace(*_):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", replace)
    write_whole(path, "new")

    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["accepted.yaml"]


def test_a_loop_of_links_is_replaced_by_the_file(tmp_path):
    """`Path.resolve` of Python 3.11 and 3.12 raises what is no OSError."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    write_whole(one, "new")

    assert one.read_text() == "new"


def test_a_folder_without_permissions_takes_the_file(tmp_path, monkeypatch):
    path = tmp_path / "accepted.yaml"
    path.write_text("")

    def chmod(*_, **__):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "chmod", chmod)
    write_whole(path, "new")

    assert path.read_text() == "new"
