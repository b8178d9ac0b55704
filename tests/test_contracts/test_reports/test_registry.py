"""The registry of report formats."""

import pytest

from duologue.contracts.reports.registry import FORMATS, write_reports


def writer(name):
    def write(document, folder):
        path = folder / name
        path.write_text(document["target"], encoding="utf-8")
        return path

    return write


def test_every_format_is_written_to_the_folder(tmp_path):
    formats = {"one": writer("a.txt"), "two": writer("b.txt")}
    written = write_reports({"target": "http://host/v3"}, tmp_path, formats=formats)

    assert written == [tmp_path / "a.txt", tmp_path / "b.txt"]
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == "http://host/v3"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_writes_the_file_that_it_returns(name, document, tmp_path):
    path = FORMATS[name](document, tmp_path)

    assert path.parent == tmp_path
    assert path.stat().st_size > 0
