"""A second, small server, so that the suite does not depend on properties of the mock.

It shares no code with ``mockserver``, ``openapi`` or ``contracts``. It follows the project's
readings, and where they leave a choice, it differs from the mock.
"""
