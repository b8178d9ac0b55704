"""A mock with no file descriptor or no disk space left: reads go on, and so does all else later."""

from __future__ import annotations

import http.client
import json
import resource
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from support.waiting import WITHIN_S, happens

SERVE = (sys.executable, "-P", "-m", "duologue.mockserver", "serve", "--port", "0")
WORLD = ("--world", "examples", "--print-url", "json")
DESCRIPTORS = 64
LIST = ("GET", "/v3/conversations")


class Client:
    """One connection to a mock that stays open."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)

    def ask(self, method: str, path: str, body=None) -> tuple[int, dict]:
        headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}
        headers |= {} if body is None else {"Content-Type": "application/json"}
        self._http.request(method, path, body and json.dumps(body), headers)
        response = self._http.getresponse()
        return response.status, json.loads(response.read())

    def tag(self, name: str) -> tuple[int, dict]:
        return self.ask("PUT", "/v3/users/bo/conversation", {"tags": [name]})


@contextmanager
def started(command: tuple[str, ...], **how) -> Iterator[tuple[subprocess.Popen, int]]:
    """Run a mock; yield its process and port."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how)
    try:
        line = process.stdout.readline()
        assert line, "the mock has ended"
        yield process, int(json.loads(line)["url"].removesuffix("/v3").rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def is_answered(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return Client(port).tag("after")[0] == 200
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc to count descriptors in")
def test_no_descriptor_is_left(tmp_path):
    """An open connection reads and writes on; new ones are answered once others have gone."""
    limit = {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    }
    state = ("--state", str(tmp_path / "state.sqlite"))
    with ExitStack() as stack:
        process, port = stack.enter_context(started((*SERVE, *state, *WORLD), **limit))
        client = Client(port)
        before = client.ask(*LIST)
        used = Path(f"/proc/{process.pid}/fd")
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(2 * DESCRIPTORS)]
        assert happens(lambda: len([*used.iterdir()]) == DESCRIPTORS, within_s=WITHIN_S)

        during = [client.ask(*LIST), client.tag("during")]
        for one in idle:
            one.close()

        assert during[0] == before
        assert during[1][0] == 200
        assert happens(lambda: is_answered(port), within_s=WITHIN_S)
        assert client.ask("GET", "/_mock/health")[0] == 200


def is_mountable() -> bool:
    """Return whether this user may mount a small file system that nobody else sees."""
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_no_disk_space_is_left(tmp_path):
    """507 and nothing lost; reads go on; with space again, writes do, without a restart."""
    if not is_mountable():
        pytest.skip("this user may not mount a file system of its own")
    disk, state = shlex.quote(str(tmp_path)), shlex.quote(str(tmp_path / "state.sqlite"))
    # A line to its input removes the filler: nobody else sees this file system.
    script = (
        f"exec 3<&0; mount -t tmpfs -o size=1500k tmpfs {disk};"
        f" head -c 700000 /dev/zero > {disk}/filler; (read line <&3; rm {disk}/filler) &"
        f" exec {shlex.join(SERVE)} --state {state} {shlex.join(WORLD)}"
    )
    command = ("unshare", "-Urm", "sh", "-c", script)
    with started(command, stdin=subprocess.PIPE) as (process, port):
        client, users = Client(port), []
        while len(users) < 2000 and (not users or users[-1][0] == 200):
            body = {"uid": f"u{len(users)}", "name": "x", "metadata": {"text": "y" * 2000}}
            users.append(client.ask("POST", "/v3/users", body))
        status, answer = users[-1]
        during = [client.ask(*LIST)[0], client.ask("GET", f"/v3/users/u{len(users) - 2}")[0]]
        process.stdin.write("go\n")
        process.stdin.flush()

        assert status == 507
        assert "disk is full" in answer["error"]["message"]
        assert during == [200, 200]
        assert happens(lambda: client.tag("after")[0] == 200, within_s=WITHIN_S)
        assert client.ask("GET", f"/v3/users/u{len(users) - 1}")[0] == 404
