"""A file is written whole or not at all."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from duologue.contracts.whole_file import write_whole
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
