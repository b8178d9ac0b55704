"""Explain an answer: why each field has its value.

Nothing is recorded while the mock answers. To explain an answer, the state of the start is restored
in a database of its own, everything since is done again with each behaviour recorded, and the
question is asked after each step. A step that changes the answer is its cause.
"""
