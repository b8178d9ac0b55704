"""The commands of ``contracts``: each module has one, and cli.py puts them together."""
