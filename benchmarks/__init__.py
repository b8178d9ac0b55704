"""Measurements: what the mock and the suite cost, beside others on the same machine.

Run from the root of the tree, one module each: ``python -m benchmarks.peers``. Nothing here is
imported by the product, and nothing here fails because of a time.
"""
