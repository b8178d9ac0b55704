"""Few workers, many threads."""

from __future__ import annotations

import threading

from duologue.mockserver.store import worker
from duologue.mockserver.store.worker import WorkerPool
from support.waiting import WITHIN_S, happens


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


def test_the_worker_that_was_free_last_acts_next():
    """One thread after the other meets one connection, however many workers there are."""
    pool, found = WorkerPool(4), []

    for _ in range(3):
        pool.take()
        found.append(worker.number())
        pool.give_back()

    assert len(set(found)) == 1


def test_who_came_first_acts_first():
    """Of 64 clients some waited seven times as long as others when it went by no order."""
    pool, found, threads = WorkerPool(1), [], []

    def act(name):
        pool.take()
        found.append(name)
        pool.give_back()

    pool.take()
    for name in range(20):
        threads.append(in_thread(lambda name=name: act(name)))
        assert happens(lambda: pool.waiting == len(threads))
    pool.give_back()
    for thread in threads:
        thread.join(WITHIN_S)

    assert found == list(range(20))


def test_who_comes_while_others_wait_is_the_last():
    """The one that has just acted, too: it asks again at once, before the next has woken."""
    pool, found = WorkerPool(1), []

    def act():
        pool.take()
        found.append("another")
        pool.give_back()

    pool.take()
    thread = in_thread(act)
    assert happens(lambda: pool.waiting == 1)
    pool.give_back()
    pool.take()
    found.append("again")
    pool.give_back()
    thread.join(WITHIN_S)

    assert found == ["another", "again"]


def test_no_more_threads_act_than_there_are_workers():
    """Fifty threads in turn, never more than two at once, each as one of two workers."""
    pool, acting, most, numbers = WorkerPool(2), [], [], set()

    def act():
        for _ in range(20):
            pool.take()
            acting.append(worker.number())
            most.append(len(acting))
            numbers.add(worker.number())
            acting.remove(worker.number())
            pool.give_back()

    threads = [in_thread(act) for _ in range(50)]
    for thread in threads:
        thread.join(WITHIN_S)

    assert max(most) <= 2
    assert len(most) == 1000
    assert len(numbers) <= 2
