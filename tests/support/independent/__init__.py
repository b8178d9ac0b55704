"""A second small server, in another manner than the mock's, so that the suite does not learn ours.

It shares no code with ``mockserver``, ``openapi`` or ``contracts``: it follows the project's
readings, and takes every freedom that they leave open.
"""
