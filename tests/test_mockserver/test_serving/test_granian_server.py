"""The server of the command line, alone with an app that takes its time."""

import socket
import subprocess
import sys
import time

import pytest

SLOW_APP = """
import os, time
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.serving.granian_server import serve

def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(30)
    start_response("200 OK", [])
    return [b"done"]

sock = listen({host!r}, 0)
port = sock.getsockname()[1]
is_idle = serve(app, sock, on_ready=lambda: print(port, flush=True))
print("idle" if is_idle else "busy", flush=True)
os._exit(0)
"""


def start(host: str) -> tuple[subprocess.Popen, int]:
    """A process that serves the slow app, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_APP.format(host=host)], stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


def end(process: subprocess.Popen) -> tuple[str, float]:
    """What the process says at its end, and how long that took."""
    started = time.monotonic()
    process.terminate()
    said, _ = process.communicate(timeout=20)
    return said, time.monotonic() - started


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_ready_means_that_a_request_was_answered(host):
    """Also on a name, and on every address of the machine at once."""
    process, port = start(host)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.recv(1000)
    said, _ = end(process)

    assert answer.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
    assert said == "idle\n"


def test_a_request_that_takes_long_does_not_hold_up_the_end():
    """After most of a second the server lets go of it, and says so."""
    process, port = start("127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        said, took_s = end(process)

    assert said == "busy\n"
    assert took_s < 5  # 0.75 s where the machine has nothing else to do; the request takes 30
