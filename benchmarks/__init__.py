"""Measurements: the cost of the mock and the suite, compared with others on the same machine.

Run from the root of the tree, one module each: ``python -m benchmarks.peers``. The
packages import nothing from here, and nothing here fails because of a time.
"""
