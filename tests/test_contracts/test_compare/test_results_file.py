"""Read a results.json: whole, of a known form, or one sentence that names the fix."""

import json

import pytest

from duologue.contracts.compare.results_file import read_results, read_whole_results
from duologue.contracts.errors import ResultsUnreadable


@pytest.fixture
def written(tmp_path):
    """Return ``written(text or document)``: the path of a file with it."""

    def written(content):
        path = tmp_path / "results.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_file_and_its_folder_are_the_same(results, written):
    path = written(results({"errors.a": ["one"]}))

    assert read_results(path) == read_results(path.parent) == json.loads(path.read_text())


def test_a_result_of_the_first_schema_is_read(results, written):
    """What it lacks is empty."""
    document = results({"errors.a": ["one"]})
    document["schema_version"] = "1.0"
    del document["origin"], document["clauses"][0]["findings"][0]["found_by"]

    read = read_results(written(document))

    assert read["origin"]["suite_version"] == ""
    assert read["clauses"][0]["findings"][0]["found_by"] == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "it is no JSON"),
        ('{"schema_version": "1.1"', "cut off or changed; do the run again"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it has no schema_version"),
        ('{"schema_version": "9.0"}', "'9.0', this version reads 1.0 and 1.1: do the run again"),
        ('{"schema_version": "1.1"}', "is a required property"),
        ('{"schema_version": "1.0", "clauses": [1]}', "do the run again"),
    ],
)
def test_what_is_no_result_is_refused(written, content, told):
    with pytest.raises(ResultsUnreadable) as raised:
        read_results(written(content))

    assert told in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ResultsUnreadable, match=r"absent.json .* 'contracts run --output DIR'"):
        read_results(tmp_path / "absent.json")


def test_a_name_that_no_file_can_have_is_told_with_what_helps(tmp_path):
    with pytest.raises(ResultsUnreadable, match="File name too long: name another file"):
        read_results(tmp_path / ("x" * 300))


def test_a_clause_that_stands_twice_is_refused(results, written):
    document = results({"errors.a": "held"})
    document["clauses"] *= 2

    with pytest.raises(ResultsUnreadable, match=r"errors\.a stands in it twice"):
        read_results(written(document))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"interrupted": True}, "it was interrupted"),
        ({"defect": "Traceback"}, "the suite had a defect"),
        ({"ended_early": "after 3 failures"}, "it was ended after 3 failures"),
    ],
)
def test_a_run_that_is_not_whole_is_refused(results, written, fields, told):
    """A clause that it did not judge would seem to be gone."""
    path = written(results({"errors.a": "held"}, **fields))

    with pytest.raises(ResultsUnreadable, match=told):
        read_whole_results(path)
