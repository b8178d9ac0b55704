"""Few workers, many threads."""

from __future__ import annotations

import threading

from duologue.mockserver.store import worker
from duologue.mockserver.store.worker import WorkerPool


def in_thread(act):
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_a_thread_outside_of_a_pool_is_a_worker_of_its_own():
    found = [worker.number()]
    in_thread(lambda: found.append(worker.number())).join()

    assert len(set(found)) == 2


def test_threads_are_the_same_worker_in_turn():
    pool, found = WorkerPool(1), []

    def act():
        pool.take()
        found.append(worker.number())
        pool.give_back()

    for _ in range(3):
        in_thread(act).join()

    assert len(found) == 3
    assert len(set(found)) == 1
