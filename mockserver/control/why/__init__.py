"""Why an answer is as it is.

Nothing is traced while the mock answers. Asked why, it lays the state out as it was at the start in
a database beside its own, does again what was done since, with every part watched this time, and
asks the same question after each step. What changes the answer has caused it.
"""
