"""``python -m duologue.contracts`` is the command ``contracts``."""

from duologue.contracts.cli import main

main(prog_name="contracts")
