"""Load by ``wrk`` (the Debian package of that name), with a check of every answer."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.calls import Address, Call, Line
from benchmarks.support.processes import Running

SCRIPT = Path(__file__).with_name("wrk.lua")
THREADS = 2
CONNECTIONS = 16
ANY = -1  # the needle may occur any number of times


class WrkFailed(RuntimeError):
    """wrk is not installed, or printed no figures."""


@dataclass(frozen=True)
class Load:
    """Requests in turn; each answer has to be 2xx and hold the needle so many times."""

    calls: Sequence[Call]
    needle: str
    times: int


@dataclass(frozen=True)
class Tally:
    """The results of one round of load."""

    answers: int
    refused: int
    wrong: int
    errors: int
    duration_s: float
    median_ms: float
    p99_ms: float
    example: str
    cpu_s: float

    @property
    def cpu_us(self) -> float:
        """Return CPU microseconds of the server's whole process tree for one request."""
        return 1e6 * self.cpu_s / self.answers if self.answers else float("nan")

    @property
    def per_s(self) -> float:
        """Return requests answered in a second."""
        return self.answers / self.duration_s if self.duration_s else 0.0

    @property
    def complaint(self) -> str:
        """Return why the round is invalid; empty if it is valid."""
        if not self.answers:
            return "no answer at all"
        bad = self.refused + self.wrong + self.errors
        if bad:
            return f"{bad} of {self.answers} answers not as expected, the first: {self.example}"
        return ""


def is_installed() -> bool:
    """Return whether wrk is installed."""
    return shutil.which("wrk") is not None


def drive(
    server: Running,
    address: Address,
    load: Load,
    *,
    seconds: float,
    connections: int = CONNECTIONS,
) -> Tally:
    """Run one round of load on a server and measure the CPU seconds of its process tree."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as file:
        file.write(_script(load, address.base))
        file.flush()
        before = server.cpu_s()
        said = _run(file.name, address.origin, seconds=seconds, connections=connections)
        cpu_s = server.cpu_s() - before
    return _tally(said, cpu_s)


def walk(server: Running, address: Address, load: Load, *, seconds: float) -> Tally:
    """Run a round for a slow server, for which requests cut off at the end would matter.

    One request at a time, to its end, by a client of our own; three of them at least.
    """
    took: list[float] = []
    bad: list[str] = []
    line, before, deadline = Line(address), server.cpu_s(), time.monotonic() + seconds
    while len(took) < 3 or time.monotonic() < deadline:
        began = time.perf_counter()
        got = line.send(load.calls[len(took) % len(load.calls)])
        took.append(time.perf_counter() - began)
        if not got.ok:
            bad.append(f"{got.status} {str(got.body)[:160]}")
    line.close()
    return Tally(
        answers=len(took), refused=len(bad), wrong=0, errors=0, duration_s=sum(took),
        median_ms=1e3 * statistics.median(took), p99_ms=1e3 * max(took),
        example="".join(bad[:1]), cpu_s=server.cpu_s() - before,
    )  # fmt: skip


def _run(script: str, origin: str, *, seconds: float, connections: int) -> str:
    words = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    words += ["--timeout", "20s", "-s", script, origin]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    except FileNotFoundError as cause:
        raise WrkFailed("wrk is not installed (apt-get install wrk)") from cause
    except subprocess.CalledProcessError as cause:
        raise WrkFailed((cause.stderr or cause.stdout or "").strip()) from cause
    return done.stdout


def _tally(said: str, cpu_s: float) -> Tally:
    lines = [line for line in said.splitlines() if line.startswith("#figures\t")]
    if not lines:
        raise WrkFailed(said.strip()[-300:])
    answers, refused, wrong, errors, us, median_us, p99_us, example = lines[0].split("\t")[1:]
    return Tally(
        answers=int(answers), refused=int(refused), wrong=int(wrong), errors=int(errors),
        duration_s=int(us) / 1e6, median_ms=int(median_us) / 1e3, p99_ms=int(p99_us) / 1e3,
        example=example, cpu_s=cpu_s,
    )  # fmt: skip


def _script(load: Load, base: str) -> str:
    calls = ",\n".join(_call(call, base) for call in load.calls)
    return (
        f"calls = {{\n{calls}\n}}\nneedle = {_quoted(load.needle)}\ntimes = {load.times}\n"
        f"dofile({_quoted(str(SCRIPT))})\n"
    )


def _call(call: Call, base: str) -> str:
    headers = ", ".join(f"[{_quoted(k)}] = {_quoted(v)}" for k, v in call.headers.items())
    body = "nil" if call.content is None else _quoted(call.content)
    return (
        f"{{method = {_quoted(call.method)}, path = {_quoted(base + call.path)}, "
        f"headers = {{{headers}}}, body = {body}}}"
    )


def _quoted(value: str | bytes) -> str:
    """Return a Lua string of exactly these bytes."""
    data = value.encode() if isinstance(value, str) else value
    plain = {ord('"'), ord("\\")}
    return '"' + "".join(
        chr(b) if 32 <= b < 127 and b not in plain else f"\\{b:03d}" for b in data
    ) + '"'  # fmt: skip
