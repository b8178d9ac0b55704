"""What cannot be written: a command without its output fails by a sentence, a mock goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from duologue.mockserver.cli import main
from support.waiting import WITHIN_S

FULL = Path("/dev/full")
COMMAND = (sys.executable, "-m", "duologue.mockserver")
BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}  # as in most shells: lost at the end, too
TEXT = "mockserver: standard output cannot be written (No space left on device): make room there"

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


@pytest.mark.parametrize(
    "words",
    [("worlds",), ("faults", "--format", "json"), ("world",), ("--version",), ("serve", "--help")],
    ids=" ".join,
)
def test_a_full_disk_is_2_with_a_sentence(monkeypatch, capsys, words):
    with FULL.open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["mockserver", *words])
        with pytest.raises(SystemExit) as ending:
            main()

    assert ending.value.code == 2
    assert capsys.readouterr().err.startswith(TEXT)


def test_a_reader_that_has_gone_is_2_without_a_word(monkeypatch, capsys):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        monkeypatch.setattr(sys, "argv", ["mockserver", "faults"])
        with pytest.raises(SystemExit) as ending:
            main()

    assert ending.value.code == 2
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_mock_that_cannot_say_where_it_answers_ends(workers):
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "serve", "--port", "0", "--workers", workers],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=BUFFERED,
        )

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(TEXT)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_mock_whose_log_cannot_be_written_answers(workers):
    with (
        FULL.open("w", encoding="utf-8") as full,
        subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--log", "--workers", workers],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            env=BUFFERED,
        ) as mock,
    ):
        try:
            url = mock.stdout.readline().strip()
            answer = requests.get(f"{url}/conversations", timeout=WITHIN_S)
        finally:
            mock.terminate()

    assert answer.status_code == 401
    assert mock.returncode == 0
