"""The fire drill: each fault of the bundled mock is switched on, and its clause has to ring.

Faults are known by the mock's command line and control plane alone; this package knows their
names, the clause each of them breaks, and nothing else of the mock.
"""
