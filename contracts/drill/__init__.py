"""The drill: switch on each fault of the bundled mock and check that its clause finds it.

Faults are known by the mock's command line and control plane alone; this package knows their names,
the clause each of them breaks, and nothing else of the mock.
"""
