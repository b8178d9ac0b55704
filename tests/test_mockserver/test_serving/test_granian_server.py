"""The server of the command line, serving a slow app."""

import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from duologue.mockserver.serving import granian_server
from support.waiting import WITHIN_S, happens

CLIENTS = 16  # at once
SLOW_APP = """
import os, threading, time
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.serving import granian_server, server_threads
from duologue.mockserver.serving.granian_server import ANSWERING, serve
from duologue.mockserver.serving.server_threads import ServerThreads
from duologue.mockserver.http.traffic.answer_slots import AnswerSlots

def app(environ, start_response):
    if {tells_own} and environ["PATH_INFO"].startswith("/_mock/thread-"):
        print("one of its own", flush=True)
    if environ["PATH_INFO"] == "/slow":
        os.write(1, b"begun\\n")  # in one piece, also from several threads
        time.sleep(3000)
    told = len(threads._threads) if environ["PATH_INFO"] == "/threads" else threading.get_ident()
    body = b"%020d" % told
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

granian_server.STOP_WITHIN_S = {stop_within_s}
granian_server.THREAD_IDLE_S = {idle_s}
server_threads.SLEEP_S = {sleep_s}
sock = listen({host!r}, 0)
port = sock.getsockname()[1]
threads = ServerThreads(ANSWERING)
answer = AnswerSlots(ANSWERING, away=threads.away).wrap(app)
is_idle = serve(answer, sock, on_ready=lambda: print(port, flush=True), threads=threads)
print("idle" if is_idle else "busy", flush=True)
os._exit(0)
"""


def start(
    host: str,
    *,
    stop_within_s: float = granian_server.STOP_WITHIN_S,
    tells_own: bool = False,
    idle_s: float = granian_server.THREAD_IDLE_S,
    sleep_s: float = 3000,
) -> tuple[subprocess.Popen, int]:
    """Start a process that serves the slow app; return it and its port.

    It prints that the server has sent itself a request if it `tells_own`. A thread that sleeps is
    woken by nothing but another one's need, unless `sleep_s` is short.
    """
    code = SLOW_APP.format(
        host=host,
        stop_within_s=stop_within_s,
        tells_own=tells_own,
        idle_s=idle_s,
        sleep_s=sleep_s,
    )
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


def ask(port: int, count: int, path: str = "/") -> list[bytes]:
    """Make requests on one connection; return the bodies."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)) as client:
        bodies = []
        for _ in range(count):
            client.request("GET", path)
            bodies.append(client.getresponse().read())
        return bodies


def crowd(port: int) -> list[bytes]:
    """Make requests by many clients at once; return the bodies, which tell the thread."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        each = clients.map(lambda _: ask(port, 200), range(CLIENTS))
        return [body for bodies in each for body in bodies]


def test_many_clients_are_answered_by_few_threads():
    """All threads in turn took twice the CPU time: what each uses left the caches meanwhile."""
    process, port = start("127.0.0.1")
    crowd(port)
    answered = Counter(crowd(port))
    process.kill()
    process.communicate()

    few = sum(count for _, count in answered.most_common(granian_server.ANSWERING))
    assert few > 0.6 * answered.total()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are not listed here")
def test_threads_that_nobody_needs_any_more_end():
    """Granian ends one that has waited for a request for so long: 5 s are the least it takes."""
    process, port = start("127.0.0.1", idle_s=5, sleep_s=0.5)
    threads = Path(f"/proc/{process.pid}/task")
    crowd(port)
    before = len([*threads.iterdir()])
    few = happens(lambda: len([*threads.iterdir()]) < before / 2)
    counted = int(ask(port, 1, "/threads")[0])
    crowd(port)  # and they are started again
    process.kill()
    process.communicate()

    assert few
    assert counted < before / 2


@pytest.mark.parametrize("before", [0, 1])
def test_150_stalled_uploads_and_held_requests_keep_nobody_waiting(before):
    """A thread waits for each of them, also one that slept; the workers stay free (case P6)."""
    process, port = start("127.0.0.1")
    for _ in range(before):
        crowd(port)
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


def test_where_all_slots_are_held_the_control_plane_is_answered():
    """The threads that took requests are those that are held; all others slept."""
    process, port = start("127.0.0.1")
    crowd(port)
    held = []
    for _ in range(granian_server.ANSWERING):
        client = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(client)
    begun = [process.stdout.readline() for _ in held]
    answers = ask(port, 3, "/_mock/health")
    for client in held:
        client.close()
    process.kill()
    process.communicate()

    assert begun == ["begun\n"] * len(held)
    assert len(answers) == 3


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
