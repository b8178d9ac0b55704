"""Explain an answer: why each field has its value.

Nothing is recorded while the mock answers. To explain an answer, the state of the start is restored
in a separate database, all later changes are replayed with each behaviour recorded, and the
request is repeated after each of them. A change after which the answer differs is its cause.
"""
