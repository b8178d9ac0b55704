"""Give odd values to each option and argument of both command lines; count tracebacks and hangs.

    python -m benchmarks.odd_commands [--of contracts] [--share 0.1]

Each command line runs in a process of its own, forked after the imports, in an empty folder. Exit
code 1 if one ended with a traceback, by a signal, with exit code 2 and no word, or not within 30 s.
`contracts drill`, which plays all faults, is left out; `run` and `clean` have a target where nobody
answers. No value names a device: a command with a defect, run by root, may remove it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple, NoReturn

import click

from benchmarks.support.options import share
from duologue.contracts.__main__ import main as contracts
from duologue.contracts.cli import main as contracts_commands
from duologue.mockserver.__main__ import main as mockserver
from duologue.mockserver.cli import cli as mockserver_commands

WITHIN_S = 30.0
NOBODY = "http://127.0.0.1:9/v3"
READY = {"serve": "/v3\n", "proxy": "Ctrl-C ends it"}  # it is stopped once it has said so
PROGRAMS: dict[str, tuple[Callable[[], None], click.Group]] = {
    "mockserver": (mockserver, mockserver_commands),
    "contracts": (contracts, contracts_commands),
}
FIXED = {
    ("mockserver", "serve", "--port"): "0",
    ("contracts", "proxy", "--port"): "0",
    ("contracts", "run", "--target"): NOBODY,
}
TEXTS = (
    *("", " ", "-", "--", ".", "..", "a\nb", "\t", "\x7f", "\u202e", "ü", "\udcff", "x" * 5000),
    *("~", "~nobody/x", "*", "[", "[!", "%s%n", "{0}", "a,b,,c", ",", "A=B", "A=", "=A", "A=HOME"),
    *("0", "-1", "1e309", "nan", "inf", "1_000", "٣", "9" * 23, "0x10", "1/0", "0/1", "2/1"),
    *("1/s", "0/s", "1e400/s", "live", "auto", "git:HEAD:nope", "git::", "git:--output=x:y"),
    *("http://", NOBODY, f"{NOBODY}?x=1#y", "http://u:p@127.0.0.1:1/v3", "ftp://x/v3"),
    *("http://a..b/v3", "2027-01-31", "2027-02-30", "0000-00-00", "1d", "-1d", f"{'9' * 11}d"),
    *("sqlite://", "postgresql://", "postgresql+psycopg://%zz", "users=1", "users=-1,messages=2"),
    *(f"users={'9' * 20},messages=2", "users=2,messages=x", "default", "examples", "="),
)
FILES: dict[str, bytes] = {
    "empty": b"",
    "binary": bytes(range(256)),
    "utf16.json": '{"a": 1}'.encode("utf-16"),
    "mark.json": b"\xef\xbb\xbf{}\r\n",
    "list.json": b"[1, 2]",
    "number.json": b"12",
    "deep.json": b"[" * 100_000 + b"]" * 100_000,
    "mappings.json": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "digits.json": b'{"a": ' + b"9" * 5000 + b"}",
    "surrogate.json": b'{"a": "\\ud800"}',
    "nan.json": b'{"a": NaN}',
    "aliases.yaml": b"a: &a [x, x, x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (i, i, b", ".join([b"*%c" % (i - 1)] * 9)) for i in range(98, 107)
    ),
    "object.yaml": b"!!python/object/apply:os.getpid []\n",
    "twice.yaml": b"a: 1\na: 2\n",
    "keys.yaml": b"? [a, b]\n: 1\n",
    "month.yaml": b"a: 2026-13-01\n",
    "itself.yaml": b"&a [*a]\n",
    "openapi.yaml": b"openapi: 3.1.0\npaths: {/a: null, /b: [1], 3: {get: {operationId: 4}}}\n",
    "reference.yaml": b"openapi: 3.1.0\npaths: {/a: {$ref: 'file:///etc/x'}, /c: {$ref: 5}}\n",
}


class Ended(NamedTuple):
    """How a command line ended: an exit code, or why it has none; and what it said."""

    how: int | str
    said: str

    @property
    def is_wrong(self) -> bool:
        """Return whether no user should see this."""
        is_silent = self.how == 2 and not self.said.strip()
        return "Traceback" in self.said or is_silent or self.how not in (0, 1, 2, "stopped")


def places(folder: Path) -> tuple[str, ...]:
    """Write the files, and return their paths and those of what is none."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere/x")
    return (*sorted(str(each) for each in folder.iterdir()), "/", str(folder))


