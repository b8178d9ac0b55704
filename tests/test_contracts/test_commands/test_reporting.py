"""Where a command's reports go."""

from pathlib import Path

import pytest

from duologue.contracts.commands.reporting import Reporting, reporting
from duologue.contracts.errors import OptionInvalid, OutputNotWritable, RunNotMade
from duologue.contracts.http.redaction import Redactor
from duologue.contracts.run.results import without_run


@pytest.fixture
def document():
    return without_run("nothing answers", started_at="2026-11-23T06:00:00+00:00")


def test_html_and_junit_stand_beside_json_if_nothing_is_asked(tmp_path):
    assert reporting((), tmp_path, environ={}).names == ("json", "html", "junit")


def test_formats_are_joined_by_commas_or_given_one_by_one(tmp_path):
    asked = reporting(("sarif, github", "junit"), tmp_path, environ={})

    assert asked.names == ("json", "sarif", "github", "junit")


@pytest.mark.parametrize("name", ["html", "junit", "markdown", "sarif", "json"])
def test_a_format_that_has_nowhere_to_go_is_refused(name):
    with pytest.raises(OptionInvalid, match=f"{name} needs a folder: add --output DIR"):
        reporting((name,), None, environ={})


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(OptionInvalid, match="no format 'pdf': use json, html, junit"):
        reporting(("pdf",), None, environ={})


def test_annotations_need_no_folder(document):
    lines = []
    Reporting(("github",), None, echo=lines.append).write(document)

    assert "::error title=not made%3A the run::nothing answers" in lines[0]


def test_markdown_is_appended_to_the_summary_of_the_step(tmp_path, document):
    summary = tmp_path / "summary.md"
    summary.write_text("## Earlier step\n", encoding="utf-8")
    asked = reporting(("markdown",), None, environ={"GITHUB_STEP_SUMMARY": str(summary)})
    asked.write(document)

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("## Earlier step\n## Contract run: The run could not be made")


def test_no_summary_is_written_if_markdown_is_not_asked_for(tmp_path, document):
    summary = tmp_path / "summary.md"
    reporting((), None, environ={"GITHUB_STEP_SUMMARY": str(summary)}).write(document)

    assert not summary.exists()


def test_a_summary_that_cannot_be_written_is_told(tmp_path, document):
    with pytest.raises(OutputNotWritable):
        Reporting(("markdown",), None, summary=tmp_path / "none" / "summary.md").write(document)


def test_a_run_that_could_not_be_made_is_reported_without_secrets(tmp_path):
    asked = reporting(("junit",), tmp_path, environ={})
    redactor = Redactor({"KEY": "canary-7f3a"})
    with pytest.raises(RunNotMade), asked.told_if_not_made(redactor):
        raise RunNotMade("refused\ncanary-7f3a")

    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert 'message="refused $KEY"' in text
    assert not (tmp_path / "results.json").exists()


def test_a_folder_that_cannot_be_written_is_not_written_once_more(tmp_path):
    asked = reporting((), tmp_path, environ={})
    with pytest.raises(OutputNotWritable), asked.told_if_not_made(Redactor()):
        raise OutputNotWritable(tmp_path, "full")

    assert [*tmp_path.iterdir()] == []


def test_what_is_interrupted_before_it_begins_is_reported(tmp_path):
    """So that no step of the CI finds the folder empty."""
    reports = reporting((), tmp_path, environ={})
    with pytest.raises(KeyboardInterrupt), reports.told_if_not_made(Redactor({})):
        raise KeyboardInterrupt

    assert "interrupted before the first request" in (tmp_path / "junit.xml").read_text()
    assert not (tmp_path / "results.json").exists()


def test_a_summary_that_cannot_be_written_is_told_by_its_variable(tmp_path, document):
    """After the folder's reports, which are there all the same."""
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path)}  # a folder
    asked = reporting(("markdown",), tmp_path / "report", environ=environ)
    with pytest.raises(OutputNotWritable, match="choose another GITHUB_STEP_SUMMARY"):
        asked.write(document)

    assert (tmp_path / "report" / "report.md").exists()


def test_a_report_without_room_is_not_there_in_part(tmp_path, document, monkeypatch):
    """A CI that picks up the folder finds no file that it cannot read."""
    asked = reporting(("junit",), tmp_path, environ={})
    write = Path.write_text

    def write_text(path, text, **options):
        write(path, text[:9], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(OutputNotWritable, match="No space left"):
        asked.write(document)

    assert [*tmp_path.iterdir()] == []
