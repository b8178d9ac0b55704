"""The registry of report formats."""

import pytest

from duologue.contracts.reports.registry import FORMATS, Format, remove_reports, write_reports
from duologue.contracts.run.results import without_run

WITH_FILE = [name for name, each in FORMATS.items() if each.file]


def target_of(document):
    return document["target"]


def test_the_named_formats_are_written_to_the_folder(tmp_path):
    formats = {name: Format(target_of, f"{name}.txt") for name in ("one", "two", "three")}
    formats["printed"] = Format(target_of)
    names = ("one", "two", "printed")
    written = write_reports({"target": "http://host"}, tmp_path, names=names, formats=formats)

    assert written == [tmp_path / "one.txt", tmp_path / "two.txt"]
    assert (tmp_path / "two.txt").read_text(encoding="utf-8") == "http://host"
    assert {*tmp_path.iterdir()} == {*written}


def test_the_files_of_all_formats_have_names_of_their_own():
    assert len({FORMATS[name].file for name in WITH_FILE}) == len(WITH_FILE)


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_format_writes_whatever_the_target_said(name, document, tmp_path):
    """Lone surrogates have no UTF-8; control characters stand in no file as they are."""
    (path,) = write_reports(document, tmp_path, names=[name])

    text = path.read_bytes().decode()
    assert not {"\x00", "\x1b", "\ud800"} & set(text)
    assert "\\x00" in text or "\\u0000" in text
    assert name == "json" or not {"\u202e", "\x85"} & set(text)


@pytest.mark.parametrize("name", WITH_FILE)
def test_the_report_of_an_earlier_run_is_removed(name, document, tmp_path):
    write_reports(document, tmp_path, names=[name])
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")

    remove_reports(tmp_path)

    assert [*tmp_path.iterdir()] == [other]


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_run_that_could_not_be_made_is_told_by_all_but_results(name, tmp_path):
    """A comparison must not find a result document without clauses."""
    document = without_run("nothing answers at http://host", started_at="2026-11-23T06:00:00+00:00")
    written = write_reports(document, tmp_path, names=[name])

    texts = [path.read_text(encoding="utf-8") for path in written]
    assert len(texts) == (name != "json")
    assert all("nothing answers at http:" in text for text in texts)