def command_lines(name: str, values: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the words of each command line of a program: one value of it is odd."""
    for command, parameters in _leaves(PROGRAMS[name][1]):
        options = [
            each
            for each in parameters
            if isinstance(each, click.Option) and not each.is_flag and each.name != "help"
        ]
        arguments = [each for each in parameters if isinstance(each, click.Argument)]
        for odd in (*options, *arguments):
            for value in values:
                words = [command]
                for each in options:
                    fixed = FIXED.get((name, command, each.opts[0]))
                    usual = fixed or ("x" if each.required else None)
                    given = value if each is odd else usual
                    words += [] if given is None else [f"{each.opts[0]}={given}"]
                words += ["--dry-run"] if command == "clean" else []
                if arguments:
                    words += ["--", *(value if each is odd else "bundled" for each in arguments)]
                yield words


def _leaves(group: click.Group) -> Iterator[tuple[str, list[click.Parameter]]]:
    for name, command in group.commands.items():
        if name != "drill":
            yield name, command.params


def ended(name: str, words: list[str], folder: Path) -> Ended:
    """Run a command line in a folder; return how it ended."""
    said = folder.with_suffix(".out")
    said.write_bytes(b"")
    pid = os.fork()
    if pid == 0:
        _play(name, words, folder, said)
    ready, until = READY.get(words[0]), time.monotonic() + WITHIN_S
    is_stopped = False
    while time.monotonic() < until:
        gone, status = os.waitpid(pid, os.WNOHANG)
        text = said.read_text("utf-8", "replace")
        if gone:
            code = os.waitstatus_to_exitcode(status)
            return Ended("stopped" if is_stopped and code in (0, 1, 2) else code, text)
        if ready and ready in text and not is_stopped:
            is_stopped = True
            os.killpg(pid, signal.SIGTERM)
        time.sleep(0.003)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return Ended("not within 30 s", said.read_text("utf-8", "replace"))


def _play(name: str, words: list[str], folder: Path, said: Path) -> NoReturn:
    """Be the process of a command line."""
    code = 1
    try:
        os.setsid()
        output, nothing = os.open(said, os.O_WRONLY), os.open(os.devnull, os.O_RDONLY)
        for number, file in enumerate((nothing, output, output)):
            os.dup2(file, number)
        os.chdir(folder)
        os.environ["CONTRACTS_API_KEY"] = "odd-commands-key"
        sys.argv = [name, *words]
        PROGRAMS[name][0]()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> int:
    """Run, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", choices=PROGRAMS, action="append")
    parser.add_argument("--share", type=share, default=1.0, help="of the command lines")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random, wrong = Random(args.seed), 0
    with tempfile.TemporaryDirectory() as place:
        values = (*TEXTS, *places(_made(Path(place) / "values")))
        folder = _made(Path(place) / "working")
        for name in args.of or PROGRAMS:
            found: Counter[int | str] = Counter()
            for words in command_lines(name, values):
                if random.random() >= args.share:
                    continue
                end = ended(name, words, folder)
                found[end.how] += 1
                if end.is_wrong:
                    wrong += 1
                    print(end.how, name, [each[:80] for each in words], file=sys.stderr)
                    print(end.said[-1000:], file=sys.stderr, flush=True)
            print(f"{name}: {found.total()} command lines, ended with {dict(found)}", flush=True)
    print(f"{wrong} ended as no user should see it")
    return int(wrong > 0)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
