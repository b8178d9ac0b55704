"""The server of the command line, serving a slow app."""

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from duologue.mockserver.serving import granian_server
from support.waiting import WITHIN_S

SLOW_APP = """
import os, time
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.serving import granian_server
from duologue.mockserver.serving.granian_server import ANSWERING, serve
from duologue.mockserver.http.traffic.answer_slots import AnswerSlots

def app(environ, start_response):
    if {tells_own} and environ["PATH_INFO"].startswith("/_mock/thread-"):
        print("one of its own", flush=True)
    if environ["PATH_INFO"] == "/slow":
        print("begun", flush=True)
        time.sleep(3000)
    start_response("200 OK", [])
    return [b"done"]

granian_server.STOP_WITHIN_S = {stop_within_s}
sock = listen({host!r}, 0)
port = sock.getsockname()[1]
is_idle = serve(AnswerSlots(ANSWERING).wrap(app), sock, on_ready=lambda: print(port, flush=True))
print("idle" if is_idle else "busy", flush=True)
os._exit(0)
"""


def start(
    host: str, *, stop_within_s: float = granian_server.STOP_WITHIN_S, tells_own: bool = False
) -> tuple[subprocess.Popen, int]:
    """Start a process that serves the slow app; return it and its port.

    It prints that the server has sent itself a request if it `tells_own`.
    """
    code = SLOW_APP.format(host=host, stop_within_s=stop_within_s, tells_own=tells_own)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def end(process: subprocess.Popen) -> str:
    """Terminate the process; return the rest of its output."""
    process.terminate()
    output, _ = process.communicate(timeout=WITHIN_S)
    return output


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_ready_means_that_a_request_was_answered(host):
    """Also if it listens on a host name or on all addresses of the machine."""
    process, port = start(host, stop_within_s=WITHIN_S)
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.recv(1000)
    output = end(process)

    assert answer.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
    assert output == "idle\n"


def test_a_long_request_does_not_delay_the_stop():
    """After 0.7 s the server abandons it and reports that it was not idle."""
    process, port = start("127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = process.stdout.readline()
        output = end(process)

    assert (begun, output) == ("begun\n", "busy\n")


def test_a_signal_is_obeyed_at_each_place_of_the_wait(monkeypatch):
    """Its handler runs in the thread that waits, and waited for a lock which that one held."""
    event, wait = granian_server._PollingEvent(), threading.Condition.wait

    def interrupted(condition, timeout=None):
        found = wait(condition, timeout)
        if condition is event._cond:
            event.set()  # as the handler does
        return found

    monkeypatch.setattr(threading.Condition, "wait", interrupted)
    waiting = threading.Thread(target=event.wait, daemon=True)
    waiting.start()
    threading.Thread(target=event.set, daemon=True).start()
    waiting.join(WITHIN_S)

    assert not waiting.is_alive()


def test_150_stalled_uploads_and_held_requests_keep_nobody_waiting():
    """A thread waits for each of them; the few workers stay free (case P6)."""
    process, port = start("127.0.0.1")
    stalled = []
    for _ in range(150):
        client = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        stalled.append(client)
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.recv(1000)
    stalled[0].sendall(b"67890")
    late = stalled[0].recv(1000)
    for client in stalled:
        client.close()
    process.kill()
    process.communicate()

    assert answer.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
    assert late.startswith(b"HTTP/1.1 200")


def test_a_held_request_makes_the_server_start_one_more_thread():
    """Granian may leave a request waiting behind a held one until another one comes."""
    process, port = start("127.0.0.1", tells_own=True)
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        lines = [process.stdout.readline(), process.stdout.readline()]
        end(process)

    assert lines == ["begun\n", "one of its own\n"]


def test_http_2_is_not_spoken():
    """Its bodies need no length, and passed the limit on those that have one."""
    process, port = start("127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        answer = client.recv(1000)
    process.kill()
    process.communicate()

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system binds no threads")
def test_the_core_of_an_app_is_that_of_its_number_counted_around():
    cores = sorted(os.sched_getaffinity(0))

    def core_of(number: int) -> set[int]:
        answer = granian_server.on_one_core(
            lambda _environ, _start: os.sched_getaffinity(0), number
        )
        with ThreadPoolExecutor(1) as thread:  # the thread stays bound
            return thread.submit(answer, {}, None).result()

    assert [core_of(number) for number in range(len(cores) + 1)] == [
        {core} for core in (*cores, cores[0])
    ]
