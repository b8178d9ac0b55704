"""Standard output that cannot be written: the whole work is done, and the exit code is 2."""

import contextlib
import io
import json
import os
import sys
from pathlib import Path

import pytest

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving

FULL = "/dev/full"
TEXT = "contracts: standard output cannot be written (No space left on device): make room there"
QUICK = ("--only", "errors.guid-not-found")

needs_a_full_device = pytest.mark.skipif(not Path(FULL).exists(), reason="no /dev/full here")


@pytest.fixture
def output_to(monkeypatch):
    """``output_to(file, name)``: ``sys.stdout`` (or ``sys.stderr``) writes to this open file."""
    streams = []

    def put(file, name="stdout"):
        stream = io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-8")
        streams.append(stream)
        monkeypatch.setattr(sys, name, stream)

    yield put
    for stream in streams:
        with contextlib.suppress(OSError):
            stream.close()


def exit_code(*words):
    with pytest.raises(SystemExit) as ending:
        main([str(word) for word in words])
    return ending.value.code


@needs_a_full_device
@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("show", "errors.uid-not-found"),
        ("targets",),
        ("diff", "bundled", "bundled"),
        ("run", "--help"),
    ],
    ids=lambda words: words[0],
)
def test_a_full_disk_is_2_with_a_sentence(output_to, capsys, words):
    """Neither a traceback nor 1, which says that a difference or a break was found."""
    output_to(io.FileIO(FULL, "w"))

    assert exit_code(*words) == 2
    assert capsys.readouterr().err.startswith(TEXT)


@needs_a_full_device
def test_a_run_writes_its_reports_where_standard_output_is_full(
    output_to, capsys, monkeypatch, tmp_path
):
    """It goes on to its end and removes what it made; only the exit code tells of the output."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    output_to(io.FileIO(FULL, "w"))
    app = App()
    before = {*app.users}, {*app.groups}
    with serving(app) as url:
        code = exit_code("run", "--target", url, "--output", tmp_path, *QUICK)

    results = json.loads((tmp_path / "results.json").read_text())
    assert (code, results["summary"]["held"], results["interrupted"]) == (2, 1, False)
    assert (tmp_path / "report.html").exists()
    assert ({*app.users}, {*app.groups}) == before
    assert capsys.readouterr().err.startswith(TEXT)


@needs_a_full_device
def test_the_exit_code_stays_where_standard_error_is_full(output_to, monkeypatch, closed_port):
    """A run that could not be made is 2, though nobody can be told why."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    output_to(io.FileIO(FULL, "w"), "stderr")

    assert exit_code("run", "--target", f"http://127.0.0.1:{closed_port}/v3") == 2


def test_a_reader_that_has_gone_is_2_without_a_sentence(output_to, capsys):
    """As under '| head': no traceback, and no word of it."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    output_to(io.FileIO(write_end, "w"))

    assert exit_code("diff", "bundled", "bundled") == 2
    assert capsys.readouterr().err == ""


def test_what_can_be_written_is_whole(output_to, tmp_path):
    """The text arrives as it is, and the stream is as before."""
    file = tmp_path / "out"
    output_to(io.FileIO(file, "w"))
    stream = sys.stdout

    assert exit_code("diff", "bundled", "bundled") == 0
    assert "no difference that a client could notice" in file.read_text()
    assert sys.stdout is stream
